"""A site's own timetable from a table: it becomes exactly what the file says, or stays as it was."""

from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

import pytest

from services.workshops.commands import catalogue
from services.workshops.commands.imports.lessons import SHEET
from services.workshops.domain.facts import Approval, Bell
from shared.identity import Role
from shared.ids import new_id
from tests.harness import Moment
from tests.imports import XLSX, Importing, csv_of, places, table, xlsx_of
from tests.workshops.facts import Known, check_counts

LETTERS = {
    column.code: chr(ord("A") + index) for index, column in enumerate(SHEET.template_columns)
}
CNC = "Станки с ЧПУ"


@pytest.fixture(autouse=True)
def _december(clock: Moment) -> None:
    """The terms of these files are still to come."""
    clock.set(datetime(2026, 12, 1, 9, tzinfo=UTC))


@pytest.fixture
def importing(known: Known) -> Importing:
    """The owner's coordinator."""
    return Importing(known.service, known.service.as_(known.owner, Role.COORDINATOR))


def once(on: str = "14.01.2027", **other: Any) -> dict[str, Any]:
    """A lesson of one pair on a date."""
    return {"workshop": CNC, "title": "Практика", "date": on, "pair": 3, **other}


def weekly(weekday: str = "пн", **other: Any) -> dict[str, Any]:
    """A lesson of every week in January."""
    return {
        "workshop": CNC,
        "title": "УП.01",
        "weekday": weekday,
        "first_on": "11.01.2027",
        "last_on": "31.01.2027",
        "pair": "1-2",
        **other,
    }


def file_of(*rows: dict[str, Any]) -> bytes:
    return csv_of([line[: len(LETTERS)] for line in table(SHEET, *rows)])


async def bring(
    known: Known, importing: Importing, *rows: dict[str, Any], **query: Any
) -> dict[str, Any]:
    """The import of these rows after its check."""
    return await importing.checked("timetable", file_of(*rows), site_id=str(known.site), **query)


async def apply(
    known: Known, importing: Importing, *rows: dict[str, Any], **query: Any
) -> dict[str, Any]:
    """The import of these rows after it was applied."""
    return await importing.applied("timetable", file_of(*rows), site_id=str(known.site), **query)


async def lessons(known: Known) -> list[tuple[Any, ...]]:
    """The lessons that stand: start, end in Moscow, workplaces, title."""
    rows = await known.service.sql(
        "SELECT starts_at AT TIME ZONE 'Europe/Moscow' AS starts,"
        " ends_at AT TIME ZONE 'Europe/Moscow' AS ends, workplaces, title FROM lessons"
        " WHERE released_at IS NULL ORDER BY starts_at, title"
    )
    return [
        (f"{row['starts']:%d.%m %H:%M}", f"{row['ends']:%H:%M}", row["workplaces"], row["title"])
        for row in rows
    ]


async def test_lessons_of_a_date_and_of_weeks_take_their_places(
    known: Known, importing: Importing
) -> None:
    found = await apply(
        known,
        importing,
        once(workplaces=3),
        once("15.01.2027", pair="", starts_at="9:00", ends_at="13:30", title="Экзамен"),
        weekly(weeks="нечётная"),
        weekly("среда", weeks="знаменатель", workplaces=2),
    )
    assert found["summary"] == {"added": 5, "changed": 0, "unchanged": 0, "removed": 0}
    assert (found["first_on"], found["last_on"]) == ("2027-01-11", "2027-01-31")
    # the 11th of January begins the 20th week of the academic year, an even one
    assert await lessons(known) == [
        ("13.01 08:30", "11:50", 2, "УП.01"),
        ("14.01 12:30", "14:05", 3, "Практика"),
        ("15.01 09:00", "13:30", 8, "Экзамен"),
        ("18.01 08:30", "11:50", 8, "УП.01"),
        ("27.01 08:30", "11:50", 2, "УП.01"),
    ]
    await check_counts(known.service)


async def test_the_same_timetable_twice_changes_nothing(known: Known, importing: Importing) -> None:
    rows = (once(), weekly())
    await apply(known, importing, *rows)
    before = await known.service.told()
    again = await apply(known, importing, *rows)
    assert again["summary"] == {"added": 0, "changed": 0, "unchanged": 4, "removed": 0}
    assert await known.service.told() == before


async def test_a_check_says_what_will_come_and_go_and_writes_nothing(
    known: Known, importing: Importing
) -> None:
    await apply(known, importing, once(), weekly())
    found = await bring(known, importing, once(title="Другое"), weekly())
    assert found["status"] == "checked"
    assert found["summary"] == {"added": 1, "changed": 0, "unchanged": 3, "removed": 1}
    assert [title for *_, title in await lessons(known)].count("Другое") == 0
    await importing.apply(found["id"])
    await importing.work()
    assert [title for *_, title in await lessons(known)].count("Другое") == 1
    await check_counts(known.service)


async def test_a_period_says_what_the_file_stands_for(known: Known, importing: Importing) -> None:
    await apply(known, importing, once("12.01.2027"), once("20.01.2027"), once("02.02.2027"))
    period = {"first_on": "2027-01-01", "last_on": "2027-01-31"}
    every_week = {"weekday": "чт", "title": "УП.01", "workshop": CNC, "pair": 1}
    found = await apply(known, importing, every_week, **period)
    assert (found["first_on"], found["last_on"]) == ("2027-01-01", "2027-01-31")
    assert found["summary"] == {"added": 3, "changed": 0, "unchanged": 0, "removed": 2}
    assert [start for start, *_ in await lessons(known)] == [
        "14.01 08:30",
        "21.01 08:30",
        "28.01 08:30",
        "02.02 12:30",
    ]
    outside = await bring(known, importing, once("02.02.2027"), **period)
    assert places(outside) == [(2, LETTERS["date"], "lesson-outside-period")]


@pytest.mark.parametrize(
    ("query", "at"),
    [
        ({"first_on": "2027-01-01"}, "query.first_on"),
        ({"first_on": "2027-01-02", "last_on": "2027-01-01"}, "query.last_on"),
        ({"first_on": "2027-01-01", "last_on": "2028-01-02"}, "query.last_on"),
    ],
)
async def test_a_period_that_is_none_is_refused(
    known: Known, importing: Importing, query: dict[str, str], at: str
) -> None:
    answer = await importing.post("timetable", file_of(once()), site_id=str(known.site), **query)
    assert (answer.status_code, answer.json()["errors"][0]["at"]) == (422, at)


async def test_only_a_timetable_has_a_period(importing: Importing) -> None:
    period = {"first_on": "2027-01-01", "last_on": "2027-01-31"}
    answer = await importing.post("equipment", b"x", **period)
    assert answer.json()["errors"][0]["at"] == "query.first_on"


BAD_ROWS: dict[str, tuple[str | None, dict[str, Any], str]] = {
    "no workshop": ("workshop", once(workshop="Кузница"), "workshop-unknown"),
    "no title": ("title", once(title=""), "cell-missing"),
    "no day": ("date", once(""), "day-unclear"),
    "a weekday alone": ("weekday", once("", weekday="пн"), "day-unclear"),
    "both days": ("date", weekly(date="12.01.2027"), "day-unclear"),
    "no weekday": ("weekday", weekly(""), "day-unclear"),
    "a wrong weekday": ("weekday", weekly("пт-сб"), "cell-not-in-list"),
    "never": ("weekday", weekly("сб", last_on="13.01.2027"), "lesson-never"),
    "for years": ("last_on", weekly(last_on="12.01.2028"), "period-too-long"),
    "no such pair": ("pair", once(pair="7"), "pair-unknown"),
    "pairs backwards": ("pair", once(pair="3-2"), "cell-malformed"),
    "no time": ("starts_at", once(pair=""), "time-unclear"),
    "no end": ("starts_at", once(pair="", starts_at="09:00"), "time-unclear"),
    "both times": ("pair", once(starts_at="09:00", ends_at="10:00"), "time-unclear"),
    "ends before": (
        "ends_at",
        once(pair="", starts_at="10:00", ends_at="09:00"),
        "ends-before-start",
    ),
    "too many places": ("workplaces", once(workplaces=9), "workplaces-too-many"),
}


@pytest.mark.parametrize("name", BAD_ROWS)
async def test_a_row_that_is_no_lesson_is_told_by_line_and_column(
    known: Known, importing: Importing, name: str
) -> None:
    code, bad, fault_code = BAD_ROWS[name]
    found = await bring(known, importing, once(), bad)
    assert found["status"] == "refused"
    assert places(found) == [(3, LETTERS[code] if code else None, fault_code)]


async def test_a_file_of_more_than_a_year_is_refused(known: Known, importing: Importing) -> None:
    found = await bring(known, importing, once("11.01.2027"), once("12.01.2028"))
    assert places(found) == [(3, LETTERS["date"], "period-too-long")]


async def test_rows_that_overlap_are_told_with_the_lines_they_meet(
    known: Known, importing: Importing
) -> None:
    rows = (once(workplaces=5), once("11.01.2027", pair=1), weekly(), once(workplaces=4))
    found = await bring(known, importing, *rows)
    assert places(found) == [(4, None, "lessons-overlap"), (5, None, "lessons-overlap")]
    assert [fault["facts"] for fault in found["faults"]] == [
        {"overlap_lines": [3]},
        {"overlap_lines": [2]},
    ]


async def test_lessons_that_meet_bookings_are_told_and_none_is_written(
    known: Known, importing: Importing
) -> None:
    booked = await known.book(
        starts_at="2027-01-14T12:30:00+03:00", ends_at="2027-01-14T14:05:00+03:00"
    )
    assert booked.status_code == 201, booked.text
    assert (await bring(known, importing, once(workplaces=6)))["status"] == "checked"
    found = await bring(known, importing, once("15.01.2027"), once(workplaces=7))
    assert places(found) == [(3, None, "lessons-meet-bookings")]
    facts = found["faults"][0]["facts"]
    assert [booking["id"] for booking in facts["bookings"]] == [booked.json()["id"]]
    assert await lessons(known) == []


async def test_a_booking_made_after_the_check_refuses_the_whole_timetable(
    known: Known, importing: Importing
) -> None:
    found = await bring(known, importing, once("15.01.2027"), once(workplaces=7))
    assert found["status"] == "checked"
    booked = await known.book(
        starts_at="2027-01-14T12:30:00+03:00", ends_at="2027-01-14T14:05:00+03:00"
    )
    assert booked.status_code == 201, booked.text
    await importing.apply(found["id"])
    await importing.work()
    refused = await importing.read(found["id"])
    assert (refused["status"], places(refused)) == (
        "refused",
        [(3, None, "lessons-meet-bookings")],
    )
    assert await lessons(known) == []


async def test_the_bells_of_the_site_say_when_a_pair_is(known: Known, importing: Importing) -> None:
    async with known.as_owner() as tx:
        bells = [Bell(1, 9 * 60, 9 * 60 + 45), Bell(4, 23 * 60, 24 * 60)]
        await catalogue.set_bells(tx, site_id=known.site, bells=bells, if_match=None)
    await apply(known, importing, once(pair=1), once("15.01.2027", pair=4))
    assert await lessons(known) == [
        ("14.01 09:00", "09:45", 8, "Практика"),
        ("15.01 23:00", "00:00", 8, "Практика"),
    ]
    assert places(await bring(known, importing, once(pair=3))) == [
        (2, LETTERS["pair"], "pair-unknown")
    ]


async def test_times_are_those_of_the_site(known: Known, importing: Importing) -> None:
    async with known.as_owner() as tx:
        site = await catalogue.open_site(
            tx, name="Урал", town="Екатеринбург", time_zone="Asia/Yekaterinburg", hours=[]
        )
        await catalogue.open_workshop(
            tx,
            site_id=site,
            name=CNC,
            workplaces=4,
            approval=Approval.MANUAL,
            competences=[],
            net_kopecks=0,
        )
    lesson = once(pair="", starts_at="00:30", ends_at="02:00")
    data = xlsx_of([line[: len(LETTERS)] for line in table(SHEET, lesson)])
    found = await importing.applied("timetable", data, XLSX, site_id=str(site))
    assert found["summary"]["added"] == 1
    rows = await known.service.sql("SELECT starts_at, workplaces FROM lessons")
    assert [tuple(row) for row in rows] == [(datetime(2027, 1, 13, 19, 30, tzinfo=UTC), 4)]


async def test_excel_keeps_dates_and_times_as_its_own(known: Known, importing: Importing) -> None:
    lesson = once(pair="", starts_at=time(9, 0), ends_at=time(10, 35)) | {"date": date(2027, 1, 14)}
    data = xlsx_of([line[: len(LETTERS)] for line in table(SHEET, lesson)])
    found = await importing.applied("timetable", data, XLSX, site_id=str(known.site))
    assert found["summary"]["added"] == 1
    assert await lessons(known) == [("14.01 09:00", "10:35", 8, "Практика")]


@pytest.mark.parametrize("who", ["another", "nobody's"])
async def test_a_timetable_is_for_a_site_of_ones_own(
    known: Known, importing: Importing, who: str
) -> None:
    site: UUID = known.site if who == "another" else new_id()
    stranger = Importing(known.service, known.service.as_(known.stranger, Role.COORDINATOR))
    answer = await stranger.post("timetable", file_of(once()), site_id=str(site))
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
