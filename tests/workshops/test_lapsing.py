"""Requests that nobody answers in time, and members who leave (R5.1)."""

import asyncio
import json
from datetime import timedelta

import asyncpg

from services.workshops.commands import catalogue
from services.workshops.commands.bookings import LAPSED_AT_ONCE
from services.workshops.domain.facts import Approval, Hours
from shared.russia.calendar import moscow_date
from tests.harness import Running
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


async def test_lapsing_takes_the_days_of_a_pool_in_order_so_that_it_never_deadlocks(
    workshops: Running,
) -> None:
    """I9: a booking over UTC midnight takes its two days in order, and so does what lapses."""
    known = await Known(workshops).lay()
    async with known.as_owner() as tx:
        site = await catalogue.open_site(
            tx,
            name="Круглосуточный",
            town="Смоленск",
            time_zone="Europe/Moscow",
            hours=[Hours(weekday, 0, 1440) for weekday in range(7)],
        )
        known.workshop = await catalogue.open_workshop(
            tx,
            site_id=site,
            name="Круглые сутки",
            workplaces=2,
            approval=Approval.MANUAL,
            competences=[],
            net_kopecks=0,
        )
    later = {"starts_at": known.at("04:00"), "ends_at": known.at("05:00"), "workplaces": 1}
    sooner = {"starts_at": known.at("01:00"), "ends_at": known.at("02:00"), "workplaces": 1}
    assert (await known.book(**later)).status_code == 201
    assert (await known.book(**sooner)).status_code == 201
    known.service.clock.set(known.moment("00:00"))
    other = await asyncpg.connect(workshops.servers.owner_url("workshops", workshops.database_name))
    try:
        held = other.transaction()
        await held.start()
        first, second = await other.fetch("SELECT day FROM pool_days ORDER BY day")
        await other.execute("SELECT 1 FROM pool_days WHERE day = $1 FOR UPDATE", first["day"])
        lapsing = asyncio.create_task(workshops.due())
        await _until_somebody_waits(other)
        await other.execute(
            "SELECT 1 FROM pool_days WHERE day = $1 FOR UPDATE NOWAIT", second["day"]
        )
        await held.rollback()
        assert await lapsing == 2
    finally:
        await other.close()
    await check_counts(workshops)


async def _until_somebody_waits(connection: asyncpg.Connection) -> None:
    while not await connection.fetchval("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"):
        await asyncio.sleep(0.01)
