"""What can be booked, and what owners offer."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response
from pydantic import BaseModel, Field, Strict

from services.workshops import queries
from services.workshops.api.routes import OWNERS, Competence, Workplaces, routes
from services.workshops.commands import catalogue as commands
from services.workshops.domain.facts import Approval, Hours, Span
from shared.etag import stamp
from shared.paging import Cursor, Limit, Page
from shared.refusal import Invalid
from shared.routes import PUBLIC, Tx
from shared.values import Line, Moment, Whole

AVAILABILITY_DAYS_MAX = 62


class Competences(BaseModel):
    """All competences."""

    items: list["CompetenceItem"]


class CompetenceItem(BaseModel):
    """A competence that workshops are for."""

    id: str
    name: str


class SiteItem(BaseModel):
    """Where a workshop is."""

    id: UUID
    name: str
    town: str


class WorkshopItem(BaseModel):
    """A workshop in a list."""

    id: UUID
    name: str
    owner_id: UUID
    site: SiteItem
    competences: list[str]
    workplaces: int
    approval: Approval
    time_zone: str


class OpeningHours(BaseModel):
    """One stretch of a weekday's opening, local time; Monday is 0, midnight at its end is 24:00."""

    weekday: Annotated[Whole, Field(ge=0, le=6)]
    opens_at: Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    closes_at: Annotated[str, Field(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]


class EquipmentItem(BaseModel):
    """A machine that can be booked by name; one at a workplace takes that place with it."""

    id: UUID
    name: str
    competences: list[str]
    is_at_workplace: bool


class TariffItem(BaseModel):
    """What a workplace-hour costs now, before VAT; charged by started quarter of an hour."""

    net_kopecks_per_workplace_hour: int


class WorkshopView(WorkshopItem):
    """A workshop with everything that can be known of it."""

    opening_hours: list[OpeningHours]
    equipment: list[EquipmentItem]
    tariff: TariffItem


class WindowItem(BaseModel):
    """A maximal stretch of time with at least as many places free as were asked for."""

    workshop_id: UUID
    starts_at: datetime
    ends_at: datetime
    workplaces_free: int


class Windows(BaseModel):
    """All windows of an answer."""

    items: list[WindowItem]


@routes.get("/competences", may=PUBLIC)
async def list_competences(tx: Tx) -> Competences:
    """All competences that a workshop can be for."""
    rows = await queries.competences(tx)
    return Competences(items=[CompetenceItem(**row) for row in rows])


@routes.get("/workshops", may=PUBLIC)
async def list_workshops(
    tx: Tx,
    competence: Competence | None = None,
    town: Line | None = None,
    owner_id: UUID | None = None,
    q: Line | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[WorkshopItem]:
    """Workshops that fit all filters, by name."""
    rows, next_cursor = await queries.workshops(
        tx, competence=competence, town=town, owner_id=owner_id, q=q, cursor=cursor, limit=limit
    )
    return Page(items=[WorkshopItem(**_item(row)) for row in rows], next_cursor=next_cursor)


@routes.get("/workshops/{workshop_id}", may=PUBLIC)
async def read_workshop(tx: Tx, workshop_id: UUID, response: Response) -> WorkshopView:
    """One workshop with its opening hours, equipment and tariff."""
    row = await queries.workshop(tx, workshop_id)
    stamp(response, row["version"])
    return WorkshopView(
        **_item(row),
        opening_hours=[_hours_view(part) for part in row["hours"]],
        equipment=[EquipmentItem(**machine) for machine in row["equipment"]],
        tariff=TariffItem(net_kopecks_per_workplace_hour=row["net_kopecks"]),
    )


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
    if not timedelta() < to - from_ <= timedelta(days=AVAILABILITY_DAYS_MAX):
        raise Invalid("The time asked for is at most 62 days and not empty.", at="query.to")
    found = await queries.availability(
        tx,
        workshop_id=workshop_id,
        competence=competence,
        within=Span(from_, to),
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


class Made(BaseModel):
    """What was made."""

    id: UUID


class SiteBody(BaseModel):
    """A site to be opened."""

    name: Line
    town: Line
    time_zone: Annotated[str, Field(max_length=60)] = "Europe/Moscow"
    opening_hours: Annotated[list[OpeningHours], Field(min_length=1, max_length=50)]


class WorkshopBody(BaseModel):
    """A workshop to be opened."""

    site_id: UUID
    name: Line
    workplaces: Annotated[Workplaces, Strict()]
    approval: Approval = Approval.MANUAL
    competences: Annotated[list[Competence], Field(max_length=30)]
    net_kopecks_per_workplace_hour: Annotated[Whole, Field(ge=0, le=100_000_000)]


class EquipmentBody(BaseModel):
    """A machine to be installed."""

    name: Line
    competences: Annotated[list[Competence], Field(max_length=30)] = []
    is_at_workplace: bool = True


class TariffBody(BaseModel):
    """A tariff to be set; left out, it holds from now on."""

    net_kopecks_per_workplace_hour: Annotated[Whole, Field(ge=0, le=100_000_000)]
    valid_from_at: Moment | None = None


@routes.post("/sites", may=OWNERS, status_code=201)
async def open_site(tx: Tx, body: SiteBody) -> Made:
    """Opens a site of the acting member."""
    hours = [_hours(part) for part in body.opening_hours]
    return Made(
        id=await commands.open_site(
            tx, name=body.name, town=body.town, time_zone=body.time_zone, hours=hours
        )
    )


@routes.post("/workshops", may=OWNERS, status_code=201)
async def open_workshop(tx: Tx, body: WorkshopBody) -> Made:
    """Opens a workshop at a site of the acting member."""
    return Made(
        id=await commands.open_workshop(
            tx,
            site_id=body.site_id,
            name=body.name,
            workplaces=body.workplaces,
            approval=body.approval,
            competences=list(dict.fromkeys(body.competences)),
            net_kopecks=body.net_kopecks_per_workplace_hour,
        )
    )


@routes.post("/workshops/{workshop_id}/equipment", may=OWNERS, status_code=201)
async def install_equipment(tx: Tx, workshop_id: UUID, body: EquipmentBody) -> Made:
    """Adds a machine to a workshop of the acting member."""
    return Made(
        id=await commands.install_equipment(
            tx,
            workshop_id=workshop_id,
            name=body.name,
            competences=list(dict.fromkeys(body.competences)),
            is_at_workplace=body.is_at_workplace,
        )
    )


@routes.post("/workshops/{workshop_id}/tariffs", may=OWNERS, status_code=201)
async def set_tariff(tx: Tx, workshop_id: UUID, body: TariffBody) -> WorkshopView:
    """Sets the tariff of a workshop of the acting member."""
    await commands.set_tariff(
        tx,
        workshop_id=workshop_id,
        net_kopecks=body.net_kopecks_per_workplace_hour,
        valid_from_at=body.valid_from_at or tx.now,
    )
    return await read_workshop(tx, workshop_id, Response())


def _item(row: Mapping[str, Any]) -> dict[str, Any]:
    site = SiteItem(id=row["site_id"], name=row["site_name"], town=row["town"])
    names = ("id", "name", "owner_id", "competences", "workplaces", "approval", "time_zone")
    return {"site": site, **{name: row[name] for name in names}}


def _hours(part: OpeningHours) -> Hours:
    return Hours(part.weekday, _minute(part.opens_at), _minute(part.closes_at))


def _minute(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)


def _hours_view(part: Mapping[str, Any]) -> OpeningHours:
    return OpeningHours(
        weekday=part["weekday"], opens_at=_clock(part["opens"]), closes_at=_clock(part["closes"])
    )


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
