"""The platform with its portal, once per run and worker; who visits it, and with which browser."""

from collections.abc import Callable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tests.harness import Moment
from tests.portal.platform import Platform, Visit, running_platform

TUESDAY = datetime(2027, 2, 2, 10, 0, tzinfo=ZoneInfo("Europe/Moscow"))
"""When everything here happens: the second pair of a working week."""

Visitor = Callable[[str], Visit]


@pytest.fixture(scope="session")
def platform() -> Iterator[Platform]:
    """All services with the demo, and the portal."""
    clock = Moment()
    clock.set(TUESDAY)
    with running_platform(clock) as platform:
        yield platform


@pytest.fixture
def stranger(platform: Platform) -> Iterator[Visit]:
    """Somebody who is not signed in."""
    visit = Visit(platform)
    yield visit
    visit.client.close()


@pytest.fixture
def visitor(platform: Platform) -> Iterator[Visitor]:
    """Signs in somebody of the demo, such as `coordinator@vyazma`."""
    visits: list[Visit] = []

    def sign_in(account: str) -> Visit:
        visit = Visit(platform)
        visits.append(visit)
        answer = visit.sign_in(f"{account}.demo")
        assert answer.status_code == 303, answer.text
        return visit

    yield sign_in
    for visit in visits:
        visit.client.close()
