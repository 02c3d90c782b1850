"""Finance's routes with those who may, and a world to ask in."""

from tests.architecture.visits import (
    DEALERS,
    SIGNED_IN,
    TREASURER,
    Visit,
    World,
)
from tests.finance import facts as finance_facts
from tests.harness import Running


async def finance_world(service: Running) -> World:
    """What a firm owes a college; a stranger looks on."""
    known = await finance_facts.Known(service).lay()
    things = {"read": await known.charge(), "reverse": await known.charge()}
    return World(
        service=service,
        own=known.college,
        party=known.firm,
        other=known.stranger,
        things=things,
        bodies={"reason": {"reason": "Ошибка в часах."}},
        secrets=frozenset({*map(str, things.values()), str(known.firm), str(known.college)}),
    )


TABLE: dict[str, Visit] = {
    "GET /api/finance/obligations": Visit(DEALERS),
    "GET /api/finance/obligations/{obligation_id}": Visit(
        DEALERS, {"obligation_id": "read"}, others=404
    ),
    "POST /api/finance/obligations/{obligation_id}/reverse": Visit(
        TREASURER, {"obligation_id": "reverse"}, body="reason", others=404, party=403
    ),
    "GET /api/finance/balances": Visit(DEALERS),
    "GET /api/finance/deeds": Visit(SIGNED_IN),
}
