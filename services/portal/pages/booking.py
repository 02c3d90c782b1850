"""Booking: the panel beside the grid, its price, the request itself, and what else is free."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import FormData, QueryParams
from starlette.requests import Request
from starlette.responses import Response

from services.portal.board import (
    Pair,
    days_from,
    least_free,
    nearest,
    pairs_of,
    stretches_of,
)
from services.portal.client import Asleep, Problem, part
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
from services.portal.words import N_, Words, as_local, at_moscow
from shared.ids import new_id

PURPOSES = (
    N_("Training practice"),
    N_("Work practice"),
    N_("Laboratory work"),
    N_("Preparing for the demonstration exam"),
    N_("Advanced training"),
)
LOOK_AHEAD_DAYS = 21
"""How far ahead the nearest free times are looked for."""

ELSEWHERE = {"slot-taken", "not-open", "too-late"}
"""Refusals after which other times help."""


@dataclass
class Form:
    """What was typed, as it was typed, and what of it is not understood."""

    on: str
    first: str
    last: str
    starts: str
    ends: str
    is_exact: bool
    places: str
    purpose: str
    agreement_id: str
    equipment_ids: list[str]
    group_size: str
    key: str
    errors: dict[str, str] = field(default_factory=dict)
    span: tuple[datetime, datetime] | None = None

    @property
    def can_be_priced(self) -> bool:
        """Whether all that the price hangs on is understood; the purpose is not among it."""
        return self.span is not None and not self.errors.keys() - {"purpose"}

    def address(self, workshop_id: str) -> str:
        """Where the form is found again as it is, but for the words that were typed."""
        chosen: list[tuple[str, str]] = [("on", self.on), ("places", self.places)]
        if self.is_exact:
            chosen += [("is_exact", "1"), ("starts", self.starts), ("ends", self.ends)]
        else:
            chosen += [("first", self.first), ("last", self.last)]
        chosen += [("group_size", self.group_size)] if self.group_size else []
        chosen += [("equipment_id", each) for each in self.equipment_ids]
        return f"/workshops/{workshop_id}/book?{urlencode(chosen)}"

    def body(self, workshop_id: str) -> dict[str, Any]:
        """What the API is asked; only for a form that is understood."""
        assert self.span is not None
        return {
            "workshop_id": workshop_id,
            "starts_at": self.span[0].isoformat(),
            "ends_at": self.span[1].isoformat(),
            "workplaces": int(self.places),
            "purpose": self.purpose or "—",
            "agreement_id": self.agreement_id or None,
            "equipment_ids": self.equipment_ids,
            "group_size": int(self.group_size) if self.group_size else None,
        }


def read(said: QueryParams | FormData, pairs: Sequence[Pair], words: Words, today: date) -> Form:
    """The form as it was filled in; what is left out is as one would mostly want it."""

    def word(name: str, default: str = "") -> str:
        return str(said.get(name, default)).strip()

    form = Form(
        on=word("on", (today + timedelta(days=1)).isoformat()),
        first=word("first", str(pairs[0].number) if pairs else ""),
        last=word("last") or word("first", str(pairs[0].number) if pairs else ""),
        starts=word("starts"),
        ends=word("ends"),
        is_exact=bool(word("is_exact")) or not pairs,
        places=word("places", "1"),
        purpose=word("purpose", words.text(PURPOSES[0])),
        agreement_id=word("agreement_id"),
        equipment_ids=[str(each) for each in said.getlist("equipment_id")],
        group_size=word("group_size"),
        key=word("key", str(new_id())),
    )
    _understand(form, {str(pair.number): pair for pair in pairs}, words)
    return form


def _understand(form: Form, pairs: Mapping[str, Pair], words: Words) -> None:
    try:
        on = date.fromisoformat(form.on)
    except ValueError:
        form.errors["on"] = words.text("Choose a date.")
        return
    if form.is_exact:
        begins, ends = _clock(form.starts), _clock(form.ends)
    else:
        begins = pairs[form.first].opens if form.first in pairs else None
        ends = pairs[form.last].closes if form.last in pairs else None
    if begins is None or ends is None:
        form.errors["times"] = words.text("Choose when it begins and ends.")
    elif begins >= ends:
        form.errors["times"] = words.text("The end is before the beginning.")
    else:
        form.span = (at_moscow(on, begins), at_moscow(on, ends))
        if not form.is_exact:
            form.starts, form.ends = f"{begins:%H:%M}", f"{ends:%H:%M}"
    for name, text in (("places", form.places), ("group_size", form.group_size or "1")):
        if not text.isdigit() or not 1 <= int(text) <= 1000:
            form.errors[name] = words.text("A number from 1 to 1000 is needed here.")


def _clock(text: str) -> time | None:
    try:
        return time.fromisoformat(text)
    except ValueError:
        return None


async def panel(request: Request) -> Response:
    """The form of a booking, filled in with what was chosen in the grid."""
    shop, form = await _shop_and_form(request, request.query_params)
    return await _panel(request, shop, form)


async def quote(request: Request) -> Response:
    """Price, rules and what is missing, anew after each change of the form."""
    shop, form = await _shop_and_form(request, await request.form())
    return show(request, "booking/quote.html", **await _offer(request, shop, form))


async def book(request: Request) -> Response:
    """Sends the request; what is refused is said beside what was typed."""
    shop, form = await _shop_and_form(request, await request.form())
    words = words_for(request)
    if not form.purpose:
        form.errors["purpose"] = words.text("Say what for: the owner decides by it.")
    if form.errors or form.span is None:
        return await _panel(request, shop, form, status=422)
    portal, visitor = portal_of(request), visitor_of(request)
    try:
        booking = await portal.api.post(
            "/workshops/bookings", visitor.token, form.body(shop["id"]), key=form.key
        )
    except Problem as problem:
        form.errors |= field_errors(problem, words)
        form.key = str(new_id()) if problem.code == "idempotency-key-reused" else form.key
        return await _panel(request, shop, form, problem.status, problem)
    except Asleep:
        return await _panel(request, shop, form, 503, Problem(503, "unavailable", ""))
    if not is_htmx(request):
        return go(request, f"/bookings/{booking['id']}")
    members = await portal.directory.members()
    return show(request, "booking/sent.html", booking=booking, shop=shop, members=members)


async def _shop_and_form(request: Request, said: QueryParams | FormData) -> tuple[Any, Form]:
    portal = portal_of(request)
    shop = await portal.api.get(f"/workshops/workshops/{request.path_params['workshop_id']}")
    today = as_local(portal.clock()).date()
    return shop, read(said, pairs_of(shop["site"]), words_for(request), today)


async def _panel(
    request: Request, shop: Any, form: Form, status: int = 200, problem: Problem | None = None
) -> Response:
    portal, visitor = portal_of(request), visitor_of(request)
    is_own = shop["owner_id"] == visitor.member_id
    offer, agreements, members = await asyncio.gather(
        _offer(request, shop, form, problem),
        part(
            portal.api.every(
                "/membership/agreements", visitor.token, status="active", with_id=shop["owner_id"]
            )
        )
        if visitor.may("coordinator") and not is_own
        else _nothing(),
        portal.directory.members(),
    )
    template = "booking/panel.html" if is_htmx(request) else "booking/page.html"
    return show(
        request,
        template,
        status,
        agreements=agreements,
        members=members,
        is_own=is_own,
        may_book=visitor.may("coordinator"),
        purposes=PURPOSES,
        pairs=pairs_of(shop["site"]),
        **offer,
    )


async def _nothing() -> list[Any]:
    return []


async def _offer(
    request: Request, shop: Any, form: Form, problem: Problem | None = None
) -> dict[str, Any]:
    """The price and what stands in the way, with the nearest other times where that helps."""
    portal, visitor, words = portal_of(request), visitor_of(request), words_for(request)
    offer: Any = None
    code = problem.code if problem is not None else None
    if form.can_be_priced and visitor.may("coordinator"):
        try:
            offer = await portal.api.post("/workshops/quotes", visitor.token, form.body(shop["id"]))
            code = code or offer["refusal"]
        except Problem as found:
            form.errors |= field_errors(found, words)
            code = code or found.code
        except Asleep:
            code = code or "unavailable"
    others = await _others(request, shop, form) if code in ELSEWHERE else []
    sentence = words_of(words, code, problem.facts if problem else None) if code else None
    if form.span is not None and code == "slot-taken":
        sentence = await _how_many_are_left(request, shop, form.span) or sentence
    elif form.span is not None and code == "not-open":
        sentence = _when_it_is_open(shop, form.span, words) or sentence
    return {
        "shop": shop,
        "form": form,
        "offer": offer,
        "code": code,
        "sentence": sentence,
        "others": others,
    }


async def _others(request: Request, shop: Any, form: Form) -> list[tuple[date, Pair, Pair]]:
    """The three nearest times at which the same would be free."""
    if form.span is None or not form.places.isdigit():
        return []
    portal = portal_of(request)
    pairs = pairs_of(shop["site"])
    begins, ends = form.span
    count = sum(
        at_moscow(as_local(begins).date(), pair.opens) < ends
        and at_moscow(as_local(begins).date(), pair.closes) > begins
        for pair in pairs
    )
    first_day = max(as_local(portal.clock()).date(), as_local(begins).date() - timedelta(days=3))
    days = days_from(first_day, LOOK_AHEAD_DAYS, with_sundays=True)
    if not pairs or not count:
        return []
    try:
        found = await portal.api.get(
            "/workshops/availability",
            workshop_id=shop["id"],
            workplaces=min(int(form.places), shop["workplaces"]),
            minutes=5,
            **{
                "from": at_moscow(days[0], time()).isoformat(),
                "to": at_moscow(days[-1] + timedelta(days=1), time()).isoformat(),
            },
        )
    except (Problem, Asleep):
        return []
    return nearest(wanted=begins, pairs=pairs, count=count, windows=found["items"], days=days)


async def _how_many_are_left(
    request: Request, shop: Any, span: tuple[datetime, datetime]
) -> str | None:
    """How many places the time still has; None where enough are left and a machine is what is taken."""
    words = words_for(request)
    within = {"from": span[0].isoformat(), "to": span[1].isoformat()}
    try:
        found = await portal_of(request).api.get(
            "/workshops/free-places", workshop_id=shop["id"], **within
        )
    except (Problem, Asleep):
        return None
    left = least_free(*span, stretches_of(found["items"]))
    if left is None:
        return None
    if left == shop["workplaces"]:
        return words.text("A machine that you chose is taken at this time.")
    return words.plural(
        "%(num)s place of %(places)s is left at this time.",
        "%(num)s places of %(places)s are left at this time.",
        left,
        places=shop["workplaces"],
    )


def _when_it_is_open(shop: Any, span: tuple[datetime, datetime], words: Words) -> str | None:
    """The opening hours of that weekday; None where the time lies within them: it is a holiday, or far ahead."""
    begins, ends = as_local(span[0]), as_local(span[1])
    hours = [each for each in shop["opening_hours"] if each["weekday"] == begins.weekday()]
    day = words.day(begins.date())
    if not hours:
        return words.text("The workshop is closed on this weekday (%(day)s).", day=day)
    if any(
        each["opens_at"] <= f"{begins:%H:%M}" and f"{ends:%H:%M}" <= each["closes_at"]
        for each in hours
    ):
        return None
    times = ", ".join(f"{each['opens_at']}–{each['closes_at']}" for each in hours)
    return words.text(
        "The workshop is closed at this time. On %(day)s it is open %(times)s.",
        day=day,
        times=times,
    )


ROUTES = [
    page("/workshops/{workshop_id:uuid}/book", panel),
    page("/workshops/{workshop_id:uuid}/book", book, ["POST"]),
    page("/workshops/{workshop_id:uuid}/quote", quote, ["POST"]),
]
