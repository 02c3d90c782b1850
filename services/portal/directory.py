"""Names that pages show instead of ids: members, workshops, competences; asked for once a minute."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from services.portal.client import Api, Asleep, Problem
from shared.clock import Clock

REMEMBER_FOR = timedelta(seconds=60)
GRACE = timedelta(minutes=30)
"""While a service sleeps, what it said lately is better than no names at all."""

PEOPLE_MAX = 200
"""So many names are asked for at a time."""

Items = dict[str, dict[str, Any]]


@dataclass
class Directory:
    """What everybody may know of members and workshops, by id."""

    api: Api
    clock: Clock
    _known: dict[str, tuple[datetime, Items]] = field(default_factory=dict)
    _asking: dict[str, asyncio.Lock] = field(default_factory=dict)

    async def members(self) -> Items:
        """All members by id; empty while membership sleeps and nothing is remembered."""
        return await self._get("members", lambda: self.api.every("/membership/members"))

    async def workshops(self) -> Items:
        """All workshops that can be booked, by id."""
        return await self._get("workshops", lambda: self.api.every("/workshops/workshops"))

    async def competences(self) -> Items:
        """All competences by id."""
        return await self._get("competences", self._competences)

    async def _competences(self) -> list[Any]:
        items: list[Any] = (await self.api.get("/workshops/competences"))["items"]
        return items

    async def council_people(self, token: str) -> Items:
        """The names of all who sit, or sat, in the council, by the id of the person."""
        return await self._get(
            "council-people",
            lambda: self.api.every("/membership/council-people", token),
            by="person_id",
        )

    async def seats(self, token: str) -> Items:
        """Seats of the council of all times, by id; every signed-in person may know them."""
        return await self._get("seats", lambda: self.api.every("/council/seats", token))

    async def people(self, token: str, ids: Iterable[str | None], purpose: str) -> Items:
        """Those of the people whose names the visitor's member may know, by id.

        Nothing of it is remembered: each time is noted, and a consent may be taken back meanwhile.
        """
        wanted = sorted({each for each in ids if each})[:PEOPLE_MAX]
        if not wanted:
            return {}
        body = {"person_ids": wanted, "purpose": purpose}
        try:
            found = await self.api.post("/membership/persons/names", token, body)
        except (Asleep, Problem):
            return {}
        return {item["person_id"]: item for item in found["items"]}

    def forget(self) -> None:
        """Something new was made here: the next page asks anew."""
        self._known.clear()

    async def _get(
        self, name: str, ask: Callable[[], Awaitable[list[Any]]], by: str = "id"
    ) -> Items:
        async with self._asking.setdefault(name, asyncio.Lock()):
            known = self._known.get(name)
            if known is not None and self.clock() < known[0] + REMEMBER_FOR:
                return known[1]
            try:
                found = {item[by]: item for item in await ask()}
            except Asleep:
                is_fresh = known is not None and self.clock() < known[0] + GRACE
                return known[1] if known is not None and is_fresh else {}
            self._known[name] = (self.clock(), found)
            return found


def name_in(items: Items, item_id: str | None) -> str:
    """The name of a thing, or a dash for one that is not known here."""
    return str(items[item_id]["name"]) if item_id in items else "—"
