"""A shop of shoes: a service that takes files, made of the chassis alone."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

import httpx
import pytest

from contracts.workshops import SiteOpened
from shared.database import Transaction
from shared.identity import Role
from shared.ids import new_id
from shared.imports.kinds import Effect, Imports, Job, Kind, Plan, row_by_row
from shared.imports.resource import add_import_routes
from shared.imports.sheet import Row
from shared.imports.work import work_on
from shared.listener import Hear
from shared.refusal import NotFound, Refusal
from shared.routes import Routes, roles
from shared.service import Service, create_app
from tests.harness import Moment, Running, Servers
from tests.imports import Importing
from tests.shared.imports.sample import SHEET


class ShoeIsSold(Refusal):
    """This shoe was sold a moment ago."""

    code = "shoe-sold"


@dataclass
class Shop:
    """A service of shoes on the database of workshops, whose rows are its milestones."""

    service: Running
    shelves: dict[UUID, UUID] = field(default_factory=dict)
    fails: list[Exception] = field(default_factory=list)
    """What looking at rows raises next."""
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    """What the writing of a shoe called «ждёт» waits for."""
    member_id: UUID = field(default_factory=new_id)

    def by(self, member_id: UUID | None, *allowed: Role) -> Importing:
        """Somebody of a member."""
        return Importing(self.service, self.service.as_(member_id, *allowed))

    async def names(self) -> list[str]:
        """The shoes that are there."""
        rows = await self.service.sql("SELECT name FROM milestones ORDER BY name")
        return [row["name"] for row in rows]

    async def look(self, tx: Transaction, job: Job, rows: Sequence[Row]) -> list[Plan]:
        """What is there already is left as it is."""
        if self.fails:
            raise self.fails.pop(0)
        known = {
            row["name"]
            for row in await tx.fetch(
                "SELECT name FROM milestones WHERE name = ANY ($1)", [row["name"] for row in rows]
            )
        }
        return [self._plan(row, row["name"] in known) for row in rows]

    def _plan(self, row: Row, is_known: bool) -> Plan:
        async def write(tx: Transaction) -> None:
            actor = tx.authorise()
            if row["name"] == "ждёт":
                await self.gate.wait()
            await tx.execute(
                "INSERT INTO milestones (name, reached_at) VALUES ($1, $2)", row["name"], tx.now
            )
            tx.record(SiteOpened(site_id=tx.new_id(), owner_id=actor.member))
            if row["name"] == "продан":
                raise ShoeIsSold(size=row["size"])
            if row["name"] == "ошибка":
                await tx.execute("SELECT 1 / 0")

        return Plan(row, Effect.UNCHANGED) if is_known else Plan(row, Effect.ADDED, write)

    async def require_shelf(self, tx: Transaction, shelf_id: UUID) -> None:
        """A shelf is its member's."""
        if tx.actor is None or self.shelves.get(shelf_id) != tx.actor.member_id:
            raise NotFound


@pytest.fixture
async def shop(servers: Servers, clock: Moment) -> AsyncIterator[Shop]:
    """A shop that is open."""
    name = await servers.new_database("workshops")
    routes = Routes("workshops")

    @routes.post("/other", may=roles(Role.COORDINATOR))
    async def other() -> None:
        """Takes bodies like all others."""

    made: list[Shop] = []

    async def look(tx: Transaction, job: Job, rows: Sequence[Row]) -> list[Plan]:
        return await made[0].look(tx, job, rows)

    async def require_shelf(tx: Transaction, shelf_id: UUID) -> None:
        await made[0].require_shelf(tx, shelf_id)

    shoes = Kind(sheet=SHEET, look=look, write=row_by_row(look))
    shelf = replace(
        shoes, sheet=replace(SHEET, name="shelf", title="Полка"), require_target=require_shelf
    )
    imports = Imports(may=roles(Role.COORDINATOR), kinds=(shoes, shelf), target="shelf_id")
    add_import_routes(routes, imports)
    service = Service(
        name="workshops", routes=routes, hear=Hear("workshops"), lengthy=(work_on(imports),)
    )
    app = create_app(service, servers.settings("workshops", name), clock)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    await app.state.runtime.database.open()
    try:
        async with httpx.AsyncClient(transport=transport, base_url="http://artel.test") as client:
            made.append(Shop(Running(servers, app, client, clock, name)))
            yield made[0]
    finally:
        await app.state.runtime.database.close()
        await servers.drop_database(name)


@pytest.fixture
def clerk(shop: Shop) -> Importing:
    """The shop's coordinator."""
    return shop.by(shop.member_id, Role.COORDINATOR)
