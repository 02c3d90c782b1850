"""The inbox of a person, for that person alone."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from shared.database import Transaction
from shared.paging import cut, place_of
from shared.refusal import NotFound

Row = Mapping[str, Any]

_PAGE = """
SELECT * FROM notices
WHERE person_id = $1 AND ($3::uuid IS NULL OR id < $3)
  AND ($4::boolean IS NULL
       OR (is_to_do AND settled_at IS NULL AND (due_at IS NULL OR due_at > $2)) = $4)
  AND (NOT $5 OR (read_at IS NULL AND settled_at IS NULL))
ORDER BY id DESC LIMIT $6
"""

_COUNTS = """
SELECT count(*) FILTER (WHERE read_at IS NULL) AS unread,
       count(*) FILTER (WHERE is_to_do AND (due_at IS NULL OR due_at > $2)) AS waiting
FROM notices WHERE person_id = $1 AND settled_at IS NULL
"""


async def notices(
    tx: Transaction, *, is_waiting: bool | None, is_unread: bool, cursor: str | None, limit: int
) -> tuple[list[Row], str | None]:
    """The acting person's notices, newest first, a page at a time."""
    [before] = place_of(cursor, (UUID,)) or [None]
    actor = tx.authorise()
    rows = await tx.fetch(
        _PAGE,
        actor.person_id,
        tx.now,
        before,
        is_waiting,
        is_unread,
        limit + 1,
    )
    return cut(rows, limit, lambda row: [row["id"]])


async def notice(tx: Transaction, notice_id: UUID) -> Row:
    """One notice of the acting person; raises NotFound for another's."""
    row: Row | None = await tx.row("SELECT * FROM notices WHERE id = $1", notice_id)
    if row is None or tx.actor is None or row["person_id"] != tx.actor.person_id:
        raise NotFound
    tx.authorise()
    return row


async def counts(tx: Transaction) -> Row:
    """How many notices of the acting person were not read, and how many wait for something."""
    actor = tx.authorise()
    row: Row = await tx.row(_COUNTS, actor.person_id, tx.now)
    return row
