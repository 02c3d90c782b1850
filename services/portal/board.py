"""The grid of workshops: what is free in each pair of each day, laid out for looking at."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

from services.portal.words import at_moscow

State = Literal["free", "full", "closed", "past"]
Mine = Literal["booking", "request"]

STEPS = 4
"""Shades of a cell, from a little free to all free."""


@dataclass(frozen=True)
class Pair:
    """A pair of a site's bell plan: its number and its local times."""

    number: int
    opens: time
    closes: time


@dataclass(frozen=True)
class Cell:
    """A pair of a day in a workshop; `free` are the places free throughout it."""

    on: date
    pair: Pair
    state: State
    free: int
    places: int
    mine: Mine | None

    @property
    def shade(self) -> int:
        """0 for nothing free, else 1 to STEPS by the share of places that are free."""
        return -(-self.free * STEPS // self.places) if self.places else 0


@dataclass(frozen=True)
class Row:
    """A workshop and its cells by day; a day has a cell for each pair of the site's plan."""

    workshop: Mapping[str, Any]
    days: Sequence[Sequence[Cell]]

    def cell(self, day: int, pair: int) -> Cell | None:
        """The cell of that day and that number of a pair, None where the site has no such pair."""
        return next((cell for cell in self.days[day] if cell.pair.number == pair), None)

    def pairs_free(self, day: int, places: int) -> int:
        """In how many pairs of the day so many places are free."""
        return sum(cell.free >= places for cell in self.days[day])

    def pairs_open(self, day: int) -> int:
        """In how many pairs of the day the workshop is open and can still be booked."""
        return sum(cell.state in ("free", "full") for cell in self.days[day])


@dataclass(frozen=True)
class Board:
    """Rows by town, over the same days."""

    days: Sequence[date]
    pairs: Sequence[int]
    towns: Mapping[str, Sequence[Row]]


def pairs_of(site: Mapping[str, Any]) -> list[Pair]:
    """The site's bell plan."""
    return [
        Pair(
            bell["pair"], time.fromisoformat(bell["starts_at"]), time.fromisoformat(bell["ends_at"])
        )
        for bell in site["bells"]
    ]


def board(
    *,
    days: Sequence[date],
    workshops: Iterable[Mapping[str, Any]],
    stretches: Mapping[str, Sequence[Mapping[str, Any]]],
    bookings: Iterable[Mapping[str, Any]],
    now: datetime,
) -> Board:
    """The grid of these workshops over these days.

    `stretches` are, by workshop, the stretches of open time with the same number of free places;
    `bookings` are those of the member that looks.
    """
    mine: dict[str, list[Mapping[str, Any]]] = {}
    for booking in bookings:
        mine.setdefault(booking["workshop_id"], []).append(booking)
    towns: dict[str, list[Row]] = {}
    numbers: set[int] = set()
    for workshop in workshops:
        pairs = pairs_of(workshop["site"])
        numbers |= {pair.number for pair in pairs}
        free = _stretches(stretches.get(workshop["id"], ()))
        own = [
            (_at(each["starts_at"]), _at(each["ends_at"]), each["status"])
            for each in mine.get(workshop["id"], ())
        ]
        cells = [
            [_cell(on, pair, workshop["workplaces"], free, own, now) for pair in pairs]
            for on in days
        ]
        towns.setdefault(workshop["site"]["town"], []).append(Row(workshop, cells))
    return Board(days, sorted(numbers), towns)


Free = tuple[datetime, datetime, int]
Own = tuple[datetime, datetime, str]


def _cell(
    on: date, pair: Pair, places: int, free: Sequence[Free], own: Sequence[Own], now: datetime
) -> Cell:
    starts_at, ends_at = at_moscow(on, pair.opens), at_moscow(on, pair.closes)
    mine: Mine | None = None
    for begins, ends, status in own:
        if begins < ends_at and ends > starts_at:
            mine = "request" if status == "requested" else "booking"
    left = least_free(starts_at, ends_at, free)
    state: State = "closed"
    if starts_at <= now:
        state = "past"
    elif left is not None:
        state = "free" if left else "full"
    return Cell(on, pair, state, left or 0 if state == "free" else 0, places, mine)


def stretches_of(items: Iterable[Mapping[str, Any]]) -> list[Free]:
    """The stretches of one workshop, as `free-places` answers them."""
    return [stretch for item in items for stretch in _stretches(item["stretches"])]


def _stretches(parts: Iterable[Mapping[str, Any]]) -> list[Free]:
    return [
        (_at(part["starts_at"]), _at(part["ends_at"]), int(part["workplaces_free"]))
        for part in parts
    ]


def least_free(starts_at: datetime, ends_at: datetime, free: Sequence[Free]) -> int | None:
    """The fewest places free within the time; None where not all of it is open."""
    covered, least = starts_at, None
    for begins, ends, places in free:
        if ends <= starts_at:
            continue
        if begins > covered or covered >= ends_at:
            break
        covered = max(covered, ends)
        least = places if least is None else min(least, places)
    return least if covered >= ends_at else None


def nearest(
    *,
    wanted: datetime,
    pairs: Sequence[Pair],
    count: int,
    windows: Sequence[Mapping[str, Any]],
    days: Sequence[date],
    most: int = 3,
) -> list[tuple[date, Pair, Pair]]:
    """The runs of `count` pairs nearest to the wanted start that lie within a free window."""
    open_time = [(_at(each["starts_at"]), _at(each["ends_at"])) for each in windows]
    found = []
    for on in days:
        for place in range(len(pairs) - count + 1):
            first, last = pairs[place], pairs[place + count - 1]
            begins, ends = at_moscow(on, first.opens), at_moscow(on, last.closes)
            if any(start <= begins and ends <= end for start, end in open_time):
                found.append((abs(begins - wanted), on, first, last))
    found.sort(key=lambda each: each[0])
    return [(on, first, last) for _, on, first, last in found[:most]]


def days_from(first: date, count: int, *, with_sundays: bool = False) -> list[date]:
    """So many days from the first on; Sundays are left out unless asked for."""
    days = [first + timedelta(days=offset) for offset in range(count)]
    return [on for on in days if with_sundays or on.weekday() != 6]


def _at(moment: str) -> datetime:
    return datetime.fromisoformat(moment)
