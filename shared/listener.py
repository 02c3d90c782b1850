"""The listener: one typed FastStream handler per subject heard, on the service's own durables.

FastStream's NATS subscribers lose a message whose handler raises unless told otherwise, and never
notice that their consumer is gone. So acknowledgement is ours (after the commit), and a watch ends
the session when a consumer is missing; the leader then begins a new one.
"""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeVar

from faststream import AckPolicy, BaseMiddleware
from faststream.nats import JStream, NatsBroker, NatsMessage, PullSub
from nats.aio.client import Client
from nats.js.api import ConsumerConfig
from nats.js.errors import NotFoundError

from contracts.event import Event
from contracts.provisioning import ACK_WAIT_SECONDS
from contracts.topology import (
    HEARS,
    durable_of,
    publishers_heard_by,
    stream_of,
    subjects_heard,
)
from shared import failpoints, log
from shared.bus import RECONNECT_SECONDS, inbox_of
from shared.database import COLLIDED, UNREACHABLE, Database, Transaction
from shared.inbox import Handler, Inbox, Message

_WATCH_SECONDS = 2.0
_WAIT_SECONDS = 2.0
_NAK_SECONDS = 0.5
_RETRY_SECONDS = 0.5

logger = log.get(__name__)

EventT = TypeVar("EventT", bound=Event)
On = Callable[[EventT, Transaction], Awaitable[None]]


class ConsumerIsGone(Exception):
    """A durable consumer of ours was deleted; the provisioner makes it again."""


class Hear:
    """The register of what a service hears: one `on_<event>` for each subject."""

    def __init__(self, service: str) -> None:
        self.service = service
        self.handlers: dict[str, tuple[type[Event], Handler]] = {}

    def on(self, event_class: type[EventT]) -> Callable[[On[EventT]], On[EventT]]:
        """Registers the handler of an event; the register in contracts must name it too."""

        def register(handler: On[EventT]) -> On[EventT]:
            if event_class not in HEARS[self.service]:
                raise TypeError(f"contracts do not say that {self.service} hears {event_class}")
            self.handlers[event_class.subject] = (event_class, handler)
            return handler

        return register


async def listen(database: Database, bus: Client, url: str, inbox: Inbox, hear: Hear) -> None:
    """Listens for good; raises when a consumer is gone or the server cannot be reached."""
    if not hear.handlers:
        await asyncio.Event().wait()
    await _watch_once(bus, hear.service)
    broker = broker_of(hear, url=url, inbox=inbox)
    try:
        await broker.start()
        while True:
            await asyncio.sleep(_WATCH_SECONDS)
            await _watch_once(bus, hear.service)
    finally:
        with suppress(Exception):
            await asyncio.wait_for(broker.stop(), 10)


async def retry_parked(inbox: Inbox) -> None:
    """Tries parked messages for good."""
    while True:
        if not await inbox.retry_due():
            await asyncio.sleep(_RETRY_SECONDS)


async def _watch_once(bus: Client, service: str) -> None:
    for publisher in publishers_heard_by(service):
        try:
            await bus.jetstream(timeout=_WAIT_SECONDS).consumer_info(
                stream_of(publisher), durable_of(service)
            )
        except NotFoundError as error:
            raise ConsumerIsGone(f"{durable_of(service)} of {stream_of(publisher)}") from error


def broker_of(hear: Hear, *, url: str, inbox: Inbox) -> NatsBroker:
    """The FastStream broker of a service: a pull subscriber per stream, a handler per subject."""
    broker = NatsBroker(
        url,
        name=f"{hear.service} listener",
        inbox_prefix=inbox_of(hear.service),
        max_reconnect_attempts=-1,
        reconnect_time_wait=RECONNECT_SECONDS,  # type: ignore[arg-type]  # it takes parts
        connect_timeout=2,
        ping_interval=5,
        ack_policy=AckPolicy.MANUAL,
        graceful_timeout=10,
        middlewares=[_acknowledging(hear.service, inbox)],
        logger=None,
    )
    for publisher in publishers_heard_by(hear.service):
        subscriber = broker.subscriber(
            stream=JStream(stream_of(publisher), declare=False),
            durable=durable_of(hear.service),
            config=ConsumerConfig(filter_subjects=list(subjects_heard(hear.service, publisher))),
            pull_sub=PullSub(batch_size=1, timeout=5.0),
            inbox_prefix=f"{inbox_of(hear.service)}.".encode(),
            ack_policy=AckPolicy.MANUAL,
        )
        for subject in subjects_heard(hear.service, publisher):
            event_class, _ = hear.handlers[subject]
            subscriber(_typed(event_class, inbox), filter=_is_on(subject))
    return broker


async def _say_working(raw: Any) -> None:
    """Keeps the message ours for as long as its handler works."""
    while True:
        await asyncio.sleep(ACK_WAIT_SECONDS / 3)
        await raw.in_progress()


def _is_on(subject: str) -> Callable[[NatsMessage], Awaitable[bool]]:
    async def is_on(message: NatsMessage) -> bool:
        return bool(message.raw_message.subject == subject)

    return is_on


def _typed(event_class: type[Event], inbox: Inbox) -> Callable[..., Awaitable[None]]:
    """The handler that FastStream calls with the body read as its event."""

    async def handle(event: Event, message: NatsMessage) -> None:
        await inbox.take(message_of(message.raw_message), event)

    handle.__name__ = handle.__qualname__ = f"on_{event_class.__name__}"
    handle.__annotations__["event"] = event_class
    handle.__signature__ = inspect.signature(handle).replace(  # type: ignore[attr-defined]
        parameters=[
            inspect.Parameter("event", inspect.Parameter.POSITIONAL_ONLY, annotation=event_class),
            inspect.Parameter(
                "message", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=NatsMessage
            ),
        ]
    )
    return handle


def message_of(raw: Any) -> Message:
    """A message of nats-py as the inbox takes it."""
    place = f"{raw.metadata.stream}/{raw.metadata.sequence.stream}"
    return Message.of(raw.subject, raw.data, raw.headers or {}, place)


def _acknowledging(service: str, inbox: Inbox) -> type[BaseMiddleware]:
    class Acknowledging(BaseMiddleware):
        """Acknowledges after the commit; what cannot be read is parked like what fails."""

        async def consume_scope(self, call_next: Any, msg: Any) -> Any:
            raw = msg.raw_message
            working = asyncio.create_task(_say_working(raw))
            try:
                await self._take(call_next, msg)
            except Exception as error:  # the database cannot serve: the message comes again
                logger.warning("not taken", service=service, error=log.words(error))
                await raw.nak(delay=_NAK_SECONDS)
                return
            finally:
                working.cancel()
            failpoints.reach(service, failpoints.EFFECT_BEFORE_ACK)
            await raw.ack()

        async def _take(self, call_next: Any, msg: Any) -> None:
            try:
                await call_next(msg)
            except (*UNREACHABLE, *COLLIDED):
                raise
            except Exception:  # FastStream cannot read the body: the inbox says so of it
                await inbox.take(message_of(msg.raw_message))

    return Acknowledging
