"""What a person did here, for that person alone: their part of the audit, by id."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from shared.paging import Cursor, Limit, Page, cut, place_of
from shared.routes import ANYONE_SIGNED_IN, Routes, Tx


class Deed(BaseModel):
    """One thing that the person did: when, what, with which thing, for which member."""

    id: int
    at: datetime
    action: str
    object_id: UUID
    member_id: UUID | None
    reason: str | None


def add_deed_routes(routes: Routes) -> None:
    """Adds `/deeds` to the routes of a service.

    Where many people do much, the audit needs to be looked up by person (`deeds_1`).
    """

    @routes.get("/deeds", may=ANYONE_SIGNED_IN)
    async def list_deeds(tx: Tx, cursor: Cursor = None, limit: Limit = 50) -> Page[Deed]:
        """What one did in this service oneself, the newest first; a part of one's own data."""
        actor = tx.authorise()
        [before] = place_of(cursor, (_number,)) or [None]
        rows = await tx.fetch(
            "SELECT id, at, action, object_id, member_id, reason FROM audit WHERE person_id = $1"
            " AND ($2::bigint IS NULL OR id < $2) ORDER BY id DESC LIMIT $3",
            actor.person_id,
            before,
            limit + 1,
        )
        page, next_cursor = cut(rows, limit, lambda row: [row["id"]])
        return Page(items=[Deed(**row) for row in page], next_cursor=next_cursor)


def _number(part: Any) -> int:
    if isinstance(part, bool) or not isinstance(part, int) or not 0 <= part < 2**63:
        raise ValueError
    return part
