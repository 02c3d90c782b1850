"""Keys of the own member's programs; never the keys themselves."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from shared.database import Transaction
from shared.identity import Role
from shared.paging import cut, place_of
from shared.russia.calendar import moscow_date


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyItem:
    """A key by its name; who made it answers for what the program does."""

    id: UUID
    name: str
    roles: list[Role]
    made_by: UUID
    made_at: datetime
    expires_on: date
    """The last day on which it is good."""
    last_used_on: date | None
    revoked_at: datetime | None
    is_valid: bool


_KEYS = (
    "SELECT id, name, roles, made_by, made_at, expires_on, last_used_on, revoked_at FROM api_keys"
)


async def api_key(tx: Transaction, key_id: UUID) -> KeyItem:
    """A key that was just made."""
    return _item(await tx.row(f"{_KEYS} WHERE id = $1", key_id), moscow_date(tx.now))


async def api_keys(
    tx: Transaction, *, cursor: str | None, limit: int
) -> tuple[list[KeyItem], str | None]:
    """The keys of the actor's own member, the newest first, also those that are over."""
    actor = tx.authorise()
    [before] = place_of(cursor, (UUID,)) or [None]
    rows = await tx.fetch(
        f"{_KEYS} WHERE member_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3",
        actor.member_id,
        before,
        limit + 1,
    )
    page, next_cursor = cut(rows, limit, lambda row: [row["id"]])
    return [_item(row, moscow_date(tx.now)) for row in page], next_cursor


def _item(row: Any, today: date) -> KeyItem:
    return KeyItem(
        **{**row, "roles": [Role(role) for role in row["roles"]]},
        is_valid=row["revoked_at"] is None and row["expires_on"] >= today,
    )
