"""The composition: founded once, seats by quota and term, vacated and replaced (R4)."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from contracts.membership import MemberJoined, MemberWithdrawn, RolesGranted
from services.council.commands import heard
from services.council.subscribers import (
    on_member_joined,
    on_member_withdrawn,
    on_roles_granted,
)
from shared.database import Cause
from shared.identity import Role
from shared.ids import new_id
from tests.council.chamber import Chamber, refused, why
from tests.harness import Running

CAUSE = Cause(new_id(), new_id())


async def newcomer(chamber: Chamber, place: int) -> UUID:
    """Another person who acts for the member of that place."""
    person_id = new_id()
    async with chamber.service.runtime.database.transaction() as tx:
        await heard.know_person(tx, person_id, chamber.members[place], acts_for_it=True)
    return person_id


async def seat_body(chamber: Chamber, place: int = 9, **other: Any) -> dict[str, Any]:
    return {
        "person_id": str(await newcomer(chamber, place)),
        "member_id": str(chamber.members[place]),
        "quota": "employer",
        "duty": "member",
        "from_on": chamber.day(1),
        "basis": "Решение 4/2-2026",
        **other,
    }


# --- the first one -------------------------------------------------------------------------------


async def test_an_administrator_records_the_first_composition_once(council: Running) -> None:
    chamber = await Chamber(council).lay(is_founded=False)
    before = (await chamber.get("/composition")).json()
    assert (before["is_founded"], before["seats"]) == (False, [])
    founded = await chamber.found()
    assert founded.status_code == 201, founded.text
    body = founded.json()
    assert [seat["duty"] for seat in body["seats"][:4]] == ["head", "deputy", "secretary", "member"]
    assert (body["votes"], body["lacks"]) == (15, [])
    assert body["votes_by_quota"] == {
        "authority": 1,
        "college": 6,
        "university": 1,
        "employer": 7,
    }
    again = await chamber.found()
    assert (again.status_code, again.json()) == (201, body)
    for other in ({"basis": "Другой приказ"}, {"seats": chamber.composition()["seats"][:-1]}):
        answer = await chamber.found(**other)
        assert refused(answer) == (409, "composition-founded")
    told = await council.told("council.seat.taken.v1")
    assert len(told) == 16
    assert {json.loads(row["body"])["duty"] for row in told} == {
        "head",
        "deputy",
        "secretary",
        "member",
    }


async def test_a_first_composition_that_cannot_be_is_refused_with_its_place(
    council: Running,
) -> None:
    chamber = await Chamber(council).lay(is_founded=False)
    seats = chamber.composition()["seats"]

    def changed(place: int, **other: Any) -> list[dict[str, Any]]:
        return [*seats[:place], {**seats[place], **other}, *seats[place + 1 :]]

    for wrong, fault in (
        (changed(0, duty="member"), ("body.seats", "duties-wrong")),  # CompositionIsWrong
        (changed(3, duty="head"), ("body.seats", "duties-wrong")),
        (seats[:-1], ("body.seats", "duties-wrong")),
        ([*seats, seats[4]], ("body.seats", "person-twice")),
        (changed(5, has_vote=False), ("body.seats.5", "invalid")),  # SeatIsWrong
        (changed(5, quota=None), ("body.seats.5", "invalid")),
        (changed(15, has_vote=True), ("body.seats.15", "invalid")),
        (changed(5, person_id=str(new_id())), ("body.seats.5", "invalid")),  # PersonIsUnknown
        (changed(5, until_on=chamber.day(-90)), ("body.seats.5.until_on", "invalid")),
    ):
        answer = await chamber.found(seats=wrong)
        assert (answer.status_code, why(answer)) == (422, fault)
    stranger = changed(5, member_id=str(new_id()))
    assert refused(await chamber.found(seats=stranger)) == (409, "member-takes-no-part")
    few = [*seats[:9], seats[-1]]
    assert refused(await chamber.found(seats=few)) == (409, "composition-size")
    assert await chamber.told() == []


async def test_before_there_is_a_council_no_seat_is_taken_or_vacated(council: Running) -> None:
    chamber = await Chamber(council).lay(is_founded=False)
    body = await seat_body(chamber)
    answer = await chamber.post("/seats", chamber.as_administrator(), **body)
    assert refused(answer) == (409, "composition-missing")


# --- seats ---------------------------------------------------------------------------------------


async def test_a_seat_is_replaced_without_a_day_between(chamber: Chamber) -> None:
    body = await seat_body(chamber, instead_of_id=str(chamber.seat(9)))
    taken = await chamber.post("/seats", **body)
    assert taken.status_code == 201, taken.text
    old = (await chamber.get(f"/seats/{chamber.seat(9)}")).json()
    assert (old["until_on"], taken.json()["from_on"]) == (chamber.day(0), chamber.day(1))
    seated = []
    for on in (chamber.day(0), chamber.day(1)):
        found = (await chamber.get("/composition", on=on)).json()
        seated.append({seat["person_id"] for seat in found["seats"]})
    today, tomorrow = seated
    assert today ^ tomorrow == {str(chamber.people[9]), body["person_id"]}
    assert (await chamber.told())[-2:] == ["seat.vacated", "seat.taken"]
    seats = (await chamber.get("/seats", member_id=str(chamber.members[9]))).json()["items"]
    assert [seat["id"] for seat in seats] == [taken.json()["id"], old["id"]]


async def test_a_person_has_one_seat_and_the_council_one_head_and_one_secretary(
    chamber: Chamber,
) -> None:
    again = await seat_body(chamber, person_id=str(chamber.people[9]))
    assert refused(await chamber.post("/seats", **again)) == (409, "person-seated")
    for duty in ("head", "secretary"):
        body = await seat_body(chamber, duty=duty)
        assert refused(await chamber.post("/seats", **body)) == (409, "duty-taken")
    for column in ("duty = 'head'", "person_id = (SELECT person_id FROM seats LIMIT 1)"):
        with pytest.raises(asyncpg.ExclusionViolationError):
            await chamber.service.sql(
                f"UPDATE seats SET {column}, has_vote = true, quota = 'college'"
            )


async def test_a_seat_stands_for_the_members_own_group_unless_another_is_named(
    chamber: Chamber,
) -> None:
    joined = MemberJoined(
        member_id=new_id(),
        slug="newcomer",
        kind="university",
        is_state=False,
        vat_regime="general",
        joined_on=chamber.today,
    )
    person_id = new_id()
    async with chamber.service.runtime.database.transaction(cause=CAUSE) as tx:
        await on_member_joined(joined, tx)
        await heard.know_person(tx, person_id, joined.member_id, acts_for_it=True)
    body = {"person_id": str(person_id), "member_id": str(joined.member_id), "quota": None}
    taken = await chamber.post("/seats", **await seat_body(chamber, **body))
    assert taken.json()["quota"] == "university"


async def test_no_group_has_more_seats_than_the_council_has_set(chamber: Chamber) -> None:
    await chamber.service.sql(
        "INSERT INTO parameters VALUES ('council.employer_seats_max', '7', $1, $2)",
        chamber.today,
        new_id(),
    )
    full = await chamber.post("/seats", **await seat_body(chamber))
    assert refused(full) == (409, "quota-full")
    other = await chamber.post("/seats", **await seat_body(chamber, quota="university"))
    assert other.status_code == 201
    await chamber.service.sql(
        "INSERT INTO parameters VALUES ('council.seats_max', '16', $1, $2)",
        chamber.today,
        new_id(),
    )
    beyond = await chamber.post("/seats", **await seat_body(chamber, quota="college"))
    assert refused(beyond) == (409, "composition-size")


async def test_a_seat_is_taken_and_vacated_from_today_on(chamber: Chamber) -> None:
    past = await chamber.post("/seats", **await seat_body(chamber, from_on=chamber.day(-1)))
    assert (past.status_code, why(past)) == (422, ("body.from_on", "invalid"))  # SeatDayIsWrong
    path = f"/seats/{chamber.seat(9)}/vacate"
    early = await chamber.post(path, until_on=chamber.day(-1), reason="Увольнение")
    assert (early.status_code, why(early)) == (422, ("body.until_on", "invalid"))
    done = await chamber.post(path, until_on=chamber.day(3), reason="Увольнение")
    assert done.json()["until_on"] == chamber.day(3)
    again = await chamber.post(path, until_on=chamber.day(5), reason="Увольнение")
    assert refused(again) == (409, "wrong-status")  # SeatIsVacated
    assert (
        await chamber.post(
            f"/seats/{new_id()}/vacate",
            **{
                "until_on": chamber.day(1),
                "reason": "Увольнение",
            },
        )
    ).status_code == 404


async def test_a_term_that_has_ended_is_told_once_by_a_due_command(chamber: Chamber) -> None:
    body = await seat_body(chamber, until_on=chamber.day(1))
    await chamber.post("/seats", **body)
    assert await chamber.service.due() == 0
    chamber.service.clock.pass_(days=2)
    assert await chamber.service.due() == 1
    assert await chamber.service.due() == 0
    assert (await chamber.told())[-1] == "seat.vacated"
    people = [seat["person_id"] for seat in (await chamber.get("/composition")).json()["seats"]]
    assert body["person_id"] not in people


async def test_r4_2_nobody_sits_for_a_member_that_has_left(chamber: Chamber) -> None:
    left_on = chamber.today + timedelta(days=2)
    event = MemberWithdrawn(member_id=chamber.members[3], withdrawn_on=left_on)
    async with chamber.service.runtime.database.transaction(cause=CAUSE) as tx:
        await on_member_withdrawn(event, tx)
    seat = (await chamber.get(f"/seats/{chamber.seat(3)}")).json()
    assert seat["until_on"] == chamber.day(1)
    assert (await chamber.told())[-1] == "seat.vacated"
    body = await seat_body(chamber, 3, from_on=chamber.day(2))
    assert refused(await chamber.post("/seats", **body)) == (409, "member-takes-no-part")


async def test_what_a_composition_lacks_is_named(chamber: Chamber) -> None:
    for place in (0, *range(8, 13)):
        await chamber.post(
            f"/seats/{chamber.seat(place)}/vacate", until_on=chamber.day(0), reason="Отставка"
        )
    tomorrow = (await chamber.get("/composition", on=chamber.day(1))).json()
    assert tomorrow["lacks"] == ["head", "seats", "employers"]


# --- who -----------------------------------------------------------------------------------------


async def test_a_seat_counts_and_not_the_tokens_word(chamber: Chamber) -> None:
    body = await seat_body(chamber)
    pretender = chamber.as_outsider(Role.COUNCIL_SECRETARY)
    assert refused(await chamber.post("/seats", pretender, **body)) == (403, "role-missing")
    ordinary = chamber.service.as_(
        chamber.members[9], Role.COUNCIL_HEAD, person_id=chamber.people[9]
    )
    assert refused(await chamber.post("/seats", ordinary, **body)) == (
        403,
        "role-missing",
    )  # NoSeat
    elsewhere = chamber.service.as_(
        chamber.members[4], Role.COUNCIL_SECRETARY, person_id=chamber.secretary
    )
    assert refused(await chamber.post("/seats", elsewhere, **body)) == (403, "role-missing")
    assert (await chamber.post("/seats", chamber.as_head(), **body)).status_code == 201


async def test_an_administrator_does_the_secretarys_work_only_while_there_is_none(
    chamber: Chamber,
) -> None:
    administrator = chamber.as_administrator()
    body = await seat_body(chamber)
    assert refused(await chamber.post("/seats", administrator, **body)) == (409, "secretary-seated")
    path = f"/seats/{chamber.seats[chamber.secretary]}/vacate"
    assert (await chamber.post(path, until_on=chamber.day(0), reason="Переход")).status_code == 200
    chamber.service.clock.pass_(days=1)
    body["from_on"] = chamber.day(0)
    assert (await chamber.post("/seats", chamber.as_administrator(), **body)).status_code == 201


async def test_who_acts_for_a_member_may_sit_for_it_and_else_nobody(chamber: Chamber) -> None:
    person_id, member_id = new_id(), chamber.members[9]
    body = await seat_body(chamber, person_id=str(person_id))

    async def hear(*roles: str, member: UUID | None = member_id) -> None:
        event = RolesGranted(person_id=person_id, member_id=member, roles=roles)
        async with chamber.service.runtime.database.transaction(cause=CAUSE) as tx:
            await on_roles_granted(event, tx)

    await hear("administrator", member=None)
    unknown = await chamber.post("/seats", **body)
    assert (unknown.status_code, why(unknown)) == (422, ("body.person_id", "invalid"))
    await hear("coordinator")
    await hear()
    assert (await chamber.post("/seats", **body)).status_code == 422
    await hear("mentor")
    assert (await chamber.post("/seats", **body)).status_code == 201
