"""Who takes part in the cluster, as it was heard."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from shared.database import Transaction


async def members_on(tx: Transaction, day: date) -> Sequence[UUID]:
    """Who takes part in the cluster on that Moscow day, by id."""
    rows = await tx.fetch(
        "SELECT id FROM members WHERE joined_on <= $1"
        " AND (withdrawn_on IS NULL OR withdrawn_on > $1) ORDER BY id",
        day,
    )
    return [row["id"] for row in rows]
