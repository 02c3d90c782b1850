"""How long a fact takes from workshops to finance, and how quickly a backlog is told."""

import asyncio
import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import asyncpg
import nats
from nats.js.api import AckPolicy, ConsumerConfig, StreamConfig

from shared.ids import new_id
from tests.bench.place import Place, execute, percentile
from tests.bench.wire import Connection

PER_SECOND = 50
SECONDS = 5.0
BLOCKS = 2
BACKLOG = 50_000


def figures(place: Place) -> dict[str, tuple[float, str]]:
    """event_latency_…, its ratio over the raw path, and relay_events_per_s."""
    return asyncio.run(_figures(place))


async def _figures(place: Place) -> dict[str, tuple[float, str]]:
    raw = await _Raw.on(place)
    ours: list[float] = []
    theirs: list[float] = []
    ratios = []
    for _ in range(BLOCKS):
        block = await _latencies(place)
        other = await raw.latencies()
        ours += block
        theirs += other
        ratios.append(statistics.median(block) / statistics.median(other))
    await raw.close()
    return {
        "event_latency_p50_ms": (percentile(ours, 0.5), "ms"),
        "event_latency_p99_ms": (percentile(ours, 0.99), "ms"),
        "event_latency_ratio": (statistics.median(ratios), "ratio"),
        "event_latency_raw_p50_ms": (percentile(theirs, 0.5), "ms"),
        "relay_events_per_s": (await _relay(place), "1/s"),
    }


async def _checked_in(place: Place, count: int) -> list[tuple[str, dict[str, str]]]:
    """Bookings that only have to be completed, with who may do it."""
    client = Connection(place.base_url)
    made = []
    for _ in range(count):
        body = next(place.slots)
        key = {**place.headers, "Idempotency-Key": str(new_id())}
        status, answer = await client.ask("POST", "/api/workshops/bookings", key, body)
        assert status == 201, answer
        booking = json.loads(answer)
        owner = place.owners[booking["owner_id"]]
        headers = {"Authorization": f"Bearer {owner.session['access_token']}"}
        path = f"/api/workshops/bookings/{booking['id']}"
        if booking["status"] == "requested":
            await client.ask("POST", f"{path}/approve", headers)
        status, answer = await client.ask("POST", f"{path}/check-in", headers)
        assert status == 200, answer
        made.append((booking["id"], headers))
    await client.close()
    return made


async def _latencies(place: Place) -> list[float]:
    """From the answer to a completion, which follows its commit, to the row in finance."""
    bookings = await _checked_in(place, int(PER_SECOND * SECONDS))
    connections = [Connection(place.base_url) for _ in range(8)]
    finance = await asyncpg.connect(place.url("finance"))
    committed: dict[str, float] = {}
    seen: dict[str, float] = {}

    async def complete(number: int, booking: str, headers: dict[str, str]) -> None:
        path = f"/api/workshops/bookings/{booking}/complete"
        connection = connections[number % len(connections)]
        status, answer = await connection.ask("POST", path, headers, {"actual_minutes": 60})
        assert status == 200, answer
        committed[booking] = time.perf_counter()

    async def watch() -> None:
        query = await finance.prepare("SELECT basis_id FROM obligations WHERE basis_id = ANY ($1)")
        while len(seen) < len(bookings):
            waiting = [booking for booking, _ in bookings if booking not in seen]
            for row in await query.fetch(waiting[:100]):
                seen[str(row["basis_id"])] = time.perf_counter()

    watching = asyncio.create_task(watch())
    begun = time.perf_counter()
    locks = [asyncio.Lock() for _ in connections]

    async def one(number: int, booking: str, headers: dict[str, str]) -> None:
        async with locks[number % len(connections)]:
            await complete(number, booking, headers)

    tasks = []
    for number, (booking, headers) in enumerate(bookings):
        await asyncio.sleep(max(0.0, begun + number / PER_SECOND - time.perf_counter()))
        tasks.append(asyncio.create_task(one(number, booking, headers)))
    await asyncio.gather(*tasks)
    await asyncio.wait_for(watching, 60)
    for connection in connections:
        await connection.close()
    await finance.close()
    return [max(0.0, seen[booking] - committed[booking]) * 1000 for booking, _ in bookings]


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

    async def latencies(self) -> list[float]:
        """From commit to commit, at the same rate."""
        count = int(PER_SECOND * SECONDS)
        ids = [str(new_id()) for _ in range(count)]
        committed: dict[str, float] = {}
        done: dict[str, float] = {}

        async def tell(event_id: str) -> None:
            await self.told.execute("INSERT INTO raw_events VALUES ($1, $2)", event_id, "b" * 420)
            committed[event_id] = time.perf_counter()
            await self.bus.jetstream().publish("raw.event", event_id.encode())

        async def hear() -> None:
            while len(done) < count:
                for message in await self.pull.fetch(1, timeout=10):
                    event_id = message.data.decode()
                    await self.heard.execute(
                        "INSERT INTO raw_events VALUES ($1, $2)", event_id, "b" * 420
                    )
                    done[event_id] = time.perf_counter()
                    await message.ack()

        hearing = asyncio.create_task(hear())
        begun = time.perf_counter()
        tasks = []
        for number, event_id in enumerate(ids):
            await asyncio.sleep(max(0.0, begun + number / PER_SECOND - time.perf_counter()))
            tasks.append(asyncio.create_task(tell(event_id)))
        await asyncio.gather(*tasks)
        await hearing
        return [(done[event_id] - committed[event_id]) * 1000 for event_id in ids]

    async def close(self) -> None:
        """Leaves nothing behind."""
        await self.bus.jetstream().delete_stream("RAW")
        await self.bus.close()
        await self.told.close()
        await self.heard.close()
        for service in ("workshops", "finance"):
            await execute(self._place.url(service), "DROP TABLE raw_events")


async def _relay(place: Place) -> float:
    """A backlog appears at once; how many events a second the relay tells."""
    url = place.url("workshops")
    connection = await asyncpg.connect(url)
    await execute(
        url,
        "INSERT INTO outbox (event_id, aggregate_id, subject, body, correlation_id, traceparent,"
        " recorded_at) SELECT id, id, 'workshops.site.opened.v1', repeat('b', 420), id, '', now()"
        f" FROM (SELECT uuidv7() AS id FROM generate_series(1, {BACKLOG})) AS made",
    )
    begun = time.perf_counter()
    left = BACKLOG
    while left:
        await asyncio.sleep(0.1)
        left = await connection.fetchval("SELECT count(*) FROM outbox WHERE published_at IS NULL")
    rate = BACKLOG / (time.perf_counter() - begun)
    await connection.close()
    return rate


if __name__ == "__main__":
    with Place(Path(tempfile.mkdtemp(prefix="artel-bench-")) / "data") as found:
        print(figures(found))
