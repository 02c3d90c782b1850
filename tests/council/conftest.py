"""The council for each test, in one service whose database is emptied between."""

from collections.abc import AsyncIterator
from inspect import iscoroutinefunction
from pathlib import Path

import pytest
import pytest_asyncio

from shared.clock import now
from tests.council.chamber import Chamber
from tests.harness import Moment, Running, Servers, running

EMPTY = """
DO $$
DECLARE name text;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR name IN SELECT format('%I', relname) FROM pg_class
        WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
        AND relname NOT IN ('alembic_version', 'parameters')
    LOOP EXECUTE 'DELETE FROM ' || name; END LOOP;
    DELETE FROM parameters WHERE decision_id IS NOT NULL;
END $$
"""
"""What leaves a migrated database with nothing in it but the conventional defaults."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The service's connections belong to one loop, so the tests that share it run there."""
    here = Path(__file__).parent
    for item in items:
        if item.path.parent == here and iscoroutinefunction(getattr(item, "function", None)):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def service(servers: Servers) -> AsyncIterator[Running]:
    """The council, begun once: a new app and a new database take longer than most tests."""
    async with running(servers, "council", Moment()) as begun:
        yield begun


@pytest_asyncio.fixture(loop_scope="session")
async def council(service: Running) -> Running:
    """The council with nothing in it, now."""
    await service.sql(EMPTY)
    service.clock.set(now())
    return service


@pytest_asyncio.fixture(loop_scope="session")
async def chamber(council: Running) -> Chamber:
    """The council with fifteen voting seats and a secretary."""
    return await Chamber(council).lay()
