"""Timetables: the way from the lessons that stand to those that are given, and what is refused."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.workshops.domain import timetable as rules
from services.workshops.domain.facts import Span, Status
from services.workshops.domain.timetable import (
    Held,
    Lesson,
    LessonsAreNotUnderstood,
    LessonsMeetBookings,
    LessonsOverlap,
    Part,
    Plan,
    Room,
)
from shared.ids import new_id
from shared.refusal import Invalid
from tests.workshops.rules import moscow, span

CNC, WELDING = new_id(), new_id()
ROOMS = {CNC: Room(new_id(), 8), WELDING: Room(new_id(), 4)}
DAY = date(2026, 10, 12)
WEEK = rules.period(DAY, DAY + timedelta(days=6), "Europe/Moscow")


def lesson(
    start: str = "12:30",
    end: str = "14:05",
    workplaces: int | None = None,
    title: str = "Ф-21",
    workshop_id: UUID = CNC,
    on: str = "2026-10-12",
) -> Lesson:
    return Lesson(workshop_id, span(f"{on}T{start}", f"{on}T{end}"), workplaces, title)


def made(given: list[Lesson], standing: list[Lesson] | None = None) -> Plan:
    stands = {new_id(): standing_one for standing_one in standing or ()}
    return rules.plan(given, stands, WEEK, ROOMS)


def test_a_period_is_whole_local_days_with_both_ends() -> None:
    assert span("2026-10-12T00:00", "2026-10-19T00:00") == WEEK
    one = rules.period(DAY, DAY, "Asia/Vladivostok")
    assert one.minutes == 24 * 60
    assert one.starts_at == moscow("2026-10-11T17:00")
    for last_on in (DAY - timedelta(days=1), DAY + timedelta(days=366)):
        with pytest.raises(Invalid):
            rules.period(DAY, last_on, "Europe/Moscow")
    assert rules.period(DAY, DAY + timedelta(days=365), "Europe/Moscow")


def test_a_new_lesson_takes_the_whole_workshop_or_as_many_places_as_it_says() -> None:
    plan = made([lesson(), lesson("14:15", "15:50", 3)])
    assert [(row, it.workplaces) for row, it in plan.added.items()] == [(1, 8), (2, 3)]
    assert plan.parts == {
        (ROOMS[CNC].pool_id, DAY): [Part(115, 133, 8), Part(136, 154, 3)],
    }
    counts = rules.slices_changed(plan.parts[ROOMS[CNC].pool_id, DAY])
    assert (counts[113], counts[114], counts[132], counts[133]) == (0, 8, 8, 0)
    assert (len(counts), sum(counts)) == (288, 19 * 8 + 19 * 3)


def test_the_same_timetable_again_is_nothing_to_do() -> None:
    standing = [lesson(workplaces=8), lesson("14:15", "15:50", 3), lesson("16:00", "17:35", 8)]
    plan = made([lesson("14:15", "15:50", 3), lesson(), lesson("16:00", "17:35")], standing)
    assert (plan.added, plan.removed, plan.unchanged, plan.parts) == ({}, (), 3, {})


def test_what_changed_in_anything_goes_and_comes_again() -> None:
    stands = {new_id(): lesson(workplaces=8)}
    (lesson_id,) = stands
    for given in (
        lesson(title="Ф-22"),
        lesson(end="14:00"),
        lesson(workplaces=7),
        lesson(workshop_id=WELDING),
        lesson(on="2026-10-13"),
    ):
        plan = rules.plan([given], stands, WEEK, ROOMS)
        assert (list(plan.added), plan.removed, plan.unchanged) == ([1], (lesson_id,), 0)


def test_two_like_lessons_are_two_and_one_of_them_may_go() -> None:
    twice = [lesson(workplaces=4), lesson(workplaces=4)]
    assert list(made(twice).added) == [1, 2]
    plan = made(twice[:1], twice)
    assert (plan.added, len(plan.removed), plan.unchanged) == ({}, 1, 1)
    assert list(plan.parts.values()) == [[Part(115, 133, -4)]]
    plan = made(twice, twice[:1])
    assert (list(plan.added), plan.removed, plan.unchanged) == ([2], (), 1)


def test_an_empty_timetable_removes_every_lesson() -> None:
    plan = made([], [lesson(workplaces=8), lesson("14:15", "15:50", 3)])
    assert (plan.added, len(plan.removed), plan.unchanged) == ({}, 2, 0)


NO_LESSONS: dict[str, Lesson] = {
    "of another's workshop": lesson(workshop_id=new_id()),
    "ends as it starts": lesson(end="12:30"),
    "ends before it starts": lesson(end="12:00"),
    "longer than a day": Lesson(
        CNC, Span(moscow("2026-10-12T12:00"), moscow("2026-10-13T12:05")), None, "x"
    ),
    "before the period": lesson(on="2026-10-11"),
    "after the period": lesson(on="2026-10-19"),
    "no workplaces": lesson(workplaces=0),
    "more workplaces than there are": lesson(workplaces=9),
    "no title": lesson(title=""),
    "a title too long": lesson(title="я" * 201),
    "a title of two lines": lesson(title="а\nб"),
    "NUL in the title": lesson(title="а\0б"),
}


@pytest.mark.parametrize("name", NO_LESSONS)
def test_a_row_that_is_no_lesson_is_named(name: str) -> None:
    with pytest.raises(LessonsAreNotUnderstood) as refused:
        made([lesson(), NO_LESSONS[name], lesson("16:00", "17:35")])
    assert [told["row"] for told in refused.value.facts["rows"]] == [2]
    assert "2" in refused.value.detail


def test_a_timetable_has_its_limit_and_names_at_most_a_hundred_rows() -> None:
    with pytest.raises(Invalid, match="20000"):
        made([lesson()] * (rules.LESSONS_MAX + 1))
    with pytest.raises(LessonsAreNotUnderstood) as refused:
        made([lesson(workplaces=0)] * 1000)
    assert len(refused.value.facts["rows"]) == 100
    assert refused.value.detail.startswith("Rows 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and more")


@pytest.mark.parametrize(
    ("given", "rows"),
    [
        pytest.param([lesson(), lesson()], [(2, [1])], id="the whole workshop twice"),
        pytest.param([lesson(), lesson("14:00", "15:00", 1)], [(2, [1])], id="by five minutes"),
        pytest.param(
            [lesson(workplaces=4), lesson(workplaces=4), lesson(workplaces=1)],
            [(3, [1, 2])],
            id="one place too many",
        ),
        pytest.param(
            [lesson(), lesson(workplaces=1), lesson("13:00", "15:00", 1)],
            [(2, [1]), (3, [1])],
            id="who found no room stands in nobody's way",
        ),
        pytest.param(
            [lesson(end="14:01"), lesson("14:04", "15:00")], [(2, [1])], id="in a slice begun"
        ),
    ],
)
def test_lessons_that_need_more_places_than_there_are_are_named_with_what_they_meet(
    given: list[Lesson], rows: list[tuple[int, list[int]]]
) -> None:
    """I8."""
    with pytest.raises(LessonsOverlap) as refused:
        made(given)
    told = refused.value.facts["rows"]
    assert [(it["row"], it["overlaps"]) for it in told] == rows


def test_lessons_side_by_side_one_after_another_and_elsewhere_are_fine() -> None:
    given = [
        lesson(workplaces=4),
        lesson(workplaces=4, title="Ф-22"),
        lesson("14:05", "15:00"),
        lesson(workshop_id=WELDING),
        lesson(on="2026-10-13"),
    ]
    assert list(made(given).added) == [1, 2, 3, 4, 5]


def held(start: str, end: str, workplaces: int, status: Status = Status.CONFIRMED) -> Held:
    times = span(f"2026-10-12T{start}", f"2026-10-12T{end}")
    return Held(new_id(), CNC, status, times, workplaces)


def test_rows_that_meet_bookings_are_told_with_the_bookings_times() -> None:
    """R3.2, I10: nobody is put out of what he was promised."""
    given = [lesson("08:30", "10:05"), lesson(), lesson("16:00", "17:35", 6)]
    bookings = [
        held("13:30", "14:30", 2),
        held("12:00", "12:35", 1, Status.REQUESTED),
        held("16:00", "17:35", 2),
        held("10:05", "11:00", 8),
    ]
    refused = rules.refusal(made(given), given, [], bookings, ROOMS)
    assert isinstance(refused, LessonsMeetBookings)
    (told,) = refused.facts["rows"]
    assert (told["row"], told["workshop_id"], told["starts_at"]) == (2, CNC, given[1].span[0])
    assert [(it["id"], it["status"], it["workplaces"]) for it in told["bookings"]] == [
        (bookings[1].booking_id, "requested", 1),
        (bookings[0].booking_id, "confirmed", 2),
    ]
    assert told["bookings"][1]["ends_at"] == moscow("2026-10-12T14:30")


def test_lessons_around_the_period_are_in_the_way_as_well() -> None:
    eve = Lesson(CNC, Span(moscow("2026-10-11T23:00"), moscow("2026-10-12T01:00")), 1, "x")
    given = [lesson("00:30", "02:00")]
    refused = rules.refusal(made(given), given, [eve], [], ROOMS)
    assert isinstance(refused, LessonsOverlap)
    assert refused.facts["rows"] == [{"row": 1, "overlaps": []}]


def test_what_stood_already_is_not_blamed_for_meeting_a_booking() -> None:
    standing = [lesson(workplaces=6)]
    given: list[Any] = [lesson(workplaces=6), lesson(workplaces=2, title="Ф-22")]
    refused = rules.refusal(made(given, standing), given, [], [held("12:30", "13:00", 2)], ROOMS)
    assert [told["row"] for told in refused.facts["rows"]] == [2]


def test_a_moment_of_a_lesson_is_that_of_its_time_zone() -> None:
    assert datetime.fromisoformat("2026-10-12T09:30+00:00") == lesson().span.starts_at
