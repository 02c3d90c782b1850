"""Identifiers: UUIDv7, new ones and ones born of an event."""

import hashlib
from datetime import UTC, datetime, timedelta
from uuid import UUID

import uuid_utils

_VERSION_7 = 0x7 << 76
_VARIANT = 0x2 << 62
_RANDOM_A = (1 << 12) - 1
_RANDOM_B = (1 << 62) - 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def new_id() -> UUID:
    """A new UUIDv7: it sorts by the moment it was made."""
    return UUID(int=uuid_utils.uuid7().int)


def derived_id(parent: UUID, *labels: str) -> UUID:
    """The id that is born of `parent` under these labels: always the same, shaped as a UUIDv7.

    It carries the parent's moment, so what is rebuilt from events sorts as it did before, and
    nobody's link to it breaks.
    """
    digest = hashlib.sha256(parent.bytes + "\0".join(labels).encode()).digest()
    noise = int.from_bytes(digest[:16])
    moment = parent.int >> 80
    value = moment << 80 | _VERSION_7 | ((noise >> 62) & _RANDOM_A) << 64
    return UUID(int=value | _VARIANT | (noise & _RANDOM_B))


def moment_of(identifier: UUID) -> datetime:
    """The moment that a UUIDv7 carries, to the millisecond: when the thing, or its parent, was made."""
    return _EPOCH + timedelta(milliseconds=identifier.int >> 80)
