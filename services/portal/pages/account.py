"""The visitor's own account: appearance, language, password, and where one is signed in."""

from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from services.portal.client import Asleep, Problem, part
from services.portal.pages.routes import page
from services.portal.refusals import words_of
from services.portal.rendering import field_errors, go, portal_of, show, visitor_of, words_for
from services.portal.words import N_


async def account(request: Request) -> Response:
    """Who I am here, how pages look, another password, and where I am signed in."""
    return await _page(request, errors={}, sentence=None, is_changed=False)


async def change_password(request: Request) -> Response:
    """Takes another password; every other session of mine ends."""
    form = await request.form()
    words = words_for(request)
    old, new, again = (str(form.get(name, "")) for name in ("old", "new", "again"))
    errors: dict[str, str] = {}
    if not old:
        errors["old"] = words.text("Write the password that you have now.")
    if len(new) < 10:
        errors["new"] = words.text("At least ten characters, please.")
    elif new != again:
        errors["again"] = words.text("This is not the same as above.")
    sentence = None
    status = 422 if errors else 200
    if not errors:
        try:
            await portal_of(request).api.send(
                "POST",
                "/membership/accounts/current/password",
                visitor_of(request).token,
                body={"old": old, "new": new},
            )
        except Problem as problem:
            status = problem.status
            if problem.code == "wrong-credentials":
                errors["old"] = words.text("This is not your present password.")
                status = 422
            else:
                errors = field_errors(problem, words)
                sentence = None if errors else words_of(words, problem.code, problem.facts)
        except Asleep:
            status, sentence = 503, words_of(words, "unavailable")
    return await _page(request, status, errors=errors, sentence=sentence, is_changed=status == 200)


async def change_address(request: Request) -> Response:
    """Asks for another address; a letter there has to be answered within a day."""
    form, words = await request.form(), words_for(request)
    email, password = str(form.get("email", "")).strip(), str(form.get("password", ""))
    facts: dict[str, Any] = {"errors": {}, "sentence": None, "is_changed": False, "email": email}
    try:
        await portal_of(request).api.send(
            "POST",
            "/membership/accounts/current/email",
            visitor_of(request).token,
            body={"email": email, "password": password},
        )
    except Problem as problem:
        if problem.status == 401:
            raise
        found = {
            name: words.text(ADDRESS_FAULTS[name])
            for name in field_errors(problem, words)
            if name in ADDRESS_FAULTS
        }
        said = None if found else words_of(words, problem.code, problem.facts)
        return await _page(
            request, problem.status, **facts, address_errors=found, address_sentence=said
        )
    except Asleep:
        return await _page(request, 503, **facts, address_sentence=words_of(words, "unavailable"))
    return await _page(request, **facts, is_asked=True)


ADDRESS_FAULTS = {
    "email": N_("Write the whole new address, with the sign @ in it."),
    "password": N_("This is not your present password."),
}


async def new_address(request: Request) -> Response:
    """To where the letter's link leads: one more press, so that no mail program confirms by itself."""
    token = request.query_params.get("token", "")
    return show(request, "new_address.html", token=token, sentence=None, is_done=False)


async def confirm_address(request: Request) -> Response:
    """The account goes by the new address from now on."""
    words, token = words_for(request), str((await request.form()).get("token", ""))
    status, sentence = 200, None
    portal = portal_of(request)
    try:
        await portal.api.post("/membership/email-changes/confirm", body={"token": token})
        portal.visitors.forget(request)
    except Problem as problem:
        status = problem.status
        sentence = words_of(words, "link-over" if status == 422 else problem.code, problem.facts)
    except Asleep:
        status, sentence = 503, words_of(words, "unavailable")
    return show(
        request, "new_address.html", status, token=token, sentence=sentence, is_done=not sentence
    )


async def end_session(request: Request) -> Response:
    """Signs out another device of mine; one that is out already stays out."""
    form = await request.form()
    session_id = str(form.get("session_id", ""))
    try:
        await portal_of(request).api.send(
            "DELETE",
            f"/membership/sessions/{quote(session_id, safe='')}",
            visitor_of(request).token,
        )
    except Problem as problem:
        if problem.status not in (404, 422):
            raise
    return go(request, "/account#sessions")


async def _page(request: Request, status: int = 200, **facts: Any) -> Response:
    api, token = portal_of(request).api, visitor_of(request).token
    sessions = await part(api.get("/membership/sessions", token))
    usual: dict[str, Any] = {
        "email": "",
        "address_errors": {},
        "address_sentence": None,
        "is_asked": False,
    }
    return show(request, "account.html", status, sessions=sessions, **{**usual, **facts})


ROUTES = [
    page("/account", account),
    page("/account/password", change_password, ["POST"]),
    page("/account/email", change_address, ["POST"]),
    page("/new-address", new_address, public=True),
    page("/new-address", confirm_address, ["POST"], public=True),
    page("/account/sessions/end", end_session, ["POST"]),
]
