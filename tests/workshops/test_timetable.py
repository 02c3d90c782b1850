"""Timetables on a real PostgreSQL: lessons and bookings never overbook each other."""

import asyncio
import json
import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.workshops.commands import catalogue
from services.workshops.commands.timetable import replace_timetable
from services.workshops.domain.facts import Approval, Span
from services.workshops.domain.timetable import (
    Lesson,
    LessonsAreNotUnderstood,
    LessonsMeetBookings,
    LessonsOverlap,
    TimetableChange,
)
from shared.identity import Actor, Role
from shared.ids import new_id
from shared.refusal import Invalid, NotFound, RoleIsMissing
from tests.harness import Running
from tests.workshops.facts import Known, check_counts, check_told
from tests.workshops.test_races import deadlocks

GRAIN = timedelta(minutes=5)


def lesson(
    known: Known,
    start: str = "12:30",
    end: str = "14:05",
    workplaces: int | None = None,
    ahead: int = 0,
    **more: Any,
) -> Lesson:
    span = Span(known.moment(start, ahead), known.moment(end, ahead))
    return Lesson(
        more.get("workshop_id", known.workshop), span, workplaces, more.get("title", "Ф-21")
    )


async def replace(
    known: Known,
    lessons: Sequence[Lesson],
    days: int = 1,
    member_id: UUID | None = None,
    role: Role = Role.COORDINATOR,
    **more: Any,
) -> TimetableChange:
    """Replaces the timetable from the day on."""
    actor = Actor(new_id(), member_id or known.owner, frozenset({role}), new_id())
    allowed = frozenset({Role.COORDINATOR})
    async with known.service.runtime.database.transaction(actor=actor, allowed=allowed) as tx:
        return await replace_timetable(
            tx,
            site_id=more.get("site", known.site),
            first_on=known.day(),
            last_on=known.day() + timedelta(days=days - 1),
            lessons=lessons,
        )


async def read(known: Known, member_id: UUID | None = None, **query: Any) -> Any:
    within = {"from": known.at("00:00"), "to": known.at("23:55", 3)}
    return await known.read(
        f"sites/{query.pop('site', known.site)}/timetable", member_id, **{**within, **query}
    )


async def test_lessons_take_their_places_and_the_owner_sees_them(known: Known) -> None:
    given = [lesson(known), lesson(known, "14:15", "15:50", 3, title="Ф-22")]
    assert await replace(known, given) == TimetableChange(added=2, removed=0, unchanged=0)
    free = [window["workplaces_free"] for window in await known.windows()]
    assert free == [8, 5], "the whole workshop parts the day, three places do not"
    assert (await known.book()).json()["code"] == "slot-taken"
    assert (await known.quote(workplaces=1)).json()["refusal"] == "slot-taken"
    beside = {"starts_at": known.at("14:15"), "ends_at": known.at("15:50")}
    assert (await known.book(workplaces=6, **beside)).json()["code"] == "slot-taken"
    assert (await known.book(workplaces=5, **beside)).status_code == 201
    listed = (await read(known)).json()
    assert listed["next_cursor"] is None
    assert [
        (item["workshop_id"], item["starts_at"], item["workplaces"], item["title"])
        for item in listed["items"]
    ] == [
        (str(known.workshop), known.at("12:30").replace("+00:00", "Z"), 8, "Ф-21"),
        (str(known.workshop), known.at("14:15").replace("+00:00", "Z"), 3, "Ф-22"),
    ]
    (told,) = await known.service.told("workshops.timetable.replaced.v1")
    assert json.loads(told["body"]) == {
        "site_id": str(known.site),
        "owner_id": str(known.owner),
        "first_on": known.day().isoformat(),
        "last_on": known.day().isoformat(),
        "added": 2,
        "removed": 0,
        "unchanged": 0,
    }
    await check_counts(known.service)
    await check_told(known.service)


async def test_the_same_timetable_again_changes_and_tells_nothing(known: Known) -> None:
    given = [lesson(known), lesson(known, "14:15", "15:50", 3)]
    await replace(known, given)
    before = (await read(known)).json()
    again = await replace(known, [*reversed(given)])
    assert again == TimetableChange(added=0, removed=0, unchanged=2)
    assert (await read(known)).json() == before
    assert len(await known.service.told("workshops.timetable.replaced.v1")) == 1


async def test_what_is_gone_is_free_again_and_only_in_the_period(known: Known) -> None:
    first, second = lesson(known), lesson(known, "14:15", "15:50")
    next_day = lesson(known, ahead=1)
    days = (known.day(1) - known.day()).days + 1
    await replace(known, [first, second, next_day], days)
    change = await replace(known, [second, lesson(known, "16:00", "17:35", 2)])
    assert change == TimetableChange(added=1, removed=1, unchanged=1)
    assert (await known.book(workplaces=8)).status_code == 201
    await check_counts(known.service)
    starts = [item["starts_at"] for item in (await read(known)).json()["items"]]
    wanted = (known.at("14:15"), known.at("16:00"), known.at("12:30", 1))
    assert starts == [moment.replace("+00:00", "Z") for moment in wanted]
    assert await replace(known, [], days) == TimetableChange(added=0, removed=3, unchanged=0)
    assert (await read(known)).json()["items"] == []
    await check_counts(known.service)


async def test_a_lesson_that_meets_a_booking_leaves_the_whole_timetable_as_it_was(
    known: Known,
) -> None:
    """I10, R3.2: nothing is half done, and the owner learns which rows meet which bookings."""
    await replace(known, [lesson(known, "08:30", "10:05")])
    booking = (await known.book(workplaces=2)).json()
    before = await known.service.sql("SELECT * FROM lessons ORDER BY id")
    given = [
        lesson(known, "10:15", "11:50"),
        lesson(known, "12:30", "14:05", 6),
        lesson(known, "13:00", "13:30", 1),
    ]
    with pytest.raises(LessonsMeetBookings) as refused:
        await replace(known, given)
    told = refused.value.facts["rows"]
    assert [row["row"] for row in told] == [2, 3], "both have a part in it"
    for row in told:
        (met,) = row["bookings"]
        assert (str(met["id"]), met["status"], met["workplaces"]) == (booking["id"], "requested", 2)
        assert (met["starts_at"], met["ends_at"]) == (known.moment("12:30"), known.moment("14:05"))
    assert await known.service.sql("SELECT * FROM lessons ORDER BY id") == before
    assert len(await known.service.told("workshops.timetable.replaced.v1")) == 1
    await check_counts(known.service)
    await known.decide(booking["id"], "decline", reason="Занятия")
    assert (await replace(known, given)).added == 3
    await check_counts(known.service)


async def test_a_lesson_that_reaches_into_the_period_is_in_the_way(workshops: Running) -> None:
    known = await Known(workshops).lay()
    await known.open_round_the_clock(2)
    site = (await workshops.sql("SELECT site_id FROM workshops WHERE id = $1", known.workshop))[0][
        "site_id"
    ]
    start = known.moment("23:00")
    over = Lesson(known.workshop, Span(start, start + timedelta(hours=2)), 1, "Ночная смена")
    await replace(known, [over], site=site)
    midnight = start + timedelta(hours=1)
    early = Lesson(known.workshop, Span(midnight, midnight + timedelta(hours=2)), 2, "Утро")
    actor = Actor(new_id(), known.owner, frozenset({Role.COORDINATOR}), new_id())
    next_day = known.day() + timedelta(days=1)
    with pytest.raises(LessonsOverlap):
        async with workshops.runtime.database.transaction(actor=actor, allowed=actor.roles) as tx:
            await replace_timetable(
                tx, site_id=site, first_on=next_day, last_on=next_day, lessons=[early]
            )
    await check_counts(workshops)


async def test_a_timetable_of_another_or_of_nonsense_is_refused(known: Known) -> None:
    for more, refusal in (
        ({"member_id": known.college}, NotFound),
        ({"member_id": known.college, "role": Role.FINANCE}, NotFound),
        ({"site": new_id()}, NotFound),
        ({"role": Role.APPROVER}, RoleIsMissing),
        ({"days": 0}, Invalid),
        ({"days": 367}, Invalid),
    ):
        with pytest.raises(refusal):
            await replace(known, [lesson(known)], **more)
    with pytest.raises(LessonsAreNotUnderstood):
        await replace(known, [lesson(known, workshop_id=new_id())])
    with pytest.raises(LessonsOverlap):
        await replace(known, [lesson(known), lesson(known)])
    assert await known.service.sql("SELECT * FROM lessons") == []


async def test_a_timetable_is_read_by_the_owners_people_alone_a_page_at_a_time(
    known: Known,
) -> None:
    starts = [known.moment("08:30") + 4 * number * GRAIN for number in range(5)]
    given = [
        Lesson(known.workshop, Span(start, start + 4 * GRAIN), 1 + number, "Ф-21")
        for number, start in enumerate(starts)
    ]
    await replace(known, given)
    seen: list[int] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await read(known, limit=2, **cursor)).json()
        seen += [item["workplaces"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert seen == [1, 2, 3, 4, 5]
    later = await read(known, **{"from": (starts[1]).isoformat(), "to": starts[3].isoformat()})
    assert [item["workplaces"] for item in later.json()["items"]] == [2, 3]
    for member_id, site, status in (
        (known.college, known.site, 404),
        (known.owner, new_id(), 404),
        (known.owner, "x", 422),
    ):
        assert (await read(known, member_id, site=site)).status_code == status
    assert (await read(known, to=known.at("00:00"))).status_code == 422
    assert (await read(known, cursor="x")).status_code == 422


async def test_a_term_of_a_large_site_is_replaced_in_one_go(known: Known) -> None:
    """More days than one statement changes."""
    async with known.as_owner() as tx:
        shops = [
            await catalogue.open_workshop(
                tx,
                site_id=known.site,
                name=f"Цех {number}",
                workplaces=12,
                approval=Approval.INSTANT,
                competences=[],
                net_kopecks=0,
            )
            for number in range(6)
        ]
    given = []
    for day in range(100):
        for shop in shops:
            for pair in range(3):
                start = known.moment("08:30") + timedelta(days=day, minutes=105 * pair)
                span = Span(start, start + timedelta(minutes=95))
                given.append(Lesson(shop, span, None, f"Группа {pair}"))
    assert (await replace(known, given, 100)).added == 1800
    await check_counts(known.service)
    change = await replace(known, given[:-3], 100)
    assert change == TimetableChange(added=0, removed=3, unchanged=1797)
    await check_counts(known.service)


async def test_lessons_and_bookings_at_once_never_overbook(workshops: Running) -> None:
    """I8, I10: whoever comes first has the places; nobody is stuck."""
    known = await Known(workshops).lay(Approval.INSTANT, workplaces=4)
    dice = random.Random(20270221)

    def some_lessons() -> list[Lesson]:
        starts = dice.sample(range(6), dice.choice([0, 1, 3]))
        return [
            Lesson(
                known.workshop,
                Span(
                    known.moment("08:30", ahead) + timedelta(minutes=105 * pair),
                    known.moment("08:30", ahead) + timedelta(minutes=105 * pair + 95),
                ),
                dice.choice([None, 1, 2, 3]),
                "Ф-21",
            )
            for pair in starts
            for ahead in (0, 1)
        ]

    async def replace_often() -> list[str]:
        told = []
        for _ in range(15):
            try:
                await replace(known, some_lessons(), 4)
                told.append("replaced")
            except LessonsMeetBookings:
                told.append("met")
        return told

    async def book_often() -> list[int]:
        codes = []
        for _ in range(15):
            ahead, pair = dice.randrange(2), dice.randrange(6)
            start = known.moment("08:30", ahead) + timedelta(minutes=105 * pair)
            answer = await known.book(
                workplaces=dice.randint(1, 4),
                starts_at=start.isoformat(),
                ends_at=(start + timedelta(minutes=95)).isoformat(),
            )
            codes.append(answer.status_code)
            if answer.status_code == 201 and dice.random() < 0.6:
                await known.decide(answer.json()["id"], "cancel", reason="x")
        return codes

    outcomes = await asyncio.gather(
        *(replace_often() for _ in range(2)), *(book_often() for _ in range(6))
    )
    replaced = [told for outcome in outcomes[:2] for told in outcome]
    booked = [code for outcome in outcomes[2:] for code in outcome]
    assert "replaced" in replaced
    assert set(booked) == {201, 409}
    await check_counts(workshops)
    await check_told(workshops)
    assert await deadlocks(workshops) == 0
