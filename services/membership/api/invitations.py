"""Invitations: people are asked by e-mail to act for a member, and accept by the letter's link."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, EmailStr, Field

from services.membership.api.joining import ByLink, Token
from services.membership.api.routes import (
    COORDINATORS,
    THOSE_WHO_NAME,
    Name,
    Password,
    RoleSet,
    routes,
)
from services.membership.commands import invitations
from services.membership.commands.links import look
from services.membership.domain.accounts import PersonName
from services.membership.domain.joining import Purpose
from services.membership.queries import invitations as queries
from shared.paging import Cursor, Limit, Page
from shared.routes import PUBLIC, KeyUse, Tx


class NewInvitation(BaseModel):
    """Who is asked, and what they may do; `member_id` is for the administrator to say."""

    email: EmailStr
    roles: Annotated[RoleSet, Field(min_length=1)]
    member_id: UUID | None = None


class Acceptance(BaseModel):
    """The token of the letter's link, and who comes.

    Somebody new says a name and chooses a password. One who has an account gives its password; if
    it goes by another address than the letter's, that `email` too.
    """

    token: Token
    password: Password
    email: EmailStr | None = None
    family_name: Name | None = None
    given_name: Name | None = None
    patronymic: Name | None = None


class Accepted(BaseModel):
    """Who may sign in now, and for which member."""

    person_id: UUID
    member_id: UUID


@routes.post("/invitations", may=THOSE_WHO_NAME, status_code=201)
async def invite(body: NewInvitation, tx: Tx) -> queries.Invited:
    """Asks somebody by a letter to act for the member; its link is good for two weeks."""
    invitation_id = await invitations.invite(
        tx, email=body.email, roles=frozenset(body.roles), member_id=body.member_id
    )
    return await queries.invitation(tx, invitation_id)


@routes.get("/invitations", may=COORDINATORS)
async def list_invitations(
    tx: Tx, cursor: Cursor = None, limit: Limit = 50
) -> Page[queries.InvitationItem]:
    """The own member's invitations that wait for an answer."""
    items, next_cursor = await queries.waiting_invitations(tx, cursor=cursor, limit=limit)
    return Page(items=items, next_cursor=next_cursor)


@routes.delete("/invitations/{invitation_id}", may=THOSE_WHO_NAME, status_code=204)
async def take_back(invitation_id: UUID, tx: Tx) -> None:
    """Takes an invitation back: its link is good for nothing any more."""
    await invitations.take_back(tx, invitation_id)


@routes.post("/invitations/look", may=PUBLIC, key=KeyUse.IGNORED)
async def look_at_offer(body: ByLink, tx: Tx) -> queries.Offer:
    """What the letter's link offers; the link stays as good as it was."""
    return await queries.offer(tx, await look(tx, body.token, Purpose.INVITE))


@routes.post("/invitations/accept", may=PUBLIC, key=KeyUse.IGNORED, status_code=201)
async def accept(body: Acceptance, tx: Tx) -> Accepted:
    """Accepts: a new account is opened, or the one there is acts for this member too."""
    name = None
    if body.family_name is not None and body.given_name is not None:
        name = PersonName(body.family_name, body.given_name, body.patronymic)
    person_id, member_id = await invitations.accept(
        tx, body.token, email=body.email, password=body.password, name=name
    )
    return Accepted(person_id=person_id, member_id=member_id)
