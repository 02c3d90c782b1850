"""Timetables: a site's own lessons take places of its workshops, beside the bookings."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from services.workshops.domain.facts import Span, Status
from services.workshops.domain.places import GRAIN, SLICES_PER_DAY, slices_of
from shared.refusal import Invalid, Refusal

DAYS_MAX = 366
LESSONS_MAX = 20_000
LONGEST = timedelta(hours=24)
TITLE_MAX = 200
_ROWS_TOLD = 100
_BOOKINGS_TOLD = 20

PoolDay = tuple[UUID, date]
"""A pool and one of its UTC days."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """A lesson of the owner's own timetable; no number of workplaces means the whole workshop."""

    workshop_id: UUID
    span: Span
    workplaces: int | None
    title: str


@dataclass(frozen=True, slots=True)
class TimetableChange:
    """How many lessons came, went and stayed when a timetable was replaced."""

    added: int
    removed: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class Room:
    """What the timetable has to know of a workshop of the site."""

    pool_id: UUID
    workplaces: int


@dataclass(frozen=True, slots=True)
class Held:
    """A booking that holds places of a workshop of the site."""

    booking_id: UUID
    workshop_id: UUID
    status: Status
    span: Span
    workplaces: int


@dataclass(frozen=True, slots=True)
class Part:
    """A change of what is taken in slices of a day, both ends included, counted from 1."""

    first: int
    last: int
    places: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What has to be done so that the timetable is the one that was given."""

    added: Mapping[int, Lesson]
    """The lessons that are new, by their rows; each with its number of workplaces."""
    removed: tuple[UUID, ...]
    unchanged: int
    parts: Mapping[PoolDay, Sequence[Part]]
    """What comes and goes, by the days on which it does."""


class LessonsAreNotUnderstood(Invalid):
    """Some rows of the timetable are no lessons of this site and period."""

    code = "lessons-not-understood"


class LessonsOverlap(Refusal):
    """Lessons of the timetable need more workplaces at a time than their workshop has."""

    code = "lessons-overlap"


class LessonsMeetBookings(Refusal):
    """Lessons of the timetable meet bookings that hold their workplaces; nothing was changed."""

    code = "lessons-meet-bookings"
    clause = "R3.2"


def period(first_on: date, last_on: date, time_zone: str) -> Span:
    """The local days from the first to the last, both included; raises Invalid."""
    if not first_on <= last_on < first_on + timedelta(days=DAYS_MAX):
        raise Invalid(f"A timetable is for 1 to {DAYS_MAX} days.", at="last_on")
    zone = ZoneInfo(time_zone)
    return Span(_midnight(first_on, zone), _midnight(last_on + timedelta(days=1), zone))


def _midnight(on: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(on, time.min, zone).astimezone(UTC)


def plan(
    given: Sequence[Lesson],
    standing: Mapping[UUID, Lesson],
    within: Span,
    rooms: Mapping[UUID, Room],
) -> Plan:
    """The way from the lessons that stand in the period to those that are given.

    Raises LessonsAreNotUnderstood and LessonsOverlap; rows are counted from 1.
    """
    if len(given) > LESSONS_MAX:
        raise Invalid(f"A timetable has at most {LESSONS_MAX} lessons.", at="lessons")
    _require_sense(given, within, rooms)
    wanted = [replace(lesson, workplaces=_places(lesson, rooms)) for lesson in given]
    _require_room(wanted, rooms)
    left: dict[Lesson, list[UUID]] = defaultdict(list)
    for lesson_id, lesson in standing.items():
        left[lesson].append(lesson_id)
    added: dict[int, Lesson] = {}
    for row, lesson in enumerate(wanted, 1):
        if left[lesson]:
            left[lesson].pop()
        else:
            added[row] = lesson
    removed = tuple(lesson_id for ids in left.values() for lesson_id in ids)
    changes = [(lesson, 1) for lesson in added.values()]
    changes += [(standing[lesson_id], -1) for lesson_id in removed]
    parts: dict[PoolDay, list[Part]] = defaultdict(list)
    for lesson, sign in changes:
        places = sign * _places(lesson, rooms)
        for slices in slices_of(lesson.span):
            day = (rooms[lesson.workshop_id].pool_id, slices.day)
            parts[day].append(Part(slices.first, slices.last, places))
    return Plan(added, removed, len(given) - len(added), dict(sorted(parts.items())))


def slices_changed(parts: Iterable[Part]) -> list[int]:
    """The change of what is taken in every slice of the day."""
    counts = [0] * SLICES_PER_DAY
    for part in parts:
        for slice_ in range(part.first - 1, part.last):
            counts[slice_] += part.places
    return counts


def refusal(
    made: Plan,
    given: Sequence[Lesson],
    around: Sequence[Lesson],
    held: Sequence[Held],
    rooms: Mapping[UUID, Room],
) -> Refusal:
    """Why the plan finds no room: its rows meet bookings, or else lessons around the period.

    `around` are lessons outside of the period that may reach into it or be reached, `held` the
    bookings of its days.
    """
    load = _Load()
    for lesson in (*given, *around):
        load.take(rooms[lesson.workshop_id].pool_id, lesson.span, _places(lesson, rooms))
    for number, booking in enumerate(held):
        pool_id = rooms[booking.workshop_id].pool_id
        load.take(pool_id, booking.span, booking.workplaces, number)
    meeting: list[dict[str, object]] = []
    beyond: list[dict[str, object]] = []
    for row, lesson in made.added.items():
        room = rooms[lesson.workshop_id]
        if load.most(room.pool_id, lesson.span) <= room.workplaces:
            continue
        near = (held[number] for number in load.near(room.pool_id, lesson.span))
        met = [booking for booking in near if _overlap(booking.span, lesson.span)]
        if met:
            meeting.append(_told(row, lesson, met))
        else:
            beyond.append({"row": row, "overlaps": []})
    if meeting:
        return LessonsMeetBookings(
            f"{_rows(meeting)} of the timetable meet bookings.", rows=meeting[:_ROWS_TOLD]
        )
    return LessonsOverlap(
        f"{_rows(beyond)} overlap lessons around the period.", rows=beyond[:_ROWS_TOLD]
    )


def _told(row: int, lesson: Lesson, met: Sequence[Held]) -> dict[str, object]:
    return {
        "row": row,
        "workshop_id": lesson.workshop_id,
        "starts_at": lesson.span.starts_at,
        "ends_at": lesson.span.ends_at,
        "bookings": [
            {
                "id": booking.booking_id,
                "status": str(booking.status),
                "starts_at": booking.span.starts_at,
                "ends_at": booking.span.ends_at,
                "workplaces": booking.workplaces,
            }
            for booking in sorted(met, key=lambda booking: booking.span)[:_BOOKINGS_TOLD]
        ],
    }


def _require_sense(given: Sequence[Lesson], within: Span, rooms: Mapping[UUID, Room]) -> None:
    faults: list[dict[str, object]] = [
        {"row": row, "message": fault}
        for row, lesson in enumerate(given, 1)
        if (fault := _fault_of(lesson, within, rooms)) is not None
    ]
    if faults:
        raise LessonsAreNotUnderstood(
            f"{_rows(faults)} of the timetable: {faults[0]['message']}", rows=faults[:_ROWS_TOLD]
        )


def _fault_of(lesson: Lesson, within: Span, rooms: Mapping[UUID, Room]) -> str | None:
    room = rooms.get(lesson.workshop_id)
    if room is None:
        return "The site has no such workshop."
    starts_at, ends_at = lesson.span
    if not timedelta() < ends_at - starts_at <= LONGEST:
        return "A lesson ends after its start and is at most 24 hours long."
    if not within.starts_at <= starts_at < within.ends_at:
        return "The lesson does not start in the period."
    if lesson.workplaces is not None and not 1 <= lesson.workplaces <= room.workplaces:
        return f"The workshop has {room.workplaces} workplaces."
    if not 1 <= len(lesson.title) <= TITLE_MAX or not lesson.title.isprintable():
        return f"A lesson has a title of 1 to {TITLE_MAX} characters in a line."
    return None


def _require_room(given: Sequence[Lesson], rooms: Mapping[UUID, Room]) -> None:
    """Raises LessonsOverlap, naming each row that finds no room beside those before it."""
    load = _Load()
    over: list[dict[str, object]] = []
    for row, lesson in enumerate(given, 1):
        room = rooms[lesson.workshop_id]
        if load.most(room.pool_id, lesson.span) + _places(lesson, rooms) > room.workplaces:
            near = load.near(room.pool_id, lesson.span) if len(over) < _ROWS_TOLD else []
            met = [it for it in near if _overlap(given[it - 1].span, lesson.span)]
            over.append({"row": row, "overlaps": met[:_ROWS_TOLD]})
        else:
            load.take(room.pool_id, lesson.span, _places(lesson, rooms), row)
    if over:
        raise LessonsOverlap(
            f"{_rows(over)} of the timetable overlap rows before them.", rows=over[:_ROWS_TOLD]
        )


@dataclass(slots=True)
class _Load:
    """What is taken of pools, slice by slice, and by whom, day by day."""

    counts: dict[PoolDay, list[int]] = field(default_factory=dict)
    takers: dict[PoolDay, list[int]] = field(default_factory=lambda: defaultdict(list))

    def take(self, pool_id: UUID, span: Span, places: int, taker: int | None = None) -> None:
        """Takes places; the taker's number is remembered for the days."""
        for slices in slices_of(span):
            day = (pool_id, slices.day)
            counts = self.counts.setdefault(day, [0] * SLICES_PER_DAY)
            for slice_ in range(slices.first - 1, slices.last):
                counts[slice_] += places
            if taker is not None:
                self.takers[day].append(taker)

    def most(self, pool_id: UUID, span: Span) -> int:
        """The most that is taken in any slice of the span."""
        return max(
            max(counts[slices.first - 1 : slices.last]) if counts else 0
            for slices in slices_of(span)
            for counts in (self.counts.get((pool_id, slices.day)),)
        )

    def near(self, pool_id: UUID, span: Span) -> list[int]:
        """Who takes something on the days of the span, in order."""
        days = [(pool_id, slices.day) for slices in slices_of(span)]
        return sorted({taker for day in days for taker in self.takers.get(day, ())})


def _places(lesson: Lesson, rooms: Mapping[UUID, Room]) -> int:
    whole = rooms[lesson.workshop_id].workplaces
    return whole if lesson.workplaces is None else lesson.workplaces


def _overlap(one: Span, other: Span) -> bool:
    """Whether both have a slice in common; a slice that is begun is taken whole."""
    return _floor(one.starts_at) < other.ends_at and _floor(other.starts_at) < one.ends_at


def _floor(moment: datetime) -> datetime:
    return moment - timedelta(seconds=moment.timestamp() % GRAIN.total_seconds())


def _rows(rows: Sequence[Mapping[str, object]]) -> str:
    named = ", ".join(str(told["row"]) for told in rows[:10])
    return f"Rows {named}{' and more' if len(rows) > 10 else ''}"
