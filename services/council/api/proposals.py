"""Proposals of members and their discussion (R5.1), and what waits for the council."""

from uuid import UUID

from fastapi import Response
from pydantic import BaseModel

from services.council.api.routes import (
    COORDINATORS,
    COUNCIL,
    OFFICE,
    PARTICIPANTS,
    READERS,
    routes,
)
from services.council.commands import proposals
from services.council.domain.kinds import DecisionKind
from services.council.domain.proposals import MatterKind, ProposalStatus
from services.council.queries import proposals as queries
from shared.etag import IfMatch, stamp
from shared.paging import Cursor, Limit, Page
from shared.routes import Tx
from shared.values import Line, LongWords, Words


class NewProposal(BaseModel):
    """What a member proposes; `draft_text` is what would be decided, `decision_kind` what it does."""

    title: Line
    body: LongWords
    draft_text: LongWords | None = None
    decision_kind: DecisionKind | None = None
    parameter: Line | None = None
    value: Line | None = None


class NewRemark(BaseModel):
    """What somebody says of a proposal."""

    words: Words


class Refusing(BaseModel):
    """Why a proposal is taken to no agenda."""

    reason: Words


@routes.get("/proposals", may=READERS)
async def list_proposals(
    tx: Tx,
    status: ProposalStatus | None = None,
    member_id: UUID | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[queries.ProposalItem]:
    """Proposals of all members."""
    items, next_cursor = await queries.proposals(
        tx, status=status, member_id=member_id, cursor=cursor, limit=limit
    )
    return Page(items=items, next_cursor=next_cursor)


@routes.post("/proposals", may=COORDINATORS, status_code=201)
async def submit(body: NewProposal, response: Response, tx: Tx) -> queries.ProposalView:
    """Puts a proposal to the council, for the own member (R5.1)."""
    proposal_id = await proposals.submit(tx, proposals.Words(**dict(body)))
    return await get_proposal(proposal_id, response, tx)


@routes.get("/proposals/{proposal_id}", may=READERS)
async def get_proposal(proposal_id: UUID, response: Response, tx: Tx) -> queries.ProposalView:
    """A proposal, and what became of it."""
    proposal = await queries.proposal(tx, proposal_id)
    stamp(response, proposal.version)
    return proposal


@routes.get("/proposals/{proposal_id}/remarks", may=READERS)
async def list_remarks(
    proposal_id: UUID, tx: Tx, cursor: Cursor = None, limit: Limit = 50
) -> Page[queries.Remark]:
    """The discussion of a proposal, in order."""
    items, next_cursor = await queries.remarks(tx, proposal_id, cursor=cursor, limit=limit)
    return Page(items=items, next_cursor=next_cursor)


@routes.post("/proposals/{proposal_id}/remarks", may=PARTICIPANTS, status_code=201)
async def remark(
    proposal_id: UUID, body: NewRemark, response: Response, tx: Tx
) -> queries.ProposalView:
    """Joins in the discussion, whosever the proposal is (R5.1)."""
    await proposals.remark(tx, proposal_id, body.words)
    return await get_proposal(proposal_id, response, tx)


@routes.post("/proposals/{proposal_id}/refuse", may=OFFICE)
async def refuse(
    proposal_id: UUID, body: Refusing, response: Response, tx: Tx, if_match: IfMatch = None
) -> queries.ProposalView:
    """Takes a proposal to no agenda; the reason is kept with it."""
    await proposals.refuse(tx, proposal_id, body.reason, if_match)
    return await get_proposal(proposal_id, response, tx)


@routes.post("/proposals/{proposal_id}/withdraw", may=COORDINATORS)
async def withdraw(
    proposal_id: UUID, response: Response, tx: Tx, if_match: IfMatch = None
) -> queries.ProposalView:
    """Takes a proposal of the own member's back, as long as it stands on no agenda."""
    await proposals.withdraw(tx, proposal_id, if_match)
    return await get_proposal(proposal_id, response, tx)


@routes.get("/matters", may=COUNCIL)
async def list_matters(
    tx: Tx, kind: MatterKind | None = None, cursor: Cursor = None, limit: Limit = 50
) -> Page[queries.MatterView]:
    """Applications and cases of exclusion that are ready for an agenda, or soon will be."""
    items, next_cursor = await queries.matters(tx, kind=kind, cursor=cursor, limit=limit)
    return Page(items=items, next_cursor=next_cursor)
