"""The inbox: each message takes effect once, in the order of its aggregate.

A message that fails is parked as a row. While an aggregate has a parked row its later messages
are parked behind it; those of other aggregates flow on. Parked messages are tried again with
growing delay, and given up after `TRIES_MAX` failures: a dead letter, which people look at,
mend and replay. What stands behind a dead letter goes on waiting for it.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from contracts.event import Event, Header
from shared import ids, log, trace
from shared.closing import Cause
from shared.database import COLLIDED, UNREACHABLE, Database, HeardTwice, Transaction

Handler = Callable[[Any, Transaction], Awaitable[None]]

TRIES_MAX = 10
_DELAY_SECONDS_MAX = 300
_NOTHING = UUID(int=0)

logger = log.get(__name__)


class Malformed(Exception):
    """The message is not what its subject promises; trying again would not help."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it came, with what its headers say of it."""

    subject: str
    body: bytes
    headers: Mapping[str, str]
    event_id: UUID
    aggregate_id: UUID

    @classmethod
    def of(cls, subject: str, body: bytes, headers: Mapping[str, str], place: str) -> "Message":
        """Reads the headers; a message without ids gets ones from its place in the stream."""
        event_id = _uuid(headers.get(Header.ID)) or ids.derived_id(_NOTHING, place)
        aggregate_id = _uuid(headers.get(Header.SUBJECT)) or event_id
        return cls(subject, body, dict(headers), event_id, aggregate_id)

    @property
    def cause(self) -> Cause:
        """What the transaction that answers to this message says of its origin."""
        correlation = _uuid(self.headers.get(Header.CORRELATION_ID)) or self.event_id
        return Cause(self.event_id, correlation, _instant(self.headers.get(Header.TIME)))


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def _instant(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return moment if moment is not None and moment.utcoffset() is not None else None


class Inbox:
    """What a service has heard, and how it takes effect."""

    def __init__(
        self, database: Database, handlers: Mapping[str, tuple[type[Event], Handler]]
    ) -> None:
        self._database = database
        self._handlers = handlers

    async def take(self, message: Message, event: Event | None = None) -> None:
        """Lets the message take effect, or parks it; in both cases it may be acknowledged.

        `event` is the message's body where it was read already. Raises what UNREACHABLE lists
        when the database cannot serve: the message has to come again.
        """
        trace.begin(message.headers.get(Header.TRACE))
        try:
            await self._take_once(message, event)
        except HeardTwice:
            logger.debug("heard twice", subject=message.subject, event_id=str(message.event_id))
        except (*UNREACHABLE, *COLLIDED):
            raise
        except Exception as error:  # any fault of a handler parks its message
            await self._park(message, error)

    async def _take_once(self, message: Message, event: Event | None) -> None:
        async with self._database.transaction(cause=message.cause) as tx:
            [known] = await tx.look(_KNOWN, message.event_id, message.aggregate_id)
            if known["is_heard"]:
                raise HeardTwice
            tx.hear(message.event_id, message.subject)
            if known["is_blocked"]:
                await _write_parked(tx, message, tries=0, error=None, delay=timedelta())
                return
            await self._handle(tx, message, event)

    async def _handle(self, tx: Transaction, message: Message, event: Event | None) -> None:
        if event is None:
            event = self.read(message)
        _, handler = self._handlers[message.subject]
        await handler(event, tx)

    def read(self, message: Message) -> Event:
        """The message's body as its event; raises Malformed."""
        if message.subject not in self._handlers:
            raise Malformed(f"nobody here hears {message.subject}")
        event_class, _ = self._handlers[message.subject]
        try:
            return event_class.model_validate_json(message.body)
        except ValidationError as error:
            fields = [
                ".".join(map(str, fault["loc"])) + ": " + fault["msg"] for fault in error.errors()
            ]
            raise Malformed("; ".join(fields)[:500]) from None

    async def _park(self, message: Message, error: Exception) -> None:
        logger.warning(
            "parked",
            subject=message.subject,
            event_id=str(message.event_id),
            error=log.words(error),
        )
        async with self._database.transaction(cause=message.cause) as tx:
            [known] = await tx.look(_KNOWN, message.event_id, message.aggregate_id)
            if not known["is_heard"]:
                tx.hear(message.event_id, message.subject)
                await _write_parked(tx, message, tries=1, error=error, delay=_delay(1))

    async def retry_due(self) -> int:
        """Tries the first parked message of each aggregate that is due; returns how many."""
        now = self._database.clock()
        rows = await self._database.fetch(_DUE, now)
        for row in rows:
            await self._retry(row["id"])
        return len(rows)

    async def _retry(self, parked_id: int) -> None:
        message = None
        try:
            async with self._database.transaction() as tx:
                row = await tx.row(
                    "SELECT * FROM parked WHERE id = $1 AND given_up_at IS NULL FOR UPDATE",
                    parked_id,
                )
                if row is None:
                    return
                message = Message(
                    row["subject"],
                    row["body"],
                    row["headers"],
                    row["event_id"],
                    row["aggregate_id"],
                )
                trace.begin(message.headers.get(Header.TRACE))
                tx.cause = message.cause
                await self._handle(tx, message, None)
                await tx.execute("DELETE FROM parked WHERE id = $1", parked_id)
        except (*UNREACHABLE, *COLLIDED):
            raise
        except Exception as error:  # the next try, or the end of trying
            logger.warning("parked message failed again", id=parked_id, error=log.words(error))
            await self._postpone(parked_id, error)

    async def _postpone(self, parked_id: int, error: Exception) -> None:
        async with self._database.transaction() as tx:
            tries = await tx.value("SELECT tries + 1 FROM parked WHERE id = $1", parked_id)
            is_over = tries >= TRIES_MAX or isinstance(error, Malformed)
            await tx.execute(
                "UPDATE parked SET tries = $2, due_at = $3, error = $4, given_up_at = $5"
                " WHERE id = $1",
                parked_id,
                tries,
                tx.now + _delay(tries),
                log.words(error),
                tx.now if is_over else None,
            )


_KNOWN = """
SELECT EXISTS (SELECT FROM inbox WHERE event_id = $1) AS is_heard,
       EXISTS (SELECT FROM parked WHERE aggregate_id = $2) AS is_blocked
"""

_DUE = """
SELECT id FROM (
    SELECT DISTINCT ON (aggregate_id) id, due_at, given_up_at FROM parked
    ORDER BY aggregate_id, id
) AS heads
WHERE given_up_at IS NULL AND due_at <= $1 ORDER BY id LIMIT 100
"""


async def _write_parked(
    tx: Transaction, message: Message, *, tries: int, error: Exception | None, delay: timedelta
) -> None:
    await tx.execute(
        "INSERT INTO parked (event_id, aggregate_id, subject, headers, body, parked_at, due_at,"
        " tries, error, given_up_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        message.event_id,
        message.aggregate_id,
        message.subject,
        dict(message.headers),
        message.body,
        tx.now,
        tx.now + delay,
        tries,
        log.words(error) if error else None,
        tx.now if isinstance(error, Malformed) else None,
    )


def _delay(tries: int) -> timedelta:
    return timedelta(seconds=min(2 ** (tries - 1), _DELAY_SECONDS_MAX))
