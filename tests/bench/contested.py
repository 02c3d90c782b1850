"""Whether the last places of a slot are ever given out twice."""

import asyncio
import json

from shared.ids import new_id
from tests.bench.place import Place
from tests.bench.wire import Connection

ROUNDS = 1000
CLIENTS = 16


def figures(place: Place) -> dict[str, tuple[float, str]]:
    """contested_slot_overbooked: rounds in which more got a place than there were."""
    return asyncio.run(_figures(place))


async def _figures(place: Place) -> dict[str, tuple[float, str]]:
    connections = [Connection(place.base_url) for _ in range(CLIENTS)]
    workshop = next(item for item in place.workshops if item["name"] == "Поварское дело")
    places = workshop["workplaces"]
    starts = _starts(place, workshop["id"])
    overbooked = wrong = 0
    for _ in range(ROUNDS):
        body = next(starts)

        async def ask(connection: Connection, body: dict[str, object] = body) -> int:
            headers = {**place.headers, "Idempotency-Key": str(new_id())}
            status, answer = await connection.ask("POST", "/api/workshops/bookings", headers, body)
            refused = status == 409 and json.loads(answer)["code"] == "slot-taken"
            assert status == 201 or refused, answer
            return int(status == 201)

        won = sum(await asyncio.gather(*(ask(connection) for connection in connections)))
        overbooked += won > places
        wrong += won != places
    for connection in connections:
        await connection.close()
    return {
        "contested_slot_overbooked": (overbooked, "rounds"),
        "contested_slot_underbooked": (wrong - overbooked, "rounds"),
    }


def _starts(place: Place, workshop_id: str):  # type: ignore[no-untyped-def]
    """Whole slots of the workshop, each once, from the far end of the year."""
    seen = set()
    for body in place.slots:
        if body["workshop_id"] == workshop_id and body["starts_at"] not in seen:
            seen.add(body["starts_at"])
            yield body
