"""Who visits: membership's opaque session in a cookie, swapped for short tokens, and the guard against forged forms."""

import asyncio
import hashlib
import hmac
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from starlette.datastructures import URL
from starlette.requests import Request
from starlette.responses import Response

from services.portal.client import Api, Problem
from shared.clock import Clock

COOKIE_SECONDS = 30 * 24 * 3600
REMEMBERED = 5_000
REMEMBER_FOR = timedelta(seconds=60)
"""How long a visitor is taken on trust: who signs out elsewhere is out here a minute later."""

SAFE = {"GET", "HEAD", "OPTIONS"}
CSRF_FIELD, CSRF_HEADER = "csrf", "x-csrf"


@dataclass(frozen=True)
class Visitor:
    """A signed-in person, the member they act for, and a token that every service takes."""

    token: str
    session_id: str
    csrf: str
    person: dict[str, Any]
    member_id: str | None
    members: list[dict[str, Any]]
    roles: frozenset[str]

    @property
    def member(self) -> dict[str, Any] | None:
        """The member acted for; None for one who acts for none, or has not chosen."""
        return next((each for each in self.members if each["id"] == self.member_id), None)

    def may(self, *roles: str) -> bool:
        """Whether the person has one of these roles, so that a page need not offer what is refused."""
        return bool(self.roles & set(roles))


class Visitors:
    """Swaps cookies for visitors, each once a minute."""

    def __init__(self, api: Api, clock: Clock) -> None:
        self._api = api
        self._clock = clock
        self._known: OrderedDict[bytes, tuple[datetime, asyncio.Task[Visitor | None]]]
        self._known = OrderedDict()

    async def of(self, request: Request) -> Visitor | None:
        """The visitor whom the cookie stands for, None without a session; raises Asleep."""
        kept = request.cookies.get(cookie_name(request))
        if not kept:
            return None
        name = _digest(kept)
        known = self._known.get(name)
        if known is None or known[0] <= self._clock():
            task = asyncio.ensure_future(self._swap(kept, None))
            self._known[name] = known = (self._clock() + REMEMBER_FOR, task)
            self._known.move_to_end(name)
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        try:
            visitor = await asyncio.shield(known[1])
        except BaseException:
            if known[1].done():
                self._known.pop(name, None)
            raise
        if visitor is None:
            self._known.pop(name, None)
        return visitor

    async def act_for(self, request: Request, member_id: str) -> None:
        """The visitor acts for another of their members from now on; raises Problem, Asleep."""
        kept = request.cookies.get(cookie_name(request), "")
        await self._ask(kept, member_id)
        self.forget(request)

    def forget(self, request: Request) -> None:
        """The next request swaps the cookie anew."""
        self._known.pop(_digest(request.cookies.get(cookie_name(request), "")), None)

    async def _ask(self, kept: str, member_id: str | None) -> Any:
        body = {"refresh_token": kept, "member_id": member_id}
        return await self._api.post("/membership/sessions/refresh", body=body)

    async def _swap(self, kept: str, member_id: str | None) -> Visitor | None:
        try:
            swapped = await self._ask(kept, member_id)
            current = await self._api.get("/membership/sessions/current", swapped["access_token"])
        except Problem as problem:
            if problem.status == 401:
                return None
            raise
        return Visitor(
            token=swapped["access_token"],
            session_id=current["id"],
            csrf=csrf_of(kept),
            person=current["person"],
            member_id=swapped["member_id"],
            members=swapped["members"],
            roles=frozenset(swapped["roles"]),
        )


def cookie_name(request: Request) -> str:
    """Over TLS a cookie that no other host can set."""
    return "__Host-artel" if is_secure(request) else "artel"


def is_secure(request: Request) -> bool:
    """Whether the person's browser speaks TLS with the edge."""
    return request.url.scheme == "https"


def keep(request: Request, response: Response, token: str) -> None:
    """Gives the browser the session; no script can read it."""
    response.set_cookie(
        cookie_name(request),
        token,
        max_age=COOKIE_SECONDS,
        path="/",
        secure=is_secure(request),
        httponly=True,
        samesite="lax",
    )


def drop(request: Request, response: Response) -> None:
    """Takes the session from the browser."""
    response.delete_cookie(
        cookie_name(request), path="/", secure=is_secure(request), httponly=True, samesite="lax"
    )


def csrf_of(token: str) -> str:
    """What a form of this session carries; who cannot read the cookie cannot make it."""
    return hmac.new(token.encode(), b"artel csrf", hashlib.sha256).hexdigest()


def is_from_here(request: Request) -> bool:
    """Whether the browser says that a page of ours made the request (Fetch Metadata, else Origin)."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is not None and URL(origin).netloc == request.url.netloc


async def is_forged(request: Request, visitor: Visitor | None) -> bool:
    """Whether a request that changes something was made by another page than ours."""
    if request.method in SAFE:
        return False
    if not is_from_here(request):
        return True
    if visitor is None:
        return False
    said = request.headers.get(CSRF_HEADER)
    if said is None:
        said = str((await request.form()).get(CSRF_FIELD, ""))
    return not hmac.compare_digest(said.encode(), visitor.csrf.encode())


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
