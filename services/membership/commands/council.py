"""The council's composition, as roles of the people who sit in it.

Nobody grants a role in the council (R4.1): the council tells who takes a seat and who vacates it,
and on those days the person has the roles of the duty for the member represented there.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from services.membership.commands.accounts import roles_held, write_roles
from services.membership.commands.disclosures import note_seat
from services.membership.domain.accounts import COUNCIL_ROLES
from services.membership.domain.council import (
    Duty,
    Seat,
    next_turn,
    roles_on,
    take_seat,
    vacate_seat,
)
from shared.database import Transaction
from shared.identity import Role
from shared.russia.calendar import moscow_date

_TURNED_AT_ONCE = 50


async def take(tx: Transaction, seat: Seat) -> None:
    """A person takes a seat; on its days the account has the roles of the duty."""
    before = await _seats(tx, seat.id, seat.person_id)
    await _replace(tx, seat.id, seat.person_id, take_seat(before, seat))
    await note_seat(tx, seat.person_id)
    await _settle(tx, seat.person_id, {seat.member_id, *(each.member_id for each in before)})


async def vacate(tx: Transaction, seat_id: UUID, person_id: UUID, until_on: date) -> None:
    """A person sits there no more; `until_on` was or will be the last day."""
    before = await _seats(tx, seat_id, person_id)
    await _replace(tx, seat_id, person_id, vacate_seat(before, until_on))
    await _settle(tx, person_id, {each.member_id for each in before})


async def turn_seats(tx: Transaction) -> int:
    """A day has come on which seats give or take roles. Each is taken once."""
    today = moscow_date(tx.now)
    rows = await tx.fetch(
        "SELECT seat_id, person_id, member_id, duty, from_on, until_on FROM seats"
        " WHERE turns_on <= $1 ORDER BY person_id, seat_id, from_on LIMIT $2"
        " FOR UPDATE SKIP LOCKED",
        today,
        _TURNED_AT_ONCE,
    )
    for seat in map(_seat, rows):
        await tx.execute(
            "UPDATE seats SET turns_on = $4 WHERE seat_id = $1 AND person_id = $2 AND from_on = $3",
            seat.id,
            seat.person_id,
            seat.from_on,
            next_turn(seat, today),
        )
    for person_id in dict.fromkeys(row["person_id"] for row in rows):
        whose = {row["member_id"] for row in rows if row["person_id"] == person_id}
        await _settle(tx, person_id, whose)
    return len(rows)


async def _settle(tx: Transaction, person_id: UUID, member_ids: Iterable[UUID]) -> None:
    """The person has the roles of today's seats at these members, and no others in the council.

    One who has no account here, and whoever runs the installation, is given none.
    """
    today = moscow_date(tx.now)
    for member_id in sorted(member_ids):
        is_member = await tx.value("SELECT true FROM members WHERE id = $1 FOR UPDATE", member_id)
        has_account = await tx.value("SELECT true FROM accounts WHERE person_id = $1", person_id)
        held = await roles_held(tx, person_id)
        if not is_member or not has_account or Role.ADMINISTRATOR in held.get(None, frozenset()):
            tx.note("seat.without_account", person_id, after={"member_id": member_id})
            continue
        rows = await tx.fetch(
            "SELECT seat_id, person_id, member_id, duty, from_on, until_on FROM seats"
            " WHERE person_id = $1 AND member_id = $2",
            person_id,
            member_id,
        )
        before = held.get(member_id, frozenset())
        after = (before - COUNCIL_ROLES) | roles_on(map(_seat, rows), today)
        if after != before:
            await write_roles(tx, person_id, member_id, before=before, after=after)


async def _seats(tx: Transaction, seat_id: UUID, person_id: UUID) -> list[Seat]:
    rows = await tx.fetch(
        "SELECT seat_id, person_id, member_id, duty, from_on, until_on FROM seats"
        " WHERE seat_id = $1 AND person_id = $2 ORDER BY from_on FOR UPDATE",
        seat_id,
        person_id,
    )
    return [_seat(row) for row in rows]


async def _replace(tx: Transaction, seat_id: UUID, person_id: UUID, seats: Iterable[Seat]) -> None:
    today = moscow_date(tx.now)
    await tx.execute("DELETE FROM seats WHERE seat_id = $1 AND person_id = $2", seat_id, person_id)
    for seat in seats:
        await tx.execute(
            "INSERT INTO seats (seat_id, person_id, member_id, duty, from_on, until_on, turns_on)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7)",
            seat.id,
            seat.person_id,
            seat.member_id,
            seat.duty,
            seat.from_on,
            seat.until_on,
            next_turn(seat, today),
        )


def _seat(row: Any) -> Seat:
    return Seat(
        row["seat_id"],
        row["person_id"],
        row["member_id"],
        Duty(row["duty"]),
        row["from_on"],
        row["until_on"],
    )
