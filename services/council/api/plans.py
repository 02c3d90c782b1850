"""The annual plan: collected from all members, agreed by the head, approved by the council."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response
from pydantic import BaseModel, Field

from services.council.api.routes import OFFICE, READERS, routes
from services.council.commands import plans as commands
from services.council.domain.plan_items import FundingSource, Section
from services.council.domain.plan_reports import ItemStatus
from services.council.queries import plan_items
from services.council.queries import plans as queries
from services.council.queries.plan_views import (
    ChangeView,
    ItemView,
    PlanItem,
    PlanView,
    TotalsView,
)
from shared.etag import IfMatch, stamp
from shared.identity import Role
from shared.paging import Cursor, Limit, Page
from shared.routes import Tx, roles
from shared.values import Day, Whole, Words

HEAD = roles(Role.COUNCIL_HEAD)

OfVersion = Annotated[
    int | None, Query(ge=1, le=30_000, description="A version; the one on its way unless named.")
]


class NewPlan(BaseModel):
    """The year of a plan."""

    year: Annotated[Whole, Field(ge=2000, le=2200)]


class Collecting(BaseModel):
    """The last day to put items forward; null for none."""

    until_on: Day | None


class Amendment(BaseModel):
    """Why a plan is amended, and until when members may put something forward."""

    reason: Words
    until_on: Day | None = None


class Agreement(BaseModel):
    """Which text the head agrees to: the `sha256` of the plan that was read."""

    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


@routes.post("/plans", may=OFFICE, status_code=201)
async def open_plan(body: NewPlan, response: Response, tx: Tx) -> PlanView:
    """Opens the plan of a year (R6.2), as a draft."""
    plan_id = await commands.open_plan(tx, body.year)
    return await get_plan(plan_id, response, tx)


@routes.get("/plans", may=READERS)
async def list_plans(tx: Tx, cursor: Cursor = None, limit: Limit = 50) -> Page[PlanItem]:
    """All plans, the latest year first."""
    items, next_cursor = await queries.plans(tx, cursor=cursor, limit=limit)
    return Page(items=items, next_cursor=next_cursor)


@routes.get("/plans/{plan_id}", may=READERS)
async def get_plan(plan_id: UUID, response: Response, tx: Tx) -> PlanView:
    """A plan with its versions, and who has to act next."""
    found = await queries.plan(tx, plan_id)
    stamp(response, found.version)
    return found


@routes.get("/plans/{plan_id}/items", may=READERS)
async def list_plan_items(
    plan_id: UUID,
    tx: Tx,
    number: OfVersion = None,
    section: Section | None = None,
    member_id: UUID | None = None,
    source: FundingSource | None = None,
    status: ItemStatus | None = None,
    waits_for: UUID | None = None,
    is_refused: bool = False,
    on: Day | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[ItemView]:
    """The items of a version, in the order of the plan.

    `member_id` is anybody whom an item names, `waits_for` whose consent it waits for; `on` is the
    day as of which items are overdue.
    """
    wanted = plan_items.Filter(
        section=section,
        member_id=member_id,
        source=source,
        status=status,
        waits_for=waits_for,
        is_refused=is_refused,
        on=on,
    )
    items, next_cursor = await plan_items.items(
        tx, plan_id, number, wanted, cursor=cursor, limit=limit
    )
    return Page(items=items, next_cursor=next_cursor)


@routes.get("/plans/{plan_id}/totals", may=READERS)
async def get_plan_totals(
    plan_id: UUID, tx: Tx, number: OfVersion = None, on: Day | None = None
) -> TotalsView:
    """Totals as of a day: by section, by source of R7.1, by member."""
    return await plan_items.totals(tx, plan_id, number, on)


@routes.get("/plans/{plan_id}/changes", may=READERS)
async def list_plan_changes(plan_id: UUID, tx: Tx, number: OfVersion = None) -> Page[ChangeView]:
    """What a version changed of the approved one before it."""
    return Page(items=await queries.version_changes(tx, plan_id, number))


@routes.post("/plans/{plan_id}/collect", may=OFFICE)
async def collect_plan_items(
    plan_id: UUID, body: Collecting, response: Response, tx: Tx, if_match: IfMatch = None
) -> PlanView:
    """Asks all members for items; asked again, it sets another last day."""
    await commands.collect_items(tx, plan_id, body.until_on, if_match)
    return await get_plan(plan_id, response, tx)


@routes.post("/plans/{plan_id}/agree", may=HEAD)
async def agree_to_plan(plan_id: UUID, body: Agreement, response: Response, tx: Tx) -> PlanView:
    """The head agrees to exactly the text that was read (R6.3)."""
    await commands.agree_to_plan(tx, plan_id, body.sha256)
    return await get_plan(plan_id, response, tx)


@routes.post("/plans/{plan_id}/amend", may=OFFICE)
async def amend_plan(plan_id: UUID, body: Amendment, response: Response, tx: Tx) -> PlanView:
    """Opens an amendment, which goes the same two steps as the plan did."""
    await commands.amend(tx, plan_id, body.reason, body.until_on)
    return await get_plan(plan_id, response, tx)


@routes.post("/plans/{plan_id}/drop-amendment", may=OFFICE)
async def drop_plan_amendment(
    plan_id: UUID, response: Response, tx: Tx, if_match: IfMatch = None
) -> PlanView:
    """Gives the amendment on its way up; what is in force stays."""
    await commands.drop_amendment(tx, plan_id, if_match)
    return await get_plan(plan_id, response, tx)


@routes.post("/plans/{plan_id}/close", may=OFFICE)
async def close_plan(
    plan_id: UUID, response: Response, tx: Tx, if_match: IfMatch = None
) -> PlanView:
    """Closes the reporting, once every item has a report that was accepted."""
    await commands.close_plan(tx, plan_id, if_match)
    return await get_plan(plan_id, response, tx)


@routes.post("/plans/{plan_id}/archive", may=OFFICE)
async def archive_plan(
    plan_id: UUID, response: Response, tx: Tx, if_match: IfMatch = None
) -> PlanView:
    """Lays a plan that was reported on aside."""
    await commands.archive_plan(tx, plan_id, if_match)
    return await get_plan(plan_id, response, tx)
