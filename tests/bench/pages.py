"""How long the portal takes for its pages, all of them, on the demo's data and some bookings."""

import re
import time
from collections import defaultdict, deque
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from urllib.parse import quote, urlsplit

import httpx
from starlette.routing import Match, Route

from services.portal.pages import ROUTES
from shared.clock import now
from tests.bench.place import Place, percentile, run
from tests.bench.size import FULL, Figures, Size
from tests.bench.wire import Connection
from tests.people import eventually

OWNER, BOOKER = "smolapo", "stankoservis"
LINK = re.compile(r'(?:href|hx-get)="(/[^"#]*)')
NO_PAGES = {
    "/live",
    "/notices/bell",
    "/notices/{notice_id:uuid}",
    "/sign-in/provider",
    "/sign-in/provider/return",
}
FILES = (".xlsx", ".file", "{ending}")
"""A stream without an end, a part, and what leads elsewhere; how the paths of files end."""

STRANGERS = {
    "/sign-in",
    "/forgotten-password",
    "/new-password",
    "/new-address",
    "/invitation",
    "/erase-data",
    "/join",
    *(f"/join/{step}" for step in ("sent", "confirm", "status", "mend", "sign", "account")),
}
"""Pages of those who are not signed in, most of them by a letter's link."""

SECRETARIAT = {
    "/members/applications",
    "/members/applications/{application_id:uuid}",
    "/members/cases",
    "/members/cases/{case_id:uuid}",
    "/members/{member_id:uuid}/cases/new",
    "/members/{member_id:uuid}/end",
    "/members/{member_id:uuid}/people/new",
    "/members/{member_id:uuid}/people/invite",
    "/account/second-factor/lost",
    "/notices/mailbox",
    "/council/seats/new",
    "/council/seats/new/{member_id:uuid}",
    "/council/meetings/new",
    "/council/meetings/{meeting_id:uuid}/items/new",
    "/council/meetings/{meeting_id:uuid}/move",
}
"""Pages of the secretary and of administrators."""

ELSEWHERE = (
    STRANGERS
    | SECRETARIAT
    | {
        "/choose-member",
        "/imports/{kind}/{import_id:uuid}",
        "/account/consents/{text_id:uuid}",
        "/council/minutes/{minutes_id:uuid}",
        "/council/plan-items/{item_id:uuid}/report",
        "/council/plans/{plan_id:uuid}/versions/{number:int}",
        "/members/persons/{known_id:uuid}/erase",
        "/programs/{program_id:uuid}",
    }
)
"""Where a coordinator who is signed in, of one member, with nothing made yet, does not always come."""


def figures(place: Place, size: Size = FULL) -> Figures:
    """page_p95_ms over all pages, each asked for equally often; the slowest kind beside it."""
    for number in range(size.bookings):
        booker = place.bookers[number % len(place.bookers)]
        assert booker.book(next(place.slots)).status_code == 201
    cookie = _signed_in(place)
    seeds = list(_seeds(place))
    return run(_figures(place, cookie, seeds, size))


async def _figures(place: Place, cookie: str, seeds: list[str], size: Size) -> Figures:
    connection = Connection(place.base_url)
    headers = {"Cookie": cookie, "Accept": "text/html"}
    found = await _walk(connection, headers, seeds, size.links_each)
    times: dict[str, list[float]] = {kind: [] for kind in found}
    for _ in range(size.page_rounds):
        for kind, urls in found.items():
            for url in urls:
                begun = time.perf_counter()
                await connection.ask("GET", url, headers)
                times[kind].append((time.perf_counter() - begun) * 1000)
    await connection.close()
    return {
        "page_p95_ms": (percentile([took for each in times.values() for took in each], 0.95), "ms"),
        "page_slowest_ms": (max(percentile(each, 0.5) for each in times.values()), "ms"),
        "pages": (len(found), "pages"),
    }


async def _walk(
    connection: Connection, headers: dict[str, str], seeds: list[str], links_each: int
) -> dict[str, list[str]]:
    """Addresses of every kind of page, found by following links as a person does."""
    found: dict[str, list[str]] = defaultdict(list)
    waiting, seen = deque(seeds), set(seeds)
    while waiting:
        url = waiting.popleft()
        kind = _kind_of(url)
        if kind is None or len(found[kind]) >= links_each:
            continue
        status, answer = await connection.ask("GET", url, headers)
        assert status == 200, (status, url)
        found[kind].append(url)
        for link in LINK.findall(answer.decode()):
            linked = unescape(link)
            if linked not in seen:
                seen.add(linked)
                waiting.append(linked)
    every = {route.path for route in _pages()}
    unseen = every - found.keys() - ELSEWHERE
    assert not unseen, (
        f"no link leads to {unseen}: begin the walk there, or say that it is elsewhere"
    )
    return {kind: urls for kind, urls in found.items() if urls}


def _pages() -> Iterator[Route]:
    for route in ROUTES:
        is_page = route.path not in NO_PAGES and not route.path.endswith(FILES)
        if is_page and "GET" in (route.methods or ()):
            yield route


def _kind_of(url: str) -> str | None:
    """The route that answers at this address, None where it is no page."""
    scope = {"type": "http", "method": "GET", "path": urlsplit(url).path, "headers": []}
    for route in _pages():
        if route.matches(scope)[0] is Match.FULL:
            return route.path
    return None


def _signed_in(place: Place) -> str:
    """The cookie of a coordinator of the owner."""
    with httpx.Client(base_url=place.base_url, trust_env=False) as browser:
        answer = browser.post(
            "/sign-in",
            data={"email": f"coordinator@{OWNER}.demo", "password": "demo"},
            headers={"Origin": place.base_url},
        )
        assert answer.headers.get("location") == "/", answer.text
        return "; ".join(f"{name}={value}" for name, value in browser.cookies.items())


def _seeds(place: Place) -> Iterator[str]:
    """Where the walk begins: today, and what scripts ask for; behind it lies a use that is owed."""
    workshop = next(item for item in place.workshops if item["owner_id"] == place.members[OWNER])
    owner, booker = place.owners[workshop["owner_id"]], place.person(BOOKER)
    day = next(place.pairs_of(workshop))
    made = booker.book(day)
    assert made.status_code == 201, made.text
    for step, body in (("approve", None), ("check-in", None), ("complete", {"actual_minutes": 60})):
        answer = owner.post(f"/workshops/bookings/{made.json()['id']}/{step}", body)
        assert answer.status_code == 200, answer.text
    eventually(lambda: booker.obligations_of(made.json()["id"]))
    yield "/"
    begin = now()
    week = {"from": begin, "to": begin + timedelta(days=7)}
    query = "&".join(f"{name}={quote(moment.isoformat())}" for name, moment in week.items())
    yield f"/workshops/{workshop['id']}/calendar.json?{query}"
    yield f"/workshops/{workshop['id']}/book?starts_at={quote(day['starts_at'])}"
