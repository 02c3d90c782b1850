"""Sites: where workshops are, when they open, and when the bell rings there."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response
from pydantic import BaseModel, Field

from services.workshops import queries
from services.workshops.api.routes import OWNERS, READERS, routes, within
from services.workshops.commands import catalogue as commands
from services.workshops.domain.bells import PAIRS_MAX, SAMPLE
from services.workshops.domain.facts import Bell, Hours
from shared.etag import IfMatch, stamp
from shared.paging import Cursor, Limit, Page
from shared.routes import ANYONE_SIGNED_IN, Tx
from shared.values import Line, Moment, Whole

ClockTime = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
"""A time of the site's day, `08:30`."""
EndTime = Annotated[str, Field(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]
"""The same, or midnight at the day's end, `24:00`."""


class OpeningHours(BaseModel):
    """One stretch of a weekday's opening, local time; Monday is 0, midnight at its end is 24:00."""

    weekday: Annotated[Whole, Field(ge=0, le=6)]
    opens_at: ClockTime
    closes_at: EndTime


class BellItem(BaseModel):
    """A pair of lessons, from its first bell to its last, local time."""

    pair: Annotated[Whole, Field(ge=1, le=PAIRS_MAX)]
    starts_at: ClockTime
    ends_at: EndTime


Bells = Annotated[list[BellItem], Field(min_length=1, max_length=PAIRS_MAX)]


class SiteItem(BaseModel):
    """Where a workshop is, and the pairs of the day there."""

    id: UUID
    name: str
    town: str
    bells: list[BellItem]


class SiteView(SiteItem):
    """A site with everything that can be known of it."""

    owner_id: UUID
    time_zone: str
    opening_hours: list[OpeningHours]
    version: int


class LessonItem(BaseModel):
    """A lesson of the owner's own, which takes so many workplaces."""

    id: UUID
    workshop_id: UUID
    starts_at: datetime
    ends_at: datetime
    workplaces: int
    title: str


class Made(BaseModel):
    """What was made."""

    id: UUID


class SiteBody(BaseModel):
    """A site to be opened; where no bell plan is given, the usual one of six pairs holds."""

    name: Line
    town: Line
    time_zone: Annotated[str, Field(max_length=60)] = "Europe/Moscow"
    opening_hours: Annotated[list[OpeningHours], Field(min_length=1, max_length=50)]
    bells: Bells | None = None


class BellsBody(BaseModel):
    """The whole bell plan of a site, pair by pair."""

    bells: Bells


@routes.post("/sites", may=OWNERS, status_code=201)
async def open_site(tx: Tx, body: SiteBody) -> Made:
    """Opens a site of the acting member."""
    hours = [_hours(part) for part in body.opening_hours]
    bells = SAMPLE if body.bells is None else _bells(body.bells)
    return Made(
        id=await commands.open_site(
            tx, name=body.name, town=body.town, time_zone=body.time_zone, hours=hours, bells=bells
        )
    )


@routes.get("/sites", may=ANYONE_SIGNED_IN)
async def list_sites(tx: Tx, cursor: Cursor = None, limit: Limit = 50) -> Page[SiteView]:
    """The acting member's own sites, as they were opened."""
    rows, next_cursor = await queries.sites(tx, cursor=cursor, limit=limit)
    return Page(items=[_site(row) for row in rows], next_cursor=next_cursor)


@routes.put("/sites/{site_id}/bells", may=OWNERS)
async def set_bells(
    tx: Tx, site_id: UUID, body: BellsBody, response: Response, if_match: IfMatch = None
) -> SiteView:
    """Replaces the bell plan of a site of the acting member; bookings stay as they are."""
    await commands.set_bells(tx, site_id=site_id, bells=_bells(body.bells), if_match=if_match)
    row = await queries.site(tx, site_id)
    stamp(response, row["version"])
    return _site(row)


@routes.get("/sites/{site_id}/timetable", may=READERS)
async def read_timetable(
    tx: Tx,
    site_id: UUID,
    from_: Annotated[Moment, Query(alias="from")],
    to: Moment,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[LessonItem]:
    """The lessons of a site of the acting member that start in this time, up to 62 days."""
    rows, next_cursor = await queries.timetable(
        tx, site_id, within=within(from_, to), cursor=cursor, limit=limit
    )
    return Page(items=[LessonItem(**row) for row in rows], next_cursor=next_cursor)


def bell_items(parts: Sequence[Sequence[int]]) -> list[BellItem]:
    """The bell plan of its row: pair, start and end in minutes of the day."""
    return [
        BellItem(pair=pair, starts_at=_clock(opens), ends_at=_clock(closes))
        for pair, opens, closes in parts
    ]


def hours_item(part: Sequence[int]) -> OpeningHours:
    """One stretch of opening of its row: weekday, opening and closing in minutes of the day."""
    weekday, opens, closes = part
    return OpeningHours(weekday=weekday, opens_at=_clock(opens), closes_at=_clock(closes))


def _site(row: Mapping[str, Any]) -> SiteView:
    return SiteView(
        **{name: row[name] for name in ("id", "name", "town", "owner_id", "time_zone", "version")},
        opening_hours=[hours_item(part) for part in row["hours"]],
        bells=bell_items(row["bells"]),
    )


def _hours(part: OpeningHours) -> Hours:
    return Hours(part.weekday, _minute(part.opens_at), _minute(part.closes_at))


def _bells(parts: Sequence[BellItem]) -> tuple[Bell, ...]:
    return tuple(Bell(part.pair, _minute(part.starts_at), _minute(part.ends_at)) for part in parts)


def _minute(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
