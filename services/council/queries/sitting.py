"""Who of the council asks, for what it has among itself: to everybody else it is not there."""

from services.council.domain.composition import Duty, Seat
from services.council.queries.composition import seats_on
from shared.database import Transaction
from shared.identity import Role
from shared.refusal import NotFound
from shared.russia.calendar import moscow_date


async def require_own_seat(tx: Transaction) -> Seat:
    """The seat of the person who asks; raises NotFound where there is none."""
    seat, _ = await _seat_and_office(tx)
    if seat is None:
        raise NotFound
    tx.authorise()
    return seat


async def require_insider(tx: Transaction) -> Seat | None:
    """The seat of the person who asks; None for an administrator while there is no secretary.

    Raises NotFound.
    """
    seat, is_office_vacant = await _seat_and_office(tx)
    is_standing_in = (
        is_office_vacant and tx.actor is not None and Role.ADMINISTRATOR in tx.actor.roles
    )
    if seat is None and not is_standing_in:
        raise NotFound
    tx.authorise()
    return seat


async def _seat_and_office(tx: Transaction) -> tuple[Seat | None, bool]:
    seats = await seats_on(tx, moscow_date(tx.now))
    whose = None if tx.actor is None else (tx.actor.person_id, tx.actor.member_id)
    own = next((seat for seat in seats if (seat.person_id, seat.member_id) == whose), None)
    return own, not any(seat.duty is Duty.SECRETARY for seat in seats)
