"""Codes of the second factor: taken once each, and guesses are counted."""

import hashlib
import hmac
from typing import Any
from uuid import UUID

from services.membership.commands.seals import SealIsBroken, Seals
from services.membership.domain.accounts import Failures, count_failure, require_not_locked
from services.membership.domain.second_factor import (
    RECOVERY_LENGTH,
    WrongCode,
    is_changing,
    normal_code,
    steps_taken,
)
from shared.database import Transaction


async def use(tx: Transaction, seals: Seals, person_id: UUID, code: str) -> None:
    """Takes a code of the person's second factor, once; raises WrongCode, TooManyFailures.

    In a transaction of its own: a code stays used, and a guess counted, although the answer may be
    a refusal. Guesses of one person wait for each other, so they are counted exactly.
    """
    async with tx.database.transaction() as own:
        is_right = await _use(own, seals, person_id, normal_code(code))
    if not is_right:
        raise WrongCode


async def _use(own: Transaction, seals: Seals, person_id: UUID, code: str) -> bool:
    row = await own.row(
        "SELECT person_id, secret, last_step FROM second_factors WHERE person_id = $1 FOR UPDATE",
        person_id,
    )
    key = hashlib.sha256(f"second factor of {person_id}".encode()).digest()
    known = await own.row("SELECT count, began_at FROM sign_in_failures WHERE email_hash = $1", key)
    failures = None if known is None else Failures(known["count"], known["began_at"])
    require_not_locked(failures, own.now)
    if row is not None and await _is_right(own, seals, row, code):
        await own.execute("DELETE FROM sign_in_failures WHERE email_hash = $1", key)
        return True
    counted = count_failure(failures, own.now)
    await own.execute(
        "INSERT INTO sign_in_failures (email_hash, count, began_at) VALUES ($1, $2, $3)"
        " ON CONFLICT (email_hash) DO UPDATE SET count = $2, began_at = $3",
        key,
        counted.count,
        counted.began_at,
    )
    return False


async def _is_right(own: Transaction, seals: Seals, row: Any, code: str) -> bool:
    person_id: UUID = row["person_id"]
    if not is_changing(code):
        if len(code) != RECOVERY_LENGTH:
            return False
        used = await own.execute(
            "UPDATE recovery_codes SET used_at = $3 WHERE person_id = $1 AND code_hash = $2"
            " AND used_at IS NULL",
            person_id,
            hash_of(person_id, code),
            own.now,
        )
        if used:
            own.note("recovery_code.used", person_id)
        return bool(used)
    try:
        secret = seals.open(row["secret"], purpose_of(person_id)).decode()
    except SealIsBroken:  # sealed by an older key
        return False
    for step in steps_taken(own.now, row["last_step"]):
        if hmac.compare_digest(code_of(secret, step), code):
            await own.execute(
                "UPDATE second_factors SET last_step = $2 WHERE person_id = $1", person_id, step
            )
            return True
    return False


def code_of(secret: str, step: int) -> str:
    """The code that the secret has in this half minute (RFC 6238)."""
    from pyotp import TOTP

    return TOTP(secret).generate_otp(step)


def purpose_of(person_id: UUID) -> str:
    """What a secret is sealed for: one person's second factor."""
    return f"second factor {person_id}"


def hash_of(person_id: UUID, code: str) -> bytes:
    """How a recovery code is kept; it has 79 bits, so nobody guesses it from its hash."""
    return hashlib.sha256(person_id.bytes + code.encode()).digest()
