"""Sessions: where a person is signed in."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.membership.domain.api_keys import require_person
from shared.database import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionItem:
    """A session of a person's own, by the words of its device; nothing that opens it."""

    id: UUID
    device: str | None
    """Browser and system, where the program that signed in named them."""
    is_current: bool
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime


async def own_sessions(tx: Transaction) -> list[SessionItem]:
    """The actor's sessions that are not over, the one used last first."""
    actor = require_person(tx.authorise())
    rows = await tx.fetch(
        "SELECT id, device, id = $2 AS is_current, created_at, last_used_at, expires_at"
        " FROM sessions WHERE person_id = $1 AND ended_at IS NULL AND expires_at > $3"
        " ORDER BY last_used_at DESC, id DESC LIMIT $4",
        actor.person_id,
        actor.session_id,
        tx.now,
        SHOWN_MAX,
    )
    return [SessionItem(**row) for row in rows]


SHOWN_MAX = 200
"""Programs may sign in as often as they like; a person looks at the newest."""
