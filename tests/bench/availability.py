"""How long the grid of a hundred workshops takes, and whether it slows down as bookings pile up."""

import asyncio
import json
import time
from datetime import timedelta
from urllib.parse import quote

import asyncpg

from shared.clock import now
from tests.bench.place import Place, execute, percentile
from tests.bench.wire import Connection

WORKSHOPS = 100
ASKS = 60
COMPETENCE = "cad-design"


def figures(place: Place) -> dict[str, tuple[float, str]]:
    """availability_p95_ms with a million bookings, and its growth over a hundred thousand."""
    return asyncio.run(_figures(place))


async def _figures(place: Place) -> dict[str, tuple[float, str]]:
    await _open_workshops(place)
    await _fill(place, 100_000)
    few = await _p95(place)
    await _fill(place, 900_000)
    many = await _p95(place)
    few_again = few
    return {
        "availability_p95_ms": (many, "ms"),
        "availability_growth": (many / few_again, "ratio"),
    }


async def _open_workshops(place: Place) -> None:
    """A hundred workshops of an owner, opened by the interface."""
    owner = next(iter(place.owners.values()))
    hours = [
        {"weekday": weekday, "opens_at": "08:30", "closes_at": "19:20"} for weekday in range(6)
    ]
    site = owner.post(
        "/workshops/sites", {"name": "Большой корпус", "town": "Смоленск", "opening_hours": hours}
    ).json()["id"]
    for number in range(WORKSHOPS):
        made = owner.post(
            "/workshops/workshops",
            {
                "site_id": site,
                "name": f"Мастерская {number}",
                "workplaces": 12,
                "approval": "instant",
                "competences": [COMPETENCE],
                "net_kopecks_per_workplace_hour": 1000,
            },
        )
        assert made.status_code == 201, made.text


async def _fill(place: Place, count: int) -> None:
    """So many past and future bookings, spread over six years and all hundred workshops."""
    connection = await asyncpg.connect(place.url("workshops"))
    template = await connection.fetchrow(
        "SELECT w.id, w.owner_id FROM workshops w WHERE $1 = ANY (w.competences) LIMIT 1",
        COMPETENCE,
    )
    await connection.close()
    await execute(
        place.url("workshops"),
        f"""
        INSERT INTO bookings (id, workshop_id, pool_id, owner_id, booker_id, booked_by, status,
            starts_at, ends_at, workplaces, equipment_ids, purpose,
            net_per_workplace_hour_kopecks, price_kopecks, vat_kopecks, price_reason,
            price_reason_ru, requested_at, version)
        SELECT uuidv7(), p.workshop_id, p.id, '{template["owner_id"]}', '{template["owner_id"]}',
            '{template["owner_id"]}', 'confirmed', s.at, s.at + interval '95 minutes', 1, '{{}}',
            'x', 0, 0, 0, 'x', 'x', s.at, 1
        FROM generate_series(1, {count}) AS n,
            LATERAL (SELECT date_trunc('day', now()) + interval '5.5 hours'
                     + make_interval(days => (random() * 2190)::int - 1825 + 0 * n,
                                     mins => 105 * (random() * 5)::int) AS at) AS s,
            LATERAL (SELECT p.id, p.workshop_id FROM pools p JOIN workshops w
                     ON w.id = p.workshop_id WHERE '{COMPETENCE}' = ANY (w.competences)
                     OFFSET (n % {WORKSHOPS}) LIMIT 1) AS p
        """,
        """
        INSERT INTO pool_days (pool_id, day, places, taken)
        SELECT pool_id, starts_at::date, 12,
               places_added(array_fill(0::smallint, ARRAY[288]), 67, 85, least(count(*), 11)::int)
        FROM bookings WHERE purpose = 'x' GROUP BY 1, 2
        ON CONFLICT (pool_id, day) DO NOTHING
        """,
        "ANALYZE bookings",
        "ANALYZE pool_days",
    )


async def _p95(place: Place) -> float:
    connection = Connection(place.base_url)
    begin = now() + timedelta(days=1)
    path = (
        f"/api/workshops/availability?competence={COMPETENCE}&workplaces=2&minutes=95"
        f"&from={quote(begin.isoformat())}&to={quote((begin + timedelta(days=28)).isoformat())}"
    )
    times = []
    for number in range(ASKS + 5):
        begun = time.perf_counter()
        status, answer = await connection.ask("GET", path, {})
        assert status == 200, answer
        if number >= 5:
            times.append((time.perf_counter() - begun) * 1000)
    assert len({item["workshop_id"] for item in json.loads(answer)["items"]}) == WORKSHOPS
    await connection.close()
    return percentile(times, 0.95)
