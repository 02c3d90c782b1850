"""The register of decisions, with how far each was carried out."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from services.council.domain.decisions import (
    UNDATED,
    UNDONE,
    DecisionStatus,
    is_overdue,
)
from services.council.domain.kinds import DecisionKind, Force
from services.council.queries.sitting import require_insider
from services.council.records.ballots import decision_of
from shared.database import Transaction
from shared.paging import cut, place_of
from shared.refusal import NotFound
from shared.russia.calendar import moscow_date


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionView:
    """A decision of the council, as every member reads it."""

    id: UUID
    year: int
    number: int
    """Of the year, without gaps."""
    meeting_id: UUID
    item_id: UUID
    ballot_id: UUID
    text: str
    kind: DecisionKind
    force: Force
    competence_clause: str
    """The clause that gives the council the power; R4.2 where it advises."""
    subject_id: UUID | None
    ground: Literal["a", "b"] | None
    parameter: str | None
    value: str | None
    addressee_ids: list[UUID]
    responsible_member_id: UUID | None
    due_on: date | None
    adopted_on: date
    votes_for: int
    against: int
    abstained: int
    status: DecisionStatus
    is_overdue: bool
    answered_at: datetime | None
    reason_code: str | None
    """Why it failed, in the words of the service that should have carried it out."""
    cancelled_by_id: UUID | None
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportView:
    """What the responsible member reported, and what became of the report."""

    id: UUID
    member_id: UUID
    person_id: UUID
    words: str
    made_at: datetime
    verdict: Literal["accepted", "returned"] | None
    verdict_words: str | None
    verdict_at: datetime | None


_SELECT = (
    "SELECT d.*, b.votes_for, b.against, b.abstained FROM decisions d"
    " JOIN ballots b ON b.id = d.ballot_id"
)


async def decision(tx: Transaction, decision_id: UUID) -> DecisionView:
    """A decision; raises NotFound."""
    row = await tx.row(f"{_SELECT} WHERE d.id = $1", decision_id)
    if row is None:
        raise NotFound
    tx.authorise()
    return _view(row, moscow_date(tx.now))


async def decisions(
    tx: Transaction,
    *,
    status: DecisionStatus | None,
    kind: DecisionKind | None,
    is_overdue: bool | None,
    member_id: UUID | None,
    meeting_id: UUID | None,
    year: int | None,
    cursor: str | None,
    limit: int,
) -> tuple[list[DecisionView], str | None]:
    """Decisions, the newest first; `member_id` is responsible for them or addressed by them."""
    tx.authorise()
    before = place_of(cursor, (int, int)) or [None, None]
    today = moscow_date(tx.now)
    rows = await tx.fetch(
        f"{_SELECT} WHERE ($1::text IS NULL OR d.status = $1) AND ($2::text IS NULL OR d.kind = $2)"
        " AND ($3::uuid IS NULL OR d.responsible_member_id = $3 OR $3 = ANY (d.addressee_ids))"
        " AND ($4::uuid IS NULL OR d.meeting_id = $4) AND ($5::int IS NULL OR d.year = $5)"
        " AND ($6::boolean IS NULL OR $6 = (coalesce(d.due_on < $7, false)"
        "  AND d.status = ANY ($8) AND d.kind <> ALL ($9)))"
        " AND ($10::int IS NULL OR (d.year, d.number) < ($10, $11::int))"
        " ORDER BY d.year DESC, d.number DESC LIMIT $12",
        status,
        kind,
        member_id,
        meeting_id,
        year,
        is_overdue,
        today,
        list(UNDONE),
        list(UNDATED),
        *before,
        limit + 1,
    )
    page, next_cursor = cut(rows, limit, lambda row: [row["year"], row["number"]])
    return [_view(row, today) for row in page], next_cursor


async def reports(tx: Transaction, decision_id: UUID) -> list[ReportView]:
    """The reports on a decision, for the council and for the member that made them."""
    row = await tx.row("SELECT responsible_member_id FROM decisions WHERE id = $1", decision_id)
    if row is None:
        raise NotFound
    is_own = tx.actor is not None and tx.actor.member_id == row["responsible_member_id"]
    if is_own and tx.actor is not None and tx.actor.member_id is not None:
        tx.authorise()
    else:
        await require_insider(tx)
    rows = await tx.fetch("SELECT * FROM reports WHERE decision_id = $1 ORDER BY id", decision_id)
    return [
        ReportView(
            id=row["id"],
            member_id=row["member_id"],
            person_id=row["person_id"],
            words=row["words"],
            made_at=row["made_at"],
            verdict=row["verdict"],
            verdict_words=row["verdict_words"],
            verdict_at=row["verdict_at"],
        )
        for row in rows
    ]


def _view(row: Any, today: date) -> DecisionView:
    known = decision_of(row)
    return DecisionView(
        id=known.id,
        year=row["year"],
        number=row["number"],
        meeting_id=row["meeting_id"],
        item_id=row["item_id"],
        ballot_id=row["ballot_id"],
        text=row["text"],
        kind=known.kind,
        force=known.force,
        competence_clause=row["competence_clause"],
        subject_id=row["subject_id"],
        ground=row["ground"],
        parameter=known.parameter,
        value=row["value"],
        addressee_ids=row["addressee_ids"],
        responsible_member_id=known.responsible_member_id,
        due_on=known.due_on,
        adopted_on=row["adopted_on"],
        votes_for=row["votes_for"],
        against=row["against"],
        abstained=row["abstained"],
        status=known.status,
        is_overdue=is_overdue(known, today),
        answered_at=row["answered_at"],
        reason_code=row["reason_code"],
        cancelled_by_id=row["cancelled_by_id"],
        version=known.version,
    )
