"""Opening hours: when a site's workshops can be used."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from services.workshops.domain.facts import Hours, Span
from shared.russia.calendar import DayKind, day

CLOSED = frozenset({DayKind.PUBLIC_HOLIDAY, DayKind.MOVED_DAY_OFF})
"""Days on which nothing opens, whatever their weekday."""
_FRIDAY = 4


def hours_on(hours: tuple[Hours, ...], on: date) -> tuple[Hours, ...]:
    """The opening of a date: the grid of its weekday; nothing opens on a public holiday.

    A weekend that became a working day opens by its own grid, or as Friday where it has none
    (Labour Code art. 112; domain.md 2.2: public holidays block all).
    """
    kind = day(on).kind
    if kind in CLOSED:
        return ()
    own = tuple(part for part in hours if part.weekday == on.weekday())
    if not own and kind is DayKind.WORKING_WEEKEND:
        return tuple(part for part in hours if part.weekday == _FRIDAY)
    return own


def open_spans(hours: tuple[Hours, ...], time_zone: str, within: Span) -> list[Span]:
    """The stretches of open time inside `within`, in order; adjoining ones are one."""
    zone = ZoneInfo(time_zone)
    first = within.starts_at.astimezone(zone).date()
    last = within.ends_at.astimezone(zone).date()
    spans: list[Span] = []
    for offset in range((last - first).days + 1):
        on = first + timedelta(days=offset)
        for part in sorted(hours_on(hours, on), key=lambda part: part.opens):
            span = _clip(Span(_at(on, part.opens, zone), _at(on, part.closes, zone)), within)
            if span is None:
                continue
            if spans and spans[-1].ends_at >= span.starts_at:
                spans[-1] = Span(spans[-1].starts_at, max(spans[-1].ends_at, span.ends_at))
            else:
                spans.append(span)
    return spans


def is_open(hours: tuple[Hours, ...], time_zone: str, span: Span) -> bool:
    """Whether the whole span is open time."""
    return open_spans(hours, time_zone, span) == [span]


def _at(on: date, minute: int, zone: ZoneInfo) -> datetime:
    local = datetime.combine(on + timedelta(days=minute // 1440), datetime.min.time(), zone)
    return local.replace(hour=minute % 1440 // 60, minute=minute % 60).astimezone(UTC)


def _clip(span: Span, within: Span) -> Span | None:
    starts_at = max(span.starts_at, within.starts_at)
    ends_at = min(span.ends_at, within.ends_at)
    return Span(starts_at, ends_at) if starts_at < ends_at else None
