"""Persons as their coordinator sees them: found, entered, changed and ended."""

import io
import re

import pytest
from openpyxl import load_workbook

from services.portal.pages import persons as pages
from tests.portal.conftest import Visitor
from tests.portal.platform import Page, Platform, Visit
from tests.portal.test_import_pages import csv, send, settled

HEAD = "Фамилия;Имя;Отчество;Электронная почта;Кто это;Группа, отделение или должность;С какого дня"


def names(page: Page) -> list[str]:
    """The family names in the list, as they stand there."""
    return re.findall(r'class="row-link" href="/members/persons/[^"]+">(\S+)', page.html)


def address_of(visit: Visit, name: str) -> str:
    """The page of the person of that family name."""
    page = Page(visit.send("/members/persons", q=name))
    found = re.search(r'href="(/members/persons/[0-9a-f-]{36})">' + name, page.html)
    assert found is not None, page.text
    return found[1]


def test_people_are_listed_by_name_and_found_without_a_name_in_the_address(
    visitor: Visitor,
) -> None:
    visit = visitor("coordinator@roslavl")
    page = visit.page("/members/persons")
    assert page.status == 200
    assert names(page)[:2] == ["Алёшин", "Бобров"]
    assert names(visit.page("/members/persons?kind=instructor&state=current")) == ["Юдин"]
    form = page.one("form", class_="filters")
    assert (form["method"], form["hx-post"]) == ("post", "/members/persons")
    assert names(Page(visit.send("/members/persons", q="АЛЕШИН"))) == ["Алёшин"]
    nobody = Page(visit.send("/members/persons", q="такого нет"))
    assert nobody.all("div", class_="empty empty-part")


def test_a_long_list_goes_on_where_it_ended(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "LIMIT", 4)
    visit = visitor("coordinator@roslavl")
    first = visit.page("/members/persons?kind=student")
    assert len(names(first)) == 4
    cursor = first.one("input", name="cursor")["value"]
    rest = Page(visit.send("/members/persons", kind="student", cursor=cursor))
    assert names(rest) == ["Журавлёва"]


def test_a_person_is_entered_changed_and_ended(visitor: Visitor) -> None:
    visit = visitor("coordinator@safonovo")
    form = visit.page("/members/persons/new")
    said = {
        "key": form.one("input", name="key")["value"],
        "family_name": "Ярцев",
        "given_name": "Глеб",
        "patronymic": "",
        "email": "",
        "kind": "student",
        "unit": "ОС-11",
        "from_on": "2026-09-01",
        "to_on": "",
    }
    for _ in range(2):
        assert visit.send("/members/persons/new", **said).status_code == 303
    assert names(Page(visit.send("/members/persons", q="ярцев"))) == ["Ярцев"], "once"
    address = address_of(visit, "Ярцев")
    assert "Студент, ОС-11" in visit.page(address).text

    changed = visit.send(f"{address}/name", **{**said, "given_name": "Игнат"})
    assert changed.headers["location"] == address
    assert "Ярцев Игнат" in visit.page(address).text

    edit = re.search(r'href="([^"]+/affiliations/[0-9a-f]{8}[^"]+)"', visit.page(address).html)
    assert edit is not None
    days = {"unit": "ОС-12", "from_on": "2026-09-01", "to_on": "2027-06-30"}
    assert visit.send(edit[1], **days).status_code == 303
    assert "01.09.2026–30.06.2027" in visit.page(address).text
    stale = visit.send(edit[1], **days, etag='"1"')
    assert stale.status_code == 412
    also = visit.send(f"{address}/affiliations/new", kind="mentor", from_on="2027-01-01")
    assert also.status_code == 303
    assert "Наставник" in visit.page(address).text
    assert visit.send(edit[1], ends="today").status_code == 303
    assert "01.09.2026–02.02.2027" in visit.page(address).text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"family_name": ""}, "family_name"),
        ({"email": "почта"}, "email"),
        ({"from_on": ""}, None),
        ({"to_on": "2020-01-01"}, "to_on"),
        ({"from_on": "2190-01-01"}, "from_on"),
    ],
)
def test_a_person_that_cannot_be_is_told_beside_the_field_and_nothing_is_lost(
    visitor: Visitor, changes: dict[str, str], field: str | None
) -> None:
    visit = visitor("coordinator@safonovo")
    said = {"family_name": "Юрьев", "given_name": "Ян", "kind": "expert", "from_on": "2026-09-01"}
    answer = visit.send("/members/persons/new", **{**said, **changes})
    if field is None:
        assert answer.status_code == 303, "from today on"
        return
    page = Page(answer)
    assert page.status == 422
    assert page.one("div", id=f"{field}-fault")
    assert page.one("input", name="given_name")["value"] == "Ян"
    assert page.all("option", value="expert", selected="")


def test_who_overlaps_is_told_above_the_form(visitor: Visitor) -> None:
    visit = visitor("coordinator@roslavl")
    address = address_of(visit, "Юдин")
    answer = visit.send(f"{address}/affiliations/new", kind="instructor", from_on="2027-01-01")
    page = Page(answer)
    assert page.status == 409
    assert "уже числится" in page.text


def test_people_are_nobody_elses_to_see(platform: Platform, visitor: Visitor) -> None:
    address = address_of(visitor("coordinator@roslavl"), "Юдин")
    other = visitor("coordinator@vyazma")
    for page in (address, f"{address}/name", f"{address}/affiliations/new"):
        assert other.page(page).status == 404
    assert visitor("finance@roslavl").page("/members/persons").status == 403
    with platform.asleep("membership"):
        assert other.page("/members/persons").status in (200, 503)


def test_people_come_from_a_file_and_go_into_one(visitor: Visitor) -> None:
    visit = visitor("coordinator@university")
    content = csv(HEAD, "Зимин;Лев;;;студент;М-1;01.09.2026", "Зимина;Ева;;;эксперт;;")
    path = send(visit, "persons", content)
    assert isinstance(path, str)
    page = settled(visit, path)
    assert page.one("form", action=f"{path}/apply")
    assert visit.send(f"{path}/apply").status_code == 303
    settled(visit, path)
    assert {"Зимин", "Зимина"} <= set(names(visit.page("/members/persons")))
    listed = visit.page("/imports")
    assert listed.all("a", href=path)
    book = load_workbook(io.BytesIO(visit.client.get("/persons.xlsx").content))
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    assert any(row[:2] == ("Зимин", "Лев") and row[4] == "Студент" for row in rows)
