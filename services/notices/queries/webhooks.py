"""Members' programs and what was delivered to them, for the member's coordinator."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from shared.database import Transaction
from shared.paging import cut, place_of
from shared.refusal import NotFound

Row = Mapping[str, Any]


async def webhooks(tx: Transaction) -> Sequence[Row]:
    """The programs of the acting member, the newest last."""
    actor = tx.authorise()
    rows: Sequence[Row] = await tx.fetch(
        "SELECT id, url, kinds, made_at, disabled_at FROM webhooks"
        " WHERE member_id = $1 AND removed_at IS NULL ORDER BY id",
        actor.member,
    )
    return rows


async def webhook(tx: Transaction, webhook_id: UUID) -> Row:
    """A program of the acting member, also one that was removed; raises NotFound for another's."""
    row: Row | None = await tx.row(
        "SELECT id, member_id, url, kinds, made_at, disabled_at, removed_at FROM webhooks"
        " WHERE id = $1",
        webhook_id,
    )
    if row is None or tx.actor is None or row["member_id"] != tx.actor.member_id:
        raise NotFound
    tx.authorise()
    return row


async def deliveries(
    tx: Transaction, webhook_id: UUID, *, cursor: str | None, limit: int
) -> tuple[list[Row], str | None]:
    """What the program was told, or is to be told, newest first, a page at a time."""
    [before] = place_of(cursor, (UUID,)) or [None]
    await webhook(tx, webhook_id)
    rows = await tx.fetch(
        "SELECT id, kind, made_at, due_at, tries, answer, reason_code, ended_at FROM deliveries"
        " WHERE webhook_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3",
        webhook_id,
        before,
        limit + 1,
    )
    return cut(rows, limit, lambda row: [row["id"]])
