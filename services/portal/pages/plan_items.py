"""An item of the annual plan: put forward, mended, consented to, left out, reported on."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from services.portal.client import Asleep, Problem, part, together
from services.portal.forms import Field, Group, Typed, put_errors, require_all, typed_of
from services.portal.pages.plans import OFFICE, UNCHANGED_ANSWERS
from services.portal.pages.routes import page
from services.portal.periods import period_words, periods_of
from services.portal.plan_statuses import FIELDS, SECTIONS, SOURCES
from services.portal.refusals import words_of
from services.portal.rendering import go, portal_of, show, visitor_of, words_for
from services.portal.words import N_, Words

KOPECKS_MAX = 100_000_000_000
WHAT = Group(
    N_("What and when"),
    (
        Field("section", FIELDS["section"], "choice", choices=SECTIONS),
        Field("title", FIELDS["title"], "long", length_max=500),
        Field("period", FIELDS["period"], "choice", is_half=True),
        Field(
            "on",
            N_("Or on a day"),
            "day",
            hint=N_("Only where the day is known; then it counts."),
            is_needed=False,
            is_half=True,
        ),
        Field(
            "form",
            FIELDS["form"],
            hint=N_("A seminar, a championship, a course …"),
            is_needed=False,
            is_half=True,
        ),
        Field("place", FIELDS["place"], is_needed=False, is_half=True),
        Field(
            "basis",
            FIELDS["basis"],
            hint=N_("A clause of the regulation or a decision."),
            is_needed=False,
            is_half=True,
        ),
    ),
)
WHO = Group(
    N_("Who"),
    (
        Field("responsible_member_id", FIELDS["responsible_member_id"], "choice"),
        Field("audience", FIELDS["audience"], is_needed=False, is_half=True),
        Field(
            "planned_count",
            FIELDS["planned_count"],
            "digits",
            is_needed=False,
            is_half=True,
            length_max=7,
        ),
    ),
    hint=N_("Every organisation that is named is asked, and consents for itself."),
)
RESULT = Group(
    N_("What comes of it"),
    (
        Field("result", FIELDS["result"], "long", length_max=2000),
        Field(
            "indicator",
            FIELDS["indicator"],
            hint=N_("What is counted, with its unit and the planned value."),
            is_needed=False,
        ),
        Field("unit", FIELDS["unit"], is_needed=False, is_half=True),
        Field(
            "planned_value",
            FIELDS["planned_value"],
            "digits",
            is_needed=False,
            is_half=True,
            length_max=7,
        ),
    ),
)
MONEY = Group(
    N_("Money"),
    (
        Field("source", FIELDS["source"], "choice", is_needed=False, choices=SOURCES, is_half=True),
        Field(
            "amount",
            FIELDS["amount_kopecks"],
            hint=N_("In rubles, such as 450000 or 450000,50."),
            is_needed=False,
            is_half=True,
            length_max=16,
        ),
        Field(
            "payer_member_id",
            FIELDS["payer_member_id"],
            "choice",
            hint=N_("Left open, it is the money of who answers."),
            is_needed=False,
        ),
    ),
    hint=N_("An intention: nobody owes anything from it, and nobody promises for another."),
)
GROUPS = (WHAT, WHO, RESULT, MONEY)
NUMBERS = ("planned_count", "planned_value")
FORM_NAMES = {"amount_kopecks": "amount"}
"""What the form calls a field of the API."""

OWN_NAMES = ("amount", "on")
"""Fields of the form that the API has not."""

QUESTIONS = {
    "consent": "",
    "decline": N_("Say why your organisation does not consent."),
    "refuse": N_("Say why the item is left out."),
    "accept-report": "",
    "return-report": N_("Say what is missing in the report."),
}
"""The steps of an item; those with a question are asked with a reason."""


# --- one item ----------------------------------------------------------------------------------


async def item(request: Request) -> Response:
    """One item: what is planned, who consents, what came of it."""
    return await _show(request)


async def _show(
    request: Request, status: int = 200, *, sentence: str = "", step: str = "", typed: str = ""
) -> Response:
    portal, visitor = portal_of(request), visitor_of(request)
    number = request.query_params.get("number", "")
    asked = number if number.isascii() and number.isdigit() and len(number) < 5 else None
    reply, members = await together(
        portal.api.send(
            "GET",
            f"/council/plan-items/{request.path_params['item_id']}",
            visitor.token,
            query={"number": asked},
        ),
        portal.directory.members(),
    )
    found = reply.body
    plan = await portal.api.get(f"/council/plans/{found['plan_id']}", visitor.token)
    is_waiting = found["number"] == plan["waiting_number"]
    own = next((each for each in found["consents"] if each["member_id"] == visitor.member_id), None)
    is_coordinator = visitor.may("coordinator")
    is_own = visitor.member_id in (found["proposed_by_member_id"], found["responsible_member_id"])
    report = found["report"]
    may_report = (
        is_coordinator
        and found["status"] is not None
        and plan["status"] == "in_force"
        and found["responsible_member_id"] == visitor.member_id
        and (
            report is None
            or report["status"] == "returned"
            or (report["status"] == "accepted" and report["outcome"] == "moved")
        )
    )
    words = words_for(request)
    return show(
        request,
        "plans/item.html",
        status,
        item=found,
        plan=plan,
        etag=reply.headers.get("etag", ""),
        members=members,
        responsible=await _person(request, found),
        own=own if is_coordinator and is_waiting and found["refusal"] is None else None,
        may_edit=is_waiting and (visitor.may(*OFFICE) or (is_own and is_coordinator)),
        may_refuse=is_waiting and found["refusal"] is None and visitor.may(*OFFICE),
        may_report=may_report,
        may_answer=visitor.may(*OFFICE)
        and found["status"] is not None
        and report is not None
        and report["status"] == "submitted",
        period=lambda text: period_words(words, text),
        sentence=sentence,
        step=step,
        typed=typed,
    )


async def _person(request: Request, found: Mapping[str, Any]) -> Any:
    """The person who answers, where the visitor may know people of that member."""
    visitor = visitor_of(request)
    person_id = found["responsible_person_id"]
    if person_id is None or found["responsible_member_id"] != visitor.member_id:
        return None
    people = await _own_people(request)
    return people.get(person_id)


async def _own_people(request: Request) -> dict[str, Any]:
    """The people of the own member by id; none where the visitor may not see them."""
    visitor = visitor_of(request)
    if not visitor.may("coordinator"):
        return {}
    asking = portal_of(request).api.every("/membership/accounts", visitor.token)
    found = await part(asking)
    return {} if isinstance(found, Asleep) else {each["person_id"]: each for each in found}


async def take_step(request: Request) -> Response:
    """A step of the item by whoever may take it; a no is said where it was asked for."""
    step = str(request.path_params["step"])
    if step not in QUESTIONS:
        raise Problem(404, "not-found", "")
    form = await request.form()
    words = words_for(request)
    typed = str(form.get("reason", "")).strip()
    if QUESTIONS[step] and not typed:
        return await _show(request, 422, sentence=words.text(QUESTIONS[step]), step=step)
    item_id = request.path_params["item_id"]
    try:
        await portal_of(request).api.send(
            "POST",
            f"/council/plan-items/{item_id}/{step}",
            visitor_of(request).token,
            body={"reason": typed} if QUESTIONS[step] else None,
            if_match=str(form.get("etag", "")) or None,
        )
    except Problem as problem:
        if problem.status in UNCHANGED_ANSWERS:
            raise
        sentence = words_of(words, problem.code, problem.facts)
        return await _show(request, problem.status, sentence=sentence, step=step, typed=typed)
    except Asleep:
        sentence = words_of(words, "unavailable")
        return await _show(request, 503, sentence=sentence, step=step, typed=typed)
    return go(request, f"/council/plan-items/{item_id}")


# --- putting forward and mending ---------------------------------------------------------------


async def new_item(request: Request) -> Response:
    """The form of an item, with the own member as who answers."""
    visitor = visitor_of(request)
    plan = await _plan(request, request.path_params["plan_id"])
    typed = typed_of(GROUPS, request.query_params)
    typed.values.setdefault("responsible_member_id", "")
    if not typed["responsible_member_id"]:
        typed.values["responsible_member_id"] = visitor.member_id or ""
    return await _form(request, plan, typed, [])


async def propose(request: Request) -> Response:
    """Puts the item forward; a no is said beside what was typed."""
    plan = await _plan(request, request.path_params["plan_id"])
    form = await request.form()
    return await _send(request, plan, form, "POST", f"/council/plans/{plan['id']}/items", None)


async def edit_item(request: Request) -> Response:
    """The form with what the item says now."""
    visitor = visitor_of(request)
    reply = await portal_of(request).api.send(
        "GET", f"/council/plan-items/{request.path_params['item_id']}", visitor.token
    )
    found = reply.body
    plan = await _plan(request, found["plan_id"])
    is_day = found["period_kind"] == "date"
    said = {
        **found,
        "amount": _rubles(found["amount_kopecks"]),
        "period": None if is_day else found["period"],
        "on": found["period"] if is_day else None,
    }
    typed = typed_of(GROUPS, {name: "" if text is None else text for name, text in said.items()})
    typed.values["responsible_person_id"] = found["responsible_person_id"] or ""
    return await _form(
        request, plan, typed, found["co_executor_ids"], found, etag=reply.headers.get("etag", "")
    )


async def mend(request: Request) -> Response:
    """Mends the item; a no is said beside what was typed."""
    item_id = request.path_params["item_id"]
    found = await portal_of(request).api.get(
        f"/council/plan-items/{item_id}", visitor_of(request).token
    )
    plan = await _plan(request, found["plan_id"])
    form = await request.form()
    return await _send(request, plan, form, "PUT", f"/council/plan-items/{item_id}", found)


async def _plan(request: Request, plan_id: Any) -> Any:
    return await portal_of(request).api.get(f"/council/plans/{plan_id}", visitor_of(request).token)


async def _send(
    request: Request, plan: Any, form: FormData, method: str, path: str, found: Any
) -> Response:
    words = words_for(request)
    typed = typed_of(GROUPS, form)
    typed.values["responsible_person_id"] = str(form.get("responsible_person_id", ""))
    helpers = [str(each) for each in form.getlist("co_executor_ids")]
    etag = str(form.get("etag", ""))
    require_all(GROUPS, typed, words)
    body = _body(typed, helpers, words)
    if typed.errors:
        return await _form(request, plan, typed, helpers, found, 422, etag=etag)
    try:
        reply = await portal_of(request).api.send(
            method, path, visitor_of(request).token, body=body, if_match=etag or None
        )
    except Problem as problem:
        if problem.status in UNCHANGED_ANSWERS and problem.code != "plan-not-yours":
            raise
        sentence = put_errors(typed, GROUPS, renamed(problem, FORM_NAMES), words)
        return await _form(
            request, plan, typed, helpers, found, problem.status, sentence or "", etag=etag
        )
    except Asleep:
        sentence = words_of(words, "unavailable")
        return await _form(request, plan, typed, helpers, found, 503, sentence, etag=etag)
    return go(request, f"/council/plan-items/{reply.body['id']}")


def _body(typed: Typed, helpers: Sequence[str], words: Words) -> dict[str, Any]:
    """What the API is asked; notes beside its field what is no number or no sum."""
    names = [each.name for group in GROUPS for each in group.fields]
    body: dict[str, Any] = {name: typed.said(name) for name in names if name not in OWN_NAMES}
    body["period"] = typed.said("on") or typed.said("period")
    if body["period"] is None:
        typed.errors["period"] = words.text("Choose when, or a day.")
    else:
        typed.errors.pop("period", None)
    for name in NUMBERS:
        body[name] = whole(typed, name, words)
    body["amount_kopecks"] = kopecks(typed, "amount", words)
    body["co_executor_ids"] = list(dict.fromkeys(helpers))
    body["responsible_person_id"] = typed.said("responsible_person_id")
    return body


def renamed(problem: Problem, names: Mapping[str, str]) -> Problem:
    """The problem with its fields called as the form calls them."""
    errors = [
        {**error, "at": f"body.{names.get(at, at)}"}
        for error in problem.errors
        if (at := str(error.get("at", "")).removeprefix("body.")) is not None
    ]
    return replace(problem, facts={**problem.facts, "errors": errors})


def whole(typed: Typed, name: str, words: Words) -> int | None:
    """The whole number that was typed; what is none is noted beside its field."""
    text = "".join(typed[name].split())
    if not text:
        return None
    if not (text.isascii() and text.isdigit()):
        typed.errors[name] = words.text("A whole number is needed here.")
        return None
    return int(text)


def kopecks(typed: Typed, name: str, words: Words) -> int | None:
    """The sum in rubles that was typed, in kopecks; what is none is noted beside its field."""
    text = "".join(typed[name].split()).replace("₽", "").replace(",", ".")
    if not text:
        return None
    rubles, _, rest = text.partition(".")
    is_sum = rubles.isascii() and rubles.isdigit() and len(rest) <= 2
    if not is_sum or (rest and not (rest.isascii() and rest.isdigit())):
        typed.errors[name] = words.text("A sum in rubles is needed here, such as 1647,50.")
        return None
    kopecks = int(rubles) * 100 + int(rest.ljust(2, "0") or 0)
    if kopecks > KOPECKS_MAX:
        typed.errors[name] = words.text("This number is too large.")
    return kopecks


def _rubles(kopecks: int | None) -> str | None:
    return None if kopecks is None else f"{kopecks // 100},{kopecks % 100:02}"


async def _form(
    request: Request,
    plan: Any,
    typed: Typed,
    helpers: Sequence[str],
    found: Any = None,
    status: int = 200,
    sentence: str = "",
    *,
    etag: str = "",
) -> Response:
    portal, visitor = portal_of(request), visitor_of(request)
    members = await portal.directory.members()
    names = {each["id"]: each["name"] for each in members.values() if each["status"] != "withdrawn"}
    words = words_for(request)
    groups = [
        WHAT.with_choices("period", periods_of(words, plan["year"])),
        WHO.with_choices("responsible_member_id", names),
        RESULT,
        MONEY.with_choices("payer_member_id", names),
    ]
    return show(
        request,
        "plans/item_form.html",
        status,
        plan=plan,
        item=found,
        groups=groups,
        typed=typed,
        helpers=helpers,
        names=names,
        people=await _own_people(request),
        etag=etag,
        may_propose=visitor.may("coordinator", *OFFICE),
        sentence=sentence,
    )


ROUTES = [
    page("/council/plans/{plan_id:uuid}/items/new", new_item),
    page("/council/plans/{plan_id:uuid}/items/new", propose, ["POST"]),
    page("/council/plan-items/{item_id:uuid}", item),
    page("/council/plan-items/{item_id:uuid}/edit", edit_item),
    page("/council/plan-items/{item_id:uuid}/edit", mend, ["POST"]),
    page("/council/plan-items/{item_id:uuid}/{step}", take_step, ["POST"]),
]
