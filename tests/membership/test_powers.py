"""Who signs for a member by what paper, and handing over when somebody leaves."""

import json
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.membership.domain.powers import (
    Paper,
    PowerIsWrong,
    PowerKind,
    check_follower,
    check_paper,
    is_required,
    require_power,
)
from shared.identity import Role
from shared.ids import new_id
from tests.membership.cluster import API, Cluster, agreement

DAY = date(2027, 3, 1)
ATTORNEY = Paper(PowerKind.POWER_OF_ATTORNEY, "12-Д", DAY, DAY, date(2028, 1, 31))
CHARTER = Paper(PowerKind.CHARTER, None, None, DAY, None)


def paper(cluster: Cluster, **other: Any) -> dict[str, Any]:
    """A power of attorney from today on for 100 days, as a body."""
    return {
        "kind": "power_of_attorney",
        "number": "12-Д",
        "issued_on": cluster.day(0),
        "valid_from": cluster.day(0),
        "valid_to": cluster.day(99),
        **other,
    }


async def record(cluster: Cluster, person: str = "college", **other: Any) -> str:
    """Puts a power of one of the college's people on record; its id."""
    body = paper(cluster, person_id=str(cluster.people[person]), **other)
    recorded = await cluster.post("/powers", cluster.as_college(), **body)
    assert recorded.status_code == 201, recorded.text
    power_id: str = recorded.json()["id"]
    return power_id


async def ask_for_powers(cluster: Cluster, since: str | None, person: str = "college") -> Any:
    headers = cluster.service.as_(
        cluster.college, Role.COORDINATOR, person_id=cluster.people[person]
    )
    path = f"{API}/members/{cluster.college}/signing-rule"
    return await cluster.service.client.put(
        path, headers=headers, json={"powers_required_from": since}
    )


async def sign_something(cluster: Cluster, person: str = "college") -> httpx.Response:
    """An agreement of the college with the university, made by one of the college's people."""
    headers = cluster.service.as_(
        cluster.college, Role.COORDINATOR, person_id=cluster.people[person]
    )
    parties = [str(cluster.college), str(cluster.university)]
    return await cluster.post("/agreements", headers, **agreement(cluster) | {"party_ids": parties})


# --- the paper -----------------------------------------------------------------------------------


def test_a_power_of_attorney_without_a_term_is_good_for_a_year_from_its_date() -> None:
    checked = check_paper(Paper(PowerKind.POWER_OF_ATTORNEY, "1", DAY, DAY, None))
    assert checked.valid_to == date(2028, 2, 29)
    assert check_paper(CHARTER).valid_to is None


@pytest.mark.parametrize(
    ("wrong", "at"),
    [
        (Paper(PowerKind.POWER_OF_ATTORNEY, None, DAY, DAY, None), "body.number"),
        (Paper(PowerKind.POWER_OF_ATTORNEY, "1", None, DAY, None), "body.issued_on"),
        (Paper(PowerKind.CHARTER, "1", None, DAY, None), "body.number"),
        (Paper(PowerKind.CHARTER, None, DAY, DAY - timedelta(days=1), None), "body.valid_from"),
        (Paper(PowerKind.CHARTER, None, None, DAY, DAY - timedelta(days=1)), "body.valid_to"),
        (Paper(PowerKind.CHARTER, None, None, DAY, date(2037, 3, 2)), "body.valid_to"),
    ],
)
def test_a_paper_that_gives_no_powers_is_refused_beside_its_field(wrong: Paper, at: str) -> None:
    with pytest.raises(PowerIsWrong) as refused:
        check_paper(wrong)
    assert refused.value.facts["errors"][0]["at"] == at


def test_the_follower_signs_by_a_paper_that_is_good_on_the_day() -> None:
    assert check_follower(ATTORNEY, DAY) is ATTORNEY
    for day in (DAY - timedelta(days=1), date(2028, 2, 1)):
        with pytest.raises(PowerIsWrong):
            check_follower(ATTORNEY, day)
    require_power(leaver_signs=True, follower_signs=True, named=None)
    require_power(leaver_signs=False, follower_signs=False, named=None)


def test_powers_are_asked_for_from_the_day_of_the_rule_on() -> None:
    assert not is_required(None, DAY)
    assert not is_required(DAY, DAY - timedelta(days=1))
    assert is_required(DAY, DAY)


# --- on record -----------------------------------------------------------------------------------


async def test_powers_are_recorded_for_own_people_and_seen_by_them(cluster: Cluster) -> None:
    first = await record(cluster)
    second = await record(cluster, kind="charter", number=None, issued_on=None, valid_to=None)
    mentor = cluster.service.as_(cluster.college, Role.MENTOR)
    page = (await cluster.get("/powers?limit=1", mentor)).json()
    assert [item["id"] for item in page["items"]] == [second]
    rest = (await cluster.get(f"/powers?cursor={page['next_cursor']}", mentor)).json()
    [seen] = rest["items"]
    assert (seen["id"], seen["number"], seen["is_valid"]) == (first, "12-Д", True)
    assert (await cluster.get("/powers", cluster.as_firm())).json()["items"] == []
    for person_id in (cluster.people["firm"], new_id()):
        body = paper(cluster, person_id=str(person_id))
        refused = await cluster.post("/powers", cluster.as_college(), **body)
        assert refused.status_code == 404
    log = await cluster.get(f"/members/{cluster.college}/log", cluster.as_college())
    lines = [line for line in log.json()["items"] if line["action"] == "power.recorded"]
    assert len(lines) == 2
    assert "12-Д" not in json.dumps(lines, ensure_ascii=False)


async def test_powers_are_revoked_once_by_own_coordinators(cluster: Cluster) -> None:
    power = await record(cluster)
    path = f"/powers/{power}/revoke"
    assert (await cluster.post(path, cluster.as_firm())).status_code == 404
    revoked = await cluster.post(path, cluster.as_college())
    assert revoked.json()["is_valid"] is False
    again = await cluster.post(path, cluster.as_college())
    assert (again.status_code, again.json()["code"]) == (409, "wrong-status")  # PowerIsOver
    old = await record(cluster)
    cluster.service.clock.pass_(days=100)
    late = await cluster.post(f"/powers/{old}/revoke", cluster.as_college())
    assert late.json()["code"] == "wrong-status"


# --- the rule ------------------------------------------------------------------------------------


async def test_r1_2_without_a_rule_coordinators_sign_as_before(cluster: Cluster) -> None:
    path = f"/members/{cluster.college}/signing-rule"
    rule = (await cluster.get(path, cluster.as_college())).json()
    assert rule == {"powers_required_from": None, "is_required": False, "may_sign": True}
    assert (await cluster.get(path, cluster.as_firm())).status_code == 404
    assert (await sign_something(cluster)).status_code == 201


async def test_r1_2_from_the_day_of_the_rule_on_only_powers_sign(cluster: Cluster) -> None:
    await cluster.register("second", cluster.college, Role.COORDINATOR)
    waiting = (await cluster.make()).json()["id"]
    await record(cluster)
    assert (await ask_for_powers(cluster, cluster.day(1))).status_code == 200
    assert (await sign_something(cluster, "second")).status_code == 201, "not yet"
    cluster.service.clock.pass_(days=1)
    assert (await sign_something(cluster)).status_code == 201
    as_second = cluster.service.as_(
        cluster.college, Role.COORDINATOR, person_id=cluster.people["second"]
    )
    rule = await cluster.get(f"/members/{cluster.college}/signing-rule", as_second)
    assert (rule.json()["is_required"], rule.json()["may_sign"]) == (True, False)
    for refused in (
        await sign_something(cluster, "second"),
        await cluster.post(f"/agreements/{waiting}/sign", as_second),
        await cluster.post(
            f"/members/{cluster.college}/withdraw", as_second, effective_on=cluster.day(9)
        ),
    ):
        assert (refused.status_code, refused.json()["code"]) == (409, "may-not-sign")
    signed = await cluster.post(f"/agreements/{waiting}/sign", cluster.as_college())
    assert signed.status_code == 200
    cluster.service.clock.pass_(days=99)
    late = await sign_something(cluster)
    assert late.json()["code"] == "may-not-sign", "the paper's term is over"
    assert (await record(cluster)) is not None, "nobody is locked out"
    assert (await sign_something(cluster)).status_code == 201


async def test_a_rule_by_which_nobody_could_sign_is_refused(cluster: Cluster) -> None:
    for since, code in ((cluster.day(0), "nobody-may-sign"), (cluster.day(-1), "invalid")):
        assert (await ask_for_powers(cluster, since)).json()["code"] == code  # RuleReachesBack
    await record(cluster)
    late = await ask_for_powers(cluster, cluster.day(100))
    assert late.json()["code"] == "nobody-may-sign"
    assert (await ask_for_powers(cluster, cluster.day(0))).status_code == 200
    assert (await ask_for_powers(cluster, cluster.day(0))).status_code == 200, "the same again"


async def test_a_rule_in_force_is_loosened_by_one_who_may_sign_alone(cluster: Cluster) -> None:
    await cluster.register("second", cluster.college, Role.COORDINATOR)
    await record(cluster)
    await ask_for_powers(cluster, cluster.day(0))
    for since in (None, cluster.day(5)):
        refused = await ask_for_powers(cluster, since, "second")
        assert (refused.status_code, refused.json()["code"]) == (409, "may-not-sign")
    loosened = await ask_for_powers(cluster, None)
    assert loosened.json()["powers_required_from"] is None


# --- handing over --------------------------------------------------------------------------------


async def hand_over(cluster: Cluster, **other: Any) -> httpx.Response:
    """The college's coordinator hands over to the mentor today, unless told otherwise."""
    body = {
        "from_person_id": str(cluster.people["college"]),
        "to_person_id": str(cluster.people["mentor"]),
        "from_on": cluster.day(0),
        **other,
    }
    return await cluster.post("/handovers", cluster.as_college(), **body)


async def roles_of(cluster: Cluster, person: str) -> list[str]:
    roles: list[str] = (await cluster.sign_in(person)).json()["roles"]
    return roles


async def test_all_that_one_does_goes_to_another_in_one_act(cluster: Cluster) -> None:
    await cluster.register("mentor", cluster.college, Role.MENTOR)
    done = await hand_over(cluster)
    assert (done.status_code, done.json()["outcome"]) == (201, "done")
    assert await roles_of(cluster, "mentor") == ["coordinator", "mentor"]
    assert await roles_of(cluster, "college") == []
    told = [json.loads(row["body"]) for row in await cluster.service.told()][-2:]
    assert [each["roles"] for each in told] == [["coordinator", "mentor"], []]
    late = await cluster.post(f"/handovers/{done.json()['id']}/call-off", cluster.as_college())
    assert (late.status_code, late.json()["code"]) == (409, "wrong-status")  # HandoverIsOver


async def test_powers_end_on_the_eve_and_the_follower_signs_by_an_own_paper(
    cluster: Cluster,
) -> None:
    await cluster.register("mentor", cluster.college, Role.MENTOR)
    power = await record(cluster)
    await record(cluster, valid_from=cluster.day(20))
    await ask_for_powers(cluster, cluster.day(0))
    bare = await hand_over(cluster, from_on=cluster.day(10))
    assert bare.json()["errors"][0]["at"] == "body.power"  # PowersAreNeeded
    early = paper(cluster, number="13-Д", valid_to=cluster.day(5))
    wrong = await hand_over(cluster, from_on=cluster.day(10), power=early)
    assert wrong.json()["errors"][0]["at"] == "body.power.valid_to"
    own = paper(cluster, number="13-Д", valid_from=cluster.day(10))
    planned = await hand_over(cluster, from_on=cluster.day(10), power=own)
    assert (planned.status_code, planned.json()["outcome"]) == (201, None)
    twice = await hand_over(cluster, from_on=cluster.day(11), power=own)
    assert (twice.status_code, twice.json()["code"]) == (409, "handover-planned")
    cluster.service.clock.pass_(days=9)
    await cluster.service.due()
    assert (await sign_something(cluster)).status_code == 201, "the last day"
    cluster.service.clock.pass_(days=1)
    await cluster.service.due()
    assert (await sign_something(cluster, "mentor")).status_code == 201
    as_mentor = cluster.service.as_(
        cluster.college, Role.COORDINATOR, person_id=cluster.people["mentor"]
    )
    items = (await cluster.get("/powers", as_mentor)).json()["items"]
    assert [(each["number"], each["is_valid"]) for each in items] == [
        ("13-Д", True),
        ("12-Д", False),
        ("12-Д", False),
    ]
    assert items[2]["id"] == power
    assert items[2]["valid_to"] == cluster.day(-1)
    listed = (await cluster.get("/handovers", as_mentor)).json()["items"]
    assert [each["outcome"] for each in listed] == ["done"]


async def test_a_handover_is_called_off_or_lapses_and_changes_nothing(cluster: Cluster) -> None:
    mentor = await cluster.register("mentor", cluster.college, Role.MENTOR)
    planned = (await hand_over(cluster, from_on=cluster.day(3))).json()["id"]
    path = f"/handovers/{planned}/call-off"
    assert (await cluster.post(path, cluster.as_firm())).status_code == 404
    off = await cluster.post(path, cluster.as_college())
    assert off.json()["outcome"] == "called_off"
    await hand_over(cluster, from_on=cluster.day(3))
    await cluster.post(f"/accounts/{mentor}/roles", cluster.as_college(), roles=[])
    cluster.service.clock.pass_(days=3)
    await cluster.service.due()
    outcomes = await cluster.service.sql("SELECT outcome FROM handovers ORDER BY id")
    assert [row["outcome"] for row in outcomes] == ["called_off", "lapsed"]
    assert await roles_of(cluster, "college") == ["coordinator"], "the last coordinator stays"


async def test_a_handover_that_cannot_be_is_refused_beside_its_field(cluster: Cluster) -> None:
    await cluster.register("mentor", cluster.college, Role.MENTOR)
    college = str(cluster.people["college"])
    for other, at in (
        ({"to_person_id": college}, "body.to_person_id"),  # HandoverIsWrong
        ({"to_person_id": str(cluster.people["firm"])}, "body.to_person_id"),
        ({"to_person_id": str(new_id())}, "body.to_person_id"),
        ({"from_on": cluster.day(-1)}, "body.from_on"),
        ({"from_on": cluster.day(400)}, "body.from_on"),
        ({"power": {"kind": "charter", "valid_from": "x"}}, "body.power.valid_from"),
    ):
        refused = await hand_over(cluster, **other)
        assert (refused.status_code, refused.json()["errors"][0]["at"]) == (422, at), refused.text
    for person in (cluster.people["firm"], new_id()):
        assert (await hand_over(cluster, from_person_id=str(person))).status_code == 404


async def test_seats_of_the_council_are_not_handed_over(cluster: Cluster) -> None:
    await cluster.register("mentor", cluster.college, Role.MENTOR)
    await cluster.service.sql(
        "INSERT INTO roles (person_id, member_id, role, granted_at)"
        " VALUES ($1, $2, 'council_member', now())",
        cluster.people["college"],
        cluster.college,
    )
    assert (await hand_over(cluster)).status_code == 201
    assert await roles_of(cluster, "college") == ["council_member"]
    assert await roles_of(cluster, "mentor") == ["coordinator", "mentor"]


async def test_whose_powers_they_are_is_a_person_of_the_member(cluster: Cluster) -> None:
    power = UUID(await record(cluster))
    [row] = await cluster.service.sql("SELECT * FROM powers WHERE id = $1", power)
    assert (row["person_id"], row["member_id"], row["recorded_by"]) == (
        cluster.people["college"],
        cluster.college,
        cluster.people["college"],
    )
