"""Workshops: the catalogue with search, the grid of what is free, and one workshop."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from services.portal.board import Board, board, days_from
from services.portal.client import part, together
from services.portal.pages.routes import page
from services.portal.rendering import is_htmx, portal_of, show, visitor_of
from services.portal.words import as_day, as_local, at_moscow, monday_of

VIEWS = ("day", "week", "month")
STANDING = ["requested", "confirmed", "checked_in"]
PLACES_MAX = 1000
ROWS = 50


async def catalogue(request: Request) -> Response:
    """The grid of all workshops that fit, for a day, a week or a month."""
    query = request.query_params
    portal, visitor = portal_of(request), visitor_of(request)
    today = as_local(portal.clock()).date()
    view = query.get("view", "week") if query.get("view") in VIEWS else "week"
    on = _day(query.get("on"), today)
    days = days_of(view, on)
    typed = {name: query.get(name, "").strip() for name in ("q", "competence", "town")}
    filters = {name: text for name, text in typed.items() if text}
    known, competences, found = await together(
        portal.directory.workshops(),
        portal.directory.competences(),
        part(_board(request, days, filters)),
    )
    facts = {
        "view": view,
        "on": on,
        "today": today,
        "days": days,
        "before": _step(view, on, -1),
        "after": _step(view, on, 1),
        "filters": typed,
        "places": _places(query.get("places")),
        "competences": competences,
        "towns": sorted({workshop["site"]["town"] for workshop in known.values()}),
        "members": await portal.directory.members(),
        "may_book": visitor.may("coordinator"),
        "found": found,
    }
    target = request.headers.get("hx-target", "")
    template = (
        "workshops/grid.html" if is_htmx(request) and target == "grid" else "workshops/board.html"
    )
    return show(request, template, **facts)


async def _board(
    request: Request, days: Sequence[date], filters: dict[str, str]
) -> tuple[Board, Any]:
    portal, visitor = portal_of(request), visitor_of(request)
    cursor = request.query_params.get("cursor")
    within = {
        "from": at_moscow(days[0], _MIDNIGHT).isoformat(),
        "to": at_moscow(days[-1] + timedelta(days=1), _MIDNIGHT).isoformat(),
    }
    shops, free, mine = await together(
        portal.api.get("/workshops/workshops", limit=ROWS, cursor=cursor, **filters),
        portal.api.get("/workshops/free-places", limit=ROWS, cursor=cursor, **within, **filters),
        _mine(request, within) if visitor.member_id else _none(),
    )
    laid = board(
        days=days,
        workshops=shops["items"],
        stretches={item["workshop_id"]: item["stretches"] for item in free["items"]},
        bookings=mine,
        now=portal.clock(),
    )
    return laid, shops["next_cursor"]


async def _mine(request: Request, within: dict[str, str]) -> list[Any]:
    """The bookings of the member that looks which stand in this time."""
    return await portal_of(request).api.every(
        "/workshops/bookings", visitor_of(request).token, side="booker", status=STANDING, **within
    )


async def _none() -> list[Any]:
    return []


async def workshop(request: Request) -> Response:
    """One workshop: what it has, when it is open, what it costs, and its week."""
    portal, visitor = portal_of(request), visitor_of(request)
    workshop_id = request.path_params["workshop_id"]
    shop = await portal.api.get(f"/workshops/workshops/{workshop_id}")
    members, competences = await together(
        portal.directory.members(), portal.directory.competences()
    )
    is_own = shop["owner_id"] == visitor.member_id
    agreements: Any = []
    if not is_own and visitor.may("coordinator"):
        agreements = await part(
            portal.api.every(
                "/membership/agreements", visitor.token, status="active", with_id=shop["owner_id"]
            )
        )
    return show(
        request,
        "workshops/one.html",
        shop=shop,
        members=members,
        competences=competences,
        agreements=agreements,
        is_own=is_own,
        may_book=visitor.may("coordinator"),
        today=as_day(portal.clock()),
    )


async def calendar_events(request: Request) -> Response:
    """What the calendar of a workshop shows between two instants: free time, and one's own bookings."""
    portal, visitor = portal_of(request), visitor_of(request)
    workshop_id = request.path_params["workshop_id"]
    within = {name: request.query_params.get(name, "") for name in ("from", "to")}
    free, mine = await together(
        portal.api.get("/workshops/free-places", workshop_id=workshop_id, **within),
        portal.api.every(
            "/workshops/bookings",
            visitor.token,
            workshop_id=workshop_id,
            status=STANDING,
            **within,
        )
        if visitor.member_id
        else _none(),
    )
    stretches = [each for item in free["items"] for each in item["stretches"]]
    return JSONResponse(
        {
            "free": [
                {
                    "start": each["starts_at"],
                    "end": each["ends_at"],
                    "free": each["workplaces_free"],
                }
                for each in stretches
            ],
            "bookings": [
                {
                    "id": each["id"],
                    "start": each["starts_at"],
                    "end": each["ends_at"],
                    "purpose": each["purpose"],
                    "status": each["status"],
                    "places": each["workplaces"],
                }
                for each in mine
            ],
        }
    )


def days_of(view: str, on: date) -> list[date]:
    """The days that a view shows: one, the week's six, or five weeks."""
    if view == "day":
        return [on]
    if view == "week":
        return days_from(monday_of(on), 7)
    return days_from(monday_of(on.replace(day=1)), 35)


_MIDNIGHT = as_local("2027-01-01T00:00:00+03:00").time()


def _step(view: str, on: date, way: int) -> date:
    if view == "day":
        step = on + timedelta(days=way)
        return step if step.weekday() != 6 else step + timedelta(days=way)
    if view == "week":
        return on + timedelta(days=7 * way)
    first = on.replace(day=1)
    return (
        (first - timedelta(days=1)).replace(day=1)
        if way < 0
        else (first + timedelta(days=32)).replace(day=1)
    )


def _day(said: str | None, today: date) -> date:
    try:
        found = date.fromisoformat(said or "")
    except ValueError:
        found = today
    if not 2000 <= found.year <= 2200:
        found = today
    if found.weekday() == 6 and said is None:
        found += timedelta(days=1)
    return found


def _places(said: str | None) -> int:
    return min(max(int(said), 1), PLACES_MAX) if said and said.isdigit() else 1


ROUTES = [
    page("/workshops", catalogue),
    page("/workshops/{workshop_id:uuid}", workshop),
    page("/workshops/{workshop_id:uuid}/calendar.json", calendar_events),
]
