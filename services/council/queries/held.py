"""A meeting as it was held: who was there, what was voted, for the minutes."""

from typing import Any
from uuid import UUID

from services.council.domain.minutes import AgendaItem, Held, Vote, number_text
from shared.database import Transaction
from shared.refusal import NotFound
from shared.russia.calendar import moscow_date


async def those_there(tx: Transaction, meeting_id: UUID) -> list[UUID]:
    """The seats with a vote that were at the meeting at any time, or took part in writing."""
    rows = await tx.fetch(
        "SELECT seat_id FROM attendances WHERE meeting_id = $1"
        " UNION SELECT seat_id FROM votes JOIN ballots b ON b.id = ballot_id"
        "  WHERE b.meeting_id = $1 AND b.is_absentee"
        " UNION SELECT seat_id FROM secret_casts JOIN ballots b ON b.id = ballot_id"
        "  WHERE b.meeting_id = $1 AND b.is_absentee"
        " ORDER BY seat_id",
        meeting_id,
    )
    return [row["seat_id"] for row in rows]


async def item_ids(tx: Transaction, meeting_id: UUID) -> list[UUID]:
    """The items of the agenda, in their order."""
    rows = await tx.fetch(
        "SELECT id FROM items WHERE meeting_id = $1 ORDER BY position", meeting_id
    )
    return [row["id"] for row in rows]


async def held(tx: Transaction, meeting_id: UUID, corrects_id: UUID | None) -> Held:
    """The meeting with its items, ballots, decisions and dissenting opinions; raises NotFound."""
    meeting = await tx.row("SELECT * FROM meetings WHERE id = $1", meeting_id)
    if meeting is None:
        raise NotFound
    items = await tx.fetch(
        "SELECT * FROM items WHERE meeting_id = $1 ORDER BY position", meeting_id
    )
    votes = await _votes(tx, meeting_id)
    return Held(
        held_on=moscow_date(meeting["starts_at"]),
        form=meeting["form"],
        place=meeting["place"],
        listed=meeting["seats_total"] or 0,
        items=tuple(
            AgendaItem(
                id=item["id"],
                position=item["position"],
                title=item["title"],
                votes=tuple(votes.get(item["id"], [])),
            )
            for item in items
        ),
        corrects=await _number_of(tx, corrects_id),
    )


async def _votes(tx: Transaction, meeting_id: UUID) -> dict[UUID, list[Vote]]:
    rows = await tx.fetch(
        "SELECT b.*, d.year, d.number, d.competence_clause FROM ballots b"
        " LEFT JOIN decisions d ON d.ballot_id = b.id"
        " WHERE b.meeting_id = $1 AND b.closed_at IS NOT NULL ORDER BY b.id",
        meeting_id,
    )
    dissents = await tx.fetch(
        "SELECT d.* FROM dissents d JOIN ballots b ON b.id = d.ballot_id"
        " WHERE b.meeting_id = $1 ORDER BY d.id",
        meeting_id,
    )
    found: dict[UUID, list[Vote]] = {}
    for row in rows:
        found.setdefault(row["item_id"], []).append(_vote(row, dissents))
    return found


def _vote(row: Any, dissents: list[Any]) -> Vote:
    has_decision = row["number"] is not None
    return Vote(
        question=row["question"],
        is_secret=row["is_secret"],
        outcome=row["outcome"],
        votes_for=row["votes_for"],
        against=row["against"],
        abstained=row["abstained"],
        recused=row["recused"],
        decision_number=number_text(row["year"], row["number"]) if has_decision else None,
        force=row["force"],
        clause=row["competence_clause"],
        due_on=row["due_on"],
        dissents=tuple(
            (each["seat_id"], each["words"]) for each in dissents if each["ballot_id"] == row["id"]
        ),
    )


async def _number_of(tx: Transaction, minutes_id: UUID | None) -> str | None:
    if minutes_id is None:
        return None
    row = await tx.row("SELECT year, number FROM minutes WHERE id = $1", minutes_id)
    return None if row is None else number_text(row["year"], row["number"])
