"""Who sits in the council on a day, for whom, and by what basis."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from services.council.domain.composition import (
    Duty,
    Lack,
    Quota,
    Seat,
    lacks,
    votes_by_quota,
)
from services.council.queries.parameters import rules_on
from services.council.records.composition import seat_of
from shared.database import Transaction
from shared.paging import cut, place_of
from shared.refusal import NotFound
from shared.russia.calendar import moscow_date

_ON = "from_on <= $1 AND (until_on IS NULL OR until_on >= $1)"
_ORDER = "array_position(ARRAY['head', 'deputy', 'secretary', 'member'], duty), taken_at, id"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatView:
    """A seat with its days, both included, and what it stands on."""

    id: UUID
    person_id: UUID
    member_id: UUID
    quota: Quota | None
    duty: Duty
    has_vote: bool
    from_on: date
    until_on: date | None
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Composition:
    """The council on a day; `lacks` names what it should have by convention and has not."""

    on: date
    is_founded: bool
    seats: list[SeatView]
    votes: int
    votes_by_quota: Mapping[Quota, int]
    lacks: list[Lack]


async def seats_on(tx: Transaction, day: date) -> list[Seat]:
    """Who sits in the council on that Moscow day: head, deputies, secretary, then the others."""
    return [seat_of(row) for row in await _rows_on(tx, day)]


async def own_seat(tx: Transaction) -> Seat | None:
    """The seat that the person who asks has today, for the member acted for."""
    if tx.actor is None:
        return None
    whose = (tx.actor.person_id, tx.actor.member_id)
    seats = await seats_on(tx, moscow_date(tx.now))
    return next((seat for seat in seats if (seat.person_id, seat.member_id) == whose), None)


async def composition(tx: Transaction, on: date | None) -> Composition:
    """The council on that day, or today."""
    tx.authorise()
    day = on or moscow_date(tx.now)
    rows = await _rows_on(tx, day)
    seats = [seat_of(row) for row in rows]
    return Composition(
        on=day,
        is_founded=bool(rows) or bool(await tx.value("SELECT true FROM seats LIMIT 1")),
        seats=[_view(row) for row in rows],
        votes=sum(seat.has_vote for seat in seats),
        votes_by_quota=votes_by_quota(seats),
        lacks=lacks(seats, await rules_on(tx, day)),
    )


async def seat(tx: Transaction, seat_id: UUID) -> SeatView:
    """A seat, also one that was vacated; raises NotFound."""
    row = await tx.row("SELECT * FROM seats WHERE id = $1", seat_id)
    if row is None:
        raise NotFound
    tx.authorise()
    return _view(row)


async def seats(
    tx: Transaction,
    *,
    person_id: UUID | None,
    member_id: UUID | None,
    cursor: str | None,
    limit: int,
) -> tuple[list[SeatView], str | None]:
    """Seats of all times, the newest first; of one person or of one member's."""
    tx.authorise()
    [before] = place_of(cursor, (UUID,)) or [None]
    rows = await tx.fetch(
        "SELECT * FROM seats WHERE ($1::uuid IS NULL OR person_id = $1)"
        " AND ($2::uuid IS NULL OR member_id = $2) AND ($3::uuid IS NULL OR id < $3)"
        " ORDER BY id DESC LIMIT $4",
        person_id,
        member_id,
        before,
        limit + 1,
    )
    page, next_cursor = cut(rows, limit, lambda row: [row["id"]])
    return [_view(row) for row in page], next_cursor


async def _rows_on(tx: Transaction, day: date) -> list[Any]:
    return await tx.fetch(
        f"SELECT * FROM seats WHERE {_ON} ORDER BY {_ORDER}",  # noqa: S608 - constants
        day,
    )


def _view(row: Any) -> SeatView:
    seat = seat_of(row)
    return SeatView(
        id=seat.id,
        person_id=seat.person_id,
        member_id=seat.member_id,
        quota=seat.quota,
        duty=seat.duty,
        has_vote=seat.has_vote,
        from_on=seat.from_on,
        until_on=seat.until_on,
        basis=row["basis"],
    )
