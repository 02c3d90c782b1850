"""Agreements as people see them: listed, read, signed and made."""

from datetime import date

import pytest

from services.portal.pages.agreements import (
    end_of_school_year,
    kind_between,
    own_signature_is_missing,
    partners_of,
)
from tests.portal.conftest import Visitor
from tests.portal.deeds import agreement_with, person
from tests.portal.platform import Page, Platform


def form_of(**changes: str) -> dict[str, str]:
    """A form of a new agreement as it would be sent."""
    return {
        "with": "АО «Энергосети» (демо)",
        "kind": "services",
        "valid_from": "2027-02-02",
        "valid_to": "2027-08-31",
        "subject": "Услуги мастерских",
        "key": "",
        **changes,
    }


# --- the list ----------------------------------------------------------------------------------


def test_what_waits_for_our_signature_stands_above_the_list(
    platform: Platform, visitor: Visitor
) -> None:
    roslavl, vyazma = (person(platform, f"coordinator@{name}") for name in ("roslavl", "vyazma"))
    made = agreement_with(roslavl, vyazma, subject="Занятия в мастерских Рославля")

    theirs = visitor("coordinator@vyazma").page("/agreements")
    assert theirs.status == 200
    assert "Занятия в мастерских Рославля" in theirs.text
    waiting = theirs.html.index("card-waiting")
    assert waiting < theirs.html.index('class="table')
    assert theirs.all("a", href=f"/agreements/{made['id']}", class_="btn btn-primary")

    ours = visitor("coordinator@roslavl").page("/agreements")
    assert "Занятия в мастерских Рославля" in ours.text
    assert "card-waiting" not in ours.html


def test_the_list_is_narrowed_by_state_and_says_so_when_nothing_is_left(visitor: Visitor) -> None:
    visit = visitor("coordinator@smolapo")
    active = visit.page("/agreements?state=active")
    assert "операторов станков с ЧПУ" in active.text
    assert active.one("a", href="/agreements.xlsx?state=active")
    ended = visit.page("/agreements?state=ended")
    assert "операторов станков с ЧПУ" not in ended.text
    assert ended.all("div", class_="empty empty-part")
    assert visit.page("/agreements?state=none-such").status == 200


def test_a_member_without_agreements_is_told_what_to_do(visitor: Visitor) -> None:
    page = visitor("coordinator@aviapribor").page("/agreements")
    assert page.all("div", class_="empty empty-part")
    assert page.all("a", href="/agreements/new", class_="btn btn-primary")
    finance = visitor("finance@aviapribor").page("/agreements")
    assert finance.status == 200
    assert not finance.all("a", href="/agreements/new"), "only a coordinator makes agreements"


def test_while_membership_sleeps_the_list_says_so_and_the_frame_stands(
    platform: Platform, visitor: Visitor
) -> None:
    visit = visitor("coordinator@promsvar")
    assert visit.page("/agreements").status == 200
    with platform.asleep("membership"):
        page = visit.page("/agreements")
    assert page.status == 200
    assert page.all("div", class_="asleep")
    assert page.one("a", href="/workshops", class_="nav-link")


def test_who_acts_for_no_member_is_told_that_another_role_is_needed(visitor: Visitor) -> None:
    page = visitor("admin@artel").page("/agreements")
    assert page.status == 403
    assert page.one("h1", class_="empty-title")
    assert not page.all("a", href="/agreements", class_="nav-link")


# --- one of them -------------------------------------------------------------------------------


def test_a_coordinator_signs_what_was_read_and_both_see_it_in_force(
    platform: Platform, visitor: Visitor
) -> None:
    safonovo, promsvar = (
        person(platform, f"coordinator@{name}") for name in ("safonovo", "promsvar")
    )
    made = agreement_with(safonovo, promsvar)
    path = f"/agreements/{made['id']}"
    assert not visitor("coordinator@safonovo").page(path).all("form", action=f"{path}/sign")

    visit = visitor("coordinator@promsvar")
    page = visit.page(path)
    etag = page.one("input", name="etag")["value"]
    assert etag == '"1"'
    answer = visit.send(f"{path}/sign", etag=etag)
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    signed = visit.page(path)
    assert not signed.all("form", action=f"{path}/sign")
    assert signed.all("span", class_="pill pill-success")
    assert len(signed.all("time")) >= 2, "each signature has its moment"


def test_an_agreement_that_changed_meanwhile_is_not_signed(
    platform: Platform, visitor: Visitor
) -> None:
    smolgrad, promsvar = (
        person(platform, f"coordinator@{name}") for name in ("smolgrad", "promsvar")
    )
    path = f"/agreements/{agreement_with(smolgrad, promsvar)['id']}"
    visit = visitor("coordinator@promsvar")
    answer = visit.send(f"{path}/sign", etag='"7"')
    assert answer.status_code == 412
    assert Page(answer).all("div", class_="alert alert-danger")
    assert visit.page(path).all("form", action=f"{path}/sign"), "it can still be signed"


def test_who_may_read_but_not_sign_is_told_who_signs(platform: Platform, visitor: Visitor) -> None:
    smolgrad, stankoservis = (
        person(platform, f"coordinator@{name}") for name in ("smolgrad", "stankoservis")
    )
    path = f"/agreements/{agreement_with(smolgrad, stankoservis)['id']}"
    visit = visitor("finance@stankoservis")
    page = visit.page(path)
    assert page.status == 200
    assert not page.all("form", action=f"{path}/sign")
    assert visit.send(f"{path}/sign").status_code == 403


def test_an_agreement_of_others_is_not_there(platform: Platform, visitor: Visitor) -> None:
    smolgrad, dneprochem = (
        person(platform, f"coordinator@{name}") for name in ("smolgrad", "dneprochem")
    )
    made = agreement_with(smolgrad, dneprochem)
    page = visitor("coordinator@vyazma").page(f"/agreements/{made['id']}")
    assert page.status == 404
    assert "Услуги мастерских" not in page.text


# --- making one --------------------------------------------------------------------------------


def test_the_form_has_what_is_mostly_wanted(platform: Platform, visitor: Visitor) -> None:
    smolapo = person(platform, "coordinator@smolapo").member_id
    page = visitor("coordinator@stankoservis").page(f"/agreements/new?with={smolapo}")
    assert (
        page.one("input", name="with")["value"] == "Академия профессионального образования (демо)"
    )
    assert page.one("input", name="valid_from")["value"] == "2027-02-02"
    assert page.one("input", name="valid_to")["value"] == "2027-08-31"
    chosen = [each["value"] for each in page.all("input", name="kind") if "checked" in each]
    assert chosen == ["services"], "an employer is served"
    names = {each["value"] for each in page.all("option")}
    assert "ООО «Смолстанкосервис» (демо)" not in names, "nobody agrees with oneself"


def test_an_agreement_is_made_once_and_says_what_happens_next(visitor: Visitor) -> None:
    visit = visitor("coordinator@university")
    key = visit.page("/agreements/new").one("input", name="key")["value"]
    answer = visit.send("/agreements", **form_of(key=key, subject="Один раз"))
    assert answer.status_code == 303
    again = visit.send("/agreements", **form_of(key=key, subject="Один раз"))
    assert again.headers["location"] == answer.headers["location"]
    page = visit.page(answer.headers["location"])
    assert page.all("div", class_="alert alert-success")
    assert "АО «Энергосети» (демо)" in page.text


def test_who_came_from_a_booking_finds_the_way_back_to_it(
    platform: Platform, visitor: Visitor
) -> None:
    visit = visitor("coordinator@university")
    shop = person(platform, "coordinator@roslavl").workshop("Электромонтаж")
    back = f"/workshops/{shop['id']}/book?on=2027-02-16&places=3&first=2&last=3"
    panel = visit.page(back)
    [link] = {
        each["href"]
        for each in panel.all("a")
        if each.get("href", "").startswith("/agreements/new?")
    }
    page = visit.page(link)
    assert page.one("input", name="next")["value"].startswith(f"/workshops/{shop['id']}/book?")
    answer = visit.send("/agreements", **form_of(next=back))
    made = visit.page(answer.headers["location"])
    assert made.all("a", href=back)

    elsewhere = visit.page("/agreements/new?next=https://example.org/workshops/x/book")
    assert not elsewhere.all("input", name="next")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"with": "Нет такой организации"}, "with"),
        ({"with": "Региональный университет (демо)"}, "with"),
        ({"valid_from": "завтра"}, "valid_from"),
        ({"valid_to": ""}, "valid_to"),
        ({"valid_to": "2027-01-01"}, "valid_to"),
        ({"valid_from": "2026-01-01", "valid_to": "2027-01-31"}, "valid_to"),
        ({"valid_to": "2099-01-01"}, "valid_to"),
        ({"subject": " "}, "subject"),
        ({"subject": "а" * 2001}, "subject"),
    ],
)
def test_a_fault_stands_beside_its_field_and_nothing_typed_is_lost(
    visitor: Visitor, changes: dict[str, str], field: str
) -> None:
    form = form_of(**changes)
    answer = visitor("coordinator@university").send("/agreements", **form)
    page = Page(answer)
    assert page.status == 422
    assert page.one("div", id=f"{field}-fault")
    assert len(page.all("div", class_="invalid-feedback d-block")) == 1
    if field != "subject":
        assert page.one("input", id=field)["aria-invalid"] == "true"
        assert page.one("input", name="with")["value"] == form["with"]
    assert page.one("input", name="valid_to")["value"] == form["valid_to"]


def test_what_the_service_refuses_is_said_on_top_of_what_was_typed(
    platform: Platform, visitor: Visitor
) -> None:
    visit = visitor("coordinator@university")
    form = {"csrf": visit.csrf, **form_of(subject="Не пропадёт")}
    with platform.asleep("membership"):
        answer = visit.client.post("/agreements", data=form)
    assert answer.status_code == 503
    page = Page(answer)
    assert page.all("div", class_="alert alert-danger")
    assert "Не пропадёт" in page.text


def test_only_a_coordinator_is_offered_the_form(visitor: Visitor) -> None:
    visit = visitor("approver@vyazma")
    page = visit.page("/agreements/new")
    assert page.all("div", class_="alert alert-warning")
    assert not page.all("form", action="/agreements")
    assert visit.send("/agreements", **form_of()).status_code == 403


# --- rules of the page -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("today", "end"),
    [
        (date(2027, 2, 2), date(2027, 8, 31)),
        (date(2027, 6, 2), date(2027, 8, 31)),
        (date(2027, 6, 3), date(2028, 8, 31)),
        (date(2027, 12, 31), date(2028, 8, 31)),
    ],
)
def test_an_agreement_is_offered_to_the_end_of_the_school_year(today: date, end: date) -> None:
    assert end_of_school_year(today) == end


def test_schools_teach_together_and_anybody_else_is_served() -> None:
    college, university, employer = (
        {"kind": kind} for kind in ("college", "university", "employer")
    )
    assert kind_between(college, university) == "network_form"
    assert kind_between(college, None) == "network_form"
    assert kind_between(college, employer) == "services"
    assert kind_between(employer, None) == "services"


def test_two_members_of_one_name_are_told_apart_by_their_towns() -> None:
    def item(id_: str, town: str, status: str = "active") -> dict[str, str]:
        return {"id": id_, "name": "Колледж", "town": town, "status": status}

    members = {
        each["id"]: each
        for each in (item("1", "Вязьма"), item("2", "Рославль"), item("3", "Ярцево", "withdrawn"))
    }
    assert list(partners_of(members, None)) == ["Колледж", "Колледж, Рославль"]
    assert list(partners_of(members, "1")) == ["Колледж"]


def test_only_what_is_being_signed_waits_for_a_signature() -> None:
    parties = [{"member_id": "1", "signed_at": "2027-01-01"}, {"member_id": "2", "signed_at": None}]
    signing = {"status": "signing", "parties": parties}
    assert own_signature_is_missing(signing, "2")
    assert not own_signature_is_missing(signing, "1")
    assert not own_signature_is_missing({**signing, "status": "ended"}, "2")
