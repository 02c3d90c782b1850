"""People walk through the portal in a real browser: book, answer, see what is owed."""

import re
import time
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.people import eventually
from tests.portal.browser import PHONE, Somebody
from tests.portal.conftest import People
from tests.portal.deeds import agreement_with, later, person, use
from tests.portal.platform import Platform

CNC, WELDING = "Станки с ЧПУ", "Сварочные технологии"
SECOND = 1_000
SEND = "Запросить"


def cell(somebody: Somebody, workshop: str, on: str, pair: int):  # type: ignore[no-untyped-def]
    """A pair of a day in the grid."""
    row = somebody.page.locator(
        "tr", has=somebody.page.get_by_role("link", name=workshop, exact=True)
    )
    return row.locator(f'a[data-cell][data-on="{on}"][data-pair="{pair}"]')


def send(somebody: Somebody):  # type: ignore[no-untyped-def]
    """The button of the panel that sends the request."""
    return somebody.page.locator("#panel").get_by_role("button", name=SEND)


def requests(somebody: Somebody):  # type: ignore[no-untyped-def]
    """The requests on the owner's first page."""
    return somebody.page.locator("#requests .request")


def test_a_college_books_and_the_owner_approves_in_a_second_browser(somebody: People) -> None:
    owner, booker = somebody("approver@safonovo"), somebody("coordinator@vyazma")
    waiting = requests(owner).count()
    booker.go("/workshops?on=2027-02-15")
    cell(booker, WELDING, "2027-02-16", 2).click()
    expect(booker.page.locator("#panel")).to_contain_text("вт, 16 февраля, 10:15–11:50")
    send(booker).click()
    expect(booker.page.get_by_text("Запрос отправлен")).to_be_visible()
    expect(requests(owner)).to_have_count(waiting + 1, timeout=SECOND)
    request = requests(owner).filter(has_text="вт, 16 февраля, 10:15–11:50")
    request.get_by_role("button", name="Подтвердить").click()
    expect(owner.page.locator(".request", has_text="16 февраля").first).to_contain_text(
        "Подтверждена"
    )
    booker.page.get_by_role("link", name="К брони").click()
    expect(booker.page.locator("#booking .page-head")).to_contain_text("Подтверждена")


def test_a_first_request_takes_four_clicks_and_its_answer_one(somebody: People) -> None:
    newcomer, owner = somebody(), somebody("approver@safonovo")
    owner.clicks.clear()
    begun = time.monotonic()
    newcomer.sign_in("coordinator@vyazma")
    newcomer.page.get_by_role("link", name="Мастерские").first.click()
    newcomer.page.get_by_role("heading", name="Мастерские").wait_for()
    cell(newcomer, WELDING, "2027-02-05", 4).click()
    send(newcomer).click()
    expect(newcomer.page.get_by_text("Запрос отправлен")).to_be_visible()
    assert len(newcomer.clicks) == 4, newcomer.clicks
    assert time.monotonic() - begun < 60
    request = requests(owner).filter(has_text="пт, 5 февраля, 14:15–15:50")
    request.get_by_role("button", name="Подтвердить").click()
    expect(owner.page.locator(".request", has_text="5 февраля").first).to_contain_text(
        "Подтверждена"
    )
    assert len(owner.clicks) == 1, owner.clicks


def test_an_employer_sees_what_is_owed_for_a_use(somebody: People, platform: Platform) -> None:
    booker = person(platform, "coordinator@stankoservis")
    used = use(booker, person(platform, "coordinator@smolapo"), CNC, later(40), workplaces=2)
    employer = somebody("finance@stankoservis")
    employer.page.get_by_role("link", name="Расчёты").first.click()
    rubles = f"{used.obligation['amount_kopecks'] // 100:,}".replace(",", "\u00a0")
    row = employer.page.locator("tr", has_text="22.03.2027").filter(has_text=f"{rubles},")
    expect(row).to_contain_text("мы должны")


def test_dragging_over_pairs_takes_them_together(somebody: People) -> None:
    booker = somebody("coordinator@vyazma")
    booker.go("/workshops?on=2027-02-15")
    cell(booker, WELDING, "2027-02-18", 3).drag_to(cell(booker, WELDING, "2027-02-18", 5))
    expect(booker.page.locator("#panel")).to_contain_text("чт, 18 февраля, 12:30–17:35")
    assert booker.page.locator("#first").input_value() == "3"
    assert booker.page.locator("#last").input_value() == "5"


def test_a_whole_visit_needs_no_mouse(somebody: People) -> None:
    booker = somebody()
    keys = booker.page.keyboard
    booker.go("/sign-in")
    keys.type("coordinator@vyazma.demo")
    keys.press("Tab")
    keys.type("demo")
    keys.press("Enter")
    booker.page.locator("[data-live-state]").wait_for(state="attached")
    press_on(booker, "Мастерские")
    booker.page.get_by_role("grid").wait_for()
    tab_until(booker, "document.activeElement.dataset.cell !== undefined")
    for _ in range(20):
        if booker.page.evaluate(f"document.activeElement.ariaLabel.startsWith('{WELDING}')"):
            break
        keys.press("ArrowDown")
    before = booker.page.evaluate("document.activeElement.dataset.pair")
    keys.press("Shift+ArrowRight")
    assert booker.page.evaluate("document.activeElement.dataset.pair") == str(int(before) + 1)
    keys.press("Enter")
    panel = booker.page.locator("#panel.show:not(.showing)")
    panel.wait_for()
    assert booker.page.evaluate("document.activeElement.closest('#panel') !== null")
    assert panel.locator("#first").input_value() == before
    press_on(booker, SEND)
    expect(booker.page.get_by_text("Запрос отправлен")).to_be_visible()
    press_on(booker, "К брони")
    expect(booker.page.locator("#booking")).to_contain_text("Ждём ответа")


def tab_until(somebody: Somebody, condition: str) -> None:
    """Goes on with the Tab key; the focus has to be seen wherever it stops."""
    for _ in range(60):
        somebody.page.keyboard.press("Tab")
        if somebody.page.evaluate(condition):
            seen = somebody.page.evaluate(
                "(({outlineStyle, boxShadow}) => outlineStyle !== 'none' || boxShadow !== 'none')"
                "(getComputedStyle(document.activeElement))"
            )
            assert seen, "the focus is not seen"
            return
    raise AssertionError(f"the Tab key never reaches it: {condition}")


def press_on(somebody: Somebody, name: str) -> None:
    """Reaches what bears this name with the Tab key, and presses Enter on it."""
    tab_until(somebody, f"document.activeElement.innerText?.trim() === '{name}'")
    somebody.page.keyboard.press("Enter")


def test_everything_is_booked_and_answered_without_a_script(somebody: People) -> None:
    booker = somebody("coordinator@vyazma", java_script_enabled=False)
    booker.go("/workshops?on=2027-04-05")
    cell(booker, WELDING, "2027-04-06", 2).click()
    booker.page.get_by_label("Для чего").fill("")
    booker.page.get_by_label("Места", exact=True).fill("3")
    booker.page.get_by_role("button", name=SEND).click()
    expect(booker.page.locator("#purpose-fault")).to_be_visible()
    expect(booker.page.get_by_label("Места", exact=True)).to_have_value("3")
    expect(booker.page.locator("#quote .price")).to_be_visible()  # it does not hang on the purpose
    booker.page.get_by_label("Для чего").fill("Сварка труб")
    booker.page.get_by_role("button", name=SEND).click()
    expect(booker.page.locator("#booking")).to_contain_text("Ждём ответа")
    owner = somebody("approver@safonovo", java_script_enabled=False)
    request = requests(owner).filter(has_text="вт, 6 апреля, 10:15–11:50")
    request.get_by_role("button", name="Подтвердить").click()
    expect(owner.page.locator("#booking .page-head")).to_contain_text("Подтверждена")


def test_the_grid_is_used_with_the_keyboard_alone(somebody: People) -> None:
    booker = somebody("coordinator@vyazma")
    booker.go("/workshops?on=2027-02-15&q=Сварочные")
    cell(booker, WELDING, "2027-02-15", 1).focus()
    for key in ("ArrowRight", "Shift+ArrowRight", "Enter"):
        booker.page.keyboard.press(key)
    expect(booker.page.locator("#panel")).to_contain_text("пн, 15 февраля, 10:15–14:05")
    booker.page.locator("#panel.show:not(.showing)").wait_for()
    for _ in range(20):
        booker.page.keyboard.press("Tab")
        if booker.page.evaluate("document.activeElement.textContent.trim()") == SEND:
            break
    booker.page.keyboard.press("Enter")
    expect(booker.page.get_by_text("Запрос отправлен")).to_be_visible()


def test_a_plain_form_books_to_the_minute_on_a_phone(somebody: People) -> None:
    booker = somebody("coordinator@vyazma", PHONE)
    booker.go("/workshops?q=Сварочные")
    booker.page.get_by_role("link", name=WELDING, exact=True).click()
    booker.page.get_by_role("link", name="Забронировать").click()
    booker.page.get_by_label("Дата").fill("2027-02-19")
    booker.page.get_by_role("link", name="Указать время до минуты").click()
    booker.page.locator("#starts").fill("09:00")
    booker.page.locator("#ends").fill("10:30")
    booker.page.locator("#ends").blur()
    expect(booker.page.locator("#quote")).to_contain_text("09:00–10:30")
    send(booker).click()
    expect(booker.page.get_by_text("Запрос отправлен")).to_be_visible()


def test_a_double_click_sends_one_request(somebody: People, platform: Platform) -> None:
    booker = somebody("coordinator@vyazma")
    booker.go("/workshops?on=2027-02-22")
    cell(booker, WELDING, "2027-02-24", 1).click()
    send(booker).dblclick()
    expect(booker.page.get_by_text("Запрос отправлен")).to_be_visible()
    found = person(platform, "coordinator@vyazma").items(
        "/workshops/bookings",
        **{"from": "2027-02-24T00:00:00+03:00", "to": "2027-02-25T00:00:00+03:00"},
    )
    assert len(found) == 1


def test_a_time_that_was_taken_meanwhile_gets_others_one_click_away(
    somebody: People, platform: Platform
) -> None:
    booker = somebody("coordinator@vyazma")
    booker.go("/workshops?on=2027-02-24")
    cell(booker, WELDING, "2027-02-25", 2).click()
    expect(send(booker)).to_be_visible()
    owner = person(platform, "coordinator@safonovo")
    taken = owner.book(owner.ask(WELDING, later(15, 2) - timedelta(minutes=15), 95, workplaces=10))
    assert taken.status_code == 201, taken.text
    booker.page.get_by_label("Для чего").fill("Проба пера")
    send(booker).click()
    alert = booker.page.locator("#quote [role=alert]")
    expect(alert).to_contain_text("Ближайшее свободное время")
    expect(booker.page.get_by_label("Для чего")).to_have_value("Проба пера")
    alert.get_by_role("link").first.click()
    expect(booker.page.locator("#quote [role=alert]")).to_have_count(0)
    send(booker).click()
    expect(booker.page.get_by_text("Запрос отправлен")).to_be_visible()


def test_a_reason_that_is_being_typed_survives_another_request(
    somebody: People, platform: Platform
) -> None:
    booker = person(platform, "coordinator@vyazma")
    assert booker.book(booker.ask(WELDING, later(20))).status_code == 201
    owner = somebody("approver@safonovo")
    request = requests(owner).filter(has_text="вт, 2 марта, 08:30")
    request.get_by_text("Отклонить").first.click()
    reason = request.get_by_label("Почему")
    reason.fill("Станки на ре")
    assert booker.book(booker.ask(WELDING, later(20, 3))).status_code == 201
    owner.page.wait_for_timeout(700)
    expect(reason).to_have_value("Станки на ре")
    reason.press_sequentially("монте")
    request.locator("form[action$=decline] button").click()
    expect(owner.page.locator(".request", has_text="вт, 2 марта, 08:30").first).to_contain_text(
        "Отклонена"
    )


def test_an_agreement_is_signed_where_the_page_says_so(
    somebody: People, platform: Platform
) -> None:
    made = agreement_with(
        person(platform, "coordinator@agrovyazma"), person(platform, "coordinator@roslavl")
    )
    signer = somebody("coordinator@roslavl")
    signer.go(f"/agreements/{made['id']}")
    signer.page.get_by_role("button", name=re.compile("Подписать")).click()
    expect(signer.page.locator("main")).to_contain_text("Действует")
    status = eventually(
        lambda: (
            person(platform, "coordinator@roslavl")
            .get(f"/membership/agreements/{made['id']}")
            .json()["status"]
        )
    )
    assert status == "active"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_theme_of_the_system_is_taken_before_the_first_paint(
    somebody: People, theme: str
) -> None:
    person = somebody(None, color_scheme=theme)
    person.go("/sign-in")
    assert person.page.evaluate("document.documentElement.dataset.bsTheme") == theme
