"""Who comes to a meeting: invitations, registration in the room or by video, and leaving."""

from uuid import UUID

import asyncpg

from services.council.commands.agenda import locked_meeting
from services.council.commands.seating import require_office
from services.council.domain.composition import Seat, SeatHasNoVote
from services.council.domain.meetings import (
    SeatIsAbsent,
    SeatIsPresent,
    Way,
    check_invitation,
    require_invitable,
    require_registration,
    require_way,
)
from services.council.queries.composition import own_seat, seats_on
from shared.database import Transaction
from shared.refusal import Invalid, NotFound
from shared.russia.calendar import moscow_date


async def register(
    tx: Transaction, meeting_id: UUID, way: Way, seat_id: UUID | None = None
) -> None:
    """Somebody is there: by the own word, or by the secretary's for any seat.

    Raises RegistrationIsNotOpen, WayIsWrong, SeatHasNoVote, SeatIsPresent, AbsenteeHasNoRoom.
    """
    meeting = await locked_meeting(tx, meeting_id)
    seat = await _seat(tx, seat_id)
    require_registration(meeting, tx.now)
    require_way(meeting, way)
    try:
        await tx.execute(
            "INSERT INTO attendances (meeting_id, seat_id, registered_at, way)"
            " VALUES ($1, $2, $3, $4)",
            meeting_id,
            seat.id,
            tx.now,
            way,
        )
    except (asyncpg.ExclusionViolationError, asyncpg.UniqueViolationError):
        raise SeatIsPresent from None
    tx.note("meeting.registered", meeting_id, after={"seat_id": seat.id, "way": way})


async def leave(tx: Transaction, meeting_id: UUID, seat_id: UUID | None = None) -> None:
    """Somebody leaves: from now on the seat counts for no quorum. Raises SeatIsAbsent."""
    meeting = await locked_meeting(tx, meeting_id)
    seat = await _seat(tx, seat_id)
    require_registration(meeting, tx.now)
    left = await tx.execute(
        "UPDATE attendances SET left_at = $3"
        " WHERE meeting_id = $1 AND seat_id = $2 AND left_at IS NULL",
        meeting_id,
        seat.id,
        tx.now,
    )
    if not left:
        raise SeatIsAbsent
    tx.note("meeting.left", meeting_id, after={"seat_id": seat.id})


async def invite(
    tx: Transaction,
    meeting_id: UUID,
    *,
    person_id: UUID | None,
    words: str | None,
    item_id: UUID | None,
) -> UUID:
    """Somebody who does not sit is invited, to the whole meeting or to one item; once."""
    check_invitation(person_id, words)
    meeting = await locked_meeting(tx, meeting_id)
    await require_office(tx)
    require_invitable(meeting)
    if item_id is not None and not await tx.value(
        "SELECT true FROM items WHERE id = $1 AND meeting_id = $2", item_id, meeting_id
    ):
        raise Invalid("No item of this agenda is known by this id.", at="body.item_id")
    invitation_id = tx.new_id("invitation")
    added = await tx.execute(
        "INSERT INTO invitations (id, meeting_id, person_id, words, item_id, invited_at)"
        " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (meeting_id, person_id) DO NOTHING",
        invitation_id,
        meeting_id,
        person_id,
        words,
        item_id,
        tx.now,
    )
    if added:
        tx.note("meeting.invited", meeting_id, after={"person_id": person_id, "item_id": item_id})
    return invitation_id


async def take_back_invitation(tx: Transaction, meeting_id: UUID, invitation_id: UUID) -> None:
    """Somebody is invited no more."""
    meeting = await locked_meeting(tx, meeting_id)
    await require_office(tx)
    require_invitable(meeting)
    await tx.execute(
        "DELETE FROM invitations WHERE id = $1 AND meeting_id = $2", invitation_id, meeting_id
    )
    tx.note("meeting.invitation_taken_back", meeting_id, before={"invitation_id": invitation_id})


async def _seat(tx: Transaction, seat_id: UUID | None) -> Seat:
    """The own seat, or any other one for those who do the office work, with a vote today."""
    tx.authorise()
    own = await own_seat(tx)
    if seat_id is None or (own is not None and own.id == seat_id):
        seat = own
    else:
        await require_office(tx)
        seats = await seats_on(tx, moscow_date(tx.now))
        seat = next((seat for seat in seats if seat.id == seat_id), None)
        if seat is None and not await tx.value("SELECT true FROM seats WHERE id = $1", seat_id):
            raise NotFound
    if seat is None or not seat.has_vote:
        raise SeatHasNoVote
    return seat
