"""The working calendar: moved days off, short days, and terms that end where the law says."""

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.russia.calendar import (
    DayKind,
    add_working_days,
    day,
    end_of_day,
    is_working_day,
    moscow_date,
    published_years,
    working_days_between,
)

DATES = st.dates(min_value=date(2020, 1, 1), max_value=date(2032, 12, 31))
INSTANTS = st.datetimes(
    min_value=datetime.fromisoformat("2020-01-01"),
    max_value=datetime.fromisoformat("2032-12-31"),
    timezones=st.just(UTC),
)


def days_of(year):
    first = date(year, 1, 1)
    return [first + timedelta(days=offset) for offset in range((date(year + 1, 1, 1) - first).days)]


def short_days_of(year):
    return [on.strftime("%d.%m") for on in days_of(year) if day(on).is_short]


def test_i27_a_term_of_one_working_day_from_friday_5_march_2027_ends_on_tuesday_9_march():
    assert add_working_days(date(2027, 3, 5), 1) == date(2027, 3, 9)


def test_i27_a_term_of_one_working_day_from_19_february_2027_ends_on_working_saturday():
    assert add_working_days(date(2027, 2, 19), 1) == date(2027, 2, 20)


def test_i27_a_term_of_one_working_day_from_30_april_2027_ends_on_tuesday_4_may():
    assert add_working_days(date(2027, 4, 30), 1) == date(2027, 5, 4)


@pytest.mark.parametrize(
    ("year", "working_days"), [(2024, 248), (2025, 247), (2026, 247), (2027, 247)]
)
def test_i27_a_published_year_has_its_official_number_of_working_days(year, working_days):
    assert sum(is_working_day(on) for on in days_of(year)) == working_days
    assert working_days_between(date(year - 1, 12, 31), date(year, 12, 31)) == working_days


@pytest.mark.parametrize(
    ("on", "kind", "name_ru"),
    [
        pytest.param(date(2026, 11, 23), DayKind.WORKING_DAY, None, id="monday"),
        pytest.param(date(2026, 11, 21), DayKind.DAY_OFF, None, id="saturday"),
        pytest.param(date(2026, 11, 22), DayKind.DAY_OFF, None, id="sunday"),
        pytest.param(date(2026, 11, 3), DayKind.SHORT_DAY, None, id="eve-of-unity-day"),
        pytest.param(
            date(2026, 11, 4), DayKind.PUBLIC_HOLIDAY, "День народного единства", id="unity-day"
        ),
        pytest.param(
            date(2027, 1, 7), DayKind.PUBLIC_HOLIDAY, "Рождество Христово", id="christmas"
        ),
        pytest.param(
            date(2025, 1, 4), DayKind.PUBLIC_HOLIDAY, "Новогодние каникулы", id="holiday-saturday"
        ),
        pytest.param(
            date(2026, 3, 9),
            DayKind.MOVED_DAY_OFF,
            "Международный женский день (выходной)",
            id="moved-by-article-112",
        ),
        pytest.param(
            date(2026, 1, 9),
            DayKind.MOVED_DAY_OFF,
            "Выходной (перенесено с 03.01.2026)",
            id="moved-by-decree",
        ),
        pytest.param(date(2025, 11, 1), DayKind.WORKING_WEEKEND, None, id="working-saturday-2025"),
        pytest.param(date(2027, 2, 20), DayKind.WORKING_WEEKEND, None, id="working-saturday-2027"),
    ],
)
def test_a_day_is_told_by_kind_and_name(on, kind, name_ru):
    told = day(on)
    assert (told.on, told.kind, told.name_ru, told.is_published) == (on, kind, name_ru, True)


@pytest.mark.parametrize(
    ("kind", "is_working"),
    [
        (DayKind.WORKING_DAY, True),
        (DayKind.SHORT_DAY, True),
        (DayKind.WORKING_WEEKEND, True),
        (DayKind.DAY_OFF, False),
        (DayKind.PUBLIC_HOLIDAY, False),
        (DayKind.MOVED_DAY_OFF, False),
    ],
)
def test_the_kind_of_a_day_says_whether_it_works(kind, is_working):
    found = [day(on) for on in days_of(2027) if day(on).kind is kind]
    assert found
    assert {told.is_working for told in found} == {is_working}


@pytest.mark.parametrize(
    ("year", "short_days"),
    [
        (2024, ["22.02", "07.03", "08.05", "11.06", "02.11"]),
        (2025, ["07.03", "30.04", "11.06", "01.11"]),
        (2026, ["30.04", "08.05", "11.06", "03.11"]),
        (2027, ["20.02", "30.04", "11.06", "03.11"]),
    ],
)
def test_a_published_year_has_its_official_short_days(year, short_days):
    assert short_days_of(year) == short_days


@pytest.mark.parametrize("year", published_years())
def test_the_table_of_short_days_agrees_with_labour_code_95_and_order_588n(year):
    """A working eve is short; so is a working weekend exchanged for a day that was an eve."""

    def is_eve(on):
        return day(on + timedelta(days=1)).kind is DayKind.PUBLIC_HOLIDAY

    exchanged = {
        day(on).name_ru.removeprefix("Выходной (перенесено с ").removesuffix(")"): on
        for on in days_of(year)
        if day(on).kind is DayKind.MOVED_DAY_OFF
    }
    by_rule = [
        on.strftime("%d.%m")
        for on in days_of(year)
        if day(on).is_working
        and (
            is_eve(exchanged[on.strftime("%d.%m.%Y")])
            if day(on).kind is DayKind.WORKING_WEEKEND
            else is_eve(on)
        )
    ]
    assert short_days_of(year) == by_rule


def test_a_working_weekend_can_be_short_and_keeps_its_kind():
    told = day(date(2027, 2, 20))
    assert (told.kind, told.is_short, told.is_working) == (DayKind.WORKING_WEEKEND, True, True)


def test_the_calendar_says_how_far_it_is_published():
    assert list(published_years()) == [2024, 2025, 2026, 2027]
    assert day(date(2027, 12, 31)).is_published
    assert not day(date(2028, 1, 1)).is_published
    assert not day(date(2023, 12, 31)).is_published


@pytest.mark.parametrize(
    ("on", "kind", "is_short"),
    [
        pytest.param(date(2028, 1, 8), DayKind.PUBLIC_HOLIDAY, False, id="fixed-holiday"),
        pytest.param(date(2028, 3, 7), DayKind.SHORT_DAY, True, id="eve"),
        pytest.param(date(2028, 11, 4), DayKind.PUBLIC_HOLIDAY, False, id="holiday-on-saturday"),
        pytest.param(date(2028, 11, 6), DayKind.MOVED_DAY_OFF, False, id="next-working-day"),
        pytest.param(date(2028, 1, 10), DayKind.WORKING_DAY, False, id="january-is-not-moved"),
        pytest.param(date(2028, 12, 29), DayKind.WORKING_DAY, False, id="friday-is-no-eve"),
        pytest.param(date(2029, 12, 31), DayKind.SHORT_DAY, True, id="31-december"),
        pytest.param(date(2023, 2, 24), DayKind.WORKING_DAY, False, id="decree-of-2023-unknown"),
        pytest.param(date.max, DayKind.SHORT_DAY, True, id="the-last-date"),
    ],
)
def test_beyond_what_is_published_article_112_alone_answers(on, kind, is_short):
    told = day(on)
    assert (told.kind, told.is_short, told.is_published) == (kind, is_short, False)


def test_the_calendar_is_not_asked_by_datetime():
    with pytest.raises(TypeError, match="moscow_date"):
        day(datetime(2026, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("on", "count", "reached"),
    [
        pytest.param(date(2026, 12, 30), 1, date(2027, 1, 11), id="over-the-new-year"),
        pytest.param(date(2027, 3, 9), -1, date(2027, 3, 5), id="back-over-8-march"),
        pytest.param(date(2027, 2, 24), -1, date(2027, 2, 20), id="back-to-working-saturday"),
        pytest.param(date(2026, 11, 22), 1, date(2026, 11, 23), id="from-a-sunday"),
        pytest.param(date(2026, 11, 22), -1, date(2026, 11, 20), id="back-from-a-sunday"),
        pytest.param(date(2026, 11, 22), 0, date(2026, 11, 22), id="zero-stays-on-a-sunday"),
        pytest.param(date(2027, 5, 11), -10, date(2027, 4, 23), id="ten-before-a-placement"),
    ],
)
def test_working_days_are_added_and_taken_away(on, count, reached):
    assert add_working_days(on, count) == reached


@pytest.mark.parametrize("count", [1001, -1001])
def test_a_term_beyond_a_thousand_working_days_is_a_mistake(count):
    with pytest.raises(ValueError, match="1000"):
        add_working_days(date(2026, 1, 1), count)


@pytest.mark.parametrize("count", [1000, -1000])
def test_a_term_of_a_thousand_working_days_is_counted(count):
    on = date(2026, 11, 23)
    assert working_days_between(on, add_working_days(on, count)) == count


@given(on=DATES, count=st.integers(min_value=-60, max_value=60).filter(bool))
def test_i27_a_term_ends_on_a_working_day_and_counts_back_to_its_length(on, count):
    reached = add_working_days(on, count)
    assert is_working_day(reached)
    assert working_days_between(on, reached) == count


@given(on=DATES, first=st.integers(0, 40), second=st.integers(0, 40))
def test_two_terms_in_a_row_are_as_long_as_their_sum(on, first, second):
    in_a_row = add_working_days(add_working_days(on, first), second)
    assert in_a_row == add_working_days(on, first + second)


@given(start=DATES, middle=DATES, end=DATES)
def test_working_days_of_neighbouring_spans_add_up(start, middle, end):
    start, middle, end = sorted([start, middle, end])
    parts = working_days_between(start, middle) + working_days_between(middle, end)
    assert parts == working_days_between(start, end)


def test_no_working_days_lie_between_a_date_and_itself():
    assert working_days_between(date(2026, 11, 23), date(2026, 11, 23)) == 0


def test_a_term_in_days_ends_at_24_hours_moscow_time():
    assert end_of_day(date(2026, 12, 31)) == datetime(2026, 12, 31, 21, tzinfo=UTC)
    assert end_of_day(date(2026, 12, 31)).tzinfo is UTC


@pytest.mark.parametrize(
    ("instant", "on"),
    [
        pytest.param(
            datetime(2026, 11, 22, 20, 59, 59, tzinfo=UTC), date(2026, 11, 22), id="before-midnight"
        ),
        pytest.param(datetime(2026, 11, 22, 21, tzinfo=UTC), date(2026, 11, 23), id="midnight"),
        pytest.param(
            datetime(2026, 11, 23, 6, tzinfo=timezone(timedelta(hours=12))),
            date(2026, 11, 22),
            id="from-kamchatka",
        ),
    ],
)
def test_the_date_of_an_instant_is_that_of_moscow(instant, on):
    assert moscow_date(instant) == on


@given(INSTANTS)
def test_an_instant_is_before_the_end_of_its_moscow_date_and_not_before_the_end_of_the_eve(instant):
    on = moscow_date(instant)
    assert end_of_day(on - timedelta(days=1)) <= instant < end_of_day(on)


def test_an_instant_without_a_zone_has_no_date():
    with pytest.raises(ValueError, match="time zone"):
        moscow_date(datetime.fromisoformat("2026-11-22T12:00"))


def test_the_heavy_library_is_loaded_only_when_the_calendar_is_asked():
    program = (
        "import sys, shared.russia.calendar as c; assert 'holidays' not in sys.modules;"
        "c.published_years(); assert 'holidays' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
