"""Keys of a member's own programs: made, revoked, and exchanged for short access tokens."""

import hashlib
import secrets
from datetime import date
from uuid import UUID

from services.membership.commands.sessions import affiliations_of
from services.membership.domain.api_keys import (
    PREFIX,
    KeyIsOver,
    check_key,
    require_person,
    scope_today,
)
from shared.database import Transaction
from shared.identity import Actor, Role
from shared.refusal import NotFound
from shared.russia.calendar import moscow_date


async def make(
    tx: Transaction, *, name: str, scope: frozenset[Role], expires_on: date
) -> tuple[UUID, str]:
    """A coordinator makes a key for a program; returns its id and the key, which is not kept."""
    actor = require_person(tx.authorise())
    today = moscow_date(tx.now)
    await tx.execute("SELECT FROM members WHERE id = $1 FOR UPDATE", actor.member)
    held = (await affiliations_of(tx, actor.person_id)).get(actor.member, frozenset())
    valid = await tx.value(
        "SELECT count(*) FROM api_keys WHERE member_id = $1 AND revoked_at IS NULL"
        " AND expires_on >= $2",
        actor.member,
        today,
    )
    check_key(scope, held, expires_on, today, valid=valid)
    key_id, key = tx.new_id("key"), PREFIX + secrets.token_urlsafe(32)
    await tx.execute(
        "INSERT INTO api_keys (id, member_id, name, key_hash, roles, made_by, made_at, expires_on)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        key_id,
        actor.member,
        name,
        _hash(key),
        sorted(scope),
        actor.person_id,
        tx.now,
        expires_on,
    )
    tx.note("api_key.made", key_id, after={"roles": sorted(scope), "expires_on": expires_on})
    return key_id, key


async def revoke(tx: Transaction, key_id: UUID) -> None:
    """Any coordinator of the member ends a key, once; tokens that are out live on until they expire."""
    row = await tx.row(
        "SELECT member_id, revoked_at FROM api_keys WHERE id = $1 FOR UPDATE", key_id
    )
    if row is None or tx.actor is None or tx.actor.member_id != row["member_id"]:
        raise NotFound
    actor = require_person(tx.authorise())
    if row["revoked_at"] is not None:
        return
    await tx.execute(
        "UPDATE api_keys SET revoked_at = $2, revoked_by = $3 WHERE id = $1",
        key_id,
        tx.now,
        actor.person_id,
    )
    tx.note("api_key.revoked", key_id)


async def exchange(tx: Transaction, key: str) -> Actor:
    """A program comes with its key: it acts for the key's maker, in the key's scope.

    It may never do more than the maker may at this moment. Raises KeyIsOver.
    """
    row = await tx.row("SELECT * FROM api_keys WHERE key_hash = $1", _hash(key))
    if row is None:
        raise KeyIsOver
    today = moscow_date(tx.now)
    held = (await affiliations_of(tx, row["made_by"])).get(row["member_id"], frozenset())
    roles = scope_today(
        frozenset(map(Role, row["roles"])),
        held,
        revoked=row["revoked_at"] is not None,
        expires_on=row["expires_on"],
        today=today,
    )
    if row["last_used_on"] != today:
        await tx.execute("UPDATE api_keys SET last_used_on = $2 WHERE id = $1", row["id"], today)
    return Actor(row["made_by"], row["member_id"], roles, row["id"], is_program=True)


def _hash(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()
