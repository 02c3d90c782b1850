"""Fixtures that every folder of tests may use."""

from collections.abc import AsyncIterator, Iterator

import pytest
from hypothesis import settings

from tests.harness import Moment, Running, Servers, running

settings.register_profile("untimed", deadline=None)  # speed is measured by make bench alone
settings.load_profile("untimed")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says in one line that tests of the pages were left out, where there is no browser for them."""
    reports = (each for found in terminalreporter.stats.values() for each in found)
    if not any(getattr(each, "nodeid", "").startswith("tests/portal/") for each in reports):
        return
    from tests.portal.browser import LEFT_OUT, is_left_out

    if is_left_out():
        terminalreporter.write_line(LEFT_OUT)


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """A real PostgreSQL and a real NATS server, once per run and worker."""
    started = Servers.start(tmp_path_factory.mktemp("servers"))
    yield started
    started.stop()


@pytest.fixture
def clock() -> Moment:
    """The clock of the services under test."""
    return Moment()


@pytest.fixture
async def membership(servers: Servers, clock: Moment) -> AsyncIterator[Running]:
    """Membership alone, without the bus."""
    async with running(servers, "membership", clock) as service:
        yield service


@pytest.fixture
async def workshops(servers: Servers, clock: Moment) -> AsyncIterator[Running]:
    """Workshops alone, without the bus."""
    async with running(servers, "workshops", clock) as service:
        yield service


@pytest.fixture
async def finance(servers: Servers, clock: Moment) -> AsyncIterator[Running]:
    """Finance alone, without the bus."""
    async with running(servers, "finance", clock) as service:
        yield service
