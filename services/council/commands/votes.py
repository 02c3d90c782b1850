"""Voting in an open ballot: in the open by name, in secret by papers; recusal; dissenting opinions."""

import base64
import secrets
from uuid import UUID

import asyncpg

from services.council.commands.ballots import keep_open
from services.council.domain import voting
from services.council.domain.voting import (
    Ballot,
    Choice,
    DissentIsFiled,
    MeetingIsNotOpen,
    SeatIsRecused,
    Voter,
)
from services.council.queries.parameters import rules_on
from services.council.queries.sitting import require_own_seat
from services.council.records.ballots import ballot_of, voter_of
from shared.database import Transaction
from shared.refusal import NotFound
from shared.russia.calendar import moscow_date

_RECEIPT_BYTES = 16


async def cast_vote(
    tx: Transaction, ballot_id: UUID, choice: Choice, seat_id: UUID | None
) -> list[str]:
    """Votes for the own seat, or for one whose power one has; returns a secret vote's receipts.

    The ballot is held against the close, the voter's row against a second vote at the same time.
    """
    ballot = await _ballot(tx, ballot_id)
    seat = await require_own_seat(tx)
    voter = await _voter(tx, ballot_id, seat_id or seat.id)
    voting.require_may_vote(
        ballot,
        voter,
        seat.person_id,
        tx.now,
        has_voted=await _has_voted(tx, ballot_id, [seat_id or seat.id]),
    )
    assert voter is not None  # require_may_vote has asked
    if ballot.is_secret:
        return await _cast_in_secret(tx, ballot_id, voter, choice)
    before = await tx.value(
        "SELECT choice FROM votes WHERE ballot_id = $1 AND seat_id = $2", ballot_id, voter.seat_id
    )
    await tx.execute(
        "INSERT INTO votes (ballot_id, seat_id, choice, cast_at) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (ballot_id, seat_id) DO UPDATE SET choice = $3, cast_at = $4",
        ballot_id,
        voter.seat_id,
        choice,
        tx.now,
    )
    tx.note(
        "vote.cast",
        ballot_id,
        before={"choice": before} if before else None,
        after={"seat_id": voter.seat_id, "choice": choice},
    )
    return []


async def _cast_in_secret(
    tx: Transaction, ballot_id: UUID, voter: Voter, choice: Choice
) -> list[str]:
    """Notes that this one has voted, and puts as many equal papers into the box as the vote weighs.

    Nothing is noted in the audit, which would have the moment; the note that is kept is the row of
    who has voted. One paper of weight 3 would tell whose it is, three of weight 1 do not.
    """
    receipts = [_receipt() for _ in range(voter.weight)]
    await tx.execute(
        "INSERT INTO secret_casts (ballot_id, seat_id) VALUES ($1, $2)", ballot_id, voter.seat_id
    )
    await tx.execute(
        "INSERT INTO secret_papers (ballot_id, receipt, choice)"
        " SELECT $1, receipt, $3 FROM unnest($2::text[]) AS receipt",
        ballot_id,
        receipts,
        choice,
    )
    return receipts


def _receipt() -> str:
    """128 random bits, written so that people can compare them; it says nothing of its moment."""
    return base64.b32encode(secrets.token_bytes(_RECEIPT_BYTES)).decode().rstrip("=")


async def recuse(tx: Transaction, item_id: UUID, reason: str) -> None:
    """Stands aside on an item because of a conflict of interest, with the powers one has."""
    row = await tx.row(
        "SELECT m.status FROM items i JOIN meetings m ON m.id = i.meeting_id"
        " WHERE i.id = $1 FOR SHARE OF m",
        item_id,
    )
    if row is None:
        raise NotFound
    seat = await require_own_seat(tx)
    if row["status"] not in {"announced", "open"}:
        raise MeetingIsNotOpen
    ballot_id = await tx.value(
        "SELECT id FROM ballots WHERE item_id = $1 AND closed_at IS NULL", item_id
    )
    if ballot_id is not None:
        await _leave_ballot(tx, ballot_id, seat.id, seat.person_id)
    try:
        await tx.execute(
            "INSERT INTO recusals (item_id, seat_id, reason, recorded_at) VALUES ($1, $2, $3, $4)",
            item_id,
            seat.id,
            reason,
            tx.now,
        )
    except asyncpg.UniqueViolationError:
        raise SeatIsRecused from None
    tx.note("seat.recused", item_id, after={"seat_id": seat.id})


async def _leave_ballot(tx: Transaction, ballot_id: UUID, seat_id: UUID, person_id: UUID) -> None:
    """Takes the seat, and those it votes for, out of an open ballot."""
    ballot = await _ballot(tx, ballot_id)
    rows = await tx.fetch(
        "SELECT seat_id FROM ballot_voters WHERE ballot_id = $1"
        " AND (seat_id = $2 OR person_id = $3) ORDER BY seat_id FOR UPDATE",
        ballot_id,
        seat_id,
        person_id,
    )
    seats = [row["seat_id"] for row in rows]
    has_voted = await _has_voted(tx, ballot_id, seats)
    voting.require_may_recuse(ballot, tx.now, has_voted=has_voted)
    await tx.execute(
        "DELETE FROM votes WHERE ballot_id = $1 AND seat_id = ANY ($2)", ballot_id, seats
    )
    await tx.execute(
        "UPDATE ballot_voters SET is_recused = true WHERE ballot_id = $1 AND seat_id = ANY ($2)",
        ballot_id,
        seats,
    )


async def dissent(tx: Transaction, ballot_id: UUID, words: str) -> UUID:
    """Files a dissenting opinion, which goes to the minutes, within some working days."""
    ballot = await _ballot(tx, ballot_id)
    seat = await require_own_seat(tx)
    rules = await rules_on(tx, moscow_date(ballot.opened_at))
    voter = await _voter(tx, ballot_id, seat.id)
    days = rules.whole("dissent_working_days")
    voting.require_may_dissent(ballot, voter, seat.person_id, days, tx.now)
    dissent_id = tx.new_id("dissent")
    try:
        await tx.execute(
            "INSERT INTO dissents (id, ballot_id, seat_id, words, filed_at)"
            " VALUES ($1, $2, $3, $4, $5)",
            dissent_id,
            ballot_id,
            seat.id,
            words,
            tx.now,
        )
    except asyncpg.UniqueViolationError:
        raise DissentIsFiled from None
    tx.note("dissent.filed", ballot_id, after={"dissent_id": dissent_id, "seat_id": seat.id})
    return dissent_id


async def _ballot(tx: Transaction, ballot_id: UUID) -> Ballot:
    """The ballot, which is not closed before this transaction has ended."""
    await keep_open(tx, ballot_id)
    row = await tx.row("SELECT * FROM ballots WHERE id = $1", ballot_id)
    if row is None:
        raise NotFound
    return ballot_of(row)


async def _voter(tx: Transaction, ballot_id: UUID, seat_id: UUID) -> Voter | None:
    row = await tx.row(
        "SELECT * FROM ballot_voters WHERE ballot_id = $1 AND seat_id = $2 FOR UPDATE",
        ballot_id,
        seat_id,
    )
    return None if row is None else voter_of(row)


async def _has_voted(tx: Transaction, ballot_id: UUID, seats: list[UUID]) -> bool:
    return bool(
        await tx.value(
            "SELECT EXISTS (SELECT 1 FROM votes WHERE ballot_id = $1 AND seat_id = ANY ($2))"
            " OR EXISTS (SELECT 1 FROM secret_casts WHERE ballot_id = $1 AND seat_id = ANY ($2))",
            ballot_id,
            seats,
        )
    )
