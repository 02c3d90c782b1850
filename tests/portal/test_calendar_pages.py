"""Calendars as people see them: an address is made, shown once, read by anybody, and revoked."""

import re

import httpx

from tests.portal.conftest import Visitor
from tests.portal.deeds import person
from tests.portal.platform import Page, Platform


def test_an_address_is_shown_once_read_by_whoever_has_it_and_revoked(
    platform: Platform, visitor: Visitor
) -> None:
    visit = visitor("approver@safonovo")
    assert visit.page("/calendars").all("div", class_="empty empty-part")

    answer = visit.send("/calendars", kind="member")
    made = Page(answer)
    assert made.status == 201
    address = made.one("input", id="address")["value"]
    assert address.startswith(f"{platform.url}/api/workshops/feeds/")
    assert made.one("button", data_copy="#address")
    assert made.one("a", href=f"webcal{address.removeprefix('http')}")
    read = httpx.get(address, trust_env=False)
    assert read.text.startswith("BEGIN:VCALENDAR")

    listed = visit.page("/calendars")
    secret = address.rpartition("/")[2].removesuffix(".ics")
    assert secret not in listed.html
    [revoke] = [
        form["action"] for form in listed.all("form") if form.get("action", "").endswith("/revoke")
    ]
    answer = visit.send(revoke)
    assert (answer.status_code, answer.headers["location"]) == (303, "/calendars?revoked=1")
    assert httpx.get(address, trust_env=False).status_code == 404
    assert visit.send(revoke).status_code == 303, "to revoke twice is to revoke"
    assert visit.page("/calendars").all("div", class_="empty empty-part")


def test_a_calendar_of_one_workshop_is_made_for_an_own_one_only(
    platform: Platform, visitor: Visitor
) -> None:
    visit = visitor("coordinator@roslavl")
    shop = person(platform, "coordinator@roslavl").workshop("Электромонтаж")
    page = visit.page("/calendars")
    offered = {each["value"] for each in page.all("option")}
    assert shop["id"] in offered
    made = Page(visit.send("/calendars", kind="workshop", workshop_id=shop["id"]))
    assert made.status == 201
    assert "Электромонтаж" in made.text

    other = person(platform, "coordinator@smolapo").workshop("Станки с ЧПУ")
    assert other["id"] not in offered
    refused = Page(visit.send("/calendars", kind="workshop", workshop_id=other["id"]))
    assert refused.status == 404
    assert refused.all("div", class_="alert alert-danger")


def test_what_is_not_chosen_is_said_beside_the_choice(visitor: Visitor) -> None:
    visit = visitor("coordinator@roslavl")
    for form in ({}, {"kind": "all"}, {"kind": "workshop"}):
        page = Page(visit.send("/calendars", **form))
        assert page.status == 422
        assert page.one("div", class_="invalid-feedback d-block")
    chosen = [each for each in page.all("input", name="kind") if "checked" in each]
    assert chosen[0]["value"] == "workshop", "what was chosen stays chosen"
    not_an_id = Page(visit.send("/calendars", kind="workshop", workshop_id="x"))
    assert not_an_id.all("div", class_="alert alert-danger")


def test_who_may_only_read_sees_the_list_without_a_form(
    platform: Platform, visitor: Visitor
) -> None:
    made = visitor("coordinator@roslavl").send("/calendars", kind="member")
    assert made.status_code == 201
    visit = visitor("finance@roslavl")
    page = visit.page("/calendars")
    assert page.all("div", class_="request-when")
    assert page.status == 200
    assert not page.all("form", action="/calendars")
    assert not re.findall(r'action="/calendars/[^"]+/revoke"', page.html)
    assert visit.send("/calendars", kind="member").status_code == 403
    [feed] = person(platform, "finance@roslavl").items("/workshops/feeds")[:1]
    assert visit.send(f"/calendars/{feed['id']}/revoke").status_code == 403


def test_while_workshops_sleep_nothing_is_made_and_the_page_stands(
    platform: Platform, visitor: Visitor
) -> None:
    visit = visitor("coordinator@vyazma")
    form = {"csrf": visit.csrf, "kind": "member"}
    with platform.asleep("workshops"):
        assert visit.page("/calendars").all("div", class_="asleep")
        answer = visit.client.post("/calendars", data=form)
    assert answer.status_code == 503
    assert Page(answer).all("div", class_="alert alert-danger")


def test_the_administrator_has_no_calendar_of_bookings(visitor: Visitor) -> None:
    assert visitor("admin@artel").page("/calendars").status == 403
