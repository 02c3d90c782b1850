"""What an open page does when it gets no answer: it keeps what it shows, says so, and comes back."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.people import Person
from tests.portal.browser import Somebody
from tests.portal.conftest import People
from tests.portal.deeds import later, person
from tests.portal.platform import Platform
from tests.portal.wire import Wire, wire_to

WELDING = "Сварочные технологии"
SECOND = 1_000
NO_ANSWER = "сейчас не отвечает"


@pytest.fixture
def wire(platform: Platform) -> Iterator[Wire]:
    with wire_to(platform.port) as wire:
        yield wire


@pytest.fixture
def booker(platform: Platform) -> Person:
    return person(platform, "coordinator@vyazma")


def requests(somebody: Somebody):  # type: ignore[no-untyped-def]
    """The requests on the owner's first page."""
    return somebody.page.locator("#requests .request")


def follows(somebody: Somebody, is_live: bool = True) -> None:
    """Waits until the page says that it follows what happens, or that it does not."""
    expect(somebody.page.locator(".live.is-live")).to_have_count(1 if is_live else 0)


def test_a_lost_connection_comes_back_with_what_was_missed(
    somebody: People, wire: Wire, booker: Person
) -> None:
    owner = somebody("approver@safonovo", url=wire.url)
    follows(owner)
    waiting = requests(owner).count()
    wire.cut()
    follows(owner, is_live=False)
    assert booker.book(booker.ask(WELDING, later(21))).status_code == 201
    wire.mend()
    expect(requests(owner)).to_have_count(waiting + 1)
    follows(owner)
    assert booker.book(booker.ask(WELDING, later(21, 3))).status_code == 201
    expect(requests(owner)).to_have_count(waiting + 2, timeout=SECOND)


def test_a_page_without_a_connection_does_not_hammer_the_server(
    somebody: People, wire: Wire
) -> None:
    owner = somebody("approver@safonovo", url=wire.url)
    follows(owner)
    wire.cut()
    owner.page.evaluate("dispatchEvent(new Event('online'))")
    owner.page.wait_for_timeout(3 * SECOND)
    # four parts at once, after a second and after three; a browser may try each twice, and the stream each second
    assert 4 <= wire.refused < 40
    expect(owner.page.locator("#requests")).to_have_count(1)


def test_what_a_service_cannot_say_just_now_does_not_wipe_what_is_shown(
    somebody: People, platform: Platform, booker: Person
) -> None:
    owner = somebody("approver@safonovo")
    follows(owner)
    waiting = requests(owner).count()
    with platform.asleep("membership"):
        platform.clock.pass_(seconds=70)  # until then the portal remembers who visits
        with owner.page.expect_response(lambda answer: answer.status == 503):
            assert booker.book(booker.ask(WELDING, later(23))).status_code == 201
        expect(owner.page.locator("#requests, #upcoming")).to_have_count(2)
        expect(owner.page.locator("main [role=alert]")).to_have_count(0)
    expect(requests(owner)).to_have_count(waiting + 1)


def test_an_answer_that_does_not_come_is_said_beside_what_was_pressed(
    somebody: People, wire: Wire, booker: Person
) -> None:
    asked = booker.book(booker.ask(WELDING, later(24)))
    assert asked.status_code == 201, asked.text
    owner = somebody("approver@safonovo", url=wire.url)
    request = owner.page.locator(f"#request-{asked.json()['id']}")
    wire.cut()
    request.get_by_role("button", name="Подтвердить").click()
    expect(request.get_by_role("alert")).to_contain_text(NO_ANSWER)
    wire.mend()
    request.get_by_role("button", name="Подтвердить").click()
    expect(request).to_contain_text("Подтверждена")
    expect(owner.page.get_by_role("alert")).to_have_count(0)


def test_a_request_that_could_not_be_sent_keeps_all_that_was_typed(
    somebody: People, wire: Wire
) -> None:
    booker = somebody("coordinator@vyazma", url=wire.url)
    booker.go("/workshops?on=2027-03-08&q=Сварочные")
    cells = booker.page.locator('a[data-cell][data-on="2027-03-10"]')
    wire.cut()
    cells.first.click()
    expect(booker.page.locator("main").get_by_role("alert")).to_contain_text(NO_ANSWER)
    wire.mend()
    cells.first.click()
    booker.page.get_by_label("Для чего").fill("Сварка труб")
    wire.cut()
    panel = booker.page.locator("#panel")
    panel.get_by_role("button", name="Запросить").click()
    expect(panel.get_by_role("alert")).to_contain_text(NO_ANSWER)
    expect(booker.page.get_by_label("Для чего")).to_have_value("Сварка труб")
    wire.mend()
    panel.get_by_role("button", name="Запросить").click()
    expect(booker.page.get_by_text("Запрос отправлен")).to_be_visible()
