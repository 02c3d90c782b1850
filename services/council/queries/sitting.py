"""Who of the council asks, for what it has among itself: to everybody else it is not there."""

from services.council.domain.composition import Duty, Seat
from services.council.queries.composition import seats_on
from services.council.records.composition import seat_of
from shared.database import Transaction
from shared.identity import Role
from shared.refusal import NotFound
from shared.russia.calendar import moscow_date


async def own_seat(tx: Transaction) -> Seat | None:
    """The seat of the person who asks, for the member they act for; one row, as votes come at once."""
    if tx.actor is None or tx.actor.member_id is None:
        return None
    rows = await tx.look(
        "SELECT * FROM seats WHERE person_id = $1 AND member_id = $2"
        " AND from_on <= $3 AND (until_on IS NULL OR until_on >= $3)",
        tx.actor.person_id,
        tx.actor.member_id,
        moscow_date(tx.now),
    )
    return seat_of(rows[0]) if rows else None


async def require_own_seat(tx: Transaction) -> Seat:
    """The seat of the person who asks; raises NotFound where there is none."""
    seat = await own_seat(tx)
    if seat is None:
        raise NotFound
    tx.authorise()
    return seat


async def require_insider(tx: Transaction) -> Seat | None:
    """The seat of the person who asks; None for an administrator while there is no secretary.

    Raises NotFound.
    """
    seat = await own_seat(tx)
    if seat is None and not await _stands_in(tx):
        raise NotFound
    tx.authorise()
    return seat


async def _stands_in(tx: Transaction) -> bool:
    if tx.actor is None or Role.ADMINISTRATOR not in tx.actor.roles:
        return False
    seats = await seats_on(tx, moscow_date(tx.now))
    return not any(seat.duty is Duty.SECRETARY for seat in seats)
