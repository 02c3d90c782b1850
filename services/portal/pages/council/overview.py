"""The council at a glance: what waits for my vote, when it meets, and what is overdue."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from services.portal.client import part, together
from services.portal.pages.council.ballots import waiting
from services.portal.pages.council.names import OFFICE, SEATED
from services.portal.pages.routes import page
from services.portal.rendering import portal_of, show, visitor_of

FEW = 5


async def overview(request: Request) -> Response:
    """The council as it concerns the visitor."""
    portal, visitor = portal_of(request), visitor_of(request)

    def ask(path: str, **query: Any) -> Any:
        return part(portal.api.get(path, visitor.token, limit=FEW, **query))

    ballots, meetings, overdue, ours, proposals, members = await together(
        part(waiting(request)),
        ask("/council/meetings", order="next"),
        ask("/council/decisions", is_overdue="true"),
        ask("/council/decisions", member_id=visitor.member_id, status="assigned")
        if visitor.member_id
        else _nothing(),
        ask("/council/proposals", status="submitted"),
        portal.directory.members(),
    )
    return show(
        request,
        "council/overview.html",
        ballots=ballots,
        meetings=meetings,
        overdue=overdue,
        ours=ours,
        proposals=proposals,
        members=members,
        sits=visitor.may(*SEATED),
        is_office=visitor.may(*OFFICE),
        may_propose=visitor.may("coordinator"),
    )


async def _nothing() -> dict[str, Any]:
    return {"items": [], "next_cursor": None}


ROUTES = [page("/council", overview)]
