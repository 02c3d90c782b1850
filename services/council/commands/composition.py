"""The composition: founded once, then seats are taken, vacated, and end with their terms."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from contracts.council import SeatTaken, SeatVacated
from services.council.commands.seating import require_founded, require_office
from services.council.domain.composition import (
    CompositionIsFounded,
    DutyIsTaken,
    Known,
    Person,
    PersonIsSeated,
    Quota,
    Seat,
    check_seat,
    found,
    require_known,
    require_near,
    require_size,
    require_term,
    vacate,
    with_quota,
)
from services.council.queries.composition import seats_on
from services.council.queries.members import members_on
from services.council.queries.parameters import rules_on
from services.council.records.composition import seat_of
from shared.database import Transaction
from shared.refusal import NotFound
from shared.russia.calendar import moscow_date

COMPOSITION_LOCK = 40_010
"""Held by whoever changes the composition: seats are counted, so one changes it at a time."""

_ENDED_AT_ONCE = 50


async def found_council(
    tx: Transaction, people: Sequence[Person], *, from_on: date, basis: str
) -> None:
    """An administrator records the first composition by the order that named it, once.

    The same once more changes nothing. Raises CompositionIsFounded, and what `domain.composition.found` raises.
    """
    tx.authorise()
    await _lock(tx)
    known = await _known(tx, people, max(from_on, moscow_date(tx.now)))
    people = [with_quota(person, known) for person in people]
    founded = await tx.fetch(
        "SELECT * FROM seats WHERE from_on = $1 AND basis = $2", from_on, basis
    )
    if founded and {_who(seat_of(row)) for row in founded} == {_who(person) for person in people}:
        return
    if founded or await tx.value("SELECT true FROM seats LIMIT 1"):
        raise CompositionIsFounded
    found(people, from_on, known, await rules_on(tx, from_on))
    for person in people:
        await _seat(tx, person, from_on, basis)


async def take_seat(
    tx: Transaction,
    person: Person,
    *,
    from_on: date,
    basis: str,
    instead_of: UUID | None = None,
) -> UUID:
    """A person takes a seat by decision or order; the one it replaces is vacated the day before.

    Returns the seat's id. Raises PersonIsSeated, DutyIsTaken, CompositionIsOutOfBounds,
    QuotaIsFull, MemberTakesNoPart, PersonIsUnknown, SeatIsVacated; NotFound for `instead_of`.
    """
    await require_office(tx)
    await _lock(tx)
    await require_founded(tx)
    known = await _known(tx, [person], from_on)
    person = with_quota(person, known)
    check_seat(person, "body")
    require_near(from_on, moscow_date(tx.now), at="body.from_on")
    require_term(from_on, person.until_on, at="body.until_on")
    require_known(person, known, "body.person_id")
    if instead_of is not None:
        await _vacate(tx, await _locked(tx, instead_of), from_on - timedelta(days=1), reason=basis)
    if person.has_vote:
        seats = await seats_on(tx, from_on)
        require_size(
            [*seats, person], await rules_on(tx, from_on), is_whole=False, now=person.quota
        )
    return await _seat(tx, person, from_on, basis)


async def vacate_seat(tx: Transaction, seat_id: UUID, *, until_on: date, reason: str) -> None:
    """A seat is vacated; `until_on` is its last day, today or later. Raises SeatIsVacated."""
    row = await _locked(tx, seat_id)
    await require_office(tx)
    require_near(until_on, moscow_date(tx.now), at="body.until_on")
    await _vacate(tx, row, until_on, reason=reason)


async def vacate_seats_of(tx: Transaction, member_id: UUID, left_on: date) -> None:
    """Nobody sits for a member that takes no part (R4.2)."""
    rows = await tx.fetch(
        "SELECT * FROM seats WHERE member_id = $1 AND (until_on IS NULL OR until_on >= $2)"
        " ORDER BY id FOR UPDATE",
        member_id,
        left_on,
    )
    for row in rows:
        await _vacate(tx, seat_of(row), left_on - timedelta(days=1), reason=None)


async def end_terms(tx: Transaction) -> int:
    """The last day of a term has passed: the seat is vacant. Each is told once."""
    rows = await tx.fetch(
        "SELECT * FROM seats WHERE until_on < $1 AND vacated_at IS NULL"
        " ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED",
        moscow_date(tx.now),
        _ENDED_AT_ONCE,
    )
    for seat in map(seat_of, rows):
        assert seat.until_on is not None  # asked for above
        await _write_vacated(tx, seat, seat.until_on, reason=None)
    return len(rows)


def _who(sits: Person | Seat) -> tuple[object, ...]:
    return (sits.person_id, sits.member_id, sits.quota, sits.duty, sits.has_vote)


async def _known(tx: Transaction, people: Sequence[Person], on: date) -> Known:
    rows = await tx.fetch(
        "SELECT person_id, member_id FROM people WHERE person_id = ANY ($1)",
        [person.person_id for person in people],
    )
    pairs = {(row["person_id"], row["member_id"]) for row in rows}
    kinds = await tx.fetch(
        "SELECT id, kind FROM members WHERE id = ANY ($1) AND kind IS NOT NULL",
        [person.member_id for person in people],
    )
    quotas = {row["id"]: Quota(row["kind"]) for row in kinds}
    return Known(pairs, set(await members_on(tx, on)), quotas)


async def _seat(tx: Transaction, person: Person, from_on: date, basis: str) -> UUID:
    seat_id = tx.new_id("seat")
    async with _overlaps():
        await tx.execute(
            "INSERT INTO seats (id, person_id, member_id, quota, duty, has_vote, from_on, until_on,"
            " basis, taken_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            seat_id,
            person.person_id,
            person.member_id,
            person.quota,
            person.duty,
            person.has_vote,
            from_on,
            person.until_on,
            basis,
            tx.now,
        )
    tx.record(
        SeatTaken(
            seat_id=seat_id,
            person_id=person.person_id,
            member_id=person.member_id,
            duty=person.duty.value,
            from_on=from_on,
            until_on=person.until_on,
        ),
        after={
            "member_id": person.member_id,
            "quota": person.quota,
            "duty": person.duty,
            "has_vote": person.has_vote,
            "from_on": from_on,
            "until_on": person.until_on,
        },
    )
    return seat_id


@asynccontextmanager
async def _overlaps() -> AsyncIterator[None]:
    """The database refuses two seats of one person, and two heads or secretaries, on one day."""
    try:
        yield
    except asyncpg.ExclusionViolationError as error:
        if error.constraint_name == "a_person_has_one_seat_at_a_time":
            raise PersonIsSeated from None
        raise DutyIsTaken from None


async def _locked(tx: Transaction, seat_id: UUID) -> Seat:
    row = await tx.row("SELECT * FROM seats WHERE id = $1 FOR UPDATE", seat_id)
    if row is None:
        raise NotFound
    return seat_of(row)


async def _vacate(tx: Transaction, seat: Seat, until_on: date, *, reason: str | None) -> None:
    await _write_vacated(tx, seat, vacate(seat, until_on), reason=reason)


async def _write_vacated(
    tx: Transaction, seat: Seat, until_on: date, *, reason: str | None
) -> None:
    await tx.execute(
        "UPDATE seats SET until_on = $2, vacated_at = $3 WHERE id = $1",
        seat.id,
        until_on,
        tx.now,
    )
    after: dict[str, Any] = {"until_on": until_on}
    tx.record(
        SeatVacated(seat_id=seat.id, person_id=seat.person_id, until_on=until_on),
        before={"until_on": seat.until_on},
        after=after,
        reason=reason,
    )


async def _lock(tx: Transaction) -> None:
    await tx.execute("SELECT pg_advisory_xact_lock($1)", COMPOSITION_LOCK)
