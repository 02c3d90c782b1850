"""Decisions of the council: what was decided with what force, and how far it was carried out."""

from collections.abc import Mapping
from typing import Any

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from services.portal.client import Asleep, Problem, part, together
from services.portal.council import DECISION, DECISION_KINDS
from services.portal.pages.council.names import OFFICE, names_for
from services.portal.pages.routes import page
from services.portal.pages.steps import No, asked
from services.portal.rendering import go, is_htmx, portal_of, show, visitor_of, words_for
from services.portal.words import N_

LIMIT = 50
WORDS = {
    "report": ("words", N_("Say what was done.")),
    "return": ("reason", N_("Say what is missing in the report.")),
    "cancel": ("by_decision_id", N_("Choose from the list.")),
}
"""Steps that ask for something, the field of the API, and what is said when it is missing."""

STEPS = ("start", "report", "accept", "return", "cancel")


def filters_of(query: QueryParams) -> dict[str, Any]:
    """What is looked for; what is no filter is passed over."""
    year = query.get("year", "")
    found: dict[str, Any] = {
        "status": query.get("status") if query.get("status") in DECISION else None,
        "kind": query.get("kind") if query.get("kind") in DECISION_KINDS else None,
        "year": year if year.isdigit() and len(year) == 4 and 2000 <= int(year) <= 2200 else None,
        "is_overdue": "true" if query.get("is_overdue") else None,
    }
    return {name: value for name, value in found.items() if value is not None}


async def decisions(request: Request) -> Response:
    """All decisions that fit, the newest first."""
    portal, token = portal_of(request), visitor_of(request).token
    filters = filters_of(request.query_params)
    cursor = request.query_params.get("cursor")
    found, names = await together(
        part(portal.api.get("/council/decisions", token, **filters, cursor=cursor, limit=LIMIT)),
        names_for(request),
    )
    return show(
        request,
        "council/decision_rows.html" if is_htmx(request) and cursor else "council/decisions.html",
        found=found,
        names=names,
        filters=filters,
        states=DECISION,
        kinds=DECISION_KINDS,
    )


async def decision(request: Request) -> Response:
    """One decision: who must act, its text and force, and the reports on it."""
    return await _show(request)


async def _show(
    request: Request,
    status: int = 200,
    *,
    sentence: str | None = None,
    step: str | None = None,
    typed: str = "",
) -> Response:
    portal, visitor = portal_of(request), visitor_of(request)
    decision_id = request.path_params["decision_id"]
    reply, reports, names = await together(
        portal.api.send("GET", f"/council/decisions/{decision_id}", visitor.token),
        _reports(request, str(decision_id)),
        names_for(request),
    )
    found = reply.body
    steps = steps_for(
        found,
        is_responsible=found["responsible_member_id"] == visitor.member_id
        and visitor.may("coordinator"),
        is_office=visitor.may(*OFFICE),
    )
    later = (
        await part(portal.api.get("/council/decisions", visitor.token, limit=100))
        if "cancel" in steps
        else None
    )
    return show(
        request,
        "council/decision.html",
        status,
        decision=found,
        etag=reply.headers.get("etag", ""),
        reports=reports,
        names=names,
        steps=steps,
        later=[]
        if later is None or isinstance(later, Asleep)
        else [each for each in later["items"] if each["id"] > found["id"]],
        sentence=sentence,
        step=step,
        typed=typed,
    )


async def _reports(request: Request, decision_id: str) -> Any:
    """The reports on it; None for those who may not read them."""
    try:
        return await part(
            portal_of(request).api.get(
                f"/council/decisions/{decision_id}/reports", visitor_of(request).token
            )
        )
    except Problem as problem:
        if problem.status in (403, 404):
            return None
        raise


def steps_for(decision: Mapping[str, Any], *, is_responsible: bool, is_office: bool) -> list[str]:
    """What is offered: the service decides."""
    status = decision["status"]
    found = []
    if is_responsible:
        found += ["start"] if status == "assigned" else []
        found += ["report"] if status in ("assigned", "in_progress") else []
    if is_office:
        found += ["accept", "return"] if status == "reported" else []
        found += ["cancel"] if status in ("assigned", "in_progress", "reported") else []
    return found


async def take_step(request: Request) -> Response:
    """Begins, reports, accepts, returns or takes back; what was typed is kept."""
    form = await request.form()
    words = words_for(request)
    decision_id, step = request.path_params["decision_id"], request.path_params["step"]
    if step not in STEPS:
        raise Problem(404, "not-found", "")
    field, missing = WORDS.get(step, ("", ""))
    typed = str(form.get(field, "")).strip() if field else ""
    if field and not typed:
        return await _show(request, 422, sentence=words.text(missing), step=step)
    done = await asked(
        request,
        f"/council/decisions/{decision_id}/{step}",
        {field: typed} if field else None,
        etag=str(form.get("etag", "")) or None,
    )
    if isinstance(done, No):
        return await _show(request, done.status, sentence=done.sentence, step=step, typed=typed)
    return go(request, f"/council/decisions/{decision_id}")


ROUTES = [
    page("/council/decisions", decisions),
    page("/council/decisions/{decision_id:uuid}", decision),
    page("/council/decisions/{decision_id:uuid}/{step}", take_step, ["POST"]),
]
