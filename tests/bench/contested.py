"""Whether the last places of a slot are ever given out twice."""

import asyncio
import json
from typing import Any

from tests.bench.place import Place, run, value
from tests.bench.size import FULL, Figures, Size
from tests.bench.wire import Connection

CLIENTS = 16
PLACES = 6


def figures(place: Place, size: Size = FULL) -> Figures:
    """contested_slot_overbooked: rounds in which more got a place than there were."""
    return run(_figures(place, size))


async def _figures(place: Place, size: Size) -> Figures:
    workshop = _open_workshop(place)
    pairs = place.pairs_of(workshop)
    connections = [Connection(place.base_url) for _ in range(CLIENTS)]
    overbooked = underbooked = 0
    for _ in range(size.rounds):
        body = next(pairs)
        won = sum(
            await asyncio.gather(
                *(
                    _ask(connection, place.headers(number), body)
                    for number, connection in enumerate(connections)
                )
            )
        )
        overbooked += won > PLACES
        underbooked += won < PLACES
    for connection in connections:
        await connection.close()
    stored = await value(place.url("workshops"), _OVERBOOKED, workshop["id"], PLACES)
    return {
        "contested_slot_overbooked": (max(overbooked, stored), "rounds"),
        "contested_slot_underbooked": (underbooked, "rounds"),
    }


_OVERBOOKED = """
SELECT count(*) FROM (
    SELECT FROM bookings WHERE workshop_id = $1::text::uuid GROUP BY starts_at
    HAVING sum(workplaces) > $2
) AS slots
"""


async def _ask(connection: Connection, headers: dict[str, str], body: dict[str, Any]) -> bool:
    status, answer = await connection.ask("POST", "/api/workshops/bookings", headers, body)
    is_refused = status == 409 and json.loads(answer)["code"] == "slot-taken"
    assert status == 201 or is_refused, answer
    return status == 201


def _open_workshop(place: Place) -> dict[str, Any]:
    """A workshop that nobody has booked yet, at a site that is open for all pairs."""
    known = place.workshops[0]
    body = {
        "site_id": known["site"]["id"],
        "name": "Мастерская нарасхват",
        "workplaces": PLACES,
        "approval": "instant",
        "competences": [],
        "net_kopecks_per_workplace_hour": 1000,
    }
    place.bookers  # noqa: B018 - their agreements with the owner are made first
    made = place.owners[known["owner_id"]].post("/workshops/workshops", body)
    assert made.status_code == 201, made.text
    return {"id": made.json()["id"], "workplaces": PLACES}
