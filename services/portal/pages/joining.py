"""Joining the cluster without an account: the full card, and what each letter's link lets one do.

A link's token stands in the address that the letter has, as with a forgotten password; what the
link is good for happens by a button, so that a program that only looks at addresses spends none.
"""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from services.portal.client import Asleep, Problem
from services.portal.forms import Field, Group, Typed, put_errors, require_all, typed_of
from services.portal.pages import card
from services.portal.pages.routes import page
from services.portal.refusals import words_of
from services.portal.rendering import go, portal_of, show, words_for
from services.portal.words import N_

SIGNER = Group(
    N_("Who signs"),
    card.HEAD.fields,
)
PERSON = Group(
    N_("Who you are"),
    tuple(
        Field(name, words, is_needed=is_needed, length_max=100, is_half=is_half)
        for name, words, is_needed, is_half in (
            ("family_name", N_("Family name"), True, False),
            ("given_name", N_("First name"), True, True),
            ("patronymic", N_("Patronymic"), False, True),
        )
    ),
)
PASSWORD_LENGTH_MIN = 10


# --- applying ------------------------------------------------------------------------------------


async def application_form(request: Request) -> Response:
    """The full card, empty."""
    groups = card.groups_of()
    return _form(request, groups, Typed({}))


async def apply(request: Request) -> Response:
    """Sends the application; a no is said beside what was typed."""
    said = await request.form()
    words = words_for(request)
    groups, typed = card.read(said)
    if said.get("more"):
        return _form(request, groups, typed)
    card.look_over(groups, typed, words)
    if typed.errors:
        return _form(request, groups, typed, 422)
    try:
        await portal_of(request).api.post("/membership/applications", body=card.body_of(typed))
    except Problem as problem:
        sentence = card.put_faults(typed, groups, problem, words)
        return _form(request, groups, typed, problem.status, sentence)
    except Asleep:
        return _form(request, groups, typed, 503, words_of(words, "unavailable"))
    return go(request, "/join/sent")


async def sent(request: Request) -> Response:
    """The application is on its way: what comes next."""
    return show(request, "joining/sent.html")


async def check_number(request: Request) -> Response:
    """What is wrong with one number, while the form is filled in; nothing for a right one."""
    _, typed = card.read(await request.form())
    fault = card.fault_of_number(request.query_params.get("field", ""), typed)
    return HTMLResponse(words_for(request).text(fault) if fault else "")


def _form(
    request: Request,
    groups: list[Group],
    typed: Typed,
    status: int = 200,
    sentence: str | None = None,
    **facts: Any,
) -> Response:
    known: dict[str, Any] = {"token": None, "reason": None, **facts}
    return show(
        request,
        "joining/form.html",
        status,
        groups=groups,
        typed=typed,
        accounts=sum(each.fields[0].name.startswith("bank_details.") for each in groups),
        accounts_max=card.ACCOUNTS_MAX,
        sentence=sentence,
        **known,
    )


# --- by a letter's link --------------------------------------------------------------------------


async def confirm_page(request: Request) -> Response:
    """Where the first letter's link leads: a button confirms the address."""
    return show(request, "joining/confirm.html", token=_token(request), sentence=None)


async def confirm(request: Request) -> Response:
    """Confirms the address: the application is submitted."""
    token = str((await request.form()).get("token", ""))
    try:
        found = await _by_link(request, "confirm", {"token": token})
    except Problem as problem:
        words = words_of(words_for(request), _code_of_link(problem), problem.facts)
        return show(request, "joining/confirm.html", problem.status, token=token, sentence=words)
    except Asleep:
        words = words_of(words_for(request), "unavailable")
        return show(request, "joining/confirm.html", 503, token=token, sentence=words)
    return show_status(request, found, is_new=True)


async def status(request: Request) -> Response:
    """How the own application stands, by any of its links."""
    token = _token(request)
    try:
        found = await _by_link(request, "look", {"token": token})
    except Problem as problem:
        return over(request, problem)
    return show_status(request, found, token=token)


def show_status(
    request: Request,
    application: Mapping[str, Any],
    status: int = 200,
    *,
    token: str | None = None,
    is_new: bool = False,
    errors: Mapping[str, str] | None = None,
) -> Response:
    """How the application stands; with a link's token also what may go with it."""
    return show(
        request,
        "joining/status.html",
        status,
        application=application,
        is_new=is_new,
        token=token,
        errors=errors or {},
        may_add=token is not None and application["status"] in ("submitted", "returned"),
        **card.shown(application["card"]),
    )


async def mend_form(request: Request) -> Response:
    """The card as it was sent, and why it was given back."""
    token = _token(request)
    try:
        found = await _by_link(request, "look", {"token": token})
    except Problem as problem:
        return over(request, problem)
    groups, typed = card.typed_card(found["card"])
    return _form(request, groups, typed, token=token, reason=found["reason"])


async def mend(request: Request) -> Response:
    """Sends the mended card."""
    said = await request.form()
    words = words_for(request)
    token, reason = str(said.get("token", "")), str(said.get("reason", "")) or None
    groups, typed = card.read(said)
    facts: dict[str, Any] = {"token": token, "reason": reason}
    if said.get("more"):
        return _form(request, groups, typed, **facts)
    card.look_over(groups, typed, words)
    if typed.errors:
        return _form(request, groups, typed, 422, **facts)
    try:
        found = await _by_link(request, "mend", {**card.body_of(typed), "token": token})
    except Problem as problem:
        if _code_of_link(problem) == "link-over":
            return _form(
                request, groups, typed, problem.status, words_of(words, "link-over"), **facts
            )
        sentence = card.put_faults(typed, groups, problem, words)
        return _form(request, groups, typed, problem.status, sentence, **facts)
    except Asleep:
        return _form(request, groups, typed, 503, words_of(words, "unavailable"), **facts)
    return show_status(request, found, is_new=True)


async def sign_page(request: Request) -> Response:
    """The accession as it is to be signed, and who signs it: mostly the head."""
    token = _token(request)
    try:
        found = await _by_link(request, "look", {"token": token})
    except Problem as problem:
        return over(request, problem)
    head = {f"head.{name}": text or "" for name, text in found["card"]["head"].items()}
    return _sign_form(request, token, found, typed_of([SIGNER], head))


async def sign(request: Request) -> Response:
    """Signs exactly the text that was read."""
    said = await request.form()
    words = words_for(request)
    token, typed = str(said.get("token", "")), typed_of([SIGNER], said)
    require_all([SIGNER], typed, words)
    status, sentence = 422, None
    if not typed.errors:
        names = {each.name: each.name.rpartition(".")[2] for each in SIGNER.fields}
        body = {short: typed.said(name) for name, short in names.items()}
        body |= {"token": token, "sha256": str(said.get("sha256", ""))}
        try:
            found = await _by_link(request, "sign", body)
            return show(request, "joining/signed.html", application=found)
        except Problem as problem:
            status, code = problem.status, _code_of_link(problem)
            for error in problem.errors:
                error["at"] = f"body.head.{str(error.get('at', '')).rpartition('.')[2]}"
            sentence = (
                words_of(words, code)
                if code == "link-over"
                else put_errors(typed, [SIGNER], problem, words)
            )
        except Asleep:
            status, sentence = 503, words_of(words, "unavailable")
    try:
        found = await _by_link(request, "look", {"token": token})
    except (Problem, Asleep):
        found = None
    return _sign_form(request, token, found, typed, status, sentence)


def _sign_form(
    request: Request,
    token: str,
    application: Mapping[str, Any] | None,
    typed: Typed,
    status: int = 200,
    sentence: str | None = None,
) -> Response:
    return show(
        request,
        "joining/sign.html",
        status,
        token=token,
        application=application,
        typed=typed,
        signer=SIGNER,
        sentence=sentence,
    )


async def account_page(request: Request) -> Response:
    """Where the invitation leads: the first account of the new member."""
    return _account_form(request, _token(request), Typed({}))


async def open_account(request: Request) -> Response:
    """Opens the first account, and goes on to the sign-in."""
    said = await request.form()
    words = words_for(request)
    token, typed = str(said.get("token", "")), typed_of([PERSON], said)
    password, again = str(said.get("password", "")), str(said.get("again", ""))
    require_all([PERSON], typed, words)
    if len(password) < PASSWORD_LENGTH_MIN:
        typed.errors["password"] = words.text("At least ten characters, please.")
    elif password != again:
        typed.errors["again"] = words.text("This is not the same as above.")
    status, sentence = 422, None
    if not typed.errors:
        body = {each.name: typed.said(each.name) for each in PERSON.fields}
        try:
            await _by_link(request, "open-account", {**body, "token": token, "password": password})
            return go(request, "/sign-in", account="open")
        except Problem as problem:
            status, code = problem.status, _code_of_link(problem)
            faults = {str(each.get("at", "")) for each in problem.errors}
            if "body.password" in faults:
                typed.errors["password"] = words.text(
                    "This password is too easy to guess. Take another one."
                )
            elif code == "wrong-credentials":
                typed.errors["password"] = words.text(
                    "There is an account with this e-mail already. Write its password."
                )
            else:
                sentence = words_of(words, code, problem.facts)
        except Asleep:
            status, sentence = 503, words_of(words, "unavailable")
    return _account_form(request, token, typed, status, sentence)


def _account_form(
    request: Request,
    token: str,
    typed: Typed,
    status: int = 200,
    sentence: str | None = None,
) -> Response:
    return show(
        request,
        "joining/account.html",
        status,
        token=token,
        typed=typed,
        person=PERSON,
        sentence=sentence,
    )


def _token(request: Request) -> str:
    return request.query_params.get("token", "")


async def _by_link(request: Request, step: str, body: Mapping[str, Any]) -> Any:
    return await portal_of(request).api.post(f"/membership/applications/{step}", body=body)


def _code_of_link(problem: Problem) -> str:
    """A token that is none at all is as good as one that is over."""
    wrong = {str(each.get("at", "")) for each in problem.errors}
    return "link-over" if "body.token" in wrong else problem.code


def over(request: Request, problem: Problem) -> Response:
    """A link that is good for nothing any more, and the way on."""
    code = _code_of_link(problem)
    sentence = words_of(words_for(request), code, problem.facts)
    return show(
        request,
        "joining/over.html",
        404 if code == "link-over" else problem.status,
        sentence=sentence,
    )


ROUTES = [
    page("/join", application_form, public=True),
    page("/join", apply, ["POST"], public=True),
    page("/join/sent", sent, public=True),
    page("/join/check", check_number, ["POST"], public=True),
    page("/join/confirm", confirm_page, public=True),
    page("/join/confirm", confirm, ["POST"], public=True),
    page("/join/status", status, public=True),
    page("/join/mend", mend_form, public=True),
    page("/join/mend", mend, ["POST"], public=True),
    page("/join/sign", sign_page, public=True),
    page("/join/sign", sign, ["POST"], public=True),
    page("/join/account", account_page, public=True),
    page("/join/account", open_account, ["POST"], public=True),
]
