"""An installation of its own for the figures, with members whose agreements let them book."""

import asyncio
import itertools
import random
import sys
from collections.abc import Coroutine, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import asyncpg
import uvloop

from deploy.local.installation import Installation
from deploy.local.operations import environment_of
from deploy.local.ports import free_port
from shared.ids import new_id
from shared.russia.calendar import DayKind, day
from tests.deploy.run import Run
from tests.people import Person, eventually

BOOKERS = (
    "aviapribor",
    "dneprochem",
    "stankoservis",
    "promsvar",
    "energoseti",
    "agrovyazma",
    "obraztsov",
    "ministry",
)
"""Members who book: several, as a limit holds for each person's requests."""

PAIRS = ("08:30", "10:15", "12:30", "14:15", "16:00", "17:45")
PAIR_MINUTES = 95
MOSCOW = ZoneInfo("Europe/Moscow")
_CLOSED = (DayKind.PUBLIC_HOLIDAY, DayKind.MOVED_DAY_OFF)
_SEED = 3

ResultT = TypeVar("ResultT")


class Place:
    """A running installation, its people, and bookings that can all be made."""

    def __init__(self, folder: Path, bookers: int = len(BOOKERS)) -> None:
        self.folder = folder
        self._bookers = BOOKERS[:bookers]
        self.port = free_port()
        self.base_url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> "Place":
        self._start()
        return self

    def __exit__(self, *error: object) -> None:
        self.run.__exit__(*error)

    def restart(self) -> None:
        """Stops everything in order and starts it again on the same port."""
        self.run.__exit__()
        self._start()

    def _start(self) -> None:
        command = (sys.executable, "-m", "deploy.local")
        self.run = Run(self.folder, "up", command=command, ARTEL_PORT=str(self.port))
        self.run.ready(120)
        self.environment = environment_of(Installation(self.run.data))

    def url(self, service: str) -> str:
        """Where the superuser connects to a service's database."""
        head = self.environment["ARTEL_ADMIN_URL"].rpartition("/")[0]
        return f"{head}/artel_{service}"

    def person(self, slug: str) -> Person:
        """The coordinator of a member."""
        return Person(self.base_url, f"coordinator@{slug}")

    @cached_property
    def members(self) -> dict[str, str]:
        """The ids of all members by their short names."""
        anyone = self.person(BOOKERS[0])
        return {item["slug"]: item["id"] for item in anyone.items("/membership/members", limit=200)}

    @cached_property
    def workshops(self) -> list[dict[str, Any]]:
        """The demo's workshops."""
        return self.person(BOOKERS[0]).items("/workshops/workshops", limit=200)

    @cached_property
    def owners(self) -> dict[str, Person]:
        """The coordinator of each owner of a workshop, by the owner's id."""
        slugs = {member_id: slug for slug, member_id in self.members.items()}
        return {
            owner_id: self.person(slugs[owner_id])
            for owner_id in dict.fromkeys(item["owner_id"] for item in self.workshops)
        }

    @cached_property
    def bookers(self) -> list[Person]:
        """Coordinators who may book every workshop, each by an agreement with its owner."""
        people = [self.person(slug) for slug in self._bookers]
        for person, owner_id in itertools.product(people, self.owners):
            self._agree(person, self.owners[owner_id])
        for person, workshop in itertools.product(people, self.workshops):
            ask = self.body(workshop, self._days()[0], PAIRS[0])
            eventually(
                lambda who=person, ask=ask: who.post("/workshops/quotes", ask).json()["bookable"]
            )
        return people

    def headers(self, number: int = 0) -> dict[str, str]:
        """What one of the bookers sends with a booking; the key is a new one each time."""
        person = self.bookers[number % len(self.bookers)]
        return {**self.token_of(person), "Idempotency-Key": str(new_id())}

    def token_of(self, person: Person) -> dict[str, str]:
        """Who the person is."""
        return {"Authorization": f"Bearer {person.session['access_token']}"}

    def _agree(self, booker: Person, owner: Person) -> None:
        """Both have an agreement on services, unless the demo gave them one."""
        if booker.items("/membership/agreements", **{"with_id": owner.member_id}):
            return
        made = booker.post(
            "/membership/agreements",
            {
                "kind": "services",
                "party_ids": [booker.member_id, owner.member_id],
                "valid_from": "2026-01-01",
                "valid_to": "2046-01-01",
                "subject": "Услуги",
            },
        )
        assert made.status_code == 201, made.text
        signed = owner.post(f"/membership/agreements/{made.json()['id']}/sign")
        assert signed.status_code == 200, signed.text

    def _days(self) -> list[date]:
        today = datetime.now(MOSCOW).date()  # noqa: TID251 - a client's clock
        ahead = (today + timedelta(days=number) for number in range(2, 360))
        return [on for on in ahead if on.weekday() < 6 and day(on).kind not in _CLOSED]

    @cached_property
    def slots(self) -> Iterator[dict[str, Any]]:
        """Bookings that all fit, each place of each workshop in each pair once, in any order."""
        places = [workshop for workshop in self.workshops for _ in range(workshop["workplaces"])]
        found = list(itertools.product(self._days(), PAIRS, places))
        random.Random(_SEED).shuffle(found)
        return (self.body(workshop, on, pair) for on, pair, workshop in found)

    def pairs_of(self, workshop: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """A booking of one place of the workshop for each pair of the year."""
        for on, pair in itertools.product(self._days(), PAIRS):
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


def run(work: Coroutine[Any, Any, ResultT]) -> ResultT:
    """Runs the measuring side on the event loop that the services run on."""
    return uvloop.run(work)


async def execute(url: str, *statements: str) -> None:
    """Runs statements one after the other, however long they take."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SET statement_timeout = 0")
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def value(url: str, question: str, *values: Any) -> Any:
    """The answer to one question of a database."""
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(question, *values)
    finally:
        await connection.close()


async def until_told(place: Place) -> None:
    """Waits until nothing is left in the outbox, so that one block does not work in another's time."""
    connection = await asyncpg.connect(place.url("workshops"))
    try:
        while await connection.fetchval(
            "SELECT EXISTS (SELECT FROM outbox WHERE published_at IS NULL)"
        ):
            await asyncio.sleep(0.02)
    finally:
        await connection.close()


def percentile(values: list[float], share: float) -> float:
    """The value below which that share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


async def gather(count: int, work: Any) -> None:
    """So many workers at once."""
    await asyncio.gather(*(work(number) for number in range(count)))
