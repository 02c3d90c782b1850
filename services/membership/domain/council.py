"""Seats of the council as roles (R4.1, R4.2): who sits there acts in it on the days of the seat."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from shared.identity import Role


class Duty(StrEnum):
    """What a person does in the council."""

    HEAD = "head"
    DEPUTY = "deputy"
    SECRETARY = "secretary"
    MEMBER = "member"


ROLES_OF: dict[Duty, frozenset[Role]] = {
    Duty.HEAD: frozenset({Role.COUNCIL_HEAD, Role.COUNCIL_MEMBER}),
    Duty.DEPUTY: frozenset({Role.COUNCIL_MEMBER}),
    Duty.SECRETARY: frozenset({Role.COUNCIL_SECRETARY}),
    Duty.MEMBER: frozenset({Role.COUNCIL_MEMBER}),
}
"""The head is a member of the council too; a deputy's duty is one inside of it."""


@dataclass(frozen=True, slots=True)
class Seat:
    """A person's days in a seat, for the member represented there; both dates are included."""

    id: UUID
    person_id: UUID
    member_id: UUID
    duty: Duty
    from_on: date
    until_on: date | None


def roles_on(seats: Iterable[Seat], day: date) -> frozenset[Role]:
    """The roles in the council that these seats give on the day."""
    held: frozenset[Role] = frozenset()
    for seat in seats:
        if seat.from_on <= day and (seat.until_on is None or day <= seat.until_on):
            held |= ROLES_OF[seat.duty]
    return held


def next_turn(seat: Seat, today: date) -> date | None:
    """The next day on which the seat gives or takes something; None when nothing more comes."""
    if today < seat.from_on:
        return seat.from_on
    if seat.until_on is None or seat.until_on < today:
        return None
    return seat.until_on + timedelta(days=1)


def take_seat(before: Iterable[Seat], taken: Seat) -> list[Seat]:
    """The person's days in this seat, once it is taken anew: a person has one duty in it a day."""
    kept = []
    for seat in before:
        if seat.from_on >= taken.from_on:
            continue
        if seat.until_on is None or seat.until_on >= taken.from_on:
            seat = replace(seat, until_on=taken.from_on - timedelta(days=1))
        kept.append(seat)
    return [*kept, taken]


def vacate_seat(before: Iterable[Seat], until_on: date) -> list[Seat]:
    """The person's days in this seat, the last of which is `until_on`."""
    return [
        replace(seat, until_on=until_on)
        if seat.until_on is None or seat.until_on > until_on
        else seat
        for seat in before
        if seat.from_on <= until_on
    ]
