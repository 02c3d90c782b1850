"""Programs of a member on pages: named, told, looked at and removed."""

from services.notices.domain.kinds import FOR_PROGRAMS
from services.portal.pages.programs import SUBJECTS
from tests.portal.conftest import Visitor
from tests.portal.platform import Page, Platform

URL = "https://program.example/artel"


def test_what_can_be_chosen_is_all_that_programs_may_be_told() -> None:
    chosen = [kind for _, kinds in SUBJECTS.values() for kind in kinds]
    assert len(chosen) == len(set(chosen))
    assert set(chosen) == {kind.value for kind in FOR_PROGRAMS}


def test_a_program_is_named_and_its_secret_is_shown_once(visitor: Visitor) -> None:
    visit = visitor("coordinator@roslavl")
    assert "Программ пока нет" in visit.page("/programs").text
    made = Page(visit.send("/programs", url=URL, bookings="1", money="1"))
    assert made.one("input", id="secret")["value"].startswith("whsec_")
    page = visit.page("/programs")
    assert page.all("input", id="secret") == []
    assert URL in page.text
    link = next(each["href"] for each in page.all("a") if each["href"].startswith("/programs/"))
    assert "Сообщений пока не было" in visit.page(link).text
    removed = visit.send(f"{link}/remove")
    assert removed.headers["location"] == "/programs"
    assert URL not in visit.page("/programs").text


def test_an_address_that_is_none_is_said_beside_the_field_and_kept(visitor: Visitor) -> None:
    visit = visitor("coordinator@roslavl")
    answer = visit.send("/programs", url="http://10.0.0.1/", bookings="1")
    page = Page(answer)
    assert page.status == 422
    assert page.one("input", id="url")["value"] == "http://10.0.0.1/"
    assert "начинается с https://" in page.text
    nothing = Page(visit.send("/programs", url=""))
    assert nothing.status == 422
    assert "Выберите хотя бы одно" in nothing.text


def test_while_notices_sleeps_nothing_typed_is_lost(visitor: Visitor, platform: Platform) -> None:
    visit = visitor("coordinator@roslavl")
    with platform.asleep("notices"):
        page = Page(visit.send("/programs", url=URL, bookings="1"))
    assert page.status == 503
    assert page.one("input", id="url")["value"] == URL


def test_whoever_is_no_coordinator_has_no_programs(visitor: Visitor) -> None:
    visit = visitor("finance@roslavl")
    assert visit.client.get("/programs").status_code == 403
    assert visit.send("/programs", url=URL, bookings="1").status_code == 403
