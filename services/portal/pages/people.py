"""People: who acts for the member, in which roles, and accounts for new ones."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from services.portal.client import Asleep, Problem, part
from services.portal.pages.routes import page
from services.portal.refusals import words_of
from services.portal.rendering import field_errors, go, portal_of, show, visitor_of, words_for
from services.portal.statuses import ROLE_MEANINGS
from services.portal.words import N_, Words
from shared.ids import new_id

NAME_LENGTH_MAX = 100
PASSWORD_LENGTH_MIN = 10
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""What no one takes for another sign when it is read out or written down."""

FAULTS = {
    "email": N_("Write the whole address, with the sign @ in it."),
    "password": N_("At least ten characters, and none of those that are guessed first."),
    "roles": N_("Choose at least one role."),
}
"""What may be wrong with a field that the service does not take, where more can be said."""


async def people(request: Request) -> Response:
    """The people of the own member by name, what each may do, and who was invited."""
    portal, visitor = portal_of(request), visitor_of(request)
    return show(
        request,
        "people/list.html",
        people=await own_people(request),
        invitations=await part(portal.api.every("/membership/invitations", visitor.token)),
        is_invited="invited" in request.query_params,
    )


async def own_people(request: Request) -> list[Any]:
    """The people of the own member by name; raises Problem for who is no coordinator, Asleep."""
    found = await portal_of(request).api.every("/membership/accounts", visitor_of(request).token)
    return sorted(found, key=lambda each: (not each["roles"], _name(each)))


def _name(person: Mapping[str, Any]) -> tuple[str, ...]:
    parts = ("family_name", "given_name", "patronymic")
    return tuple((person[part] or "").lower().replace("ё", "е") for part in parts)


# --- one person's roles ------------------------------------------------------------------------


async def person(request: Request) -> Response:
    """What one person may do for the member, to be changed."""
    found = await _own_person(request)
    return _roles_form(request, found, found["roles"])


async def set_roles(request: Request) -> Response:
    """The person acts in these roles from now on; roles that are not given here stay."""
    form = await request.form()
    found = await _own_person(request)
    chosen = roles_of(form)
    words = words_for(request)
    portal, visitor = portal_of(request), visitor_of(request)
    try:
        await portal.api.post(
            f"/membership/accounts/{found['person_id']}/roles",
            visitor.token,
            {"roles": sorted({*chosen, *others_of(found["roles"])})},
        )
    except Problem as problem:
        if problem.status in (401, 404):
            raise
        sentence = words_of(words, problem.code, problem.facts)
        return _roles_form(request, found, chosen, problem.status, sentence)
    except Asleep:
        return _roles_form(request, found, chosen, 503, words_of(words, "unavailable"))
    if found["person_id"] == visitor.person["person_id"]:
        portal.visitors.forget(request)
    return go(request, "/members/people")


def others_of(roles: Sequence[str]) -> list[str]:
    """The roles that a coordinator does not give here."""
    return [role for role in roles if role not in ROLE_MEANINGS]


async def _own_person(request: Request) -> Any:
    person_id = str(request.path_params["person_id"])
    for found in await own_people(request):
        if found["person_id"] == person_id:
            return found
    raise Problem(404, "not-found", "")


def _roles_form(
    request: Request,
    found: Mapping[str, Any],
    chosen: Sequence[str],
    status: int = 200,
    sentence: str | None = None,
) -> Response:
    return show(
        request,
        "people/one.html",
        status,
        person=found,
        chosen=chosen,
        others=others_of(found["roles"]),
        is_me=found["person_id"] == visitor_of(request).person["person_id"],
        sentence=sentence,
    )


def roles_of(form: FormData) -> list[str]:
    """The roles that were chosen, of those that are given here."""
    return [role for role in ROLE_MEANINGS if role in form.getlist("role")]


# --- a new person ------------------------------------------------------------------------------


@dataclass
class NewPerson:
    """An account as it was typed, and what of it is not understood."""

    family_name: str = ""
    given_name: str = ""
    patronymic: str = ""
    email: str = ""
    password: str = ""
    roles: list[str] = field(default_factory=list)
    key: str = ""
    errors: dict[str, str] = field(default_factory=dict)

    def body(self, member_id: str | None) -> dict[str, Any]:
        """What the API is asked; only for a form that is understood."""
        return {
            "email": self.email,
            "password": self.password,
            "family_name": self.family_name,
            "given_name": self.given_name,
            "patronymic": self.patronymic or None,
            "member_id": member_id,
            "roles": self.roles,
        }


async def new_person(request: Request) -> Response:
    """The form of a new account, with a password that one can read out."""
    await require_may_name(request)
    first = ["coordinator"] if "member_id" in request.path_params else []
    return await _form(request, NewPerson(password=a_password(), roles=first, key=str(new_id())))


def a_password() -> str:
    """Twelve signs in groups of four; about 59 bits."""
    signs = [secrets.choice(LETTERS) for _ in range(12)]
    return "-".join("".join(signs[start : start + 4]) for start in (0, 4, 8))


async def open_account(request: Request) -> Response:
    """Opens the account; its password is shown this once."""
    await require_may_name(request)
    said = await request.form()
    words = words_for(request)
    typed = {
        name: str(said.get(name, "")).strip()
        for name in ("family_name", "given_name", "patronymic", "email", "password", "key")
    }
    form = NewPerson(roles=roles_of(said))
    for name, text in typed.items():
        setattr(form, name, text)
    _understand(form, words)
    if form.errors:
        return await _form(request, form, 422)
    try:
        await portal_of(request).api.post(
            "/membership/accounts",
            visitor_of(request).token,
            form.body(member_id_of(request)),
            key=form.key or None,
        )
    except Problem as problem:
        if problem.status in (401, 404):
            raise
        return await _refused(request, form, problem)
    except Asleep:
        return await _form(request, form, 503, words_of(words, "unavailable"))
    return show(request, "people/opened.html", 201, form=form, back=back_of(request))


async def _refused(request: Request, form: NewPerson, problem: Problem) -> Response:
    words = words_for(request)
    if problem.code == "email-taken":
        form.errors["email"] = words_of(words, problem.code)
    for name, sentence in field_errors(problem, words).items():
        form.errors[name] = _fault(words, name) if name in FAULTS else sentence
    if problem.code == "idempotency-key-reused":
        form.key = str(new_id())
    said = None if form.errors else words_of(words, problem.code, problem.facts)
    return await _form(request, form, problem.status, said)


def _fault(words: Words, name: str) -> str:
    sentence = FAULTS[name]
    return words.text(sentence)


def _understand(form: NewPerson, words: Words) -> None:
    for name in ("family_name", "given_name"):
        if not getattr(form, name):
            form.errors[name] = words.text("Fill this in.")
    if "@" not in form.email:
        form.errors["email"] = _fault(words, "email")
    if len(form.password) < PASSWORD_LENGTH_MIN:
        form.errors["password"] = _fault(words, "password")
    if not form.roles:
        form.errors["roles"] = _fault(words, "roles")


def member_id_of(request: Request) -> str | None:
    """For whom the account is: the own member, or the one that the administrator says."""
    said = request.path_params.get("member_id")
    return str(said) if said is not None else visitor_of(request).member_id


def back_of(request: Request) -> str:
    """Where the people of the member are seen, or the member itself by the administrator."""
    said = request.path_params.get("member_id")
    return f"/members/{said}" if said is not None else "/members/people"


async def require_may_name(request: Request) -> None:
    """Raises Problem for those whom the service would refuse, before they type anything."""
    is_elsewhere = "member_id" in request.path_params
    if not visitor_of(request).may("administrator" if is_elsewhere else "coordinator"):
        raise Problem(403, "role-missing", "")


async def _form(
    request: Request, form: NewPerson, status: int = 200, sentence: str | None = None
) -> Response:
    members = await portal_of(request).directory.members()
    return show(
        request,
        "people/new.html",
        status,
        form=form,
        sentence=sentence,
        back=back_of(request),
        member=members.get(member_id_of(request) or ""),
    )


ROUTES = [
    page("/members/people", people),
    page("/members/people", open_account, ["POST"]),
    page("/members/people/new", new_person),
    page("/members/people/{person_id:uuid}", person),
    page("/members/people/{person_id:uuid}", set_roles, ["POST"]),
    page("/members/{member_id:uuid}/people", open_account, ["POST"]),
    page("/members/{member_id:uuid}/people/new", new_person),
]
