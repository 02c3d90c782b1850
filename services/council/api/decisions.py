"""Decisions, and how they are carried out."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response
from pydantic import BaseModel

from services.council.api.routes import COORDINATORS, OFFICE, READERS, routes
from services.council.commands import decisions
from services.council.domain.decisions import DecisionStatus
from services.council.domain.kinds import DecisionKind
from services.council.queries import decisions as queries
from shared.etag import IfMatch, stamp
from shared.paging import Cursor, Limit, Page
from shared.routes import Tx
from shared.values import Words

Year = Annotated[int | None, Query(ge=2000, le=2200)]


class Report(BaseModel):
    """What was done."""

    words: Words


class SentBack(BaseModel):
    """Why the report is not enough."""

    reason: Words


class Cancelled(BaseModel):
    """The later decision by which the council takes this one back."""

    by_decision_id: UUID


class Reports(BaseModel):
    """Reports on a decision."""

    items: list[queries.ReportView]


@routes.get("/decisions", may=READERS)
async def list_decisions(
    tx: Tx,
    status: DecisionStatus | None = None,
    kind: DecisionKind | None = None,
    is_overdue: bool | None = None,
    member_id: UUID | None = None,
    meeting_id: UUID | None = None,
    year: Year = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[queries.DecisionView]:
    """Decisions, the newest first; `member_id` is responsible for them or addressed by them."""
    items, next_cursor = await queries.decisions(
        tx,
        status=status,
        kind=kind,
        is_overdue=is_overdue,
        member_id=member_id,
        meeting_id=meeting_id,
        year=year,
        cursor=cursor,
        limit=limit,
    )
    return Page(items=items, next_cursor=next_cursor)


@routes.get("/decisions/{decision_id}", may=READERS)
async def get_decision(decision_id: UUID, response: Response, tx: Tx) -> queries.DecisionView:
    """A decision with its force, and with how far it was carried out."""
    decision = await queries.decision(tx, decision_id)
    stamp(response, decision.version)
    return decision


@routes.get("/decisions/{decision_id}/reports", may=READERS)
async def list_reports(decision_id: UUID, tx: Tx) -> Reports:
    """Reports on a decision: for the council, and for the member that is responsible."""
    return Reports(items=await queries.reports(tx, decision_id))


@routes.post("/decisions/{decision_id}/start", may=COORDINATORS)
async def start_decision(
    decision_id: UUID, response: Response, tx: Tx, if_match: IfMatch = None
) -> queries.DecisionView:
    """The responsible member begins."""
    await decisions.start(tx, decision_id, if_match)
    return await get_decision(decision_id, response, tx)


@routes.post("/decisions/{decision_id}/report", may=COORDINATORS)
async def report_decision(
    decision_id: UUID, body: Report, response: Response, tx: Tx, if_match: IfMatch = None
) -> queries.DecisionView:
    """The responsible member reports what was done."""
    await decisions.report(tx, decision_id, body.words, if_match)
    return await get_decision(decision_id, response, tx)


@routes.post("/decisions/{decision_id}/accept", may=OFFICE)
async def accept_report(
    decision_id: UUID, response: Response, tx: Tx, if_match: IfMatch = None
) -> queries.DecisionView:
    """The report is accepted."""
    await decisions.accept(tx, decision_id, if_match)
    return await get_decision(decision_id, response, tx)


@routes.post("/decisions/{decision_id}/return", may=OFFICE)
async def return_report(
    decision_id: UUID, body: SentBack, response: Response, tx: Tx, if_match: IfMatch = None
) -> queries.DecisionView:
    """The report is not enough: the member goes on."""
    await decisions.send_back(tx, decision_id, body.reason, if_match)
    return await get_decision(decision_id, response, tx)


@routes.post("/decisions/{decision_id}/cancel", may=OFFICE)
async def cancel_decision(
    decision_id: UUID, body: Cancelled, response: Response, tx: Tx, if_match: IfMatch = None
) -> queries.DecisionView:
    """Notes by which later decision the council has taken this one back."""
    await decisions.cancel(tx, decision_id, body.by_decision_id, if_match)
    return await get_decision(decision_id, response, tx)
