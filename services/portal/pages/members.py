"""Members: who takes part in the cluster, and the card of one with what binds us to it."""

from dataclasses import dataclass
from typing import Any

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from services.portal.client import Asleep, Problem, part, together
from services.portal.pages.routes import page
from services.portal.rendering import is_htmx, portal_of, show, visitor_of
from services.portal.statuses import MEMBER, MEMBER_KINDS

LIMIT = 50
QUERY_LENGTH_MAX = 200
STRANGERS = frozenset({"student", "administrator"})
"""Those of whose roles none sees the agreements of a member."""

SECRETARIAT = ("administrator", "council_secretary")


@dataclass(frozen=True)
class Filters:
    """What is looked for."""

    q: str
    kind: str
    state: str

    def asked(self) -> dict[str, Any]:
        """What the API is asked."""
        return {"q": self.q or None, "kind": self.kind or None, "status": self.state or None}

    def query(self) -> dict[str, str]:
        """The filters as a part of an address."""
        named = {"q": self.q, "kind": self.kind, "state": self.state}
        return {name: text for name, text in named.items() if text}


def filters_of(query: QueryParams) -> Filters:
    """The filters that stand in an address; what is no filter is passed over."""
    kind, state = query.get("kind", ""), query.get("state", "")
    return Filters(
        q=query.get("q", "").strip()[:QUERY_LENGTH_MAX],
        kind=kind if kind in MEMBER_KINDS else "",
        state=state if state in MEMBER else "",
    )


async def members(request: Request) -> Response:
    """All members that fit, by name."""
    portal, visitor = portal_of(request), visitor_of(request)
    filters = filters_of(request.query_params)
    cursor = request.query_params.get("cursor")
    found = await part(
        portal.api.get(
            "/membership/members", visitor.token, cursor=cursor, limit=LIMIT, **filters.asked()
        )
    )
    return show(
        request,
        "members/rows.html" if is_htmx(request) and cursor else "members/list.html",
        filters=filters,
        found=found,
        kinds=MEMBER_KINDS,
        states=MEMBER,
        may_name=visitor.may("coordinator"),
        is_administrator=visitor.may("administrator"),
    )


async def member(request: Request) -> Response:
    """A member's card: who it is, how it is paid, its workshops, and agreements between us."""
    portal, visitor = portal_of(request), visitor_of(request)
    member_id = str(request.path_params["member_id"])
    is_own = member_id == visitor.member_id
    is_secretariat = visitor.may(*SECRETARIAT)
    card, requisites, workshops, agreements, cases, all_members, names = await together(
        portal.api.get(f"/membership/members/{member_id}", visitor.token),
        part(_requisites(request, member_id)),
        part(portal.api.every("/workshops/workshops", visitor.token, owner_id=member_id)),
        part(portal.api.every("/membership/agreements", visitor.token, with_id=member_id))
        if visitor.roles - STRANGERS and not is_own
        else _nothing(),
        part(_cases(request, member_id)) if is_own or is_secretariat else _nothing(),
        portal.directory.members(),
        portal.directory.competences(),
    )
    return show(
        request,
        "members/one.html",
        card=card,
        requisites=requisites,
        workshops=workshops,
        agreements=agreements,
        competences=names,
        is_own=is_own,
        is_invited="invited" in request.query_params,
        is_secretariat=is_secretariat,
        sees_own=bool(visitor.roles - STRANGERS),
        members=all_members,
        open_cases=[] if isinstance(cases, Asleep) or not cases else cases,
        may_agree=visitor.may("coordinator") and not is_own and card["status"] != "withdrawn",
        may_name=visitor.may("coordinator") and is_own,
        is_administrator=visitor.may("administrator"),
    )


async def _cases(request: Request, member_id: str) -> list[Any]:
    """The cases about the member that are open; none for those who may not know."""
    try:
        found = await portal_of(request).api.get(
            "/membership/cases", visitor_of(request).token, member_id=member_id, limit=10
        )
    except Problem as problem:
        if problem.status == 403:
            return []
        raise
    return [each for each in found["items"] if each["status"] in ("notified", "ready")]


async def _requisites(request: Request, member_id: str) -> Any:
    """How the member is paid; None for those who may not know."""
    try:
        return await portal_of(request).api.get(
            f"/membership/members/{member_id}/requisites", visitor_of(request).token
        )
    except Problem as problem:
        if problem.status == 403:
            return None
        raise


async def _nothing() -> None:
    return None


ROUTES = [
    page("/members", members),
    page("/members/{member_id:uuid}", member),
]
