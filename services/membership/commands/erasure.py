"""Erasing a person: names, contacts and the account go; what a law or a ledger needs stays by id."""

from uuid import UUID

from contracts.membership import PersonErased
from services.membership.commands import links, sessions
from services.membership.commands.accounts import roles_held, write_roles
from services.membership.commands.persons import count_elsewhere
from services.membership.domain.accounts import SessionIsOver, WrongCredentials
from services.membership.domain.erasure import require_may_erase, require_no_account
from services.membership.domain.joining import Purpose
from services.membership.domain.persons import require_known_here_alone
from services.membership.domain.recovery import LETTERS_WINDOW
from services.membership.queries.persons import require_known
from shared.database import Transaction
from shared.identity import Role
from shared.refusal import Invalid
from shared.russia.calendar import moscow_date

NO_PASSWORD = "!"  # noqa: S105 - it is the hash of none
"""What stands for the hash of an account that nobody signs in with any more."""


async def ask_erasure(tx: Transaction, password: str) -> None:
    """The actor wants to be erased: a letter asks once more, since it cannot be taken back.

    Raises StillBelongs, RolesAreNotHandedOver. While a letter lies there, none is written again.
    """
    actor = tx.authorise()
    rows = await tx.database.fetch(
        "SELECT a.email FROM accounts a JOIN persons p ON p.id = a.person_id"
        " WHERE a.person_id = $1 AND p.erased_at IS NULL",
        actor.person_id,
    )
    if not rows:
        raise SessionIsOver
    try:
        await sessions.prove(tx, rows[0]["email"], password)
    except WrongCredentials:
        raise Invalid("This is not your password.", at="body.password") from None
    await _require_may(tx, actor.person_id)
    since = tx.now - LETTERS_WINDOW
    if await links.letters_of_late(tx, actor.person_id, since, Purpose.ERASE_DATA):
        return
    await links.send_link(tx, Purpose.ERASE_DATA, actor.person_id, rows[0]["email"])
    tx.note("erasure.asked", actor.person_id)


async def confirm_erasure(tx: Transaction, token: str) -> None:
    """By the letter's link: names and contacts are erased, and the account ends.

    Raises LinkIsOver, StillBelongs, RolesAreNotHandedOver.
    """
    await _erase(tx, await links.spend(tx, token, Purpose.ERASE_DATA))


async def erase_person(tx: Transaction, person_id: UUID) -> None:
    """A person of the actor's member alone, who has no account, is erased as they have asked.

    Once more is nothing. Raises NotFound, OnlyThePersonErases, PersonIsKnownElsewhere, StillBelongs.
    """
    person_id = await require_known(tx, person_id, also_erased=True)
    member_id = tx.authorise().member
    if await tx.value("SELECT erased_at IS NOT NULL FROM persons WHERE id = $1", person_id):
        return
    require_no_account(
        await tx.value("SELECT EXISTS (SELECT FROM accounts WHERE person_id = $1)", person_id)
    )
    require_known_here_alone(await count_elsewhere(tx, person_id, member_id))
    await _erase(tx, person_id)


async def _erase(tx: Transaction, person_id: UUID) -> None:
    held = await _require_may(tx, person_id)
    for member_id, roles in held.items():
        if roles:
            await write_roles(
                tx, person_id, member_id, before=roles, after=frozenset(), by=person_id
            )
    await _forget(tx, person_id)
    tx.record(PersonErased(person_id=person_id, erased_at=tx.now))


async def _require_may(tx: Transaction, person_id: UUID) -> dict[UUID | None, frozenset[Role]]:
    """The roles that the person holds, once nothing keeps them; all of it is locked."""
    members = await tx.fetch(
        "SELECT id FROM members WHERE id IN (SELECT member_id FROM roles WHERE person_id = $1)"
        " ORDER BY id FOR UPDATE",
        person_id,
    )
    await tx.fetch("SELECT FROM persons WHERE id = $1 FOR UPDATE", person_id)
    held = await roles_held(tx, person_id)
    last_at = await tx.fetch(
        "SELECT member_id FROM roles WHERE member_id = ANY ($3) AND role = $2"
        " AND ended_at IS NULL GROUP BY member_id HAVING bool_and(person_id = $1)",
        person_id,
        Role.COORDINATOR,
        [row["id"] for row in members],
    )
    today = moscow_date(tx.now)
    has_seat, belongs = [
        await tx.value(question, person_id, today)
        for question in (
            "SELECT EXISTS (SELECT FROM seats WHERE person_id = $1"
            " AND coalesce(until_on >= $2, true))",
            "SELECT EXISTS (SELECT FROM affiliations WHERE person_id = $1"
            " AND coalesce(to_on >= $2, true))",
        )
    ]
    last_ids = [row["member_id"] for row in last_at]
    require_may_erase(held, last_ids, has_seat=has_seat, belongs=belongs)
    return held


async def _forget(tx: Transaction, person_id: UUID) -> None:
    """Takes out whatever says who the person is; ids stay, and with them what they stand for."""
    email = await tx.value("SELECT email FROM accounts WHERE person_id = $1", person_id)
    if email is not None:
        await tx.execute("DELETE FROM letters WHERE address = $1", email)
        await tx.execute("DELETE FROM reset_wishes WHERE email = $1", email)
        await sessions.forget_failures(tx, email)
    for statement in (
        "UPDATE persons SET family_name = '', given_name = '', patronymic = NULL, email = NULL,"
        " erased_at = $2, version = version + 1 WHERE (id = $1 OR merged_into = $1)",
        "UPDATE consents SET revoked_at = coalesce(revoked_at, $2),"
        " revoked_by = coalesce(revoked_by, $1), reference = NULL WHERE person_id IN"
        " (SELECT id FROM persons WHERE id = $1 OR merged_into = $1)",
        "UPDATE affiliations SET unit = NULL, version = version + 1 WHERE person_id = $1"
        " AND $2::timestamptz IS NOT NULL",
    ):
        await tx.execute(statement, person_id, tx.now)
    await tx.execute(
        "UPDATE accounts SET email = person_id::text || '@erased.invalid', password_hash = $2"
        " WHERE person_id = $1",
        person_id,
        NO_PASSWORD,
    )
    await tx.execute("DELETE FROM recovery_codes WHERE person_id = $1", person_id)
    await tx.execute("DELETE FROM second_factors WHERE person_id = $1", person_id)
    await tx.execute("DELETE FROM address_changes WHERE person_id = $1", person_id)
    await tx.execute("DELETE FROM links WHERE about_id = $1", person_id)
    await tx.execute("DELETE FROM letters WHERE about_id = $1", person_id)
    await sessions.end_all(tx, person_id)
