"""The service's database: small pools, and one transaction for each request or message."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from contracts.event import Event
from shared import failpoints, ids
from shared.clock import Clock
from shared.closing import Answer, Cause, Heard, Last, Noted, Told, statement_of
from shared.identity import Actor, Role
from shared.refusal import Refusal, Unavailable

UNREACHABLE = (
    OSError,
    asyncio.TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a connection in disorder, as a killed server leaves some
    asyncpg.CannotConnectNowError,
    asyncpg.InvalidCatalogNameError,  # the database is being made anew
    asyncpg.ObjectNotInPrerequisiteStateError,  # it takes no connections now
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.LockNotAvailableError,
    asyncpg.ReadOnlySQLTransactionError,
)
"""What is raised while the database cannot serve; it says nothing about the request."""

COLLIDED = (
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.InvalidCachedStatementError,
)
"""What is raised when two transactions, or a migration, met; the work may simply be done again."""

_ACQUIRE_SECONDS = 8.0


class HeardTwice(Exception):
    """The message has taken effect before; it is left alone."""


class KeyIsTaken(Exception):
    """Another request was answered under this idempotency key before."""


@dataclass(slots=True)
class Transaction:
    """One unit of work. It begins at its first statement and ends with the request or message.

    Events, audit rows and the kept answer are written in one statement just before the commit,
    so a change and its telling stand or fall together.
    """

    database: "Database"
    now: datetime
    service: str
    actor: Actor | None = None
    allowed: frozenset[Role] | None = None
    cause: Cause | None = None
    is_authorised: bool = False
    read_only: bool = False
    _connection: Any = None
    _begun: Any = None
    _last: Last | None = None
    _told: list[Told] = field(default_factory=list)
    _noted: list[Noted] = field(default_factory=list)
    _close: Answer | Heard | None = None
    _born: int = 0

    async def look(self, sql: str, *values: Any) -> list[Any]:
        """All rows of a query that locks and changes nothing; it begins no transaction.

        Each statement sees what was committed before it, inside of a transaction as outside of
        one, so nothing but two ways to the server is saved.
        """
        connection = self._connection or await self._acquire()
        rows: list[Any] = await connection.fetch(sql, *values)
        return rows

    async def fetch(self, sql: str, *values: Any) -> list[Any]:
        """All rows of the query."""
        connection = await self._within()
        rows: list[Any] = await connection.fetch(sql, *values)
        return rows

    async def row(self, sql: str, *values: Any) -> Any:
        """The first row of the query, or None."""
        connection = await self._within()
        return await connection.fetchrow(sql, *values)

    async def value(self, sql: str, *values: Any) -> Any:
        """The first value of the first row, or None."""
        connection = await self._within()
        return await connection.fetchval(sql, *values)

    async def execute(self, sql: str, *values: Any) -> int:
        """Runs the statement; returns how many rows it touched."""
        connection = await self._within()
        status: str = await connection.execute(sql, *values)
        count = status.rpartition(" ")[2]
        return int(count) if count.isdigit() else 0

    def change_last(self, change: str, *values: Any, refusal: type[Refusal] | None = None) -> None:
        """Makes the change with the commit, in one statement with its event and audit row.

        `change` is a list of common table expressions; the one named `done` has a row when the
        change was made whole. Else the commit raises the refusal, and nothing is changed. Where
        nothing was written before, that statement is the transaction.
        """
        self._last = Last(change, values, refusal)

    def authorise(self) -> Actor:
        """The actor, once their role is one that the route names.

        To be called when the thing asked for is known to be theirs to know: what is not theirs is
        404 before a missing role is 403. Raises RoleIsMissing.
        """
        if self.actor is None or self.allowed is None:
            raise RuntimeError("a transaction of nobody was asked who may do this")
        self.actor.require(self.allowed)
        self.is_authorised = True
        return self.actor

    def new_id(self, *labels: str) -> UUID:
        """A new id; in answer to a message, one that is derived from the message's id."""
        if self.cause is None:
            return ids.new_id()
        self._born += 1
        return ids.derived_id(self.cause.event_id, self.service, *labels, str(self._born))

    def record(
        self, event: Event, *, before: Any = None, after: Any = None, reason: str | None = None
    ) -> None:
        """Tells the event and notes it in the audit; neither can be done without the other."""
        if event.publisher() != self.service:
            raise RuntimeError(f"{self.service} may not tell {event.subject}")
        event_id = self.new_id(event.subject)
        self._told.append(Told(event_id, event))
        action = event.subject.split(".", 1)[1].rpartition(".")[0]
        self._noted.append(Noted(action, event.aggregate_id, before, after, reason, event_id))

    def note(
        self,
        action: str,
        object_id: UUID,
        *,
        before: Any = None,
        after: Any = None,
        reason: str | None = None,
    ) -> None:
        """Notes in the audit what nobody else has to hear of, such as a sign-in."""
        self._noted.append(Noted(action, object_id, before, after, reason, None))

    def keep_answer(self, answer: Answer) -> None:
        """Keeps the answer under its key; the commit raises KeyIsTaken when another stands there.

        The key is written last: a request that came before and is not committed yet is waited
        for, and one that is done undoes this one. A refusal keeps nothing, so its key stays free.
        """
        self._close = answer

    def hear(self, event_id: UUID, subject: str) -> None:
        """Notes that the message took effect; the commit raises HeardTwice when it had before."""
        self._close = Heard(event_id, subject)

    @asynccontextmanager
    async def attempt(self) -> AsyncIterator[None]:
        """A part of the work that may be undone alone.

        An exception that leaves the block undoes what the block wrote, told and noted, and no
        more, so that what came before may still be committed.
        """
        connection = await self._within()
        told, noted, last = len(self._told), len(self._noted), self._last
        try:
            async with connection.transaction():
                yield
        except BaseException:
            del self._told[told:], self._noted[noted:]
            self._last = last
            raise

    async def _acquire(self) -> Any:
        self._connection = await self.database.acquire()
        return self._connection

    async def _within(self) -> Any:
        """The connection, with the transaction begun on it."""
        connection = self._connection or await self._acquire()
        if self._begun is None and not self.read_only:
            self._begun = connection.transaction()
            await self._begun.start()
        return connection

    async def commit(self) -> None:
        """Writes what was told and noted, and commits."""
        if self._last or self._told or self._noted or self._close:
            if self._begun is None:  # what follows is one statement, and commits by itself
                failpoints.reach(self.service, failpoints.WRITE_BEFORE_COMMIT)
            await self._finish()
            if self._begun is not None:
                failpoints.reach(self.service, failpoints.WRITE_BEFORE_COMMIT)
        if self._begun is not None:
            begun, self._begun = self._begun, None
            await begun.commit()
        if self._told:
            self.database.told.set()

    def give_up_connection(self) -> None:
        """Ends the connection, so that nobody is given it again."""
        if self._connection is not None:
            self._connection.terminate()

    async def close(self) -> None:
        """Gives the connection back; what was not committed is undone."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            if self._begun is not None and not connection.is_closed():
                await self._begun.rollback()
        finally:
            await self.database.release(connection)

    async def _finish(self) -> None:
        connection = self._connection or await self._acquire()
        statement, values = statement_of(
            self._last,
            self._told,
            self._noted,
            self._close,
            now=self.now,
            actor=self.actor,
            cause=self.cause,
        )
        try:
            await connection.execute(statement, *values)
        except asyncpg.UniqueViolationError as error:
            if error.table_name == "idempotency":
                raise KeyIsTaken from error
            if error.table_name == "inbox":
                raise HeardTwice from error
            raise
        except asyncpg.DivisionByZeroError:
            if self._last is None or self._last.refusal is None:
                raise
            raise self._last.refusal from None


class Database:
    """The pool of a service's connections."""

    def __init__(self, *, service: str, url: str, clock: Clock, connections: int = 10) -> None:
        self.service = service
        self.url = url
        self.clock = clock
        self.told = asyncio.Event()
        """Set whenever something new stands in the outbox; the relay clears it."""
        self._connections = connections
        self._pool: Any = None

    async def open(self) -> None:
        """Makes the pool; connections are made when they are needed."""
        self._pool = await asyncpg.create_pool(
            self.url,
            min_size=0,
            max_size=self._connections,
            max_inactive_connection_lifetime=120,
            timeout=5,
            command_timeout=20,
            init=_prepare,
            reset=_leave_as_it_is,
        )

    async def close(self) -> None:
        """Closes the pool, at most five seconds later."""
        if self._pool is not None:
            pool, self._pool = self._pool, None
            try:
                await asyncio.wait_for(pool.close(), 5)
            except (TimeoutError, *UNREACHABLE):
                pool.terminate()

    async def acquire(self) -> Any:
        """A connection of the pool; raises Unavailable when none comes free in time."""
        if self._pool is None:
            raise Unavailable("The service is being started or stopped.")
        return await self._pool.acquire(timeout=_ACQUIRE_SECONDS)

    async def release(self, connection: Any) -> None:
        """Takes a connection back."""
        if self._pool is not None:
            await self._pool.release(connection)

    async def connect(self) -> Any:
        """A connection outside of the pool, for locks that live as long as it does."""
        connection = await asyncpg.connect(self.url, timeout=5, command_timeout=20)
        await _prepare(connection)
        return connection

    @asynccontextmanager
    async def transaction(
        self,
        *,
        actor: Actor | None = None,
        allowed: frozenset[Role] | None = None,
        cause: Cause | None = None,
        read_only: bool = False,
    ) -> AsyncIterator[Transaction]:
        """One unit of work: commits at the end of the block, undoes everything on an exception."""
        tx = Transaction(
            database=self,
            now=self.clock(),
            service=self.service,
            actor=actor,
            allowed=allowed,
            cause=cause,
            read_only=read_only,
        )
        try:
            yield tx
            await tx.commit()
        except asyncpg.InternalClientError:
            tx.give_up_connection()
            raise
        finally:
            await tx.close()

    async def fetch(self, sql: str, *values: Any) -> Sequence[Any]:
        """All rows of one statement of its own."""
        connection = await self.acquire()
        try:
            rows: Sequence[Any] = await connection.fetch(sql, *values)
            return rows
        except asyncpg.InternalClientError:
            connection.terminate()
            raise
        finally:
            await self.release(connection)


async def _leave_as_it_is(_: Any) -> None:
    """Nothing here outlives its transaction, so a round trip to reset a connection is saved."""


async def _prepare(connection: Any) -> None:
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        encoder=lambda value: orjson.dumps(value, default=str).decode(),
        decoder=orjson.loads,
    )
