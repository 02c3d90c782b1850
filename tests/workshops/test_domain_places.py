"""Places: the count slice by slice, and the windows that it leaves."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.workshops.domain.facts import Span
from services.workshops.domain.places import (
    GRAIN,
    SLICES_PER_DAY,
    Slices,
    Taken,
    Window,
    least_free,
    slices_of,
    stretches,
    windows,
)

DAY = date(2026, 10, 5)
NEXT = date(2026, 10, 6)
PLACES = 8


def at(clock: str, on: date = DAY) -> datetime:
    hour, minute = map(int, clock.split(":"))
    return datetime(on.year, on.month, on.day, tzinfo=UTC) + timedelta(hours=hour, minutes=minute)


def span(start: str, end: str) -> Span:
    """24:00 and later stand for the day after."""
    return Span(at(start), at(end))


def taken(*parts: tuple[str, str, int]) -> Taken:
    """What is taken on the two days, from start to end."""
    counts = {DAY: [0] * SLICES_PER_DAY, NEXT: [0] * SLICES_PER_DAY}
    for start, end, places in parts:
        for part in slices_of(span(start, end)):
            for slice_ in range(part.first, part.last + 1):
                counts[part.day][slice_ - 1] += places
    return {on: slices for on, slices in counts.items() if any(slices)}


@pytest.mark.parametrize(
    ("asked", "slices"),
    [
        pytest.param(("00:00", "00:05"), [Slices(DAY, 1, 1)], id="the first slice"),
        pytest.param(("23:55", "24:00"), [Slices(DAY, 288, 288)], id="the last slice"),
        pytest.param(("00:00", "24:00"), [Slices(DAY, 1, 288)], id="a whole day"),
        pytest.param(("09:30", "11:05"), [Slices(DAY, 115, 133)], id="a pair"),
        pytest.param(
            ("23:30", "24:45"), [Slices(DAY, 283, 288), Slices(NEXT, 1, 9)], id="over UTC midnight"
        ),
        pytest.param(
            ("12:00", "36:00"),
            [Slices(DAY, 145, 288), Slices(NEXT, 1, 144)],
            id="24 hours over midnight",
        ),
        pytest.param(("09:31", "09:34"), [Slices(DAY, 115, 115)], id="a part takes its slice"),
    ],
)
def test_a_span_covers_these_slices(asked: tuple[str, str], slices: list[Slices]) -> None:
    assert slices_of(span(*asked)) == slices


@pytest.mark.parametrize(
    ("asked", "parts", "free"),
    [
        pytest.param(("09:00", "10:00"), [], 8, id="nothing is taken"),
        pytest.param(("09:00", "10:00"), [("09:00", "10:00", 3)], 5, id="throughout"),
        pytest.param(("09:00", "10:00"), [("09:55", "10:05", 3)], 5, id="the last slice"),
        pytest.param(("09:00", "10:00"), [("08:00", "09:00", 3)], 8, id="up to the start"),
        pytest.param(("09:00", "10:00"), [("10:00", "11:00", 3)], 8, id="from the end on"),
        pytest.param(
            ("09:00", "10:00"), [("09:00", "09:30", 3), ("09:30", "10:00", 5)], 3, id="the least"
        ),
        pytest.param(
            ("09:00", "10:00"), [("09:00", "09:30", 3), ("09:25", "10:00", 5)], 0, id="overlap"
        ),
        pytest.param(("23:00", "25:00"), [("24:00", "24:05", 7)], 1, id="after midnight"),
    ],
)
def test_the_least_free_is_what_is_free_throughout(
    asked: tuple[str, str], parts: list[tuple[str, str, int]], free: int
) -> None:
    assert least_free(span(*asked), PLACES, taken(*parts)) == free


@pytest.mark.parametrize(
    ("open_time", "parts", "workplaces", "minutes", "found"),
    [
        pytest.param([("08:00", "18:00")], [], 1, 5, [("08:00", "18:00", 8)], id="all free"),
        pytest.param([("08:00", "18:00")], [], 9, 5, [], id="more than there are"),
        pytest.param([], [], 1, 5, [], id="never open"),
        pytest.param(
            [("08:00", "18:00")],
            [("10:00", "12:00", 8)],
            1,
            5,
            [("08:00", "10:00", 8), ("12:00", "18:00", 8)],
            id="a full stretch parts it",
        ),
        pytest.param(
            [("08:00", "18:00")],
            [("10:00", "12:00", 5), ("11:00", "13:00", 2)],
            1,
            5,
            [("08:00", "18:00", 1)],
            id="the window is maximal and says the least free",
        ),
        pytest.param(
            [("08:00", "18:00")],
            [("10:00", "12:00", 5), ("11:00", "13:00", 2)],
            3,
            5,
            [("08:00", "11:00", 3), ("12:00", "18:00", 6)],
            id="for three it is parted",
        ),
        pytest.param(
            [("08:00", "18:00")],
            [("08:00", "09:30", 8), ("11:00", "16:25", 8)],
            1,
            95,
            [("16:25", "18:00", 8)],
            id="a shorter one is left out, one of just that length is not",
        ),
        pytest.param(
            [("08:00", "12:00"), ("13:00", "17:00")],
            [("16:00", "17:00", 1)],
            8,
            5,
            [("08:00", "12:00", 8), ("13:00", "16:00", 8)],
            id="closed hours part it",
        ),
        pytest.param(
            [("20:00", "28:00")],
            [("23:55", "24:05", 4)],
            4,
            5,
            [("20:00", "28:00", 4)],
            id="over UTC midnight it is one",
        ),
        pytest.param(
            [("00:00", "48:00")], [], 8, 1440, [("00:00", "48:00", 8)], id="whole days are one"
        ),
        pytest.param(
            [("00:00", "24:00")],
            [("00:00", "00:05", 8), ("23:55", "24:00", 8)],
            1,
            5,
            [("00:05", "23:55", 8)],
            id="the first and the last slice of a day",
        ),
    ],
)
def test_windows_are_the_maximal_stretches_with_room(
    open_time: list[tuple[str, str]],
    parts: list[tuple[str, str, int]],
    workplaces: int,
    minutes: int,
    found: list[tuple[str, str, int]],
) -> None:
    spans = [span(*part) for part in open_time]
    shown = windows(spans, PLACES, taken(*parts), workplaces=workplaces, minutes=minutes)
    assert shown == [Window(span(start, end), free) for start, end, free in found]


def test_a_window_is_clipped_to_open_time_that_stands_between_two_slices() -> None:
    open_time = Span(at("09:02"), at("09:58"))
    assert windows([open_time], PLACES, taken(("09:00", "09:05", 2)), workplaces=1, minutes=5) == [
        Window(open_time, 6)
    ]


@pytest.mark.parametrize(
    ("open_time", "parts", "found"),
    [
        pytest.param([], [], [], id="never open"),
        pytest.param([("08:00", "18:00")], [], [("08:00", "18:00", 8)], id="all free"),
        pytest.param(
            [("08:00", "18:00")],
            [("10:00", "12:00", 8), ("11:00", "11:05", 0)],
            [("08:00", "10:00", 8), ("10:00", "12:00", 0), ("12:00", "18:00", 8)],
            id="what is full is shown as well",
        ),
        pytest.param(
            [("08:00", "12:00"), ("13:00", "17:00")],
            [("09:00", "10:00", 1), ("10:00", "10:05", 2)],
            [
                ("08:00", "09:00", 8),
                ("09:00", "10:00", 7),
                ("10:00", "10:05", 6),
                ("10:05", "12:00", 8),
                ("13:00", "17:00", 8),
            ],
            id="closed hours part it",
        ),
        pytest.param(
            [("20:00", "28:00")],
            [("23:55", "24:05", 4)],
            [("20:00", "23:55", 8), ("23:55", "24:05", 4), ("24:05", "28:00", 8)],
            id="over UTC midnight it is one",
        ),
        pytest.param(
            [("09:02", "09:58")],
            [("09:00", "09:05", 2)],
            [("09:02", "09:05", 6), ("09:05", "09:58", 8)],
            id="clipped to open time between two slices",
        ),
    ],
)
def test_stretches_are_the_open_time_parted_where_the_count_changes(
    open_time: list[tuple[str, str]],
    parts: list[tuple[str, str, int]],
    found: list[tuple[str, str, int]],
) -> None:
    spans = [span(*part) for part in open_time]
    assert stretches(spans, PLACES, taken(*parts)) == [
        Window(span(start, end), free) for start, end, free in found
    ]


slice_counts = st.lists(st.integers(0, 4), min_size=SLICES_PER_DAY, max_size=SLICES_PER_DAY)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(st.sampled_from([DAY, NEXT]), slice_counts),
    st.integers(0, 500),
    st.integers(1, 76),
    st.integers(1, 5),
    st.integers(1, 60),
)
def test_windows_agree_with_a_count_slice_by_slice(
    counts: dict[date, list[int]], first: int, length: int, workplaces: int, minutes: int
) -> None:
    """I8: what is free is the places less what is taken in that slice."""
    places = 4
    start = at("00:00") + first * GRAIN
    open_time = Span(start, start + length * GRAIN)

    def free(number: int) -> int:
        index = first + number
        row = counts.get(DAY + timedelta(days=index // SLICES_PER_DAY))
        return places - (row[index % SLICES_PER_DAY] if row else 0)

    expected = []
    number = 0
    while number < length:
        end = number
        while end < length and free(end) >= workplaces:
            end += 1
        if (end - number) * 5 >= minutes:
            whole = Span(start + number * GRAIN, start + end * GRAIN)
            expected.append(Window(whole, min(free(index) for index in range(number, end))))
        number = end + 1
    shown = windows([open_time], places, counts, workplaces=workplaces, minutes=minutes)
    assert shown == expected
    assert least_free(open_time, places, counts) == min(map(free, range(length)))
