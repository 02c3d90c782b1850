"""Items of an agenda: taken from what is ready, from a proposal or from neither, and taken off again."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from services.portal.client import Asleep, Problem, part, together
from services.portal.council import DECISION_KINDS, FORCES, ITEM_KINDS, PARAMETERS
from services.portal.forms import Field, Group, Typed, put_errors, require_all, typed_of
from services.portal.pages.council.names import COUNCIL, OFFICE, names_for
from services.portal.pages.routes import page
from services.portal.pages.steps import No, asked
from services.portal.rendering import go, portal_of, show, visitor_of, words_for
from services.portal.words import N_

FILE_NAME_LENGTH_MAX = 200

ITEM = Group(
    N_("The item"),
    (
        Field("title", N_("What it is called")),
        Field("kind", N_("What is done with it"), "choice", choices=ITEM_KINDS, is_half=True),
        Field(
            "decision_kind",
            N_("What the decision does"),
            "choice",
            is_needed=False,
            choices=DECISION_KINDS,
            is_half=True,
        ),
        Field("force", N_("Force"), "choice", choices=FORCES, is_half=True),
        Field(
            "minutes", N_("Minutes it takes"), "digits", is_needed=False, length_max=3, is_half=True
        ),
        Field("speaker", N_("Who speaks"), is_needed=False),
        Field(
            "draft_text",
            N_("Draft of the decision"),
            "long",
            is_needed=False,
            length_max=10_000,
        ),
    ),
)
MORE = Group(
    N_("What the decision needs"),
    (
        Field("parameter", N_("Which rule"), "choice", is_needed=False, choices=PARAMETERS),
        Field("value", N_("Its value"), is_needed=False, length_max=20, is_half=True),
        Field("subject_id", N_("Which plan"), "choice", is_needed=False, is_half=True),
        Field("responsible_member_id", N_("Who carries it out"), "choice", is_needed=False),
        Field("due_on", N_("Last day"), "day", is_needed=False, is_half=True),
        Field("addressee_ids", N_("For whom it is"), "many", is_needed=False),
    ),
)


async def new_item(request: Request) -> Response:
    """The form of an item, filled in from what it stands on."""
    query = request.query_params
    usual: dict[str, str] = {"kind": "decision", "force": "binding"}
    if query.get("proposal_id"):
        usual |= await _of_proposal(request, query["proposal_id"])
    elif query.get("matter_id"):
        usual |= await _of_matter(request, query["matter_id"], query.get("decision_kind", ""))
    elif query.get("plan_id"):
        usual |= {
            "decision_kind": "approve_plan",
            "kind": "approval",
            "subject_id": query["plan_id"],
            "title": words_for(request).text("Approval of the annual plan"),
        }
    return await _form(request, typed_of([ITEM, MORE], usual), _stands_on(query))


def _stands_on(said: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(said.get(name, "")) for name in ("proposal_id", "matter_id")}


async def _of_proposal(request: Request, proposal_id: str) -> dict[str, str]:
    found = await portal_of(request).api.get(
        f"/council/proposals/{proposal_id}", visitor_of(request).token
    )
    kind = found["decision_kind"] or "recommend"
    return {
        "title": found["title"],
        "draft_text": found["draft_text"] or "",
        "decision_kind": kind,
        "force": "recommendation" if kind == "recommend" else "binding",
        "parameter": found["parameter"] or "",
        "value": found["value"] or "",
    }


async def _of_matter(request: Request, matter_id: str, wished: str) -> dict[str, str]:
    """What an application or a case of exclusion puts to the decision."""
    portal, token = portal_of(request), visitor_of(request).token
    words = words_for(request)
    found = await portal.api.get("/council/matters", token, limit=200)
    matter = next((each for each in found["items"] if each["id"] == matter_id), None)
    if matter is None:
        return {}
    if matter["kind"] == "application":
        name = await _name_of(request, matter_id)
        return {
            "decision_kind": "admit",
            "title": words.text("Admission: %(name)s", name=name),
            "draft_text": words.text("Admit to the cluster: %(name)s.", name=name),
        }
    names = await names_for(request)
    name = names.member(matter["member_id"])
    is_suspension = wished == "suspend"
    title = N_("Suspension: %(name)s") if is_suspension else N_("Exclusion: %(name)s")
    return {
        "kind": "exclusion",
        "decision_kind": "suspend" if is_suspension else "exclude",
        "title": words.text(title, name=name),
    }


async def _name_of(request: Request, application_id: str) -> str:
    """The name of the applicant, where the visitor may know it."""
    try:
        found = await portal_of(request).api.get(
            f"/membership/applications/{application_id}", visitor_of(request).token
        )
    except (Problem, Asleep):
        return "—"
    return str(found["name"])


async def add_item(request: Request) -> Response:
    """Takes it to the agenda."""
    said = await request.form()
    typed = typed_of([ITEM, MORE], said)
    meeting_id = request.path_params["meeting_id"]
    done = await _ask(request, f"/council/meetings/{meeting_id}/items", typed, _stands_on(said))
    if isinstance(done, No):
        return await _form(request, typed, _stands_on(said), done.status, done.sentence)
    return go(request, f"/council/meetings/{meeting_id}")


async def _ask(
    request: Request, path: str, typed: Typed, stands_on: Mapping[str, str], method: str = "POST"
) -> Any:
    """Asks for the item; a No has its words beside the fields already."""
    words = words_for(request)
    require_all([ITEM, MORE], typed, words)
    minutes = typed["minutes"]
    if minutes and not (minutes.isascii() and minutes.isdigit()):
        typed.errors["minutes"] = words.text("A whole number is needed here.")
    if typed.errors:
        return No(422, "")
    plain = [each.name for group in (ITEM, MORE) for each in group.fields if each.kind != "many"]
    body: dict[str, Any] = {
        **{name: typed.said(name) for name in plain},
        "minutes": int(minutes) if minutes else None,
        "addressee_ids": typed.several("addressee_ids"),
        **{name: value or None for name, value in stands_on.items()},
    }
    if body["decision_kind"] == "approve_plan" and body["subject_id"]:
        body["value"] = await _text_of_plan(request, body["subject_id"])
    done = await asked(request, path, body, method=method)
    if isinstance(done, No) and done.problem is not None:
        if done.problem.code == "parameter-wrong":
            typed.errors["value"] = done.sentence
        sentence = put_errors(typed, [ITEM, MORE], done.problem, words)
        return No(done.status, sentence or "", done.problem)
    return done


async def _text_of_plan(request: Request, plan_id: str) -> str | None:
    """The fingerprint of the plan as it lies before the council: exactly that text is approved."""
    try:
        found = await portal_of(request).api.get(
            f"/council/plans/{plan_id}", visitor_of(request).token
        )
    except (Problem, Asleep):
        return None
    return str(found["sha256"])


async def _form(
    request: Request,
    typed: Typed,
    stands_on: Mapping[str, str],
    status: int = 200,
    sentence: str | None = None,
) -> Response:
    portal, visitor = portal_of(request), visitor_of(request)
    meeting_id = request.path_params["meeting_id"]
    found, members, plans, matters, proposals = await together(
        portal.api.get(f"/council/meetings/{meeting_id}", visitor.token),
        portal.directory.members(),
        part(portal.api.get("/council/plans", visitor.token)),
        part(_matters(request)),
        part(portal.api.get("/council/proposals", visitor.token, status="submitted")),
    )
    active = {
        each["id"]: each["name"] for each in members.values() if each["status"] != "withdrawn"
    }
    years = (
        {}
        if isinstance(plans, Asleep)
        else {each["id"]: str(each["year"]) for each in plans["items"]}
    )
    more = (
        MORE.with_choices("responsible_member_id", active)
        .with_choices("addressee_ids", active)
        .with_choices("subject_id", years)
    )
    return show(
        request,
        "council/item_form.html",
        status,
        meeting=found,
        groups=[ITEM, more],
        typed=typed,
        stands_on=stands_on,
        is_bare=not any(stands_on.values()),
        matters=matters,
        proposals=proposals,
        members=members,
        sentence=sentence,
        may_plan=visitor.may(*OFFICE),
    )


async def _matters(request: Request) -> list[Any]:
    """What is ready for an agenda and stands on none yet."""
    if not visitor_of(request).may(*COUNCIL):
        return []
    try:
        found = await portal_of(request).api.get("/council/matters", visitor_of(request).token)
    except Problem as problem:
        if problem.status in (403, 404):
            return []
        raise
    return [
        {**each, "name": await _name_of(request, each["id"])}
        if each["kind"] == "application"
        else each
        for each in found["items"]
        if each["item_id"] is None
    ]


async def remove_item(request: Request) -> Response:
    """Takes the item off the agenda."""
    meeting_id, item_id = (request.path_params[name] for name in ("meeting_id", "item_id"))
    done = await asked(request, f"/council/meetings/{meeting_id}/items/{item_id}", method="DELETE")
    if isinstance(done, No):
        raise done.problem or Asleep("council")
    return go(request, f"/council/meetings/{meeting_id}")


ROUTES = [
    page("/council/meetings/{meeting_id:uuid}/items/new", new_item),
    page("/council/meetings/{meeting_id:uuid}/items/new", add_item, ["POST"]),
    page("/council/meetings/{meeting_id:uuid}/items/{item_id:uuid}/remove", remove_item, ["POST"]),
]
