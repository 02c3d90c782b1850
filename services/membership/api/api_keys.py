"""Keys of a member's own programs, and the short tokens that they get for them."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Request
from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from services.membership.api.routes import COORDINATORS, Name, RoleSet, encodable, routes
from services.membership.commands import api_keys
from services.membership.queries import api_keys as queries
from shared.identity import Role
from shared.paging import Cursor, Limit, Page
from shared.routes import PUBLIC, KeyUse, Tx
from shared.tokens import Signer
from shared.values import Day


class NewKey(BaseModel):
    """Which program it is for, in which of its maker's roles, and its last day, within a year."""

    name: Name
    roles: Annotated[RoleSet, Field(min_length=1)]
    expires_on: Day


class MadeKey(BaseModel):
    """The key itself, which is shown now and never again."""

    key: str
    item: queries.KeyItem


class ByKey(BaseModel):
    """The key as it was shown."""

    key: Annotated[str, StringConstraints(max_length=200), AfterValidator(encodable)]


class KeyToken(BaseModel):
    """A short access token for every service; the same key gets the next one."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - a word of RFC 6750
    expires_in: int
    member_id: UUID
    roles: list[Role]


@routes.post("/api-keys", may=COORDINATORS, key=KeyUse.IGNORED, status_code=201)
async def make_key(body: NewKey, tx: Tx) -> MadeKey:
    """Makes a key for a program of the own member."""
    key_id, key = await api_keys.make(
        tx, name=body.name, scope=frozenset(body.roles), expires_on=body.expires_on
    )
    return MadeKey(key=key, item=await queries.api_key(tx, key_id))


@routes.get("/api-keys", may=COORDINATORS)
async def list_keys(tx: Tx, cursor: Cursor = None, limit: Limit = 50) -> Page[queries.KeyItem]:
    """The own member's keys, by name; when each was used last."""
    items, next_cursor = await queries.api_keys(tx, cursor=cursor, limit=limit)
    return Page(items=items, next_cursor=next_cursor)


@routes.delete("/api-keys/{key_id}", may=COORDINATORS, status_code=204)
async def revoke_key(key_id: UUID, tx: Tx) -> None:
    """Revokes a key; an access token that it got lives on until it expires."""
    await api_keys.revoke(tx, key_id)


@routes.post("/tokens", may=PUBLIC, key=KeyUse.IGNORED)
async def get_token(body: ByKey, request: Request, tx: Tx) -> KeyToken:
    """Exchanges a key for a short access token, with which a program asks every service."""
    actor = await api_keys.exchange(tx, body.key)
    signer: Signer = request.app.state.signer
    return KeyToken(
        access_token=signer.sign(actor, tx.now),
        expires_in=signer.seconds,
        member_id=actor.member,
        roles=sorted(actor.roles),
    )
