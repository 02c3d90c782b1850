"""One's own data: all of them given out, and erased but for what stays by id."""

import json
from typing import Any
from uuid import UUID

import pytest

from services.membership.domain.erasure import (
    OnlyThePersonErases,
    RolesAreNotHandedOver,
    StillBelongs,
    require_may_erase,
    require_no_account,
)
from shared.identity import Role
from shared.ids import new_id
from tests.membership.cluster import PASSWORD, Cluster
from tests.membership.letters import letters, newest_token
from tests.membership.persons import added, enrolled, student

OVER = {"kind": "student", "unit": "ОС-21", "from_on": "2025-09-01", "to_on": "2026-01-31"}


async def ask(cluster: Cluster, headers: dict[str, str], password: str = PASSWORD) -> Any:
    return await cluster.post("/erasures", headers, password=password)


async def mentor_of(cluster: Cluster) -> tuple[UUID, dict[str, str]]:
    person_id = await cluster.register("mentor", cluster.college, Role.MENTOR)
    headers = cluster.service.as_(cluster.college, Role.MENTOR, person_id=person_id)
    return person_id, headers


# --- rules ---------------------------------------------------------------------------------------


def test_what_nobody_else_does_is_handed_over_before() -> None:
    member_id = new_id()
    for held, last_at, has_seat in (
        ({member_id: frozenset({Role.COORDINATOR})}, [member_id], False),
        ({member_id: frozenset({Role.COUNCIL_HEAD})}, [], False),
        ({None: frozenset({Role.ADMINISTRATOR})}, [], False),
        ({}, [], True),
    ):
        with pytest.raises(RolesAreNotHandedOver):
            require_may_erase(held, last_at, has_seat=has_seat, belongs=False)
    plain = {member_id: frozenset({Role.COORDINATOR, Role.MENTOR})}
    require_may_erase(plain, [], has_seat=False, belongs=False)
    with pytest.raises(StillBelongs):
        require_may_erase(plain, [], has_seat=False, belongs=True)
    with pytest.raises(OnlyThePersonErases):
        require_no_account(True)


# --- all of one's data ---------------------------------------------------------------------------


async def test_i_am_given_all_that_is_held_of_me_and_nothing_of_others(cluster: Cluster) -> None:
    await cluster.active()
    await cluster.sign_in("college")
    body = {"kind": "representative", "from_on": cluster.day(0)}
    path = f"/persons/{cluster.people['college']}/affiliations"
    assert (await cluster.post(path, cluster.as_college(), **body)).status_code == 201
    await enrolled(cluster)
    given = await cluster.post("/persons/current/export", cluster.as_college())
    assert given.status_code == 200, given.text
    data = given.json()
    assert data["person"]["email"] == "college@artel.demo"
    assert [each["kind"] for each in data["person"]["affiliations"]] == ["representative"]
    assert [each["role"] for each in data["roles"]] == ["coordinator"]
    assert len(data["signatures"]) == len(data["sessions"]) == 1
    assert (data["consents"], data["disclosures"], data["earlier_ids"]) == ([], [], [])
    assert "Семёнов" not in given.text
    [noted] = await cluster.service.sql("SELECT * FROM audit WHERE action = 'person.exported'")
    assert noted["object_id"] == cluster.people["college"]


async def test_i_see_what_i_did_page_by_page_and_nobody_elses_deeds(cluster: Cluster) -> None:
    await cluster.active()
    await enrolled(cluster)
    seen: list[str] = []
    cursor = ""
    while True:
        page = (await cluster.get(f"/deeds?limit=1{cursor}", cluster.as_college())).json()
        seen += [each["action"] for each in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert seen[:2] == ["affiliation.begun", "person.registered"]
    assert "agreement.activated" in seen
    assert "agreement.made" not in seen, "the firm made it"


# --- erasure by oneself --------------------------------------------------------------------------


async def test_i_am_erased_by_the_letters_link_and_stay_as_an_id(cluster: Cluster) -> None:
    person_id, headers = await mentor_of(cluster)
    await added(cluster, mentored := student(affiliation=OVER))
    assert mentored
    await cluster.sign_in("mentor")
    wrong = await ask(cluster, headers, "not it")
    assert wrong.json()["errors"][0]["at"] == "body.password"
    for _ in range(2):
        assert (await ask(cluster, headers)).status_code == 204
    assert len(await letters(cluster, "erase_data")) == 1
    token = await newest_token(cluster, "erase_data")
    confirmed = await cluster.post("/erasures/confirm", token=token)
    assert confirmed.status_code == 204, confirmed.text
    again = await cluster.post("/erasures/confirm", token=token)
    assert again.json()["code"] == "link-over"

    told = [
        (row["subject"], json.loads(row["body"]))
        for row in await cluster.service.told(
            "membership.roles.granted.v1", "membership.person.erased.v1"
        )
        if row["aggregate_id"] == person_id
    ]
    assert [subject.split(".")[2] for subject, _ in told] == ["granted", "granted", "erased"]
    assert told[1][1]["roles"] == []
    everything = await cluster.service.sql(
        "SELECT persons::text AS row FROM persons WHERE id = $1"
        " UNION ALL SELECT accounts::text FROM accounts WHERE person_id = $1"
        " UNION ALL SELECT letters::text FROM letters",
        person_id,
    )
    written = " ".join(row["row"] for row in everything)
    assert "mentor@artel.demo" not in written
    assert "Иванова" not in written
    assert (await cluster.sign_in("mentor")).status_code == 401
    as_id = await cluster.post("/sessions", email=f"{person_id}@erased.invalid", password=PASSWORD)
    assert as_id.status_code == 401
    assert (await cluster.get("/persons/current", headers)).status_code == 404
    assert (await ask(cluster, headers)).status_code == 401
    assert (await cluster.get(f"/persons/{person_id}", cluster.as_college())).status_code == 404
    for path in ("/accounts", "/persons"):
        listed = (await cluster.get(path, cluster.as_college())).json()["items"]
        assert str(person_id) not in {each["person_id"] for each in listed}
    read = await cluster.get(f"/members/{cluster.college}/log", cluster.as_college())
    assert str(person_id) in read.text, "what was done stays, by id"


async def test_who_is_the_last_coordinator_or_runs_the_platform_stays(cluster: Cluster) -> None:
    for headers, roles in (
        (cluster.as_college(), ["coordinator"]),
        (cluster.as_administrator(), ["administrator"]),
    ):
        refused = await ask(cluster, headers)
        assert (refused.status_code, refused.json()["code"]) == (409, "roles-not-handed-over")
        assert refused.json()["roles"] == roles
    await cluster.register("deputy", cluster.college, Role.COORDINATOR)
    assert (await ask(cluster, cluster.as_college())).status_code == 204


async def test_who_sits_in_the_council_or_belongs_to_a_member_stays(cluster: Cluster) -> None:
    person_id, headers = await mentor_of(cluster)
    path = f"/persons/{person_id}/affiliations"
    body = {"kind": "mentor", "from_on": cluster.day(-5), "to_on": cluster.day(0)}
    assert (await cluster.post(path, cluster.as_college(), **body)).status_code == 201
    refused = await ask(cluster, headers)
    assert (refused.status_code, refused.json()["code"]) == (409, "still-belongs")
    cluster.service.clock.pass_(days=1)
    headers = cluster.service.as_(cluster.college, Role.MENTOR, person_id=person_id)
    assert (await ask(cluster, headers)).status_code == 204
    await cluster.service.sql(
        "INSERT INTO seats (seat_id, person_id, from_on, member_id, duty)"
        " VALUES ($1, $2, $3, $4, 'member')",
        new_id(),
        person_id,
        cluster.today,
        cluster.college,
    )
    token = await newest_token(cluster, "erase_data")
    refused = await cluster.post("/erasures/confirm", token=token)
    assert refused.json()["code"] == "roles-not-handed-over"
    assert refused.json()["roles"] == ["council_member"]


# --- erasure by the member -----------------------------------------------------------------------


async def test_a_member_erases_who_asks_for_it_and_cannot_sign_in(cluster: Cluster) -> None:
    made = await added(cluster, student(email="s@artel.demo", affiliation=OVER))
    person_id = made["person_id"]
    double = (await added(cluster, student(affiliation={**OVER, "kind": "mentor"})))["person_id"]
    await cluster.post("/persons/merge", cluster.as_college(), kept_id=person_id, merged_id=double)
    words = "Я согласен, что колледж называет моё имя тем, с кем ведёт общие дела."
    text = (
        await cluster.post("/consent-texts", cluster.as_college(), purpose="practice", words=words)
    ).json()
    paper = {"text_id": text["id"], "sha256": text["sha256"], "given_on": "2025-09-01"}
    path = f"/persons/{person_id}"
    given = await cluster.post(
        f"{path}/consents", cluster.as_college(), **paper, reference="Дело Семёнова"
    )
    assert given.status_code == 201, given.text
    assert (await cluster.post(f"{path}/erase", cluster.as_firm())).status_code == 404
    erased = await cluster.post(f"{path}/erase", cluster.as_college())
    assert erased.status_code == 204, erased.text
    rows = await cluster.service.sql(
        "SELECT persons::text AS row FROM persons UNION ALL SELECT consents::text FROM consents"
        " UNION ALL SELECT affiliations::text FROM affiliations"
    )
    written = " ".join(row["row"] for row in rows)
    assert not [word for word in ("Семёнов", "s@artel.demo", "ОС-21") if word in written]
    [consent] = await cluster.service.sql("SELECT * FROM consents")
    assert consent["revoked_at"] is not None
    told = len(await cluster.service.told())
    assert (await cluster.post(f"{path}/erase", cluster.as_college())).status_code == 204
    assert len(await cluster.service.told()) == told, "once more is nothing"
    assert (await cluster.get(path, cluster.as_college())).status_code == 404
    asked = await cluster.post(
        "/persons/names", cluster.as_college(), person_ids=[person_id], purpose="practice"
    )
    assert asked.json()["items"] == []
    doubles = await cluster.get("/persons/doubles", cluster.as_college())
    assert doubles.json()["items"] == []


async def test_whom_a_member_does_not_erase(cluster: Cluster) -> None:
    current = await enrolled(cluster)
    with_account, _ = await mentor_of(cluster)
    shared = (await added(cluster, student(email="j@artel.demo", affiliation=OVER)))["person_id"]
    await added(cluster, student(email="j@artel.demo"), cluster.as_firm())
    for person_id, code in (
        (current, "still-belongs"),
        (with_account, "only-the-person"),
        (shared, "person-known-elsewhere"),
    ):
        refused = await cluster.post(f"/persons/{person_id}/erase", cluster.as_college())
        assert (refused.status_code, refused.json()["code"]) == (409, code)
