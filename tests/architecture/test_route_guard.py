"""The guard of every route: nobody registers one that does not say who may, or forgets to ask."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from contracts.workshops import SiteOpened
from shared.identity import Role
from shared.ids import new_id
from shared.listener import Hear
from shared.routes import KEY_HEADER, GuardedRoute, Routes, Tx, roles
from shared.service import Service, create_app
from tests.architecture.asking import not_a_problem
from tests.harness import Moment, Running, Servers


def test_a_route_that_does_not_say_who_may_cannot_be_registered() -> None:
    routes = Routes("workshops")

    async def endpoint() -> None: ...

    for method in (routes.get, routes.post, routes.put, routes.delete):
        with pytest.raises(TypeError, match="may"):
            method("/unsaid")
    with pytest.raises(TypeError, match="does not name who may"):
        routes.router.get("/unsaid")(endpoint)
    with pytest.raises(TypeError, match="does not name who may"):
        GuardedRoute("/unsaid", endpoint)
    assert routes.router.routes == []


SITE = new_id()


def forgetful() -> Routes:
    """Routes that write, one of which forgets to ask who may."""
    routes = Routes("workshops")

    async def write(tx: Tx) -> None:
        await tx.execute(
            "INSERT INTO milestones (name, reached_at) VALUES ($1, $2)", str(new_id()), tx.now
        )
        tx.record(SiteOpened(site_id=SITE, owner_id=SITE))

    @routes.post("/forgets", may=roles(Role.COORDINATOR))
    async def forgets(tx: Tx) -> dict[str, str]:
        """Writes without asking."""
        await write(tx)
        return {}

    @routes.post("/asks", may=roles(Role.COORDINATOR))
    async def asks(tx: Tx) -> dict[str, str]:
        """Writes, and asks, too late but in time."""
        await write(tx)
        tx.authorise()
        return {}

    return routes


@asynccontextmanager
async def running_forgetful(servers: Servers) -> AsyncIterator[Running]:
    name = await servers.new_database("workshops")
    service = Service(name="workshops", routes=forgetful(), hear=Hear("workshops"))
    clock = Moment()
    app = create_app(service, servers.settings("workshops", name), clock)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    await app.state.runtime.database.open()
    try:
        async with httpx.AsyncClient(transport=transport, base_url="http://artel.test") as client:
            yield Running(servers, app, client, clock, name)
    finally:
        await app.state.runtime.database.close()
        await servers.drop_database(name)


async def counts(service: Running) -> list[int]:
    tables = ("milestones", "outbox", "audit", "idempotency")
    return [(await service.sql(f"SELECT count(*) AS n FROM {name}"))[0]["n"] for name in tables]


async def test_a_route_that_forgets_to_ask_who_may_answers_500_and_commits_nothing(
    servers: Servers,
) -> None:
    async with running_forgetful(servers) as service:
        coordinator = service.as_(new_id(), Role.COORDINATOR)
        key = {KEY_HEADER: "once"}
        forgot = await service.client.post("/api/workshops/forgets", headers=coordinator | key)
        assert forgot.status_code == 500
        assert list(not_a_problem(forgot)) == []
        assert "forgets" not in forgot.text, "a fault tells nothing of itself"
        assert await counts(service) == [0, 0, 0, 0]

        student = service.as_(new_id(), Role.STUDENT)
        lacking = await service.client.post("/api/workshops/asks", headers=student | key)
        assert lacking.status_code == 403
        assert await counts(service) == [0, 0, 0, 0]

        asked = await service.client.post("/api/workshops/asks", headers=coordinator | key)
        assert asked.status_code == 200, "the same route, asking, is the proof that it could write"
        assert await counts(service) == [1, 1, 1, 1]
