"""Programs of the organisation that are told what concerns it: where they are, and what came of it."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from services.portal.client import Asleep, Problem, part
from services.portal.pages.routes import page
from services.portal.refusals import words_of
from services.portal.rendering import field_errors, go, portal_of, show, visitor_of, words_for
from services.portal.words import N_

LIMIT = 50
SUBJECTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "bookings": (
        N_("Bookings"),
        (
            "booking_requested",
            "booking_confirmed",
            "booking_received",
            "booking_declined",
            "booking_cancelled_by_owner",
            "booking_cancelled_by_booker",
            "booking_lapsed",
            "booking_unanswered",
        ),
    ),
    "agreements": (
        N_("Agreements"),
        (
            "agreement_to_sign",
            "agreement_active",
            "agreement_ending_soon",
            "agreement_going_on",
            "agreement_prolonged",
            "agreement_declined",
            "agreement_notice",
            "agreement_ended",
        ),
    ),
    "money": (
        N_("Settlements"),
        ("obligation_incurred", "obligation_received", "obligation_reversed"),
    ),
    "membership": (
        N_("Joining and leaving"),
        (
            "member_joined",
            "partner_leaves",
            "partner_left",
            "case_opened",
            "case_closed",
            "member_suspended",
            "member_restored",
            "member_excluded",
        ),
    ),
    "council": (N_("The council"), ("decision_adopted",)),
}
"""What a program may be told, as people choose it."""

REASONS = {
    "refused": N_("was not taken"),
    "no-answer": N_("no answer"),
    "private-network": N_("the address is inside a private network"),
    "disabled": N_("no longer tried"),
    "removed": N_("no longer tried"),
}


async def programs(request: Request) -> Response:
    """The programs of the organisation, and a form for another."""
    return await _list(request)


async def add(request: Request) -> Response:
    """Names a program; its secret is shown on the page that follows, and never again."""
    form = await request.form()
    words = words_for(request)
    chosen = [name for name in SUBJECTS if form.get(name)]
    url = str(form.get("url", "")).strip()
    errors: dict[str, str] = {}
    if not url:
        errors["url"] = words.text("Fill this in.")
    if not chosen:
        errors["kinds"] = words.text("Choose at least one.")
    if errors:
        return await _list(request, 422, url=url, chosen=chosen, errors=errors)
    body = {"url": url, "kinds": [kind for name in chosen for kind in SUBJECTS[name][1]]}
    try:
        made = await portal_of(request).api.post(
            "/notices/webhooks", visitor_of(request).token, body
        )
    except Problem as problem:
        if problem.status == 403:
            raise
        errors = field_errors(problem, words)
        if "url" in errors:
            errors = {
                "url": words.text(
                    "This is no address at which a program can be told: it begins with https://."
                )
            }
        sentence = None if errors else words_of(words, problem.code, problem.facts)
        return await _list(
            request, problem.status, url=url, chosen=chosen, errors=errors, sentence=sentence
        )
    except Asleep:
        sentence = words_of(words, "unavailable")
        return await _list(request, 503, url=url, chosen=chosen, sentence=sentence)
    return await _list(request, made=made)


async def remove(request: Request) -> Response:
    """The program is told nothing more."""
    await portal_of(request).api.send(
        "DELETE",
        f"/notices/webhooks/{request.path_params['program_id']}",
        visitor_of(request).token,
    )
    return go(request, "/programs")


async def program(request: Request) -> Response:
    """What one program was told, and what came of it."""
    found = await part(
        portal_of(request).api.get(
            f"/notices/webhooks/{request.path_params['program_id']}/deliveries",
            visitor_of(request).token,
            cursor=request.query_params.get("cursor"),
            limit=LIMIT,
        )
    )
    groups = {kind: words for words, kinds in SUBJECTS.values() for kind in kinds}
    return show(request, "programs/one.html", found=found, groups=groups, reasons=REASONS)


async def _list(request: Request, status: int = 200, **facts: Any) -> Response:
    found = await part(portal_of(request).api.get("/notices/webhooks", visitor_of(request).token))
    known: dict[str, Any] = {
        "made": None,
        "url": "",
        "chosen": ["bookings"],
        "errors": {},
        "sentence": None,
        **facts,
    }
    return show(request, "programs/list.html", status, found=found, subjects=SUBJECTS, **known)


ROUTES = [
    page("/programs", programs),
    page("/programs", add, ["POST"]),
    page("/programs/{program_id:uuid}", program),
    page("/programs/{program_id:uuid}/remove", remove, ["POST"]),
]
