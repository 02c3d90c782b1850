"""Requests that nobody answers in time, and members who leave (R5.1)."""

import json
from datetime import timedelta

from services.workshops.commands.bookings import LAPSED_AT_ONCE
from shared.russia.calendar import moscow_date
from tests.workshops.facts import Known, check_counts, check_told


async def status(known: Known, booking_id: str) -> str:
    return str((await known.read(f"bookings/{booking_id}")).json()["status"])


async def test_a_request_lapses_at_the_end_of_the_third_working_day(known: Known) -> None:
    far = {"starts_at": known.at("12:30", ahead=5), "ends_at": known.at("14:05", ahead=5)}
    booking = (await known.book(**far)).json()
    (row,) = await known.service.sql("SELECT answer_due_at FROM bookings")
    due = row["answer_due_at"]
    assert due < known.moment("12:30", ahead=5)
    known.service.clock.set(due - timedelta(seconds=2))
    assert await known.service.due() == 0
    known.service.clock.set(due)
    late = await known.decide(booking["id"], "approve")
    assert (late.status_code, late.json()["code"]) == (409, "wrong-status")
    assert (await known.decide(booking["id"], "decline", reason="x")).status_code == 409
    assert await status(known, booking["id"]) == "requested"
    assert await known.service.due() == 1
    assert await known.service.due() == 0
    assert await status(known, booking["id"]) == "lapsed"
    (told,) = await known.service.told("workshops.booking.lapsed.v1")
    assert json.loads(told["body"])["booking_id"] == booking["id"]
    (noted,) = await known.service.sql("SELECT * FROM audit WHERE action = 'booking.lapsed'")
    assert (noted["person_id"], noted["before"]) == (None, '{"status": "requested"}')
    await check_counts(known.service)
    await check_told(known.service)


async def test_a_request_lapses_at_its_start_if_that_is_earlier(known: Known) -> None:
    known.service.clock.set(known.moment("12:00"))
    booking = (await known.book()).json()
    assert booking["answer_due_at"] == booking["starts_at"]
    known.service.clock.set(known.moment("12:30"))
    assert (await known.decide(booking["id"], "approve")).json()["code"] == "wrong-status"
    assert await known.service.due() == 1
    assert await status(known, booking["id"]) == "lapsed"


async def test_confirmed_bookings_never_lapse(known: Known) -> None:
    booking = (await known.book()).json()
    await known.decide(booking["id"], "approve")
    known.service.clock.set(known.moment("23:00"))
    assert await known.service.due() == 0
    assert await status(known, booking["id"]) == "confirmed"


async def test_requests_lapse_with_the_withdrawal_of_either_side_and_the_confirmed_live_on(
    known: Known,
) -> None:
    """R5.1; I2: nobody approves a withdrawal, and what is under way stays."""
    asked = {}
    for member_id in (known.college, known.firm):
        asked[member_id] = [(await known.book(member_id)).json()["id"] for _ in range(2)]
        await known.decide(asked[member_id][1], "approve")
    today = moscow_date(known.service.clock())
    await known.leave(known.college, today + timedelta(days=1))
    assert await known.service.due() == 0
    await known.leave(known.college, today)
    late = await known.decide(asked[known.college][0], "approve")
    assert (late.status_code, late.json()["code"]) == (409, "member-not-active")
    assert await known.service.due() == 1
    assert [await status(known, id_) for id_ in asked[known.college]] == ["lapsed", "confirmed"]
    assert [await status(known, id_) for id_ in asked[known.firm]] == ["requested", "confirmed"]
    await known.leave(known.owner, today)
    assert await known.service.due() == 1
    assert [await status(known, id_) for id_ in asked[known.firm]] == ["lapsed", "confirmed"]
    known.service.clock.set(known.moment("12:30"))
    for id_ in (asked[known.college][1], asked[known.firm][1]):
        assert (await known.decide(id_, "check-in")).status_code == 200
        done = await known.decide(id_, "complete", actual_minutes=95)
        assert (done.status_code, done.json()["status"]) == (200, "completed")
    await check_counts(known.service)
    await check_told(known.service)


async def test_a_backlog_lapses_in_portions_until_none_is_left(known: Known) -> None:
    await known.book()
    await known.service.sql(
        """
        WITH more AS (
            INSERT INTO bookings SELECT (jsonb_populate_record(b,
                jsonb_build_object('id', gen_random_uuid(), 'starts_at',
                    b.starts_at + make_interval(days => n), 'ends_at',
                    b.ends_at + make_interval(days => n)))).*
            FROM bookings b, generate_series(1, $1::int) n RETURNING *
        )
        INSERT INTO pool_days SELECT d.pool_id, (more.starts_at AT TIME ZONE 'UTC')::date,
            d.places, d.taken FROM more JOIN pool_days d USING (pool_id)
        """,
        LAPSED_AT_ONCE + 4,
    )
    await check_counts(known.service)
    known.service.clock.set(known.moment("12:30"))
    assert [await known.service.due() for _ in range(3)] == [LAPSED_AT_ONCE, 5, 0]
    await check_counts(known.service)
