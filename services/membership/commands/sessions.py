"""Signing in and out, and staying signed in.

A refresh token is a name of its session that never changes, and a secret that is used once. Who
comes with the name and a spent secret has a copy of an old token, so the session ends: whether the
thief came first or the owner, the other one notices.

A lasting token is not spent by use: a portal keeps it in a cookie that no script can read, and asks
with it from several requests at once. It ends with its session.
"""

import asyncio
import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.membership.commands import codes, passwords
from services.membership.commands.seals import SealIsBroken, Seals
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
from services.membership.domain.api_keys import require_person
from services.membership.domain.second_factor import (
    CHALLENGE_LASTS,
    ChallengeIsOver,
    SecondFactorNeeded,
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


@dataclass(frozen=True, slots=True)
class Wish:
    """What session is wished for; a lasting token is not spent by use."""

    member_id: UUID | None = None
    is_lasting: bool = False
    device: str | None = None


async def start(tx: Transaction, seals: Seals, *, email: str, password: str, wish: Wish) -> Session:
    """A person signs in by password; raises SecondFactorNeeded where a code is asked for as well."""
    proven = await prove(tx, email, password)
    return await admit(tx, seals, proven, wish)


async def admit(tx: Transaction, seals: Seals, proven: Proven, wish: Wish) -> Session:
    """A person who was proven by one factor has a session, or a challenge to prove the other."""
    await _require_current(tx, proven)
    has_second = await tx.value(
        "SELECT true FROM second_factors WHERE person_id = $1 AND confirmed_at IS NOT NULL",
        proven.person_id,
    )
    if has_second:
        raise SecondFactorNeeded(
            challenge=challenge_for(seals, proven, wish, tx.now),
            expires_in=int(CHALLENGE_LASTS.total_seconds()),
        )
    return await _begin(tx, proven.person_id, wish)


async def finish(tx: Transaction, seals: Seals, challenge: str, code: str) -> Session:
    """The second step: a code for the challenge of the first. Raises ChallengeIsOver, WrongCode."""
    try:
        said = seals.open_text(challenge, _CHALLENGE)
        until = datetime.fromisoformat(said["until"])
    except (SealIsBroken, UnicodeEncodeError):
        raise ChallengeIsOver from None
    if until <= tx.now:
        raise ChallengeIsOver
    person_id = UUID(said["person_id"])
    await codes.use(tx, seals, person_id, code)
    password_hash = await tx.value(
        "SELECT password_hash FROM accounts WHERE person_id = $1 FOR SHARE", person_id
    )
    if password_hash is None or said["proof"] != _proof(password_hash):
        raise ChallengeIsOver  # another password was taken meanwhile
    member_id = UUID(said["member_id"]) if said["member_id"] else None
    wish = Wish(member_id, said["is_lasting"] == "yes", said["device"] or None)
    return await _begin(tx, person_id, wish)


_CHALLENGE = "second step"


def challenge_for(seals: Seals, proven: Proven, wish: Wish, now: datetime) -> str:
    """What one who was proven by one factor brings to the second step, within CHALLENGE_LASTS."""
    content = {
        "person_id": str(proven.person_id),
        "proof": _proof(proven.password_hash),
        "until": (now + CHALLENGE_LASTS).isoformat(),
        "member_id": str(wish.member_id or ""),
        "is_lasting": "yes" if wish.is_lasting else "",
        "device": wish.device or "",
    }
    return seals.seal_text(content, _CHALLENGE)


def _proof(password_hash: str) -> str:
    """Names the password that was proven, so that a challenge ends with it."""
    return _hash(password_hash.encode()).hex()


async def _require_current(tx: Transaction, proven: Proven) -> None:
    is_current = await tx.value(
        "SELECT true FROM accounts WHERE person_id = $1 AND password_hash = $2 FOR SHARE",
        proven.person_id,
        proven.password_hash,
    )
    if not is_current:  # changed while this one was being checked
        raise WrongCredentials


async def _begin(tx: Transaction, person_id: UUID, wish: Wish) -> Session:
    acting = choose(await affiliations_of(tx, person_id), wish.member_id)
    name, secret = secrets.token_bytes(_NAME_BYTES), secrets.token_bytes(_SECRET_BYTES)
    session_id = tx.new_id("session")
    await tx.execute(
        "INSERT INTO sessions (id, person_id, member_id, family_hash, refresh_hash, created_at,"
        " last_used_at, expires_at, is_lasting, device)"
        " VALUES ($1, $2, $3, $4, $5, $6, $6, $7, $8, $9)",
        session_id,
        person_id,
        acting.member_id,
        _hash(name),
        _hash(secret),
        tx.now,
        tx.now + SESSION_LASTS,
        wish.is_lasting,
        wish.device,
    )
    session = _session(person_id, session_id, acting, name, secret)
    tx.actor = session.actor
    tx.note("session.started", session_id)
    return session


async def prove(tx: Transaction, email: str, password: str) -> Proven:
    """Raises WrongCredentials or TooManyFailures; both look the same with and without an account.

    No connection is held while the password is hashed. A right password that was guessed among
    many at once is refused like the others: it waits until those that came before it are counted,
    and failures are looked at again after the check.
    """
    email = normal_email(email)
    key = _hash(email.encode())
    before = _under_way.get(key, ())
    own = asyncio.Event()
    _under_way[key] = (*before, own)
    try:
        return await _prove(tx, email, key, password, before)
    finally:
        own.set()
        left = tuple(each for each in _under_way[key] if each is not own)
        if left:
            _under_way[key] = left
        else:
            del _under_way[key]


_under_way: dict[bytes, tuple[asyncio.Event, ...]] = {}
"""The attempts that this process is about, by the hash of their e-mail, in the order they came."""


async def _prove(
    tx: Transaction, email: str, key: bytes, password: str, before: Iterable[asyncio.Event]
) -> Proven:
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
    for attempt in before:
        await attempt.wait()
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
    actor = require_person(tx.authorise())
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
    require_person(tx.authorise())
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
