"""Documents of an application as people see them: the applicant by a link, and the secretariat."""

from typing import Any

from tests.portal.conftest import Visitor
from tests.portal.platform import Page, Platform, Visit
from tests.portal.test_joining_pages import letter, submitted
from tests.shared.papers.samples import EXE, PDF


def add(visit: Visit, token: str, files: dict[str, Any] | None = None) -> Page:
    """The applicant adds a document."""
    data = {"token": token, "kind": "charter"}
    return Page(visit.client.post("/join/documents", data=data, files=files or {}))


def test_the_applicant_adds_documents_and_the_secretariat_saves_them(
    platform: Platform, stranger: Visit, visitor: Visitor
) -> None:
    email = "papers@safonovo-papers.demo"
    application_id = submitted(platform, stranger, email)
    token = letter(platform, email, "follow")
    page = stranger.page(f"/join/status?token={token}")
    assert page.one("form", action="/join/documents")

    page = add(stranger, token, {"file": ("Устав.pdf", PDF)})
    assert page.status == 200, page.text
    assert "Устав.pdf" in page.text
    [opened] = [
        each["action"] for each in page.all("form") if each.get("action", "").endswith("/open")
    ]
    got = stranger.client.post(opened, data={"token": token})
    assert got.content == PDF

    secretary = visitor("admin@artel")
    path = f"/members/applications/{application_id}"
    seen = secretary.page(path)
    [link] = [each["href"] for each in seen.all("a") if each.get("href", "").endswith(".file")]
    answer = secretary.client.get(link)
    assert answer.content == PDF
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert visitor("coordinator@smolapo").client.get(link).status_code == 403

    back = stranger.client.post(opened.replace("/open", "/take-back"), data={"token": token})
    assert "Устав.pdf" not in Page(back).text
    gone = stranger.client.post(opened, data={"token": token})
    assert gone.status_code == 404


def test_what_is_no_document_is_said_beside_the_field(platform: Platform, stranger: Visit) -> None:
    email = "wrong@papers.demo"
    submitted(platform, stranger, email)
    token = letter(platform, email, "follow")
    nothing = add(stranger, token)
    assert (nothing.status, len(nothing.all("div", id="file-fault"))) == (422, 1)
    program = add(stranger, token, {"file": ("a.exe", EXE)})
    assert (program.status, len(program.all("div", id="file-fault"))) == (422, 1)
    for link in ("nonsense", ""):
        assert add(stranger, link, {"file": ("a.pdf", PDF)}).status in (404, 422)
