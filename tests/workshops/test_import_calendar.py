"""A site's own timetable from a calendar: its occurrences in a period become lessons."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.workshops.commands.imports.calendar_file import OCCURRENCES_MAX, convert
from shared.identity import Role
from shared.imports.faults import FileHasTooManyRows, FileIsEmpty, FileIsNotReadable, FileIsRefused
from shared.imports.kinds import Period
from tests.harness import Moment
from tests.imports import CSV, ICS, Importing, places
from tests.workshops.facts import Known
from tests.workshops.test_import_timetable import lessons

CNC = "Станки с ЧПУ"
TERM = Period(date(2027, 1, 11), date(2027, 6, 30))


def event(*lines: str, **other: str | None) -> str:
    """An event of a pair on Thursday; other lines come instead, or besides."""
    named = {
        "DTSTART": "DTSTART;TZID=Europe/Moscow:20270114T123000",
        "DTEND": "DTEND;TZID=Europe/Moscow:20270114T140500",
        "SUMMARY": "SUMMARY:Практика\\, группа 1",
        "LOCATION": f"LOCATION:{CNC}",
        **other,
    }
    inner = [line for line in (*named.values(), *lines) if line is not None]
    return "\r\n".join(["BEGIN:VEVENT", *inner, "END:VEVENT"])


def calendar_of(*parts: str) -> bytes:
    head = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Office//RU")
    return "\r\n".join([*head, *parts, "END:VCALENDAR", ""]).encode()


def rows_of(*parts: str, period: Period = TERM) -> list[tuple[Any, ...]]:
    table, faults = convert(calendar_of(*parts), period)
    assert faults == []
    return [(line, *texts) for line, texts in table.rows]


def faults_of(*parts: str) -> list[tuple[Any, ...]]:
    _, faults = convert(calendar_of(*parts), TERM)
    return [(fault.line, fault.header, fault.code) for fault in faults]


def starts(rows: list[tuple[Any, ...]]) -> list[str]:
    return [f"{row[3]} {row[4]}-{row[5]} {row[6]}" for row in rows]


def test_an_event_is_a_row_with_the_line_it_begins_on() -> None:
    assert rows_of(event(), event(SUMMARY="SUMMARY:Вторая")) == [
        (4, CNC, "Практика, группа 1", "2027-01-14", "12:30", "14:05", "Europe/Moscow"),
        (10, CNC, "Вторая", "2027-01-14", "12:30", "14:05", "Europe/Moscow"),
    ]


def test_an_event_that_recurs_is_a_row_for_each_time_in_the_period() -> None:
    series = event(
        "UID:1",
        "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH;UNTIL=20270215T000000Z",
        "EXDATE;TZID=Europe/Moscow:20270128T123000",
    )
    moved = event(
        "UID:1",
        "RECURRENCE-ID;TZID=Europe/Moscow:20270125T123000",
        DTSTART="DTSTART;TZID=Europe/Moscow:20270126T083000",
        DTEND="DURATION:PT1H35M",
    )
    rows = rows_of(series, moved)
    assert starts(rows) == [
        "2027-01-14 12:30-14:05 Europe/Moscow",
        "2027-02-08 12:30-14:05 Europe/Moscow",
        "2027-02-11 12:30-14:05 Europe/Moscow",
        "2027-01-26 08:30-10:05 Europe/Moscow",
    ]
    assert [row[0] for row in rows] == [4, 4, 4, 13]


def test_what_lies_outside_of_the_period_or_was_called_off_is_left_out() -> None:
    before = event(
        DTSTART="DTSTART;TZID=Europe/Moscow:20260901T123000",
        DTEND="DTEND;TZID=Europe/Moscow:20260901T140500",
    )
    assert len(rows_of(before, event(), event("STATUS:CANCELLED"))) == 1
    with pytest.raises(FileIsEmpty):
        convert(calendar_of(before), TERM)
    with pytest.raises(FileIsEmpty):
        convert(calendar_of(), TERM)


ZONES = {
    "UTC": ("DTSTART:20270114T093000Z", "DTEND:20270114T110500Z", "09:30-11:05 UTC"),
    "none": ("DTSTART:20270114T123000", "DTEND:20270114T140500", "12:30-14:05 "),
    "a name of Windows": (
        "DTSTART;TZID=Russian Standard Time:20270114T123000",
        "DTEND;TZID=Russian Standard Time:20270114T140500",
        "12:30-14:05 Europe/Moscow",
    ),
    "two zones": (
        "DTSTART;TZID=Asia/Yekaterinburg:20270114T123000",
        "DTEND;TZID=Europe/Moscow:20270114T120500",
        "12:30-14:05 Asia/Yekaterinburg",
    ),
}


@pytest.mark.parametrize("name", ZONES)
def test_times_are_read_in_the_zone_that_they_name(name: str) -> None:
    start, end, said = ZONES[name]
    assert starts(rows_of(event(DTSTART=start, DTEND=end))) == [f"2027-01-14 {said}"]


OWN_ZONE = "\r\n".join(
    [
        "BEGIN:VTIMEZONE",
        "TZID:Наше время",
        "BEGIN:STANDARD",
        "DTSTART:19700101T000000",
        "TZOFFSETFROM:+0317",
        "TZOFFSETTO:+0317",
        "END:STANDARD",
        "END:VTIMEZONE",
    ]
)

BAD_EVENTS: dict[str, tuple[str, str | None, str]] = {
    "a zone of its own": (
        event(DTSTART="DTSTART;TZID=Наше время:20270114T123000"),
        "DTSTART",
        "time-zone-unknown",
    ),
    "a zone of nowhere": (
        event(DTEND="DTEND;TZID=Mars/Olympus:20270114T140500"),
        "DTEND",
        "time-zone-unknown",
    ),
    "all day": (
        event(DTSTART="DTSTART;VALUE=DATE:20270114", DTEND=None),
        "DTSTART",
        "event-all-day",
    ),
    "no start": (event(DTSTART=None), "DTSTART", "event-malformed"),
    "two starts": (event("DTSTART:20270115T123000"), "DTSTART", "event-malformed"),
    "a start of nonsense": (event(DTSTART="DTSTART:завтра"), "DTSTART", "event-malformed"),
    "an end of a day": (event(DTEND="DTEND;VALUE=DATE:20270114"), "DTEND", "event-malformed"),
    "an end without a zone": (event(DTEND="DTEND:20270114T140500"), "DTEND", "event-malformed"),
    "no end": (event(DTEND=None), "DTEND", "ends-before-start"),
    "an end before": (
        event(DTEND="DTEND;TZID=Asia/Yekaterinburg:20270114T143000"),
        "DTEND",
        "ends-before-start",
    ),
    "a night": (event(DTEND="DURATION:PT12H"), "DTEND", "event-over-midnight"),
    "long ago": (event(DTSTART="DTSTART:00010101T123000Z"), "DTSTART", "cell-out-of-range"),
    "every minute": (event("RRULE:FREQ=MINUTELY"), "RRULE", "recurrence-unsupported"),
    "many times a day": (
        event("RRULE:FREQ=DAILY;BYHOUR=8,9;BYMINUTE=1,2"),
        "RRULE",
        "recurrence-unsupported",
    ),
    **{
        rule: (event(f"RRULE:FREQ={rule}"), "RRULE", "recurrence-unsupported")
        for rule in (
            "DAILY;INTERVAL=0",
            "WEEKLY;INTERVAL=-1;BYDAY=MO",
            "YEARLY;INTERVAL=1001",
            "YEARLY;BYDAY=MO",
            "MONTHLY;BYDAY=53MO",
            "MONTHLY;BYMONTHDAY=1;BYDAY=5MO",
            "MONTHLY;BYMONTHDAY=31;INTERVAL=12",
            "DAILY;BYMONTH=13",
        )
    },
    "two rules": (
        event("RRULE:FREQ=DAILY", "RRULE:FREQ=WEEKLY"),
        "DTSTART",
        "event-malformed",
    ),
    "dates besides": (
        event("RDATE;TZID=Europe/Moscow:20270115T123000"),
        "RRULE",
        "recurrence-unsupported",
    ),
}


@pytest.mark.parametrize("name", BAD_EVENTS)
def test_an_event_that_is_no_lesson_is_told_by_its_line(name: str) -> None:
    bad, header, code = BAD_EVENTS[name]
    assert faults_of(OWN_ZONE, event(), bad)[0] == (18, header, code)


def test_a_calendar_that_is_damaged_or_too_long_is_refused() -> None:
    for data in (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", b"BEGIN:VEVENT\r\nEND:VEVENT\r\nx"):
        with pytest.raises(FileIsNotReadable):
            convert(data, TERM)
    with pytest.raises(FileIsRefused):
        convert("BEGIN:VCALENDAR\r\nX-NAME:Календарь\r\n".encode("cp1251"), TERM)
    with pytest.raises(FileHasTooManyRows):
        convert(calendar_of(*[event()] * 5001), TERM)
    daily = [event(f"UID:{number}", "RRULE:FREQ=DAILY") for number in range(125)]
    with pytest.raises(FileHasTooManyRows) as refused:
        convert(calendar_of(*daily), TERM)
    assert refused.value.facts == {"rows_max": OCCURRENCES_MAX}
    old = event("RRULE:FREQ=DAILY", DTSTART="DTSTART:20000101T090000", DTEND="DURATION:PT1H")
    with pytest.raises(FileHasTooManyRows):
        convert(calendar_of(*[old] * 100), TERM)


@given(st.lists(st.sampled_from([*event().split("\r\n"), "RRULE:FREQ=DAILY", "x", ":", "\0"])))
def test_whatever_a_calendar_says_it_is_read_or_refused(lines: list[str]) -> None:
    try:
        table, faults = convert(calendar_of(*lines), TERM)
    except FileIsRefused:
        return
    assert table.rows or faults


# --- as an import ------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _december(clock: Moment) -> None:
    """The terms of these calendars are still to come."""
    clock.set(datetime(2026, 12, 1, 9, tzinfo=UTC))


@pytest.fixture
def importing(known: Known) -> Importing:
    """The owner's coordinator."""
    return Importing(known.service, known.service.as_(known.owner, Role.COORDINATOR))


async def test_a_calendar_becomes_the_timetable_of_the_year_to_come(
    known: Known, importing: Importing
) -> None:
    data = calendar_of(
        event("UID:1", "RRULE:FREQ=WEEKLY;COUNT=3"),
        event(DTSTART="DTSTART:20270116T090000", DTEND="DTEND:20270116T103500"),
    )
    found = await importing.applied("timetable", data, ICS, site_id=str(known.site))
    assert (found["first_on"], found["last_on"]) == ("2026-12-01", "2027-12-01")
    assert found["summary"] == {"added": 4, "changed": 0, "unchanged": 0, "removed": 0}
    assert [lesson[:3] for lesson in await lessons(known)] == [
        ("14.01 12:30", "14:05", 8),
        ("16.01 09:00", "10:35", 8),
        ("21.01 12:30", "14:05", 8),
        ("28.01 12:30", "14:05", 8),
    ]
    again = await importing.applied("timetable", data, ICS, site_id=str(known.site))
    assert again["summary"]["unchanged"] == 4
    less = calendar_of(event("UID:1", "RRULE:FREQ=WEEKLY;COUNT=2"))
    gone = await importing.applied("timetable", less, "text/plain", site_id=str(known.site))
    assert gone["summary"] == {"added": 0, "changed": 0, "unchanged": 2, "removed": 2}


async def test_occurrences_of_the_days_around_a_period_are_left_out(
    known: Known, importing: Importing
) -> None:
    """The margin for zones is no part of the period: the 13th and 15th stay as they are."""
    data = calendar_of(
        event(
            "UID:1",
            "RRULE:FREQ=DAILY",
            DTSTART="DTSTART:20270112T213000Z",
            DTEND="DTEND:20270112T220000Z",
        )
    )
    period = {"first_on": "2027-01-14", "last_on": "2027-01-14"}
    found = await importing.applied("timetable", data, ICS, site_id=str(known.site), **period)
    assert found["summary"]["added"] == 1
    assert await lessons(known) == [("14.01 00:30", "01:00", 8, "Практика, группа 1")]


async def test_events_that_find_no_workshop_are_told_by_line_and_property(
    known: Known, importing: Importing
) -> None:
    nowhere = event(LOCATION="LOCATION:Актовый зал")
    nameless = event(SUMMARY=None)
    data = calendar_of(event(), nowhere, nameless)
    found = await importing.checked("timetable", data, ICS, site_id=str(known.site))
    assert places(found) == [
        (10, None, "workshop-unknown"),
        (16, None, "cell-missing"),
    ]
    assert [fault["header"] for fault in found["faults"]] == ["LOCATION", "SUMMARY"]


async def test_a_calendar_in_an_exotic_zone_is_refused_at_once(
    known: Known, importing: Importing
) -> None:
    data = calendar_of(OWN_ZONE, event(DTSTART="DTSTART;TZID=Наше время:20270114T123000"))
    made = await importing.post("timetable", data, ICS, site_id=str(known.site))
    assert made.status_code == 201
    assert made.json()["status"] == "refused"
    assert made.json()["faults"] == [
        {
            "line": 12,
            "column": None,
            "header": "DTSTART",
            "code": "time-zone-unknown",
            "message": "The time zone `zone` is none that the world knows.",
            "value": "Практика, группа 1",
            "facts": {"zone": "Наше время"},
        }
    ]


async def test_only_a_timetable_is_taken_from_a_calendar(
    known: Known, importing: Importing
) -> None:
    answer = await importing.post("workshops", calendar_of(event()), ICS)
    assert (answer.status_code, answer.json()["code"]) == (422, "file-type-unknown")
    other = await importing.post("timetable", calendar_of(event()), CSV, site_id=str(known.site))
    assert other.json()["code"] == "file-type-differs"
