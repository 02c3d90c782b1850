"""Calls for a meeting out of turn: made and supported by those who sit in the council with a vote."""

from uuid import UUID

from services.council.commands.seating import require_vote
from services.council.domain.meetings import CallIsAnswered
from services.council.queries.composition import seats_on
from shared.database import Transaction
from shared.refusal import NotFound
from shared.russia.calendar import moscow_date


async def call(tx: Transaction, reason: str) -> UUID:
    """A member of the council wants a meeting, and is the first to support it."""
    seat = await require_vote(tx)
    call_id = tx.new_id("call")
    await tx.execute(
        "INSERT INTO calls (id, reason, made_at) VALUES ($1, $2, $3)", call_id, reason, tx.now
    )
    await _support(tx, call_id, seat.id)
    tx.note("call.made", call_id, after={"seat_id": seat.id})
    return call_id


async def support(tx: Transaction, call_id: UUID) -> None:
    """Another one wants it too; once is enough. Raises CallIsAnswered."""
    await _locked(tx, call_id)
    seat = await require_vote(tx)
    await _support(tx, call_id, seat.id)
    tx.note("call.supported", call_id, after={"seat_id": seat.id})


async def answer_call(tx: Transaction, call_id: UUID, meeting_id: UUID) -> tuple[int, int]:
    """The meeting is planned on the call; how many of how many with a vote support it today.

    Raises NotFound, CallIsAnswered.
    """
    await _locked(tx, call_id)
    voting = {seat.id for seat in await seats_on(tx, moscow_date(tx.now)) if seat.has_vote}
    rows = await tx.fetch("SELECT seat_id FROM call_supporters WHERE call_id = $1", call_id)
    await tx.execute("UPDATE calls SET meeting_id = $2 WHERE id = $1", call_id, meeting_id)
    return len(voting & {row["seat_id"] for row in rows}), len(voting)


async def _locked(tx: Transaction, call_id: UUID) -> None:
    row = await tx.row("SELECT meeting_id FROM calls WHERE id = $1 FOR UPDATE", call_id)
    if row is None:
        raise NotFound
    if row["meeting_id"] is not None:
        raise CallIsAnswered


async def _support(tx: Transaction, call_id: UUID, seat_id: UUID) -> None:
    await tx.execute(
        "INSERT INTO call_supporters (call_id, seat_id, supported_at) VALUES ($1, $2, $3)"
        " ON CONFLICT DO NOTHING",
        call_id,
        seat_id,
        tx.now,
    )
