"""What the walk through all routes stands on: routes found by themselves, and a world to ask in.

The table says of every route, by hand and a second time, who may use it and whose things it
touches; a route without an entry fails the walk. Each service's part stands in `worlds`.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from tests.architecture.factors import MENTOR
from tests.architecture.visits import Visit, World
from tests.architecture.worlds import council, finance, membership, notices, workshops
from tests.harness import Moment, Running, Servers, running
from tests.provider import running_provider

WORLDS: dict[str, Callable[[Running], Any]] = {
    "membership": membership.membership_world,
    "council": council.council_world,
    "workshops": workshops.workshops_world,
    "finance": finance.finance_world,
    "notices": notices.notices_world,
}

TABLE: dict[str, dict[str, Visit]] = {
    "membership": membership.TABLE,
    "council": council.TABLE,
    "workshops": workshops.TABLE,
    "finance": finance.TABLE,
    "notices": notices.TABLE,
}
"""Every route of every service; one that is missing here, or too many, fails the walk."""


@asynccontextmanager
async def world_of(servers: Servers, name: str) -> AsyncIterator[World]:
    """The service in a fresh database, with everything that the walk asks for."""
    with running_provider(MENTOR) as provider:
        settings = provider.settings() if name == "membership" else {}
        async with running(
            servers, name, Moment(), demo=True, requests_per_10_seconds=1_000_000, **settings
        ) as service:
            yield await WORLDS[name](service)
