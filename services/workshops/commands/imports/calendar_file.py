"""Calendars (.ics): every occurrence of an event is a lesson at the workshop that it names as its place."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from shared.imports.cells import tidy
from shared.imports.faults import (
    CELL_OUT_OF_RANGE,
    Complaint,
    EncodingIsUnknown,
    Fault,
    FileHasTooManyRows,
    FileIsEmpty,
    FileIsNotReadable,
    FileIsRefused,
    shown,
)
from shared.imports.kinds import Period
from shared.imports.limits import ROWS_MAX
from shared.imports.sheet import Place, Table
from shared.values import YEARS

OCCURRENCES_MAX = 20_000

TIME_ZONE_UNKNOWN = Complaint(
    "time-zone-unknown", "The time zone `zone` is none that the world knows."
)
EVENT_ALL_DAY = Complaint("event-all-day", "The event has a date, but no times.")
EVENT_MALFORMED = Complaint("event-malformed", "The event cannot be read.")
EVENT_OVER_MIDNIGHT = Complaint(
    "event-over-midnight", "The event ends on another day than it begins on."
)
ENDS_BEFORE_START = Complaint("ends-before-start", "The end does not lie after the start.")
RECURRENCE_UNSUPPORTED = Complaint(
    "recurrence-unsupported", "The event recurs by a rule that no timetable needs."
)

PLACES = (
    Place("workshop", None, "LOCATION"),
    Place("title", None, "SUMMARY"),
    Place("date", None, "DTSTART"),
    Place("starts_at", None, "DTSTART"),
    Place("ends_at", None, "DTEND"),
    Place("time_zone", None, "TZID"),
)
_STEPS_A_YEAR = {"DAILY": 366, "WEEKLY": 366, "MONTHLY": 366, "YEARLY": 12}
"""How an event may recur, and about how many steps its expansion takes for a year."""
_PARTS = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST"})
_DAY_PARTS = frozenset({"BYDAY", "BYMONTHDAY"})
_DAY = re.compile(r"([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)")
_INTERVAL_MAX = 1000
STEPS_MAX = 1_000_000
"""About two seconds; no office has so many events, but somebody may write them."""
_EVENT = re.compile(r"\s*begin:vevent\s*", re.IGNORECASE)
_READ = frozenset({"DTSTART", "DTEND", "DURATION", "RRULE", "RECURRENCE-ID"})
"""What says when an event is: each stands once, and can be read."""
_LINE = "X-ARTEL-LINE"
_MARGIN = timedelta(days=2)
"""A day of one zone reaches into the days around it in another."""


def convert(data: bytes, period: Period) -> tuple[Table, list[Fault]]:
    """The occurrences in the period as rows; raises FileIsRefused.

    A time without a zone is the site's. Events that were called off are left out.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise EncodingIsUnknown from None
    try:
        events = _events(text)
        faults = [fault for event in events for fault in _faults(event)]
        rows = () if faults else tuple(_rows(events, period))
    except FileIsRefused:
        raise
    except Exception:  # a damaged file makes its reader raise anything
        raise FileIsNotReadable from None
    if not rows and not faults:
        raise FileIsEmpty("The calendar has no events in this period.")
    return Table(PLACES, rows), faults


def _events(text: str) -> list[Any]:
    """The events of all calendars in the file, each with the number of the line it begins on."""
    lines = [number for number, line in enumerate(text.splitlines(), 1) if _EVENT.fullmatch(line)]
    if len(lines) > ROWS_MAX:
        raise FileHasTooManyRows(rows_max=ROWS_MAX)
    # imported with the first calendar: a start should not wait for it
    from icalendar import Calendar

    calendars = Calendar.from_ical(text, multiple=True)
    events = [event for calendar in calendars for event in calendar.walk("VEVENT")]
    for event, line in zip(events, lines, strict=True):
        event[_LINE] = str(line)
    return [event for event in events if str(event.get("STATUS", "")).upper() != "CANCELLED"]


def _faults(event: Any) -> Iterator[Fault]:
    broken = {str(name).upper() for name, _ in event.errors} & _READ
    start, end = event.get("DTSTART"), event.get("DTEND")
    if broken or start is None or any(isinstance(event.get(name), list) for name in _READ):
        yield _fault(event, EVENT_MALFORMED, min(broken, default="DTSTART"))
        return
    if not isinstance(start.dt, datetime):
        yield _fault(event, EVENT_ALL_DAY, "DTSTART")
        return
    if not YEARS[0] <= start.dt.year <= YEARS[1]:
        yield _fault(event, CELL_OUT_OF_RANGE, "DTSTART", least=YEARS[0], most=YEARS[1])
    for name, moment in (("DTSTART", start), ("DTEND", end)):
        if moment is not None and not _has_known_zone(moment):
            yield _fault(event, TIME_ZONE_UNKNOWN, name, zone=shown(moment.params.get("TZID", "")))
            return
    complaint = _fault_of_end(event, start.dt)
    if complaint is not None:
        yield _fault(event, complaint, "DTEND")
    rule = event.get("RRULE")
    if "RDATE" in event or (rule is not None and not _is_simple(rule)):
        yield _fault(event, RECURRENCE_UNSUPPORTED, "RRULE")


def _fault_of_end(event: Any, start: datetime) -> Complaint | None:
    """What is wrong with the end of the event, if anything: its reader would pass over it."""
    if "DTEND" in event:
        end = event["DTEND"].dt
        if not isinstance(end, datetime) or (start.tzinfo is None) != (end.tzinfo is None):
            return EVENT_MALFORMED
    else:
        lasts = event["DURATION"].dt if "DURATION" in event else timedelta()
        end = start + lasts
    if end <= start:
        return ENDS_BEFORE_START
    if start.tzinfo is not None:
        end = end.astimezone(start.tzinfo)
    return EVENT_OVER_MIDNIGHT if end.date() != start.date() else None


def _fault(event: Any, complaint: Complaint, header: str | None = None, **facts: Any) -> Fault:
    title = shown(tidy(str(event.get("SUMMARY", "")))) or None
    return Fault(complaint.code, complaint.sentence, int(event[_LINE]), None, header, title, facts)


def _has_known_zone(moment: Any) -> bool:
    """Whether it is in a zone of the world's list, in UTC, or in none; not in one of its own."""
    if not isinstance(moment.dt, datetime):
        return True
    if moment.dt.tzinfo is None:
        return "TZID" not in moment.params
    return isinstance(moment.dt.tzinfo, ZoneInfo)


def _is_simple(rule: Mapping[str, Any]) -> bool:
    """Whether it recurs as lessons do: such a rule always comes to a next day, and soon."""
    parts = {str(part).upper() for part in rule}
    frequency = _frequency(rule)
    intervals, days = rule.get("INTERVAL", [1]), rule.get("BYMONTHDAY", [])
    if frequency not in _STEPS_A_YEAR or not parts <= _PARTS | _DAY_PARTS:
        return False
    if days and (frequency != "MONTHLY" or "BYDAY" in parts or intervals != [1]):
        return False
    return (
        all(1 <= int(interval) <= _INTERVAL_MAX for interval in intervals)
        and all(1 <= int(day) <= 31 for day in days)
        and all(_DAY.fullmatch(str(day)) for day in rule.get("BYDAY", []))
        and not (frequency == "YEARLY" and "BYDAY" in parts)
    )


def _frequency(rule: Mapping[str, Any]) -> str:
    return str(rule.get("FREQ", [""])[0]).upper()


def _steps(event: Any, period: Period) -> int:
    """About how many steps it takes to find the event's occurrences in the period."""
    rule = event.get("RRULE")
    if rule is None:
        return 1
    years = max(0, period.last_on.year - event["DTSTART"].dt.year) + 1
    interval = int(rule.get("INTERVAL", [1])[0])
    steps: int = years * _STEPS_A_YEAR[_frequency(rule)] // interval + 1
    return steps


def _rows(events: Sequence[Any], period: Period) -> list[tuple[int, list[str]]]:
    from icalendar import Calendar
    from recurring_ical_events import of

    if sum(_steps(event, period) for event in events) > STEPS_MAX:
        raise FileHasTooManyRows("The events of the calendar recur too often.")
    series: dict[str, Any] = {}
    for number, event in enumerate(events):
        # what changes one occurrence of an event bears its name
        series.setdefault(str(event.get("UID", number)), Calendar()).add_component(event)
    start = datetime.combine(period.first_on, time()) - _MARGIN
    stop = datetime.combine(period.last_on, time()) + _MARGIN
    rows: list[tuple[int, list[str]]] = []
    for calendar in series.values():
        rows += [_row(occurrence) for occurrence in of(calendar).between(start, stop)]
        if len(rows) > OCCURRENCES_MAX:
            raise FileHasTooManyRows(rows_max=OCCURRENCES_MAX)
    return sorted(rows)


def _row(occurrence: Any) -> tuple[int, list[str]]:
    starts_at: datetime = occurrence["DTSTART"].dt
    ends_at: datetime = occurrence["DTEND"].dt
    zone = starts_at.tzinfo
    if zone is not None:
        ends_at = ends_at.astimezone(zone)
    return int(occurrence[_LINE]), [
        tidy(str(occurrence.get("LOCATION", ""))),
        tidy(str(occurrence.get("SUMMARY", ""))),
        starts_at.date().isoformat(),
        _clock(starts_at),
        _clock(ends_at),
        str(zone) if zone is not None else "",
    ]


def _clock(moment: datetime) -> str:
    return moment.strftime("%H:%M:%S" if moment.second else "%H:%M")
