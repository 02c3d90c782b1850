"""The council's routes with those who may, and a world to ask in."""

from dataclasses import dataclass
from uuid import UUID

from shared.identity import Role
from tests.architecture.visits import (
    SIGNED_IN,
    Visit,
    World,
)
from tests.architecture.worlds.assembling import ASSEMBLING, assembling
from tests.architecture.worlds.deciding import DECIDING, deciding
from tests.architecture.worlds.planning import PLANNING, planning
from tests.council.chamber import Chamber
from tests.harness import Running


@dataclass
class CouncilWorld(World):
    """A world in which a role in the council is that of the person who sits there."""

    chamber: Chamber | None = None

    def remoteness(self, role: Role) -> tuple[bool, Role]:
        """An administrator does nothing as long as there is a secretary."""
        return (role is Role.ADMINISTRATOR, role)

    def as_(self, member_id: UUID | None, role: Role) -> dict[str, str]:
        """The headers of somebody in one role; of the own member, those who sit for it."""
        chamber = self.chamber
        if chamber is None or member_id != self.own:
            return super().as_(member_id, role)
        seated = {
            Role.COUNCIL_HEAD: chamber.people[0],
            Role.COUNCIL_SECRETARY: chamber.secretary,
            Role.COUNCIL_MEMBER: chamber.people[0],
        }
        person_id = seated.get(role, self.person_id)
        return chamber.service.as_(member_id, role, person_id=person_id)


async def council_world(service: Running) -> World:
    """A council of fifteen; head and secretary sit for the member whose things are asked for."""
    chamber = await Chamber(service).lay()
    things, bodies, secrets = await assembling(chamber)
    decided, ballots, more_secrets = await deciding(chamber)
    planned, said = await planning(chamber)
    return CouncilWorld(
        service=service,
        own=chamber.members[0],
        party=chamber.members[1],
        other=chamber.members[-1],
        things={**things, **decided, **planned},
        bodies={**bodies, **ballots, **said},
        secrets=secrets | more_secrets,
        chamber=chamber,
    )


TABLE: dict[str, Visit] = {
    **ASSEMBLING,
    **DECIDING,
    **PLANNING,
    "GET /api/council/deeds": Visit(SIGNED_IN),
}
