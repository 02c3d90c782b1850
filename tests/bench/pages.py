"""How long the portal takes for its pages, on the demo's data and a few hundred bookings."""

import time

import httpx

from tests.bench.place import Place, percentile
from tests.bench.size import FULL, Figures, Size

PAGES = (
    "/",
    "/workshops",
    "/workshops?view=day",
    "/workshops?view=month",
    "/workshops/{workshop}",
    "/workshops/{workshop}/book",
    "/bookings",
    "/bookings?side=owner",
    "/agreements",
    "/agreements/new",
    "/obligations",
    "/obligations/balances",
    "/members",
    "/members/people",
    "/calendars",
    "/imports",
    "/account",
    "/help",
)
BOOKINGS = 200
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


def figures(place: Place, size: Size = FULL) -> Figures:
    """page_p95_ms over all pages, as a coordinator sees them; the slowest one beside it."""
    for number in range(min(BOOKINGS, size.requests)):
        booker = place.bookers[number % len(place.bookers)]
        booker.book(next(place.slots))
    workshop = place.workshops[0]["id"]
    times: dict[str, list[float]] = {page: [] for page in PAGES}
    with httpx.Client(base_url=place.base_url, trust_env=False, headers=SAME_ORIGIN) as client:
        form = {"email": "coordinator@stankoservis.demo", "password": "demo"}
        assert client.post("/sign-in", data=form).status_code == 303
        for visit in range(size.visits + 1):
            for page in PAGES:
                begun = time.perf_counter()
                answer = client.get(page.format(workshop=workshop))
                took = (time.perf_counter() - begun) * 1000
                assert answer.status_code == 200, (page, answer.status_code)
                if visit:  # the first one reads templates and texts
                    times[page].append(took)
    return {
        "page_p95_ms": (percentile([took for each in times.values() for took in each], 0.95), "ms"),
        "page_slowest_ms": (max(percentile(each, 0.5) for each in times.values()), "ms"),
    }
