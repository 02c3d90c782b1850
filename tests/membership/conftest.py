"""A cluster of three members for each test, in one service whose database is emptied between."""

from collections.abc import AsyncIterator
from inspect import iscoroutinefunction
from pathlib import Path

import pytest
import pytest_asyncio

from shared.clock import now
from tests.harness import Moment, Running, Servers, running
from tests.membership.cluster import Cluster

EMPTY = """
DO $$
DECLARE name text;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR name IN SELECT format('%I', relname) FROM pg_class
        WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
        AND relname <> 'alembic_version'
    LOOP EXECUTE 'DELETE FROM ' || name; END LOOP;
END $$
"""
"""What leaves a migrated database with nothing in it."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The service's connections belong to one loop, so the tests that share it run there."""
    here = Path(__file__).parent
    for item in items:
        if item.path.parent == here and iscoroutinefunction(getattr(item, "function", None)):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def service(servers: Servers) -> AsyncIterator[Running]:
    """Membership, begun once: a new app and a new database take longer than most tests."""
    async with running(servers, "membership", Moment()) as begun:
        yield begun


@pytest_asyncio.fixture(loop_scope="session")
async def membership(service: Running) -> Running:
    """Membership with nothing in it, now."""
    await service.sql(EMPTY)
    service.clock.set(now())
    return service


@pytest_asyncio.fixture(loop_scope="session")
async def cluster(membership: Running) -> Cluster:
    """Membership with a cluster in it."""
    return await Cluster(membership).lay()
