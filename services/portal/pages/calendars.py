"""Calendars: secret addresses at which calendar programs read bookings, made, shown once and revoked."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from services.portal.client import Asleep, Problem, part, together
from services.portal.pages.routes import page
from services.portal.refusals import words_of
from services.portal.rendering import go, portal_of, show, visitor_of, words_for

MAKERS = ("coordinator", "approver")


async def calendars(request: Request) -> Response:
    """The addresses that stand, and the form for another."""
    return await _show(request)


async def make(request: Request) -> Response:
    """Makes an address; it is shown this once, and nobody can look it up."""
    form = await request.form()
    kind, workshop_id = str(form.get("kind", "")), str(form.get("workshop_id", ""))
    words = words_for(request)
    if kind not in ("member", "workshop"):
        return await _show(request, 422, error=words.text("Choose what the calendar shows."))
    if kind == "workshop" and not workshop_id:
        error = words.text("Choose the workshop.")
        return await _show(request, 422, error=error, kind=kind)
    body = {"kind": kind, "workshop_id": workshop_id if kind == "workshop" else None}
    try:
        made = await portal_of(request).api.post(
            "/workshops/feeds", visitor_of(request).token, body
        )
    except Problem as problem:
        if problem.status == 401:
            raise
        code = "not-found" if problem.code == "invalid" else problem.code
        sentence = words_of(words, code, problem.facts)
        return await _show(request, problem.status, sentence=sentence, kind=kind)
    except Asleep:
        return await _show(request, 503, sentence=words_of(words, "unavailable"), kind=kind)
    address = f"{str(request.base_url).rstrip('/')}{made['path']}"
    return show(
        request,
        "calendars/made.html",
        201,
        feed=made,
        address=address,
        for_programs="webcal" + address[address.index(":") :],
        workshops=await portal_of(request).directory.workshops(),
    )


async def revoke(request: Request) -> Response:
    """Revokes an address for good."""
    feed_id = request.path_params["feed_id"]
    try:
        await portal_of(request).api.send(
            "DELETE", f"/workshops/feeds/{feed_id}", visitor_of(request).token
        )
    except Problem as problem:
        if problem.status == 401:
            raise
        if problem.status != 404:
            words = words_of(words_for(request), problem.code, problem.facts)
            return await _show(request, problem.status, sentence=words)
    except Asleep:
        return await _show(request, 503, sentence=words_of(words_for(request), "unavailable"))
    return go(request, "/calendars", revoked=1)


async def _show(
    request: Request,
    status: int = 200,
    *,
    sentence: str | None = None,
    error: str | None = None,
    kind: str = "member",
) -> Response:
    portal, visitor = portal_of(request), visitor_of(request)
    feeds, workshops = await together(
        part(portal.api.get("/workshops/feeds", visitor.token)), portal.directory.workshops()
    )
    own = [each for each in workshops.values() if each["owner_id"] == visitor.member_id]
    return show(
        request,
        "calendars/list.html",
        status,
        feeds=feeds,
        workshops=workshops,
        own=_by_name(own),
        kind=kind,
        may_make=visitor.may(*MAKERS),
        is_revoked="revoked" in request.query_params,
        sentence=sentence,
        error=error,
    )


def _by_name(workshops: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(workshops, key=lambda each: str(each["name"]))


ROUTES = [
    page("/calendars", calendars),
    page("/calendars", make, ["POST"]),
    page("/calendars/{feed_id:uuid}/revoke", revoke, ["POST"]),
]
