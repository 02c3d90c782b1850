"""Calendar feeds: bookings for a calendar program, at an address that is a secret."""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Header, Response
from pydantic import BaseModel

from services.workshops import queries
from services.workshops.api import ical
from services.workshops.api.routes import HOSTS, READERS, routes
from services.workshops.commands import feeds as commands
from services.workshops.domain.feeds import FeedKind
from shared.paging import Page
from shared.refusal import Invalid
from shared.routes import PUBLIC, KeyUse, Tx

_CACHE = {"Cache-Control": "private, max-age=300"}
_builder = ThreadPoolExecutor(1, thread_name_prefix="calendar")
"""One calendar is built at a time, so that no crowd of readers slows down who books."""


class FeedBody(BaseModel):
    """A feed to be made: of all bookings of the acting member, or of one of its workshops."""

    kind: FeedKind
    workshop_id: UUID | None = None


class FeedItem(BaseModel):
    """A feed that can be read; its address was shown when it was made."""

    id: UUID
    kind: FeedKind
    workshop_id: UUID | None
    made_at: datetime


class FeedMade(FeedItem):
    """A feed with its address, which is shown this once and kept nowhere."""

    path: str


# a kept answer would keep the secret, so there is no key
@routes.post("/feeds", may=HOSTS, key=KeyUse.IGNORED, status_code=201)
async def make_feed(tx: Tx, body: FeedBody) -> FeedMade:
    """Makes a feed. Whoever knows its address reads it, until it is revoked."""
    if (body.kind is FeedKind.WORKSHOP) != (body.workshop_id is not None):
        raise Invalid(
            "A workshop's feed names its workshop, a member's none.", at="body.workshop_id"
        )
    row, secret = await commands.make_feed(tx, body.kind, body.workshop_id)
    return FeedMade(**row, path=f"{routes.router.prefix}/feeds/{secret}.ics")


@routes.get("/feeds", may=READERS)
async def list_feeds(tx: Tx) -> Page[FeedItem]:
    """The acting member's feeds that can be read, without their addresses; always one page."""
    return Page(items=[FeedItem(**row) for row in await queries.feeds(tx)])


@routes.delete("/feeds/{feed_id}", may=HOSTS, status_code=204)
async def revoke_feed(tx: Tx, feed_id: UUID) -> None:
    """Revokes a feed of the acting member, for good."""
    await commands.revoke_feed(tx, feed_id)


@routes.get(
    "/feeds/{secret}.ics",
    may=PUBLIC,
    response_class=Response,
    responses={
        200: {"content": {"text/calendar": {}}, "description": "The bookings"},
        304: {"description": "They are those of the tag"},
    },
)
async def read_feed(
    tx: Tx,
    secret: str,
    if_none_match: Annotated[str | None, Header(max_length=1000)] = None,
) -> Response:
    """The bookings of the past 30 days and all to come as an iCalendar; 404 once revoked."""
    feed = await queries.feed(tx, secret)
    tag = _tag(feed.name, feed.bookings)
    if if_none_match is not None and tag in if_none_match:
        return Response(status_code=304, headers={**_CACHE, "ETag": tag})
    made = await asyncio.get_running_loop().run_in_executor(
        _builder, ical.calendar, feed.bookings, feed.name, feed.member_id, tx.now
    )
    headers = {
        **_CACHE,
        "ETag": tag,
        "Content-Disposition": 'inline; filename="artel.ics"',
    }
    return Response(made, media_type="text/calendar", headers=headers)


def _tag(name: str, bookings: Sequence[Mapping[str, Any]]) -> str:
    """What the calendar says is known by its bookings' versions; names change with neither."""
    said = "".join(f"{row['id']}{row['version']}," for row in bookings)
    return f'W/"{hashlib.sha256(f"{name}{said}".encode()).hexdigest()[:32]}"'
