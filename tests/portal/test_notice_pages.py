"""Notices on pages: the bell, what waits, where each leads, and how one wants to be told."""

from typing import Any

import pytest

from tests.people import eventually
from tests.portal.conftest import Visitor
from tests.portal.deeds import later, person
from tests.portal.platform import Page, Platform, Visit
from tests.portal.test_live import listening, topics

WELDING = "Сварочные технологии"
WAITS = "Ждёт вас"


@pytest.fixture(scope="module")
def asked(platform: Platform) -> str:
    """Vyazma asks Safonovo for a workshop; returns the booking's id once the owner is told."""
    booker, owner = person(platform, "coordinator@vyazma"), person(platform, "approver@safonovo")
    answer = booker.book(booker.ask(WELDING, later(30)))
    assert answer.status_code == 201, answer.text
    booking_id = str(answer.json()["id"])
    eventually(lambda: booking_id in [each["about_id"] for each in notices(owner)], 10)
    return booking_id


def notices(owner: Any) -> list[dict[str, Any]]:
    return list(owner.items("/notices/notices", limit=200))


def about(owner: Any, booking_id: str) -> dict[str, Any]:
    return next(each for each in notices(owner) if each["about_id"] == booking_id)


def test_what_waits_stands_first_in_words_and_leads_to_what_to_do(
    visitor: Visitor, platform: Platform, asked: str
) -> None:
    notice = about(person(platform, "approver@safonovo"), asked)
    visit = visitor("approver@safonovo")
    page = visit.page("/notices")
    assert "просит вашу мастерскую" in page.text
    assert "{" not in page.text.replace("{{", "")
    assert page.text.index(WAITS) < page.text.index("просит вашу мастерскую")
    assert WELDING in page.text
    before = Page(visit.client.get("/notices/bell"))
    assert before.one("a", id="bell")["href"] == "/notices"
    opened = visit.send(f"/notices/{notice['id']}/open")
    assert (opened.status_code, opened.headers["location"]) == (303, f"/bookings/{asked}")
    assert about(person(platform, "approver@safonovo"), asked)["read_at"] is not None


def test_the_bell_tells_how_many_are_new_and_none_when_all_are_read(
    visitor: Visitor, platform: Platform, asked: str
) -> None:
    booker = person(platform, "coordinator@vyazma")
    assert booker.book(booker.ask(WELDING, later(31))).status_code == 201
    visit = visitor("approver@safonovo")
    eventually(lambda: "bell-number" in visit.client.get("/notices/bell").text, 10)
    assert "новых" in visit.client.get("/notices/bell").text or (
        "новое" in visit.client.get("/notices/bell").text
    )
    assert visit.send("/notices/read-all").headers["location"] == "/notices"
    assert "bell-number" not in visit.client.get("/notices/bell").text
    assert WAITS in visit.page("/notices").text, "read is not done"


def test_an_open_page_hears_of_its_own_notices_alone(visitor: Visitor, platform: Platform) -> None:
    booker = person(platform, "coordinator@vyazma")
    with (
        listening(visitor("approver@safonovo")) as owner,
        listening(visitor("finance@safonovo")) as colleague,
    ):
        assert booker.book(booker.ask(WELDING, later(33))).status_code == 201
        eventually(lambda: "notices" in topics(owner), 5)
        assert "notices" not in topics(colleague)


def test_a_letters_link_leads_to_the_thing_and_anothers_to_the_own_inbox(
    visitor: Visitor, platform: Platform, asked: str
) -> None:
    notice = about(person(platform, "approver@safonovo"), asked)
    path = f"/notices/{notice['id']}"
    own = visitor("approver@safonovo").client.get(path)
    assert own.headers["location"] == f"/bookings/{asked}"
    another = visitor("approver@roslavl").client.get(path)
    assert another.headers["location"] == "/notices"
    stranger = Visit(platform)
    assert stranger.client.get(path).headers["location"].startswith("/sign-in?next=")
    stranger.client.close()


def test_a_notice_of_another_organisation_asks_first_whether_to_act_for_it(
    visitor: Visitor, platform: Platform
) -> None:
    admin, booker = person(platform, "admin@artel"), person(platform, "coordinator@vyazma")
    owner, both = person(platform, "approver@safonovo"), person(platform, "approver@roslavl")
    current = both.get("/membership/sessions/current").json()
    granted = admin.post(
        f"/membership/accounts/{current['person']['person_id']}/roles",
        {"member_id": owner.member_id, "roles": ["approver"]},
    )
    assert granted.status_code == 200, granted.text
    asked = booker.book(booker.ask(WELDING, later(34)))
    booking_id = asked.json()["id"]
    found = eventually(
        lambda: [each for each in notices(both) if each["about_id"] == booking_id], 10
    )
    platform.clock.pass_(minutes=2)
    visit = visitor("approver@roslavl")
    if visit.client.get("/choose-member").status_code == 200:
        visit.send("/act-for", member_id=both.member_id or current["members"][0]["id"])
    page = visit.page(f"/notices/{found[0]['id']}")
    if page.status == 200:
        assert "другой организации" in page.text
    opened = visit.send(f"/notices/{found[0]['id']}/open")
    assert opened.headers["location"] == f"/bookings/{booking_id}"
    assert visit.page(f"/bookings/{booking_id}").status == 200


def test_how_one_is_told_is_chosen_and_kept(visitor: Visitor, platform: Platform) -> None:
    visit = visitor("finance@vyazma")
    page = visit.page("/notices/preferences")
    assert page.one("input", name="money", value="digest").get("checked") is not None
    saved = visit.send(
        "/notices/preferences", money="at_once", bookings="inbox", digest_hour="17", language="en"
    )
    assert saved.headers["location"] == "/notices/preferences?saved=1"
    page = visit.page("/notices/preferences?saved=1")
    assert page.one("input", name="money", value="at_once").get("checked") is not None
    assert page.one("input", name="bookings", value="inbox").get("checked") is not None
    assert page.one("option", value="17").get("selected") is not None
    refused = visit.send("/notices/preferences", money="by pigeon", digest_hour="17")
    assert refused.status_code == 422


def test_letters_of_the_demo_are_shown_to_administrators(
    visitor: Visitor, platform: Platform, asked: str
) -> None:
    admin = visitor("admin@artel")
    eventually(lambda: "approver@safonovo.demo" in admin.page("/notices/mailbox").text, 15)
    page = admin.page("/notices/mailbox")
    assert "Ответить на запрос" in page.text
    assert visitor("approver@safonovo").client.get("/notices/mailbox").status_code == 403


def test_while_notices_sleeps_its_parts_say_so_and_the_rest_works(
    visitor: Visitor, platform: Platform
) -> None:
    visit = visitor("approver@safonovo")
    with platform.asleep("notices"):
        assert len(visit.page("/notices").all("div", class_="asleep")) == 1
        assert len(visit.page("/notices/preferences").all("div", class_="asleep")) == 1
        assert visit.send("/notices/preferences", digest_hour="9").status_code == 503
        assert visit.client.get("/notices/bell").status_code == 200
        assert visit.page("/").status == 200
        assert len(visitor("admin@artel").page("/notices/mailbox").all("div", class_="asleep")) == 1


def test_a_new_address_is_confirmed_by_a_button_and_not_by_looking(
    platform: Platform, visitor: Visitor
) -> None:
    own = person(platform, "finance@roslavl")
    asked = own.post(
        "/membership/accounts/current/email",
        {"email": "moved@roslavl.demo", "password": "demo"},
    )
    assert asked.status_code == 204, asked.text
    admin = person(platform, "admin@artel")

    def token() -> Any:
        letters = admin.items("/membership/letters", limit=200)
        return next(each["token"] for each in letters if each["address"] == "moved@roslavl.demo")

    found = eventually(token)
    stranger = Visit(platform)
    path = f"/new-address?token={found}"
    for _ in range(2):
        assert stranger.client.get(path).status_code == 200
    done = stranger.client.post("/new-address", data={"token": found})
    assert (done.status_code, 'role="status"' in done.text) == (200, True)
    again = stranger.client.post("/new-address", data={"token": found})
    assert again.status_code >= 400
    with platform.asleep("membership"):
        assert stranger.client.post("/new-address", data={"token": found}).status_code == 503
    stranger.client.close()
