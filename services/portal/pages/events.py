"""The stream of a page: what changes while it is open."""

from datetime import UTC, datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from services.portal.pages.routes import page
from services.portal.rendering import portal_of, visitor_of

HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
GRACE = timedelta(seconds=1)
"""Facts that were told while the page was being made count as told after it."""


async def live(request: Request) -> Response:
    """Server-sent events for the member acted for; the names are topics, there is no more in them."""
    stream = portal_of(request).live.stream(
        visitor_of(request).member_id,
        since=_since(request),
        person_id=str(visitor_of(request).person["person_id"]),
        is_again="last-event-id" in request.headers or "again" in request.query_params,
    )
    return StreamingResponse(stream, headers=HEADERS, media_type="text/event-stream")


def _since(request: Request) -> datetime | None:
    said = request.query_params.get("since", "")
    if not said.isdigit() or len(said) > 13:
        return None
    return datetime.fromtimestamp(int(said) / 1000, UTC) - GRACE


ROUTES = [page("/live", live)]
