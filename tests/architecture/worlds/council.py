"""The council's routes with those who may, and a world to ask in."""

from shared.ids import new_id
from tests.architecture.visits import Visit, World
from tests.harness import Running


async def council_world(service: Running) -> World:
    """Three members, of whom nothing is known here yet."""
    return World(
        service=service,
        own=new_id(),
        party=new_id(),
        other=new_id(),
        things={},
        bodies={},
        secrets=frozenset(),
    )


TABLE: dict[str, Visit] = {}
