"""A forgotten password, and another address: both by links in letters.

Whether an address has an account is told to nobody who asks: the wish is noted for every address
alike, and the letter is written by a due command, so that neither the answer nor its time says it.
"""

from uuid import UUID

import asyncpg

from services.membership.commands import links, passwords, sessions
from services.membership.domain.accounts import (
    EmailIsTaken,
    SessionIsOver,
    WrongCredentials,
    check_password,
    normal_email,
)
from services.membership.domain.api_keys import require_person
from services.membership.domain.joining import LinkIsOver, Purpose
from services.membership.domain.recovery import (
    LETTERS_WINDOW,
    REPEATS_WITHIN,
    TooManyLetters,
    check_address,
    may_write,
)
from shared.database import Transaction
from shared.refusal import Invalid

PASSWORD_CHANGED = "password_changed"  # noqa: S105 - what a letter tells
ADDRESS_CHANGED = "address_changed"
ADDRESS_TAKEN = "address_taken"
_WRITTEN_AT_ONCE = 50


async def wish_reset(tx: Transaction, email: str) -> None:
    """Somebody has forgotten the password that goes with an address."""
    await tx.execute(
        "INSERT INTO reset_wishes (email, wished_at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        normal_email(email),
        tx.now,
    )


async def write_resets(tx: Transaction) -> int:
    """Writes the letters that were wished for, to those who have an account; at most three an hour."""
    wishes = await tx.fetch(
        "DELETE FROM reset_wishes WHERE email IN (SELECT email FROM reset_wishes"
        " ORDER BY wished_at LIMIT $1 FOR UPDATE SKIP LOCKED) RETURNING email",
        _WRITTEN_AT_ONCE,
    )
    accounts = await tx.fetch(
        "SELECT person_id, email FROM accounts WHERE email = ANY ($1)"
        " ORDER BY person_id FOR NO KEY UPDATE",
        [wish["email"] for wish in wishes],
    )
    for account in accounts:
        person_id = account["person_id"]
        if await _may_write(tx, person_id, Purpose.RESET_PASSWORD):
            await links.send_link(tx, Purpose.RESET_PASSWORD, person_id, account["email"])
    return len(wishes)


async def finish_reset(tx: Transaction, token: str, password: str) -> None:
    """Who has read the letter takes another password; all sessions end, and failures are forgotten.

    No connection is held while the password is hashed.
    """
    person_id = await links.glance(tx, token, Purpose.RESET_PASSWORD)
    rows = await tx.database.fetch("SELECT email FROM accounts WHERE person_id = $1", person_id)
    check_password(password, rows[0]["email"], at="body.password")
    password_hash = await passwords.hash_of(password)
    email = await tx.value(
        "UPDATE accounts SET password_hash = $2 WHERE person_id = $1 RETURNING email",
        person_id,
        password_hash,
    )
    await links.spend(tx, token, Purpose.RESET_PASSWORD)
    await sessions.end_all(tx, person_id)
    await sessions.forget_failures(tx, email)
    await drop_address_change(tx, person_id)
    await links.write_letter(tx, PASSWORD_CHANGED, person_id, email)
    tx.note("password.reset", person_id)


async def ask_address(tx: Transaction, *, password: str, email: str) -> None:
    """A person wants another address; a letter there asks to confirm it.

    An address that has an account gets a letter that says so, and the answer is the same.
    """
    actor = require_person(tx.authorise())
    rows = await tx.database.fetch(
        "SELECT email FROM accounts WHERE person_id = $1", actor.person_id
    )
    if not rows:
        raise SessionIsOver
    wanted = check_address(email, rows[0]["email"], at="body.email")
    try:
        await sessions.prove(tx, rows[0]["email"], password)
    except WrongCredentials:
        raise Invalid("This is not your password.", at="body.password") from None
    await tx.execute("SELECT FROM accounts WHERE person_id = $1 FOR NO KEY UPDATE", actor.person_id)
    asked_at = await tx.value(
        "SELECT asked_at FROM address_changes WHERE person_id = $1 AND email = $2",
        actor.person_id,
        wanted,
    )
    if asked_at is not None and tx.now < asked_at + REPEATS_WITHIN:
        return
    if not await _may_write(tx, actor.person_id, Purpose.CONFIRM_ADDRESS, ADDRESS_TAKEN):
        raise TooManyLetters(retry_after=int(LETTERS_WINDOW.total_seconds()))
    await tx.execute(
        "INSERT INTO address_changes (person_id, email, asked_at) VALUES ($1, $2, $3)"
        " ON CONFLICT (person_id) DO UPDATE SET email = excluded.email, asked_at = excluded.asked_at",
        actor.person_id,
        wanted,
        tx.now,
    )
    if await tx.value("SELECT true FROM accounts WHERE email = $1", wanted):
        await links.cancel(tx, actor.person_id, Purpose.CONFIRM_ADDRESS)
        await links.write_letter(tx, ADDRESS_TAKEN, actor.person_id, wanted)
    else:
        await links.send_link(tx, Purpose.CONFIRM_ADDRESS, actor.person_id, wanted)
    tx.note("address.asked", actor.person_id)


async def confirm_address(tx: Transaction, token: str) -> None:
    """The account goes by the new address from now on; the old one is told.

    Raises LinkIsOver, or EmailIsTaken when another account took the address meanwhile.
    """
    person_id = await links.glance(tx, token, Purpose.CONFIRM_ADDRESS)
    old = await tx.value(
        "SELECT email FROM accounts WHERE person_id = $1 FOR NO KEY UPDATE", person_id
    )
    await links.spend(tx, token, Purpose.CONFIRM_ADDRESS)
    new = await tx.value(
        "DELETE FROM address_changes WHERE person_id = $1 RETURNING email", person_id
    )
    if new is None:
        raise LinkIsOver
    try:
        await tx.execute("UPDATE accounts SET email = $2 WHERE person_id = $1", person_id, new)
    except asyncpg.UniqueViolationError:
        raise EmailIsTaken from None
    await links.cancel(tx, person_id, Purpose.RESET_PASSWORD)
    await links.write_letter(tx, ADDRESS_CHANGED, person_id, old)
    tx.note("address.changed", person_id)


async def drop_address_change(tx: Transaction, person_id: UUID) -> None:
    """Who takes another password takes back what was asked for with the old one."""
    await links.cancel(tx, person_id, Purpose.CONFIRM_ADDRESS)
    await tx.execute("DELETE FROM address_changes WHERE person_id = $1", person_id)


async def _may_write(tx: Transaction, person_id: UUID, *kinds: str) -> bool:
    """Asked with the account's row locked, so that two at once count each other's letters."""
    since = tx.now - LETTERS_WINDOW
    return may_write(await links.letters_of_late(tx, person_id, since, *kinds))
