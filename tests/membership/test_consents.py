"""Consents, one purpose each, and every name that crosses from one member to another (I25)."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from services.membership.commands import council
from services.membership.domain.consents import (
    SHOWN,
    Consent,
    ConsentTextDiffers,
    ConsentTextIsOutdated,
    PaperIsWrong,
    Purpose,
    Text,
    check_paper,
    digest,
    in_force,
    require_readable,
)
from services.membership.domain.council import Duty, Seat
from shared.identity import Role
from shared.ids import new_id
from tests.membership.cluster import Cluster
from tests.membership.persons import enrolled

WORDS = "Я согласен, что колледж называет моё имя организациям, с которыми ведёт общие дела."
OTHER_WORDS = WORDS.replace("общие дела", "совместные занятия")


async def published(
    cluster: Cluster, purpose: str = "name_in_dealings", words: str = WORDS
) -> dict[str, Any]:
    made = await cluster.post("/consent-texts", cluster.as_college(), purpose=purpose, words=words)
    assert made.status_code == 201, made.text
    found: dict[str, Any] = made.json()
    return found


async def on_paper(cluster: Cluster, person_id: UUID, text: dict[str, Any], **more: Any) -> Any:
    body = {"text_id": text["id"], "sha256": text["sha256"], "given_on": cluster.day(0)} | more
    return await cluster.post(f"/persons/{person_id}/consents", cluster.as_college(), **body)


async def given(cluster: Cluster, text: dict[str, Any], headers: dict[str, str]) -> Any:
    return await cluster.post("/consents", headers, text_id=text["id"], sha256=text["sha256"])


async def names(
    cluster: Cluster, *person_ids: UUID, purpose: str = "name_in_dealings"
) -> list[dict[str, Any]]:
    """What the firm's coordinator learns."""
    answer = await cluster.post(
        "/persons/names",
        cluster.as_firm(),
        person_ids=[str(each) for each in person_ids],
        purpose=purpose,
    )
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def log_of(cluster: Cluster, person_id: UUID) -> list[dict[str, Any]]:
    read = await cluster.get(f"/persons/{person_id}/disclosures", cluster.as_college())
    assert read.status_code == 200, read.text
    found: list[dict[str, Any]] = read.json()["items"]
    return found


# --- rules ---------------------------------------------------------------------------------------


def test_i25_a_consent_holds_for_one_purpose_until_it_is_revoked() -> None:
    now = datetime(2026, 11, 25, tzinfo=UTC)
    one = Consent(new_id(), new_id(), new_id(), Purpose.PRACTICE, None)
    gone = Consent(new_id(), new_id(), new_id(), Purpose.ASSESSMENT, now)
    assert in_force([gone, one], Purpose.PRACTICE) is one
    assert in_force([gone, one], Purpose.ASSESSMENT) is None
    assert in_force([gone, one], Purpose.NAME_IN_DEALINGS) is None
    assert SHOWN.keys() == set(Purpose)


def test_who_signs_in_consents_to_the_newest_text_as_it_was_read() -> None:
    old = Text(new_id(), new_id(), Purpose.PRACTICE, digest(WORDS), is_newest=False)
    require_readable(old, digest(WORDS), on_paper=True)
    with pytest.raises(ConsentTextIsOutdated):
        require_readable(old, digest(WORDS), on_paper=False)
    with pytest.raises(ConsentTextDiffers):
        require_readable(old, digest(OTHER_WORDS), on_paper=True)
    with pytest.raises(PaperIsWrong):
        check_paper(date(2026, 9, 2), date(2026, 9, 1))


# --- texts ---------------------------------------------------------------------------------------


async def test_a_member_asks_in_its_own_words_and_newer_ones_take_their_place(
    cluster: Cluster,
) -> None:
    first = await published(cluster)
    assert (first["member_id"], first["version"]) == (str(cluster.college), 1)
    assert first["sha256"] == digest(WORDS)
    assert await published(cluster) == first, "the same words are the same text"
    second = await published(cluster, words=OTHER_WORDS)
    other = await published(cluster, "practice")
    listed = await cluster.get(f"/consent-texts?member_id={cluster.college}", cluster.as_firm())
    assert listed.json()["items"] == [second, other]
    read = await cluster.get(f"/consent-texts/{first['id']}", cluster.as_firm())
    assert read.json() == {**first, "is_newest": False}
    assert (await cluster.get(f"/consent-texts/{new_id()}", cluster.as_firm())).status_code == 404
    with pytest.raises(asyncpg.RestrictViolationError):
        await cluster.service.sql("UPDATE consent_texts SET words = ''")


async def test_i1_a_consent_has_a_member_for_its_operator(cluster: Cluster) -> None:
    await published(cluster)
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await cluster.service.sql(
            "INSERT INTO consent_texts SELECT $1, NULL, purpose, 9, words, sha256, published_at,"
            " published_by FROM consent_texts",
            new_id(),
        )


# --- giving and revoking -------------------------------------------------------------------------


async def test_a_person_consents_to_what_was_read_and_takes_it_back(cluster: Cluster) -> None:
    text = await published(cluster)
    made = await given(cluster, text, cluster.as_college())
    assert made.status_code == 201, made.text
    body = made.json()
    assert body == {
        "id": body["id"],
        "person_id": str(cluster.people["college"]),
        "member_id": str(cluster.college),
        "purpose": "name_in_dealings",
        "text_id": text["id"],
        "sha256": text["sha256"],
        "manner": "signed_in",
        "signatory": "person",
        "given_on": cluster.day(0),
        "reference": None,
        "recorded_at": body["recorded_at"],
        "revoked_at": None,
    }
    assert (await given(cluster, text, cluster.as_college())).json() == body, "once"
    for headers in (cluster.as_firm(), cluster.as_administrator()):
        path = f"/consents/{body['id']}/revoke"
        assert (await cluster.post(path, headers)).status_code == 404
    revoked = await cluster.post(f"/consents/{body['id']}/revoke", cluster.as_college())
    assert revoked.json()["revoked_at"] is not None
    again = await cluster.post(f"/consents/{body['id']}/revoke", cluster.as_college())
    assert again.json() == revoked.json()
    listed = (await cluster.get("/consents", cluster.as_college())).json()["items"]
    assert listed == [revoked.json()]
    assert (await given(cluster, text, cluster.as_college())).json()["id"] != body["id"]


async def test_a_text_that_is_another_or_was_replaced_is_not_consented_to(
    cluster: Cluster,
) -> None:
    text = await published(cluster)
    wrong = {**text, "sha256": digest(OTHER_WORDS)}
    refused = await given(cluster, wrong, cluster.as_college())
    assert (refused.status_code, refused.json()["code"]) == (409, "consent-text-differs")
    first = (await given(cluster, text, cluster.as_college())).json()
    newer = await published(cluster, words=OTHER_WORDS)
    refused = await given(cluster, text, cluster.as_college())
    assert (refused.status_code, refused.json()["code"]) == (409, "consent-text-outdated")
    second = (await given(cluster, newer, cluster.as_college())).json()
    listed = (await cluster.get("/consents", cluster.as_college())).json()["items"]
    assert [(each["id"], each["revoked_at"] is None) for each in listed] == [
        (second["id"], True),
        (first["id"], False),
    ]
    assert (await given(cluster, newer, cluster.as_firm())).status_code == 404
    assert (await given(cluster, {**newer, "id": str(new_id())}, cluster.as_college())).json()[
        "code"
    ] == "not-found"


async def test_a_paper_is_entered_by_the_member_that_keeps_it(cluster: Cluster) -> None:
    person_id = await enrolled(cluster)
    text = await published(cluster, "practice")
    newer = await published(cluster, "practice", OTHER_WORDS)
    made = await on_paper(
        cluster, person_id, text, signatory="representative", reference="Личное дело 21-07"
    )
    assert made.status_code == 201, made.text
    body = made.json()
    assert (body["manner"], body["signatory"], body["reference"]) == (
        "paper",
        "representative",
        "Личное дело 21-07",
    )
    listed = await cluster.get(f"/persons/{person_id}/consents", cluster.as_college())
    assert listed.json()["items"] == [body]
    late = await on_paper(cluster, person_id, newer, given_on=cluster.day(1))
    assert (late.status_code, late.json()["code"]) == (422, "paper-wrong")
    assert (await on_paper(cluster, new_id(), newer)).status_code == 404
    foreign = await cluster.post(
        "/consent-texts", cluster.as_firm(), purpose="practice", words=OTHER_WORDS
    )
    assert (await on_paper(cluster, person_id, foreign.json())).status_code == 404
    for path in (f"/persons/{person_id}/consents", f"/persons/{person_id}/disclosures"):
        assert (await cluster.get(path, cluster.as_firm())).status_code == 404
    revoked = await cluster.post(f"/consents/{body['id']}/revoke", cluster.as_college())
    assert revoked.json()["revoked_at"] is not None
    approver = cluster.service.as_(cluster.college, Role.APPROVER)
    assert (await cluster.post(f"/consents/{body['id']}/revoke", approver)).status_code == 404


# --- disclosures ---------------------------------------------------------------------------------


async def test_i25_no_name_crosses_without_a_consent_and_a_revoked_one_stops_it_at_once(
    cluster: Cluster,
) -> None:
    person_id = await enrolled(cluster, email="semenov@artel.demo")
    assert await names(cluster, person_id) == []
    assert await log_of(cluster, person_id) == []
    consent = (await on_paper(cluster, person_id, await published(cluster))).json()
    assert await names(cluster, person_id, new_id()) == [
        {
            "person_id": str(person_id),
            "family_name": "Семёнов",
            "given_name": "Пётр",
            "patronymic": "Ильич",
            "email": None,
            "is_own": False,
        }
    ]
    assert await names(cluster, person_id, purpose="practice") == [], "for another purpose"
    [line] = await log_of(cluster, person_id)
    assert line == {
        "id": line["id"],
        "at": line["at"],
        "to_member_id": str(cluster.firm),
        "seen_by": str(cluster.people["firm"]),
        "purpose": "name_in_dealings",
        "what": ["name"],
        "ground": "consent",
        "consent_id": consent["id"],
    }
    await cluster.post(f"/consents/{consent['id']}/revoke", cluster.as_college())
    assert await names(cluster, person_id) == []
    assert len(await log_of(cluster, person_id)) == 1


async def test_i25_a_contact_is_shown_where_the_purpose_is_contact(cluster: Cluster) -> None:
    person_id = await enrolled(cluster, email="semenov@artel.demo")
    await on_paper(cluster, person_id, await published(cluster, "contact_in_dealings"))
    [shown] = await names(cluster, person_id, purpose="contact_in_dealings")
    assert shown["email"] == "semenov@artel.demo"
    assert [line["what"] for line in await log_of(cluster, person_id)] == [["name", "email"]]


async def test_a_member_knows_its_own_people_and_nothing_is_disclosed(cluster: Cluster) -> None:
    person_id = await enrolled(cluster)
    own = await cluster.post(
        "/persons/names",
        cluster.as_college(),
        person_ids=[str(person_id)],
        purpose="name_in_dealings",
    )
    assert [each["is_own"] for each in own.json()["items"]] == [True]
    assert await log_of(cluster, person_id) == []
    for role in (Role.STUDENT, Role.ADMINISTRATOR):
        headers = cluster.service.as_(cluster.college, role)
        body = {"person_ids": [str(person_id)], "purpose": "practice"}
        assert (await cluster.post("/persons/names", headers, **body)).status_code == 403


async def test_who_sits_in_the_council_is_known_by_name_and_that_is_noted(
    cluster: Cluster,
) -> None:
    person_id = await enrolled(cluster, email="semenov@artel.demo")
    for _ in range(2):
        seat = Seat(new_id(), person_id, cluster.college, Duty.MEMBER, cluster.today, None)
        async with cluster.service.runtime.database.transaction() as tx:
            await council.take(tx, seat)
    [shown] = await names(cluster, person_id)
    assert (shown["family_name"], shown["email"]) == ("Семёнов", None)
    [line] = await log_of(cluster, person_id)
    assert (line["ground"], line["to_member_id"], line["what"]) == ("seat", None, ["name"])


async def test_whom_the_secretariat_sees_by_name_finds_that_noted(cluster: Cluster) -> None:
    path = f"/members/{cluster.college}/representatives"
    secretary = cluster.service.as_(cluster.firm, Role.COUNCIL_SECRETARY)
    own = cluster.service.as_(cluster.college, Role.COUNCIL_SECRETARY)
    for headers in (secretary, cluster.as_administrator(), own):
        seen = await cluster.get(path, headers)
        assert [each["person_id"] for each in seen.json()["items"]] == [
            str(cluster.people["college"])
        ]
    lines = (await cluster.get("/disclosures", cluster.as_college())).json()["items"]
    assert [(line["to_member_id"], line["ground"]) for line in lines] == [
        (None, "secretariat"),
        (str(cluster.firm), "secretariat"),
    ]


async def test_who_acts_for_a_second_member_is_disclosed_to_it(cluster: Cluster) -> None:
    mentor = await cluster.register("mentor", cluster.college, Role.MENTOR)
    assert await log_of(cluster, mentor) == []
    for roles in (["mentor"], ["expert"]):
        granted = await cluster.post(
            f"/accounts/{mentor}/roles",
            cluster.as_administrator(),
            member_id=str(cluster.firm),
            roles=roles,
        )
        assert granted.status_code == 200, granted.text
    [line] = await log_of(cluster, mentor)
    assert (line["to_member_id"], line["ground"]) == (str(cluster.firm), "acts_for")
    own = cluster.service.as_(cluster.college, Role.MENTOR, person_id=mentor)
    assert (await cluster.get("/disclosures", own)).json()["items"] == [line]
    with pytest.raises(asyncpg.RestrictViolationError):
        await cluster.service.sql("DELETE FROM disclosures")


async def test_what_was_consented_to_and_shown_passes_to_the_record_that_is_kept(
    cluster: Cluster,
) -> None:
    kept, double = await enrolled(cluster), await enrolled(cluster)
    text, other = await published(cluster), await published(cluster, "practice")
    own = (await on_paper(cluster, kept, text)).json()
    await on_paper(cluster, double, text)
    passing = (await on_paper(cluster, double, other)).json()
    assert len(await names(cluster, double)) == 1
    await cluster.post(
        "/persons/merge", cluster.as_college(), kept_id=str(kept), merged_id=str(double)
    )
    listed = await cluster.get(f"/persons/{kept}/consents", cluster.as_college())
    assert [each["id"] for each in listed.json()["items"]] == [passing["id"], own["id"]]
    [shown] = await names(cluster, double, purpose="practice")
    assert shown["person_id"] == str(double), "by the id that was asked for"
    pages = await cluster.get(f"/persons/{kept}/disclosures?limit=1", cluster.as_college())
    cursor = pages.json()["next_cursor"]
    rest = await cluster.get(
        f"/persons/{kept}/disclosures?limit=1&cursor={cursor}", cluster.as_college()
    )
    assert [each["purpose"] for each in (pages.json()["items"] + rest.json()["items"])] == [
        "practice",
        "name_in_dealings",
    ]
