"""Who is there: what a quorum is counted from, and what minutes list."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.council.domain.composition import Seat
from services.council.domain.meetings import Way
from services.council.queries.composition import seats_on
from shared.database import Transaction
from shared.refusal import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendance:
    """Somebody came, and perhaps left; one who left and came back is listed twice."""

    seat_id: UUID
    person_id: UUID
    member_id: UUID
    has_vote: bool
    way: Way
    registered_at: datetime
    left_at: datetime | None


async def present_seats(tx: Transaction, meeting_id: UUID, day: date) -> list[Seat]:
    """Seats with a vote on that Moscow day whose people are at the meeting at this moment."""
    rows = await tx.fetch(
        "SELECT seat_id FROM attendances WHERE meeting_id = $1 AND left_at IS NULL", meeting_id
    )
    there = {row["seat_id"] for row in rows}
    return [seat for seat in await seats_on(tx, day) if seat.has_vote and seat.id in there]


async def attendance(tx: Transaction, meeting_id: UUID) -> list[Attendance]:
    """Who came to the meeting and who left, in order; raises NotFound."""
    if not await tx.value("SELECT true FROM meetings WHERE id = $1", meeting_id):
        raise NotFound
    tx.authorise()
    rows = await tx.fetch(
        "SELECT a.seat_id, s.person_id, s.member_id, s.has_vote, a.way, a.registered_at, a.left_at"
        " FROM attendances a JOIN seats s ON s.id = a.seat_id WHERE a.meeting_id = $1"
        " ORDER BY a.registered_at, a.seat_id",
        meeting_id,
    )
    return [Attendance(**{**row, "way": Way(row["way"])}) for row in rows]
