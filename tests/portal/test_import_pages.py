"""Files that are brought in: checked row by row, told in plain words, written whole."""

import io
import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from openpyxl import load_workbook

from services.portal.pages.imports import KINDS, _name_of
from shared.russia.identifiers import IdentifierIsWrong, check_inn, check_ogrn
from tests.portal.conftest import Visitor
from tests.portal.deeds import person
from tests.portal.platform import Page, Platform, Visit

HEAD = (
    "Площадка;Город;Часы работы;Мастерская;Рабочих мест;Подтверждение;Компетенции;"
    "Тариф, руб. за место-час без НДС"
)
MEMBERS_HEAD = (
    "Краткое название;Полное название;Код латиницей;Вид;Имущество государственное;Код ОКОПФ;ИНН;"
    "КПП;ОГРН;Город;Налогообложение"
)
LESSONS_HEAD = "Мастерская;Занятие;Дата;Пара;Рабочих мест"


def csv(head: str, *rows: str) -> bytes:
    return "\r\n".join([head, *rows]).encode("utf-8-sig")


def send(
    visit: Visit, kind: str, content: bytes, name: str = "файл.csv", **fields: str
) -> Page | str:
    """Sends a file; returns where it is looked at, or the page that says no."""
    answer = visit.client.post(
        f"/imports/{kind}",
        data={"csrf": visit.csrf, **fields},
        files={"file": (name, content, "application/vnd.ms-excel")},
    )
    return answer.headers["location"] if answer.status_code == 303 else Page(answer)


def settled(visit: Visit, path: str, seconds: float = 20) -> Page:
    """The import when it is no longer under way."""
    deadline = time.monotonic() + seconds
    while True:
        page = visit.page(path)
        assert page.status == 200
        if not page.all("progress"):
            return page
        assert page.one("article", id="import")["hx-trigger"] == "every 1s"
        assert time.monotonic() < deadline, "it did not come to an end"
        time.sleep(0.1)


def numbers_of(page: Page) -> list[int]:
    """The sums of what a file does: new, changed, unchanged, and taken out where that is told."""
    return [int(found) for found in re.findall(r"<dd>(\d+)</dd>", page.html)]


# --- choosing, and the template ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("account", "kinds"),
    [
        (
            "coordinator@university",
            {"persons", "workshops", "equipment", "timetable", "plan-items"},
        ),
        ("admin@artel", {"members"}),
    ],
)
def test_each_is_offered_what_is_theirs_to_bring_in(
    visitor: Visitor, account: str, kinds: set[str]
) -> None:
    visit = visitor(account)
    page = visit.page("/imports")
    assert {each["href"] for each in page.all("a", class_="card kind")} == {
        f"/imports/{kind}" for kind in kinds
    }
    for kind in KINDS:
        assert visit.page(f"/imports/{kind}").status == (200 if kind in kinds else 403)
    assert visit.page("/imports/people").status == 404


def test_who_brings_in_nothing_is_not_led_here(visitor: Visitor) -> None:
    visit = visitor("approver@vyazma")
    assert visit.page("/imports").status == 403
    assert not visit.page("/account").all("a", href="/imports")
    assert isinstance(answer := send(visit, "workshops", b"x"), Page)
    assert answer.status == 403


@pytest.mark.parametrize("kind", ["workshops", "equipment", "timetable"])
def test_a_template_is_a_file_for_excel_and_for_others(visitor: Visitor, kind: str) -> None:
    visit = visitor("coordinator@university")
    for ending in ("xlsx", "csv"):
        answer = visit.client.get(f"/imports/{kind}/template.{ending}")
        assert answer.status_code == 200
        assert "attachment" in answer.headers["content-disposition"]
        assert "filename*=UTF-8''%D0" in answer.headers["content-disposition"]
    assert answer.content.decode("utf-8-sig").count(";") > 5
    assert visit.page(f"/imports/{kind}/template.doc").status == 404


# --- from the file to what is written ----------------------------------------------------------


def test_a_good_file_says_what_it_does_and_then_does_it_once(
    platform: Platform, visitor: Visitor
) -> None:
    visit = visitor("coordinator@university")
    content = csv(HEAD, "Полигон;Смоленск;;Роботы;4;сразу;;100", "Полигон;Смоленск;;Литьё;6;;;0")
    path = send(visit, "workshops", content)
    assert isinstance(path, str)
    page = settled(visit, path)
    assert numbers_of(page) == [2, 0, 0]
    etag = page.one("input", name="etag")["value"]
    stale = visit.send(f"{path}/apply", etag='"999"')
    assert stale.status_code == 412

    answer = visit.send(f"{path}/apply", etag=etag)
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    done = settled(visit, path)
    assert numbers_of(done) == [2, 0, 0]
    assert done.all("a", href="/workshops", class_="btn btn-primary")
    assert not done.all("form", action=f"{path}/apply")
    names = {
        each["name"]
        for each in person(platform, "coordinator@university").items(
            "/workshops/workshops", q="Роботы"
        )
    }
    assert names == {"Роботы"}

    again = send(visit, "workshops", content)
    assert isinstance(again, str)
    same = settled(visit, again)
    assert not same.all("form", action=f"{again}/apply"), "there is nothing to write"
    assert visit.page("/imports").html.count("файл.csv") == 2


def test_bad_rows_are_told_by_row_and_column_in_plain_words_and_nothing_is_written(
    platform: Platform, visitor: Visitor
) -> None:
    visit = visitor("coordinator@university")
    content = csv(
        HEAD,
        "Полигон;Смоленск;;Сварка;шесть;сразу;;100",
        "Полигон;Смоленск;;;5;когда-нибудь;;дорого",
        "Полигон;Смоленск;;=cmd|' /C calc'!A0;5;сразу;;1",
    )
    path = send(visit, "workshops", content)
    assert isinstance(path, str)
    page = settled(visit, path)
    assert not page.all("form", action=f"{path}/apply")
    rows = re.findall(r"<tr><td.*?</tr>", page.html, re.DOTALL)
    assert len(rows) == 4
    assert "Рабочих мест" in rows[0]
    assert "шесть" in rows[0]
    assert ">2<" in rows[0]
    assert [letter for row in rows for letter in re.findall(r"<b>([A-Z])</b>", row)] == [
        "E", "D", "F", "H",
    ]  # fmt: skip
    visit.client.cookies.set("language", "en")
    english = visit.page(path)
    assert "A whole number is needed here." in english.text
    assert "Write one of these: вручную, сразу." in english.text
    assert (
        person(platform, "coordinator@university").items("/workshops/workshops", q="Сварка") == []
    )

    report = visit.client.get(f"{path}/report.xlsx")
    assert report.status_code == 200
    sheet = load_workbook(io.BytesIO(report.content)).worksheets[0]
    assert [cell.value for cell in sheet[2]][:4] == [2, "E", "Рабочих мест", "шесть"]
    assert sheet.max_row == 5


def test_a_timetable_belongs_to_a_site_and_says_what_it_meets(
    platform: Platform, visitor: Visitor
) -> None:
    visit = visitor("coordinator@roslavl")
    form = visit.page("/imports/timetable")
    [site] = [each["value"] for each in form.all("option") if each.get("value")]
    content = csv(
        LESSONS_HEAD, "Электромонтаж;УП.01;15.03.2027;1;", "Электромонтаж;УП.02;16.03.2027;9;"
    )
    path = send(visit, "timetable", content, site_id=site)
    assert isinstance(path, str)
    page = settled(visit, path)
    assert "Пара" in page.text
    assert "1, 2, 3, 4, 5, 6" in page.text, "the pairs that there are"

    good = csv(LESSONS_HEAD, "Электромонтаж;УП.01;15.03.2027;1;")
    path = send(visit, "timetable", good, site_id=site, first_on="2027-03-15", last_on="2027-03-19")
    assert isinstance(path, str)
    page = settled(visit, path)
    assert numbers_of(page) == [1, 0, 0, 0]
    assert "15.03.2027–19.03.2027" in page.text
    visit.send(f"{path}/apply")
    assert numbers_of(settled(visit, path)) == [1, 0, 0, 0]

    booker = person(platform, "coordinator@roslavl")
    shop = booker.workshop("Электромонтаж")
    answer = booker.book(
        {
            "workshop_id": shop["id"],
            "starts_at": "2027-03-17T08:30:00+03:00",
            "ends_at": "2027-03-17T10:05:00+03:00",
            "workplaces": 1,
            "purpose": "Практика",
        }
    )
    assert answer.status_code == 201
    path = send(
        visit, "timetable", csv(LESSONS_HEAD, "Электромонтаж;УП.03;17.03.2027;1;"), site_id=site
    )
    assert isinstance(path, str)
    page = settled(visit, path)
    assert page.one("a", href=f"/bookings/{answer.json()['id']}"), "the booking that it meets"


def with_check_digit(check: Callable[[str], str], start: str) -> str:
    """The number that begins so and has the right last digit."""
    for digit in "0123456789":
        try:
            return check(start + digit)
        except IdentifierIsWrong:
            continue
    raise AssertionError(start)


def test_members_are_brought_in_by_the_administrator(visitor: Visitor) -> None:
    visit = visitor("admin@artel")
    inn = with_check_digit(check_inn, "679900555")
    ogrn = with_check_digit(check_ogrn, "199670000055")
    row = (
        "ООО «Новое»;Общество с ограниченной ответственностью «Новое»;novoe;работодатель;нет;"
        "12300;{};679901001;{};Ярцево;общая (ОСНО)"
    )
    slip = inn[:-1] + str((int(inn[-1]) + 1) % 10)
    path = send(visit, "members", csv(MEMBERS_HEAD, row.format(slip, ogrn)))
    assert isinstance(path, str)
    refused = settled(visit, path)
    assert slip in refused.text
    assert not visit.page("/members?q=Новое").all("a", class_="row-link")

    path = send(visit, "members", csv(MEMBERS_HEAD, row.format(inn, ogrn)))
    assert isinstance(path, str)
    assert numbers_of(settled(visit, path)) == [1, 0, 0]
    visit.send(f"{path}/apply")
    assert numbers_of(settled(visit, path)) == [1, 0, 0]
    assert len(visit.page("/members?q=Новое").all("a", class_="row-link")) == 1


# --- what cannot be taken ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "empty.csv"),
        (csv(HEAD), "head.csv"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old.xls"),
        (b"PK\x03\x04nonsense", "broken.xlsx"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "picture.png"),
        (b"x" * 5_000_001, "large.csv"),
        (b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "calendar.ics"),
    ],
)
def test_a_file_that_cannot_be_taken_is_said_beside_the_field(
    visitor: Visitor, content: bytes, name: str
) -> None:
    page = send(visitor("coordinator@university"), "workshops", content, name)
    assert isinstance(page, Page)
    assert page.status in (413, 422)
    assert page.one("div", id="file-fault")
    assert page.one("input", id="file")["aria-invalid"] == "true"


def test_a_body_that_is_far_too_large_gets_a_page_and_not_a_program_s_answer(
    visitor: Visitor,
) -> None:
    page = send(visitor("coordinator@university"), "workshops", b"x" * 6_500_000)
    assert isinstance(page, Page)
    assert page.status == 413
    assert page.one("h1", class_="empty-title")


@pytest.mark.parametrize(
    ("fields", "faults"),
    [
        ({}, {"site_id"}),
        ({"site_id": "?", "first_on": "2027-01-11"}, {"last_on"}),
        ({"site_id": "?", "first_on": "2027-01-11", "last_on": "2027-01-10"}, {"last_on"}),
        ({"site_id": "?", "first_on": "2027-01-11", "last_on": "2028-01-12"}, {"last_on"}),
        ({"first_on": "?", "last_on": "!"}, {"site_id", "first_on", "last_on"}),
    ],
)
def test_a_fault_around_the_file_stands_beside_its_field(
    visitor: Visitor, fields: dict[str, str], faults: set[str]
) -> None:
    visit = visitor("coordinator@roslavl")
    [site] = [
        each["value"]
        for each in visit.page("/imports/timetable").all("option")
        if each.get("value")
    ]
    sent: dict[str, Any] = {
        name: site if text == "?" and name == "site_id" else text for name, text in fields.items()
    }
    page = send(visit, "timetable", csv(LESSONS_HEAD, "a;b;c;d;e"), **sent)
    assert isinstance(page, Page)
    assert page.status == 422
    found = {
        each["id"].removesuffix("-fault")
        for each in page.all("div", class_="invalid-feedback d-block")
    }
    assert found == faults
    assert page.one("input", id="first_on")["value"] == fields.get("first_on", "")


def test_an_import_of_another_member_is_not_there(visitor: Visitor) -> None:
    visit = visitor("coordinator@university")
    path = send(visit, "workshops", csv(HEAD, "Двор;Смоленск;;Кузница;4;сразу;;100"))
    assert isinstance(path, str)
    other = visitor("coordinator@roslavl")
    assert other.page(path).status == 404
    assert other.send(f"{path}/apply").status_code == 404
    assert visit.page(path.replace("/workshops/", "/equipment/")).status == 404, (
        "nor of another kind"
    )
    assert visit.page(f"{path}/report.xlsx").status == 200


def test_while_the_service_sleeps_the_choice_stands_and_the_file_is_not_taken(
    platform: Platform, visitor: Visitor
) -> None:
    visit = visitor("coordinator@university")
    csrf = visit.csrf
    with platform.asleep("workshops"):
        page = visit.page("/imports")
        answer = visit.client.post(
            "/imports/workshops",
            data={"csrf": csrf},
            files={"file": ("a.csv", b"a;b\n1;2", "text/csv")},
        )
    assert page.all("a", class_="card kind")
    assert page.all("div", class_="asleep")
    assert answer.status_code == 503
    assert Page(answer).all("div", class_="alert alert-danger")


class Sent:
    """A file of a form, as far as its name goes."""

    def __init__(self, filename: str | None) -> None:
        self.filename = filename


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("table.csv", "table.csv"),
        ("C:\\Документы\\мастерские.xlsx", "мастерские.xlsx"),
        ("../../etc/passwd", "passwd"),
        ("a\x00\nb.csv", "ab.csv"),
        ("", "file"),
        (None, "file"),
        ("/", "file"),
    ],
)
def test_a_file_is_called_by_its_name_without_folders(said: str | None, name: str) -> None:
    assert _name_of(Sent(said)) == name  # type: ignore[arg-type]
    assert len(_name_of(Sent("я" * 500 + ".csv"))) == 200  # type: ignore[arg-type]
