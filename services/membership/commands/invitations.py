"""Inviting people by a letter: who accepts chooses a password, or proves the one they have."""

from typing import Any
from uuid import UUID

from services.membership.commands import accounts, links, passwords
from services.membership.commands.sessions import prove
from services.membership.domain.accounts import (
    PersonName,
    check_grant,
    check_password,
    normal_email,
    require_may_grant,
)
from services.membership.domain.api_keys import require_person
from services.membership.domain.invitations import require_room
from services.membership.domain.joining import LINK_LASTS, LinkIsOver, Purpose
from services.membership.domain.recovery import LETTERS_WINDOW, TooManyLetters, may_write
from shared.database import Transaction
from shared.identity import Role
from shared.refusal import Invalid, NotFound


async def invite(
    tx: Transaction, *, email: str, roles: frozenset[Role], member_id: UUID | None
) -> UUID:
    """Somebody is asked to act for the member in these roles; returns the invitation's id.

    A coordinator speaks for the own member, the administrator says for which. The same address
    again gets another letter, and what was offered before is replaced.
    """
    if member_id is None and tx.actor is not None:
        member_id = tx.actor.member_id
    if member_id is None:
        raise Invalid("Say for which member.", at="body.member_id")
    check_grant(member_id, roles)
    await accounts.lock_member(tx, member_id)
    actor = require_person(tx.authorise())
    require_may_grant(actor.roles, member_id, roles)
    address = normal_email(email)
    invitation_id: UUID | None = await tx.value(
        "SELECT id FROM invitations WHERE member_id = $1 AND email = $2 AND accepted_at IS NULL"
        " AND cancelled_at IS NULL FOR UPDATE",
        member_id,
        address,
    )
    if invitation_id is None:
        waiting = await tx.value(
            "SELECT count(*) FROM invitations WHERE member_id = $1 AND accepted_at IS NULL"
            " AND cancelled_at IS NULL AND email IS NOT NULL",
            member_id,
        )
        require_room(waiting)
        invitation_id = tx.new_id("invitation")
    else:
        since = tx.now - LETTERS_WINDOW
        if not may_write(await links.letters_of_late(tx, invitation_id, since, Purpose.INVITE)):
            raise TooManyLetters(retry_after=int(LETTERS_WINDOW.total_seconds()))
    name = await tx.value(
        "WITH invited AS (INSERT INTO invitations"
        "   (id, member_id, email, roles, invited_by, invited_at, expires_at)"
        "   VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO UPDATE SET"
        "   roles = excluded.roles, invited_by = excluded.invited_by,"
        "   invited_at = excluded.invited_at, expires_at = excluded.expires_at)"
        " SELECT name FROM members WHERE id = $2",
        invitation_id,
        member_id,
        address,
        sorted(roles),
        actor.person_id,
        tx.now,
        tx.now + LINK_LASTS[Purpose.INVITE],
    )
    await links.send_link(tx, Purpose.INVITE, invitation_id, address, words=name)
    tx.note(
        "invitation.made",
        invitation_id,
        after={"member_id": member_id, "roles": accounts.words_of(roles)},
    )
    return invitation_id


async def take_back(tx: Transaction, invitation_id: UUID) -> None:
    """The invitation is good for nothing any more; one that was accepted stays accepted."""
    row = await tx.row("SELECT * FROM invitations WHERE id = $1 FOR UPDATE", invitation_id)
    if row is None:
        raise NotFound
    await accounts.lock_member(tx, row["member_id"])
    require_person(tx.authorise())
    if row["accepted_at"] is not None or row["cancelled_at"] is not None:
        return
    await tx.execute(
        "UPDATE invitations SET cancelled_at = $2 WHERE id = $1", invitation_id, tx.now
    )
    await links.cancel(tx, invitation_id, Purpose.INVITE)
    tx.note("invitation.taken_back", invitation_id)


async def accept(
    tx: Transaction, token: str, *, email: str | None, password: str, name: PersonName | None
) -> tuple[UUID, UUID]:
    """Who was invited acts for the member from now on; returns the person and the member.

    One who has an account, at the address of the letter or at the one that is said, proves it by
    its password. No connection is held while a password is hashed. Raises LinkIsOver.
    """
    invitation_id = await links.glance(tx, token, Purpose.INVITE)
    found = await tx.database.fetch(
        "SELECT i.email, a.person_id FROM invitations i LEFT JOIN accounts a ON a.email = i.email"
        " WHERE i.id = $1",
        invitation_id,
    )
    if not found:
        raise LinkIsOver
    address = found[0]["email"]
    person_id: UUID | None = None
    password_hash = ""
    if email is not None or found[0]["person_id"] is not None:
        person_id = (await prove(tx, email or address, password)).person_id
    elif name is None:
        raise Invalid("Say what you are called.", at="body.family_name", why="missing")
    else:
        check_password(password, address, at="body.password")
        password_hash = await passwords.hash_of(password)
    await links.spend(tx, token, Purpose.INVITE)
    row = await _accepted(tx, invitation_id)
    member_id: UUID = row["member_id"]
    await tx.execute("SELECT FROM members WHERE id = $1 FOR UPDATE", member_id)
    roles = frozenset(map(Role, row["roles"]))
    if person_id is not None:
        await accounts.add_first_roles(tx, person_id, member_id, roles, by=row["invited_by"])
    else:
        assert name is not None  # asked above
        person_id = await accounts.register(
            tx,
            email=address,
            password_hash=password_hash,
            name=name,
            member_id=member_id,
            roles=roles,
            by=row["invited_by"],
        )
    await tx.execute(
        "UPDATE invitations SET accepted_by = $2 WHERE id = $1", invitation_id, person_id
    )
    tx.note("invitation.accepted", invitation_id, after={"person_id": person_id})
    return person_id, member_id


async def _accepted(tx: Transaction, invitation_id: UUID) -> Any:
    row = await tx.row(
        "UPDATE invitations SET accepted_at = $2 WHERE id = $1 AND accepted_at IS NULL"
        " AND cancelled_at IS NULL RETURNING member_id, roles, invited_by",
        invitation_id,
        tx.now,
    )
    if row is None:
        raise LinkIsOver
    return row
