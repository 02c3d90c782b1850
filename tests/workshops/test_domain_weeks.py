"""Weeks of the academic year: which are odd, and on which days lessons come."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.workshops.domain.weeks import Weeks, days_on, number_of_week

DATES = st.dates(date(2020, 1, 1), date(2035, 12, 31))


@pytest.mark.parametrize(
    ("on", "number"),
    [
        (date(2026, 8, 31), 1),  # the Monday of the week with the 1st of September
        (date(2026, 9, 6), 1),
        (date(2026, 9, 7), 2),
        (date(2026, 12, 31), 18),
        (date(2027, 1, 11), 20),
        (date(2027, 8, 29), 52),
        (date(2024, 9, 1), 53),  # a Sunday: the week after it is the first
        (date(2024, 9, 2), 1),
    ],
)
def test_weeks_are_counted_from_the_first_of_september(on: date, number: int) -> None:
    assert number_of_week(on) == number


@given(DATES)
def test_a_week_has_one_number_and_the_next_one_follows(on: date) -> None:
    monday = on - timedelta(days=on.weekday())
    numbers = {number_of_week(monday + timedelta(days=offset)) for offset in range(7)}
    assert len(numbers) == 1
    following = number_of_week(monday + timedelta(days=7))
    assert following in (numbers.pop() + 1, 1)


@given(DATES, st.integers(0, 365), st.integers(0, 6))
def test_odd_and_even_weeks_make_up_every_week(first_on: date, days: int, weekday: int) -> None:
    last_on = first_on + timedelta(days=days)
    every, odd, even = (days_on(weekday, weeks, first_on, last_on) for weeks in Weeks)
    assert sorted(odd + even) == every
    assert all(on.weekday() == weekday and first_on <= on <= last_on for on in every)
    assert all(number_of_week(on) % 2 == 1 for on in odd)


def test_there_are_no_lessons_on_public_holidays() -> None:
    fridays = days_on(4, Weeks.EVERY, date(2027, 1, 1), date(2027, 1, 31))
    assert fridays == [date(2027, 1, 15), date(2027, 1, 22), date(2027, 1, 29)]
    assert days_on(4, Weeks.EVERY, date(2027, 1, 16), date(2027, 1, 21)) == []
    assert days_on(4, Weeks.EVERY, date(2027, 1, 22), date(2027, 1, 15)) == []
