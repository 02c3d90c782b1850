"""What every commit writes besides its change: events, audit rows and the kept answer, in one statement."""

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from contracts.event import Event
from shared import trace
from shared.identity import Actor
from shared.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Told:
    """An event on its way to the outbox."""

    event_id: UUID
    event: Event


@dataclass(frozen=True, slots=True)
class Noted:
    """A line on its way to the audit: what was done to which thing."""

    action: str
    object_id: UUID
    before: Any
    after: Any
    reason: str | None
    event_id: UUID | None


@dataclass(frozen=True, slots=True)
class Cause:
    """The message that a transaction answers to."""

    event_id: UUID
    correlation_id: UUID
    told_at: datetime | None = None
    """When its publisher recorded it, where the message says so."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered under an idempotency key, and the digest of the request."""

    scope: UUID
    key: str
    digest: bytes
    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Heard:
    """A message that takes effect with the transaction."""

    event_id: UUID
    subject: str


@dataclass(frozen=True, slots=True)
class Last:
    """The last change of a transaction, and what is refused when it cannot be made."""

    change: str
    values: tuple[Any, ...]
    refusal: type[Refusal] | None


def statement_of(
    last: Last | None,
    told: Sequence[Told],
    noted: Sequence[Noted],
    close: Answer | Heard | None,
    *,
    now: datetime,
    actor: Actor | None,
    cause: Cause | None,
) -> tuple[str, tuple[Any, ...]]:
    """The statement that ends a transaction, and its values."""
    is_one = len(told) == len(noted) == 1
    columns: list[Any] = [
        [each.event_id for each in told],
        [each.event.aggregate_id for each in told],
        [each.event.subject for each in told],
        [each.event.model_dump_json() for each in told],
        [each.action for each in noted],
        [each.object_id for each in noted],
        [_json(each.before) for each in noted],
        [_json(each.after) for each in noted],
        [each.reason for each in noted],
        [each.event_id for each in noted],
    ]
    before: tuple[Any, ...] = last.values if last else ()
    closing, closed = _closing(close)
    return _statement(last.change if last else None, len(before), is_one, closing), (
        *before,
        *([column[0] for column in columns] if is_one else columns),
        cause.correlation_id if cause else None,
        cause.event_id if cause else None,
        trace.current.get(),
        now,
        actor.person_id if actor else None,
        actor.member_id if actor else None,
        *closed,
    )


def _closing(close: Answer | Heard | None) -> tuple[str, tuple[Any, ...]]:
    match close:
        case None:
            return "", ()
        case Heard(event_id, subject):
            return _HEARD, (event_id, subject)
        case Answer(scope, key, digest, status, body):
            return _KEPT, (scope, key, digest, status, body)


@functools.cache
def _statement(change: str | None, count: int, is_one: bool, closing: str) -> str:
    """The statement after a last change that has so many values; one event is quicker than several.

    A change that was not made whole is divided by: that undoes the statement.
    """
    ending = (_ONE if is_one else _SEVERAL) + closing
    ending = re.sub(r"\$(\d+)", lambda found: f"${int(found[1]) + count}", ending)
    if change is None:
        return f"WITH {ending} SELECT"
    return f"WITH {change}, {ending} SELECT 1 / count(*) FROM done"  # noqa: S608 - constants


_ONE = """
told AS (
    INSERT INTO outbox (event_id, aggregate_id, subject, body, correlation_id, causation_id,
                        traceparent, recorded_at)
    VALUES ($1::uuid, $2, $3, $4, coalesce($11, $1::uuid), $12, $13, $14)
), noted AS (
    INSERT INTO audit (at, action, object_id, before, after, reason, event_id,
                       person_id, member_id, traceparent)
    VALUES ($14, $5, $6, $7::text::jsonb, $8::text::jsonb, $9, $10, $15, $16, $13)
)
"""
_SEVERAL = """
told AS (
    INSERT INTO outbox (event_id, aggregate_id, subject, body, correlation_id, causation_id,
                        traceparent, recorded_at)
    SELECT event_id, aggregate_id, subject, body, coalesce($11, event_id), $12, $13, $14
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[])
         WITH ORDINALITY AS t (event_id, aggregate_id, subject, body, place)
    ORDER BY place
), noted AS (
    INSERT INTO audit (at, action, object_id, before, after, reason, event_id,
                       person_id, member_id, traceparent)
    SELECT $14, action, object_id, before::jsonb, after::jsonb, reason, event_id, $15, $16, $13
    FROM unnest($5::text[], $6::uuid[], $7::text[], $8::text[], $9::text[], $10::uuid[])
         WITH ORDINALITY AS n (action, object_id, before, after, reason, event_id, place)
    ORDER BY place
)
"""
_KEPT = """, kept AS (
    INSERT INTO idempotency (scope, key, digest, claimed_at, status, body)
    VALUES ($17, $18, $19, $14, $20, $21)
)
"""
_HEARD = """, heard AS (
    INSERT INTO inbox (event_id, subject, heard_at) VALUES ($17, $18, $14)
)
"""


def _json(value: Any) -> str | None:
    return None if value is None else orjson.dumps(value, default=str).decode()
