"""What operators do by hand: look at dead letters, replay them, tell a service everything again."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
from nats.aio.client import Client
from nats.js.errors import NotFoundError

from contracts.provisioning import provision
from contracts.topology import publishers_heard_by, stream_of

_REPLAY_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that a service could not take, with what stands behind it."""

    service: str
    event_id: UUID
    subject: str
    aggregate_id: UUID
    parked_at: datetime
    tries: int
    error: str
    due_at: datetime | None
    """When it is tried again; None when it was given up."""
    waiting_behind: int
    headers: dict[str, str]
    body: bytes

    def line(self) -> str:
        """The letter in one line."""
        state = "given up" if self.due_at is None else f"next try {_clock(self.due_at)}"
        return (
            f"{self.event_id}  {self.service:<11} {self.subject}  {state},"
            f" tries {self.tries}, {self.waiting_behind} behind it: {self.error}"
        )

    def text(self) -> str:
        """The letter in full; a body holds ids and facts, and nothing of people."""
        headers = "\n".join(f"  {name}: {value}" for name, value in sorted(self.headers.items()))
        body = self.body.decode("utf-8", "backslashreplace")
        return (
            f"{self.line()}\nparked {_clock(self.parked_at)}, aggregate {self.aggregate_id}\n"
            f"headers\n{headers}\nbody\n  {body}"
        )


def _clock(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")


async def dead_letters(urls: dict[str, str]) -> list[DeadLetter]:
    """The dead letters of the services, and messages that failed and wait for their next try.

    `urls` names each service's database. Those that merely stand behind another are counted there.
    """
    found: list[DeadLetter] = []
    for service, url in urls.items():
        connection = await asyncpg.connect(url)
        try:
            rows = await connection.fetch(_LETTERS)
        finally:
            await connection.close()
        found += [_letter(service, row) for row in rows]
    return found


_LETTERS = """
SELECT p.*, (SELECT count(*) FROM parked b WHERE b.aggregate_id = p.aggregate_id AND b.id > p.id)
            AS behind
FROM parked p WHERE tries > 0 ORDER BY id
"""


def _letter(service: str, row: Any) -> DeadLetter:
    import json

    return DeadLetter(
        service=service,
        event_id=row["event_id"],
        subject=row["subject"],
        aggregate_id=row["aggregate_id"],
        parked_at=row["parked_at"],
        tries=row["tries"],
        error=row["error"] or "",
        due_at=None if row["given_up_at"] else row["due_at"],
        waiting_behind=row["behind"],
        headers=json.loads(row["headers"]),
        body=bytes(row["body"]),
    )


async def replay_dead_letter(urls: dict[str, str], event_id: UUID) -> str:
    """Has the letter tried again at once, and says what became of it within ten seconds.

    Raises LookupError when there is none with this id.
    """
    for service, url in urls.items():
        connection = await asyncpg.connect(url)
        try:
            touched = await connection.execute(
                "UPDATE parked SET given_up_at = NULL, tries = 0, due_at = now()"
                " WHERE event_id = $1",
                event_id,
            )
            if touched != "UPDATE 0":
                return f"{service}: {await _outcome(connection, event_id)}"
        finally:
            await connection.close()
    raise LookupError(f"There is no dead letter {event_id}.")


async def _outcome(connection: Any, event_id: UUID) -> str:
    deadline = asyncio.get_running_loop().time() + _REPLAY_SECONDS
    while asyncio.get_running_loop().time() < deadline:
        row = await connection.fetchrow(
            "SELECT tries, error FROM parked WHERE event_id = $1", event_id
        )
        if row is None:
            return "taken"
        if row["tries"]:
            return f"failed again: {row['error']}"
        await asyncio.sleep(0.1)
    return "will be tried as soon as the service runs"


async def replay(listener: str, urls: dict[str, str], provisioner: Client) -> Sequence[str]:
    """Tells the listener again everything that its publishers ever told; returns their names.

    Each publisher's stream is made anew and its relay fills it from the outbox, from the first
    event on and in order. Other listeners hear it all too, and their inboxes make that harmless.
    """
    publishers = publishers_heard_by(listener)
    for publisher in publishers:
        connection = await asyncpg.connect(urls[publisher])
        try:
            await connection.execute(
                "UPDATE relay_state SET tell_from = '-infinity' WHERE stream = $1",
                stream_of(publisher),
            )
        finally:
            await connection.close()
        try:
            await provisioner.jetstream(timeout=5).delete_stream(stream_of(publisher))
        except NotFoundError:
            continue
    await provision(provisioner)
    return publishers
