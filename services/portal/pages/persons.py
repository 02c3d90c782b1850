"""Persons of the member: who belongs to it as what, found by name, entered, changed and ended."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from services.portal.client import Asleep, Problem, part
from services.portal.pages.routes import page
from services.portal.refusals import words_of
from services.portal.rendering import (
    field_errors,
    go,
    is_htmx,
    portal_of,
    show,
    visitor_of,
    words_for,
)
from services.portal.statuses import AFFILIATION, AFFILIATION_KINDS
from services.portal.words import as_local
from shared.ids import new_id

LIMIT = 50
QUERY_LENGTH_MAX = 200
NAMES = ("family_name", "given_name", "patronymic", "email")
DAYS = ("kind", "unit", "from_on", "to_on")

Ask = Callable[[], Awaitable[None]]
Again = Callable[..., Awaitable[Response]]
"""Shows a form; once more with the status and the sentence of a refusal."""


@dataclass
class Form:
    """What was typed, by the field's name, and what of it is not understood."""

    said: Mapping[str, str]
    errors: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.said.get(name, "")

    def body(self, *names: str) -> dict[str, str | None]:
        """These fields as the API takes them; an empty one is none."""
        return {name: self[name] or None for name in names}


async def typed(request: Request) -> Form:
    """The form that was sent."""
    said = await request.form()
    return Form({name: str(text).strip() for name, text in said.items()})


def require_coordinator(request: Request) -> None:
    """Raises Problem for those whom the service would refuse, before they type anything."""
    if not visitor_of(request).may("coordinator"):
        raise Problem(403, "role-missing", "")


# --- the list ------------------------------------------------------------------------------------


async def persons(request: Request) -> Response:
    """The persons of the own member by name; the filters of kind and state stand in the address."""
    require_coordinator(request)
    return await _list(request, Form(dict(request.query_params)))


async def search(request: Request) -> Response:
    """The same for a name that is looked for, which stands in no address."""
    require_coordinator(request)
    return await _list(request, await typed(request))


async def _list(request: Request, form: Form) -> Response:
    kind = form["kind"] if form["kind"] in AFFILIATION_KINDS else None
    state = form["state"] if form["state"] in AFFILIATION else None
    q, cursor = form["q"][:QUERY_LENGTH_MAX], form["cursor"] or None
    wanted: dict[str, Any] = {"kind": kind, "status": state, "cursor": cursor, "limit": LIMIT}
    api, token = portal_of(request).api, visitor_of(request).token
    if q:
        asking = api.post("/membership/persons/search", token, {"q": q, **wanted})
    else:
        asking = api.get("/membership/persons", token, **wanted)
    is_more = is_htmx(request) and cursor is not None
    return show(
        request,
        "persons/rows.html" if is_more else "persons/list.html",
        found=await part(asking),
        filters={"q": q, "kind": kind or "", "state": state or ""},
        kinds=AFFILIATION_KINDS,
        states=AFFILIATION,
    )


# --- one person ----------------------------------------------------------------------------------


async def person(request: Request) -> Response:
    """What is known of a person, and as what they belong to the member."""
    return show(request, "persons/one.html", person=await person_of(request))


async def person_of(request: Request) -> Any:
    """The person of the address; raises Problem for who is no coordinator, or keeps nobody so."""
    require_coordinator(request)
    return await portal_of(request).api.get(
        f"/membership/persons/{request.path_params['known_id']}", visitor_of(request).token
    )


def _address(request: Request) -> str:
    return f"/members/persons/{request.path_params['known_id']}"


async def send_form(
    request: Request,
    form: Form,
    ask: Ask,
    again: Again,
    to: str,
) -> Response:
    """Asks for what the form wants and goes on, or shows the form once more with what is wrong."""
    words = words_for(request)
    try:
        await ask()
    except Problem as problem:
        if problem.status in (401, 404):
            raise
        form.errors = field_errors(problem, words)
        if problem.code == "affiliation-term":
            form.errors = dict.fromkeys(form.errors, words_of(words, problem.code))
        said = None if form.errors else words_of(words, problem.code, problem.facts)
        return await again(problem.status, said)
    except Asleep:
        return await again(503, words_of(words, "unavailable"))
    return go(request, to)


def _form_of(
    request: Request, form: Form, title: str, action: str, back: str, **facts: Any
) -> Again:
    async def shown(status: int = 200, sentence: str | None = None) -> Response:
        return show(
            request,
            "persons/form.html",
            status,
            form=form,
            title=title,
            action=action,
            back=back,
            sentence=sentence,
            kinds=AFFILIATION_KINDS,
            **{"person": None, "etag": "", "has_names": False, "has_days": False, **facts},
        )

    return shown


# --- a new person --------------------------------------------------------------------------------


async def new_person(request: Request) -> Response:
    """The form of a person who is to belong to the member."""
    require_coordinator(request)
    form = Form({"key": str(new_id()), "kind": "student", "from_on": _today(request)})
    return await _new(request, form)()


async def add_person(request: Request) -> Response:
    """Enters the person; the same form sent twice enters one."""
    require_coordinator(request)
    form = await typed(request)
    body = {**form.body(*NAMES), "affiliation": form.body(*DAYS)}

    async def ask() -> None:
        await portal_of(request).api.post(
            "/membership/persons", visitor_of(request).token, body, key=form["key"] or None
        )

    return await send_form(request, form, ask, _new(request, form), "/members/persons")


def _new(request: Request, form: Form) -> Again:
    title = words_for(request).text("A new person")
    address = "/members/persons/new"
    return _form_of(
        request, form, title, address, "/members/persons", has_names=True, has_days=True
    )


def _today(request: Request) -> str:
    return as_local(portal_of(request).clock()).date().isoformat()


# --- another name --------------------------------------------------------------------------------


async def name_form(request: Request) -> Response:
    """What the person is called, to be corrected."""
    found = await person_of(request)
    form = Form({name: found[name] or "" for name in NAMES})
    return await _naming(request, form, found)()


async def correct(request: Request) -> Response:
    """The person is called so from now on."""
    found = await person_of(request)
    form = await typed(request)

    async def ask() -> None:
        await portal_of(request).api.send(
            "PUT",
            f"/membership/persons/{found['person_id']}",
            visitor_of(request).token,
            body=form.body(*NAMES),
            if_match=form["etag"],
        )

    return await send_form(request, form, ask, _naming(request, form, found), _address(request))


def _naming(request: Request, form: Form, found: Any) -> Again:
    title = words_for(request).text("Correct the name")
    etag = form["etag"] or f'"{found["version"]}"'
    address = _address(request)
    return _form_of(
        request, form, title, f"{address}/name", address, person=found, etag=etag, has_names=True
    )


# --- affiliations --------------------------------------------------------------------------------


async def new_affiliation(request: Request) -> Response:
    """The form of one more affiliation."""
    found = await person_of(request)
    form = Form({"kind": "student", "from_on": _today(request), "key": str(new_id())})
    return await _adding(request, form, found)()


async def add_affiliation(request: Request) -> Response:
    """The person belongs to the member in this way too."""
    found = await person_of(request)
    form = await typed(request)

    async def ask() -> None:
        await portal_of(request).api.post(
            f"/membership/persons/{found['person_id']}/affiliations",
            visitor_of(request).token,
            form.body(*DAYS),
            key=form["key"] or None,
        )

    return await send_form(request, form, ask, _adding(request, form, found), _address(request))


def _adding(request: Request, form: Form, found: Any) -> Again:
    title = words_for(request).text("One more affiliation")
    address = _address(request)
    to = f"{address}/affiliations/new"
    return _form_of(request, form, title, to, address, person=found, has_days=True)


async def affiliation(request: Request) -> Response:
    """The days of an affiliation, to be changed."""
    found = await person_of(request)
    known = _affiliation(request, found)
    form = Form({name: known[name] or "" for name in DAYS})
    return await _changing(request, form, found, known)()


async def change_affiliation(request: Request) -> Response:
    """The affiliation has these days from now on, or ends today."""
    found = await person_of(request)
    known = _affiliation(request, found)
    form = await typed(request)
    ends_today = form["ends"] == "today"
    path = f"/membership/affiliations/{known['id']}{'/end' if ends_today else ''}"
    body = {"last_on": _today(request)} if ends_today else form.body(*DAYS[1:])

    async def ask() -> None:
        await portal_of(request).api.send(
            "POST" if ends_today else "PUT",
            path,
            visitor_of(request).token,
            body=body,
            if_match=form["etag"],
        )

    again = _changing(request, form, found, known)
    return await send_form(request, form, ask, again, _address(request))


def _affiliation(request: Request, found: Any) -> Any:
    wanted = str(request.path_params["affiliation_id"])
    for known in found["affiliations"]:
        if known["id"] == wanted:
            return known
    raise Problem(404, "not-found", "")


def _changing(request: Request, form: Form, found: Any, known: Any) -> Again:
    title = words_for(request).text("From when until when")
    etag = form["etag"] or f'"{known["version"]}"'
    address = _address(request)
    to = f"{address}/affiliations/{known['id']}"
    return _form_of(
        request,
        form,
        title,
        to,
        address,
        person=found,
        etag=etag,
        has_days=True,
        known=known,
    )


ROUTES = [
    page("/members/persons", persons),
    page("/members/persons", search, ["POST"]),
    page("/members/persons/new", new_person),
    page("/members/persons/new", add_person, ["POST"]),
    page("/members/persons/{known_id:uuid}", person),
    page("/members/persons/{known_id:uuid}/name", name_form),
    page("/members/persons/{known_id:uuid}/name", correct, ["POST"]),
    page("/members/persons/{known_id:uuid}/affiliations/new", new_affiliation),
    page("/members/persons/{known_id:uuid}/affiliations/new", add_affiliation, ["POST"]),
    page("/members/persons/{known_id:uuid}/affiliations/{affiliation_id:uuid}", affiliation),
    page(
        "/members/persons/{known_id:uuid}/affiliations/{affiliation_id:uuid}",
        change_affiliation,
        ["POST"],
    ),
]
