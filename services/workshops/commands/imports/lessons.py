"""A site's own timetable of a file: lessons on a date, or week by week between two dates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from services.workshops.commands.imports.calendar_file import ENDS_BEFORE_START, convert
from services.workshops.commands.imports.own import WORKSHOP_AMBIGUOUS, WORKSHOP_UNKNOWN
from services.workshops.commands.timetable import replace_timetable
from services.workshops.domain.bells import PAIRS_MAX
from services.workshops.domain.facts import WORKPLACES_MAX, Bell, Span
from services.workshops.domain.timetable import DAYS_MAX, LESSONS_MAX, Lesson
from services.workshops.domain.weeks import Weeks, days_on
from shared.database import Transaction
from shared.imports import cells, faults
from shared.imports.cells import Cell
from shared.imports.faults import CellIsWrong, Complaint, FileHasTooManyRows, RowsAreWrong
from shared.imports.files import FileType
from shared.imports.kinds import Job, Kind, Period, Plan, Progress, Summary, refuse_faults
from shared.imports.sheet import Column, Row, Sheet
from shared.refusal import NotFound, Refusal
from shared.russia.names import search_key

DAY_UNCLEAR = Complaint(
    "day-unclear", "A lesson has a date, or a weekday with a first and a last date."
)
TIME_UNCLEAR = Complaint("time-unclear", "A lesson has a pair, or a start and an end.")
PAIR_UNKNOWN = Complaint("pair-unknown", "The site's bell plan has no such pair.")
NEVER = Complaint("lesson-never", "There is no such day between the two dates.")
OUTSIDE_PERIOD = Complaint("lesson-outside-period", "The lesson lies outside of the period.")
PERIOD_TOO_LONG = Complaint("period-too-long", "The dates lie more than `days_max` days apart.")
WORKPLACES_TOO_MANY = Complaint("workplaces-too-many", "The workshop has `most` workplaces.")

WEEKDAYS = {
    "понедельник": 0,
    "вторник": 1,
    "среда": 2,
    "четверг": 3,
    "пятница": 4,
    "суббота": 5,
    "воскресенье": 6,
}
SHORT_WEEKDAYS = {"пн": 0, "вт": 1, "ср": 2, "чт": 3, "пт": 4, "сб": 5, "вс": 6}
WEEKS = {
    "каждая": Weeks.EVERY,
    "нечётная": Weeks.ODD,
    "чётная": Weeks.EVEN,
    "числитель": Weeks.ODD,
    "знаменатель": Weeks.EVEN,
}


def _weekday() -> Cell:
    long, short = cells.one_of(WEEKDAYS), cells.one_of(SHORT_WEEKDAYS)

    def read(text: str) -> int:
        weekday: int = (short if text.strip(".").casefold() in SHORT_WEEKDAYS else long).read(
            text.strip(".")
        )
        return weekday

    return Cell(read, long.says, choices=long.choices)


def _pairs() -> Cell:
    """One pair, or several in a row: 3, or 3-4; read as the first and the last one."""
    pair = cells.whole(1, PAIRS_MAX)

    def read(text: str) -> tuple[int, int]:
        first, dash, last = text.replace("\u2013", "-").partition("-")
        found = (pair.read(first), pair.read(last if dash else first))
        if found[0] > found[1]:
            raise CellIsWrong(faults.CELL_MALFORMED)
        return found

    return Cell(read, "номер пары по расписанию звонков площадки или несколько подряд: 3–4")


SHEET = Sheet(
    name="timetable",
    title="Расписание",
    columns=(
        Column(
            "workshop",
            "Мастерская",
            cells.words(),
            ("Станки с ЧПУ (пример)", "Станки с ЧПУ (пример)"),
            hint="Мастерская выбранной площадки",
        ),
        Column(
            "title",
            "Занятие",
            cells.words(),
            ("УП.01, группа ТМ-21 (пример)", "Экзамен ПМ.02 (пример)"),
        ),
        Column(
            "weekday",
            "День недели",
            _weekday(),
            ("понедельник", ""),
            is_required=False,
            hint="Для занятий, которые повторяются каждую или через неделю",
        ),
        Column(
            "weeks",
            "Неделя",
            cells.one_of(WEEKS),
            ("нечётная", ""),
            is_required=False,
            hint="Если пусто — каждая. Первая неделя учебного года (нечётная, числитель) — та, на"
            " которую приходится 1 сентября, а если это воскресенье, то следующая",
        ),
        Column(
            "first_on",
            "С даты",
            cells.day(),
            ("11.01.2027", ""),
            is_required=False,
            hint="Вместе с днём недели, если при загрузке не указан срок. В праздники занятий нет",
        ),
        Column(
            "last_on",
            "По дату",
            cells.day(),
            ("26.06.2027", ""),
            is_required=False,
            hint="Вместе с днём недели, если при загрузке не указан срок",
        ),
        Column(
            "date",
            "Дата",
            cells.day(),
            ("", "28.06.2027"),
            is_required=False,
            hint="Для занятия, которое бывает один раз",
        ),
        Column(
            "pair",
            "Пара",
            _pairs(),
            ("1–2", ""),
            is_required=False,
            hint="Или время начала и конца",
        ),
        Column(
            "starts_at",
            "Начало",
            cells.time_of_day(),
            ("", "09:00"),
            is_required=False,
            hint="По времени площадки, если не указана пара",
        ),
        Column(
            "ends_at",
            "Конец",
            cells.time_of_day(),
            ("", "13:30"),
            is_required=False,
            hint="По времени площадки, если не указана пара",
        ),
        Column(
            "workplaces",
            "Рабочих мест",
            cells.whole(1, WORKPLACES_MAX),
            ("8", ""),
            is_required=False,
            hint="Если пусто — вся мастерская",
        ),
        Column(
            "time_zone",
            "TZID",
            cells.words(60),
            ("", ""),
            is_required=False,
            in_template=False,
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Place:
    """A workshop of the site, as lessons ask of it."""

    id: UUID
    workplaces: int


@dataclass(frozen=True, slots=True)
class Site:
    """A site of the member, as lessons ask of it."""

    id: UUID
    time_zone: str
    bells: Mapping[int, Bell]
    workshops: Mapping[str, Sequence[Place]]


async def _site(tx: Transaction, job: Job) -> Site:
    """The site that the rows belong to; raises NotFound for another member's."""
    site = await tx.row(
        "SELECT time_zone FROM sites WHERE id = $1 AND owner_id = $2", job.target_id, job.member_id
    )
    if site is None or job.target_id is None:
        raise NotFound
    bells = await tx.fetch(
        "SELECT pair, opens, closes FROM site_bells WHERE site_id = $1", job.target_id
    )
    rows = await tx.fetch(
        "SELECT w.id, w.name, p.workplaces FROM workshops w JOIN pools p ON p.workshop_id = w.id"
        " WHERE w.site_id = $1 ORDER BY w.id",
        job.target_id,
    )
    workshops: dict[str, list[Place]] = {}
    for row in rows:
        workshops.setdefault(search_key(row["name"]), []).append(
            Place(row["id"], row["workplaces"])
        )
    return Site(
        job.target_id, site["time_zone"], {row["pair"]: Bell(**row) for row in bells}, workshops
    )


async def require_site(tx: Transaction, site_id: UUID) -> None:
    """Raises NotFound unless the site is the acting member's."""
    member_id = tx.actor.member_id if tx.actor is not None else None
    await _site(tx, Job(site_id, member_id, site_id))


async def look(tx: Transaction, job: Job, rows: Sequence[Row]) -> list[Plan]:
    """Reads the rows as lessons; what they meet is seen when all of them are written."""
    site = await _site(tx, job)
    for row in rows:
        _lessons(row, site, job.period)
    return []


async def write(tx: Transaction, job: Job, rows: Sequence[Row], progress: Progress) -> Summary:
    """Makes the site's lessons of the period exactly those of the rows."""
    site = await _site(tx, job)
    found = [(row, lesson) for row in rows for lesson in _lessons(row, site, job.period)]
    refuse_faults(rows)
    period = job.period or _period(rows)
    if len(found) > LESSONS_MAX:
        raise FileHasTooManyRows(rows_max=LESSONS_MAX)
    try:
        change = await replace_timetable(
            tx,
            site_id=site.id,
            first_on=period.first_on,
            last_on=period.last_on,
            lessons=[lesson for _, lesson in found],
        )
    except Refusal as refusal:
        _refuse(refusal, [row for row, _ in found])
        raise
    await progress(len(rows))
    return Summary(
        added=change.added, unchanged=change.unchanged, removed=change.removed, period=period
    )


def _refuse(refusal: Refusal, rows: Sequence[Row]) -> None:
    """Raises RowsAreWrong when the refusal names lessons; each is told at its row of the file."""
    complaint = Complaint(refusal.code, refusal.title())
    told: Sequence[Mapping[str, Any]] = refusal.facts.get("rows", ())
    wrong = []
    for named in told:
        facts = {name: value for name, value in named.items() if name not in ("row", "overlaps")}
        if "overlaps" in named:
            lines = sorted({rows[number - 1].line for number in named["overlaps"]})
            facts["overlap_lines"] = lines
        wrong.append(rows[named["row"] - 1].complain(complaint, **facts))
    if wrong:
        raise RowsAreWrong(wrong)


def _period(rows: Sequence[Row]) -> Period:
    """The days that the file speaks of; raises RowsAreWrong when they lie too far apart."""
    named = [
        (on, row, code)
        for row in rows
        for code in ("date", "first_on", "last_on")
        if (on := row[code]) is not None
    ]
    first, _, _ = min(named, key=lambda each: each[0])
    last, row, code = max(named, key=lambda each: each[0])
    if (last - first).days >= DAYS_MAX:
        raise RowsAreWrong([row.complain(PERIOD_TOO_LONG, code, days_max=DAYS_MAX)])
    return Period(first, last)


def _lessons(row: Row, site: Site, period: Period | None) -> list[Lesson]:
    """The lessons of a row; complains of what keeps it from being some."""
    workshop = _workshop(row, site)
    times = _times(row, site)
    days = _days(row, period)
    if workshop is None or times is None:
        return []
    is_event = "time_zone" in row.places
    zone = ZoneInfo(row["time_zone"] or site.time_zone)
    spans = [Span(_at(on, times[0], zone), _at(on, times[1], zone)) for on in days]
    if period is not None:
        inside = [span for span in spans if _is_in(span, period, site.time_zone)]
        if len(inside) < len(spans) and not is_event:
            row.complain(OUTSIDE_PERIOD, "date" if row["date"] else "first_on")
        spans = inside
    return [Lesson(workshop.id, span, row["workplaces"], row["title"]) for span in spans]


def _workshop(row: Row, site: Site) -> Place | None:
    found = site.workshops.get(search_key(row["workshop"]), ())
    if len(found) != 1:
        row.complain(WORKSHOP_AMBIGUOUS if found else WORKSHOP_UNKNOWN, "workshop")
        return None
    if row["workplaces"] is not None and row["workplaces"] > found[0].workplaces:
        row.complain(WORKPLACES_TOO_MANY, "workplaces", most=found[0].workplaces)
    return found[0]


def _days(row: Row, period: Period | None) -> list[date]:
    """The days of the row; a lesson of every week runs through the period unless it says otherwise."""
    first_on, last_on = row["first_on"], row["last_on"]
    weekly = (row["weekday"], row["weeks"], first_on, last_on)
    if row["date"] is not None:
        if any(part is not None for part in weekly):
            row.complain(DAY_UNCLEAR, "date")
        return [row["date"]]
    if period is not None:
        first_on, last_on = first_on or period.first_on, last_on or period.last_on
    if row["weekday"] is None or first_on is None or last_on is None:
        row.complain(DAY_UNCLEAR, "date" if weekly == (None,) * 4 else "weekday")
        return []
    if (last_on - first_on).days >= DAYS_MAX:
        row.complain(PERIOD_TOO_LONG, "last_on", days_max=DAYS_MAX)
        return []
    days = days_on(row["weekday"], row["weeks"] or Weeks.EVERY, first_on, last_on)
    if not days:
        row.complain(NEVER, "weekday")
    return days


def _times(row: Row, site: Site) -> tuple[int, int] | None:
    """Start and end in minutes of the local day."""
    given = [row[code] is not None for code in ("pair", "starts_at", "ends_at")]
    if given == [True, False, False]:
        first, last = row["pair"]
        if first not in site.bells or last not in site.bells:
            row.complain(PAIR_UNKNOWN, "pair", pairs=sorted(site.bells))
            return None
        return site.bells[first].opens, site.bells[last].closes
    if given != [False, True, True]:
        row.complain(TIME_UNCLEAR, "starts_at" if row["pair"] is None else "pair")
        return None
    starts, ends = _minute(row["starts_at"]), _minute(row["ends_at"])
    if starts >= ends:
        row.complain(ENDS_BEFORE_START, "ends_at")
        return None
    return starts, ends


def _minute(clock: time) -> int:
    return clock.hour * 60 + clock.minute


def _at(on: date, minute: int, zone: ZoneInfo) -> datetime:
    local = datetime.combine(on + timedelta(days=minute // 1440), time(), zone)
    return local.replace(hour=minute % 1440 // 60, minute=minute % 60).astimezone(UTC)


def _is_in(span: Span, period: Period, time_zone: str) -> bool:
    on = span.starts_at.astimezone(ZoneInfo(time_zone)).date()
    return period.first_on <= on <= period.last_on


KIND = Kind(
    sheet=SHEET,
    look=look,
    write=write,
    converters={FileType.ICS: convert},
    require_target=require_site,
    has_period=True,
    is_rehearsed=True,
)
