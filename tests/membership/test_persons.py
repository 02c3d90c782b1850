"""Persons and their affiliations: through HTTP, on a real PostgreSQL."""

import json
from datetime import date, timedelta
from typing import Any

import asyncpg
import pytest

from services.membership.domain.persons import (
    AHEAD_MAX,
    AffiliationStatus,
    TermIsWrong,
    check_term,
    status_of_affiliation,
)
from shared.identity import Role
from shared.ids import new_id
from tests.membership.cluster import API, Cluster
from tests.membership.persons import SINCE, added, enrolled, student

EVENTS = ("membership.affiliation.begun.v1", "membership.affiliation.ended.v1")


async def told(cluster: Cluster) -> list[tuple[str, dict[str, Any]]]:
    rows = await cluster.service.told(*EVENTS)
    return [(row["subject"].split(".")[2], json.loads(row["body"])) for row in rows]


async def put(cluster: Cluster, path: str, headers: dict[str, str], **body: Any) -> Any:
    return await cluster.service.client.put(f"{API}{path}", headers=headers, json=body)


# --- rules ---------------------------------------------------------------------------------------


def test_both_days_of_an_affiliation_belong_to_it() -> None:
    first, last = date(2026, 9, 1), date(2026, 9, 30)
    for today, status in (
        (date(2026, 8, 31), AffiliationStatus.FUTURE),
        (first, AffiliationStatus.CURRENT),
        (last, AffiliationStatus.CURRENT),
        (date(2026, 10, 1), AffiliationStatus.ENDED),
    ):
        assert status_of_affiliation(first, last, today) is status
    assert status_of_affiliation(first, None, date(2099, 1, 1)) is AffiliationStatus.CURRENT


def test_an_affiliation_begins_within_a_year_and_ends_after_it_began() -> None:
    today = date(2026, 9, 1)
    check_term(today + AHEAD_MAX, None, today)
    check_term(today, today, today)
    with pytest.raises(TermIsWrong):
        check_term(today + AHEAD_MAX + timedelta(days=1), None, today)
    with pytest.raises(TermIsWrong):
        check_term(today, date(2026, 8, 31), today)


# --- adding --------------------------------------------------------------------------------------


async def test_a_coordinator_enters_a_student_with_days_and_a_group(cluster: Cluster) -> None:
    made = await added(cluster, student())
    assert made == {
        "id": made["id"],
        "person_id": made["person_id"],
        "member_id": str(cluster.college),
        "kind": "student",
        "unit": "ОС-21",
        "from_on": SINCE,
        "to_on": None,
        "status": made["status"],
        "version": 1,
    }
    read = await cluster.get(f"/persons/{made['person_id']}", cluster.as_college())
    assert read.json() == {
        "person_id": made["person_id"],
        "family_name": "Семёнов",
        "given_name": "Пётр",
        "patronymic": "Ильич",
        "email": None,
        "has_account": False,
        "roles": [],
        "affiliations": [made],
        "version": 1,
    }
    assert await told(cluster) == [
        (
            "begun",
            {
                "affiliation_id": made["id"],
                "person_id": made["person_id"],
                "member_id": str(cluster.college),
                "kind": "student",
                "from_on": SINCE,
                "to_on": None,
            },
        )
    ]


async def test_without_days_an_affiliation_begins_today(cluster: Cluster) -> None:
    made = await added(cluster, student(affiliation={"kind": "teacher"}))
    assert (made["from_on"], made["status"]) == (cluster.day(0), "current")


async def test_no_name_of_a_person_is_told_noted_kept_or_part_of_a_cursor(
    cluster: Cluster,
) -> None:
    headers = {**cluster.as_college(), "Idempotency-Key": "x"}
    assert (
        await cluster.post("/persons", headers, **student(email="semenov@artel.demo"))
    ).status_code == 201
    await enrolled(cluster, given_name="Олег")
    for path in ("/persons?limit=1", None):
        found = (
            await cluster.get(path, cluster.as_college())
            if path
            else await cluster.post("/persons/search", cluster.as_college(), q="семенов", limit=1)
        )
        assert found.json()["next_cursor"]
        for text in (
            await cluster.service.sql("SELECT outbox::text AS row FROM outbox"),
            await cluster.service.sql("SELECT audit::text AS row FROM audit"),
            await cluster.service.sql("SELECT convert_from(body, 'UTF8') AS row FROM idempotency"),
            [{"row": found.json()["next_cursor"]}],
        ):
            assert text
            written = " ".join(row["row"] for row in text).lower()
            assert not [word for word in ("semenov", "семёнов", "пётр", "@") if word in written]


async def test_one_person_belongs_to_several_members_by_one_id(cluster: Cluster) -> None:
    email = "expert@artel.demo"
    first = await added(cluster, student(email=email))
    other = student(
        email="Expert@artel.demo", family_name="СЕМЕНОВ", affiliation={"kind": "expert"}
    )
    second = await added(cluster, other, cluster.as_university())
    assert second["person_id"] == first["person_id"]
    assert second["member_id"] == str(cluster.university)
    seen = await cluster.get(f"/persons/{first['person_id']}", cluster.as_university())
    assert [each["kind"] for each in seen.json()["affiliations"]] == ["expert"], "only its own"
    stranger = await added(cluster, student(email=email, family_name="Сомов"), cluster.as_firm())
    assert stranger["person_id"] != first["person_id"], "an e-mail alone makes nobody the same"


async def test_who_has_an_account_is_known_by_its_address(cluster: Cluster) -> None:
    body = student(
        family_name="Иванова",
        given_name="Анна",
        patronymic=None,
        email="college@artel.demo",
        affiliation={"kind": "representative"},
    )
    made = await added(cluster, body)
    assert made["person_id"] == str(cluster.people["college"])
    own = (await cluster.get("/persons/current", cluster.as_college())).json()
    assert (own["has_account"], own["roles"]) == (True, ["coordinator"])
    assert [each["kind"] for each in own["affiliations"]] == ["representative"]


async def test_nobody_belongs_twice_in_one_way_on_one_day(cluster: Cluster) -> None:
    person_id = await enrolled(cluster)
    path = f"/persons/{person_id}/affiliations"
    twice = await cluster.post(path, cluster.as_college(), kind="student", from_on=cluster.day(3))
    assert (twice.status_code, twice.json()["code"]) == (409, "affiliation-overlaps")
    also = await cluster.post(path, cluster.as_college(), kind="mentor", from_on=cluster.day(3))
    assert (also.status_code, also.json()["status"]) == (201, "future")


@pytest.mark.parametrize(
    ("affiliation", "at"),
    [
        ({"from_on": "2026-09-02", "to_on": "2026-09-01"}, "body.to_on"),
        ({"from_on": "2190-01-01"}, "body.from_on"),
        ({"kind": "guest"}, "body.affiliation.kind"),
    ],
)
async def test_days_that_cannot_be_are_422_beside_the_field(
    cluster: Cluster, affiliation: dict[str, str], at: str
) -> None:
    body = student(affiliation={"kind": "student", **affiliation})
    refused = await cluster.post("/persons", cluster.as_college(), **body)
    assert refused.status_code == 422
    assert [error["at"] for error in refused.json()["errors"]] == [at]
    assert await told(cluster) == []


# --- changing and ending -------------------------------------------------------------------------


async def test_days_are_changed_until_the_affiliation_is_over(cluster: Cluster) -> None:
    made = await added(cluster, student())
    path = f"/affiliations/{made['id']}"
    tag = {"If-Match": '"1"'}
    changed = await put(
        cluster,
        path,
        {**cluster.as_college(), **tag},
        unit="ОС-31",
        from_on=SINCE,
        to_on=cluster.day(1),
    )
    assert changed.status_code == 200, changed.text
    assert (changed.json()["unit"], changed.json()["to_on"]) == ("ОС-31", cluster.day(1))
    stale = await put(cluster, path, {**cluster.as_college(), **tag}, from_on=SINCE)
    assert stale.status_code == 412
    cluster.service.clock.pass_(days=2)
    over = await put(cluster, path, cluster.as_college(), from_on=SINCE)
    assert (over.status_code, over.json()["code"]) == (409, "affiliation-over")
    again = await cluster.post(
        f"/persons/{made['person_id']}/affiliations", cluster.as_college(), kind="student"
    )
    assert again.status_code == 201


async def test_changed_days_run_into_no_other_affiliation(cluster: Cluster) -> None:
    made = await added(cluster, student(affiliation={"kind": "student", "to_on": cluster.day(3)}))
    later = await cluster.post(
        f"/persons/{made['person_id']}/affiliations",
        cluster.as_college(),
        kind="student",
        from_on=cluster.day(4),
    )
    assert later.status_code == 201
    refused = await put(
        cluster, f"/affiliations/{made['id']}", cluster.as_college(), from_on=cluster.day(0)
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "affiliation-overlaps")


async def test_the_end_is_told_once_when_the_last_day_has_passed(cluster: Cluster) -> None:
    made = await added(cluster, student())
    ended = await cluster.post(
        f"/affiliations/{made['id']}/end", cluster.as_college(), last_on=cluster.day(0)
    )
    assert (ended.status_code, ended.json()["status"]) == (200, "current"), "today still belongs"
    await cluster.service.due()
    assert [kind for kind, _ in await told(cluster)] == ["begun", "begun"]
    last_on = cluster.day(0)
    cluster.service.clock.pass_(days=1)
    for _ in range(2):
        await cluster.service.due()
    (kind, body) = (await told(cluster))[-1]
    assert (kind, body["last_on"], len(await told(cluster))) == ("ended", last_on, 3)


async def test_an_end_in_the_past_is_told_at_once(cluster: Cluster) -> None:
    made = await added(cluster, student(affiliation={"kind": "student", "from_on": "2025-09-01"}))
    ended = await cluster.post(
        f"/affiliations/{made['id']}/end", cluster.as_college(), last_on="2025-12-31"
    )
    assert (ended.status_code, ended.json()["status"]) == (200, "ended")
    assert [kind for kind, _ in await told(cluster)] == ["begun", "begun", "ended"]


# --- looking -------------------------------------------------------------------------------------


async def test_persons_are_listed_by_name_page_by_page(cluster: Cluster) -> None:
    for family_name in ("Ёлкин", "Яшин", "Ежов", "Абрамов"):
        await enrolled(cluster, family_name=family_name)
    seen: list[str] = []
    cursor = ""
    while True:
        page = (await cluster.get(f"/persons?limit=2{cursor}", cluster.as_college())).json()
        seen += [each["family_name"] for each in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == ["Абрамов", "Ежов", "Ёлкин", "Иванова", "Яшин"]


async def test_persons_are_found_by_letters_of_the_name_kind_status_and_address(
    cluster: Cluster,
) -> None:
    await enrolled(cluster)
    await enrolled(cluster, family_name="Орлов", email="orlov@artel.demo")
    ended = await added(cluster, student(family_name="Белов", affiliation={"kind": "teacher"}))
    await cluster.post(
        f"/affiliations/{ended['id']}/end", cluster.as_college(), last_on=cluster.day(0)
    )
    cluster.service.clock.pass_(days=1)

    async def found(**wanted: Any) -> list[str]:
        answer = await cluster.post("/persons/search", cluster.as_college(), **wanted)
        assert answer.status_code == 200, answer.text
        return [each["family_name"] for each in answer.json()["items"]]

    assert await found(q="СЕМЕНОВ петр") == ["Семёнов"]
    assert await found(q="Orlov@artel.demo") == ["Орлов"]
    assert await found(q="college@artel.demo") == ["Иванова"]
    assert await found(q="белов", kind="student") == []
    assert await found(q="белов", status="ended") == ["Белов"]
    for query, names in (
        ("kind=student&status=current", ["Орлов", "Семёнов"]),
        ("kind=teacher&status=current", []),
        ("kind=teacher", ["Белов"]),
    ):
        read = await cluster.get(f"/persons?{query}", cluster.as_college())
        assert [each["family_name"] for each in read.json()["items"]] == names


async def test_names_are_seen_inside_the_member_alone(cluster: Cluster) -> None:
    made = await added(cluster, student())
    person_id = made["person_id"]
    for headers in (cluster.as_firm(), cluster.as_university()):
        assert (await cluster.get(f"/persons/{person_id}", headers)).status_code == 404
        name = {"family_name": "Чужой", "given_name": "Ч"}
        assert (await put(cluster, f"/persons/{person_id}", headers, **name)).status_code == 404
        path = f"/affiliations/{made['id']}"
        assert (await put(cluster, path, headers, from_on=SINCE)).status_code == 404
        assert (await cluster.post(f"{path}/end", headers, last_on=SINCE)).status_code == 404
        listed = (await cluster.get("/persons", headers)).json()["items"]
        assert person_id not in {each["person_id"] for each in listed}
    administrator = cluster.as_administrator()
    assert (await cluster.get("/persons", administrator)).status_code == 403
    assert (await cluster.get(f"/persons/{person_id}", administrator)).status_code == 404
    for role in set(Role) - {Role.COORDINATOR, Role.ADMINISTRATOR}:
        headers = cluster.service.as_(cluster.college, role)
        assert (await cluster.get("/persons", headers)).status_code == 403


async def test_a_name_is_corrected_by_the_only_member_and_by_oneself(cluster: Cluster) -> None:
    person_id = await enrolled(cluster, email="semenov@artel.demo")
    name = {"family_name": "Семёнов", "given_name": "Павел", "email": "pavel@artel.demo"}
    path = f"/persons/{person_id}"
    corrected = await put(cluster, path, cluster.as_college(), **name)
    assert corrected.status_code == 200, corrected.text
    assert (corrected.json()["given_name"], corrected.json()["patronymic"]) == ("Павел", None)
    assert (corrected.json()["email"], corrected.json()["version"]) == ("pavel@artel.demo", 2)
    stale = await put(cluster, path, {**cluster.as_college(), "If-Match": '"1"'}, **name)
    assert stale.status_code == 412

    joint = student(given_name="Павел", patronymic=None, email="pavel@artel.demo")
    assert (await added(cluster, joint, cluster.as_firm()))["person_id"] == str(person_id)
    refused = await put(cluster, path, cluster.as_college(), **name)
    assert (refused.status_code, refused.json()["code"]) == (409, "person-known-elsewhere")
    own = await put(
        cluster, "/persons/current", cluster.as_college(), family_name="Ли", given_name="Анна"
    )
    assert (own.status_code, own.json()["family_name"]) == (200, "Ли")
    nobody = cluster.service.as_(cluster.college, Role.STUDENT, person_id=new_id())
    assert (await cluster.get("/persons/current", nobody)).status_code == 404
    unknown = await put(cluster, "/persons/current", nobody, family_name="Ли", given_name="А")
    assert unknown.status_code == 404


async def test_the_log_of_a_member_tells_who_belongs_to_it(cluster: Cluster) -> None:
    await enrolled(cluster)
    read = await cluster.get(f"/members/{cluster.college}/log", cluster.as_college())
    assert read.json()["items"][0]["action"] == "affiliation.begun"
    other = await cluster.get(f"/members/{cluster.firm}/log", cluster.as_firm())
    assert "affiliation.begun" not in {line["action"] for line in other.json()["items"]}


async def test_an_affiliation_is_never_deleted(cluster: Cluster) -> None:
    await enrolled(cluster)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await cluster.service.runtime.database.fetch("DELETE FROM affiliations")
