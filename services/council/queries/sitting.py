"""Who of the council asks, for what it has among itself: by the seat, and nobody else."""

from services.council.domain.composition import Duty, NoSeat, Seat, SecretaryIsSeated
from services.council.queries.composition import seats_on
from services.council.records.composition import seat_of
from shared.database import Transaction
from shared.identity import Role
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
    """The seat of the person who asks; raises NoSeat where there is none."""
    tx.authorise()
    seat = await own_seat(tx)
    if seat is None:
        raise NoSeat
    return seat


async def require_insider(tx: Transaction) -> Seat | None:
    """The seat of the person who asks; None for an administrator while there is no secretary.

    Raises NoSeat, SecretaryIsSeated.
    """
    actor = tx.authorise()
    seat = await own_seat(tx)
    if seat is not None:
        return seat
    if Role.ADMINISTRATOR not in actor.roles:
        raise NoSeat
    seats = await seats_on(tx, moscow_date(tx.now))
    if any(other.duty is Duty.SECRETARY for other in seats):
        raise SecretaryIsSeated
    return None
