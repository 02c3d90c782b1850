"""Cases of exclusion, other ends of a member, and what a member sees of itself."""

from typing import Literal
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel

from services.membership import queries as members
from services.membership.api.members import get_member
from services.membership.api.routes import (
    CASE_READERS,
    COORDINATORS,
    READERS,
    SECRETARIAT,
    routes,
)
from services.membership.commands import exclusion
from services.membership.domain.exclusion import EndKind, Ground, Initiative
from services.membership.queries import cases as queries
from shared.etag import IfMatch, stamp
from shared.paging import Cursor, Limit, Page
from shared.routes import Tx
from shared.values import Day, Words


class NewCase(BaseModel):
    """Why a member should be excluded (R5.3), at whose wish, and until when it may answer.

    `initiator_id` names the member at whose wish it is, and is left out for the head's.
    """

    ground: Ground
    initiative: Initiative
    initiator_id: UUID | None = None
    evidence: Words
    answer_until_on: Day | None = None


class Answer(BaseModel):
    """What the member has to say."""

    answer: Words


class Why(BaseModel):
    """Why the case is dropped."""

    reason: Words


class End(BaseModel):
    """What the register says has become of a member; a reorganised one has a successor."""

    kind: Literal["reorganised", "liquidated"]
    successor_id: UUID | None = None
    reason: Words


class OpenMattersPage(Page[queries.OpenMatter]):
    """What is open with the member, and how much of each kind."""

    requests: int
    bookings: int
    obligations: int


@routes.post("/members/{member_id}/cases", may=SECRETARIAT, status_code=201)
async def open_case(member_id: UUID, body: NewCase, response: Response, tx: Tx) -> queries.CaseView:
    """Opens a case of exclusion; the member is given notice and time to answer."""
    case_id = await exclusion.open_case(tx, member_id, **dict(body))
    return await get_case(case_id, response, tx)


@routes.get("/cases", may=CASE_READERS)
async def list_cases(
    tx: Tx, member_id: UUID | None = None, cursor: Cursor = None, limit: Limit = 50
) -> Page[queries.CaseView]:
    """Cases of the own member; for the secretariat, of every one."""
    items, next_cursor = await queries.cases(tx, member_id=member_id, cursor=cursor, limit=limit)
    return Page(items=items, next_cursor=next_cursor)


@routes.get("/cases/{case_id}", may=CASE_READERS)
async def get_case(case_id: UUID, response: Response, tx: Tx) -> queries.CaseView:
    """A case with evidence and answer."""
    case = await queries.case(tx, case_id)
    stamp(response, case.version)
    return case


@routes.post("/cases/{case_id}/answer", may=COORDINATORS)
async def answer_case(
    case_id: UUID, body: Answer, response: Response, tx: Tx, if_match: IfMatch = None
) -> queries.CaseView:
    """Answers for the own member, once."""
    await exclusion.answer_case(tx, case_id, body.answer, if_match)
    return await get_case(case_id, response, tx)


@routes.post("/cases/{case_id}/close", may=SECRETARIAT)
async def close_case(
    case_id: UUID, body: Why, response: Response, tx: Tx, if_match: IfMatch = None
) -> queries.CaseView:
    """Drops the case; a suspension that stood on it is over."""
    await exclusion.close_case(tx, case_id, body.reason, if_match)
    return await get_case(case_id, response, tx)


@routes.post("/members/{member_id}/end", may=SECRETARIAT)
async def end_member(
    member_id: UUID, body: End, response: Response, tx: Tx, if_match: IfMatch = None
) -> members.MemberCard:
    """Notes that the member was reorganised or liquidated: from today on it takes no part."""
    await exclusion.end_member(
        tx,
        member_id,
        EndKind(body.kind),
        successor_id=body.successor_id,
        reason=body.reason,
        if_match=if_match,
    )
    return await get_member(member_id, response, tx)


@routes.get("/members/{member_id}/open-matters", may=READERS)
async def list_open_matters(
    member_id: UUID, tx: Tx, cursor: Cursor = None, limit: Limit = 50
) -> OpenMattersPage:
    """What is open with the own member: it lives on when the member leaves (R5.1)."""
    counts = await queries.count_open_matters(tx, member_id)
    items, next_cursor = await queries.open_matters(tx, member_id, cursor=cursor, limit=limit)
    return OpenMattersPage(
        items=items,
        next_cursor=next_cursor,
        requests=counts.requests,
        bookings=counts.bookings,
        obligations=counts.obligations,
    )


@routes.get("/members/{member_id}/log", may=READERS)
async def read_log(
    member_id: UUID, tx: Tx, cursor: Cursor = None, limit: Limit = 50
) -> Page[queries.LogLine]:
    """What was changed of the own member, its rights and agreements, the newest first."""
    items, next_cursor = await queries.log(tx, member_id, cursor=cursor, limit=limit)
    return Page(items=items, next_cursor=next_cursor)
