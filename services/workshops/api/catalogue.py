"""What can be booked, and what owners offer."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, Field, Strict

from services.workshops import queries
from services.workshops.api.routes import OWNERS, Competence, Workplaces, routes
from services.workshops.api.sites import Made, OpeningHours, SiteItem, bell_items, hours_item
from services.workshops.commands import catalogue as commands
from services.workshops.domain.facts import Approval
from shared.etag import stamp
from shared.paging import Cursor, Limit, Page
from shared.routes import PUBLIC, Tx
from shared.values import Line, Moment, Whole


class Competences(BaseModel):
    """All competences."""

    items: list["CompetenceItem"]


class CompetenceItem(BaseModel):
    """A competence that workshops are for."""

    id: str
    name: str


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
        opening_hours=[hours_item(part) for part in row["hours"]],
        equipment=[EquipmentItem(**machine) for machine in row["equipment"]],
        tariff=TariffItem(net_kopecks_per_workplace_hour=row["net_kopecks"]),
    )


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
    site = SiteItem(
        id=row["site_id"], name=row["site_name"], town=row["town"], bells=bell_items(row["bells"])
    )
    names = ("id", "name", "owner_id", "competences", "workplaces", "approval", "time_zone")
    return {"site": site, **{name: row[name] for name in names}}
