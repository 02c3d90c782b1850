"""Setting a second factor, taking it away, and codes for a lost telephone."""

import secrets
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.membership.commands import codes, links
from services.membership.commands.seals import SealIsBroken, Seals
from services.membership.commands.sessions import end_all, prove
from services.membership.domain.accounts import SessionIsOver, WrongCredentials, normal_email
from services.membership.domain.api_keys import require_person
from services.membership.domain.second_factor import (
    RECOVERY_CODES,
    RECOVERY_LENGTH,
    RECOVERY_SIGNS,
    SETTING_LASTS,
    SecondFactorIsOff,
    SecondFactorIsOn,
    WrongCode,
    spelled,
)
from shared.database import Transaction
from shared.refusal import Invalid, NotFound

ISSUER = "Артель"
SECOND_FACTOR_ON = "second_factor_on"
SECOND_FACTOR_REMOVED = "second_factor_removed"


@dataclass(frozen=True, slots=True)
class Setting:
    """What a telephone needs to know; shown to its person alone."""

    secret: str
    uri: str


async def begin(tx: Transaction, seals: Seals, password: str) -> Setting:
    """A person begins to set a second factor; nothing is asked for at sign-in before it is confirmed.

    Whoever asks again within a quarter of an hour is shown the same secret.
    """
    actor = require_person(tx.authorise())
    email = await _prove(tx, password)
    row = await _locked(tx, actor.person_id)
    if row is not None and row["confirmed_at"] is not None:
        raise SecondFactorIsOn
    from pyotp import TOTP, random_base32

    secret = None
    if row is not None and tx.now < row["made_at"] + SETTING_LASTS:
        secret = _opened(seals, actor.person_id, row["secret"])
    if secret is None:
        secret = random_base32()
        await tx.execute(
            "INSERT INTO second_factors (person_id, secret, made_at) VALUES ($1, $2, $3)"
            " ON CONFLICT (person_id) DO UPDATE SET secret = $2, made_at = $3, last_step = NULL",
            actor.person_id,
            seals.seal(secret.encode(), codes.purpose_of(actor.person_id)),
            tx.now,
        )
        tx.note("second_factor.begun", actor.person_id)
    return Setting(secret, TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER))


async def confirm(tx: Transaction, seals: Seals, code: str) -> list[str]:
    """The telephone shows the right code: it is asked for from now on; the person's other sessions end.

    Returns recovery codes, which are shown this once.
    """
    actor = require_person(tx.authorise())
    await _require(tx, actor.person_id, is_on=False)
    await _use(tx, seals, actor.person_id, code)
    row = await _locked(tx, actor.person_id)
    if row is None or row["confirmed_at"] is not None:
        raise SecondFactorIsOn
    await tx.execute(
        "UPDATE second_factors SET confirmed_at = $2 WHERE person_id = $1", actor.person_id, tx.now
    )
    tx.note("second_factor.set", actor.person_id)
    await end_all(tx, actor.person_id, but=actor.session_id)
    await _write(tx, SECOND_FACTOR_ON, actor.person_id)
    return await _make_codes(tx, actor.person_id)


async def renew_codes(tx: Transaction, seals: Seals, *, password: str, code: str) -> list[str]:
    """Ten other recovery codes; the ones before are good for nothing any more."""
    actor = require_person(tx.authorise())
    await _require(tx, actor.person_id, is_on=True)
    await _prove(tx, password)
    await _use(tx, seals, actor.person_id, code)
    await _locked(tx, actor.person_id)
    tx.note("recovery_codes.renewed", actor.person_id)
    return await _make_codes(tx, actor.person_id)


async def remove(tx: Transaction, seals: Seals, *, password: str, code: str) -> None:
    """A person takes the own second factor away."""
    actor = require_person(tx.authorise())
    await _require(tx, actor.person_id, is_on=True)
    await _prove(tx, password)
    await _use(tx, seals, actor.person_id, code)
    await _remove(tx, actor.person_id)
    await end_all(tx, actor.person_id, but=actor.session_id)


async def remove_of(tx: Transaction, email: str) -> None:
    """An administrator takes it from one who has lost telephone and codes; all their sessions end.

    The person says by which address they sign in, since administrators see no list of people.
    """
    tx.authorise()
    person_id = await tx.value(
        "SELECT person_id FROM accounts WHERE email = $1", normal_email(email)
    )
    if person_id is None:
        raise NotFound
    await _remove(tx, person_id)
    await end_all(tx, person_id)


async def _remove(tx: Transaction, person_id: UUID) -> None:
    row = await _locked(tx, person_id)
    if row is None or row["confirmed_at"] is None:
        raise SecondFactorIsOff
    await tx.execute("DELETE FROM recovery_codes WHERE person_id = $1", person_id)
    await tx.execute("DELETE FROM second_factors WHERE person_id = $1", person_id)
    tx.note("second_factor.removed", person_id)
    await _write(tx, SECOND_FACTOR_REMOVED, person_id)


async def _require(tx: Transaction, person_id: UUID, *, is_on: bool) -> None:
    """Raises SecondFactorIsOn or SecondFactorIsOff; keeps no connection, for what follows."""
    rows = await tx.database.fetch(
        "SELECT confirmed_at FROM second_factors WHERE person_id = $1", person_id
    )
    found = bool(rows) and rows[0]["confirmed_at"] is not None
    if found and not is_on:
        raise SecondFactorIsOn
    if is_on and not found:
        raise SecondFactorIsOff


async def _prove(tx: Transaction, password: str) -> str:
    """The person's e-mail, once the password is proven; no connection is held meanwhile."""
    assert tx.actor is not None  # authorised
    rows = await tx.database.fetch(
        "SELECT email FROM accounts WHERE person_id = $1", tx.actor.person_id
    )
    if not rows:
        raise SessionIsOver
    email: str = rows[0]["email"]
    try:
        await prove(tx, email, password)
    except WrongCredentials:
        raise Invalid("This is not your password.", at="body.password") from None
    return email


async def _use(tx: Transaction, seals: Seals, person_id: UUID, code: str) -> None:
    try:
        await codes.use(tx, seals, person_id, code)
    except WrongCode:
        raise Invalid(WrongCode.title(), at="body.code", why=WrongCode.code) from None


async def _locked(tx: Transaction, person_id: UUID) -> Any:
    """The person's second factor; two who change it wait for each other."""
    await tx.execute("SELECT FROM accounts WHERE person_id = $1 FOR NO KEY UPDATE", person_id)
    return await tx.row(
        "SELECT secret, made_at, confirmed_at FROM second_factors WHERE person_id = $1", person_id
    )


def _opened(seals: Seals, person_id: UUID, sealed: bytes) -> str | None:
    try:
        return seals.open(sealed, codes.purpose_of(person_id)).decode()
    except SealIsBroken:
        return None


async def _make_codes(tx: Transaction, person_id: UUID) -> list[str]:
    made = [
        "".join(secrets.choice(RECOVERY_SIGNS) for _ in range(RECOVERY_LENGTH))
        for _ in range(RECOVERY_CODES)
    ]
    await tx.execute("DELETE FROM recovery_codes WHERE person_id = $1", person_id)
    await tx.execute(
        "INSERT INTO recovery_codes (person_id, code_hash) SELECT $1, unnest($2::bytea[])",
        person_id,
        [codes.hash_of(person_id, code) for code in made],
    )
    return [spelled(code) for code in made]


async def _write(tx: Transaction, kind: str, person_id: UUID) -> None:
    email = await tx.value("SELECT email FROM accounts WHERE person_id = $1", person_id)
    await links.write_letter(tx, kind, person_id, email)
