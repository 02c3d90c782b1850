"""What a page's route is: who may come, and the guard against forged forms."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.portal.client import Asleep
from services.portal.rendering import go, portal_of
from services.portal.session import SAFE, Visitor, is_forged

BOOKING_FORM = re.compile(r"/workshops/[0-9a-f-]{36}/book(\?[^#\s]*)?")

Page = Callable[[Request], Awaitable[Response]]


def page(
    path: str, answer: Page, methods: Sequence[str] = ("GET",), *, public: bool = False
) -> Route:
    """A route of the portal; unless it is public, who is not signed in is sent there first."""

    async def handle(request: Request) -> Response:
        visitor = await _visitor(request, public=public)
        request.state.visitor = visitor
        if visitor is None and not public:
            return _sign_in_first(request)
        if await is_forged(request, visitor):
            raise HTTPException(403, "forged")
        return await answer(request)

    return Route(path, handle, methods=list(methods), name=answer.__name__)


async def _visitor(request: Request, *, public: bool) -> Visitor | None:
    """Who visits; a page for everybody is shown also while membership cannot say who it is."""
    try:
        return await portal_of(request).visitors.of(request)
    except Asleep:
        if public:
            return None
        raise


def _sign_in_first(request: Request) -> Response:
    """To the sign-in, and back to where one wanted to go."""
    wanted = request.headers.get("hx-current-url") if request.method not in SAFE else None
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return go(request, "/sign-in", **({} if wanted or path == "/" else {"next": path}))


def booking_form_of(said: Mapping[str, Any]) -> str | None:
    """The booking form that one came from and wants to get back to, if it is one of ours."""
    wanted = str(said.get("next") or said.get("from") or "")
    return wanted if BOOKING_FORM.fullmatch(wanted) else None
