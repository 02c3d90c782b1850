"""The platform with its portal, once per run and worker; who visits it, and with which browser."""

from collections.abc import Callable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser

from tests.harness import Moment
from tests.portal.browser import (
    MISSING,
    WIDE,
    Somebody,
    chromium,
    is_required,
    running_browser,
)
from tests.portal.platform import Platform, Visit, running_platform

TUESDAY = datetime(2027, 2, 2, 10, 0, tzinfo=ZoneInfo("Europe/Moscow"))
"""When everything here happens: the second pair of a working week."""

Visitor = Callable[[str], Visit]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves the tests in a browser out where there is none; the run's summary says so once."""
    if chromium() is not None or is_required():
        return
    left_out = [item for item in items if "browser" in getattr(item, "fixturenames", ())]
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)


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


# For a module, not for the run: while Playwright runs, no test that is a coroutine can.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser; where there is none, though these tests must run, they fail."""
    if chromium() is None:
        pytest.fail(MISSING)
    with running_browser() as browser:
        yield browser


People = Callable[..., Somebody]


@pytest.fixture
def somebody(platform: Platform, browser: Browser) -> Iterator[People]:
    """Opens a browser for somebody, signed in when an account is named; no page may have complained."""
    people: list[Somebody] = []

    def open_for(
        account: str | None = None,
        size: tuple[int, int] = WIDE,
        url: str = platform.url,
        **options: object,
    ) -> Somebody:
        person = Somebody.at(browser, url, size, **options)
        people.append(person)
        return person.sign_in(account) if account else person

    yield open_for
    complaints = [complaint for person in people for complaint in person.complaints]
    for person in people:
        person.context.close()
    assert complaints == []
