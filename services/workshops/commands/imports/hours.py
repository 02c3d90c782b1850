"""Opening hours as people write them: «пн-сб 08:30-19:20; вс 10:00-14:00»."""

import re

from services.workshops.domain.bells import SAMPLE
from services.workshops.domain.facts import Hours
from shared.imports import faults
from shared.imports.cells import Cell
from shared.imports.faults import CellIsWrong

DAYS = ("пн", "вт", "ср", "чт", "пт", "сб", "вс")
USUAL = tuple(Hours(weekday, SAMPLE[0].opens, SAMPLE[-1].closes) for weekday in range(6))
"""Six days a week, from the first bell to the last one of the usual plan."""

_PART = re.compile(
    r"(?P<days>[а-я, -]+?)\s*"
    r"(?P<opens>[0-9]{1,2}[:.][0-9]{2})\s*-\s*(?P<closes>[0-9]{1,2}[:.][0-9]{2})"
)
_STRETCH = re.compile(r"([а-я]{2})(?:\s*-\s*([а-я]{2}))?")
_PARTS_MAX = 50


def opening_hours() -> Cell:
    """The opening hours of a site, each weekday by itself or several from one to another."""
    return Cell(read, "дни и часы, например «пн-сб 08:30-19:20; вс 10:00-14:00»")


def read(text: str) -> tuple[Hours, ...]:
    """The hours in order; raises CellIsWrong."""
    plain = re.sub("[‐-―−]", "-", text.casefold())
    parts = [part.strip() for part in re.split(r"[;\n]", plain) if part.strip()]
    hours = [found for part in parts[:_PARTS_MAX] for found in _hours_of(part)]
    return tuple(sorted(hours, key=lambda part: (part.weekday, part.opens)))


def _hours_of(part: str) -> list[Hours]:
    match = _PART.fullmatch(part)
    if match is None:
        raise CellIsWrong(faults.CELL_MALFORMED)
    opens, closes = _minute(match["opens"]), _minute(match["closes"])
    days = [day for stretch in match["days"].split(",") for day in _days_of(stretch.strip())]
    return [Hours(day, opens, closes) for day in days]


def _days_of(stretch: str) -> range:
    match = _STRETCH.fullmatch(stretch)
    names = [name for name in match.groups() if name] if match else []
    if not names or any(name not in DAYS for name in names):
        raise CellIsWrong(faults.CELL_MALFORMED)
    first, last = DAYS.index(names[0]), DAYS.index(names[-1])
    if first > last:
        raise CellIsWrong(faults.CELL_MALFORMED)
    return range(first, last + 1)


def _minute(clock: str) -> int:
    hour, minute = map(int, re.split("[:.]", clock))
    if minute > 59 or hour * 60 + minute > 24 * 60:
        raise CellIsWrong(faults.CELL_MALFORMED)
    return hour * 60 + minute


def said(hours: tuple[Hours, ...]) -> str:
    """The hours as people write them, day by day."""
    return "; ".join(
        f"{DAYS[part.weekday]} {_clock(part.opens)}-{_clock(part.closes)}" for part in hours
    )


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
