"""Documents that go with an application: who adds, sees and takes them back, and when."""

from typing import Any

import httpx
import pytest

from services.membership.domain.application_documents import (
    DOCUMENTS_MAX,
    TooManyDocuments,
    require_few_documents,
    require_open,
)
from services.membership.domain.joining import ApplicationIsElsewhere, ApplicationStatus
from tests.membership.cluster import API, Cluster
from tests.membership.newcomers import Newcomers
from tests.shared.papers.samples import EXE, PDF, PNG


async def add(
    cluster: Cluster, token: str, content: bytes = PDF, name: str = "Устав.pdf", **query: Any
) -> httpx.Response:
    """The applicant adds a document by a link."""
    return await cluster.service.client.post(
        f"{API}/applications/documents",
        params={"file_name": name, "kind": "charter", **query},
        content=content,
        headers={"Link-Token": token},
    )


async def test_the_applicant_adds_documents_which_the_secretariat_sees(cluster: Cluster) -> None:
    newcomers = Newcomers(cluster)
    application_id = await newcomers.submitted()
    token = await newcomers.token("follow", application_id)
    assert (await add(cluster, token)).status_code == 201
    added = await add(cluster, token, PNG, "лицензия", kind="licence")
    assert [(each["kind"], each["name"]) for each in added.json()["documents"]] == [
        ("charter", "Устав.pdf"),
        ("licence", "лицензия.png"),
    ]
    path = f"/applications/{application_id}"
    seen = (await cluster.get(path, newcomers.as_secretary())).json()
    assert seen["documents"] == added.json()["documents"]
    file_id = seen["documents"][0]["file_id"]
    got = await cluster.get(f"{path}/documents/{file_id}", newcomers.as_secretary())
    assert got.content == PDF
    assert got.headers["content-disposition"].startswith("attachment;")
    own = await cluster.get(f"/applications/documents/{file_id}", {"Link-Token": token})
    assert own.content == PDF
    looked = await cluster.post("/applications/look", None, token=token)
    assert len(looked.json()["documents"]) == 2
    noted = await cluster.service.sql(
        "SELECT after::text FROM audit WHERE action = 'application.document_added'"
    )
    assert len(noted) == 2
    assert "Устав" not in noted[0]["after"]


async def test_a_document_is_nobody_elses_to_see(cluster: Cluster) -> None:
    newcomers = Newcomers(cluster)
    application_id = await newcomers.submitted()
    other_id = await newcomers.submitted("safonovo")
    token = await newcomers.token("follow", application_id)
    other = await newcomers.token("follow", other_id)
    file_id = (await add(cluster, token)).json()["documents"][0]["file_id"]
    own = f"/applications/documents/{file_id}"
    assert (await cluster.get(own, {"Link-Token": other})).status_code == 404
    assert (await cluster.get(own, {"Link-Token": "nonsense"})).json()["code"] == "link-over"
    assert (await cluster.get(own)).status_code == 422
    path = f"/applications/{application_id}/documents/{file_id}"
    assert (await cluster.get(path, cluster.as_firm())).status_code == 403
    wrong = f"/applications/{other_id}/documents/{file_id}"
    assert (await cluster.get(wrong, newcomers.as_secretary())).status_code == 404
    assert (await cluster.get(f"/files/{file_id}", cluster.as_firm())).status_code == 404


async def test_a_document_is_taken_back_and_is_gone(cluster: Cluster) -> None:
    newcomers = Newcomers(cluster)
    token = await newcomers.token("follow", await newcomers.submitted())
    file_id = (await add(cluster, token)).json()["documents"][0]["file_id"]
    path = f"{API}/applications/documents/{file_id}"
    taken = await cluster.service.client.delete(path, headers={"Link-Token": token})
    assert taken.json()["documents"] == []
    assert await cluster.service.sql("SELECT FROM files") == []
    again = await cluster.service.client.delete(path, headers={"Link-Token": token})
    assert again.status_code == 404


@pytest.mark.parametrize(
    ("content", "query", "status", "code"),
    [
        (EXE, {}, 422, "file-type-not-taken"),
        (b"", {}, 422, "file-missing"),
        (PDF + bytes(5_000_000), {}, 413, "too-large"),
        (PDF, {"kind": "novel"}, 422, "invalid"),
        (PDF, {"file_name": ""}, 422, "invalid"),
    ],
)
async def test_what_is_no_document_is_refused(
    cluster: Cluster, content: bytes, query: dict[str, str], status: int, code: str
) -> None:
    newcomers = Newcomers(cluster)
    token = await newcomers.token("follow", await newcomers.submitted())
    refused = await add(cluster, token, content, **query)
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    unknown = await add(cluster, "x" * 40, EXE)
    assert unknown.json()["code"] == "link-over", "whose link it is comes first"


async def test_documents_come_while_the_secretariat_still_looks(cluster: Cluster) -> None:
    newcomers = Newcomers(cluster)
    application_id = await newcomers.submitted()
    token = await newcomers.token("follow", application_id)
    await newcomers.step(application_id, "return", reason="Нет устава.")
    mending = await newcomers.token("mend", application_id)
    added = await add(cluster, mending)
    assert added.status_code == 201, added.text
    checked_id = await newcomers.checked("safonovo")
    late = await add(cluster, await newcomers.token("follow", checked_id))
    assert (late.status_code, late.json()["code"]) == (409, "wrong-status")
    file_id = added.json()["documents"][0]["file_id"]
    await newcomers.step(application_id, "reject", reason="Не из области.")
    taken = await cluster.service.client.delete(
        f"{API}/applications/documents/{file_id}", headers={"Link-Token": token}
    )
    assert taken.status_code == 409


async def test_ten_documents_go_with_an_application(cluster: Cluster) -> None:
    newcomers = Newcomers(cluster)
    token = await newcomers.token("follow", await newcomers.submitted())
    for _ in range(DOCUMENTS_MAX):
        assert (await add(cluster, token)).status_code == 201
    refused = await add(cluster, token)
    assert (refused.status_code, refused.json()["code"]) == (409, TooManyDocuments.code)


def test_the_rules_of_documents_are_named_refusals() -> None:
    require_few_documents(DOCUMENTS_MAX - 1)
    with pytest.raises(TooManyDocuments):
        require_few_documents(DOCUMENTS_MAX)
    for status in ApplicationStatus:
        if status in (ApplicationStatus.SUBMITTED, ApplicationStatus.RETURNED):
            require_open(status)
        else:
            with pytest.raises(ApplicationIsElsewhere):
                require_open(status)
