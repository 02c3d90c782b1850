"""The working calendar of the Russian Federation: which days work, and where a term ends.

The five-day week is meant (Labour Code art. 111). The Government moves days off once a year
(art. 112, part 5); those moves come from the library `holidays`, the short days from a table here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from zoneinfo import ZoneInfo

MOSCOW = ZoneInfo("Europe/Moscow")
"""The zone in which dates of the region are meant."""

WORKING_DAYS_MAX = 1000
"""The longest term that `add_working_days` counts: about four years, so a typing error is seen."""


class DayKind(StrEnum):
    """What a day is in the working calendar (Labour Code art. 95, 111, 112)."""

    WORKING_DAY = "working_day"
    SHORT_DAY = "short_day"
    WORKING_WEEKEND = "working_weekend"
    DAY_OFF = "day_off"
    PUBLIC_HOLIDAY = "public_holiday"
    MOVED_DAY_OFF = "moved_day_off"


_WORKING_KINDS = frozenset({DayKind.WORKING_DAY, DayKind.SHORT_DAY, DayKind.WORKING_WEEKEND})


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarDay:
    """A date and what the working calendar says of it.

    `name_ru` names a public holiday or a moved day off and is None for other days. `is_short`
    means one hour less (Labour Code art. 95); a working weekend can be short too. `is_published`
    is False where the Government's moves for the year are not known here, so that the answer
    rests on Labour Code art. 112 alone and may still change.
    """

    on: date
    kind: DayKind
    name_ru: str | None
    is_short: bool
    is_published: bool

    @property
    def is_working(self) -> bool:
        """Whether people of a five-day week work on this day."""
        return self.kind in _WORKING_KINDS


# Government decrees 1314 of 10.08.2023 (2024), 1335 of 04.10.2024 (2025), 1466 of 24.09.2025
# (2026) and the decree for 2027, as carried by the library `holidays`. A further year is added
# here together with its short days below, when its decree is published and the library has it.
_PUBLISHED_YEARS = range(2024, 2028)

# (month, day). The eve of a public holiday is an hour shorter (Labour Code art. 95). A day off that
# became a working day is as long as the day it was exchanged for (order 588n of the Ministry of
# Health and Social Development of 13.08.2009, clause 1), hence 02.11.2024, 01.11.2025, 20.02.2027.
_SHORT_DAYS: Mapping[int, frozenset[tuple[int, int]]] = MappingProxyType(
    {
        2024: frozenset({(2, 22), (3, 7), (5, 8), (6, 11), (11, 2)}),
        2025: frozenset({(3, 7), (4, 30), (6, 11), (11, 1)}),
        2026: frozenset({(4, 30), (5, 8), (6, 11), (11, 3)}),
        2027: frozenset({(2, 20), (4, 30), (6, 11), (11, 3)}),
    }
)

# Labour Code art. 112, part 1, by (month, day); the wording of these dates is in force since 2013.
_NEW_YEAR = "Новогодние каникулы"
_PUBLIC_HOLIDAYS: Mapping[tuple[int, int], str] = MappingProxyType(
    {
        **{(1, number): _NEW_YEAR for number in (1, 2, 3, 4, 5, 6, 8)},
        (1, 7): "Рождество Христово",
        (2, 23): "День защитника Отечества",
        (3, 8): "Международный женский день",
        (5, 1): "Праздник Весны и Труда",
        (5, 9): "День Победы",
        (6, 12): "День России",
        (11, 4): "День народного единства",
    }
)

# No holiday follows the 29th of February, so the eves are the same dates in every year.
_EVES = frozenset(
    (eve.month, eve.day)
    for eve in (date(2025, *holiday) - timedelta(days=1) for holiday in _PUBLIC_HOLIDAYS)
)

_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class _Moves:
    """The days off of one year that a holiday or a decree moved, and what they took in return."""

    days_off: Mapping[date, str]
    working_weekends: frozenset[date]


def published_years() -> range:
    """The years, without a gap, whose moved days off are officially published and known here."""
    return _PUBLISHED_YEARS


def day(on: date) -> CalendarDay:
    """What the working calendar says of a date.

    Years outside `published_years()` are answered by Labour Code art. 112 parts 1 and 2: fixed
    holidays, weekends, and a holiday on a weekend moving that day off to the next working day.
    Raises TypeError for a datetime, whose date depends on the zone: see `moscow_date`.
    """
    if isinstance(on, datetime):
        raise TypeError("The calendar is asked by date, not by datetime; see moscow_date().")
    moves = _moves_of(on.year)
    is_published = on.year in _PUBLISHED_YEARS
    holiday_ru = _PUBLIC_HOLIDAYS.get((on.month, on.day))
    if holiday_ru is not None:
        kind, name_ru = DayKind.PUBLIC_HOLIDAY, holiday_ru
    elif on in moves.days_off:
        kind, name_ru = DayKind.MOVED_DAY_OFF, moves.days_off[on]
    else:
        kind, name_ru = _kind_by_weekday(on, moves), None
    is_short = kind in _WORKING_KINDS and _is_short(on)
    if is_short and kind is DayKind.WORKING_DAY:
        kind = DayKind.SHORT_DAY
    return CalendarDay(
        on=on, kind=kind, name_ru=name_ru, is_short=is_short, is_published=is_published
    )


def is_working_day(on: date) -> bool:
    """Whether a date works in a five-day week; raises TypeError for a datetime."""
    return day(on).is_working


def add_working_days(on: date, count: int) -> date:
    """The date that is `count` working days after `on`, or before it when `count` is negative.

    The day `on` itself is not counted (Civil Code art. 191), and zero answers `on` even when it is
    a day off. Raises ValueError beyond 1000 working days either way.
    """
    if abs(count) > WORKING_DAYS_MAX:
        raise ValueError(f"A term is at most {WORKING_DAYS_MAX} working days either way.")
    step = timedelta(days=1 if count > 0 else -1)
    reached, left = on, abs(count)
    while left:
        reached += step
        left -= is_working_day(reached)
    return reached


def working_days_between(start: date, end: date) -> int:
    """How many working days a term has that starts on `start` and ends on `end`.

    The day `start` is not counted and the day `end` is (Civil Code art. 191, 194), so the answer is
    the count with which `add_working_days` comes from `start` to a working day `end`. It is
    negative when `end` is earlier: the working days from `end` to the eve of `start`.
    """
    if end < start:
        one_day = timedelta(days=1)
        return -_working_days(after=end - one_day, through=start - one_day)
    return _working_days(after=start, through=end)


def end_of_day(on: date) -> datetime:
    """The UTC instant of the Moscow midnight that ends a date.

    A term counted in days may be kept until 24:00 of its last day (Civil Code art. 194, clause 1).
    The instant itself is the first that is too late.
    """
    return datetime.combine(on + timedelta(days=1), time.min, tzinfo=MOSCOW).astimezone(UTC)


def moscow_date(instant: datetime) -> date:
    """The date in Moscow at an instant; raises ValueError for a datetime without a zone."""
    if instant.utcoffset() is None:
        raise ValueError("An instant needs a time zone to have a date in Moscow.")
    return instant.astimezone(MOSCOW).date()


def _kind_by_weekday(on: date, moves: _Moves) -> DayKind:
    if on.weekday() < _SATURDAY:
        return DayKind.WORKING_DAY
    return DayKind.WORKING_WEEKEND if on in moves.working_weekends else DayKind.DAY_OFF


def _is_short(on: date) -> bool:
    # An eve that does not work is no short day: the caller asks for working days only.
    return (on.month, on.day) in _SHORT_DAYS.get(on.year, _EVES)


def _working_days(*, after: date, through: date) -> int:
    offsets = range(1, (through - after).days + 1)
    return sum(is_working_day(after + timedelta(days=offset)) for offset in offsets)


@lru_cache(maxsize=64)
def _moves_of(year: int) -> _Moves:
    return _published_moves(year) if year in _PUBLISHED_YEARS else _statutory_moves(year)


def _published_moves(year: int) -> _Moves:
    # Imported here because the library is heavy and most callers never ask for the calendar.
    import holidays

    russia = holidays.country_holidays("RU", years=year, language="ru", expand=False)
    return _Moves(
        days_off=MappingProxyType(
            {
                on: name_ru
                for on, name_ru in russia.items()
                if (on.month, on.day) not in _PUBLIC_HOLIDAYS
            }
        ),
        working_weekends=frozenset(russia.weekend_workdays),
    )


def _statutory_moves(year: int) -> _Moves:
    # Art. 112, part 2. The January holidays are excepted there: only the Government moves them.
    days_off: dict[date, str] = {}
    for (month, number), name_ru in _PUBLIC_HOLIDAYS.items():
        holiday = date(year, month, number)
        if month == 1 or holiday.weekday() < _SATURDAY:
            continue
        following = holiday + timedelta(days=7 - holiday.weekday())
        days_off[following] = f"{name_ru} (выходной)"
    return _Moves(days_off=MappingProxyType(days_off), working_weekends=frozenset())
