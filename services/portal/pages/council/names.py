"""Names for the ids of the council: its people, the seats they have, and the members they stand for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from services.portal.client import together
from services.portal.directory import Items, name_in
from services.portal.rendering import portal_of, visitor_of
from services.portal.words import person

OFFICE = ("council_secretary", "council_head", "administrator")
"""Who does the office work of the council."""

SEATED = ("council_member", "council_secretary", "council_head")
"""Who sits in the council."""

COUNCIL = (*SEATED, "administrator")


@dataclass(frozen=True)
class Names:
    """What people are shown instead of ids."""

    people: Items
    seats: Items
    members: Items

    def person(self, person_id: str | None) -> str:
        """«Иванова А. П.», or a dash for one whose name is not told here."""
        found = self.people.get(person_id or "")
        return person(found) if found else "—"

    def member(self, member_id: str | None) -> str:
        """The short name of a member."""
        return name_in(self.members, member_id)

    def seat(self, seat_id: str | None) -> str:
        """Who sits there, and for whom."""
        found: Mapping[str, Any] | None = self.seats.get(seat_id or "")
        if found is None:
            return "—"
        return f"{self.person(found['person_id'])}, {self.member(found['member_id'])}"


async def names_for(request: Request) -> Names:
    """The names that pages of the council need; those of a service that sleeps are dashes."""
    portal, token = portal_of(request), visitor_of(request).token
    people, seats, members = await together(
        portal.directory.council_people(token),
        portal.directory.seats(token),
        portal.directory.members(),
    )
    return Names(people, seats, members)
