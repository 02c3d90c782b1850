"""What membership makes ready for an agenda: applications that were checked, cases of exclusion."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from services.council.domain.proposals import Matter, MatterKind
from services.council.records.meetings import matter_of
from shared.database import Transaction
from shared.refusal import NotFound
from shared.russia.calendar import moscow_date


async def ready_application(tx: Transaction, application_id: UUID) -> None:
    """The application was checked, perhaps once more."""
    await _note(tx, application_id, MatterKind.APPLICATION, ready_on=moscow_date(tx.now))


async def open_case(
    tx: Transaction, case_id: UUID, member_id: UUID, ground: str, answer_until_on: date
) -> None:
    """A member may answer up to that day; then the case is ready, whether it did or not (R5.3)."""
    await _note(
        tx,
        case_id,
        MatterKind.CASE,
        member_id=member_id,
        ground=ground,
        ready_on=answer_until_on + timedelta(days=1),
    )


async def ready_case(tx: Transaction, case_id: UUID) -> None:
    """The member has answered: the case is ready today."""
    await tx.execute(
        "UPDATE matters SET ready_on = least(ready_on, $2) WHERE id = $1",
        case_id,
        moscow_date(tx.now),
    )


async def close_matter(tx: Transaction, matter_id: UUID) -> None:
    """Nothing is left to decide on it."""
    await tx.execute(
        "UPDATE matters SET closed_at = $2 WHERE id = $1 AND closed_at IS NULL", matter_id, tx.now
    )


async def close_matters_of(tx: Transaction, member_id: UUID) -> None:
    """Who takes no part any more is excluded no more."""
    await tx.execute(
        "UPDATE matters SET closed_at = $2 WHERE member_id = $1 AND closed_at IS NULL",
        member_id,
        tx.now,
    )


async def locked(tx: Transaction, matter_id: UUID) -> Matter:
    """The matter, held until the end of the transaction; raises NotFound."""
    row = await tx.row("SELECT * FROM matters WHERE id = $1 FOR UPDATE", matter_id)
    if row is None:
        raise NotFound
    return matter_of(row)


async def _note(tx: Transaction, matter_id: UUID, kind: MatterKind, **known: Any) -> None:
    await tx.execute(
        "INSERT INTO matters (id, kind, member_id, ground, ready_on, heard_at)"
        " VALUES ($1, $2, $3, $4, $5, $6)"
        " ON CONFLICT (id) DO UPDATE SET ready_on = EXCLUDED.ready_on, closed_at = NULL",
        matter_id,
        kind,
        known.get("member_id"),
        known.get("ground"),
        known["ready_on"],
        tx.now,
    )
