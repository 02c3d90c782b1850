"""Signing in and out, and staying signed in.

A refresh token is a name of its session that never changes, and a secret that is used once. Who
comes with the name and a spent secret has a copy of an old token, so the session ends: whether the
thief came first or the owner, the other one notices.

A lasting token is not spent by use: a portal keeps it in a cookie that no script can read, and asks
with it from several requests at once. It ends with its session.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.membership.commands import passwords
from services.membership.domain.accounts import (
    FAILURES_WINDOW,
    SESSION_LASTS,
    Acting,
    Failures,
    SessionIsOver,
    WrongCredentials,
    choose,
    count_failure,
    normal_email,
    require_not_locked,
)
from shared.database import Transaction
from shared.identity import Actor, Role
from shared.refusal import NotFound

_NAME_BYTES, _SECRET_BYTES = 16, 32
_FORGOTTEN_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Session:
    """A session that was just started or refreshed; the token is known to its bearer alone."""

    actor: Actor
    refresh_token: str


@dataclass(frozen=True, slots=True)
class Proven:
    """A person who knew the password; the hash is the one that it was proven against."""

    person_id: UUID
    password_hash: str


async def start(
    tx: Transaction,
    *,
    email: str,
    password: str,
    member_id: UUID | None,
    is_lasting: bool = False,
    device: str | None = None,
) -> Session:
    """A person signs in; a lasting token is not spent by use."""
    proven = await prove(tx, email, password)
    is_current = await tx.value(
        "SELECT true FROM accounts WHERE person_id = $1 AND password_hash = $2 FOR SHARE",
        proven.person_id,
        proven.password_hash,
    )
    if not is_current:  # changed while this one was being checked
        raise WrongCredentials
    acting = choose(await affiliations_of(tx, proven.person_id), member_id)
    name, secret = secrets.token_bytes(_NAME_BYTES), secrets.token_bytes(_SECRET_BYTES)
    session_id = tx.new_id("session")
    await tx.execute(
        "INSERT INTO sessions (id, person_id, member_id, family_hash, refresh_hash, created_at,"
        " last_used_at, expires_at, is_lasting, device)"
        " VALUES ($1, $2, $3, $4, $5, $6, $6, $7, $8, $9)",
        session_id,
        proven.person_id,
        acting.member_id,
        _hash(name),
        _hash(secret),
        tx.now,
        tx.now + SESSION_LASTS,
        is_lasting,
        device,
    )
    session = _session(proven.person_id, session_id, acting, name, secret)
    tx.actor = session.actor
    tx.note("session.started", session_id)
    return session


async def prove(tx: Transaction, email: str, password: str) -> Proven:
    """Raises WrongCredentials or TooManyFailures; both look the same with and without an account.

    No connection is held while the password is hashed. A right password that was guessed among
    many at once is refused like the others, so failures are looked at again after the check.
    """
    email = normal_email(email)
    key = _hash(email.encode())
    rows = await tx.database.fetch(
        "SELECT a.person_id, a.password_hash, f.count, f.began_at FROM (SELECT) AS asked"
        " LEFT JOIN accounts a ON a.email = $1 LEFT JOIN sign_in_failures f ON f.email_hash = $2",
        email,
        key,
    )
    found = rows[0]
    require_not_locked(_failures(found), tx.now)
    if not await passwords.is_right(found["password_hash"], password):
        await _note_failure(tx, key)
        raise WrongCredentials
    rows = await tx.database.fetch(
        "SELECT count, began_at FROM sign_in_failures WHERE email_hash = $1", key
    )
    if rows:
        require_not_locked(_failures(rows[0]), tx.now)
        await tx.database.fetch("DELETE FROM sign_in_failures WHERE email_hash = $1", key)
    return Proven(found["person_id"], found["password_hash"])


async def _note_failure(tx: Transaction, key: bytes) -> None:
    """Counts the failure in a transaction of its own: the request's is undone by its refusal."""
    async with tx.database.transaction() as own:
        await own.execute(
            "INSERT INTO sign_in_failures (email_hash, count, began_at) VALUES ($1, 0, $2)"
            " ON CONFLICT DO NOTHING",
            key,
            own.now,
        )
        row = await own.row(
            "SELECT count, began_at FROM sign_in_failures WHERE email_hash = $1 FOR UPDATE", key
        )
        failures = count_failure(_failures(row), own.now)
        await own.execute(
            "UPDATE sign_in_failures SET count = $2, began_at = $3 WHERE email_hash = $1",
            key,
            failures.count,
            failures.began_at,
        )


def _failures(row: Any) -> Failures | None:
    return None if row["count"] is None else Failures(row["count"], row["began_at"])


async def refresh(tx: Transaction, *, refresh_token: str, member_id: UUID | None) -> Session:
    """A session goes on, for the member it was for unless another one is asked for.

    In a transaction of its own: a session that is ended for a spent token stays ended, although
    the answer is a refusal.
    """
    async with tx.database.transaction() as own:
        session = await _rotate(own, refresh_token, member_id)
    if session is None:
        raise SessionIsOver
    return session


async def _rotate(own: Transaction, token: str, member_id: UUID | None) -> Session | None:
    parts = _parts(token)
    if parts is None:
        return None
    name, spent = parts
    row = await own.row(
        "SELECT id, person_id, member_id, refresh_hash, is_lasting FROM sessions WHERE family_hash = $1"
        " AND ended_at IS NULL AND expires_at > $2 FOR UPDATE",
        _hash(name),
        own.now,
    )
    if row is None:
        return None
    is_known = hmac.compare_digest(row["refresh_hash"], _hash(spent))
    if not is_known and row["is_lasting"]:
        return None
    if not is_known:
        await own.execute("UPDATE sessions SET ended_at = $2 WHERE id = $1", row["id"], own.now)
        own.note("session.ended", row["id"], reason="a spent refresh token was used again")
        return None
    affiliations = await affiliations_of(own, row["person_id"])
    before = row["member_id"] if row["member_id"] in affiliations else None
    acting = choose(affiliations, member_id or before)
    secret = spent if row["is_lasting"] else secrets.token_bytes(_SECRET_BYTES)
    await own.execute(
        "UPDATE sessions SET refresh_hash = $2, member_id = $3, last_used_at = $4 WHERE id = $1",
        row["id"],
        _hash(secret),
        acting.member_id,
        own.now,
    )
    return _session(row["person_id"], row["id"], acting, name, secret)


async def end_current(tx: Transaction) -> None:
    """A person signs out; tokens of the session that are out live on until they expire."""
    actor = tx.authorise()
    ended = await tx.execute(
        "UPDATE sessions SET ended_at = $3 WHERE id = $1 AND person_id = $2 AND ended_at IS NULL",
        actor.session_id,
        actor.person_id,
        tx.now,
    )
    if ended:
        tx.note("session.ended", actor.session_id)


async def end(tx: Transaction, session_id: UUID) -> None:
    """A person ends one of their own sessions, once; raises NotFound for any other."""
    is_own = tx.actor is not None and await tx.value(
        "SELECT true FROM sessions WHERE id = $1 AND person_id = $2 FOR UPDATE",
        session_id,
        tx.actor.person_id,
    )
    if not is_own:
        raise NotFound
    tx.authorise()
    ended = await tx.execute(
        "UPDATE sessions SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL", session_id, tx.now
    )
    if ended:
        tx.note("session.ended", session_id)


async def end_all(tx: Transaction, person_id: UUID, *, but: UUID | None = None) -> None:
    """All sessions of the person are over, but for the one named."""
    await tx.execute(
        "UPDATE sessions SET ended_at = $3 WHERE person_id = $1 AND ended_at IS NULL"
        " AND ($2::uuid IS NULL OR id <> $2)",
        person_id,
        but,
        tx.now,
    )


async def forget_failures(tx: Transaction, email: str) -> None:
    """Nobody is kept out by what was guessed before."""
    await tx.execute(
        "DELETE FROM sign_in_failures WHERE email_hash = $1", _hash(normal_email(email).encode())
    )


async def forget_what_is_over(tx: Transaction) -> int:
    """Deletes sessions whose time is over, and failures that no longer count."""
    sessions = await tx.execute(
        "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires_at <= $1"
        " LIMIT $2 FOR UPDATE SKIP LOCKED)",
        tx.now,
        _FORGOTTEN_AT_ONCE,
    )
    failures = await tx.execute(
        "DELETE FROM sign_in_failures WHERE email_hash IN (SELECT email_hash FROM"
        " sign_in_failures WHERE began_at <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED)",
        tx.now - FAILURES_WINDOW,
        _FORGOTTEN_AT_ONCE,
    )
    return sessions + failures


async def affiliations_of(tx: Transaction, person_id: UUID) -> dict[UUID | None, frozenset[Role]]:
    """The roles that a person holds now, by member; the administrator's stand under None."""
    rows = await tx.fetch(
        "SELECT member_id, array_agg(role) AS roles FROM roles"
        " WHERE person_id = $1 AND ended_at IS NULL GROUP BY member_id",
        person_id,
    )
    return {row["member_id"]: frozenset(map(Role, row["roles"])) for row in rows}


def _session(
    person_id: UUID, session_id: UUID, acting: Acting, name: bytes, secret: bytes
) -> Session:
    actor = Actor(person_id, acting.member_id, acting.roles, session_id)
    return Session(actor, base64.urlsafe_b64encode(name + secret).decode())


def _parts(token: str) -> tuple[bytes, bytes] | None:
    try:
        whole = base64.b64decode(token, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(whole) != _NAME_BYTES + _SECRET_BYTES:
        return None
    return whole[:_NAME_BYTES], whole[_NAME_BYTES:]


def _hash(secret: bytes) -> bytes:
    return hashlib.sha256(secret).digest()
