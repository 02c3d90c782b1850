"""Settlements as people see them: how one stands, each use with its VAT, and taking one back."""

from datetime import date

import pytest
from starlette.datastructures import QueryParams

from services.portal.pages.obligations import by_name, filters_of, periods, sums_of
from services.portal.words import NBSP, Words
from tests.portal.conftest import Visitor
from tests.portal.deeds import Used, later, person, use
from tests.portal.platform import Page, Platform

CNC, AUTOMATION = "Станки с ЧПУ", "Промышленная автоматика"
ENGLISH = Words("en")


@pytest.fixture(scope="module")
def charged(platform: Platform) -> Used:
    """An employer has used a college's workshop."""
    booker, owner = (
        person(platform, "coordinator@stankoservis"),
        person(platform, "coordinator@smolapo"),
    )
    return use(booker, owner, CNC, later(0), workplaces=2)


@pytest.fixture(scope="module")
def free(platform: Platform) -> Used:
    """A college has used another's workshop by the network form."""
    booker, owner = (
        person(platform, "coordinator@verhnedneprovsk"),
        person(platform, "coordinator@smolapo"),
    )
    return use(booker, owner, AUTOMATION, later(0))


# --- the list ----------------------------------------------------------------------------------


def test_both_sides_see_the_use_with_its_vat_and_who_owes(visitor: Visitor, charged: Used) -> None:
    sums = charged.obligation
    assert sums["vat_rate"] == 22
    for account, words in (
        ("finance@smolapo", "нам должны"),
        ("finance@stankoservis", "мы должны"),
    ):
        page = visitor(account).page("/obligations")
        assert page.status == 200
        assert page.all("a", href=f"/obligations/{sums['id']}")
        assert Words("ru").money(sums["amount_kopecks"]).replace(NBSP, " ") in page.text
        assert words in page.text.lower()


def test_a_free_use_is_shown_as_such_and_owed_by_nobody(visitor: Visitor, free: Used) -> None:
    assert free.obligation["status"] == "free"
    visit = visitor("coordinator@verhnedneprovsk")
    page = visit.page("/obligations")
    assert page.all("a", href=f"/obligations/{free.obligation['id']}")
    assert page.all("span", class_="pill pill-secondary")
    one = visit.page(f"/obligations/{free.obligation['id']}")
    assert "273-ФЗ" in one.text
    assert not visit.page("/obligations/balances").all("table"), "a balance of nought is none"


def test_filters_narrow_the_list_and_stand_in_its_export(visitor: Visitor, charged: Used) -> None:
    visit = visitor("finance@smolapo")
    path = f"/obligations/{charged.obligation['id']}"
    debtor = charged.obligation["debtor_id"]
    for query, is_there in [
        ("side=owed", True),
        ("side=owe", False),
        (f"with={debtor}", True),
        (f"with={charged.obligation['creditor_id']}", True),
        (f"with={charged.booking['workshop_id']}", False),
        ("from=2027-02-01&to=2027-02-28", True),
        ("from=2027-03-01", False),
        (f"basis={charged.booking['id']}", True),
        ("with=none-such&side=neither", True),
    ]:
        page = visit.page(f"/obligations?{query}")
        assert page.status == 200
        assert bool(page.all("a", href=path)) is is_there, query
    narrowed = visit.page(f"/obligations?side=owed&with={debtor}")
    assert narrowed.one("a", id="export")["href"] == f"/obligations.xlsx?side=owed&with={debtor}"


@pytest.mark.parametrize(
    ("query", "field"),
    [("from=2027-03-01&to=2027-02-01", "to"), ("from=gestern", "from"), ("to=31.12.2027", "to")],
)
def test_a_fault_of_the_period_stands_beside_its_field(
    visitor: Visitor, query: str, field: str
) -> None:
    visit = visitor("finance@smolapo")
    page = visit.page(f"/obligations?{query}")
    assert page.status == 200
    assert page.one("div", id=f"{field}-fault")
    assert page.one("input", id=field)["aria-invalid"] == "true"
    assert not page.all("table")
    assert visit.page(f"/obligations.xlsx?{query}").status == 422


def test_who_owes_nothing_is_told_when_something_will_appear(visitor: Visitor) -> None:
    visit = visitor("coordinator@energoseti")
    for path in ("/obligations", "/obligations/balances"):
        page = visit.page(path)
        assert page.all("div", class_="empty empty-part")
        assert page.all("a", href="/bookings", class_="btn btn-primary")


def test_while_finance_sleeps_the_page_says_so_in_its_parts(
    platform: Platform, visitor: Visitor
) -> None:
    visit = visitor("finance@smolapo")
    visit.page("/obligations")
    with platform.asleep("finance"):
        page = visit.page("/obligations")
    assert page.status == 200
    assert len(page.all("div", class_="asleep")) == 2


def test_who_has_no_member_sees_no_settlements(visitor: Visitor) -> None:
    assert visitor("admin@artel").page("/obligations").status == 403


# --- balances ----------------------------------------------------------------------------------


def test_a_balance_leads_to_what_it_is_made_of(visitor: Visitor, charged: Used) -> None:
    visit = visitor("coordinator@stankoservis")
    page = visit.page("/obligations/balances")
    creditor = charged.obligation["creditor_id"]
    assert page.one("a", class_="row-link")["href"] == f"/obligations?with={creditor}"
    assert "Академия профессионального образования" in page.text


# --- one, and taking it back -------------------------------------------------------------------


def test_one_says_what_it_is_owed_for(visitor: Visitor, charged: Used) -> None:
    page = visitor("coordinator@stankoservis").page(f"/obligations/{charged.obligation['id']}")
    assert page.all("a", href=f"/bookings/{charged.booking['id']}")
    assert page.all("a", href=f"/agreements/{charged.obligation['agreement_id']}")
    assert "НДС 22" in page.text
    assert "Станки с ЧПУ" in page.text


def test_only_the_creditors_finance_is_offered_to_take_it_back(
    visitor: Visitor, charged: Used
) -> None:
    path = f"/obligations/{charged.obligation['id']}"
    form = {"action": f"{path}/reverse"}
    assert visitor("finance@smolapo").page(path).all("form", **form)
    for account in ("approver@smolapo", "finance@stankoservis"):
        visit = visitor(account)
        assert visit.page(path).status == 200
        assert not visit.page(path).all("form", **form), account
        answer = visit.send(f"{path}/reverse", reason="Ошибка")
        assert answer.status_code == 403, account
        assert Page(answer).all("div", class_="alert alert-danger")


def test_it_is_taken_back_for_good_with_a_reason_that_both_read(
    platform: Platform, visitor: Visitor
) -> None:
    booker, owner = (
        person(platform, "coordinator@stankoservis"),
        person(platform, "coordinator@smolapo"),
    )
    used = use(booker, owner, CNC, later(1))
    path = f"/obligations/{used.obligation['id']}"
    visit = visitor("finance@smolapo")

    nothing_said = Page(visit.send(f"{path}/reverse", reason=" "))
    assert nothing_said.status == 422
    assert nothing_said.one("div", id="reason-fault")

    answer = visit.send(f"{path}/reverse", reason="Начислено дважды")
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    for account in ("finance@smolapo", "finance@stankoservis"):
        page = visitor(account).page(path)
        assert "Начислено дважды" in page.text
        assert not page.all("form", action=f"{path}/reverse")

    again = visit.send(f"{path}/reverse", reason="Ещё раз")
    assert again.status_code == 409


def test_an_obligation_of_others_is_not_there(visitor: Visitor, charged: Used) -> None:
    page = visitor("finance@vyazma").page(f"/obligations/{charged.obligation['id']}")
    assert page.status == 404


# --- rules of the page -------------------------------------------------------------------------


def test_periods_are_whole_months_and_the_year_so_far() -> None:
    assert periods(date(2027, 1, 14)) == {
        "month": (date(2027, 1, 1), date(2027, 1, 14)),
        "before": (date(2026, 12, 1), date(2026, 12, 31)),
        "year": (date(2027, 1, 1), date(2027, 1, 14)),
    }


def test_filters_are_handed_on_as_they_stand_in_the_address() -> None:
    query = "side=owe&with=01a21260-3e4b-72f4-a5ef-8313de782770&from=2027-01-01"
    filters = filters_of(QueryParams(query), ENGLISH)
    assert filters.query() == {
        "side": "owe",
        "with": "01a21260-3e4b-72f4-a5ef-8313de782770",
        "from": "2027-01-01",
    }
    assert filters.asked("me") == {
        "debtor_id": "me",
        "counterparty_id": "01a21260-3e4b-72f4-a5ef-8313de782770",
        "basis_id": None,
        "from": "2027-01-01",
        "to": None,
    }


def test_balances_are_summed_and_ordered_by_name() -> None:
    balances = [
        {"counterparty_id": "2", "is_owed_kopecks": 5, "owes_kopecks": 0},
        {"counterparty_id": "1", "is_owed_kopecks": 7, "owes_kopecks": 1},
        {"counterparty_id": "3", "is_owed_kopecks": 0, "owes_kopecks": 0},
    ]
    assert sums_of(balances) == {"is_owed_kopecks": 12, "owes_kopecks": 1}
    members = {"1": {"name": "Авиаприбор"}, "2": {"name": "Вязьма"}}
    assert [each["counterparty_id"] for each in by_name(balances, members)] == ["1", "2"]
    assert sums_of(None) == {"is_owed_kopecks": 0, "owes_kopecks": 0}
