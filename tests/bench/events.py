"""How long a fact takes from workshops to finance, and how quickly a backlog is told.

Both ends are commits as PostgreSQL notes them (`track_commit_timestamp`, on for this group alone),
so neither the answer's way to a client nor any looking for the row counts.
"""

import asyncio
import json
import statistics
import time
from collections.abc import Sequence
from typing import Any

import asyncpg
import nats
from nats.js.api import AckPolicy, ConsumerConfig, StreamConfig

from shared.ids import new_id
from tests.bench.place import Place, execute, percentile, run, until_told
from tests.bench.size import FULL, Figures, Size
from tests.bench.wire import Connection

PER_SECOND = 50
WARM = 25
"""Facts at the start of each block that are not counted."""


def figures(place: Place, size: Size = FULL) -> Figures:
    """event_latency_…, its ratio over the raw path, and relay_events_per_s.

    The last group of a place: how its server is set is undone by the next start.
    """
    drained = run(_relay(place, size.backlog))
    run(
        execute(
            place.environment["ARTEL_ADMIN_URL"], "ALTER SYSTEM SET track_commit_timestamp = on"
        )
    )
    place.restart()
    found = run(_latencies(place, size))
    run(execute(place.environment["ARTEL_ADMIN_URL"], "ALTER SYSTEM RESET track_commit_timestamp"))
    return {**found, "relay_events_per_s": (drained, "1/s")}


async def _latencies(place: Place, size: Size) -> Figures:
    raw = await _Raw.on(place)
    count = int(PER_SECOND * size.event_seconds)
    ours: list[float] = []
    theirs: list[float] = []
    ratios = []
    for _ in range(size.event_blocks):
        block = await _ours(place, count + WARM)
        other = await raw.latencies(count + WARM)
        ours += block
        theirs += other
        ratios.append(statistics.median(block) / statistics.median(other))
    await raw.close()
    return {
        "event_latency_p50_ms": (percentile(ours, 0.5), "ms"),
        "event_latency_p99_ms": (percentile(ours, 0.99), "ms"),
        "event_latency_ratio": (statistics.median(ratios), "ratio"),
        "event_latency_raw_p50_ms": (percentile(theirs, 0.5), "ms"),
    }


async def _ours(place: Place, count: int) -> list[float]:
    """Bookings are completed; from each completion's commit to the commit of what is owed."""
    bookings = await _checked_in(place, count)
    await until_told(place)
    connections = [Connection(place.base_url) for _ in range(8)]
    locks = [asyncio.Lock() for _ in connections]

    async def complete(number: int) -> None:
        booking, headers = bookings[number]
        path = f"/api/workshops/bookings/{booking}/complete"
        async with locks[number % len(connections)]:
            connection = connections[number % len(connections)]
            status, answer = await connection.ask("POST", path, headers, {"actual_minutes": 60})
        assert status == 200, answer

    await _at_a_rate(count, complete)
    for connection in connections:
        await connection.close()
    ids = [booking for booking, _ in bookings]
    return await _commit_to_commit(place, ids, ("bookings", "id"), ("obligations", "basis_id"))


async def _checked_in(place: Place, count: int) -> list[tuple[str, dict[str, str]]]:
    """Bookings that only have to be completed, with who may do it."""
    client = Connection(place.base_url)
    made = []
    for number in range(count):
        status, answer = await client.ask(
            "POST", "/api/workshops/bookings", place.headers(number), next(place.slots)
        )
        assert status == 201, answer
        booking = json.loads(answer)
        headers = place.token_of(place.owners[booking["owner_id"]])
        path = f"/api/workshops/bookings/{booking['id']}"
        if booking["status"] == "requested":
            await client.ask("POST", f"{path}/approve", headers)
        status, answer = await client.ask("POST", f"{path}/check-in", headers)
        assert status == 200, answer
        made.append((booking["id"], headers))
    await client.close()
    return made


async def _at_a_rate(count: int, work: Any) -> None:
    """Begins the work so often a second, however long each takes."""
    begun = time.perf_counter()
    tasks = []
    for number in range(count):
        await asyncio.sleep(max(0.0, begun + number / PER_SECOND - time.perf_counter()))
        tasks.append(asyncio.create_task(work(number)))
    await asyncio.gather(*tasks)


async def _commit_to_commit(
    place: Place, ids: Sequence[str], told: tuple[str, str], heard: tuple[str, str]
) -> list[float]:
    """Milliseconds from the commit of each row in workshops to that of its row in finance."""
    begun = await _committed(place.url("workshops"), *told, ids)
    done = await _committed(place.url("finance"), *heard, ids)
    return [(done[each] - begun[each]) * 1000 for each in ids][WARM:]


async def _committed(url: str, table: str, column: str, ids: Sequence[str]) -> dict[str, float]:
    """When the rows were committed, in seconds, once all of them are there."""
    connection = await asyncpg.connect(url)
    try:
        async with asyncio.timeout(60):
            while True:
                rows = await connection.fetch(
                    f"SELECT {column}::text AS id, extract(epoch FROM"
                    f" pg_xact_commit_timestamp(xmin))::float8 AS at FROM {table}"
                    f" WHERE {column} = ANY ($1::text[]::uuid[])",
                    ids,
                )
                if len(rows) == len(ids):
                    return {row["id"]: row["at"] for row in rows}
                await asyncio.sleep(0.1)
    finally:
        await connection.close()


_RAW = "INSERT INTO raw_events VALUES ($1, $2)"
_BODY = "b" * 420


class _Raw:
    """The same path by hand: a commit, a stored message, a pull, a commit."""

    def __init__(self, place: Place) -> None:
        self._place = place

    @classmethod
    async def on(cls, place: Place) -> "_Raw":
        """Ready to run."""
        raw = cls(place)
        for service in ("workshops", "finance"):
            await execute(
                place.url(service),
                "DROP TABLE IF EXISTS raw_events",
                "CREATE TABLE raw_events (id uuid PRIMARY KEY, body text)",
            )
        raw.told = await asyncpg.create_pool(place.url("workshops"), min_size=2, max_size=8)
        raw.heard = await asyncpg.connect(place.url("finance"))
        raw.bus = await nats.connect(
            place.environment["ARTEL_PROVISIONER_NATS_URL"], inbox_prefix=b"_INBOX_provisioner"
        )
        js = raw.bus.jetstream()
        await js.add_stream(StreamConfig(name="RAW", subjects=["raw.>"]))
        await js.add_consumer(
            "RAW", ConsumerConfig(durable_name="raw", ack_policy=AckPolicy.EXPLICIT)
        )
        raw.pull = await js.pull_subscribe_bind("raw", "RAW")
        return raw

    told: Any
    heard: Any
    bus: Any
    pull: Any

    async def latencies(self, count: int) -> list[float]:
        """From commit to commit, at the same rate."""
        ids = [str(new_id()) for _ in range(count)]

        async def tell(number: int) -> None:
            event_id = ids[number]
            await self.told.execute(_RAW, event_id, _BODY)
            await self.bus.jetstream().publish("raw.event", f"{event_id}{_BODY}".encode())

        async def hear() -> None:
            for _ in range(count):
                [message] = await self.pull.fetch(1, timeout=10)
                text = message.data.decode()
                await self.heard.execute(_RAW, text[:36], text[36:])
                await message.ack()

        hearing = asyncio.create_task(hear())
        await _at_a_rate(count, tell)
        await hearing
        table = ("raw_events", "id")
        return await _commit_to_commit(self._place, ids, table, table)

    async def close(self) -> None:
        """Leaves nothing behind."""
        await self.bus.jetstream().delete_stream("RAW")
        await self.bus.close()
        await self.told.close()
        await self.heard.close()
        for service in ("workshops", "finance"):
            await execute(self._place.url(service), "DROP TABLE raw_events")


async def _relay(place: Place, backlog: int) -> float:
    """A backlog appears at once; how many events a second the relay tells."""
    url = place.url("workshops")
    await until_told(place)
    await execute(
        url,
        "INSERT INTO outbox (event_id, aggregate_id, subject, body, correlation_id, traceparent,"
        " recorded_at) SELECT id, id, 'workshops.site.opened.v1', repeat('b', 420), id, '', now()"
        f" FROM (SELECT uuidv7() AS id FROM generate_series(1, {backlog})) AS made",
    )
    begun = time.perf_counter()
    await until_told(place)
    return backlog / (time.perf_counter() - begun)
