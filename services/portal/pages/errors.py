"""What is shown when a page cannot be: in words, with the way out, and never more than is known."""

from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from services.portal.client import Asleep, Problem
from services.portal.refusals import words_of
from services.portal.rendering import go, is_htmx, portal_of, show, words_for
from services.portal.words import N_

HEADINGS = {
    403: N_("This is not yours to do"),
    404: N_("There is nothing here"),
    405: N_("There is nothing here"),
    409: N_("This is not possible"),
    413: N_("This is too large"),
    422: N_("This could not be read"),
    429: N_("One moment"),
    500: N_("Something went wrong"),
    503: N_("One moment"),
}


async def on_problem(request: Request, problem: Exception) -> Response:
    """A service said no where the page had no better place for its words."""
    assert isinstance(problem, Problem)
    if problem.status == 401:
        portal_of(request).visitors.forget(request)
        return go(request, "/sign-in")
    return _sorry(request, problem.status, problem.code, problem.facts)


async def on_asleep(request: Request, _: Exception) -> Response:
    """The service without which there is no page does not answer."""
    return _sorry(request, 503, "unavailable", {})


async def on_http(request: Request, error: Exception) -> Response:
    """No such page, or not this way."""
    assert isinstance(error, HTTPException)
    code = {403: "forged", 404: "not-found", 405: "not-found"}.get(error.status_code, "invalid")
    return _sorry(request, error.status_code, code, {})


async def on_fault(request: Request, _: Exception) -> Response:
    """A bug: the outer layer notes it."""
    return _sorry(request, 500, "fault", {})


async def on_too_large(request: Request) -> Response:
    """What was sent is larger than is taken; it was not even read."""
    return _sorry(request, 413, "too-large", {})


def _sorry(request: Request, status: int, code: str, facts: Mapping[str, Any]) -> Response:
    words = words_for(request)
    sentence = words_of(words, code, facts)
    if not hasattr(request.state, "visitor"):
        request.state.visitor = None
    template = "parts/alert.html" if is_htmx(request) else "error.html"
    heading = words.text(HEADINGS.get(status, HEADINGS[409]))
    answer = show(request, template, status, heading=heading, sentence=sentence, kind="danger")
    if status == 503:
        answer.headers["Retry-After"] = "5"
    return answer


HANDLERS: Mapping[Any, Any] = {
    Problem: on_problem,
    Asleep: on_asleep,
    HTTPException: on_http,
    Exception: on_fault,
}
