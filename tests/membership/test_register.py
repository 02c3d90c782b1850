"""The register of agreements: all kinds, many parties, exact bytes, paper, and who signs when."""

import hashlib
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from services.membership.domain.agreements import (
    AgreedTariff,
    AgreementKind,
    PartiesAreWrong,
    PriceIsWrong,
    Prolongation,
    TariffUnit,
    Terms,
    check_terms,
)
from shared.identity import Role
from shared.ids import new_id
from shared.refusal import Invalid
from tests.membership.cluster import API, Cluster
from tests.shared.papers.samples import (
    JPEG,
    PDF,
    Authority,
    docx_with,
    text_of_docx,
    text_of_pdf,
)

MADE, ACTIVATED = "membership.agreement.made", "membership.agreement.activated"
DAY = date(2027, 9, 1)


async def bring(
    cluster: Cluster, headers: dict[str, str], content: bytes = JPEG, name: str = "скан"
) -> str:
    """A member brings in a file; returns its id."""
    answer = await cluster.service.client.post(
        f"{API}/files", params={"file_name": name}, content=content, headers=headers
    )
    assert answer.status_code == 201, answer.text
    file_id: str = answer.json()["id"]
    return file_id


async def told(cluster: Cluster) -> list[str]:
    """What was told of agreements."""
    rows = await cluster.service.told()
    return [row["subject"] for row in rows if ".agreement." in row["subject"]]


def three(cluster: Cluster) -> list[str]:
    """The firm, the college and the university."""
    return [str(each) for each in (cluster.firm, cluster.college, cluster.university)]


# --- what may be agreed --------------------------------------------------------------------------


def terms(kind: AgreementKind, parties: int = 2, **other: Any) -> Terms:
    """Terms of a year."""
    ids = tuple(new_id() for _ in range(parties))
    return Terms(kind, ids, DAY, date(2028, 8, 31), "Предмет", **other)


@pytest.mark.parametrize(
    ("kind", "least", "most"),
    [
        (AgreementKind.NETWORK_FORM, 2, 20),
        (AgreementKind.SERVICES, 2, 2),
        (AgreementKind.LEASE, 2, 2),
        (AgreementKind.FREE_USE, 2, 2),
        (AgreementKind.PRACTICAL_TRAINING, 2, 20),
        (AgreementKind.TARGETED_TRAINING, 2, 3),
        (AgreementKind.TEACHER_INTERNSHIP, 2, 2),
        (AgreementKind.DONATION, 2, 2),
        (AgreementKind.EXAM_SITE, 2, 20),
        (AgreementKind.NETTING, 2, 50),
        (AgreementKind.ACCESSION, 2, 50),
    ],
)
def test_r1_2_i1_each_kind_binds_as_many_members_as_it_takes(
    kind: AgreementKind, least: int, most: int
) -> None:
    for count in (least, most):
        check_terms(terms(kind, count))
    for count in (least - 1, most + 1):
        with pytest.raises(PartiesAreWrong):
            check_terms(terms(kind, count))


@pytest.mark.parametrize(
    ("kind", "other", "at"),
    [
        (AgreementKind.FREE_USE, {"is_free": False}, "body.is_free"),
        (AgreementKind.DONATION, {"tariffs": "one"}, "body.tariffs"),
        (AgreementKind.LEASE, {"is_free": True}, "body.is_free"),
        (AgreementKind.SERVICES, {"is_free": True, "tariffs": "one"}, "body.tariffs"),
        (AgreementKind.SERVICES, {"tariffs": "many"}, "body.tariffs"),
        (AgreementKind.SERVICES, {"tariffs": "negative"}, "body.tariffs.0.net_kopecks"),
    ],
)
def test_a_price_goes_with_the_kind_of_agreement(
    kind: AgreementKind, other: dict[str, Any], at: str
) -> None:
    one = AgreedTariff("Пост", TariffUnit.HOUR, 100)
    tariffs = {
        "one": (one,),
        "many": (one,) * 51,
        "negative": (AgreedTariff("Пост", TariffUnit.HOUR, -1),),
    }
    if "tariffs" in other:
        other = {**other, "tariffs": tariffs[other["tariffs"]]}
    with pytest.raises(PriceIsWrong) as refused:
        check_terms(terms(kind, **other))
    assert refused.value.facts["errors"][0]["at"] == at


@pytest.mark.parametrize(
    ("kind", "other", "at"),
    [
        ("services", {"prolongation": Prolongation(0, 30)}, "body.prolongation.months"),
        ("services", {"prolongation": Prolongation(61, 30)}, "body.prolongation.months"),
        ("services", {"prolongation": Prolongation(12, 0)}, "body.prolongation.refusal_days"),
        ("services", {"prolongation": Prolongation(12, 366)}, "body.prolongation.refusal_days"),
        ("services", {"notice_days": -1}, "body.notice_days"),
        ("services", {"notice_days": 366}, "body.notice_days"),
        ("accession", {"notice_days": 30}, "body.notice_days"),
        ("services", {"reminder_days": (0,)}, "body.reminder_days"),
        ("services", {"reminder_days": (7, 7)}, "body.reminder_days"),
        ("services", {"reminder_days": (1, 2, 3, 4, 5, 6)}, "body.reminder_days"),
    ],
)
def test_how_an_agreement_goes_on_and_ends_has_bounds(
    kind: str, other: dict[str, Any], at: str
) -> None:
    with pytest.raises(Invalid) as refused:
        check_terms(terms(AgreementKind(kind), **other))
    assert refused.value.facts["errors"][0]["at"] == at


# --- many parties --------------------------------------------------------------------------------


async def test_three_parties_are_bound_by_the_last_of_three_signatures(cluster: Cluster) -> None:
    made = await cluster.make(kind="targeted_training", party_ids=three(cluster))
    assert made.status_code == 201, made.text
    path = f"/agreements/{made.json()['id']}"
    assert made.json()["waits_for"] == three(cluster)[1:]
    second = (await cluster.post(f"{path}/sign", cluster.as_university())).json()
    assert (second["status"], second["waits_for"]) == ("signing", [str(cluster.college)])
    third = (await cluster.post(f"{path}/sign", cluster.as_college())).json()
    assert (third["status"], third["waits_for"]) == ("active", [])
    assert {each["method"] for each in third["signatures"]} == {"system"}
    assert await told(cluster) == [f"{MADE}.v2", f"{ACTIVATED}.v2"]


async def test_kinds_that_version_1_knows_are_told_in_version_1_alone(cluster: Cluster) -> None:
    await cluster.active(kind="lease")
    assert await told(cluster) == [f"{MADE}.v1", f"{ACTIVATED}.v1"]
    made = await cluster.make(kind="network_form", party_ids=three(cluster))
    assert made.status_code == 201, made.text


async def test_in_an_order_nobody_signs_before_his_turn(cluster: Cluster) -> None:
    parties = three(cluster)
    last = await cluster.make(
        kind="network_form", in_order=True, party_ids=[parties[1], parties[0], parties[2]]
    )
    assert last.json()["errors"][0]["at"] == "body.party_ids", "who makes it signs first"
    made = await cluster.make(kind="network_form", in_order=True, party_ids=parties)
    path = f"/agreements/{made.json()['id']}/sign"
    assert made.json()["waits_for"] == [str(cluster.college)]
    early = await cluster.post(path, cluster.as_university())
    assert (early.status_code, early.json()["code"]) == (409, "others-sign-first")
    assert (await cluster.post(path, cluster.as_college())).status_code == 200
    assert (await cluster.post(path, cluster.as_university())).json()["status"] == "active"


# --- exact bytes ---------------------------------------------------------------------------------


async def test_the_document_says_what_is_agreed_and_its_bytes_are_kept(cluster: Cluster) -> None:
    made = await cluster.make(
        number="12/КС",
        place="г. Смоленск",
        notice_days=30,
        prolongation={"months": 12, "refusal_days": 45},
        tariffs=[{"what": "Пост #eval(1) {{ 1 }}", "unit": "hour", "net_kopecks": 123_450}],
    )
    assert made.status_code == 201, made.text
    seen = made.json()
    path = f"{API}/agreements/{seen['id']}/document"
    pdf = await cluster.service.client.get(f"{path}.pdf", headers=cluster.as_college())
    assert hashlib.sha256(pdf.content).hexdigest() == seen["document_sha256"]
    assert pdf.headers["content-type"] == "application/pdf"
    assert pdf.headers["content-disposition"].startswith("attachment;")
    for text in (
        " ".join(text_of_pdf(pdf.content).split()),
        text_of_docx(
            (await cluster.service.client.get(f"{path}.docx", headers=cluster.as_firm())).content
        ),
    ):
        for part in (
            "12/КС",
            "Услуги мастерских",
            "ИНН 67",
            "Пост #eval(1) {{ 1 }}",
            "1\u00a0234,50",
            "за 45 дн.",
            "за 30 дн.",
        ):
            assert part in text.replace("1 234", "1\u00a0234"), part
    again = await cluster.service.client.get(f"{path}.pdf", headers=cluster.as_firm())
    assert again.content == pdf.content


async def test_what_is_signed_is_what_was_read(cluster: Cluster) -> None:
    made = (await cluster.make()).json()
    path = f"/agreements/{made['id']}/sign"
    other = await cluster.post(f"{path}?sha256={'0' * 64}", cluster.as_college())
    assert (other.status_code, other.json()["code"]) == (409, "signed-text-differs")
    assert (await cluster.post(f"{path}?sha256=x", cluster.as_college())).status_code == 422
    signed = await cluster.post(f"{path}?sha256={made['document_sha256']}", cluster.as_college())
    assert signed.json()["status"] == "active"
    [row] = await cluster.service.sql(
        "SELECT * FROM signatures WHERE party_id = $1", cluster.college
    )
    assert row["person_id"] == cluster.people["college"]
    assert (row["method"], row["accepted_by"]) == ("system", "63-FZ 6(2), the agreement itself")
    assert row["session_id"] is not None


async def test_a_member_has_its_own_text_signed(cluster: Cluster) -> None:
    document_id = await bring(cluster, cluster.as_firm(), PDF, "Наш договор.pdf")
    made = await cluster.make(document_id=document_id)
    assert made.json()["document_sha256"] == hashlib.sha256(PDF).hexdigest()
    path = f"{API}/agreements/{made.json()['id']}/document.pdf"
    got = await cluster.service.client.get(path, headers=cluster.as_college())
    assert got.content == PDF
    removed = await cluster.service.client.delete(
        f"{API}/files/{document_id}", headers=cluster.as_firm()
    )
    assert (removed.status_code, removed.json()["code"]) == (409, "file-used")
    assert (await cluster.make(document_id=str(new_id()))).status_code == 404
    scan = await bring(cluster, cluster.as_firm())
    refused = await cluster.make(document_id=scan)
    assert (refused.status_code, refused.json()["code"]) == (422, "file-type-not-taken")


async def test_a_member_makes_agreements_by_its_own_template(cluster: Cluster) -> None:
    source = b"#let d = json(bytes(sys.inputs.data))\nOUR FORM: #d.subject"
    put = await cluster.service.client.post(
        f"{API}/document-templates/agreement.pdf",
        params={"file_name": "blank.typ"},
        content=source,
        headers=cluster.as_firm(),
    )
    assert put.status_code == 200, put.text
    made = (await cluster.make()).json()
    path = f"{API}/agreements/{made['id']}/document.pdf"
    got = await cluster.service.client.get(path, headers=cluster.as_college())
    assert text_of_pdf(got.content).startswith("OUR FORM: Услуги мастерских")
    wrong = await cluster.service.client.post(
        f"{API}/document-templates/agreement.docx",
        params={"file_name": "blank.docx"},
        content=docx_with("{{ subjekt }}"),
        headers=cluster.as_firm(),
    )
    assert (wrong.status_code, wrong.json()["code"]) == (422, "template-wrong")
    assert "subjekt" in wrong.json()["reason"]


async def test_an_agreement_from_before_documents_were_kept_is_signed_all_the_same(
    cluster: Cluster,
) -> None:
    made = (await cluster.make()).json()
    await cluster.service.sql(
        "DO $$ BEGIN SET LOCAL session_replication_role = replica;"
        " DELETE FROM signatures; DELETE FROM signing_parties; DELETE FROM signings;"
        " DELETE FROM files; END $$"
    )
    path = f"/agreements/{made['id']}"
    before = (await cluster.get(path, cluster.as_college())).json()
    assert before["document_sha256"] is None
    lost = await cluster.get(f"{path}/document.pdf", cluster.as_college())
    assert lost.status_code == 404
    signed = await cluster.post(f"{path}/sign", cluster.as_college())
    assert signed.json()["status"] == "active"
    assert signed.json()["document_sha256"]
    assert [each["method"] for each in signed.json()["signatures"]] == ["system", "system"]


# --- on paper, and by detached signatures --------------------------------------------------------


async def test_an_agreement_on_paper_is_noted_by_each_party_with_a_scan(cluster: Cluster) -> None:
    scan = await bring(cluster, cluster.as_firm())
    paper = {"scan_id": scan, "signed_on": cluster.day(-3)}
    made = await cluster.make(paper=paper)
    assert made.status_code == 201, made.text
    path = f"/agreements/{made.json()['id']}"
    assert made.json()["signatures"] == [
        {
            "member_id": str(cluster.firm),
            "method": "paper",
            "signed_on": cluster.day(-3),
            "file_id": scan,
        }
    ]
    seen = await cluster.get(f"{path}/signatures/{cluster.firm}", cluster.as_college())
    assert seen.content == JPEG
    assert (
        await cluster.get(f"{path}/signatures/{cluster.college}", cluster.as_college())
    ).status_code == 404
    both = await cluster.post(f"{path}/sign-on-paper", cluster.as_college(), **paper)
    assert both.status_code == 200, both.text
    assert both.json()["status"] == "active"
    text = await cluster.get(f"{path}/document.pdf", cluster.as_firm())
    assert "на бумаге" in " ".join(text_of_pdf(text.content).split())


async def test_paper_of_tomorrow_and_another_members_scan_are_refused(cluster: Cluster) -> None:
    made = (await cluster.make()).json()
    path = f"/agreements/{made['id']}/sign-on-paper"
    scan = await bring(cluster, cluster.as_college())
    later = await cluster.post(path, cluster.as_college(), scan_id=scan, signed_on=cluster.day(1))
    assert later.json()["errors"][0]["at"] == "body.signed_on"
    other = await bring(cluster, cluster.as_university())
    foreign = await cluster.post(
        path, cluster.as_college(), scan_id=other, signed_on=cluster.day(0)
    )
    assert foreign.status_code == 404
    text = await bring(cluster, cluster.as_college(), b"no scan")
    wrong = await cluster.post(path, cluster.as_college(), scan_id=text, signed_on=cluster.day(0))
    assert wrong.json()["code"] == "file-type-not-taken"


async def test_a_detached_signature_is_taken_where_somebody_is_trusted(cluster: Cluster) -> None:
    made = (await cluster.make()).json()
    path = f"/agreements/{made['id']}"
    document = (await cluster.get(f"{path}/document.pdf", cluster.as_college())).content
    authority = Authority(cluster.service.clock())
    signature = await bring(cluster, cluster.as_college(), authority.person().sign(document))
    body = {"signature_id": signature}
    unchecked = await cluster.post(f"{path}/sign-detached", cluster.as_college(), **body)
    assert (unchecked.status_code, unchecked.json()["code"]) == (409, "signatures-not-checked")
    runtime = cluster.service.runtime
    untrusting = runtime.settings
    runtime.settings = untrusting.model_copy(update={"signature_roots": authority.pem})
    try:
        wrong = await bring(cluster, cluster.as_college(), authority.person().sign(b"other"))
        refused = await cluster.post(
            f"{path}/sign-detached", cluster.as_college(), signature_id=wrong
        )
        assert (refused.status_code, refused.json()["code"]) == (422, "signature-wrong")
        signed = await cluster.post(f"{path}/sign-detached", cluster.as_college(), **body)
    finally:
        runtime.settings = untrusting
    assert signed.json()["status"] == "active"
    assert signed.json()["signatures"][1]["method"] == "detached"
    kept = await cluster.get(f"{path}/signatures/{cluster.college}", cluster.as_firm())
    assert kept.headers["content-type"] == "application/pkcs7-signature"


# --- who may, and what nobody can ----------------------------------------------------------------


async def test_papers_of_an_agreement_are_its_parties_alone(cluster: Cluster) -> None:
    scan = await bring(cluster, cluster.as_firm())
    made = await cluster.make(paper={"scan_id": scan, "signed_on": cluster.day(0)})
    path = f"/agreements/{made.json()['id']}"
    for ending in ("document.pdf", "document.docx", f"signatures/{cluster.firm}"):
        stranger = await cluster.get(f"{path}/{ending}", cluster.as_university())
        assert stranger.status_code == 404, ending
        student = cluster.service.as_(cluster.firm, Role.STUDENT)
        assert (await cluster.get(f"{path}/{ending}", student)).status_code == 403
    assert (await cluster.get(f"/files/{scan}", cluster.as_college())).status_code == 404


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE agreements SET subject = 'other'",
        "UPDATE agreements SET tariffs = '[]'",
        "UPDATE agreements SET notice_days = 1",
        "DELETE FROM agreements",
        "UPDATE agreement_parties SET signed_by = signed_by WHERE place = 1",
        "UPDATE agreement_parties SET place = 7",
        "UPDATE signatures SET accepted_by = 'x'",
        "UPDATE files SET name = 'x'",
    ],
)
async def test_not_even_the_owner_of_the_database_changes_what_was_agreed(
    cluster: Cluster, statement: str
) -> None:
    await cluster.make()
    with pytest.raises(asyncpg.RestrictViolationError):
        await cluster.service.sql(statement)


async def test_i1_the_database_knows_no_kind_and_no_price_that_cannot_be(cluster: Cluster) -> None:
    made = UUID((await cluster.make()).json()["id"])
    for column, value in (("kind", "'partnership'"), ("kind", "'free_use'")):
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            await cluster.service.sql(
                "INSERT INTO agreements (id, kind, subject, valid_from, valid_to, made_at, version,"
                f" last_on, is_free) SELECT $2, {value if column == 'kind' else 'kind'}, subject,"
                " valid_from, valid_to, made_at, version, last_on, false FROM agreements"
                " WHERE id = $1",
                made,
                new_id(),
            )
