"""How long the grid of a hundred workshops takes, and whether it slows down as bookings pile up.

Two installations stand side by side, one with few bookings and one with many, and are asked in turn.
"""

import json
import statistics
import time
from datetime import timedelta
from urllib.parse import quote

from shared.clock import now
from tests.bench.place import Place, execute, percentile, run, value
from tests.bench.size import FULL, Figures, Size
from tests.bench.wire import Connection

COMPETENCE = "cad-design"
PLACES = 12
DAYS = 2190
"""Bookings lie on so many days, five years back and one ahead."""


def figures(few: Place, many: Place, size: Size = FULL) -> Figures:
    """availability_p95_ms with many bookings, and its growth over few."""
    return run(_figures(few, many, size))


async def _figures(few: Place, many: Place, size: Size) -> Figures:
    for place, count in {few: size.few, many: size.many}.items():
        _open_workshops(place, size.workshops)
        await _fill(place, count, size.workshops)
        await _times(place, 5, size.workshops)
    times: list[float] = []
    growths = []
    for block in range(size.ask_blocks):
        order = (few, many) if block % 2 == 0 else (many, few)
        found = {place.port: await _times(place, size.asks, size.workshops) for place in order}
        times += found[many.port]
        growths.append(statistics.median(found[many.port]) / statistics.median(found[few.port]))
    return {
        "availability_p95_ms": (percentile(times, 0.95), "ms"),
        "availability_growth": (statistics.median(growths), "ratio"),
    }


def _open_workshops(place: Place, count: int) -> None:
    """So many workshops of one owner, opened by the interface."""
    owner = place.owners[place.workshops[0]["owner_id"]]
    hours = [
        {"weekday": weekday, "opens_at": "08:30", "closes_at": "19:20"} for weekday in range(6)
    ]
    site = owner.post(
        "/workshops/sites", {"name": "Большой корпус", "town": "Смоленск", "opening_hours": hours}
    ).json()["id"]
    for number in range(count):
        made = owner.post(
            "/workshops/workshops",
            {
                "site_id": site,
                "name": f"Мастерская {number}",
                "workplaces": PLACES,
                "approval": "instant",
                "competences": [COMPETENCE],
                "net_kopecks_per_workplace_hour": 1000,
            },
        )
        assert made.status_code == 201, made.text


async def _fill(place: Place, count: int, workshops: int) -> None:
    """So many bookings, spread evenly over all workshops, days and pairs, and what they take."""
    url = place.url("workshops")
    await execute(
        url,
        _BOOKINGS.format(count=count, workshops=workshops, days=DAYS, competence=COMPETENCE),
        _POOL_DAYS.format(places=PLACES),
        "VACUUM ANALYZE bookings",
        "VACUUM ANALYZE pool_days",
    )
    assert await value(url, "SELECT count(*) FROM bookings WHERE purpose = 'x'") == count


# The numbers of bookings become workshops, then days (in an order that leaves no stretch of the
# six years empty), then pairs; a pair is 19 slices of five minutes, from 05:30 UTC on every 105.
_BOOKINGS = """
INSERT INTO bookings (id, workshop_id, pool_id, owner_id, booker_id, booked_by, status,
    starts_at, ends_at, workplaces, equipment_ids, purpose,
    net_per_workplace_hour_kopecks, price_kopecks, vat_kopecks, price_reason,
    price_reason_ru, requested_at, version)
SELECT uuidv7(), shop.workshop_id, shop.pool_id, shop.owner_id, shop.owner_id,
    shop.owner_id, 'confirmed', at, at + interval '95 minutes', 1, '{{}}',
    'x', 0, 0, 0, 'x', 'x', at, 1
FROM (SELECT p.workshop_id, p.id AS pool_id, w.owner_id,
             row_number() OVER (ORDER BY w.id) - 1 AS number
      FROM pools p JOIN workshops w ON w.id = p.workshop_id
      WHERE '{competence}' = ANY (w.competences)) AS shop
JOIN generate_series(0, {count} - 1) AS n ON n % {workshops} = shop.number,
LATERAL (SELECT n / {workshops} AS round) AS r,
LATERAL (SELECT date_trunc('day', now()) + interval '5.5 hours'
             + make_interval(days => (round * 1117 % {days})::int - 1825,
                             mins => 105 * ((round / {days} + round) % 6)::int) AS at) AS s
"""

_POOL_DAYS = """
INSERT INTO pool_days (pool_id, day, places, taken)
SELECT pool_id, day, {places}, (
    array_fill(0::smallint, ARRAY[66])
    || array_fill(pairs[1], ARRAY[19]) || ARRAY[0, 0]::smallint[]
    || array_fill(pairs[2], ARRAY[19]) || ARRAY[0, 0]::smallint[]
    || array_fill(pairs[3], ARRAY[19]) || ARRAY[0, 0]::smallint[]
    || array_fill(pairs[4], ARRAY[19]) || ARRAY[0, 0]::smallint[]
    || array_fill(pairs[5], ARRAY[19]) || ARRAY[0, 0]::smallint[]
    || array_fill(pairs[6], ARRAY[19]) || array_fill(0::smallint, ARRAY[98]))
FROM (
    SELECT pool_id, (starts_at AT TIME ZONE 'UTC')::date AS day, (
        SELECT array_agg(least(taken, {places})::smallint ORDER BY pair)
        FROM (SELECT pair, count(*) FILTER (
                  WHERE made = interval '5.5 hours' + pair * interval '105 minutes') AS taken
              FROM generate_series(0, 5) AS pair,
                   unnest(array_agg(starts_at - date_trunc('day', starts_at))) AS made
              GROUP BY pair) AS of_pair) AS pairs
    FROM bookings WHERE purpose = 'x' GROUP BY 1, 2
) AS days
"""


async def _times(place: Place, count: int, workshops: int) -> list[float]:
    """Milliseconds of so many questions, one after the other."""
    connection = Connection(place.base_url)
    begin = now() + timedelta(days=1)
    path = (
        f"/api/workshops/availability?competence={COMPETENCE}&workplaces=2&minutes=95"
        f"&from={quote(begin.isoformat())}&to={quote((begin + timedelta(days=28)).isoformat())}"
    )
    times = []
    for _ in range(count):
        begun = time.perf_counter()
        status, answer = await connection.ask("GET", path, {})
        times.append((time.perf_counter() - begun) * 1000)
        assert status == 200, answer
    assert len({item["workshop_id"] for item in json.loads(answer)["items"]}) == workshops
    await connection.close()
    return times
