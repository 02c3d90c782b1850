"""When places are free: windows for one wish, and the whole picture for a grid."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel

from services.workshops import queries
from services.workshops.api.routes import Competence, Workplaces, routes, within
from shared.paging import LIMIT_MAX, Cursor, Limit, Page
from shared.refusal import Invalid
from shared.routes import PUBLIC, Tx
from shared.values import Line, Moment


class WindowItem(BaseModel):
    """A maximal stretch of time with at least as many places free as were asked for."""

    workshop_id: UUID
    starts_at: datetime
    ends_at: datetime
    workplaces_free: int


class Windows(BaseModel):
    """All windows of an answer."""

    items: list[WindowItem]


@dataclass(slots=True)
class StretchItem:  # no model: an answer holds thousands, and they are known to be right
    """A stretch of open time in which the same number of places is free throughout, also none."""

    starts_at: datetime
    ends_at: datetime
    workplaces_free: int


class PlacesItem(BaseModel):
    """The open time of a workshop, in order; adjoining stretches differ in what is free."""

    workshop_id: UUID
    workplaces: int
    stretches: list[StretchItem]


@routes.get("/availability", may=PUBLIC)
async def read_availability(
    tx: Tx,
    from_: Annotated[Moment, Query(alias="from")],
    to: Moment,
    workshop_id: UUID | None = None,
    competence: Competence | None = None,
    workplaces: Workplaces = 1,
    minutes: Annotated[int, Query(ge=5, le=1440)] = 5,
) -> Windows:
    """When at least so many workplaces are free for at least so long; up to 62 days at once."""
    if (workshop_id is None) == (competence is None):
        raise Invalid("Name either a workshop or a competence.", at="query.workshop_id")
    found = await queries.availability(
        tx,
        workshop_id=workshop_id,
        competence=competence,
        within=within(from_, to),
        workplaces=workplaces,
        minutes=minutes,
    )
    return Windows(
        items=[
            WindowItem(
                workshop_id=free.workshop_id,
                starts_at=free.span.starts_at,
                ends_at=free.span.ends_at,
                workplaces_free=free.workplaces_free,
            )
            for free in found
        ]
    )


@routes.get("/free-places", may=PUBLIC)
async def read_free_places(
    tx: Tx,
    from_: Annotated[Moment, Query(alias="from")],
    to: Moment,
    workshop_id: Annotated[list[UUID] | None, Query(max_length=LIMIT_MAX)] = None,
    competence: Competence | None = None,
    town: Line | None = None,
    owner_id: UUID | None = None,
    q: Line | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[PlacesItem]:
    """How many places are free when, of the workshops that fit all filters, by name.

    `workshop_id` may be given several times. Closed time, the past, and what lies beyond the year
    for which bookings are taken are left out; up to 62 days at once.
    """
    found, next_cursor = await queries.free_places(
        tx,
        workshop_ids=workshop_id,
        competence=competence,
        town=town,
        owner_id=owner_id,
        q=q,
        within=within(from_, to),
        cursor=cursor,
        limit=limit,
    )
    return Page(
        items=[
            PlacesItem(
                workshop_id=places.workshop_id,
                workplaces=places.workplaces,
                stretches=[
                    StretchItem(
                        starts_at=stretch.span.starts_at,
                        ends_at=stretch.span.ends_at,
                        workplaces_free=stretch.workplaces_free,
                    )
                    for stretch in places.stretches
                ],
            )
            for places in found
        ],
        next_cursor=next_cursor,
    )
