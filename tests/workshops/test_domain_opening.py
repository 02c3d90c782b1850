"""Opening hours: the grid of a site, the working calendar over it, and spans across midnight."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.workshops.domain.facts import Hours, Span
from services.workshops.domain.opening import hours_on, is_open, open_spans

MOSCOW = "Europe/Moscow"
MONDAY, FRIDAY, SATURDAY, SUNDAY = 0, 4, 5, 6
SIX_DAYS = tuple(Hours(weekday, 510, 1160) for weekday in range(6))
FIVE_DAYS = (*(Hours(weekday, 480, 1080) for weekday in range(4)), Hours(FRIDAY, 480, 960))
ALWAYS = tuple(Hours(weekday, 0, 1440) for weekday in range(7))
TWO_SHIFTS = tuple(
    part for weekday in range(5) for part in (Hours(weekday, 840, 1200), Hours(weekday, 480, 840))
)
LUNCH = (Hours(MONDAY, 480, 720), Hours(MONDAY, 765, 1020))


def span(start: str, end: str, zone: str = MOSCOW) -> Span:
    starts_at, ends_at = (
        datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        for text in (start, end)
    )
    return Span(starts_at, ends_at)


@pytest.mark.parametrize(
    ("on", "grid", "opening"),
    [
        pytest.param(date(2026, 10, 5), SIX_DAYS, (510, 1160), id="a Monday"),
        pytest.param(date(2026, 10, 10), SIX_DAYS, (510, 1160), id="a Saturday of a six-day week"),
        pytest.param(date(2026, 10, 10), FIVE_DAYS, None, id="a Saturday of a five-day week"),
        pytest.param(date(2026, 10, 11), SIX_DAYS, None, id="a Sunday"),
        pytest.param(date(2026, 10, 11), ALWAYS, (0, 1440), id="a Sunday that the grid opens"),
        pytest.param(date(2026, 11, 4), ALWAYS, None, id="Unity Day"),
        pytest.param(date(2026, 12, 31), ALWAYS, None, id="31 December 2026 is a moved day off"),
        *(
            pytest.param(date(2027, 1, day), ALWAYS, None, id=f"{day} January")
            for day in range(1, 9)
        ),
        pytest.param(date(2027, 1, 11), SIX_DAYS, (510, 1160), id="the first Monday after"),
        pytest.param(date(2027, 2, 19), FIVE_DAYS, (480, 960), id="the Friday before"),
        pytest.param(date(2027, 2, 20), FIVE_DAYS, (480, 960), id="working Saturday as Friday"),
        pytest.param(date(2027, 2, 20), SIX_DAYS, (510, 1160), id="working Saturday by its grid"),
        pytest.param(date(2027, 2, 22), ALWAYS, None, id="22 February 2027 was exchanged for it"),
        pytest.param(date(2027, 2, 23), ALWAYS, None, id="23 February"),
        pytest.param(date(2027, 5, 1), ALWAYS, None, id="1 May"),
        pytest.param(date(2027, 5, 3), ALWAYS, None, id="3 May 2027 is moved"),
        *(
            pytest.param(date(2027, 5, day), SIX_DAYS, (510, 1160), id=f"{day} May 2027 works")
            for day in range(4, 8)
        ),
        pytest.param(date(2027, 5, 8), FIVE_DAYS, None, id="8 May 2027 is a Saturday"),
        pytest.param(date(2027, 5, 9), ALWAYS, None, id="9 May"),
        pytest.param(date(2027, 5, 10), ALWAYS, None, id="10 May 2027 is moved"),
        pytest.param(date(2027, 5, 11), SIX_DAYS, (510, 1160), id="11 May 2027 works again"),
        pytest.param(date(2030, 1, 7), ALWAYS, None, id="beyond the published years by law"),
        pytest.param(date(2030, 1, 9), SIX_DAYS, (510, 1160), id="beyond them a plain day"),
        pytest.param(date(2030, 5, 6), ALWAYS, (0, 1440), id="beyond them no move is invented"),
    ],
)
def test_a_date_opens_by_its_weekday_and_never_on_a_holiday(
    on: date, grid: tuple[Hours, ...], opening: tuple[int, int] | None
) -> None:
    """I10: public holidays block all; a working weekend opens by its own grid or as Friday."""
    found = [(part.opens, part.closes) for part in hours_on(grid, on)]
    assert found == ([] if opening is None else [opening])


@pytest.mark.parametrize(
    ("grid", "zone", "asked", "answer"),
    [
        pytest.param(SIX_DAYS, MOSCOW, ("2026-10-05T08:30", "2026-10-05T19:20"), True, id="whole"),
        pytest.param(
            SIX_DAYS, MOSCOW, ("2026-10-05T08:25", "2026-10-05T10:05"), False, id="5 too early"
        ),
        pytest.param(
            SIX_DAYS, MOSCOW, ("2026-10-05T17:45", "2026-10-05T19:25"), False, id="5 too late"
        ),
        pytest.param(
            SIX_DAYS, MOSCOW, ("2026-10-05T19:20", "2026-10-05T20:20"), False, id="after closing"
        ),
        pytest.param(
            SIX_DAYS, MOSCOW, ("2026-10-05T12:00", "2026-10-06T09:00"), False, id="over a night"
        ),
        pytest.param(
            ALWAYS, MOSCOW, ("2026-10-05T22:00", "2026-10-06T04:00"), True, id="over midnight"
        ),
        pytest.param(
            ALWAYS, MOSCOW, ("2026-10-05T02:00", "2026-10-05T04:00"), True, id="UTC midnight"
        ),
        pytest.param(
            ALWAYS, MOSCOW, ("2026-11-03T22:00", "2026-11-04T00:00"), True, id="up to a holiday"
        ),
        pytest.param(
            ALWAYS, MOSCOW, ("2026-11-03T22:00", "2026-11-04T00:05"), False, id="into a holiday"
        ),
        pytest.param(
            ALWAYS, MOSCOW, ("2026-11-04T23:55", "2026-11-05T01:00"), False, id="out of a holiday"
        ),
        pytest.param(
            ALWAYS, MOSCOW, ("2026-11-05T00:00", "2026-11-05T01:00"), True, id="right after it"
        ),
        pytest.param(
            TWO_SHIFTS,
            MOSCOW,
            ("2026-10-05T13:00", "2026-10-05T15:00"),
            True,
            id="adjoining shifts",
        ),
        pytest.param(
            LUNCH, MOSCOW, ("2026-10-05T11:00", "2026-10-05T13:00"), False, id="over a break"
        ),
        pytest.param(
            LUNCH, MOSCOW, ("2026-10-05T12:45", "2026-10-05T13:00"), True, id="after the break"
        ),
        pytest.param(
            SIX_DAYS,
            "Asia/Vladivostok",
            ("2026-10-05T08:30", "2026-10-05T19:20"),
            True,
            id="the site's own zone, over UTC midnight",
        ),
        pytest.param((), MOSCOW, ("2026-10-05T10:00", "2026-10-05T11:00"), False, id="no grid"),
    ],
)
def test_a_span_is_open_only_as_a_whole(
    grid: tuple[Hours, ...], zone: str, asked: tuple[str, str], answer: bool
) -> None:
    assert is_open(grid, zone, span(*asked, zone=zone)) is answer


def test_adjoining_hours_are_one_stretch_and_a_break_parts_them() -> None:
    day = span("2026-10-05T00:00", "2026-10-06T00:00")
    assert open_spans(TWO_SHIFTS, MOSCOW, day) == [span("2026-10-05T08:00", "2026-10-05T20:00")]
    assert open_spans(LUNCH, MOSCOW, day) == [
        span("2026-10-05T08:00", "2026-10-05T12:00"),
        span("2026-10-05T12:45", "2026-10-05T17:00"),
    ]


def test_open_time_over_the_may_holidays_is_cut_out_and_joined_over_midnight() -> None:
    """Demo story 8: 3-10 May 2027."""
    found = open_spans(ALWAYS, MOSCOW, span("2027-04-30T12:00", "2027-05-12T00:00"))
    assert found == [
        span("2027-04-30T12:00", "2027-05-01T00:00"),
        span("2027-05-02T00:00", "2027-05-03T00:00"),
        span("2027-05-04T00:00", "2027-05-09T00:00"),
        span("2027-05-11T00:00", "2027-05-12T00:00"),
    ]


def test_open_time_is_clipped_to_what_was_asked_for() -> None:
    within = span("2026-10-05T09:07", "2026-10-05T09:43")
    assert open_spans(SIX_DAYS, MOSCOW, within) == [within]
    assert open_spans(SIX_DAYS, MOSCOW, span("2026-10-11T00:00", "2026-10-12T00:00")) == []


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York"])
def test_no_stretch_is_empty_or_backward_where_clocks_are_changed(zone: str) -> None:
    at_night = tuple(Hours(weekday, 150, 180) for weekday in range(7))
    found = open_spans(at_night, zone, span("2027-03-01T00:00", "2027-04-05T00:00", zone=zone))
    assert all(part.starts_at < part.ends_at for part in found)


hours = st.builds(
    lambda weekday, opens, length: Hours(weekday, opens * 5, min(1440, (opens + length) * 5)),
    st.integers(0, 6),
    st.integers(0, 287),
    st.integers(1, 288),
)


@settings(deadline=None)
@given(
    st.lists(hours, max_size=8),
    st.integers(0, 40 * 288),
    st.integers(1, 4 * 288),
    st.sampled_from([MOSCOW, "Asia/Kamchatka", "UTC"]),
)
def test_open_time_agrees_with_a_minute_by_minute_look_at_the_grid(
    grid: list[Hours], start: int, slices: int, zone: str
) -> None:
    starts_at = datetime(2027, 4, 10, tzinfo=UTC) + timedelta(minutes=5 * start)
    within = Span(starts_at, starts_at + timedelta(minutes=5 * slices))
    found = open_spans(tuple(grid), zone, within)
    for before, after in pairwise(found):
        assert before.ends_at < after.starts_at
    for number in range(slices):
        moment = starts_at + timedelta(minutes=5 * number)
        local = moment.astimezone(ZoneInfo(zone))
        minute = local.hour * 60 + local.minute
        is_in_grid = any(
            part.opens <= minute < part.closes for part in hours_on(tuple(grid), local.date())
        )
        assert is_in_grid == any(part.starts_at <= moment < part.ends_at for part in found)
