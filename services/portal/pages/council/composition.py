"""The composition of the council: who sits in it for whom, duties of members, groups, and the rules in force."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from services.portal.client import Asleep, Problem, part, together
from services.portal.council import DUTIES, PARAMETERS, QUOTAS
from services.portal.forms import Field, Group, Typed, put_errors, require_all, typed_of
from services.portal.pages.council.names import OFFICE, names_for
from services.portal.pages.routes import page
from services.portal.pages.steps import No, asked
from services.portal.rendering import go, portal_of, show, visitor_of, words_for
from services.portal.words import N_, as_local, person

SEAT = Group(
    N_("The seat"),
    (
        Field("person_id", N_("Who sits"), "choice"),
        Field("quota", N_("For which group"), "choice", choices=QUOTAS, is_half=True),
        Field("duty", N_("Duty"), "choice", choices=DUTIES, is_half=True),
        Field(
            "without_vote",
            N_("Without a vote"),
            "check",
            hint=N_("Only the secretary can sit without one."),
            is_needed=False,
        ),
        Field("from_on", N_("First day"), "day", is_half=True),
        Field("until_on", N_("Last day"), "day", is_needed=False, is_half=True),
        Field(
            "instead_of_id",
            N_("In place of"),
            "choice",
            hint=N_("That seat ends the day before."),
            is_needed=False,
        ),
        Field(
            "basis",
            N_("Basis"),
            hint=N_("The decision of the council or the order, with its number and date."),
            length_max=500,
        ),
    ),
)


async def composition(request: Request) -> Response:
    """Who sits in the council on a day, and what it lacks."""
    portal, token = portal_of(request), visitor_of(request).token
    on = request.query_params.get("on") or None
    found, duties, groups, names = await together(
        part(_on_a_day(request, on)),
        part(portal.api.get("/council/duties", token, limit=100)),
        part(portal.api.get("/council/groups", token, is_open=True, limit=100)),
        names_for(request),
    )
    return show(
        request,
        "council/composition.html",
        found=found,
        duties=duties,
        groups=groups,
        names=names,
        on=on or "",
        may_seat=visitor_of(request).may(*OFFICE),
    )


async def _on_a_day(request: Request, on: str | None) -> Any:
    portal, token = portal_of(request), visitor_of(request).token
    try:
        return await portal.api.get("/council/composition", token, on=on)
    except Problem as problem:
        if problem.status != 422 or on is None:
            raise
        return await portal.api.get("/council/composition", token)


# --- seats ---------------------------------------------------------------------------------------


async def choose_member(request: Request) -> Response:
    """For which member somebody is to sit: the first question of a new seat."""
    members = await portal_of(request).directory.members()
    return show(
        request,
        "council/seat_member.html",
        members=[each for each in members.values() if each["status"] != "withdrawn"],
        may_seat=visitor_of(request).may(*OFFICE),
    )


async def new_seat(request: Request) -> Response:
    """The form of a seat for one member, with its people to choose from."""
    member = await _member(request)
    today = as_local(portal_of(request).clock()).date()
    usual = {"quota": member["kind"], "duty": "member", "from_on": today.isoformat()}
    return await _seat_form(request, typed_of([SEAT], {**usual, **request.query_params}))


async def take_seat(request: Request) -> Response:
    """Gives the seat; the person has the roles of the duty from its first day on."""
    said = await request.form()
    words = words_for(request)
    typed = typed_of([SEAT], said)
    require_all([SEAT], typed, words)
    if typed.errors:
        return await _seat_form(request, typed, 422)
    body = {
        **{each.name: typed.said(each.name) for each in SEAT.fields if each.kind != "check"},
        "has_vote": not typed["without_vote"],
        "member_id": str(request.path_params["member_id"]),
    }
    done = await asked(request, "/council/seats", body)
    if isinstance(done, No):
        sentence = put_errors(typed, [SEAT], done.problem, words) if done.problem else done.sentence
        return await _seat_form(request, typed, done.status, sentence)
    portal_of(request).directory.forget()
    return go(request, "/council/composition")


async def _member(request: Request) -> Any:
    member_id = request.path_params["member_id"]
    return await portal_of(request).api.get(f"/membership/members/{member_id}")


async def _seat_form(
    request: Request, typed: Typed, status: int = 200, sentence: str | None = None
) -> Response:
    portal, token = portal_of(request), visitor_of(request).token
    member_id = request.path_params["member_id"]
    member, people, found, names = await together(
        _member(request),
        portal.api.every(f"/membership/members/{member_id}/representatives", token),
        part(portal.api.get("/council/composition", token)),
        names_for(request),
    )
    seats = [] if isinstance(found, Asleep) else found["seats"]
    group = SEAT.with_choices(
        "person_id", {each["person_id"]: person(each) for each in people}
    ).with_choices("instead_of_id", {each["id"]: names.seat(each["id"]) for each in seats})
    return show(
        request,
        "council/seat_form.html",
        status,
        member=member,
        group=group,
        typed=typed,
        sentence=sentence,
        may_seat=visitor_of(request).may(*OFFICE),
    )


async def seat(request: Request) -> Response:
    """One seat, and where it may be vacated."""
    return await _seat(request)


async def vacate(request: Request) -> Response:
    """Vacates the seat, with the reason."""
    form = await request.form()
    words = words_for(request)
    typed = {name: str(form.get(name, "")).strip() for name in ("until_on", "reason")}
    errors = {name: words.text("Fill this in.") for name, text in typed.items() if not text}
    if errors:
        return await _seat(request, 422, typed=typed, errors=errors)
    seat_id = request.path_params["seat_id"]
    done = await asked(request, f"/council/seats/{seat_id}/vacate", typed)
    if isinstance(done, No):
        if "until_on" in done.faults:
            fault = words.text("Choose today or a later day, within a year.")
            return await _seat(request, done.status, typed=typed, errors={"until_on": fault})
        return await _seat(request, done.status, typed=typed, sentence=done.sentence)
    portal_of(request).directory.forget()
    return go(request, f"/council/seats/{seat_id}")


async def _seat(
    request: Request,
    status: int = 200,
    *,
    typed: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    sentence: str | None = None,
) -> Response:
    portal, visitor = portal_of(request), visitor_of(request)
    seat_id = request.path_params["seat_id"]
    found, names = await together(
        portal.api.get(f"/council/seats/{seat_id}", visitor.token), names_for(request)
    )
    today = as_local(portal.clock()).date().isoformat()
    return show(
        request,
        "council/seat.html",
        status,
        seat=found,
        names=names,
        typed=typed or {"until_on": today, "reason": ""},
        errors=errors or {},
        sentence=sentence,
        is_over=found["until_on"] is not None and found["until_on"] < today,
        may_seat=visitor.may(*OFFICE),
    )


# --- what else was shared out --------------------------------------------------------------------


async def group(request: Request) -> Response:
    """A working group: what it is for, and who is in it."""
    portal, token = portal_of(request), visitor_of(request).token
    found, names = await together(
        portal.api.get(f"/council/groups/{request.path_params['group_id']}", token),
        names_for(request),
    )
    return show(request, "council/group.html", group=found, names=names)


async def parameters(request: Request) -> Response:
    """What the council has set of what the regulation leaves open, and on which decision it stands."""
    portal, token = portal_of(request), visitor_of(request).token
    found, history = await together(
        part(portal.api.get("/council/parameters", token)),
        part(portal.api.get("/council/parameters/history", token)),
    )
    return show(
        request,
        "council/parameters.html",
        found=found,
        rules=[] if isinstance(found, Asleep) else sorted(found["items"], key=_place),
        history=history,
    )


def _place(rule: Any) -> int:
    """Where a rule stands among those that have names here; one without a name comes last."""
    names = list(PARAMETERS)
    return names.index(rule["name"]) if rule["name"] in PARAMETERS else len(names)


ROUTES = [
    page("/council/composition", composition),
    page("/council/seats/new", choose_member),
    page("/council/seats/new/{member_id:uuid}", new_seat),
    page("/council/seats/new/{member_id:uuid}", take_seat, ["POST"]),
    page("/council/seats/{seat_id:uuid}", seat),
    page("/council/seats/{seat_id:uuid}/vacate", vacate, ["POST"]),
    page("/council/groups/{group_id:uuid}", group),
    page("/council/parameters", parameters),
]
