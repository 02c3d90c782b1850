"""Places: how many people a pool of interchangeable workplaces still takes, slice by slice.

A day of a pool is counted in 288 slices of five minutes of the UTC day.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby

from services.workshops.domain.facts import Span

GRAIN = timedelta(minutes=5)
SLICES_PER_DAY = 288

Taken = Mapping[date, Sequence[int]]
"""Places taken in each slice of a UTC day; a day that is not there is free."""


@dataclass(frozen=True, slots=True)
class Slices:
    """The slices of one UTC day that a span covers, both ends included, counted from 1."""

    day: date
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time in which `workplaces_free` places are free throughout."""

    span: Span
    workplaces_free: int


def slices_of(span: Span) -> list[Slices]:
    """The slices that a span covers, a part for each UTC day, in order."""
    parts = []
    on = span.starts_at.astimezone(UTC).date()
    while (midnight := _midnight(on)) < span.ends_at:
        first = max(span.starts_at - midnight, timedelta()) // GRAIN
        end = -(-min(span.ends_at - midnight, timedelta(days=1)) // GRAIN)
        parts.append(Slices(on, first + 1, end))
        on += timedelta(days=1)
    return parts


def windows(
    open_time: Sequence[Span], places: int, taken: Taken, *, workplaces: int, minutes: int
) -> list[Window]:
    """The maximal stretches of open time with room for `workplaces` for at least `minutes`."""
    found = []
    for span in open_time:
        for window in _windows_of(span, places, taken, workplaces):
            if window.span.minutes >= minutes:
                found.append(window)
    return found


def stretches(open_time: Sequence[Span], places: int, taken: Taken) -> list[Window]:
    """The open time in stretches of constant free places, also of none; adjoining ones differ."""
    found: list[Window] = []
    for span in open_time:
        for run, free in _runs(span, places, taken, enough=places):
            last = found[-1] if found else None
            if last and last.span.ends_at == run.starts_at and last.workplaces_free == free:
                found[-1] = Window(Span(last.span.starts_at, run.ends_at), free)
            else:
                found.append(Window(run, free))
    return found


def least_free(span: Span, places: int, taken: Taken) -> int:
    """How many places are free throughout the span."""
    return min(free for _, free in _runs(span, places, taken, enough=0))


def _windows_of(span: Span, places: int, taken: Taken, workplaces: int) -> Iterator[Window]:
    starts_at: datetime | None = None
    ends_at = span.starts_at
    least = places
    for run, free in _runs(span, places, taken, enough=workplaces):
        if free >= workplaces:
            if starts_at is None:
                starts_at, least = run.starts_at, free
            least, ends_at = min(least, free), run.ends_at
        elif starts_at is not None:
            yield Window(Span(starts_at, ends_at), least)
            starts_at = None
    if starts_at is not None:
        yield Window(Span(starts_at, ends_at), least)


def _runs(span: Span, places: int, taken: Taken, *, enough: int) -> Iterator[tuple[Span, int]]:
    """The span in pieces, each with the places that are free throughout it.

    Where at least `enough` are free all day, the day is one piece.
    """
    for part in slices_of(span):
        midnight = _midnight(part.day)
        counts = taken.get(part.day)
        if counts is None:
            yield _clip(midnight, part.first, part.last, span), places
            continue
        counts = counts[part.first - 1 : part.last]
        least = places - max(counts)
        if least >= enough:
            yield _clip(midnight, part.first, part.last, span), least
            continue
        first = part.first
        for count, run in groupby(counts):
            last = first + len(list(run)) - 1
            yield _clip(midnight, first, last, span), places - count
            first = last + 1


def _clip(midnight: datetime, first: int, last: int, span: Span) -> Span:
    starts_at = max(midnight + (first - 1) * GRAIN, span.starts_at)
    return Span(starts_at, min(midnight + last * GRAIN, span.ends_at))


def _midnight(on: date) -> datetime:
    return datetime.combine(on, time.min, UTC)
