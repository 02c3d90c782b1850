"""How many bookings a second are accepted, over a raw loop that inserts the same rows."""

import statistics
import time
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import asyncpg

from shared.clock import now
from shared.ids import new_id
from tests.bench.place import Place, execute, gather, percentile, run, until_told, value
from tests.bench.size import FULL, Figures, Size
from tests.bench.wire import Connection, written

CLIENTS = 16
TABLES = ("bookings", "pool_days", "outbox", "audit", "idempotency")


def figures(place: Place, size: Size = FULL) -> Figures:
    """booking_ratio, booking_p99_ms, and the two rates they were made from."""
    return run(_figures(place, size))


async def _figures(place: Place, size: Size) -> Figures:
    url = place.url("workshops")
    await execute(
        url,
        "DROP SCHEMA IF EXISTS raw CASCADE",
        "CREATE SCHEMA raw",
        *(f"CREATE TABLE raw.{table} (LIKE public.{table} INCLUDING ALL)" for table in TABLES),
    )
    latencies: list[float] = []
    place.bookers  # noqa: B018 - they sign in before anything is measured
    connections = [Connection(place.base_url) for _ in range(CLIENTS)]
    raw = [await asyncpg.connect(url) for _ in range(CLIENTS)]
    statements = [await _prepared(connection) for connection in raw]
    rates: dict[str, list[float]] = {"endpoint": [], "raw": []}

    requests: list[bytes] = []

    async def endpoint(number: int) -> None:
        request = requests.pop() if requests else _request(place, number)
        begun = time.perf_counter()
        status, answer = await connections[number].send(request)
        assert status == 201, answer
        latencies.append((time.perf_counter() - begun) * 1000)

    async def raw_loop(number: int) -> None:
        await _insert(raw[number], statements[number])

    stood = await _rows(url)
    await _block(endpoint, size.warm_seconds)
    await _block(raw_loop, size.warm_seconds)
    warm = len(latencies)
    for block in range(size.blocks):
        order: list[tuple[str, Callable[[int], Awaitable[None]]]] = [
            ("endpoint", endpoint),
            ("raw", raw_loop),
        ]
        for name, work in order if block % 2 == 0 else reversed(order):
            if name == "endpoint":
                requests[:] = [_request(place, number) for number in range(size.requests)]
            await until_told(place)
            rates[name].append(await _block(work, size.block_seconds))
    for connection in (*connections, *raw):
        await connection.close()
    grown = [after - before for after, before in zip(await _rows(url), stood, strict=True)]
    assert grown == [len(latencies)] * len(grown), f"{len(latencies)} accepted, rows: {grown}"
    await execute(url, "DROP SCHEMA raw CASCADE")
    ratios = [one / other for one, other in zip(rates["endpoint"], rates["raw"], strict=True)]
    return {
        "booking_ratio": (statistics.median(ratios), "ratio"),
        "booking_p99_ms": (percentile(latencies[warm:], 0.99), "ms"),
        "booking_per_s": (statistics.median(rates["endpoint"]), "1/s"),
        "booking_raw_per_s": (statistics.median(rates["raw"]), "1/s"),
    }


def _request(place: Place, number: int) -> bytes:
    """A booking that fits, written before it is needed: making it up is not what is measured."""
    headers, body = place.headers(number), next(place.slots)
    return written("POST", "/api/workshops/bookings", headers, body)


async def _rows(url: str) -> list[int]:
    """How many rows stand in the tables of which each booking gets one."""
    return [
        await value(url, f"SELECT count(*) FROM {table} WHERE {which}")
        for table, which in (
            ("bookings", "true"),
            ("outbox", "subject LIKE 'workshops.booking.%'"),
            ("audit", "action LIKE 'booking.%'"),
            ("idempotency", "true"),
        )
    ]


async def _block(work: Callable[[int], Awaitable[None]], seconds: float) -> float:
    """How often a second the clients together did the work."""
    done = 0
    end = time.perf_counter() + seconds

    async def client(number: int) -> None:
        nonlocal done
        while time.perf_counter() < end:
            await work(number)
            done += 1

    begun = time.perf_counter()
    await gather(CLIENTS, client)
    return done / (time.perf_counter() - begun)


async def _prepared(connection: Any) -> list[Any]:
    return [
        await connection.prepare(
            "INSERT INTO raw.idempotency (scope, key, digest, claimed_at, status, body)"
            " VALUES ($1, $2, $3, $4, 201, $5)"
        ),
        await connection.prepare(
            "INSERT INTO raw.pool_days (pool_id, day, places, taken) VALUES ($1, $2, 8, $3)"
        ),
        await connection.prepare(
            "INSERT INTO raw.bookings (id, workshop_id, pool_id, owner_id, booker_id, booked_by,"
            " agreement_id, status, starts_at, ends_at, workplaces, equipment_ids, purpose,"
            " net_per_workplace_hour_kopecks, price_kopecks, vat_kopecks, vat_rate, price_reason,"
            " price_reason_ru, requested_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7,"
            " 'confirmed', $8, $9, 1, '{}', $10, 45000, 100000, 20000, 22, $11, $12, $8, 1)"
        ),
        await connection.prepare(
            "INSERT INTO raw.outbox (event_id, aggregate_id, subject, body, correlation_id,"
            " traceparent, recorded_at, seq) OVERRIDING SYSTEM VALUE"
            " VALUES ($1, $2, $3, $4, $1, $5, $6, $7)"
        ),
        await connection.prepare(
            "INSERT INTO raw.audit (at, person_id, member_id, action, object_id, after, event_id,"
            " traceparent, id) OVERRIDING SYSTEM VALUE VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
        ),
    ]


_TAKEN = [0] * 40 + [1] * 19 + [0] * 229
_REASON = "VAT 22 %, by the date of the service (Tax Code art. 164 (3) as amended by 425-FZ)"
_TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
_ANSWER = b"x" * 1000


async def _insert(connection: Any, statements: list[Any]) -> None:
    ids = [new_id() for _ in range(8)]
    moment = now()
    number = ids[0].int & (2**62 - 1)
    async with connection.transaction():
        await statements[0].fetch(ids[0], str(ids[1]), b"d" * 32, moment, _ANSWER)
        await statements[1].fetch(ids[2], date(2027, 1, 1), _TAKEN)
        await statements[2].fetch(
            *ids[:7], moment, moment.replace(year=2028), "x", _REASON, _REASON
        )
        await statements[3].fetch(ids[7], ids[0], "s", "b" * 420, _TRACE, moment, number)
        await statements[4].fetch(
            moment, ids[1], ids[2], "booking.confirmed", ids[0], '{"status": "confirmed"}',
            ids[7], _TRACE, number,
        )  # fmt: skip
