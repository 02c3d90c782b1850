"""The papers of an agreement, and its other steps: signed on paper, not prolonged, ended by notice."""

from collections.abc import Mapping
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from services.portal.client import Asleep, Problem
from services.portal.pages.agreement_terms import bring_in
from services.portal.pages.agreements import show_one
from services.portal.pages.routes import page
from services.portal.refusals import words_of
from services.portal.rendering import (
    field_errors,
    go,
    is_htmx,
    portal_of,
    visitor_of,
    words_for,
)

ENDINGS = ("pdf", "docx")
FIELDS = {
    "paper": {"signed_on": "paper_on"},
    "end": {"ends_on": "ends_on", "reason": "reason"},
}
"""What a step's form calls a field of the API."""


async def document(request: Request) -> Response:
    """The document that is signed, or the same to go on writing."""
    ending = request.path_params["ending"]
    if ending not in ENDINGS:
        raise Problem(404, "not-found", "")
    return await _file(request, f"document.{ending}")


async def signature(request: Request) -> Response:
    """The scan, or the detached signature, of a party."""
    return await _file(request, f"signatures/{request.path_params['party_id']}")


async def _file(request: Request, name: str) -> Response:
    agreement_id = request.path_params["agreement_id"]
    reply = await portal_of(request).api.send(
        "GET", f"/membership/agreements/{agreement_id}/{name}", visitor_of(request).token
    )
    headers = {"Content-Disposition": reply.headers.get("content-disposition", "attachment")}
    return Response(reply.content, headers=headers, media_type=reply.media_type)


async def on_paper(request: Request) -> Response:
    """Notes that the own organisation signed on paper, with its scan or with one that is there."""
    form = await request.form()
    words = words_for(request)
    file, scan_id, signed_on = form.get("scan"), form.get("scan_id"), form.get("paper_on")
    typed = {"paper_on": str(signed_on or ""), "scan_id": str(scan_id or "")}
    errors = {}
    is_sent = isinstance(file, UploadFile) and bool(file.filename)
    if not is_sent and not scan_id:
        errors["scan"] = words.text("Choose a file.")
    if not signed_on:
        errors["paper_on"] = words.text("Choose a date.")
    if errors:
        return await show_one(request, 422, errors=errors, typed=typed)
    try:
        if is_sent and isinstance(file, UploadFile):
            scan_id = await bring_in(request, file)
    except Problem as problem:
        if problem.status in (401, 403, 404):
            raise
        errors = {"scan": words_of(words, problem.code, problem.facts)}
        return await show_one(request, problem.status, errors=errors, typed=typed)
    except Asleep:
        return await show_one(request, 503, words_of(words, "unavailable"), typed=typed)
    body = {"scan_id": scan_id, "signed_on": signed_on}
    return await _step(request, "sign-on-paper", body, FIELDS["paper"], typed)


async def decline(request: Request) -> Response:
    """Says no to the term that would follow by itself."""
    return await _step(request, "decline-prolongation", None, {}, {})


async def end(request: Request) -> Response:
    """Gives notice to end the agreement."""
    form = await request.form()
    typed = {name: str(form.get(name, "")).strip() for name in ("ends_on", "reason")}
    if not typed["reason"]:
        errors = {"reason": words_for(request).text("Say why: the other side reads it.")}
        return await show_one(request, 422, errors=errors, typed=typed)
    body = {"reason": typed["reason"], "ends_on": typed["ends_on"] or None}
    return await _step(request, "end", body, FIELDS["end"], typed)


async def _step(
    request: Request,
    step: str,
    body: Mapping[str, Any] | None,
    fields: Mapping[str, str],
    typed: Mapping[str, str],
) -> Response:
    """Asks for the step; a no is said beside its field, or on top."""
    form = await request.form()
    agreement_id = request.path_params["agreement_id"]
    words = words_for(request)
    try:
        await portal_of(request).api.send(
            "POST",
            f"/membership/agreements/{agreement_id}/{step}",
            visitor_of(request).token,
            body=body,
            if_match=str(form.get("seen", "")) or None,
        )
    except Problem as problem:
        if problem.status in (401, 404):
            raise
        found = field_errors(problem, words)
        errors = {fields[name]: text for name, text in found.items() if name in fields}
        sentence = None if errors else words_of(words, problem.code, problem.facts)
        return await show_one(request, problem.status, sentence, errors=errors, typed=typed)
    except Asleep:
        return await show_one(request, 503, words_of(words, "unavailable"), typed=typed)
    if is_htmx(request):
        return await show_one(request)
    return go(request, f"/agreements/{agreement_id}")


ROUTES = [
    page("/agreements/{agreement_id:uuid}/document.{ending}", document),
    page("/agreements/{agreement_id:uuid}/signatures/{party_id:uuid}.file", signature),
    page("/agreements/{agreement_id:uuid}/paper", on_paper, ["POST"]),
    page("/agreements/{agreement_id:uuid}/decline", decline, ["POST"]),
    page("/agreements/{agreement_id:uuid}/end", end, ["POST"]),
]
