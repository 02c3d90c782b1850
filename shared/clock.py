"""The only place that reads the time."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Answers with the present instant, in UTC."""


def now() -> datetime:
    """The present instant, in UTC, to the microsecond."""
    return datetime.now(UTC)  # noqa: TID251 - the one place
