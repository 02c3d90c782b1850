"""Invitations: what a letter offers, and those that wait for an answer."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.database import Transaction
from shared.identity import Role
from shared.paging import cut, place_of
from shared.refusal import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationItem:
    """An invitation that waits for an answer, as the member's coordinators see it."""

    id: UUID
    email: str
    roles: list[Role]
    invited_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """An invitation that was made; the address is in its letter."""

    id: UUID
    member_id: UUID
    roles: list[Role]
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What the reader of the letter is offered."""

    member_id: UUID
    member_name: str
    email: str
    roles: list[Role]
    has_account: bool
    """Whether this address signs in already: then its password is asked for, and no name."""
    expires_at: datetime


async def invitation(tx: Transaction, invitation_id: UUID) -> Invited:
    """An invitation, to the one who just made it."""
    row = await tx.row(
        "SELECT id, member_id, roles, expires_at FROM invitations WHERE id = $1", invitation_id
    )
    return Invited(**{**row, "roles": [Role(role) for role in row["roles"]]})


async def waiting_invitations(
    tx: Transaction, *, cursor: str | None, limit: int
) -> tuple[list[InvitationItem], str | None]:
    """The invitations of the actor's own member that wait for an answer, the newest first."""
    actor = tx.authorise()
    [before] = place_of(cursor, (UUID,)) or [None]
    rows = await tx.fetch(
        "SELECT id, email, roles, invited_at, expires_at FROM invitations WHERE member_id = $1"
        " AND accepted_at IS NULL AND cancelled_at IS NULL AND expires_at > $2"
        " AND ($3::uuid IS NULL OR id < $3) ORDER BY id DESC LIMIT $4",
        actor.member_id,
        tx.now,
        before,
        limit + 1,
    )
    page, next_cursor = cut(rows, limit, lambda row: [row["id"]])
    items = [
        InvitationItem(**{**row, "roles": [Role(role) for role in row["roles"]]}) for row in page
    ]
    return items, next_cursor


async def offer(tx: Transaction, invitation_id: UUID) -> Offer:
    """What an invitation offers; raises NotFound."""
    row = await tx.row(
        "SELECT i.member_id, m.name AS member_name, i.email, i.roles, i.expires_at,"
        " a.person_id IS NOT NULL AS has_account FROM invitations i"
        " JOIN members m ON m.id = i.member_id LEFT JOIN accounts a ON a.email = i.email"
        " WHERE i.id = $1",
        invitation_id,
    )
    if row is None:
        raise NotFound
    return Offer(**{**row, "roles": [Role(role) for role in row["roles"]]})
