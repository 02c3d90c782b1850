"""Files of lists: what the page shows, with the same filters, for those who may see the page."""

import io
from typing import Any

import pytest
from openpyxl import load_workbook

from services.portal.pages import exports
from tests.portal.conftest import Visitor
from tests.portal.deeds import agreement_with, later, person, use
from tests.portal.platform import Platform, Visit


def rows(visit: Visit, path: str) -> list[tuple[Any, ...]]:
    """The rows of the file, with its header first."""
    answer = visit.client.get(path)
    assert answer.status_code == 200, answer.text
    assert "attachment" in answer.headers["content-disposition"]
    assert answer.headers["cache-control"] == "no-store"
    [sheet] = load_workbook(io.BytesIO(answer.content)).worksheets
    return [tuple(row) for row in sheet.iter_rows(values_only=True)]


def test_workshops_are_those_that_the_filters_leave(visitor: Visitor) -> None:
    visit = visitor("coordinator@vyazma")
    found = rows(visit, "/workshops.xlsx?town=Рославль")
    assert {row[2] for row in found[1:]} == {"Рославль"}
    assert len(rows(visit, "/workshops.xlsx?q=&competence=&town=")) > len(found)
    assert rows(visit, "/workshops.xlsx?q=такойнет")[1:] == []


def test_the_page_of_workshops_leads_to_the_file_with_its_filters(visitor: Visitor) -> None:
    visit = visitor("coordinator@vyazma")
    assert "town=%D0%A0" in visit.page("/workshops?town=Рославль").one("a", id="export")["href"]
    part = visit.page("/workshops?q=свар", **{"HX-Request": "true", "HX-Target": "grid"})
    assert part.one("a", id="export")["hx-swap-oob"] == "true"
    assert part.one("a", id="export")["href"].startswith("/workshops.xlsx?q=%D1%81")


def test_bookings_agreements_and_settlements_are_told_in_numbers_and_dates(
    platform: Platform, visitor: Visitor
) -> None:
    booker = person(platform, "coordinator@stankoservis")
    owner = person(platform, "coordinator@smolapo")
    used = use(booker, owner, "Станки с ЧПУ", later(7), purpose="=1+1")

    visit = visitor("coordinator@stankoservis")
    booked = [
        row
        for row in rows(visit, "/bookings.xlsx?side=booker&group=completed")[1:]
        if row[0] == later(7).replace(tzinfo=None)
    ]
    assert [row[7] for row in booked] == ["=1+1"], "a text, not 2"
    assert booked[0][11] == used.obligation["amount_kopecks"] / 100

    owed = rows(visit, f"/obligations.xlsx?basis={used.booking['id']}")
    assert len(owed) == 2
    assert owed[1][3] + owed[1][5] == owed[1][6] == used.obligation["amount_kopecks"] / 100
    assert owed[1][4] == 22
    assert rows(visit, "/obligations.xlsx?side=owed")[1:] == []
    balances = rows(visit, "/balances.xlsx")
    assert balances[1][2] >= owed[1][6]

    found = rows(visit, "/agreements.xlsx?state=active")
    assert any(row[0].startswith("Академия профессионального") for row in found[1:])
    assert all(row[6] is not None and row[7] is not None for row in found[1:])


def test_an_agreement_that_is_being_signed_has_one_empty_signature(
    platform: Platform, visitor: Visitor
) -> None:
    smolgrad, agro = (
        person(platform, f"coordinator@{name}") for name in ("smolgrad", "agrovyazma")
    )
    agreement_with(smolgrad, agro)
    [ours] = rows(visitor("finance@agrovyazma"), "/agreements.xlsx?state=signing")[1:]
    assert (ours[6], ours[7] is None) == (None, False)
    theirs = rows(visitor("coordinator@smolgrad"), "/agreements.xlsx?state=signing")[1:]
    assert all(row[6] is not None for row in theirs)


def test_members_and_people_are_told_in_words(visitor: Visitor) -> None:
    visit = visitor("coordinator@vyazma")
    found = rows(visit, "/members.xlsx?kind=university")
    assert [row[0] for row in found[1:]] == ["Региональный университет (демо)"]
    people = rows(visit, "/people.xlsx")
    assert ("Новикова", "Анна", "Петровна", "coordinator@vyazma.demo") in {
        row[:4] for row in people[1:]
    }


@pytest.mark.parametrize(
    ("account", "path", "status"),
    [
        ("approver@vyazma", "/people.xlsx", 403),
        ("admin@artel", "/people.xlsx", 403),
        ("admin@artel", "/bookings.xlsx", 403),
        ("admin@artel", "/agreements.xlsx", 403),
        ("admin@artel", "/balances.xlsx", 403),
        ("admin@artel", "/members.xlsx", 200),
    ],
)
def test_who_may_not_see_the_page_gets_no_file(
    visitor: Visitor, account: str, path: str, status: int
) -> None:
    assert visitor(account).client.get(path).status_code == status


def test_a_stranger_signs_in_before_any_file(stranger: Visit) -> None:
    answer = stranger.client.get("/members.xlsx?kind=college")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=%2Fmembers.xlsx%3Fkind%3Dcollege"


def test_while_a_service_sleeps_there_is_no_file_but_a_page_that_says_so(
    platform: Platform, visitor: Visitor
) -> None:
    visit = visitor("coordinator@vyazma")
    visit.page("/")
    with platform.asleep("finance"):
        answer = visit.client.get("/balances.xlsx")
    assert answer.status_code == 503
    assert answer.headers["content-type"].startswith("text/html")


def test_a_file_with_fewer_rows_than_there_are_says_so(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "ROWS_MAX", 3)
    visit = visitor("coordinator@vyazma")
    visit.client.cookies.set("language", "en")
    found = rows(visit, "/members.xlsx")
    assert len([row for row in found[1:] if row[1]]) == 3
    assert found[-1][0] == "Only the first 3 rows are here. Narrow the filter to get the others."
