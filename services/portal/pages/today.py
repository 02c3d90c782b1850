"""The first page: what waits for me, what comes next, and how my organisation stands."""

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from services.portal.client import part, together
from services.portal.pages.council.ballots import waiting
from services.portal.pages.council.names import SEATED
from services.portal.pages.routes import page
from services.portal.rendering import go, is_htmx, portal_of, show, visitor_of

WEEK = timedelta(days=14)
PARTS = ("requests", "upcoming", "agreements", "balances", "ballots")
READERS = ("coordinator", "approver", "finance", "auditor")


async def today(request: Request) -> Response:
    """Everything that concerns the member now; each part by itself, also anew by its name."""
    portal, visitor = portal_of(request), visitor_of(request)
    if visitor.member_id is None:
        return go(request, "/choose-member" if visitor.members else "/members")
    now = portal.clock()
    reads = visitor.may(*READERS)
    sits = visitor.may(*SEATED)
    wanted = request.query_params.get("part") if is_htmx(request) else None
    if wanted == "votes":
        return show(request, "today/votes.html", ballots=await part(waiting(request)))
    asked = {
        "requests": lambda: portal.api.get(
            "/workshops/bookings", visitor.token, side="owner", status="requested", limit=50
        ),
        "upcoming": lambda: portal.api.get(
            "/workshops/bookings",
            visitor.token,
            status=["requested", "confirmed", "checked_in"],
            limit=20,
            **{"from": (now - timedelta(hours=12)).isoformat(), "to": (now + WEEK).isoformat()},
        ),
        "agreements": lambda: portal.api.get(
            "/membership/agreements", visitor.token, status="signing", limit=20
        ),
        "balances": lambda: portal.api.get("/finance/balances", visitor.token, limit=200),
    }
    names = [wanted] if wanted in asked else (list(asked) if reads else [])
    if sits and wanted is None:
        asked["ballots"] = lambda: waiting(request)
        names.append("ballots")
    answers = await together(
        portal.directory.workshops(),
        portal.directory.members(),
        *(part(asked[name]()) for name in names),
    )
    workshops, members, *found = answers
    facts = {name: None for name in PARTS} | dict(zip(names, found, strict=True))
    template = f"today/{wanted}.html" if wanted in asked else "today/page.html"
    return show(
        request, template, workshops=workshops, members=members, reads=reads, sits=sits, **facts
    )


ROUTES = [page("/", today)]
