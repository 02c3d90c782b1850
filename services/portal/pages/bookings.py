"""Bookings: mine and those of my workshops, one of them with its history, and every step."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from services.portal.client import Asleep, Problem, part, together
from services.portal.pages.routes import page
from services.portal.refusals import words_of
from services.portal.rendering import (
    field_errors,
    go,
    is_htmx,
    portal_of,
    show,
    visitor_of,
    words_for,
)
from services.portal.statuses import BOOKING_GROUPS

LIMIT = 50
STEPS = {
    "approve": ("approver",),
    "decline": ("approver",),
    "cancel": ("coordinator", "approver"),
    "check-in": ("coordinator", "approver"),
    "complete": ("coordinator", "approver"),
}
"""The steps of a booking, and the roles that a person needs for them."""


async def bookings(request: Request) -> Response:
    """The member's bookings on one side, by what is to be done with them."""
    query = request.query_params
    side = "owner" if query.get("side") == "owner" else "booker"
    group = query.get("group", "open") if query.get("group") in BOOKING_GROUPS else "open"
    portal, visitor = portal_of(request), visitor_of(request)
    found, workshops, members = await together(
        part(
            portal.api.get(
                "/workshops/bookings",
                visitor.token,
                side=side,
                status=list(BOOKING_GROUPS[group].statuses),
                cursor=query.get("cursor"),
                limit=LIMIT,
            )
        ),
        portal.directory.workshops(),
        portal.directory.members(),
    )
    template = (
        "bookings/rows.html" if is_htmx(request) and query.get("cursor") else "bookings/list.html"
    )
    return show(
        request,
        template,
        side=side,
        group=group,
        groups=BOOKING_GROUPS,
        found=found,
        workshops=workshops,
        members=members,
    )


async def booking(request: Request) -> Response:
    """One booking: what it is, what happens next and who must act, and what happened so far."""
    return await _show(request)


async def _show(
    request: Request,
    status: int = 200,
    sentence: str | None = None,
    typed: Mapping[str, Any] | None = None,
    errors: Mapping[str, str] | None = None,
) -> Response:
    portal, visitor = portal_of(request), visitor_of(request)
    path = f"/workshops/bookings/{request.path_params['booking_id']}"
    reply, history, workshops, members = await together(
        portal.api.send("GET", path, visitor.token),
        part(portal.api.get(f"{path}/history", visitor.token)),
        portal.directory.workshops(),
        portal.directory.members(),
    )
    found = reply.body
    lines = [] if isinstance(history, Asleep) else history["items"]
    people = await portal.directory.people(
        visitor.token, (line["person_id"] for line in lines), "name_in_dealings"
    )
    return show(
        request,
        "bookings/facts.html" if is_htmx(request) else "bookings/one.html",
        status,
        booking=found,
        etag=reply.headers.get("etag", ""),
        history=history,
        people=people,
        workshops=workshops,
        members=members,
        steps=steps_of(found, visitor.member_id, visitor.roles),
        is_owner=found["owner_id"] == visitor.member_id,
        sentence=sentence,
        typed=typed or {},
        errors=errors or {},
    )


def steps_of(booking: Mapping[str, Any], member_id: str | None, roles: frozenset[str]) -> list[str]:
    """The steps that the page offers; whether they are allowed, the service decides."""
    is_owner = booking["owner_id"] == member_id
    offered = {
        "requested": ["approve", "decline", "cancel"] if is_owner else ["cancel"],
        "confirmed": ["check-in", "cancel"] if is_owner else ["cancel"],
        "checked_in": ["complete"] if is_owner else [],
    }.get(booking["status"], [])
    if booking["owner_id"] != booking["booker_id"] and is_owner and "decline" in offered:
        offered.remove("cancel")
    return [step for step in offered if roles & set(STEPS[step])]


async def step(request: Request) -> Response:
    """Approve, decline, cancel, check in or complete; a no is said beside what was typed."""
    form = await request.form()
    name = request.path_params["step"]
    if name not in STEPS:
        raise Problem(404, "not-found", "")
    typed = {key: str(form.get(key, "")).strip() for key in ("reason", "minutes", "etag")}
    words = words_for(request)
    body: dict[str, Any] | None = None
    if name in ("decline", "cancel"):
        if not typed["reason"]:
            errors = {name: words.text("Say why: the other side reads it.")}
            return await _show(request, 422, typed=typed, errors=errors)
        body = {"reason": typed["reason"]}
    elif name == "complete":
        if not typed["minutes"].isdigit():
            errors = {name: words.text("Write the minutes as a whole number.")}
            return await _show(request, 422, typed=typed, errors=errors)
        body = {"actual_minutes": int(typed["minutes"])}
    booking_id = request.path_params["booking_id"]
    try:
        await portal_of(request).api.send(
            "POST",
            f"/workshops/bookings/{booking_id}/{name}",
            visitor_of(request).token,
            body=body,
            if_match=typed["etag"] or None,
        )
    except Problem as problem:
        if problem.status in (401, 404):
            raise
        found = list(field_errors(problem, words).values())
        errors = {name: found[0]} if found else {}
        sentence = None if errors else words_of(words, problem.code, problem.facts)
        return await _show(request, problem.status, sentence, typed, errors)
    except Asleep:
        return await _show(request, 503, words_of(words, "unavailable"), typed)
    if is_htmx(request):
        return await (_card(request) if form.get("as") == "card" else _show(request))
    return go(request, f"/bookings/{booking_id}")


async def _card(request: Request) -> Response:
    """The request as a card of the first page, in its new state."""
    portal, visitor = portal_of(request), visitor_of(request)
    booking_id = request.path_params["booking_id"]
    found, workshops, members = await together(
        portal.api.get(f"/workshops/bookings/{booking_id}", visitor.token),
        portal.directory.workshops(),
        portal.directory.members(),
    )
    return show(
        request, "bookings/card.html", booking=found, workshops=workshops, members=members, etag=""
    )


ROUTES = [
    page("/bookings", bookings),
    page("/bookings/{booking_id:uuid}", booking),
    page("/bookings/{booking_id:uuid}/{step}", step, ["POST"]),
]
