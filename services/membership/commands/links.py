"""Links that serve one purpose, and the letters in which they lie.

A link is a token that only its letter holds; here its hash is kept. Whoever comes with it has
read the mail at that address, and may do the one thing that it is good for, once.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from contracts.membership import LetterWritten
from services.membership.domain.joining import LINK_LASTS, LinkIsOver, Purpose
from shared.database import Transaction

LETTER_LASTS = timedelta(days=60)
_FORGOTTEN_AT_ONCE = 500


async def send_link(
    tx: Transaction, purpose: Purpose, about_id: UUID, address: str, words: str | None = None
) -> None:
    """Writes a letter with a new link; older ones for the same purpose and thing are over."""
    token = secrets.token_urlsafe(32)
    expires_at = tx.now + LINK_LASTS[purpose]
    await cancel(tx, about_id, purpose)
    await tx.execute(
        "INSERT INTO links (token_hash, purpose, about_id, made_at, expires_at)"
        " VALUES ($1, $2, $3, $4, $5)",
        _hash(token),
        purpose,
        about_id,
        tx.now,
        expires_at,
    )
    await write_letter(
        tx, purpose, about_id, address, token=token, words=words, expires_at=expires_at
    )


async def write_letter(
    tx: Transaction,
    kind: str,
    about_id: UUID,
    address: str,
    *,
    token: str | None = None,
    words: str | None = None,
    expires_at: datetime | None = None,
) -> None:
    """Writes a letter to the address; what stands in it is known to its reader alone.

    Whoever sends it asks for it at that moment.
    """
    letter_id = tx.new_id("letter")
    await tx.execute(
        "INSERT INTO letters (id, address, kind, about_id, token, words, written_at, expires_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        letter_id,
        address,
        kind,
        about_id,
        token,
        words,
        tx.now,
        expires_at or tx.now + LETTER_LASTS,
    )
    tx.record(LetterWritten(letter_id=letter_id))


async def letters_of_late(tx: Transaction, about_id: UUID, since: datetime, *kinds: str) -> int:
    """How many letters of these kinds were written about the thing since then."""
    count: int = await tx.value(
        "SELECT count(*) FROM letters WHERE about_id = $1 AND kind = ANY ($2) AND written_at > $3",
        about_id,
        list(kinds),
        since,
    )
    return count


async def cancel(tx: Transaction, about_id: UUID, *purposes: Purpose) -> None:
    """Links for these purposes about the thing are over."""
    await tx.execute(
        "UPDATE links SET used_at = $3 WHERE about_id = $1 AND purpose = ANY ($2)"
        " AND used_at IS NULL",
        about_id,
        list(purposes),
        tx.now,
    )


async def spend(tx: Transaction, token: str, purpose: Purpose) -> UUID:
    """What the link is about; it is used up by that. Raises LinkIsOver."""
    about_id: UUID | None = await tx.value(
        "UPDATE links SET used_at = $3 WHERE token_hash = $1 AND purpose = $2"
        " AND used_at IS NULL AND expires_at > $3 RETURNING about_id",
        _hash(token),
        purpose,
        tx.now,
    )
    if about_id is None:
        raise LinkIsOver
    return about_id


async def look(tx: Transaction, token: str, *purposes: Purpose) -> UUID:
    """What the link is about, which stays as good as it was. Raises LinkIsOver."""
    about_id: UUID | None = await tx.value(
        "SELECT about_id FROM links WHERE token_hash = $1 AND purpose = ANY ($2)"
        " AND used_at IS NULL AND expires_at > $3",
        _hash(token),
        list(purposes),
        tx.now,
    )
    if about_id is None:
        raise LinkIsOver
    return about_id


async def glance(tx: Transaction, token: str, purpose: Purpose) -> UUID:
    """As `look`, but keeps no connection, for work of the CPU that follows. Raises LinkIsOver."""
    rows = await tx.database.fetch(
        "SELECT about_id FROM links WHERE token_hash = $1 AND purpose = $2"
        " AND used_at IS NULL AND expires_at > $3",
        _hash(token),
        purpose,
        tx.now,
    )
    if not rows:
        raise LinkIsOver
    about_id: UUID = rows[0]["about_id"]
    return about_id


async def forget_what_is_over(tx: Transaction) -> int:
    """Forgets links, letters and invited addresses whose time is over, and unconfirmed drafts."""
    links = await tx.execute(
        "DELETE FROM links WHERE token_hash IN (SELECT token_hash FROM links"
        " WHERE expires_at <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED)",
        tx.now,
        _FORGOTTEN_AT_ONCE,
    )
    letters = await tx.execute(
        "DELETE FROM letters WHERE id IN (SELECT id FROM letters WHERE expires_at <= $1 LIMIT $2)",
        tx.now,
        _FORGOTTEN_AT_ONCE,
    )
    drafts = await tx.execute(
        "DELETE FROM applications WHERE id IN (SELECT id FROM applications"
        " WHERE status = 'draft' AND made_at <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED)",
        tx.now - LINK_LASTS[Purpose.CONFIRM],
        _FORGOTTEN_AT_ONCE,
    )
    invitations = await tx.execute(
        "UPDATE invitations SET email = NULL WHERE id IN (SELECT id FROM invitations"
        " WHERE expires_at <= $1 AND email IS NOT NULL LIMIT $2 FOR UPDATE SKIP LOCKED)",
        tx.now,
        _FORGOTTEN_AT_ONCE,
    )
    return links + letters + drafts + invitations


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
