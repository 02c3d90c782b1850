"""Agreements between members: made, signed and looked up."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response
from pydantic import BaseModel, Field

from services.membership import queries
from services.membership.api.routes import COORDINATORS, READERS, routes
from services.membership.commands import agreements
from services.membership.domain.agreements import AgreementKind, AgreementStatus, Terms
from shared.etag import IfMatch, stamp
from shared.paging import Cursor, Limit, Page
from shared.routes import Tx
from shared.values import Day, Words


class NewAgreement(BaseModel):
    """What is agreed with whom; both dates are included."""

    kind: AgreementKind
    party_ids: Annotated[list[UUID], Field(min_length=2, max_length=2)]
    valid_from: Day
    valid_to: Day
    subject: Words


@routes.post("/agreements", may=COORDINATORS, status_code=201)
async def make_agreement(body: NewAgreement, response: Response, tx: Tx) -> queries.AgreementView:
    """Makes an agreement, and signs it for the own member."""
    terms = Terms(body.kind, tuple(body.party_ids), body.valid_from, body.valid_to, body.subject)
    return await get_agreement(await agreements.make(tx, terms), response, tx)


@routes.post("/agreements/{agreement_id}/sign", may=COORDINATORS)
async def sign(
    agreement_id: UUID, response: Response, tx: Tx, if_match: IfMatch = None
) -> queries.AgreementView:
    """Signs an agreement for the own member; with the last signature it is active."""
    await agreements.add_signature(tx, agreement_id, if_match)
    return await get_agreement(agreement_id, response, tx)


@routes.get("/agreements", may=READERS)
async def list_agreements(
    tx: Tx,
    status: AgreementStatus | None = None,
    kind: AgreementKind | None = None,
    with_id: Annotated[UUID | None, Query(description="The other party.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[queries.AgreementView]:
    """The agreements of the own member, the newest first."""
    items, next_cursor = await queries.agreements(
        tx, status=status, kind=kind, with_id=with_id, cursor=cursor, limit=limit
    )
    return Page(items=items, next_cursor=next_cursor)


@routes.get("/agreements/{agreement_id}", may=READERS)
async def get_agreement(agreement_id: UUID, response: Response, tx: Tx) -> queries.AgreementView:
    """An agreement of the own member."""
    agreement = await queries.agreement(tx, agreement_id)
    stamp(response, agreement.version)
    return agreement
