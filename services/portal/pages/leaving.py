"""How a member leaves (R5.1), what is still open with it, its log, and other ends of it."""

import asyncio
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from services.portal.client import Asleep, Problem, part, together
from services.portal.directory import Items, name_in
from services.portal.faults import said
from services.portal.forms import Field, Group, Typed, put_errors, require_all, typed_of
from services.portal.pages.people import own_people
from services.portal.pages.routes import page
from services.portal.refusals import words_of
from services.portal.rendering import go, is_htmx, portal_of, show, visitor_of, words_for
from services.portal.statuses import AGREEMENT, GROUNDS, LOG_ACTIONS, LOG_FIELDS, LOG_VALUES, ROLES
from services.portal.words import N_, Words, as_local, person

LIMIT = 50
MATTERS = 20
"""So many open things are shown at a time: each is asked of the service that owns it."""

ENDS = {
    "reorganised": N_("Reorganised: another organisation goes on for it"),
    "liquidated": N_("Liquidated: struck off the register"),
}


# --- notice of withdrawal ------------------------------------------------------------------------


async def withdraw_form(request: Request) -> Response:
    """The day from which the member takes no part, and what is still open with it."""
    return await _withdraw(request)


async def withdraw(request: Request) -> Response:
    """Gives notice; nobody's approval is asked (R5.1)."""
    form = await request.form()
    words = words_for(request)
    day = str(form.get("effective_on", ""))
    if not day:
        return await _withdraw(request, 422, day=day, fault=words.text("Choose a date."))
    member_id = request.path_params["member_id"]
    try:
        await portal_of(request).api.send(
            "POST",
            f"/membership/members/{member_id}/withdraw",
            visitor_of(request).token,
            body={"effective_on": day},
            if_match=str(form.get("etag", "")) or None,
        )
    except Problem as problem:
        if problem.status in (401, 403, 404):
            raise
        if problem.errors:
            fault = words.text("Choose today or a later day, within three years.")
            return await _withdraw(request, problem.status, day=day, fault=fault)
        sentence = words_of(words, problem.code, problem.facts)
        return await _withdraw(request, problem.status, day=day, sentence=sentence)
    except Asleep:
        return await _withdraw(request, 503, day=day, sentence=words_of(words, "unavailable"))
    portal_of(request).directory.forget()
    return go(request, f"/members/{member_id}")


async def _withdraw(
    request: Request,
    status: int = 200,
    *,
    day: str | None = None,
    fault: str | None = None,
    sentence: str | None = None,
) -> Response:
    portal, visitor = portal_of(request), visitor_of(request)
    member_id = _own(request)
    reply, matters = await together(
        portal.api.send("GET", f"/membership/members/{member_id}", visitor.token),
        part(
            portal.api.get(f"/membership/members/{member_id}/open-matters", visitor.token, limit=1)
        ),
    )
    return show(
        request,
        "members/withdraw.html",
        status,
        card=reply.body,
        etag=reply.headers.get("etag", ""),
        matters=matters,
        day="" if day is None else day,
        fault=fault,
        sentence=sentence,
        may_withdraw=visitor.may("coordinator"),
        today=as_local(portal.clock()).date(),
    )


def _own(request: Request) -> str:
    """The member of the address, where it is the visitor's own: another's is not theirs to see."""
    member_id = str(request.path_params["member_id"])
    if member_id != visitor_of(request).member_id:
        raise Problem(404, "not-found", "")
    return member_id


# --- what is open --------------------------------------------------------------------------------


async def open_matters(request: Request) -> Response:
    """What is open with the own member, each by its own words; it lives on whoever leaves."""
    portal, visitor = portal_of(request), visitor_of(request)
    member_id = _own(request)
    cursor = request.query_params.get("cursor")
    found, card, workshops, members = await together(
        part(
            portal.api.get(
                f"/membership/members/{member_id}/open-matters",
                visitor.token,
                cursor=cursor,
                limit=MATTERS,
            )
        ),
        portal.api.get(f"/membership/members/{member_id}", visitor.token),
        portal.directory.workshops(),
        portal.directory.members(),
    )
    items = [] if isinstance(found, Asleep) else found["items"]
    things = await asyncio.gather(*(_thing(request, each) for each in items))
    return show(
        request,
        "members/matter_rows.html" if is_htmx(request) and cursor else "members/matters.html",
        card=card,
        found=found,
        lines=list(zip(items, things, strict=True)),
        workshops=workshops,
        members=members,
    )


async def _thing(request: Request, matter: Mapping[str, Any]) -> Any:
    """What is open, as the service that owns it tells; None where it cannot be told."""
    path = "finance/obligations" if matter["kind"] == "obligation" else "workshops/bookings"
    try:
        return await portal_of(request).api.get(
            f"/{path}/{matter['id']}", visitor_of(request).token
        )
    except (Problem, Asleep):
        return None


# --- the log -------------------------------------------------------------------------------------


async def log(request: Request) -> Response:
    """What was changed of the own member, by whom and why; nobody can rewrite it."""
    portal, visitor = portal_of(request), visitor_of(request)
    member_id = _own(request)
    cursor = request.query_params.get("cursor")
    found, card, members, people = await together(
        part(
            portal.api.get(
                f"/membership/members/{member_id}/log", visitor.token, cursor=cursor, limit=LIMIT
            )
        ),
        portal.api.get(f"/membership/members/{member_id}", visitor.token),
        portal.directory.members(),
        _people(request),
    )
    words = words_for(request)
    items = [] if isinstance(found, Asleep) else found["items"]
    return show(
        request,
        "members/log_rows.html" if is_htmx(request) and cursor else "members/log.html",
        card=card,
        found=found,
        lines=[(each, changes_of(each, words, members, people)) for each in items],
        members=members,
        people=people,
        actions=LOG_ACTIONS,
    )


async def _people(request: Request) -> dict[str, str]:
    """Names of the own people by id, for those who may know them."""
    if not visitor_of(request).may("coordinator"):
        return {}
    try:
        found = await own_people(request)
    except (Problem, Asleep):
        return {}
    return {each["person_id"]: person(each) for each in found}


def changes_of(
    line: Mapping[str, Any], words: Words, members: Items, people: Mapping[str, str]
) -> list[tuple[str, str, str]]:
    """What a line says was changed: the thing, how it was, how it is."""
    before, after = line["before"] or {}, line["after"] or {}
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        return []
    found = []
    for name, label in LOG_FIELDS.items():
        if before.get(name) == after.get(name):
            continue
        told = [
            _status_of_agreement(each.get(name), words)
            if name == "status" and line["action"].startswith("agreement.")
            else _value(name, each.get(name), words, members, people)
            for each in (before, after)
        ]
        found.append((words.text(label), *told))
    return [(name, was, is_now) for name, was, is_now in found if (was, is_now) != ("—", "—")]


def _status_of_agreement(value: Any, words: Words) -> str:
    return words.text(AGREEMENT[value].words).lower() if value in AGREEMENT else "—"


def _value(name: str, value: Any, words: Words, members: Items, people: Mapping[str, str]) -> str:
    """A value of the log as a person reads it; an id by the name it stands for."""
    if name == "roles" and isinstance(value, list):
        return ", ".join(words.text(ROLES[role]).lower() for role in value if role in ROLES) or "—"
    if name.endswith("member_id") or name == "successor_id":
        return name_in(members, value)
    if name == "ground":
        return words.text(GROUNDS[value]) if value in GROUNDS else "—"
    if name.endswith("person_id"):
        return people.get(str(value), "—")
    if isinstance(value, bool):
        return words.text("yes") if value else words.text("no")
    if isinstance(value, str) and value in LOG_VALUES:
        return words.text(LOG_VALUES[value])
    return said(value, words)


# --- other ends ----------------------------------------------------------------------------------

END = Group(
    N_("What the register says"),
    (
        Field("kind", N_("What became of it"), "radio", choices=ENDS),
        Field(
            "successor_id",
            N_("Which member goes on for it"),
            "choice",
            hint=N_("Only where it was reorganised."),
            is_needed=False,
        ),
        Field(
            "reason",
            N_("How it is known"),
            "long",
            hint=N_("Such as the entry in the register, with its date."),
            length_max=2000,
        ),
    ),
)


async def end_form(request: Request) -> Response:
    """The form by which the secretariat notes that a member is no more."""
    return await _end(request, Typed({}))


async def end(request: Request) -> Response:
    """Notes it: from today on the organisation takes no part."""
    form = await request.form()
    words = words_for(request)
    typed = typed_of([END], form)
    require_all([END], typed, words)
    if typed["kind"] == "reorganised" and not typed["successor_id"]:
        typed.errors["successor_id"] = words.text("Choose an organisation from the list.")
    if typed.errors:
        return await _end(request, typed, 422)
    body = {each.name: typed.said(each.name) for each in END.fields}
    if typed["kind"] == "liquidated":
        body["successor_id"] = None
    member_id = request.path_params["member_id"]
    try:
        await portal_of(request).api.send(
            "POST",
            f"/membership/members/{member_id}/end",
            visitor_of(request).token,
            body=body,
            if_match=str(form.get("etag", "")) or None,
        )
    except Problem as problem:
        if problem.status in (401, 403, 404):
            raise
        sentence = put_errors(typed, [END], problem, words)
        return await _end(request, typed, problem.status, sentence)
    except Asleep:
        return await _end(request, typed, 503, words_of(words, "unavailable"))
    portal_of(request).directory.forget()
    return go(request, f"/members/{member_id}")


async def _end(
    request: Request, typed: Typed, status: int = 200, sentence: str | None = None
) -> Response:
    portal, visitor = portal_of(request), visitor_of(request)
    member_id = str(request.path_params["member_id"])
    reply, members = await together(
        portal.api.send("GET", f"/membership/members/{member_id}", visitor.token),
        portal.directory.members(),
    )
    names = {
        each["id"]: each["name"]
        for each in members.values()
        if each["id"] != member_id and each["status"] != "withdrawn"
    }
    return show(
        request,
        "members/end.html",
        status,
        card=reply.body,
        etag=reply.headers.get("etag", ""),
        group=END.with_choices("successor_id", names),
        typed=typed,
        sentence=sentence,
        may_end=visitor.may("administrator", "council_secretary"),
    )


ROUTES = [
    page("/members/{member_id:uuid}/withdraw", withdraw_form),
    page("/members/{member_id:uuid}/withdraw", withdraw, ["POST"]),
    page("/members/{member_id:uuid}/open-matters", open_matters),
    page("/members/{member_id:uuid}/log", log),
    page("/members/{member_id:uuid}/end", end_form),
    page("/members/{member_id:uuid}/end", end, ["POST"]),
]
