"""Fixtures that every folder of tests may use."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.harness import Moment, Running, Servers, running

settings.register_profile("untimed", deadline=None)  # speed is measured by make bench alone
settings.load_profile("untimed")


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Says once that the tests in a browser were left out, where they were asked for."""
    folder = Path(__file__).parent / "portal"
    asked = [
        (config.invocation_params.dir / arg.partition("::")[0]).resolve() for arg in config.args
    ]
    if any(folder.is_relative_to(path) or path.is_relative_to(folder) for path in asked):
        from tests.portal.browser import LEFT_OUT, chromium, is_required

        if chromium() is None and not is_required():
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


@pytest.fixture
async def council(servers: Servers, clock: Moment) -> AsyncIterator[Running]:
    """The council alone, without the bus."""
    async with running(servers, "council", clock) as service:
        yield service


@pytest.fixture
async def notices(servers: Servers, clock: Moment) -> AsyncIterator[Running]:
    """Notices alone, without the bus."""
    async with running(servers, "notices", clock) as service:
        yield service
