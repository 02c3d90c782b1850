"""Accounts: the people who act for members, and their roles."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, EmailStr, Field

from services.membership import queries
from services.membership.api.routes import (
    COORDINATORS,
    THOSE_WHO_NAME,
    Name,
    Password,
    RoleSet,
    routes,
)
from services.membership.commands import accounts
from services.membership.domain.accounts import PersonName
from shared.identity import Role
from shared.paging import Cursor, Limit, Page
from shared.routes import ANYONE_SIGNED_IN, KeyUse, Tx


class NewAccount(BaseModel):
    """A person, how they sign in, and what they may do for which member."""

    email: EmailStr
    password: Password
    family_name: Name
    given_name: Name
    patronymic: Name | None = None
    member_id: UUID | None = None
    roles: Annotated[RoleSet, Field(min_length=1)]


class Account(BaseModel):
    """A person's id, and their roles at a member."""

    person_id: UUID
    member_id: UUID | None
    roles: list[Role]


class Roles(BaseModel):
    """All roles that the person has from now on; none takes all away. Seats in the council stay.

    `member_id` is for the administrator to say; a coordinator speaks for the own member.
    """

    roles: RoleSet
    member_id: UUID | None = None


class NewPassword(BaseModel):
    """The password until now, and the one from now on."""

    old: Password
    new: Password


@routes.post("/accounts", may=THOSE_WHO_NAME, status_code=201)
async def open_account(body: NewAccount, tx: Tx) -> Account:
    """Registers a person who acts for the member."""
    person_id = await accounts.open_account(
        tx,
        email=body.email,
        password=body.password,
        name=PersonName(body.family_name, body.given_name, body.patronymic),
        member_id=body.member_id,
        roles=frozenset(body.roles),
    )
    return Account(person_id=person_id, member_id=body.member_id, roles=sorted(body.roles))


@routes.get("/accounts", may=COORDINATORS)
async def list_accounts(
    tx: Tx, cursor: Cursor = None, limit: Limit = 50
) -> Page[queries.AccountItem]:
    """The people who act for the own member."""
    items, next_cursor = await queries.accounts(tx, cursor=cursor, limit=limit)
    return Page(items=items, next_cursor=next_cursor)


@routes.post("/accounts/{person_id}/roles", may=THOSE_WHO_NAME)
async def set_roles(person_id: UUID, body: Roles, tx: Tx) -> Account:
    """Says in which roles a person acts for the member from now on."""
    member_id, held = await accounts.set_roles(
        tx, person_id=person_id, member_id=body.member_id, roles=frozenset(body.roles)
    )
    return Account(person_id=person_id, member_id=member_id, roles=sorted(held))


@routes.post(
    "/accounts/current/password", may=ANYONE_SIGNED_IN, key=KeyUse.IGNORED, status_code=204
)
async def change_password(body: NewPassword, tx: Tx) -> None:
    """Takes another password; all other sessions of the person end."""
    await accounts.change_password(tx, old=body.old, new=body.new)
