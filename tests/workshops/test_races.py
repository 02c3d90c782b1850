"""Many at once: as many win as there is room, the others are told so, and nothing is ever over."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from services.workshops.domain.facts import Approval
from shared.ids import new_id
from shared.russia.calendar import moscow_date
from tests.harness import Running
from tests.workshops.facts import Known, check_counts, check_told


async def deadlocks(service: Running) -> int:
    """How often the database had to break a deadlock; backends tell it when they end."""
    await service.runtime.database.close()
    await service.runtime.database.open()
    (row,) = await service.sql(
        "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    )
    return int(row["deadlocks"])


def codes(answers: list[Any]) -> Counter[str]:
    return Counter(
        answer.json()["code"] if answer.status_code >= 400 else str(answer.status_code)
        for answer in answers
    )


@pytest.mark.parametrize("approval", Approval)
async def test_200_at_once_for_the_last_places_of_a_slot_win_exactly_as_many_as_there_are(
    workshops: Running, approval: Approval
) -> None:
    """I8, I9: no 500, no deadlock, nobody too many and nobody too few."""
    known = await Known(workshops).lay(approval)
    members = [known.college, known.firm, known.owner, *(new_id() for _ in range(5))]
    for number, member_id in enumerate(members[3:]):
        await known.join(member_id, f"member-{number}")
        await known.agree("services", member_id)
    assert (await known.book(workplaces=1)).status_code == 201
    answers = await asyncio.gather(
        *(known.book(members[number % len(members)], workplaces=1) for number in range(200))
    )
    assert codes(answers) == {"201": 7, "slot-taken": 193}
    assert {answer.status_code for answer in answers} == {201, 409}
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 201}) == 7
    (day,) = await workshops.sql("SELECT * FROM pool_days")
    assert (max(day["taken"]), sum(day["taken"])) == (8, 8 * 19)
    await check_counts(workshops)
    await check_told(workshops)
    (kept,) = await workshops.sql("SELECT count(*) FROM idempotency")
    assert kept["count"] == 8
    assert await deadlocks(workshops) == 0


async def test_unequal_asks_at_once_fill_the_workshop_and_never_more(workshops: Running) -> None:
    """I8: asks of one, two and three places, over parts of the same hours."""
    known = await Known(workshops).lay(Approval.INSTANT)
    spans = [("09:00", "11:00"), ("10:00", "12:00"), ("11:00", "13:00"), ("09:00", "13:00")]
    answers = await asyncio.gather(
        *(
            known.book(
                workplaces=1 + number % 3,
                starts_at=known.at(spans[number % 4][0]),
                ends_at=known.at(spans[number % 4][1]),
            )
            for number in range(60)
        )
    )
    assert set(codes(answers)) == {"201", "slot-taken"}
    await check_counts(workshops)
    free = await known.windows()
    for start, end in spans:
        ask = {"starts_at": known.at(start), "ends_at": known.at(end), "workplaces": 1}
        is_shown = any(
            window["starts_at"] <= ask["starts_at"].replace("+00:00", "Z")
            and ask["ends_at"].replace("+00:00", "Z") <= window["ends_at"]
            for window in free
        )
        assert (await known.quote(**ask)).json()["bookable"] is is_shown


async def test_two_bundles_of_the_same_machines_in_opposite_order_one_wins_at_once(
    workshops: Running,
) -> None:
    """I9."""
    known = await Known(workshops).lay(Approval.INSTANT)
    first, second = (str(machine_id) for machine_id in known.machines[:2])
    for number in range(30):
        start = known.moment("08:30") + timedelta(minutes=20 * number)
        ask = {
            "workplaces": 2,
            "starts_at": start.isoformat(),
            "ends_at": (start + timedelta(minutes=20)).isoformat(),
        }
        answers = await asyncio.gather(
            known.book(known.college, equipment_ids=[first, second], **ask),
            known.book(known.firm, equipment_ids=[second, first], **ask),
            known.book(known.owner, equipment_ids=[second], **ask),
        )
        wins = codes(answers)
        assert wins == {"201": 1, "slot-taken": 2}, number
    await check_counts(workshops)
    assert await deadlocks(workshops) == 0


async def test_what_frees_a_slot_lets_exactly_one_more_in(workshops: Running) -> None:
    """I8: cancels and asks cross each other."""
    known = await Known(workshops).lay(Approval.INSTANT, workplaces=3)
    for _ in range(8):
        held = [answer.json()["id"] for answer in [await known.book(workplaces=1) for _ in "abc"]]
        crossed = await asyncio.gather(
            *(known.decide(booking_id, "cancel", reason="x") for booking_id in held[:2]),
            *(known.book(known.firm, workplaces=1) for _ in range(4)),
        )
        assert [answer.status_code for answer in crossed[:2]] == [200, 200]
        assert set(codes(crossed[2:])) <= {"201", "slot-taken"}
        assert codes(crossed[2:])["201"] <= 2
        await check_counts(workshops)
        rest = await asyncio.gather(*(known.book(workplaces=1) for _ in range(3)))
        assert codes(crossed[2:])["201"] + codes(rest)["201"] == 2
        rows = await workshops.sql("SELECT id FROM bookings WHERE status = 'confirmed'")
        for row in rows:
            await known.decide(str(row["id"]), "cancel", reason="x")
    assert await deadlocks(workshops) == 0


async def test_of_steps_at_once_each_booking_ends_in_one_way(known: Known) -> None:
    """Decline, cancel and lapse exclude each other; what was approved can still be cancelled."""
    for _ in range(6):
        booking_id = (await known.book(workplaces=8)).json()["id"]
        approve, decline, *cancels = await asyncio.gather(
            known.decide(booking_id, "approve"),
            known.decide(booking_id, "decline", reason="x"),
            known.decide(booking_id, "cancel", reason="x"),
            known.decide(booking_id, "cancel", known.college, reason="x"),
        )
        done = [answer.status_code == 200 for answer in (approve, decline, *cancels)]
        assert {answer.status_code for answer in (approve, decline, *cancels)} <= {200, 409}
        ends = await known.service.sql(
            "SELECT subject FROM outbox WHERE aggregate_id = $1 ORDER BY seq", UUID(booking_id)
        )
        subjects = [row["subject"].split(".")[2] for row in ends][1:]
        assert sum(done) == len(subjects)
        assert subjects in (["declined"], ["cancelled"], ["confirmed", "cancelled"])
        await check_counts(known.service)
    await check_told(known.service)


async def test_a_request_of_a_member_who_left_lapses_or_is_ended_but_once(known: Known) -> None:
    """R5.1."""
    asked = [(await known.book(workplaces=1)).json()["id"] for _ in range(6)]
    await known.leave(known.college, moscow_date(known.service.clock()))
    answers = await asyncio.gather(
        known.service.due(),
        *(known.decide(booking_id, "decline", reason="x") for booking_id in asked),
        known.service.due(),
        *(known.decide(booking_id, "approve") for booking_id in asked),
        known.service.due(),
    )
    declined = codes(list(answers[1:7]))
    approved = codes(list(answers[8:14]))
    await known.service.due()
    statuses = Counter(row["status"] for row in await known.service.sql("SELECT * FROM bookings"))
    assert set(statuses) <= {"declined", "lapsed"}
    assert statuses["declined"] == declined["200"]
    assert set(declined) <= {"200", "wrong-status"}
    assert set(approved) <= {"wrong-status", "member-not-active"}
    ends = await known.service.told("workshops.booking.declined.v1", "workshops.booking.lapsed.v1")
    assert sorted(str(row["aggregate_id"]) for row in ends) == sorted(asked)
    await check_counts(known.service)
    assert await deadlocks(known.service) == 0


@pytest.mark.parametrize("way", ["book", "cancel", "decline", "lapse one", "lapse two"])
async def test_whoever_takes_two_days_of_a_pool_takes_them_in_order_so_that_nobody_deadlocks(
    known: Known, way: str
) -> None:
    """I9: one that waits for the first day does not hold the second. UTC midnight is at 03:00."""
    await known.open_round_the_clock(2)
    sooner = {"starts_at": known.at("01:00"), "ends_at": known.at("02:00"), "workplaces": 1}
    later = {"starts_at": known.at("04:00"), "ends_at": known.at("05:00"), "workplaces": 1}
    both = {"starts_at": known.at("02:00"), "ends_at": known.at("04:00"), "workplaces": 1}
    before = (later, sooner) if way in ("book", "lapse two") else (both,)
    asked = [await known.book(**span) for span in before]
    steps: dict[str, Callable[[], Awaitable[Any]]] = {
        "book": lambda: known.book(known.firm, **both),
        "cancel": lambda: known.decide(asked[0].json()["id"], "cancel", reason="x"),
        "decline": lambda: known.decide(asked[0].json()["id"], "decline", reason="x"),
        "lapse one": known.service.due,
        "lapse two": known.service.due,
    }
    if way.startswith("lapse"):
        known.service.clock.set(known.moment("02:00"))
    database = known.service.servers.owner_url("workshops", known.service.database_name)
    other = await asyncpg.connect(database)
    try:
        held = other.transaction()
        await held.start()
        first, second = await other.fetch("SELECT day FROM pool_days ORDER BY day")
        lock = "SELECT 1 FROM pool_days WHERE day = $1 FOR UPDATE NOWAIT"
        await other.execute(lock, first["day"])
        taking = asyncio.ensure_future(steps[way]())
        waits = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"
        async with asyncio.timeout(10):
            while not await other.fetchval(waits):
                await asyncio.sleep(0.01)
        await other.execute(lock, second["day"])
        await held.rollback()
        done = await taking
    finally:
        await other.close()
    if way.startswith("lapse"):
        assert done == len(asked)
    else:
        assert done.status_code in (200, 201), done.text
    await check_counts(known.service)


# --- random programs of several clients, against a model of intervals ----------------------------

GRAIN = timedelta(minutes=5)
PLACES = 3
SLICES = 36


@dataclass(frozen=True)
class Held:
    """A booking as the model knows it, in slices from the start of its window."""

    first: int
    last: int
    workplaces: int
    machines: frozenset[int]


@dataclass
class Model:
    """What is held, by booking id."""

    held: dict[str, Held] = field(default_factory=dict)

    def has_room(self, ask: Held, held: list[Held]) -> bool:
        """Whether the ask fits beside all of these."""
        for slice_ in range(ask.first, ask.last):
            here = [other for other in held if other.first <= slice_ < other.last]
            if sum(other.workplaces for other in here) + ask.workplaces > PLACES:
                return False
            if any(other.machines & ask.machines for other in here):
                return False
        return True


asks = st.builds(
    lambda first, length, workplaces, machines: Held(
        first,
        min(first + length, SLICES),
        max(workplaces, len(machines)),
        machines,
    ),
    st.integers(0, SLICES - 1),
    st.integers(1, 14),
    st.integers(1, PLACES),
    st.frozensets(st.integers(0, 2), max_size=2),
)
steps = st.tuples(st.sampled_from(["approve", "decline", "cancel"]), st.integers(0, 20))
rounds = st.lists(
    st.tuples(st.lists(asks, min_size=1, max_size=4), st.lists(steps, max_size=3)),
    min_size=1,
    max_size=4,
)


@settings(
    max_examples=15,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],  # a program is short; shrinking it takes minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(rounds)
async def test_several_clients_never_hold_more_than_there_is(
    workshops: Running, program: list[tuple[list[Held], list[tuple[str, int]]]]
) -> None:
    """I8, I9: over UTC midnight, places and machines; what was refused had no room."""
    known = await Known(workshops).lay()
    await known.open_round_the_clock(PLACES, machines=3)
    start = datetime.combine(known.day(), datetime.min.time(), UTC) - SLICES // 2 * GRAIN
    model = Model()
    for wishes, wanted in program:
        ids = list(model.held)
        chosen = [(step, ids[place % len(ids)]) for step, place in wanted if ids]
        before = list(model.held.values())
        answers = await asyncio.gather(
            *(_book(known, start, number, wish) for number, wish in enumerate(wishes)),
            *(_step(known, step, booking_id) for step, booking_id in chosen),
        )
        booked, stepped = answers[: len(wishes)], answers[len(wishes) :]
        won = [wish for wish, answer in zip(wishes, booked, strict=True) if answer is not None]
        for wish, answer in zip(wishes, booked, strict=True):
            if answer is None:
                others = [*before, *won]
                assert not model.has_room(wish, others), wish
            else:
                model.held[answer] = wish
        for (step, booking_id), is_done in zip(chosen, stepped, strict=True):
            if is_done and step != "approve":
                del model.held[booking_id]
        held = list(model.held.values())
        for number, one in enumerate(held):
            assert model.has_room(one, held[:number])
    rows = await workshops.sql(
        "SELECT id FROM bookings WHERE workshop_id = $1 AND status IN ('requested', 'confirmed')",
        known.workshop,
    )
    assert {str(row["id"]) for row in rows} == set(model.held)
    await check_counts(workshops)
    await check_told(workshops)
    assert await deadlocks(workshops) == 0


async def _book(known: Known, start: datetime, number: int, wish: Held) -> str | None:
    answer = await known.book(
        (known.college, known.firm)[number % 2],
        starts_at=(start + wish.first * GRAIN).isoformat(),
        ends_at=(start + wish.last * GRAIN).isoformat(),
        workplaces=wish.workplaces,
        equipment_ids=[str(known.machines[machine]) for machine in wish.machines],
    )
    if answer.status_code == 201:
        return str(answer.json()["id"])
    assert (answer.status_code, answer.json()["code"]) == (409, "slot-taken"), answer.text
    return None


async def _step(known: Known, step: str, booking_id: str) -> bool:
    body = {} if step == "approve" else {"reason": "x"}
    answer = await known.decide(booking_id, step, **body)
    if answer.status_code == 409:
        assert answer.json()["code"] == "wrong-status"
        return False
    assert answer.status_code == 200, answer.text
    return True


def test_the_model_itself_knows_what_has_room() -> None:
    model = Model()
    one = Held(0, 10, 2, frozenset({1}))
    assert model.has_room(Held(0, 10, 1, frozenset({2})), [one])
    assert not model.has_room(Held(9, 12, 2, frozenset()), [one])
    assert not model.has_room(Held(9, 12, 1, frozenset({1})), [one])
    assert model.has_room(Held(10, 12, 3, frozenset({1})), [one])
