"""What happens while a page is open: facts from the bus, told to the pages they concern as server-sent events.

One ephemeral consumer per stream and process; a page is told only that something of its member's
has changed, and fetches it through the same APIs as ever.
"""

import asyncio
import json
import secrets
from collections import deque
from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from nats.aio.client import Client
from nats.aio.subscription import Subscription
from nats.errors import TimeoutError as NothingCame
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from contracts.topology import PORTAL, filter_of_watcher
from shared import bus, log
from shared.clock import Clock

HEARTBEAT_SECONDS = 15.0
RETRY_MS = 1000
PULL_SECONDS = 5.0
PULL_FACTS = 500
PULL = json.dumps({"batch": PULL_FACTS, "expires": int(PULL_SECONDS * 1e9)}).encode()
LOOK_SECONDS = 0.1
PAUSE_SECONDS = 0.2
IDLE_SECONDS = 60.0
"""A consumer whose process is gone is forgotten by the server after so long."""

RESYNC = "resync"
"""Told when facts may have been missed: the page fetches everything anew."""

END = ""
REMEMBERED = 500
"""So many facts are remembered for pages that were made before they began to listen."""

EVERYBODYS = ("council",)
"""Services whose facts every signed-in person may know, whomever they name."""

PARTIES = ("owner_id", "booker_id", "member_id", "debtor_id", "creditor_id")

logger = log.get(__name__)


@dataclass(frozen=True)
class Told:
    """That something happened, when it was heard here, and whom it concerns."""

    at: datetime
    topic: str
    members: set[str] | None
    person_id: str | None = None
    """Whom alone it concerns, for whichever member they act."""

    def concerns(self, listener: "Listener") -> bool:
        """Whether this page is to know."""
        if self.person_id is not None:
            return listener.person_id == self.person_id
        return self.members is None or listener.member_id in self.members


@dataclass(eq=False)
class Listener:
    """An open page: whose it is, and what it was not told yet."""

    member_id: str | None
    person_id: str | None = None
    waiting: asyncio.Queue[str] = field(default_factory=lambda: asyncio.Queue(200))

    def tell(self, topic: str) -> None:
        """Puts it before the page; one that does not read any more is told to fetch anew."""
        if self.waiting.full():
            while not self.waiting.empty():
                self.waiting.get_nowait()
            topic = RESYNC
        self.waiting.put_nowait(topic)


class Live:
    """All open pages of this process, and the bus that is read for them."""

    def __init__(self, url: str | None, streams: Iterable[str], clock: Clock) -> None:
        self._url = url
        self._streams = tuple(streams)
        self._clock = clock
        self._told: deque[Told] = deque(maxlen=REMEMBERED)
        self._listeners: set[Listener] = set()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begins to read the bus, also when it cannot be reached yet."""
        if self._url is not None:
            self._tasks = [asyncio.create_task(self._read(), name="portal live")]

    async def stop(self) -> None:
        """Stops reading, and ends the open pages' streams."""
        self.let_go()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def let_go(self) -> None:
        """Ends the open pages' streams: they come again, to whoever serves then."""
        for listener in list(self._listeners):
            listener.tell(END)

    async def stream(
        self,
        member_id: str | None,
        since: datetime | None,
        is_again: bool,
        person_id: str | None = None,
    ) -> AsyncIterator[bytes]:
        """The events of one page, as bytes of `text/event-stream`, until it goes.

        What was told since the page was made comes first; a page that comes again fetches anew.
        """
        listener = Listener(member_id, person_id)
        self._listeners.add(listener)
        if is_again:
            listener.tell(RESYNC)
        elif since is not None:
            for told in self._told:
                if told.at >= since and told.concerns(listener):
                    listener.tell(told.topic)
        try:
            yield f"retry: {RETRY_MS}\nid: 1\n\n".encode()
            while True:
                try:
                    topic = await asyncio.wait_for(listener.waiting.get(), HEARTBEAT_SECONDS)
                except TimeoutError:
                    yield b": still here\n\n"
                    continue
                if topic == END:
                    return
                yield f"event: {topic}\ndata: \n\n".encode()
        finally:
            self._listeners.discard(listener)

    def _tell(self, topic: str, members: set[str] | None, person_id: str | None = None) -> None:
        """Tells the pages of the person, or of these members; of all where it is everybody's."""
        told = Told(self._clock(), topic, members, person_id)
        self._told.append(told)
        for listener in self._listeners:
            if told.concerns(listener):
                listener.tell(topic)

    async def _read(self) -> None:
        assert self._url is not None
        while True:
            try:
                client = await bus.connect(PORTAL, self._url)
                try:
                    async with asyncio.TaskGroup() as following:
                        following.create_task(_until_lost(client))
                        for stream in self._streams:
                            following.create_task(self._follow(client, stream))
                finally:
                    with suppress(Exception):
                        await client.close()
            except asyncio.CancelledError:
                raise
            except Exception as error:  # whatever it is, pages go on without being live
                logger.warning("live", error=log.words(error))
            await asyncio.sleep(PAUSE_SECONDS)

    async def _follow(self, client: Client, stream: str) -> None:
        """Reads a stream from now on; raises when the consumer or the server is gone."""
        js = client.jetstream(timeout=5)
        name = f"portal-{secrets.token_hex(6)}"
        await js.add_consumer(
            stream,
            ConsumerConfig(
                name=name,
                deliver_policy=DeliverPolicy.NEW,
                ack_policy=AckPolicy.NONE,
                filter_subject=filter_of_watcher(stream),
                inactive_threshold=IDLE_SECONDS,
                mem_storage=True,
            ),
        )
        self._tell(RESYNC, None)
        inbox = client.new_inbox()
        arriving = await client.subscribe(inbox)
        while True:
            await client.publish(f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{name}", PULL, reply=inbox)
            await self._take(arriving)
            await js.consumer_info(stream, name)  # raises when it is gone

    async def _take(self, arriving: Subscription) -> None:
        """Takes what one pull brings, until it is used up or nothing came for long.

        One pull for many facts: to pull each by itself costs more than all that is done with it.
        """
        for _ in range(PULL_FACTS):
            try:
                message = await arriving.next_msg(PULL_SECONDS + 1)
            except NothingCame:
                return
            if message.headers and "Status" in message.headers:  # the pull is over
                return
            self._on(message.subject, message.data)

    def _on(self, subject: str, data: bytes) -> None:
        try:
            fact = json.loads(data)
        except ValueError:
            return
        service, noun = subject.split(".")[:2]
        if service == "notices":
            if noun == "inbox" and isinstance(fact, dict):
                self._tell("notices", None, str(fact.get("person_id")))
            return
        members = None if service in EVERYBODYS else parties_of(fact)
        self._tell(TOPICS.get((service, noun), noun), members)
        if (service, noun) == ("workshops", "booking"):
            self._tell("board", None)


class ConnectionWasLost(Exception):
    """The connection to the bus was lost and came back: consumers in memory may be gone."""


async def _until_lost(client: Client) -> None:
    known = client.stats["reconnects"]
    while client.stats["reconnects"] == known:
        await asyncio.sleep(LOOK_SECONDS)
    raise ConnectionWasLost


TOPICS = {
    ("workshops", "booking"): "bookings",
    ("workshops", "timetable"): "board",
    ("workshops", "workshop"): "board",
    ("membership", "agreement"): "agreements",
    ("membership", "member"): "members",
    ("membership", "withdrawal"): "members",
    ("membership", "application"): "members",
    ("membership", "case"): "members",
    ("council", "ballot"): "ballots",
    ("council", "decision"): "decisions",
    ("council", "meeting"): "meetings",
    ("council", "proposal"): "proposals",
    ("finance", "obligation"): "obligations",
    ("council", "plan"): "plans",
    ("council", "plan_item"): "plans",
}
"""What a fact is called on a page, by service and noun."""


def parties_of(fact: Any) -> set[str] | None:
    """The members whom a fact concerns; None for one that names none, which is everybody's."""
    if not isinstance(fact, dict):
        return None
    named = {fact[name] for name in PARTIES if isinstance(fact.get(name), str)}
    listed = fact.get("party_ids")
    if isinstance(listed, list):
        named |= set(listed)
    return named or None
