"""The relay: takes what stands unpublished in the outbox to the stream, in order.

The outbox is the source of truth. When the stream is another one than before, or shorter than it
was, whatever a listener may have missed is told again; inboxes make that harmless.
"""

import asyncio
import json
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from nats.aio.client import Client
from nats.errors import Error as NatsError

from contracts.event import Header, instant_text
from contracts.provisioning import MEMORY_SECONDS
from contracts.topology import stream_of
from shared import failpoints, ids, log
from shared.database import Database

BATCH = 500
_POLL_SECONDS = 0.1
_REST_SECONDS = 0.002
_REST_SECONDS_MAX = 0.05
_LOOK_SECONDS = 2.0
_PUBLISH_SECONDS = 3.0
_TELL_AGAIN_SECONDS = 600
_DUPLICATE_IN_BATCH = 10201
_OTHER_LAST_NUMBER = 10071
_EXPECTED = "Nats-Expected-Last-Sequence"

logger = log.get(__name__)


class NotStored(NatsError):
    """The stream did not take a message; it is told again later."""

    def __init__(self, error: dict[str, Any]) -> None:
        self.code = error.get("err_code")
        super().__init__(error.get("description", "not stored"))


async def relay(database: Database, bus: Client) -> None:
    """Publishes for good; raises when the stream or the database is not to be had.

    Nobody else writes to the stream, so each publication says after which number it comes. One
    that meets another stream is refused before anything of it is stored out of its order.
    """
    stream = stream_of(database.service)
    looked_at = -_LOOK_SECONDS
    last_seq = 0
    loop = asyncio.get_running_loop()
    while True:
        if loop.time() - looked_at >= _LOOK_SECONDS:
            last_seq = await _look_at_stream(database, bus, stream)
            looked_at = loop.time()
        database.told.clear()
        rows = await database.fetch(_UNPUBLISHED, BATCH)
        if not rows:
            with suppress(TimeoutError):
                await asyncio.wait_for(database.told.wait(), _POLL_SECONDS)
            continue
        failpoints.reach(database.service, failpoints.COMMIT_BEFORE_PUBLISH)
        try:
            last_seq = await publish(bus, database.service, rows, last_seq)
        except NotStored as error:
            if error.code != _OTHER_LAST_NUMBER:
                raise
            looked_at = -_LOOK_SECONDS
            continue
        failpoints.reach(database.service, failpoints.PUBLISH_BEFORE_MARK)
        await database.fetch(
            _MARK,
            [row["seq"] for row in rows],
            min(row["recorded_at"] for row in rows),
            max(row["recorded_at"] for row in rows),
            stream,
            last_seq,
        )
        if len(rows) < BATCH:  # the busier it is, the more of them share a batch and its sync
            await asyncio.sleep(min(_REST_SECONDS * len(rows), _REST_SECONDS_MAX))


_UNPUBLISHED = """
SELECT seq, recorded_at, event_id, aggregate_id, subject, body, correlation_id, causation_id,
       traceparent
FROM outbox WHERE published_at IS NULL ORDER BY seq LIMIT $1
"""

_MARK = """
WITH marked AS (
    UPDATE outbox SET published_at = now()
    WHERE seq = ANY ($1::bigint[]) AND recorded_at BETWEEN $2 AND $3
)
UPDATE relay_state SET last_seq = greatest(last_seq, $5) WHERE stream = $4
"""


async def _look_at_stream(database: Database, bus: Client, stream: str) -> int:
    """The stream's last number; one made anew, or that lost its end, is told its memory again."""
    answer = await bus.request(f"$JS.API.STREAM.INFO.{stream}", b"", timeout=_PUBLISH_SECONDS)
    info = json.loads(answer.data)
    if "error" in info:
        raise NotStored(info["error"])
    made_at, last_seq = info["created"], int(info["state"]["last_seq"])
    known = await database.fetch("SELECT * FROM relay_state WHERE stream = $1", stream)
    if known and known[0]["stream_made_at"] == made_at and known[0]["last_seq"] <= last_seq:
        return last_seq
    if known:
        logger.warning("stream is not the one it was: telling again", stream=stream)
    connection = await database.acquire()
    try:
        async with connection.transaction():
            await connection.execute(f"SET LOCAL statement_timeout = '{_TELL_AGAIN_SECONDS}s'")
            await connection.execute(
                _TELL_AGAIN, stream, made_at, MEMORY_SECONDS, timeout=_TELL_AGAIN_SECONDS
            )
    finally:
        await database.release(connection)
    return last_seq


_TELL_AGAIN = """
WITH known AS (
    SELECT least(tell_from, now() - make_interval(secs => $3)) AS since
    FROM relay_state WHERE stream = $1
), again AS (
    UPDATE outbox SET published_at = NULL FROM known
    WHERE published_at IS NOT NULL AND recorded_at >= known.since
)
INSERT INTO relay_state (stream, stream_made_at, last_seq) VALUES ($1, $2, 0)
ON CONFLICT (stream) DO UPDATE
SET stream_made_at = excluded.stream_made_at, last_seq = 0, tell_from = NULL
"""


async def publish(bus: Client, service: str, rows: Sequence[Any], after_seq: int) -> int:
    """Stores the rows in the stream in their order, as one atomic batch; returns its last number.

    `after_seq` is the number that the stream ends with now. A batch that holds a message the
    stream knows already is refused as a whole; then its messages are published one by one and the
    stream sorts the known ones out. Raises NotStored.
    """
    if len(rows) > 1:
        try:
            return await _publish_batch(bus, service, rows, after_seq)
        except NotStored as error:
            if error.code == _OTHER_LAST_NUMBER:
                raise
            if error.code != _DUPLICATE_IN_BATCH:
                logger.info("batch refused, publishing singly", error=str(error))
    for row in rows:
        after_seq = max(after_seq, await _publish_one(bus, service, row, after_seq))
    return after_seq


async def _publish_batch(bus: Client, service: str, rows: Sequence[Any], after_seq: int) -> int:
    batch = ids.new_id().hex
    for place, row in enumerate(rows, 1):
        headers = headers_of(service, row)
        headers |= {"Nats-Batch-Id": batch, "Nats-Batch-Sequence": str(place)}
        if place == 1:
            headers[_EXPECTED] = str(after_seq)
        if place < len(rows):
            await bus.publish(row["subject"], row["body"].encode(), headers=headers)
    headers["Nats-Batch-Commit"] = "1"
    return await _store(bus, rows[-1], headers)


async def _publish_one(bus: Client, service: str, row: Any, after_seq: int) -> int:
    return await _store(bus, row, {**headers_of(service, row), _EXPECTED: str(after_seq)})


async def _store(bus: Client, row: Any, headers: dict[str, str]) -> int:
    body = row["body"].encode()
    answer = await bus.request(row["subject"], body, timeout=_PUBLISH_SECONDS, headers=headers)
    stored = json.loads(answer.data)
    if "error" in stored:
        raise NotStored(stored["error"])
    return int(stored["seq"])


def headers_of(service: str, row: Any) -> dict[str, str]:
    """The headers of a row's message: CloudEvents in binary mode, and the stream's own."""
    event_id = str(row["event_id"])
    headers = {
        Header.MESSAGE_ID: event_id,
        Header.SPEC_VERSION: "1.0",
        Header.ID: event_id,
        Header.SOURCE: f"artel/{service}",
        Header.TYPE: row["subject"],
        Header.SUBJECT: str(row["aggregate_id"]),
        Header.TIME: instant_text(row["recorded_at"]),
        Header.SCHEMA: f"{row['subject']}.json",
        Header.CORRELATION_ID: str(row["correlation_id"]),
    }
    if row["causation_id"] is not None:
        headers[Header.CAUSATION_ID] = str(row["causation_id"])
    if row["traceparent"]:
        headers[Header.TRACE] = row["traceparent"]
    return headers
