"""Seats of the council become roles (R4.1, R4.2), and its decisions are carried out as they are heard."""

import json
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from contracts.council import DecisionAdopted, SeatTaken, SeatVacated
from services.membership.domain.council import (
    Duty,
    Seat,
    next_turn,
    roles_on,
    take_seat,
    vacate_seat,
)
from shared.identity import Role
from shared.ids import new_id
from tests.finance.facts import message_of
from tests.membership.cluster import Cluster
from tests.membership.newcomers import Newcomers

DAY = date(2027, 3, 1)


def seat(from_on: date = DAY, until_on: date | None = None, duty: Duty = Duty.MEMBER) -> Seat:
    nobody = UUID(int=1)
    return Seat(nobody, nobody, nobody, duty, from_on, until_on)


def taken(cluster: Cluster, person: str = "college", **other: Any) -> SeatTaken:
    """A seat for the college from today on, unless told otherwise."""
    return SeatTaken.model_validate(
        {
            "seat_id": new_id(),
            "person_id": cluster.people[person],
            "member_id": cluster.college,
            "duty": "member",
            "from_on": cluster.today,
            "until_on": None,
            **other,
        }
    )


async def hear(cluster: Cluster, event: Any, event_id: UUID | None = None) -> None:
    await cluster.service.runtime.inbox.take(message_of(event, event_id))
    assert await cluster.service.sql("SELECT error FROM parked") == []


async def roles_of(cluster: Cluster, person: str = "college") -> list[str]:
    """The roles with which the person signs in."""
    roles: list[str] = (await cluster.sign_in(person)).json()["roles"]
    return roles


async def days_pass(cluster: Cluster, days: int) -> None:
    cluster.service.clock.pass_(days=days)
    await cluster.service.due()


# --- the days of a seat --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("duty", "roles"),
    [
        (Duty.HEAD, {Role.COUNCIL_HEAD, Role.COUNCIL_MEMBER}),
        (Duty.DEPUTY, {Role.COUNCIL_MEMBER}),
        (Duty.SECRETARY, {Role.COUNCIL_SECRETARY}),
        (Duty.MEMBER, {Role.COUNCIL_MEMBER}),
    ],
)
def test_a_duty_gives_its_roles_on_the_days_of_the_seat_alone(duty: Duty, roles: set[Role]) -> None:
    last = DAY + timedelta(days=9)
    held = seat(DAY, last, duty)
    assert roles_on([held], DAY) == roles_on([held], last) == roles
    assert not roles_on([held], DAY - timedelta(days=1))
    assert not roles_on([held], last + timedelta(days=1))
    assert roles_on([seat(duty=duty)], date(2199, 1, 1)) == roles


def test_a_seat_turns_on_its_first_day_and_after_its_last() -> None:
    last = DAY + timedelta(days=9)
    held = seat(DAY, last)
    assert next_turn(held, DAY - timedelta(days=1)) == DAY
    assert next_turn(held, DAY) == next_turn(held, last) == last + timedelta(days=1)
    assert next_turn(held, last + timedelta(days=1)) is None
    assert next_turn(seat(), DAY) is None


def test_a_person_has_one_duty_a_day_in_a_seat() -> None:
    eve, later = DAY - timedelta(days=1), DAY + timedelta(days=30)
    first = seat(date(2026, 1, 1))
    second = seat(DAY, None, Duty.HEAD)
    assert take_seat([first], second) == [seat(date(2026, 1, 1), eve), second]
    assert take_seat([second, seat(later)], seat(DAY)) == [seat(DAY)]
    assert take_seat([seat(date(2026, 1, 1), date(2026, 2, 1))], second)[0].until_on == date(
        2026, 2, 1
    )
    assert vacate_seat([first, second], eve) == [seat(date(2026, 1, 1), eve)]


# --- roles ---------------------------------------------------------------------------------------


async def test_r4_1_who_takes_a_seat_has_its_roles_and_they_are_told(cluster: Cluster) -> None:
    event = taken(cluster, duty="head")
    for _ in range(2):  # told again, it changes nothing
        await hear(cluster, event, UUID(int=7))
    assert await roles_of(cluster) == ["coordinator", "council_head", "council_member"]
    told = await cluster.service.told("membership.roles.granted.v1")
    assert json.loads(told[-1]["body"]) == {
        "person_id": str(cluster.people["college"]),
        "member_id": str(cluster.college),
        "roles": ["coordinator", "council_head", "council_member"],
    }
    assert len(told) == 5, "four accounts and one seat"


async def test_r4_1_the_roles_of_a_seat_begin_and_end_with_its_days(cluster: Cluster) -> None:
    event = taken(
        cluster,
        duty="secretary",
        from_on=cluster.today + timedelta(days=3),
        until_on=cluster.today + timedelta(days=10),
    )
    await hear(cluster, event)
    assert await roles_of(cluster) == ["coordinator"]
    await days_pass(cluster, 3)
    assert await roles_of(cluster) == ["coordinator", "council_secretary"]
    await days_pass(cluster, 7)
    assert await roles_of(cluster) == ["coordinator", "council_secretary"]
    await days_pass(cluster, 1)
    assert await roles_of(cluster) == ["coordinator"]
    assert await cluster.service.due() == 0


async def test_r4_1_who_vacates_a_seat_keeps_what_other_seats_give(cluster: Cluster) -> None:
    first, second = taken(cluster, duty="head"), taken(cluster)
    await hear(cluster, first)
    await hear(cluster, second)
    vacated = SeatVacated(seat_id=first.seat_id, person_id=first.person_id, until_on=cluster.today)
    await hear(cluster, vacated)
    assert "council_head" in await roles_of(cluster), "the last day is still one of the seat"
    await days_pass(cluster, 1)
    assert await roles_of(cluster) == ["coordinator", "council_member"]


async def test_another_duty_in_the_same_seat_replaces_the_one_before(cluster: Cluster) -> None:
    event = taken(cluster, duty="head")
    await hear(cluster, event)
    await hear(cluster, event.model_copy(update={"duty": "secretary"}))
    assert await roles_of(cluster) == ["coordinator", "council_secretary"]


async def test_r4_1_a_coordinator_neither_gives_nor_takes_a_role_in_the_council(
    cluster: Cluster,
) -> None:
    person = await cluster.register("mentor", cluster.college, Role.MENTOR)
    await hear(cluster, taken(cluster, "mentor"))
    path = f"/accounts/{person}/roles"
    for roles in (["expert"], ["council_member", "expert"]):
        answer = await cluster.post(path, cluster.as_college(), roles=roles)
        assert answer.json()["roles"] == ["council_member", "expert"]
    refused = await cluster.post(path, cluster.as_college(), roles=["council_head"])
    assert (refused.status_code, refused.json()["code"]) == (409, "council-decides")


async def test_a_seat_of_somebody_without_an_account_gives_no_role(cluster: Cluster) -> None:
    for other in (
        {"person_id": new_id()},
        {"person_id": cluster.administrator},
        {"member_id": new_id()},
    ):
        await hear(cluster, taken(cluster, **other))
    rows = await cluster.service.sql("SELECT FROM roles WHERE role LIKE 'council%'")
    assert rows == []
    noted = await cluster.service.sql("SELECT FROM audit WHERE action = 'seat.without_account'")
    assert len(noted) == 3
    await hear(cluster, SeatVacated(seat_id=new_id(), person_id=new_id(), until_on=cluster.today))


# --- decisions -----------------------------------------------------------------------------------


def adopted(cluster: Cluster, kind: str, **other: Any) -> DecisionAdopted:
    return DecisionAdopted.model_validate(
        {
            "decision_id": new_id(),
            "meeting_id": None,
            "item_id": None,
            "kind": kind,
            "force": "binding",
            "subject_id": None,
            "addressee_ids": (),
            "due_on": None,
            "ground": None,
            "parameter": None,
            "value": None,
            "adopted_on": cluster.today,
            **other,
        }
    )


async def answers(cluster: Cluster) -> list[tuple[str, str | None]]:
    """How decisions were answered, in order."""
    rows = await cluster.service.told(
        "membership.decision.executed.v1", "membership.decision.failed.v1"
    )
    return [(row["subject"].split(".")[2], json.loads(row["body"])["reason_code"]) for row in rows]


async def test_an_adopted_decision_is_carried_out_or_said_to_have_failed(cluster: Cluster) -> None:
    newcomers = Newcomers(cluster)
    application_id = await newcomers.checked()
    event = adopted(cluster, "admit", subject_id=application_id)
    await hear(cluster, event, UUID(int=9))
    await hear(cluster, event, UUID(int=9))
    seen = await cluster.get(f"/applications/{application_id}", newcomers.as_secretary())
    assert seen.json()["status"] == "admitted"
    await hear(cluster, adopted(cluster, "admit", subject_id=new_id()))
    await hear(cluster, adopted(cluster, "exclude", subject_id=cluster.firm, ground="b"))
    assert await answers(cluster) == [
        ("executed", None),
        ("failed", "unknown-application"),
        ("failed", "no-case"),
    ]


async def test_r4_2_a_recommendation_and_what_others_carry_out_change_nothing(
    cluster: Cluster,
) -> None:
    for kind in ("recommend", "approve_plan", "share_duties"):
        await hear(cluster, adopted(cluster, kind))
    await hear(cluster, adopted(cluster, "set_parameter", parameter="council.quorum", value="50"))
    assert await answers(cluster) == []
    await hear(cluster, adopted(cluster, "end_cluster", force="recommendation"))
    assert await answers(cluster) == [("failed", "not-binding")]


async def test_r8_1_the_last_day_that_the_council_names_is_still_one_of_the_cluster(
    cluster: Cluster,
) -> None:
    last = cluster.today + timedelta(days=30)
    await hear(cluster, adopted(cluster, "end_cluster", due_on=last))
    [told] = await cluster.service.told("membership.cluster.ended.v1")
    assert json.loads(told["body"])["ends_on"] == str(last + timedelta(days=1))


async def test_who_sits_in_the_council_is_known_by_name_to_everybody_signed_in(
    cluster: Cluster,
) -> None:
    await hear(cluster, taken(cluster))
    anybody = cluster.service.as_(cluster.firm, Role.STUDENT)
    answer = await cluster.get("/council-people", anybody)
    [found] = answer.json()["items"]
    assert found["person_id"] == str(cluster.people["college"])
    assert set(found) == {"person_id", "family_name", "given_name", "patronymic"}
    assert (await cluster.get("/council-people", None)).status_code == 401


async def test_who_acts_for_a_member_is_known_by_name_to_the_secretariat_alone(
    cluster: Cluster,
) -> None:
    secretary = cluster.service.as_(cluster.university, Role.COUNCIL_SECRETARY)
    path = f"/members/{cluster.college}/representatives"
    answer = await cluster.get(path, secretary)
    assert str(cluster.people["college"]) in {each["person_id"] for each in answer.json()["items"]}
    own = cluster.service.as_(cluster.college, Role.COORDINATOR)
    assert (await cluster.get(path, own)).status_code == 403
    nobody = f"/members/{new_id()}/representatives"
    assert (await cluster.get(nobody, secretary)).status_code == 404
