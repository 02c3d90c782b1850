"""Settlements: how the member stands with each other one, every use by its sum, and taking one back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from starlette.datastructures import QueryParams
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
from services.portal.words import Words, as_local

LIMIT = 50
SIDES = {"owe": "debtor_id", "owed": "creditor_id"}
"""The sides of an obligation that the member may be on, and what the API calls them."""

TREASURERS = ("finance",)


@dataclass(frozen=True)
class Filters:
    """What is looked for, as it was typed, and what of it is not understood."""

    side: str
    with_id: str
    basis_id: str
    first: str
    last: str
    errors: dict[str, str] = field(default_factory=dict)

    def asked(self, member_id: str | None) -> dict[str, Any]:
        """What the API is asked."""
        found: dict[str, Any] = {
            "counterparty_id": self.with_id or None,
            "basis_id": self.basis_id or None,
            "from": self.first or None,
            "to": self.last or None,
        }
        return found | ({SIDES[self.side]: member_id} if self.side else {})

    def query(self) -> dict[str, str]:
        """The filters as a part of an address."""
        named = {
            "side": self.side,
            "with": self.with_id,
            "basis": self.basis_id,
            "from": self.first,
            "to": self.last,
        }
        return {name: text for name, text in named.items() if text}


def filters_of(query: QueryParams, words: Words) -> Filters:
    """The filters that stand in an address."""
    side = query.get("side", "")
    first, last = (query.get(name, "").strip() for name in ("from", "to"))
    errors = {
        name: words.text("Choose a date.")
        for name, text in (("from", first), ("to", last))
        if text and _date(text) is None
    }
    if first and last and not errors and last < first:
        errors["to"] = words.text("The last day is before the first.")
    return Filters(
        side=side if side in SIDES else "",
        with_id=_id(query.get("with")),
        basis_id=_id(query.get("basis")),
        first=first,
        last=last,
        errors=errors,
    )


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _id(text: str | None) -> str:
    try:
        return str(UUID(text or ""))
    except ValueError:
        return ""


def periods(today: date) -> dict[str, tuple[date, date]]:
    """Stretches of time that one mostly asks for, both days included."""
    month = today.replace(day=1)
    before = (month - timedelta(days=1)).replace(day=1)
    return {
        "month": (month, today),
        "before": (before, month - timedelta(days=1)),
        "year": (date(today.year, 1, 1), today),
    }


async def obligations(request: Request) -> Response:
    """Every use by its sum, newest first, under how the member stands in all."""
    portal, visitor = portal_of(request), visitor_of(request)
    filters = filters_of(request.query_params, words_for(request))
    cursor = request.query_params.get("cursor")
    asked = {**filters.asked(visitor.member_id), "cursor": cursor, "limit": LIMIT}
    is_more = is_htmx(request) and cursor is not None
    found, balances, members = await together(
        _nothing()
        if filters.errors
        else part(portal.api.get("/finance/obligations", visitor.token, **asked)),
        _nothing() if is_more else part(_balances(request)),
        portal.directory.members(),
    )
    return show(
        request,
        "obligations/rows.html" if is_more else "obligations/list.html",
        filters=filters,
        found=found,
        balances=balances,
        sums=sums_of(balances),
        members=members,
        periods=periods(as_local(portal.clock()).date()),
    )


async def balances(request: Request) -> Response:
    """How the member stands with each member that it has dealt with."""
    found, members = await together(
        part(_balances(request)), portal_of(request).directory.members()
    )
    return show(
        request,
        "obligations/balances.html",
        balances=found,
        sums=sums_of(found),
        members=members,
        rows=by_name(found, members),
    )


async def _balances(request: Request) -> list[Any]:
    return await portal_of(request).api.every("/finance/balances", visitor_of(request).token)


async def _nothing() -> None:
    return None


def sums_of(balances: Any) -> dict[str, int]:
    """What the member is owed and owes in all; nothing while finance sleeps."""
    found = balances if isinstance(balances, list) else []
    return {name: sum(each[name] for each in found) for name in ("is_owed_kopecks", "owes_kopecks")}


def by_name(balances: Any, members: Mapping[str, Mapping[str, Any]]) -> list[Any]:
    """Balances that are not nought, by the name of the other member."""
    found: Iterable[Any] = balances if isinstance(balances, list) else []
    standing = [each for each in found if each["is_owed_kopecks"] or each["owes_kopecks"]]
    return sorted(
        standing, key=lambda each: str(members.get(each["counterparty_id"], {}).get("name", ""))
    )


async def obligation(request: Request) -> Response:
    """One obligation: who owes whom, what for, and whether it still stands."""
    return await _show(request)


async def _show(
    request: Request,
    status: int = 200,
    sentence: str | None = None,
    reason: str = "",
    errors: Mapping[str, str] | None = None,
) -> Response:
    portal, visitor = portal_of(request), visitor_of(request)
    obligation_id = request.path_params["obligation_id"]
    found = await portal.api.get(f"/finance/obligations/{obligation_id}", visitor.token)
    booking, workshops, members = await together(
        part(_booking(request, found["basis"]["id"])),
        portal.directory.workshops(),
        portal.directory.members(),
    )
    is_ours = found["creditor_id"] == visitor.member_id
    return show(
        request,
        "obligations/facts.html" if is_htmx(request) else "obligations/one.html",
        status,
        obligation=found,
        booking=booking,
        workshops=workshops,
        members=members,
        is_ours=is_ours,
        other_id=found["debtor_id"] if is_ours else found["creditor_id"],
        may_reverse=is_ours and found["status"] == "incurred" and visitor.may(*TREASURERS),
        sentence=sentence,
        reason=reason,
        errors=errors or {},
    )


async def _booking(request: Request, booking_id: str) -> Any:
    """The booking that the obligation is owed for; None where it is not to be seen any more."""
    try:
        return await portal_of(request).api.get(
            f"/workshops/bookings/{booking_id}", visitor_of(request).token
        )
    except Problem:
        return None


async def reverse(request: Request) -> Response:
    """Takes an obligation back, with the reason that both sides read."""
    form = await request.form()
    words = words_for(request)
    reason = str(form.get("reason", "")).strip()
    if not reason:
        errors = {"reason": words.text("Say why: the other side reads it.")}
        return await _show(request, 422, errors=errors)
    obligation_id = request.path_params["obligation_id"]
    try:
        await portal_of(request).api.post(
            f"/finance/obligations/{obligation_id}/reverse",
            visitor_of(request).token,
            {"reason": reason},
        )
    except Problem as problem:
        if problem.status in (401, 404):
            raise
        errors = field_errors(problem, words)
        sentence = None if errors else words_of(words, problem.code, problem.facts)
        return await _show(request, problem.status, sentence, reason, errors)
    except Asleep:
        return await _show(request, 503, words_of(words, "unavailable"), reason)
    if is_htmx(request):
        return await _show(request)
    return go(request, f"/obligations/{obligation_id}")


ROUTES = [
    page("/obligations", obligations),
    page("/obligations/balances", balances),
    page("/obligations/{obligation_id:uuid}", obligation),
    page("/obligations/{obligation_id:uuid}/reverse", reverse, ["POST"]),
]
