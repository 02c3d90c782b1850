"""Cases of exclusion, open matters and the log: what a member sees of itself."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from services.membership.domain.exclusion import CaseStatus, Ground, Initiative, case_status
from services.membership.records import case_of
from shared.database import Transaction
from shared.identity import Role
from shared.paging import cut, place_of
from shared.refusal import NotFound
from shared.russia.calendar import moscow_date

SECRETARIAT = frozenset({Role.COUNCIL_SECRETARY, Role.ADMINISTRATOR})
DECIDING = SECRETARIAT | {Role.COUNCIL_HEAD, Role.COUNCIL_MEMBER}
"""Whoever decides on a case has its file before them (R5.3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """A case of exclusion, as the member concerned and the secretariat see it."""

    id: UUID
    member_id: UUID
    ground: Ground
    initiative: Initiative
    initiator_id: UUID | None
    evidence: str
    status: CaseStatus
    opened_at: datetime
    answer_until_on: date
    answer: str | None
    answered_at: datetime | None
    closed_at: datetime | None
    decision_id: UUID | None
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenMatter:
    """Something that lives on, whoever leaves: by its id, at the service that owns it."""

    kind: Literal["request", "booking", "obligation"]
    id: UUID
    side: Literal["booker", "owner", "debtor", "creditor"]
    since_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenMatters:
    """How much is open with the member, by kind."""

    requests: int
    bookings: int
    obligations: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """A change of a member, a right or an agreement: who, when, why, before and after."""

    id: int
    at: datetime
    action: str
    object_id: UUID
    person_id: UUID | None
    """Who did it; empty for what fell due or was decided elsewhere."""
    member_id: UUID | None
    reason: str | None
    before: Any
    after: Any


async def cases(
    tx: Transaction, *, member_id: UUID | None, cursor: str | None, limit: int
) -> tuple[list[CaseView], str | None]:
    """For the secretariat every member's, for others the own one's; the newest first."""
    actor = tx.authorise()
    if not _is_one_of(tx, SECRETARIAT):
        member_id = actor.member
    [before] = place_of(cursor, (UUID,)) or [None]
    rows = await tx.fetch(
        "SELECT * FROM cases WHERE ($1::uuid IS NULL OR member_id = $1)"
        " AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3",
        member_id,
        before,
        limit + 1,
    )
    page, next_cursor = cut(rows, limit, lambda row: [row["id"]])
    return [_case(row, moscow_date(tx.now)) for row in page], next_cursor


async def case(tx: Transaction, case_id: UUID) -> CaseView:
    """A case of the own member's, or for the council and its secretariat any; raises NotFound."""
    row = await tx.row("SELECT * FROM cases WHERE id = $1", case_id)
    if row is None:
        raise NotFound
    is_own = tx.actor is not None and tx.actor.member_id == row["member_id"]
    if not is_own and not _is_one_of(tx, DECIDING):
        raise NotFound
    tx.authorise()
    return _case(row, moscow_date(tx.now))


async def count_open_matters(tx: Transaction, member_id: UUID) -> OpenMatters:
    """For the member's own people: how much is open, by kind."""
    await _require_own(tx, member_id)
    row = await tx.row(
        "SELECT count(DISTINCT matter_id) FILTER (WHERE kind = 'request') AS requests,"
        " count(DISTINCT matter_id) FILTER (WHERE kind = 'booking') AS bookings,"
        " count(DISTINCT matter_id) FILTER (WHERE kind = 'obligation') AS obligations"
        " FROM open_matters WHERE member_id = $1",
        member_id,
    )
    return OpenMatters(**row)


async def open_matters(
    tx: Transaction, member_id: UUID, *, cursor: str | None, limit: int
) -> tuple[list[OpenMatter], str | None]:
    """For the member's own people: what is open, by id."""
    await _require_own(tx, member_id)
    after = place_of(cursor, (UUID, str)) or [None, None]
    rows = await tx.fetch(
        "SELECT kind, matter_id AS id, side, since_at FROM open_matters WHERE member_id = $1"
        " AND ($2::uuid IS NULL OR (matter_id, side) > ($2, $3::text))"
        " ORDER BY matter_id, side LIMIT $4",
        member_id,
        *after,
        limit + 1,
    )
    page, next_cursor = cut(rows, limit, lambda row: [row["id"], row["side"]])
    return [OpenMatter(**row) for row in page], next_cursor


async def log(
    tx: Transaction, member_id: UUID, *, cursor: str | None, limit: int
) -> tuple[list[LogLine], str | None]:
    """For the member's own people: what was changed, the newest first. Nobody can rewrite it."""
    await _require_own(tx, member_id)
    [before] = place_of(cursor, (_number,)) or [None]
    rows = await tx.fetch(
        "WITH things AS (SELECT $1::uuid AS id"
        "  UNION SELECT agreement_id FROM agreement_parties WHERE member_id = $1"
        "  UNION SELECT id FROM applications WHERE member_id = $1"
        "  UNION SELECT id FROM cases WHERE member_id = $1"
        "  UNION SELECT id FROM invitations WHERE member_id = $1"
        "  UNION SELECT id FROM powers WHERE member_id = $1"
        "  UNION SELECT id FROM api_keys WHERE member_id = $1"
        "  UNION SELECT id FROM handovers WHERE member_id = $1)"
        " SELECT id, at, action, object_id, person_id, member_id, reason, before, after"
        " FROM audit WHERE (object_id IN (SELECT id FROM things)"
        "  OR (action IN ('roles.granted', 'affiliation.begun', 'affiliation.ended')"
        "   AND after ->> 'member_id' = $1::text AND object_id IN (SELECT person_id FROM roles"
        "    WHERE member_id = $1 UNION SELECT person_id FROM affiliations WHERE member_id = $1)))"
        " AND ($2::bigint IS NULL OR id < $2) ORDER BY id DESC LIMIT $3",
        member_id,
        before,
        limit + 1,
    )
    page, next_cursor = cut(rows, limit, lambda row: [row["id"]])
    return [LogLine(**row) for row in page], next_cursor


async def _require_own(tx: Transaction, member_id: UUID) -> None:
    if tx.actor is None or tx.actor.member_id != member_id:
        raise NotFound
    tx.authorise()


def _is_one_of(tx: Transaction, allowed: frozenset[Role]) -> bool:
    return tx.actor is not None and bool(allowed & tx.actor.roles)


def _number(part: Any) -> int:
    if isinstance(part, bool) or not isinstance(part, int) or not 0 <= part < 2**63:
        raise ValueError
    return part


def _case(row: Any, today: date) -> CaseView:
    known = case_of(row)
    return CaseView(
        id=known.id,
        member_id=known.member_id,
        ground=known.ground,
        initiative=Initiative(row["initiative"]),
        initiator_id=row["initiator_id"],
        evidence=row["evidence"],
        status=case_status(known, today),
        opened_at=row["opened_at"],
        answer_until_on=known.answer_until_on,
        answer=row["answer"],
        answered_at=known.answered_at,
        closed_at=known.closed_at,
        decision_id=known.decision_id,
        version=known.version,
    )
