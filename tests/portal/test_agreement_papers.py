"""Papers of agreements as people see them: many parties, paper, documents, going on and ending."""

import hashlib
from typing import Any

from tests.portal.conftest import Visitor
from tests.portal.deeds import agreement_with, person
from tests.portal.platform import Page, Platform, Visit
from tests.portal.test_agreement_pages import form_of
from tests.shared.papers.samples import JPEG, PDF, text_of_docx, text_of_pdf

GOES_ON = {"prolongation": {"months": 12, "refusal_days": 30}, "notice_days": 30}


def send(visit: Visit, path: str, files: dict[str, Any] | None = None, **fields: Any) -> Any:
    """Sends a form with files in it."""
    return visit.client.post(path, data={"csrf": visit.csrf, **fields}, files=files or {})


def active(platform: Platform, one: str, other: str, **terms: Any) -> str:
    """The path of an agreement that both have signed."""
    maker, signer = (person(platform, f"coordinator@{name}") for name in (one, other))
    made = agreement_with(maker, signer, **terms)
    assert signer.post(f"/membership/agreements/{made['id']}/sign").status_code == 200
    return f"/agreements/{made['id']}"


def test_three_parties_sign_in_their_order_and_each_sees_whose_turn_it_is(
    visitor: Visitor,
) -> None:
    visit = visitor("coordinator@university")
    answer = visit.send(
        "/agreements",
        **form_of(
            kind="targeted_training",
            with_2="Академия профессионального образования (демо)",
            in_order="1",
            number="7-ЦО",
            place="Смоленск",
        ),
    )
    assert answer.status_code == 303, Page(answer).text
    path = answer.headers["location"].partition("?")[0]
    page = visit.page(path)
    assert "Целевое обучение № 7-ЦО" in page.text
    assert "Ждём подпись: АО «Энергосети» (демо)." in page.text
    third = visitor("coordinator@smolapo").page(path)
    assert not third.all("form", action=f"{path}/sign"), "it is not their turn"
    assert "Мастерские по нему не бронируют" in third.text


def test_the_document_is_read_and_exactly_that_is_signed(
    platform: Platform, visitor: Visitor
) -> None:
    smolgrad, roslavl = (
        person(platform, f"coordinator@{name}") for name in ("smolgrad", "roslavl")
    )
    path = f"/agreements/{agreement_with(smolgrad, roslavl)['id']}"
    visit = visitor("coordinator@roslavl")
    page = visit.page(path)
    sha256 = page.one("input", name="sha256")["value"]
    pdf = visit.client.get(f"{path}/document.pdf")
    assert pdf.headers["content-disposition"].startswith("attachment;")
    assert hashlib.sha256(pdf.content).hexdigest() == sha256
    assert "Услуги мастерских" in text_of_pdf(pdf.content)
    assert "Услуги мастерских" in text_of_docx(visit.client.get(f"{path}/document.docx").content)
    assert visit.client.get(f"{path}/document.exe").status_code == 404
    other = visit.send(f"{path}/sign", etag='"1"', sha256="0" * 64)
    assert other.status_code == 409
    assert "Прочитайте его ещё раз" in Page(other).text
    assert visit.send(f"{path}/sign", etag='"1"', sha256=sha256).status_code == 303


def test_both_sides_note_a_paper_with_one_scan(platform: Platform, visitor: Visitor) -> None:
    visit = visitor("coordinator@dneprochem")
    form = form_of(**{"with": "Региональный университет (демо)"}, paper_on="2027-02-01")
    made = send(visit, "/agreements", {"scan": ("скан.jpg", JPEG)}, **form)
    assert made.status_code == 303, Page(made).text
    path = made.headers["location"].partition("?")[0]
    assert "подписано на бумаге, 01.02.2027" in visit.page(path).text

    other = visitor("coordinator@university")
    page = other.page(path)
    [link] = [each["href"] for each in page.all("a") if each.get("href", "").endswith(".file")]
    assert other.client.get(link).content == JPEG
    scan_id = page.one("input", name="scan_id")["value"]
    nothing = send(other, f"{path}/paper", paper_on="2027-02-01", seen='"1"')
    assert nothing.status_code == 422
    assert Page(nothing).one("div", id="scan-fault")
    wrong = send(other, f"{path}/paper", {"scan": ("x.jpg", b"MZ" + bytes(99))}, paper_on="x")
    assert wrong.status_code == 422
    assert Page(wrong).one("div", id="scan-fault")
    later = send(other, f"{path}/paper", scan_id=scan_id, paper_on="2028-01-01", seen='"1"')
    assert Page(later).one("div", id="paper_on-fault")
    done = send(other, f"{path}/paper", scan_id=scan_id, paper_on="2027-02-01", seen='"1"')
    assert done.status_code == 303
    assert other.page(path).all("span", class_="pill pill-success")


def test_our_own_text_is_what_is_signed(visitor: Visitor) -> None:
    visit = visitor("coordinator@university")
    made = send(visit, "/agreements", {"document": ("наш.pdf", PDF)}, **form_of(is_free="1"))
    path = made.headers["location"].partition("?")[0]
    assert visit.client.get(f"{path}/document.pdf").content == PDF
    assert "Безвозмездно." in visit.page(path).text
    wrong = send(visit, "/agreements", {"document": ("наш.pdf", JPEG)}, **form_of(number="77/А"))
    page = Page(wrong)
    assert page.status == 422
    assert page.one("div", id="document-fault")
    assert page.one("input", name="number")["value"] == "77/А", "nothing typed is lost"


def test_what_of_the_further_terms_is_not_understood_stands_beside_its_field(
    visitor: Visitor,
) -> None:
    visit = visitor("coordinator@university")
    for changes, field in (
        ({"with_2": "Нет такой"}, "with_2"),
        ({"months": "двенадцать", "refusal_days": "30"}, "months"),
        ({"months": "12"}, "refusal_days"),
        ({"months": "0", "refusal_days": "30"}, "months"),
        ({"months": "12", "refusal_days": "900"}, "refusal_days"),
        ({"notice_days": "400"}, "notice_days"),
        ({"kind": "lease", "is_free": "1"}, "is_free"),
        ({"paper_on": "вчера"}, "paper_on"),
    ):
        page = Page(visit.send("/agreements", **form_of(**changes)))
        assert page.status == 422, changes
        assert page.one("div", id=f"{field}-fault"), changes
        assert page.all("details", open="")


def test_a_party_says_no_to_going_on_and_all_see_it(platform: Platform, visitor: Visitor) -> None:
    path = active(platform, "smolgrad", "vyazma", **GOES_ON)
    visit = visitor("coordinator@vyazma")
    page = visit.page(path)
    assert "На 12 месяцев, если никто не откажется до 1 августа 2027" in page.text
    assert page.all("form", action=f"{path}/decline")
    assert visit.send(f"{path}/decline", seen='"2"').status_code == 303
    after = visitor("coordinator@smolgrad").page(path)
    assert "Нет: отказ от" in after.text
    assert not after.all("form", action=f"{path}/decline")
    again = visit.send(f"{path}/decline", seen='"3"')
    assert again.status_code == 409
    assert Page(again).all("div", class_="alert alert-danger")


def test_a_party_ends_an_agreement_by_notice_and_says_why(
    platform: Platform, visitor: Visitor
) -> None:
    path = active(platform, "safonovo", "roslavl", **GOES_ON)
    visit = visitor("coordinator@roslavl")
    for fields, field in (
        ({"reason": ""}, "reason"),
        ({"reason": "Ремонт", "ends_on": "2027-02-03"}, "ends_on"),
    ):
        page = Page(visit.send(f"{path}/end", seen='"2"', **fields))
        assert page.status == 422
        assert page.one("div", id=f"{field}-fault")
    assert visit.send(f"{path}/end", seen='"2"', reason="Ремонт").status_code == 303
    after = visitor("coordinator@safonovo").page(path)
    assert "Дано уведомление: соглашение действует по 3 марта 2027" in after.text
    assert not after.all("form", action=f"{path}/end")


def test_who_may_only_read_is_offered_no_step(platform: Platform, visitor: Visitor) -> None:
    path = active(platform, "safonovo", "vyazma", **GOES_ON)
    page = visitor("finance@vyazma").page(path)
    for step in ("sign", "paper", "decline", "end"):
        assert not page.all("form", action=f"{path}/{step}")
    assert page.all("a", href=f"{path}/document.pdf")


def test_while_membership_sleeps_nothing_typed_is_lost(
    platform: Platform, visitor: Visitor
) -> None:
    visit = visitor("coordinator@university")
    form = {"csrf": visit.csrf, **form_of(number="88/Б", months="12", refusal_days="30")}
    with platform.asleep("membership"):
        answer = visit.client.post("/agreements", data=form)
    page = Page(answer)
    assert page.status == 503
    assert page.one("input", name="number")["value"] == "88/Б"
