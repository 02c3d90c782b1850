"""Two records of one person: seen side by side, told apart, or made one."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from services.portal.client import Asleep, Problem, part
from services.portal.pages.persons import require_coordinator, typed
from services.portal.pages.routes import page
from services.portal.refusals import words_of
from services.portal.rendering import go, is_htmx, portal_of, show, visitor_of, words_for

LIMIT = 20


async def doubles(request: Request) -> Response:
    """Pairs of the member's people who may be one person."""
    return await _list(request)


async def _list(request: Request, status: int = 200, sentence: str | None = None) -> Response:
    require_coordinator(request)
    cursor = request.query_params.get("cursor")
    found = await part(
        portal_of(request).api.get(
            "/membership/persons/doubles", visitor_of(request).token, cursor=cursor, limit=LIMIT
        )
    )
    is_more = is_htmx(request) and cursor is not None
    template = "persons/pairs.html" if is_more else "persons/doubles.html"
    return show(request, template, status, found=found, sentence=sentence)


async def decide(request: Request) -> Response:
    """The two are one person, of whom one record is kept, or they are two people."""
    require_coordinator(request)
    form = await typed(request)
    words = words_for(request)
    first, second = form["first_id"], form["second_id"]
    path, body = "/membership/persons/tell-apart", {"first_id": first, "second_id": second}
    if form["keep"]:
        merged = second if form["keep"] == first else first
        path, body = "/membership/persons/merge", {"kept_id": form["keep"], "merged_id": merged}
    try:
        await _ask(request, path, body)
    except Problem as problem:
        if problem.status == 401:
            raise
        return await _list(request, problem.status, words_of(words, problem.code, problem.facts))
    except Asleep:
        return await _list(request, 503, words_of(words, "unavailable"))
    return go(request, "/members/persons/doubles")


async def _ask(request: Request, path: str, body: Any) -> None:
    await portal_of(request).api.send("POST", path, visitor_of(request).token, body=body)


ROUTES = [
    page("/members/persons/doubles", doubles),
    page("/members/persons/doubles", decide, ["POST"]),
]
