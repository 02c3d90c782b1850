"""The composition: who sits in the council, and how seats are taken and vacated."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from services.council.api.routes import ADMINISTRATORS, OFFICE, READERS, Basis, routes
from services.council.commands import composition
from services.council.domain.composition import Duty, Person, Quota
from services.council.queries import composition as queries
from shared.paging import Cursor, Limit, Page
from shared.routes import Tx
from shared.values import Day, Words


class SeatOf(BaseModel):
    """Who sits, for which member, and what the person does there.

    The group is the member's own unless `quota` names another one.
    """

    person_id: UUID
    member_id: UUID
    quota: Quota | None = None
    duty: Duty = Duty.MEMBER
    has_vote: bool = True
    until_on: Day | None = None


class FirstComposition(BaseModel):
    """The first composition, as the order that named it says."""

    basis: Basis
    from_on: Day
    seats: Annotated[list[SeatOf], Field(min_length=1, max_length=500)]


class NewSeat(SeatOf):
    """A seat that is taken; `instead_of_id` is the seat that it replaces."""

    from_on: Day
    basis: Basis
    instead_of_id: UUID | None = None


class LastDay(BaseModel):
    """The last day of a seat, and why it is vacated."""

    until_on: Day
    reason: Words


@routes.get("/composition", may=READERS)
async def get_composition(tx: Tx, on: Day | None = None) -> queries.Composition:
    """The council on a day, or today."""
    return await queries.composition(tx, on)


@routes.post("/composition", may=ADMINISTRATORS, status_code=201)
async def found(body: FirstComposition, tx: Tx) -> queries.Composition:
    """Records the first composition, once."""
    people = [_person(seat) for seat in body.seats]
    await composition.found_council(tx, people, from_on=body.from_on, basis=body.basis)
    return await queries.composition(tx, body.from_on)


@routes.get("/seats", may=READERS)
async def list_seats(
    tx: Tx,
    person_id: UUID | None = None,
    member_id: UUID | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[queries.SeatView]:
    """Seats of all times."""
    items, next_cursor = await queries.seats(
        tx, person_id=person_id, member_id=member_id, cursor=cursor, limit=limit
    )
    return Page(items=items, next_cursor=next_cursor)


@routes.get("/seats/{seat_id}", may=READERS)
async def get_seat(seat_id: UUID, tx: Tx) -> queries.SeatView:
    """A seat."""
    return await queries.seat(tx, seat_id)


@routes.post("/seats", may=OFFICE, status_code=201)
async def take_seat(body: NewSeat, tx: Tx) -> queries.SeatView:
    """A person takes a seat, by a decision of the council or an order."""
    seat_id = await composition.take_seat(
        tx,
        _person(body),
        from_on=body.from_on,
        basis=body.basis,
        instead_of=body.instead_of_id,
    )
    return await queries.seat(tx, seat_id)


@routes.post("/seats/{seat_id}/vacate", may=OFFICE)
async def vacate_seat(seat_id: UUID, body: LastDay, tx: Tx) -> queries.SeatView:
    """Vacates a seat, today or on a later day."""
    await composition.vacate_seat(tx, seat_id, until_on=body.until_on, reason=body.reason)
    return await queries.seat(tx, seat_id)


def _person(seat: SeatOf) -> Person:
    return Person(
        seat.person_id, seat.member_id, seat.quota, seat.duty, seat.has_vote, seat.until_on
    )
