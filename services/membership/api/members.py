"""Members: who takes part, how one is entered, and how it leaves."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response
from pydantic import BaseModel, Field

from services.membership import queries
from services.membership.api.routes import (
    ADMINISTRATORS,
    COORDINATORS,
    PAYERS,
    Digits,
    Name,
    Slug,
    routes,
)
from services.membership.commands import members
from services.membership.domain.members import Card, MemberKind, MemberStatus
from shared.etag import IfMatch, stamp
from shared.paging import Cursor, Limit, Page
from shared.routes import PUBLIC, Tx
from shared.russia.vat import VatRegime
from shared.values import Day, Line, Words


class NewMember(BaseModel):
    """The card of an organisation that joins."""

    slug: Slug
    name: Line
    full_name: Annotated[Words, Field(max_length=500)]
    kind: MemberKind
    is_state: bool
    legal_form: Digits
    inn: Digits
    kpp: Digits | None = None
    ogrn: Digits
    town: Name
    vat_regime: VatRegime
    bank_account: Digits | None = None
    bik: Digits | None = None
    joined_on: Day | None = None


class Notice(BaseModel):
    """The first day on which the member takes no part."""

    effective_on: Day


@routes.get("/members", may=PUBLIC)
async def list_members(
    tx: Tx,
    kind: MemberKind | None = None,
    status: MemberStatus | None = None,
    q: Annotated[Line | None, Query(description="Words of the name.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[queries.MemberItem]:
    """Who takes part in the cluster."""
    items, next_cursor = await queries.members(
        tx, kind=kind, status=status, q=q, cursor=cursor, limit=limit
    )
    return Page(items=items, next_cursor=next_cursor)


@routes.get("/members/{member_id}", may=PUBLIC)
async def get_member(member_id: UUID, response: Response, tx: Tx) -> queries.MemberCard:
    """A member's public card."""
    card = await queries.member(tx, member_id)
    stamp(response, card.version)
    return card


@routes.get("/members/{member_id}/requisites", may=PAYERS)
async def get_requisites(member_id: UUID, tx: Tx) -> queries.Requisites:
    """How a member is paid, and how it stands towards VAT."""
    return await queries.requisites(tx, member_id)


@routes.post("/members", may=ADMINISTRATORS, status_code=201)
async def join(body: NewMember, response: Response, tx: Tx) -> queries.MemberCard:
    """Enters an organisation as a member."""
    card = Card(**body.model_dump(exclude={"joined_on"}))
    member_id = await members.join(tx, card, body.joined_on)
    return await get_member(member_id, response, tx)


@routes.post("/members/{member_id}/withdraw", may=COORDINATORS)
async def withdraw(
    member_id: UUID, body: Notice, response: Response, tx: Tx, if_match: IfMatch = None
) -> queries.MemberCard:
    """Gives notice that the member leaves; nobody's approval is needed (R5.1)."""
    await members.give_notice(tx, member_id, body.effective_on, if_match)
    return await get_member(member_id, response, tx)
