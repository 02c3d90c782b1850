"""Proposals of members: put before the council, discussed, taken to an agenda or not (R5.1)."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from services.portal.client import part, together
from services.portal.council import PARAMETERS, PROPOSABLE, PROPOSAL
from services.portal.forms import Field, Group, Typed, put_errors, require_all, typed_of
from services.portal.pages.council.names import OFFICE, names_for
from services.portal.pages.routes import page
from services.portal.pages.steps import No, asked
from services.portal.rendering import go, is_htmx, portal_of, show, visitor_of, words_for
from services.portal.words import N_
from shared.ids import new_id

LIMIT = 50
STRANGERS = frozenset({"student", "administrator"})
"""Those of whose roles none speaks for a member in the discussion."""

PROPOSAL_FORM = Group(
    N_("The proposal"),
    (
        Field("title", N_("About what")),
        Field(
            "body",
            N_("What you propose, and why"),
            "long",
            hint=N_("Everybody signed in reads it."),
            length_max=10_000,
        ),
        Field(
            "draft_text",
            N_("Draft of the decision"),
            "long",
            hint=N_("The words that would be voted on."),
            is_needed=False,
            length_max=10_000,
        ),
        Field(
            "decision_kind",
            N_("What it would do"),
            "choice",
            is_needed=False,
            choices=PROPOSABLE,
        ),
        Field("parameter", N_("Which rule"), "choice", is_needed=False, choices=PARAMETERS),
        Field(
            "value",
            N_("Its value"),
            hint=N_("Only where a rule is to be set, such as 7 or 2/3."),
            is_needed=False,
            length_max=20,
        ),
    ),
)


async def proposals(request: Request) -> Response:
    """Proposals of all members, the newest first."""
    portal, visitor = portal_of(request), visitor_of(request)
    query = request.query_params
    status = query.get("status") if query.get("status") in PROPOSAL else None
    is_ours = bool(query.get("ours")) and visitor.member_id is not None
    cursor = query.get("cursor")
    found, members = await together(
        part(
            portal.api.get(
                "/council/proposals",
                visitor.token,
                status=status,
                member_id=visitor.member_id if is_ours else None,
                cursor=cursor,
                limit=LIMIT,
            )
        ),
        portal.directory.members(),
    )
    return show(
        request,
        "council/proposal_rows.html" if is_htmx(request) and cursor else "council/proposals.html",
        found=found,
        members=members,
        state=status,
        is_ours=is_ours,
        states=PROPOSAL,
        may_propose=visitor.may("coordinator"),
    )


async def new_proposal(request: Request) -> Response:
    """The form of a proposal."""
    typed = typed_of([PROPOSAL_FORM], request.query_params)
    return _form(request, typed, str(new_id()))


async def propose(request: Request) -> Response:
    """Puts the proposal before the council, for the own member."""
    said = await request.form()
    words = words_for(request)
    typed, key = typed_of([PROPOSAL_FORM], said), str(said.get("key", "")) or str(new_id())
    require_all([PROPOSAL_FORM], typed, words)
    if typed.errors:
        return _form(request, typed, key, 422)
    body = {each.name: typed.said(each.name) for each in PROPOSAL_FORM.fields}
    done = await asked(request, "/council/proposals", body, key=key)
    if isinstance(done, No):
        if done.problem is None:
            return _form(request, typed, key, done.status, done.sentence)
        sentence = put_errors(typed, [PROPOSAL_FORM], done.problem, words)
        if done.problem.code == "parameter-wrong":
            typed.errors["value"], sentence = done.sentence, None
        return _form(request, typed, key, done.status, sentence)
    return go(request, f"/council/proposals/{done['id']}")


def _form(
    request: Request, typed: Typed, key: str, status: int = 200, sentence: str | None = None
) -> Response:
    return show(
        request,
        "council/proposal_form.html",
        status,
        group=PROPOSAL_FORM,
        typed=typed,
        key=key,
        sentence=sentence,
        may_propose=visitor_of(request).may("coordinator"),
    )


async def proposal(request: Request) -> Response:
    """One proposal with its discussion, and what became of it."""
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
    path = f"/council/proposals/{request.path_params['proposal_id']}"
    reply, remarks, planned, names = await together(
        portal.api.send("GET", path, visitor.token),
        part(portal.api.every(f"{path}/remarks", visitor.token)),
        part(portal.api.get("/council/meetings", visitor.token, status="planned", order="next"))
        if visitor.may(*OFFICE)
        else _nothing(),
        names_for(request),
    )
    found = reply.body
    is_waiting = found["status"] == "submitted"
    return show(
        request,
        "council/proposal.html",
        status,
        proposal=found,
        etag=reply.headers.get("etag", ""),
        remarks=remarks,
        planned=planned,
        names=names,
        may_withdraw=is_waiting
        and found["member_id"] == visitor.member_id
        and visitor.may("coordinator"),
        may_refuse=is_waiting and visitor.may(*OFFICE),
        may_remark=found["status"] in ("submitted", "tabled") and bool(visitor.roles - STRANGERS),
        sentence=sentence,
        step=step,
        typed=typed,
    )


async def _nothing() -> None:
    return None


async def remark(request: Request) -> Response:
    """Joins in the discussion."""
    return await _say(request, "remarks", "words", N_("Write what you want to say."))


async def refuse(request: Request) -> Response:
    """Takes the proposal to no agenda, with a reason that is kept."""
    return await _say(request, "refuse", "reason", N_("Say why: the member reads it."))


async def withdraw(request: Request) -> Response:
    """Takes the own proposal back."""
    form = await request.form()
    path = f"/council/proposals/{request.path_params['proposal_id']}"
    done = await asked(request, f"{path}/withdraw", etag=str(form.get("etag", "")) or None)
    if isinstance(done, No):
        return await _show(request, done.status, sentence=done.sentence)
    return go(request, path)


async def _say(request: Request, step: str, field: str, missing: str) -> Response:
    form = await request.form()
    path = f"/council/proposals/{request.path_params['proposal_id']}"
    typed = str(form.get(field, "")).strip()
    if not typed:
        return await _show(request, 422, sentence=words_for(request).text(missing), step=step)
    body: dict[str, Any] = {field: typed}
    etag = str(form.get("etag", "")) or None if step == "refuse" else None
    done = await asked(request, f"{path}/{step}", body, etag=etag)
    if isinstance(done, No):
        return await _show(request, done.status, sentence=done.sentence, step=step, typed=typed)
    return go(request, path)


ROUTES = [
    page("/council/proposals", proposals),
    page("/council/proposals/new", new_proposal),
    page("/council/proposals/new", propose, ["POST"]),
    page("/council/proposals/{proposal_id:uuid}", proposal),
    page("/council/proposals/{proposal_id:uuid}/remarks", remark, ["POST"]),
    page("/council/proposals/{proposal_id:uuid}/refuse", refuse, ["POST"]),
    page("/council/proposals/{proposal_id:uuid}/withdraw", withdraw, ["POST"]),
]
