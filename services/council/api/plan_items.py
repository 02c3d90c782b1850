"""Items of the annual plan: put forward by any member, consented to by each that is named (R7.2)."""

from typing import Annotated
from uuid import UUID

from fastapi import Response
from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from services.council.api.plans import OfVersion
from services.council.api.routes import COORDINATORS, OFFICE, READERS, routes
from services.council.commands import plan_items as commands
from services.council.commands import plan_reports
from services.council.domain.plan_items import (
    CO_EXECUTORS_MAX,
    COUNT_MAX,
    KOPECKS_MAX,
    Content,
    FundingSource,
    Section,
)
from services.council.domain.plan_reports import Fact, Outcome
from services.council.queries import plan_items as queries
from services.council.queries.plan_views import ItemView
from shared.etag import IfMatch, stamp
from shared.routes import Access, Tx
from shared.values import Line, Whole, Words

PROPOSERS = Access(COORDINATORS.roles | OFFICE.roles)
"""Any member's coordinators, and whoever keeps the plan."""

Title = Annotated[Words, Field(max_length=500)]
Count = Annotated[Whole, Field(ge=0, le=COUNT_MAX)]
Kopecks = Annotated[Whole, Field(ge=0, le=KOPECKS_MAX)]
PeriodText = Annotated[str, StringConstraints(max_length=10), AfterValidator(str.strip)]


class PlanItemBody(BaseModel):
    """What is to be done: when (2027-03-15, 2027-03, 2027-Q1, 2027), by whom, from whose means.

    An amount comes with its source (R7.1) and is an intention of `payer_member_id`, or of who
    answers for the item. Every member that is named consents for itself (R7.2).
    """

    section: Section
    title: Title
    form: Line | None = None
    period: PeriodText
    responsible_member_id: UUID
    responsible_person_id: UUID | None = None
    co_executor_ids: Annotated[list[UUID], Field(max_length=CO_EXECUTORS_MAX)] = []
    audience: Line | None = None
    planned_count: Count | None = None
    place: Line | None = None
    result: Words
    indicator: Line | None = None
    unit: Line | None = None
    planned_value: Count | None = None
    source: FundingSource | None = None
    amount_kopecks: Kopecks | None = None
    payer_member_id: UUID | None = None
    basis: Line | None = None

    def content(self) -> Content:
        """What the item says."""
        said = dict(self)
        return Content(**{**said, "co_executor_ids": tuple(said["co_executor_ids"])})


class WhyNot(BaseModel):
    """The reason."""

    reason: Words


class PlanReportBody(BaseModel):
    """What came of an item; the reason where it was not wholly done, the new time where it was moved."""

    outcome: Outcome
    words: Words
    reason: Words | None = None
    fact_value: Count | None = None
    fact_count: Count | None = None
    spent_kopecks: Kopecks | None = None
    moved_to: PeriodText | None = None


@routes.post("/plans/{plan_id}/items", may=PROPOSERS, status_code=201)
async def propose_plan_item(
    plan_id: UUID, body: PlanItemBody, response: Response, tx: Tx
) -> ItemView:
    """Puts an item forward, for the own member or another that will be asked to consent."""
    item_id = await commands.propose(tx, plan_id, body.content())
    return await get_plan_item(item_id, response, tx)


@routes.get("/plan-items/{item_id}", may=READERS)
async def get_plan_item(
    item_id: UUID, response: Response, tx: Tx, number: OfVersion = None
) -> ItemView:
    """An item, in the newest version that has it unless one is named."""
    found = await queries.item(tx, item_id, number)
    stamp(response, found.version)
    return found


@routes.put("/plan-items/{item_id}", may=PROPOSERS)
async def edit_plan_item(
    item_id: UUID, body: PlanItemBody, response: Response, tx: Tx, if_match: IfMatch = None
) -> ItemView:
    """Mends an item: who put it forward or answers for it, or the secretary."""
    await commands.edit(tx, item_id, body.content(), if_match)
    return await get_plan_item(item_id, response, tx)


@routes.post("/plan-items/{item_id}/refuse", may=OFFICE)
async def refuse_plan_item(
    item_id: UUID, body: WhyNot, response: Response, tx: Tx, if_match: IfMatch = None
) -> ItemView:
    """Leaves an item out of the version on its way; the reason is kept."""
    await commands.refuse(tx, item_id, body.reason, if_match)
    return await get_plan_item(item_id, response, tx)


@routes.post("/plan-items/{item_id}/consent", may=COORDINATORS)
async def consent_to_plan_item(
    item_id: UUID, response: Response, tx: Tx, if_match: IfMatch = None
) -> ItemView:
    """Says yes to an item for the own member, which it names (R7.2)."""
    await commands.consent(tx, item_id, if_match)
    return await get_plan_item(item_id, response, tx)


@routes.post("/plan-items/{item_id}/decline", may=COORDINATORS)
async def decline_plan_item(
    item_id: UUID, body: WhyNot, response: Response, tx: Tx, if_match: IfMatch = None
) -> ItemView:
    """Says no to an item for the own member, also after a yes, until the council approves."""
    await commands.decline(tx, item_id, body.reason, if_match)
    return await get_plan_item(item_id, response, tx)


@routes.post("/plan-items/{item_id}/report", may=COORDINATORS)
async def report_plan_item(
    item_id: UUID, body: PlanReportBody, response: Response, tx: Tx
) -> ItemView:
    """Reports on an item in force that the own member answers for."""
    await plan_reports.report(tx, item_id, Fact(**dict(body)))
    return await _in_force(item_id, response, tx)


@routes.post("/plan-items/{item_id}/accept-report", may=OFFICE)
async def accept_plan_report(item_id: UUID, response: Response, tx: Tx) -> ItemView:
    """Accepts what was reported of an item."""
    await plan_reports.accept_report(tx, item_id)
    return await _in_force(item_id, response, tx)


@routes.post("/plan-items/{item_id}/return-report", may=OFFICE)
async def return_plan_report(item_id: UUID, body: WhyNot, response: Response, tx: Tx) -> ItemView:
    """Returns what was reported of an item, with the reason."""
    await plan_reports.return_report(tx, item_id, body.reason)
    return await _in_force(item_id, response, tx)


async def _in_force(item_id: UUID, response: Response, tx: Tx) -> ItemView:
    found = await queries.item(tx, item_id, is_in_force=True)
    stamp(response, found.version)
    return found
