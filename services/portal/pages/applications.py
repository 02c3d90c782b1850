"""Applications to join, as the secretariat of the council sees them: checked, given back, rejected."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from services.portal.client import Asleep, Problem, part
from services.portal.pages import card
from services.portal.pages.routes import page
from services.portal.refusals import words_of
from services.portal.rendering import go, is_htmx, portal_of, show, visitor_of, words_for
from services.portal.statuses import APPLICATION

LIMIT = 50
QUERY_LENGTH_MAX = 200
STEPS = {
    "check": ("submitted",),
    "return": ("submitted", "checked"),
    "put-on-agenda": ("checked",),
    "reject": ("submitted", "returned", "checked", "on_agenda", "admitted"),
}
"""What is offered for an application that stands there; the service decides."""

WITH_REASON = ("return", "reject")


async def applications(request: Request) -> Response:
    """The applications that were sent, the newest first, by status."""
    query = request.query_params
    state = query.get("state") if query.get("state") in APPLICATION else None
    q = query.get("q", "").strip()[:QUERY_LENGTH_MAX]
    cursor = query.get("cursor")
    found = await part(
        portal_of(request).api.get(
            "/membership/applications",
            visitor_of(request).token,
            status=state,
            q=q or None,
            cursor=cursor,
            limit=LIMIT,
        )
    )
    return show(
        request,
        "applications/rows.html" if is_htmx(request) and cursor else "applications/list.html",
        found=found,
        state=state,
        q=q,
        states=APPLICATION,
    )


async def application(request: Request) -> Response:
    """One application: what is to be decided, its card, those who could be the same, its way."""
    return await _show(request)


async def _show(
    request: Request,
    status: int = 200,
    *,
    sentence: str | None = None,
    step: str | None = None,
    reason: str = "",
) -> Response:
    portal, visitor = portal_of(request), visitor_of(request)
    application_id = request.path_params["application_id"]
    reply = await portal.api.send(
        "GET", f"/membership/applications/{application_id}", visitor.token
    )
    found = reply.body
    return show(
        request,
        "applications/one.html",
        status,
        application=found,
        etag=reply.headers.get("etag", ""),
        steps=[name for name, states in STEPS.items() if found["status"] in states],
        sentence=sentence,
        step=step,
        reason=reason,
        **card.shown(found["card"]),
    )


async def take_step(request: Request) -> Response:
    """Checks, gives back, rejects or takes to an agenda; what was typed is kept."""
    form = await request.form()
    words = words_for(request)
    application_id, step = request.path_params["application_id"], request.path_params["step"]
    if step not in STEPS:
        raise Problem(404, "not-found", "")
    reason = str(form.get("reason", "")).strip()
    asked: dict[str, Any] = {"step": step, "reason": reason}
    if step in WITH_REASON and not reason:
        sentence = words.text("Say why: the applicant reads it.")
        return await _show(request, 422, sentence=sentence, **asked)
    try:
        await portal_of(request).api.send(
            "POST",
            f"/membership/applications/{application_id}/{step}",
            visitor_of(request).token,
            body={"reason": reason} if step in WITH_REASON else None,
            if_match=str(form.get("etag", "")) or None,
        )
    except Problem as problem:
        if problem.status in (401, 403, 404):
            raise
        sentence = words_of(words, problem.code, problem.facts)
        return await _show(request, problem.status, sentence=sentence, **asked)
    except Asleep:
        return await _show(request, 503, sentence=words_of(words, "unavailable"), **asked)
    return go(request, f"/members/applications/{application_id}")


async def document(request: Request) -> Response:
    """A document that goes with the application, to be saved."""
    application_id, file_id = (request.path_params[name] for name in ("application_id", "file_id"))
    reply = await portal_of(request).api.send(
        "GET",
        f"/membership/applications/{application_id}/documents/{file_id}",
        visitor_of(request).token,
    )
    headers = {"Content-Disposition": reply.headers.get("content-disposition", "attachment")}
    return Response(reply.content, headers=headers, media_type=reply.media_type)


ROUTES = [
    page("/members/applications", applications),
    page("/members/applications/{application_id:uuid}", application),
    page("/members/applications/{application_id:uuid}/documents/{file_id:uuid}.file", document),
    page("/members/applications/{application_id:uuid}/{step}", take_step, ["POST"]),
]
