"""A teller and a listener on real servers, made of the chassis alone."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from uuid import UUID

import pytest

from contracts.event import Event
from contracts.topology import HEARS
from contracts.workshops import BookingCompleted
from shared import bus, leader
from shared.database import Database, Transaction
from shared.ids import new_id
from shared.inbox import Inbox
from shared.listener import Hear, listen, retry_parked
from shared.relay import relay
from tests.harness import Moment, Servers


@dataclass
class Wire:
    """Workshops' outbox on one side, finance's inbox on the other, a stream between them."""

    servers: Servers
    clock: Moment
    teller: Database
    listener: Database
    teller_name: str
    listener_name: str
    heard: list[UUID] = field(default_factory=list)
    fails_on: set[UUID] = field(default_factory=set)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.hear = Hear("finance")
        for event_class in HEARS["finance"]:
            self.hear.on(event_class)(self.on_other)
        self.hear.on(BookingCompleted)(self.on_booking_completed)
        self.inbox = Inbox(self.listener, self.hear.handlers)

    async def on_other(self, event: Event, tx: Transaction) -> None:
        raise AssertionError("nobody tells this here")

    async def on_booking_completed(self, event: BookingCompleted, tx: Transaction) -> None:
        if event.booking_id in self.fails_on:
            raise ValueError("this one fails")
        await tx.execute(
            "INSERT INTO milestones (name, reached_at) VALUES ($1, $2)"
            " ON CONFLICT (name) DO NOTHING",
            f"{event.booking_id}/{event.actual_minutes}",
            tx.now,
        )
        self.heard.append(event.booking_id)

    async def tell(self, *bookings: UUID, minutes: int = 0) -> None:
        """Workshops says that these bookings are completed."""
        async with self.teller.transaction() as tx:
            for booking in bookings:
                tx.record(completed(booking, minutes, tx))

    def start(self, *duties: str) -> None:
        """Starts the relay, the listener, the retries, or all."""
        sides: list[tuple[Database, dict[str, leader.Duty]]] = [
            (self.teller, {"relay": self._relay}),
            (self.listener, {"listen": self._listen, "retry": self._retry}),
        ]
        for database, every in sides:
            wanted = {name: duty for name, duty in every.items() if not duties or name in duties}
            if wanted:
                self.tasks.append(asyncio.create_task(leader.lead(database, wanted)))

    async def stop(self) -> None:
        """Stops what was started."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        self.tasks.clear()

    async def _relay(self) -> None:
        client = await bus.connect("workshops", self.servers.nats_url("workshops"))
        try:
            await relay(self.teller, client)
        finally:
            with contextlib.suppress(Exception):
                await client.close()

    async def _listen(self) -> None:
        url = self.servers.nats_url("finance")
        client = await bus.connect("finance", url)
        try:
            await listen(self.listener, client, url, self.inbox, self.hear)
        finally:
            with contextlib.suppress(Exception):
                await client.close()

    async def _retry(self) -> None:
        await retry_parked(self.inbox)


def completed(booking: UUID, minutes: int, tx: Transaction) -> BookingCompleted:
    """A completed booking whose minutes tell one from the other."""
    return BookingCompleted(
        booking_id=booking,
        workshop_id=new_id(),
        owner_id=new_id(),
        booker_id=new_id(),
        agreement_id=None,
        agreement_kind=None,
        used_at=tx.now,
        completed_at=tx.now,
        workplaces=1,
        actual_minutes=minutes,
        net_kopecks=0,
        vat_kopecks=0,
        amount_kopecks=0,
        vat_rate_percent=None,
        vat_reason="",
    )


@pytest.fixture
async def wire(servers: Servers, clock: Moment) -> AsyncIterator[Wire]:
    """A wire with fresh databases and fresh streams; nothing runs on it yet."""
    await servers.fresh_streams()
    names = [await servers.new_database("workshops") for _ in range(2)]
    teller = Database(
        service="workshops", url=servers.runtime_url("workshops", names[0]), clock=clock
    )
    listener = Database(
        service="finance", url=servers.runtime_url("workshops", names[1]), clock=clock
    )
    await teller.open()
    await listener.open()
    made = Wire(servers, clock, teller, listener, names[0], names[1])
    yield made
    await made.stop()
    await teller.close()
    await listener.close()
    for name in names:
        await servers.drop_database(name)
