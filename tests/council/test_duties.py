"""Parameters set by decision (I28), duties shared out (R4.4), working groups (R6.4)."""

import json
from typing import Any
from uuid import UUID

import pytest

from services.council.commands.duties import share_duties
from services.council.commands.parameters import set_parameter
from services.council.domain.duties import DutiesAreOver, DutiesOfNobody
from services.council.domain.parameters import PARAMETERS, ParameterIsWrong
from shared.ids import new_id
from tests.council.chamber import Chamber, refused, why

# --- parameters ----------------------------------------------------------------------------------


async def test_the_defaults_of_the_database_are_those_of_the_rules(chamber: Chamber) -> None:
    items = (await chamber.get("/parameters")).json()["items"]
    assert {item["name"]: item["value"] for item in items} == {
        name: kind.default for name, kind in PARAMETERS.items()
    }
    assert all(item["decision_id"] is None for item in items)
    assert all(kind.accepts(kind.default) for kind in PARAMETERS.values())


async def test_i28_a_parameter_is_set_by_decision_from_its_day_on(chamber: Chamber) -> None:
    decision_id = new_id()
    async with chamber.service.runtime.database.transaction() as tx:
        await set_parameter(
            tx,
            decision_id=decision_id,
            parameter="council.notice_working_days",
            value="7",
            adopted_on=chamber.today,
        )
    values = []
    for on in (chamber.day(-1), chamber.day(0)):
        items = (await chamber.get("/parameters", on=on)).json()["items"]
        [found] = [item for item in items if item["name"] == "council.notice_working_days"]
        values.append((found["value"], found["decision_id"]))
    assert values == [("5", None), ("7", str(decision_id))]
    [told] = await chamber.service.told("council.parameter.set.v1")
    assert json.loads(told["body"]) == {
        "decision_id": str(decision_id),
        "parameter": "council.notice_working_days",
        "value": "7",
        "valid_from": chamber.day(0),
    }
    history = (await chamber.get("/parameters/history")).json()["items"]
    assert history[0]["decision_id"] == str(decision_id)
    assert len(history) == len(PARAMETERS) + 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (None, "5"),
        ("council.notice_working_days", None),
        ("council.notice_working_days", "0"),
        ("council.notice_working_days", "31"),
        ("council.notice_working_days", "five"),
        ("council.notice_working_days", "٣"),
        ("council.exclusion_majority", "3/2"),
        ("council.exclusion_majority", "0/2"),
        ("council.exclusion_majority", "2/3/4"),
        ("council.tie", "coin"),
        ("council.colour", "red"),
        ("membership.answer_working_days", "5"),
    ],
)
async def test_a_parameter_that_is_none_or_cannot_be_so_is_not_set(
    chamber: Chamber, name: str | None, value: str | None
) -> None:
    async with chamber.service.runtime.database.transaction() as tx:
        with pytest.raises(ParameterIsWrong):
            await set_parameter(
                tx, decision_id=new_id(), parameter=name, value=value, adopted_on=chamber.today
            )


# --- duties --------------------------------------------------------------------------------------


async def share(chamber: Chamber, *addressee_ids: UUID, **other: Any) -> None:
    async with chamber.service.runtime.database.transaction() as tx:
        await share_duties(
            tx,
            **{
                "decision_id": new_id(),
                "addressee_ids": addressee_ids,
                "words": "Вести сводное расписание мастерских.",
                "adopted_on": chamber.today,
                "due_on": None,
                **other,
            },
        )


async def test_r4_4_duties_are_shared_out_among_members_by_decision(chamber: Chamber) -> None:
    one, two = chamber.members[1], chamber.members[2]
    await share(chamber, one, two, one)
    await share(chamber, one, due_on=chamber.today)
    assert len((await chamber.get("/duties")).json()["items"]) == 3
    own = await chamber.get("/duties", chamber.as_outsider(), member_id=str(one))
    assert len(own.json()["items"]) == 2
    tomorrow = await chamber.get("/duties", member_id=str(one), on=chamber.day(1))
    assert [item["until_on"] for item in tomorrow.json()["items"]] == [None]


async def test_r4_4_duties_of_nobody_or_of_a_term_that_is_over_are_not_shared(
    chamber: Chamber,
) -> None:
    for addressees in ((), (new_id(),), (chamber.members[1], new_id())):
        with pytest.raises(DutiesOfNobody):
            await share(chamber, *addressees)
    with pytest.raises(DutiesAreOver):
        await share(chamber, chamber.members[1], due_on=chamber.today.replace(year=2020))
    assert (await chamber.get("/duties")).json()["items"] == []


# --- groups --------------------------------------------------------------------------------------


def person(chamber: Chamber, place: int, part: str = "member") -> dict[str, str]:
    return {
        "person_id": str(chamber.people[place]),
        "member_id": str(chamber.members[place]),
        "part": part,
    }


def group(chamber: Chamber, **other: Any) -> dict[str, Any]:
    return {
        "title": "Единое расписание",
        "purpose": "Согласовать сетку звонков между мастерскими.",
        "basis": "Решение 2/1-2026",
        "people": [person(chamber, 1, "leader"), person(chamber, 8)],
        **other,
    }


async def test_r6_4_people_of_members_are_drawn_into_a_group(chamber: Chamber) -> None:
    formed = await chamber.post("/groups", **group(chamber))
    assert formed.status_code == 201, formed.text
    path = f"/groups/{formed.json()['id']}"
    specialist = person(chamber, 9, "specialist")
    drawn = await chamber.post(f"{path}/people", **specialist)
    assert [each["part"] for each in drawn.json()["people"]] == ["leader", "member", "specialist"]
    assert refused(await chamber.post(f"{path}/people", **specialist)) == (409, "person-in-group")
    second = person(chamber, 2, "leader")
    assert refused(await chamber.post(f"{path}/people", **second)) == (409, "group-has-leader")

    release = f"/api/council{path}/people/{specialist['person_id']}"
    client = chamber.service.client
    released = await client.delete(release, headers=chamber.as_secretary())
    assert len(released.json()["people"]) == 2
    again = await client.delete(release, headers=chamber.as_secretary())
    assert refused(again) == (409, "wrong-status")  # PersonIsReleased
    never = f"/api/council{path}/people/{new_id()}"
    assert (await client.delete(never, headers=chamber.as_secretary())).status_code == 404

    closed = await chamber.post(f"{path}/close")
    assert closed.json()["closed_on"] == chamber.day(0)
    assert refused(await chamber.post(f"{path}/close")) == (409, "wrong-status")  # GroupIsClosed
    assert refused(await chamber.post(f"{path}/people", **specialist)) == (409, "wrong-status")
    seen = await chamber.get("/groups", chamber.as_outsider(), is_open=False)
    assert [item["title"] for item in seen.json()["items"]] == ["Единое расписание"]


async def test_a_group_that_cannot_be_is_refused(chamber: Chamber) -> None:
    leader, member = person(chamber, 1, "leader"), person(chamber, 8)
    for people, fault in (
        ([member], ("body.people", "leader-wrong")),  # GroupIsWrong
        ([leader, person(chamber, 2, "leader")], ("body.people", "leader-wrong")),
        ([leader, member, member], ("body.people", "person-twice")),
        ([leader, {**member, "person_id": str(new_id())}], ("body.people.1", "invalid")),
    ):
        answer = await chamber.post("/groups", **group(chamber, people=people))
        assert (answer.status_code, why(answer)) == (422, fault)
    strangers = [leader, {**member, "member_id": str(new_id())}]
    answer = await chamber.post("/groups", **group(chamber, people=strangers))
    assert refused(answer) == (409, "member-takes-no-part")
    assert (await chamber.get("/groups")).json()["items"] == []
    denied = await chamber.post("/groups", chamber.as_outsider(), **group(chamber))
    assert denied.status_code == 403
