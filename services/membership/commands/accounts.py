"""Accounts and roles: members name the people who act for them."""

from collections.abc import Collection
from uuid import UUID

import asyncpg
from email_validator import EmailNotValidError, validate_email

from contracts.membership import PersonRegistered, RolesGranted
from services.membership.commands import passwords
from services.membership.commands.disclosures import note_acting
from services.membership.commands.recovery import drop_address_change
from services.membership.commands.sessions import end_all, prove
from services.membership.domain.accounts import (
    COUNCIL_ROLES,
    EmailIsTaken,
    PersonName,
    SessionIsOver,
    WrongCredentials,
    check_grant,
    check_password,
    grant_roles,
    normal_email,
    require_acts_for_members,
    require_may_grant,
)
from services.membership.domain.api_keys import require_person
from shared.database import Transaction
from shared.identity import Role
from shared.refusal import Invalid, NotFound

ADMINISTRATOR = PersonName("Администратор", "платформы", None)


async def open_account(
    tx: Transaction,
    *,
    email: str,
    password: str,
    name: PersonName,
    member_id: UUID | None,
    roles: frozenset[Role],
) -> UUID:
    """A person is registered, and may sign in and act for the member."""
    check_password(password, email, at="body.password")
    check_grant(member_id, roles)
    if member_id is not None:
        await lock_member(tx, member_id)
    actor = require_person(tx.authorise())
    require_may_grant(actor.roles, member_id, roles)
    if await tx.value("SELECT true FROM accounts WHERE email = $1", normal_email(email)):
        raise EmailIsTaken
    return await register(
        tx,
        email=email,
        password_hash=await passwords.hash_of(password),
        name=name,
        member_id=member_id,
        roles=roles,
    )


async def make_administrator(tx: Transaction, *, email: str, password: str) -> UUID:
    """Whoever runs the installation names an administrator from the command line."""
    try:
        validate_email(email, check_deliverability=False)
    except EmailNotValidError as error:
        raise Invalid(f"This is no e-mail address: {error}", at="email") from None
    check_password(password, email, at="password")
    return await register(
        tx,
        email=email,
        password_hash=await passwords.hash_of(password),
        name=ADMINISTRATOR,
        member_id=None,
        roles=frozenset({Role.ADMINISTRATOR}),
    )


async def register(
    tx: Transaction,
    *,
    email: str,
    password_hash: str,
    name: PersonName,
    member_id: UUID | None,
    roles: frozenset[Role],
    by: UUID | None = None,
) -> UUID:
    """Writes the person, the account and the roles; who may, has been asked before."""
    person_id = tx.new_id("person")
    await tx.execute(
        "INSERT INTO persons (id, family_name, given_name, patronymic) VALUES ($1, $2, $3, $4)",
        person_id,
        name.family_name,
        name.given_name,
        name.patronymic,
    )
    try:
        await tx.execute(
            "INSERT INTO accounts (person_id, email, password_hash) VALUES ($1, $2, $3)",
            person_id,
            normal_email(email),
            password_hash,
        )
    except asyncpg.UniqueViolationError:
        raise EmailIsTaken from None
    tx.record(PersonRegistered(person_id=person_id))
    await write_roles(tx, person_id, member_id, before=frozenset(), after=roles, by=by)
    return person_id


async def add_first_roles(
    tx: Transaction,
    person_id: UUID,
    member_id: UUID,
    roles: frozenset[Role],
    *,
    by: UUID | None = None,
) -> None:
    """One who has an account acts for a new member too; who may, has been asked before."""
    held = await roles_held(tx, person_id)
    require_acts_for_members(held.get(None, frozenset()))
    before = held.get(member_id, frozenset())
    await write_roles(tx, person_id, member_id, before=before, after=before | roles, by=by)


async def set_roles(
    tx: Transaction, *, person_id: UUID, member_id: UUID | None, roles: frozenset[Role]
) -> tuple[UUID, frozenset[Role]]:
    """A person acts for the member in these roles from now on; returns the member and all roles.

    A coordinator speaks for the own member, the administrator says for which. Roles in the council
    stay as they are: they are no member's to give or to take (R4.1).
    """
    if member_id is None and tx.actor is not None:
        member_id = tx.actor.member_id
    if member_id is None:
        raise Invalid("Say for which member.", at="body.member_id")
    check_grant(member_id, roles)
    await lock_member(tx, member_id)
    held = await roles_held(tx, person_id)
    if not held or (member_id not in held and not _is_administrator(tx)):
        raise NotFound
    actor = require_person(tx.authorise())
    require_acts_for_members(held.get(None, frozenset()))
    before = held.get(member_id, frozenset())
    seated = before & COUNCIL_ROLES
    require_may_grant(actor.roles, member_id, roles - seated)
    others = await tx.value(
        "SELECT count(*) FROM roles WHERE member_id = $1 AND role = $2 AND person_id <> $3"
        " AND ended_at IS NULL",
        member_id,
        Role.COORDINATOR,
        person_id,
    )
    after = grant_roles(before, roles | seated, other_coordinators=others)
    if after != before:
        await write_roles(tx, person_id, member_id, before=before, after=after)
    return member_id, after


async def change_password(tx: Transaction, *, old: str, new: str) -> None:
    """A person takes another password; the person's other sessions end."""
    actor = require_person(tx.authorise())
    rows = await tx.database.fetch(
        "SELECT email FROM accounts WHERE person_id = $1", actor.person_id
    )
    if not rows:
        raise SessionIsOver
    check_password(new, rows[0]["email"], at="body.new")
    try:
        proven = await prove(tx, rows[0]["email"], old)
    except WrongCredentials:
        raise Invalid("This is not your password.", at="body.old") from None
    new_hash = await passwords.hash_of(new)
    changed = await tx.execute(
        "UPDATE accounts SET password_hash = $3 WHERE person_id = $1 AND password_hash = $2",
        actor.person_id,
        proven.password_hash,
        new_hash,
    )
    if not changed:
        raise Invalid("Your password was changed a moment ago.", at="body.old")
    await end_all(tx, actor.person_id, but=actor.session_id)
    await drop_address_change(tx, actor.person_id)
    tx.note("password.changed", actor.person_id)


async def lock_member(tx: Transaction, member_id: UUID) -> None:
    """Two who change a member's people wait for each other; another one's are nobody's to know."""
    is_own = tx.actor is not None and tx.actor.member_id == member_id
    if not is_own and not _is_administrator(tx):
        raise NotFound
    if not await tx.value("SELECT true FROM members WHERE id = $1 FOR UPDATE", member_id):
        raise NotFound


def _is_administrator(tx: Transaction) -> bool:
    return tx.actor is not None and Role.ADMINISTRATOR in tx.actor.roles


async def roles_held(tx: Transaction, person_id: UUID) -> dict[UUID | None, frozenset[Role]]:
    """The roles that a person holds now, by member, also where all of them have ended."""
    rows = await tx.fetch(
        "SELECT member_id, array_agg(role) FILTER (WHERE ended_at IS NULL) AS held"
        " FROM roles WHERE person_id = $1 GROUP BY member_id",
        person_id,
    )
    return {row["member_id"]: frozenset(map(Role, row["held"] or ())) for row in rows}


async def write_roles(
    tx: Transaction,
    person_id: UUID,
    member_id: UUID | None,
    *,
    before: frozenset[Role],
    after: frozenset[Role],
    by: UUID | None = None,
) -> None:
    """Ends roles and gives others at a member, and tells it; who may, has been asked before.

    `by` is whose wish it is, when nobody is signed in.
    """
    by = tx.actor.person_id if tx.actor is not None else by
    if lost := before - after:
        await tx.execute(
            "UPDATE roles SET ended_at = $4, ended_by = $5 WHERE person_id = $1"
            " AND member_id = $2 AND role = ANY($3) AND ended_at IS NULL",
            person_id,
            member_id,
            sorted(lost),
            tx.now,
            by,
        )
    if gained := after - before:
        if member_id is not None:
            await note_acting(tx, person_id, member_id)
        await tx.execute(
            "INSERT INTO roles (person_id, member_id, role, granted_at, granted_by)"
            " SELECT $1, $2, role, $4, $5 FROM unnest($3::text[]) AS role",
            person_id,
            member_id,
            sorted(gained),
            tx.now,
            by,
        )
    tx.record(
        RolesGranted(person_id=person_id, member_id=member_id, roles=words_of(after)),
        before={"member_id": member_id, "roles": words_of(before)},
        after={"member_id": member_id, "roles": words_of(after)},
    )


def words_of(roles: Collection[Role]) -> tuple[str, ...]:
    """The roles as an event and an audit row name them."""
    return tuple(sorted(role.value for role in roles))
