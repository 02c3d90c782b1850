"""An installation of its own for the figures, with members and agreements that let them book."""

import asyncio
import itertools
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg

from deploy.local.installation import Installation
from deploy.local.operations import environment_of
from shared.russia.calendar import DayKind, day
from tests.deploy.run import Run
from tests.people import Person, eventually

PAIRS = ("08:30", "10:15", "12:30", "14:15", "16:00", "17:45")
PAIR_MINUTES = 95
_CLOSED = (DayKind.PUBLIC_HOLIDAY, DayKind.MOVED_DAY_OFF)
MOSCOW = ZoneInfo("Europe/Moscow")


class Place:
    """A running installation and a firm that may book every workshop of it."""

    def __init__(self, folder: Path) -> None:
        self.run = Run(folder, "up", command=(sys.executable, "-m", "deploy.local"))
        self.base_url = f"http://127.0.0.1:{self.run.port}"

    def __enter__(self) -> "Place":
        self.run.ready(120)
        self.environment = environment_of(Installation(self.run.data))
        self.firm = Person(self.base_url, "coordinator@stankoservis")
        self.workshops = self.firm.items("/workshops/workshops")
        self.owners = self._agree()
        self.slots = self._slots()
        return self

    def __exit__(self, *error: object) -> None:
        self.run.__exit__(*error)

    def url(self, service: str) -> str:
        """Where the superuser connects to a service's database."""
        head = self.environment["ARTEL_ADMIN_URL"].rpartition("/")[0]
        return f"{head}/artel_{service}"

    @property
    def headers(self) -> dict[str, str]:
        """Who the firm is."""
        return {"Authorization": f"Bearer {self.firm.session['access_token']}"}

    def _agree(self) -> dict[str, Person]:
        """The firm and every owner have an agreement."""
        members = {m["id"]: m["slug"] for m in self.firm.items("/membership/members")}
        owners = {}
        for owner_id in {workshop["owner_id"] for workshop in self.workshops}:
            owner = Person(self.base_url, f"coordinator@{members[owner_id]}")
            owners[owner_id] = owner
            if members[owner_id] == "smolapo":
                continue
            made = self.firm.post(
                "/membership/agreements",
                {
                    "kind": "services",
                    "party_ids": [self.firm.member_id, owner_id],
                    "valid_from": "2026-01-01",
                    "valid_to": "2046-01-01",
                    "subject": "Услуги",
                },
            )
            owner.post(f"/membership/agreements/{made.json()['id']}/sign")
        for workshop in self.workshops:
            ask = self.body(workshop, self._days()[0], PAIRS[0])
            eventually(lambda ask=ask: self.firm.post("/workshops/quotes", ask).json()["bookable"])
        return owners

    def _days(self) -> list[date]:
        today = datetime.now(MOSCOW).date()  # noqa: TID251 - a client's clock
        ahead = (today + timedelta(days=number) for number in range(2, 360))
        return [on for on in ahead if on.weekday() < 6 and day(on).kind not in _CLOSED]

    def _slots(self) -> Iterator[dict[str, Any]]:
        """Bookings that all fit: each place of each workshop in each pair once."""
        for on in self._days():
            for pair, workshop in itertools.product(PAIRS, self.workshops):
                for _ in range(workshop["workplaces"]):
                    yield self.body(workshop, on, pair)

    def body(self, workshop: dict[str, Any], on: date, pair: str) -> dict[str, Any]:
        """A booking of one place for one pair."""
        hour, minute = map(int, pair.split(":"))
        starts_at = datetime.combine(on, time(hour, minute), MOSCOW).astimezone(UTC)
        return {
            "workshop_id": workshop["id"],
            "starts_at": starts_at.isoformat(),
            "ends_at": (starts_at + timedelta(minutes=PAIR_MINUTES)).isoformat(),
            "workplaces": 1,
            "purpose": "Учебная практика",
        }


async def execute(url: str, *statements: str) -> None:
    """Runs statements one after the other, however long they take."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SET statement_timeout = 0")
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


def percentile(values: list[float], share: float) -> float:
    """The value below which that share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


async def gather(count: int, work: Any) -> None:
    """So many workers at once."""
    await asyncio.gather(*(work(number) for number in range(count)))
