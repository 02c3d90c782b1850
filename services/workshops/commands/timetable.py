"""Timetables: a site's own lessons are made exactly what is given, or nothing is changed."""

import asyncio
from collections.abc import Sequence
from datetime import date
from uuid import UUID

from contracts import workshops as told
from services.workshops.domain import timetable as rules
from services.workshops.domain.booking import HELD
from services.workshops.domain.facts import Span, Status
from services.workshops.domain.timetable import Held, Lesson, Plan, Room, TimetableChange
from shared.database import Transaction
from shared.refusal import NotFound, Refusal

DAYS_AT_ONCE = 500
"""How many days of pools a statement changes: a year of a large site stays under its time limit."""


async def replace_timetable(
    tx: Transaction,
    *,
    site_id: UUID,
    first_on: date,
    last_on: date,
    lessons: Sequence[Lesson],
) -> TimetableChange:
    """Makes the site's lessons that start on the local days from first to last exactly these.

    What is there already stays untouched, what is gone gives its places back, what is new takes
    them. Raises NotFound for a site of another, Invalid for the period, and, naming rows counted
    from 1: LessonsAreNotUnderstood, LessonsOverlap, LessonsMeetBookings.
    """
    # the row is the lock: two timetables of a site are replaced one after the other
    site = await tx.row(
        "SELECT owner_id, time_zone FROM sites WHERE id = $1 FOR NO KEY UPDATE", site_id
    )
    if site is None or tx.actor is None or site["owner_id"] != tx.actor.member_id:
        raise NotFound
    within = rules.period(first_on, last_on, site["time_zone"])
    rooms = await _rooms(tx, site_id)
    standing = await _lessons(tx, rooms, within)
    # a long timetable is reckoned with for a second, in which others are answered
    made = await asyncio.to_thread(rules.plan, lessons, standing, within, rooms)
    actor = tx.authorise()
    if made.parts:
        await _lock(tx, made, rooms)
        if not await _take(tx, made):
            raise await _refusal(tx, made, lessons, within, rooms)
        await _write(tx, made)
    change = TimetableChange(len(made.added), len(made.removed), made.unchanged)
    if made.added or made.removed:
        tx.record(
            told.TimetableReplaced(
                site_id=site_id,
                owner_id=actor.member,
                first_on=first_on,
                last_on=last_on,
                added=change.added,
                removed=change.removed,
                unchanged=change.unchanged,
            )
        )
    return change


async def _rooms(tx: Transaction, site_id: UUID) -> dict[UUID, Room]:
    rows = await tx.fetch(
        "SELECT w.id, p.id AS pool_id, p.workplaces"
        " FROM workshops w JOIN pools p ON p.workshop_id = w.id WHERE w.site_id = $1",
        site_id,
    )
    return {row["id"]: Room(row["pool_id"], row["workplaces"]) for row in rows}


async def _lessons(tx: Transaction, rooms: dict[UUID, Room], within: Span) -> dict[UUID, Lesson]:
    rows = await tx.fetch(
        "SELECT id, workshop_id, starts_at, ends_at, workplaces, title FROM lessons"
        " WHERE workshop_id = ANY ($1::uuid[]) AND released_at IS NULL"
        " AND starts_at >= $2 AND starts_at < $3",
        list(rooms),
        within.starts_at,
        within.ends_at,
    )
    return {
        row["id"]: Lesson(
            row["workshop_id"],
            Span(row["starts_at"], row["ends_at"]),
            row["workplaces"],
            row["title"],
        )
        for row in rows
    }


async def _lock(tx: Transaction, made: Plan, rooms: dict[UUID, Room]) -> None:
    """Makes the days that are missing and locks all, in the order in which everybody does."""
    places = {room.pool_id: room.workplaces for room in rooms.values()}
    await tx.execute(
        """
        INSERT INTO pool_days (pool_id, day, places, taken)
        SELECT pool_id, day, places, array_fill(0::smallint, ARRAY[288])
        FROM unnest($1::uuid[], $2::date[], $3::smallint[]) AS part (pool_id, day, places)
        ORDER BY pool_id, day
        ON CONFLICT (pool_id, day) DO UPDATE SET taken = pool_days.taken WHERE false
        """,
        [pool_id for pool_id, _ in made.parts],
        [day for _, day in made.parts],
        [places[pool_id] for pool_id, _ in made.parts],
    )


async def _take(tx: Transaction, made: Plan) -> bool:
    """Changes what is taken on the locked days; whether there was room on all of them.

    OFFSET 0 has the new counts reckoned once, though they are looked at twice.
    """
    days = list(made.parts.items())
    for start in range(0, len(days), DAYS_AT_ONCE):
        some = days[start : start + DAYS_AT_ONCE]
        changed = await tx.execute(
            """
            UPDATE pool_days d SET taken = after.taken
            FROM (
                SELECT d.pool_id, d.day, slices_added(d.taken, part.more::smallint[]) AS taken
                FROM unnest($1::uuid[], $2::date[], $3::text[]) AS part (pool_id, day, more)
                JOIN pool_days d ON d.pool_id = part.pool_id AND d.day = part.day
                OFFSET 0
            ) AS after
            WHERE d.pool_id = after.pool_id AND d.day = after.day AND d.places >= ALL (after.taken)
            """,
            [pool_id for (pool_id, _), _ in some],
            [day for (_, day), _ in some],
            [_array(rules.slices_changed(parts)) for _, parts in some],
        )
        if changed < len(some):
            return False
    return True


def _array(counts: Sequence[int]) -> str:
    return "{" + ",".join(map(str, counts)) + "}"


async def _write(tx: Transaction, made: Plan) -> None:
    await tx.execute(
        "UPDATE lessons SET released_at = $2 WHERE id = ANY ($1::uuid[])",
        list(made.removed),
        tx.now,
    )
    added = made.added.values()
    await tx.execute(
        "INSERT INTO lessons (id, workshop_id, starts_at, ends_at, workplaces, title, added_at)"
        " SELECT *, $7 FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::timestamptz[],"
        " $5::smallint[], $6::text[])",
        [tx.new_id() for _ in added],
        [lesson.workshop_id for lesson in added],
        [lesson.span.starts_at for lesson in added],
        [lesson.span.ends_at for lesson in added],
        [lesson.workplaces for lesson in added],
        [lesson.title for lesson in added],
        tx.now,
    )


async def _refusal(
    tx: Transaction,
    made: Plan,
    lessons: Sequence[Lesson],
    within: Span,
    rooms: dict[UUID, Room],
) -> Refusal:
    """What the lessons meet; the days are locked, so it is still what they met."""
    assert tx.actor is not None
    reach = Span(within.starts_at - rules.LONGEST, within.ends_at + rules.LONGEST)
    before = await _lessons(tx, rooms, Span(reach.starts_at, within.starts_at))
    after = await _lessons(tx, rooms, Span(within.ends_at, reach.ends_at))
    rows = await tx.fetch(
        "SELECT id, workshop_id, status, starts_at, ends_at, workplaces FROM bookings"
        " WHERE owner_id = $1 AND starts_at >= $2 AND starts_at < $3"
        " AND workshop_id = ANY ($4::uuid[]) AND status = ANY ($5)",
        tx.actor.member_id,
        *reach,
        list(rooms),
        [str(status) for status in HELD],
    )
    held = [
        Held(
            row["id"],
            row["workshop_id"],
            Status(row["status"]),
            Span(row["starts_at"], row["ends_at"]),
            row["workplaces"],
        )
        for row in rows
    ]
    around = (*before.values(), *after.values())
    return await asyncio.to_thread(rules.refusal, made, lessons, around, held, rooms)
