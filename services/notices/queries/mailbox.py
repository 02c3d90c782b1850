"""The mailbox of the demo: letters that would have gone out."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from shared.database import Transaction
from shared.paging import cut, place_of


async def letters(
    tx: Transaction, *, cursor: str | None, limit: int
) -> tuple[list[Mapping[str, Any]], str | None]:
    """The letters of the last day, newest first, a page at a time."""
    [before] = place_of(cursor, (UUID,)) or [None]
    tx.authorise()
    rows = await tx.fetch(
        "SELECT * FROM mailbox WHERE $1::uuid IS NULL OR (kept_at, id) <"
        " (SELECT kept_at, id FROM mailbox WHERE id = $1) ORDER BY kept_at DESC, id DESC LIMIT $2",
        before,
        limit + 1,
    )
    return cut(rows, limit, lambda row: [row["id"]])
