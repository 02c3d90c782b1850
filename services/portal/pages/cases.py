"""Cases of exclusion (R5.3): opened with a ground and evidence, answered by the member, decided or dropped."""

from datetime import date
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from services.portal.client import Asleep, Problem, part, together
from services.portal.forms import Field, Group, Typed, put_errors, require_all, typed_of
from services.portal.pages.routes import page
from services.portal.refusals import words_of
from services.portal.rendering import go, is_htmx, portal_of, show, visitor_of, words_for
from services.portal.statuses import GROUNDS, INITIATIVES
from services.portal.words import N_, as_local

LIMIT = 50
SECRETARIAT = ("administrator", "council_secretary")

CASE = Group(
    N_("The case"),
    (
        Field("ground", N_("Ground"), "radio", choices=GROUNDS),
        Field("initiative", N_("At whose wish"), "radio", choices=INITIATIVES),
        Field(
            "initiator_id",
            N_("Which member wishes it"),
            "choice",
            hint=N_("Only where it is a member's wish, and not the head's."),
            is_needed=False,
        ),
        Field(
            "evidence",
            N_("Evidence"),
            "long",
            hint=N_("What happened, when, and how it is known. The member reads it."),
            length_max=2000,
        ),
        Field(
            "answer_until_on",
            N_("Last day to answer"),
            "day",
            hint=N_("Left empty, it is what the council has set: ten working days at first."),
            is_needed=False,
        ),
    ),
)


async def cases(request: Request) -> Response:
    """Cases: for the secretariat of every member, for others those about their own."""
    portal, visitor = portal_of(request), visitor_of(request)
    cursor = request.query_params.get("cursor")
    found, members = await together(
        part(portal.api.get("/membership/cases", visitor.token, cursor=cursor, limit=LIMIT)),
        portal.directory.members(),
    )
    return show(
        request,
        "cases/rows.html" if is_htmx(request) and cursor else "cases/list.html",
        found=found,
        members=members,
        is_secretariat=visitor.may(*SECRETARIAT),
    )


async def new_case(request: Request) -> Response:
    """The form of a case about one member."""
    return await _form(request, typed_of([CASE], request.query_params))


async def open_case(request: Request) -> Response:
    """Opens the case: the member is given notice by that."""
    said = await request.form()
    words = words_for(request)
    typed = typed_of([CASE], said)
    require_all([CASE], typed, words)
    if typed["initiative"] == "member" and not typed["initiator_id"]:
        typed.errors["initiator_id"] = words.text("Choose an organisation from the list.")
    if typed.errors:
        return await _form(request, typed, 422)
    body = {each.name: typed.said(each.name) for each in CASE.fields}
    if typed["initiative"] == "head":
        body["initiator_id"] = None
    member_id = request.path_params["member_id"]
    try:
        made = await portal_of(request).api.post(
            f"/membership/members/{member_id}/cases", visitor_of(request).token, body
        )
    except Problem as problem:
        if problem.status in (401, 403, 404):
            raise
        faults = {str(each.get("at")) for each in problem.errors}
        if "body.answer_until_on" in faults:
            typed.errors["answer_until_on"] = words.text(
                "The member has at least the time that the council has set, and a year at most."
            )
            return await _form(request, typed, problem.status)
        sentence = put_errors(typed, [CASE], problem, words)
        return await _form(request, typed, problem.status, sentence)
    except Asleep:
        return await _form(request, typed, 503, words_of(words, "unavailable"))
    return go(request, f"/members/cases/{made['id']}")


async def _form(
    request: Request, typed: Typed, status: int = 200, sentence: str | None = None
) -> Response:
    portal, visitor = portal_of(request), visitor_of(request)
    member_id = str(request.path_params["member_id"])
    card, members = await together(
        portal.api.get(f"/membership/members/{member_id}", visitor.token),
        portal.directory.members(),
    )
    others = {
        each["id"]: each["name"]
        for each in members.values()
        if each["id"] != member_id and each["status"] != "withdrawn"
    }
    return show(
        request,
        "cases/new.html",
        status,
        card=card,
        group=CASE.with_choices("initiator_id", others),
        typed=typed,
        sentence=sentence,
        may_open=visitor.may(*SECRETARIAT),
    )


async def case(request: Request) -> Response:
    """One case: who must act, the evidence, the answer, and what happened."""
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
    reply, members = await together(
        portal.api.send(
            "GET", f"/membership/cases/{request.path_params['case_id']}", visitor.token
        ),
        portal.directory.members(),
    )
    found = reply.body
    card = await part(portal.api.get(f"/membership/members/{found['member_id']}", visitor.token))
    is_own = found["member_id"] == visitor.member_id
    is_open = found["status"] in ("notified", "ready")
    return show(
        request,
        "cases/one.html",
        status,
        case=found,
        etag=reply.headers.get("etag", ""),
        members=members,
        card=card,
        is_own=is_own,
        may_answer=is_own and is_open and found["answer"] is None and visitor.may("coordinator"),
        may_drop=is_open and visitor.may(*SECRETARIAT),
        is_late=as_local(portal.clock()).date() > date.fromisoformat(found["answer_until_on"]),
        sentence=sentence,
        step=step,
        typed=typed,
    )


async def answer(request: Request) -> Response:
    """The member's answer goes on the file, once."""
    return await _take(request, "answer", "answer", N_("Write the answer: the council reads it."))


async def drop(request: Request) -> Response:
    """The secretariat drops the case, with the reason."""
    return await _take(request, "close", "reason", N_("Say why the case is dropped."))


async def _take(request: Request, step: str, name: str, missing: str) -> Response:
    form = await request.form()
    words = words_for(request)
    case_id = request.path_params["case_id"]
    typed = str(form.get(name, "")).strip()
    asked: dict[str, Any] = {"step": step, "typed": typed}
    if not typed:
        return await _show(request, 422, sentence=words.text(missing), **asked)
    try:
        await portal_of(request).api.send(
            "POST",
            f"/membership/cases/{case_id}/{step}",
            visitor_of(request).token,
            body={name: typed},
            if_match=str(form.get("etag", "")) or None,
        )
    except Problem as problem:
        if problem.status in (401, 403, 404):
            raise
        sentence = words_of(words, problem.code, problem.facts)
        return await _show(request, problem.status, sentence=sentence, **asked)
    except Asleep:
        return await _show(request, 503, sentence=words_of(words, "unavailable"), **asked)
    return go(request, f"/members/cases/{case_id}")


ROUTES = [
    page("/members/cases", cases),
    page("/members/{member_id:uuid}/cases/new", new_case),
    page("/members/{member_id:uuid}/cases/new", open_case, ["POST"]),
    page("/members/cases/{case_id:uuid}", case),
    page("/members/cases/{case_id:uuid}/answer", answer, ["POST"]),
    page("/members/cases/{case_id:uuid}/close", drop, ["POST"]),
]
