"""Weeks of the academic year: lessons that come every week, or in every other one."""

from datetime import date, timedelta
from enum import StrEnum

from services.workshops.domain.opening import CLOSED
from shared.russia.calendar import day

_SUNDAY = 6
_WEEK = timedelta(days=7)


class Weeks(StrEnum):
    """In which weeks a lesson comes."""

    EVERY = "every"
    ODD = "odd"
    EVEN = "even"


def number_of_week(on: date) -> int:
    """The number of the week in its academic year, counted from 1.

    The first week is the one with the 1st of September or, where that is a Sunday, the next one.
    """
    year = on.year if _monday(on) >= _first_monday(on.year) else on.year - 1
    return (_monday(on) - _first_monday(year)) // _WEEK + 1


def days_on(weekday: int, weeks: Weeks, first_on: date, last_on: date) -> list[date]:
    """The days of these weeks from first to last; on public holidays there are no lessons."""
    start = first_on + timedelta(days=(weekday - first_on.weekday()) % 7)
    days = (start + _WEEK * step for step in range((last_on - start) // _WEEK + 1))
    return [on for on in days if _fits(on, weeks) and day(on).kind not in CLOSED]


def _fits(on: date, weeks: Weeks) -> bool:
    return weeks is Weeks.EVERY or (number_of_week(on) % 2 == 1) == (weeks is Weeks.ODD)


def _first_monday(year: int) -> date:
    first = date(year, 9, 1)
    return _monday(first + timedelta(days=first.weekday() == _SUNDAY))


def _monday(on: date) -> date:
    return on - timedelta(days=on.weekday())
