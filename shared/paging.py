"""Pages of a list: `{"items": […], "next_cursor": null | "…"}`, never unbounded."""

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar

import orjson
from fastapi import Query
from pydantic import BaseModel

from shared.refusal import Invalid

LIMIT_MAX = 200
ItemT = TypeVar("ItemT")

Cursor = Annotated[
    str | None, Query(max_length=500, description="`next_cursor` of the page before.")
]
Limit = Annotated[int, Query(ge=1, le=LIMIT_MAX, description="How many items at most.")]


class Page(BaseModel, Generic[ItemT]):
    """One page of a list."""

    items: list[ItemT]
    next_cursor: str | None = None


def cut(
    rows: Sequence[ItemT], limit: int, place: Callable[[ItemT], list[Any]]
) -> tuple[list[ItemT], str | None]:
    """The page of rows that were fetched with one more than the limit, and the next cursor."""
    if len(rows) <= limit:
        return list(rows), None
    page = list(rows[:limit])
    return page, base64.urlsafe_b64encode(orjson.dumps(place(page[-1]), default=str)).decode()


def place_of(cursor: str | None, kinds: Sequence[Callable[[Any], Any]]) -> list[Any] | None:
    """Where the page before ended, each part read as its kind; raises Invalid."""
    if cursor is None:
        return None
    try:
        parts = orjson.loads(base64.urlsafe_b64decode(cursor.encode()))
        if not isinstance(parts, list) or len(parts) != len(kinds):
            raise ValueError
        return [_storable(kind(part)) for kind, part in zip(kinds, parts, strict=True)]
    except (ValueError, TypeError, AttributeError, OverflowError, binascii.Error):
        raise Invalid("This cursor is none of ours.", at="query.cursor") from None


def _storable(value: Any) -> Any:
    """The value, once the database can be asked about it; raises ValueError, OverflowError."""
    if isinstance(value, str) and "\0" in value:
        raise ValueError
    if isinstance(value, datetime):
        if value.utcoffset() is None:
            raise ValueError
        return value.astimezone(UTC)
    return value
