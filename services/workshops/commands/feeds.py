"""Calendar feeds: each is made once with a secret that is shown once, and revoked for good."""

import secrets
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.workshops.domain import feeds as rules
from services.workshops.domain.feeds import FeedKind
from shared.database import Transaction
from shared.refusal import NotFound

_SECRET_BYTES = 24


async def make_feed(
    tx: Transaction, kind: FeedKind, workshop_id: UUID | None
) -> tuple[Mapping[str, Any], str]:
    """A new feed of the acting member and its secret, which is kept nowhere.

    Raises NotFound for a workshop of another, TooManyFeeds.
    """
    if workshop_id is not None:
        owner_id = await tx.value("SELECT owner_id FROM workshops WHERE id = $1", workshop_id)
        if owner_id is None or tx.actor is None or owner_id != tx.actor.member_id:
            raise NotFound("There is no such workshop, or it is not yours.")
    actor = tx.authorise()
    live: int = await tx.value(
        "SELECT count(*) FROM feeds WHERE member_id = $1 AND revoked_at IS NULL", actor.member
    )
    rules.check_count(live)
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    row: Mapping[str, Any] = await tx.row(
        "INSERT INTO feeds (id, member_id, kind, workshop_id, secret_sha256, made_by, made_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id, kind, workshop_id, made_at",
        tx.new_id(),
        actor.member,
        str(kind),
        workshop_id,
        rules.digest_of(secret),
        actor.person_id,
        tx.now,
    )
    tx.note("feed.made", row["id"])
    return row, secret


async def revoke_feed(tx: Transaction, feed_id: UUID) -> None:
    """From now on the feed's address leads nowhere; once more is nothing. Raises NotFound."""
    row = await tx.row("SELECT member_id, revoked_at FROM feeds WHERE id = $1", feed_id)
    if row is None or tx.actor is None or row["member_id"] != tx.actor.member_id:
        raise NotFound("There is no such feed, or it is not yours.")
    tx.authorise()
    revoked = await tx.execute(
        "UPDATE feeds SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL", feed_id, tx.now
    )
    if revoked:
        tx.note("feed.revoked", feed_id)
