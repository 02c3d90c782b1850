"""Who of the council asks: by the seat that the person has today, and not by the token's word alone.

A token may lag behind a change of the composition by some minutes; the rows of seats do not.
"""

from services.council.domain.composition import (
    CompositionIsMissing,
    Duty,
    NoSeat,
    Seat,
    SeatHasNoVote,
    SecretaryIsSeated,
)
from services.council.queries.composition import own_seat, seats_on
from shared.database import Transaction
from shared.identity import Actor, Role
from shared.russia.calendar import moscow_date


async def require_office(tx: Transaction) -> Actor:
    """Secretary and head do the council's office work (R6.1).

    An administrator does it only while the council has no secretary. Raises NoSeat,
    SecretaryIsSeated.
    """
    actor = tx.authorise()
    own = await own_seat(tx)
    if own is not None and own.duty in {Duty.SECRETARY, Duty.HEAD}:
        return actor
    if Role.ADMINISTRATOR not in actor.roles:
        raise NoSeat
    if any(seat.duty is Duty.SECRETARY for seat in await seats_on(tx, moscow_date(tx.now))):
        raise SecretaryIsSeated
    return actor


async def require_seat(tx: Transaction) -> Seat:
    """The seat of the person who asks; raises NoSeat."""
    tx.authorise()
    seat = await own_seat(tx)
    if seat is None:
        raise NoSeat
    return seat


async def require_vote(tx: Transaction) -> Seat:
    """The seat of the person who asks, once it has a vote; raises NoSeat, SeatHasNoVote."""
    seat = await require_seat(tx)
    if not seat.has_vote:
        raise SeatHasNoVote
    return seat


async def is_head(tx: Transaction) -> bool:
    """Whether the person who asks is the head of the council today."""
    seat = await own_seat(tx)
    return seat is not None and seat.duty is Duty.HEAD


async def require_founded(tx: Transaction) -> None:
    """Nothing is decided before there is a council; raises CompositionIsMissing."""
    if not await tx.value("SELECT true FROM seats LIMIT 1"):
        raise CompositionIsMissing
