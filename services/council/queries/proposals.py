"""Proposals with their discussion, and what membership has made ready for an agenda."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from services.council.domain.kinds import DecisionKind
from services.council.domain.proposals import MatterKind, ProposalStatus
from shared.database import Transaction
from shared.paging import cut, place_of
from shared.refusal import NotFound
from shared.russia.calendar import moscow_date

_PLACED = (
    "LEFT JOIN LATERAL (SELECT i.id AS item_id, i.meeting_id FROM items i"
    " JOIN meetings held ON held.id = i.meeting_id WHERE i.{thing}_id = {alias}.id"
    " AND held.status NOT IN ('rescheduled', 'cancelled')"
    " AND i.outcome IS DISTINCT FROM 'postponed' ORDER BY i.id DESC LIMIT 1) i ON true"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalItem:
    """A proposal in a list."""

    id: UUID
    member_id: UUID
    title: str
    decision_kind: DecisionKind | None
    status: ProposalStatus
    submitted_at: datetime
    remarks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalView(ProposalItem):
    """A proposal, what would be decided, and what became of it."""

    person_id: UUID
    body: str
    draft_text: str | None
    parameter: str | None
    value: str | None
    reason: str | None
    """Why it was taken to no agenda."""
    answered_at: datetime | None
    item_id: UUID | None
    meeting_id: UUID | None
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """What somebody of a member said of a proposal."""

    id: UUID
    member_id: UUID
    person_id: UUID
    words: str
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterView:
    """An application to admit, or a case of exclusion, that is open: its id is theirs."""

    id: UUID
    kind: MatterKind
    member_id: UUID | None
    ground: Literal["a", "b"] | None
    ready_on: date
    is_ready: bool
    item_id: UUID | None
    """The item on which it is decided, once it stands on an agenda."""
    meeting_id: UUID | None


async def proposals(
    tx: Transaction,
    *,
    status: ProposalStatus | None,
    member_id: UUID | None,
    cursor: str | None,
    limit: int,
) -> tuple[list[ProposalItem], str | None]:
    """Proposals of all members, the newest first (R5.1)."""
    tx.authorise()
    [before] = place_of(cursor, (UUID,)) or [None]
    rows = await tx.fetch(
        "SELECT id, member_id, title, decision_kind, status, submitted_at, (SELECT count(*)"
        " FROM proposal_remarks r WHERE r.proposal_id = p.id) AS remarks FROM proposals p"
        " WHERE ($1::text IS NULL OR status = $1) AND ($2::uuid IS NULL OR member_id = $2)"
        " AND ($3::uuid IS NULL OR id < $3) ORDER BY id DESC LIMIT $4",
        status,
        member_id,
        before,
        limit + 1,
    )
    page, next_cursor = cut(rows, limit, lambda row: [row["id"]])
    return [ProposalItem(**_item(row)) for row in page], next_cursor


async def proposal(tx: Transaction, proposal_id: UUID) -> ProposalView:
    """A proposal; raises NotFound."""
    row = await tx.row(
        "SELECT p.*, i.item_id, i.meeting_id, (SELECT count(*) FROM proposal_remarks r"  # noqa: S608 - constants
        " WHERE r.proposal_id = p.id) AS remarks FROM proposals p"
        f" {_PLACED.format(thing='proposal', alias='p')} WHERE p.id = $1",
        proposal_id,
    )
    if row is None:
        raise NotFound
    tx.authorise()
    return ProposalView(
        **_item(row),
        person_id=row["person_id"],
        body=row["body"],
        draft_text=row["draft_text"],
        parameter=row["parameter"],
        value=row["value"],
        reason=row["reason"],
        answered_at=row["answered_at"],
        item_id=row["item_id"],
        meeting_id=row["meeting_id"],
        version=row["version"],
    )


async def remarks(
    tx: Transaction, proposal_id: UUID, *, cursor: str | None, limit: int
) -> tuple[list[Remark], str | None]:
    """The discussion of a proposal, in order; raises NotFound."""
    if not await tx.value("SELECT true FROM proposals WHERE id = $1", proposal_id):
        raise NotFound
    tx.authorise()
    [after] = place_of(cursor, (UUID,)) or [None]
    rows = await tx.fetch(
        "SELECT id, member_id, person_id, words, made_at FROM proposal_remarks"
        " WHERE proposal_id = $1 AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $3",
        proposal_id,
        after,
        limit + 1,
    )
    page, next_cursor = cut(rows, limit, lambda row: [row["id"]])
    return [Remark(**row) for row in page], next_cursor


async def matters(
    tx: Transaction, *, kind: MatterKind | None, cursor: str | None, limit: int
) -> tuple[list[MatterView], str | None]:
    """What waits for the council, the earliest first; what is over is left out."""
    tx.authorise()
    after = place_of(cursor, (date.fromisoformat, UUID)) or [None, None]
    rows = await tx.fetch(
        "SELECT m.*, i.item_id, i.meeting_id FROM matters m"  # noqa: S608 - constants
        f" {_PLACED.format(thing='matter', alias='m')} WHERE closed_at IS NULL"
        " AND ($1::text IS NULL OR kind = $1)"
        " AND ($2::date IS NULL OR (ready_on, m.id) > ($2, $3::uuid))"
        " ORDER BY ready_on, m.id LIMIT $4",
        kind,
        *after,
        limit + 1,
    )
    page, next_cursor = cut(rows, limit, lambda row: [row["ready_on"], row["id"]])
    today = moscow_date(tx.now)
    return [
        MatterView(
            id=row["id"],
            kind=MatterKind(row["kind"]),
            member_id=row["member_id"],
            ground=row["ground"],
            ready_on=row["ready_on"],
            is_ready=row["ready_on"] <= today,
            item_id=row["item_id"],
            meeting_id=row["meeting_id"],
        )
        for row in page
    ], next_cursor


def _item(row: Any) -> dict[str, Any]:
    kind = row["decision_kind"]
    return {
        "id": row["id"],
        "member_id": row["member_id"],
        "title": row["title"],
        "decision_kind": None if kind is None else DecisionKind(kind),
        "status": ProposalStatus(row["status"]),
        "submitted_at": row["submitted_at"],
        "remarks": row["remarks"],
    }
