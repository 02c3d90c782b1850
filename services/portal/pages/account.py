"""The visitor's own account: appearance, language, password, and where one is signed in."""

from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from services.portal.client import Asleep, Problem, part
from services.portal.pages.routes import page
from services.portal.refusals import words_of
from services.portal.rendering import field_errors, go, portal_of, show, visitor_of, words_for


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
    return show(request, "account.html", status, sessions=sessions, **facts)


ROUTES = [
    page("/account", account),
    page("/account/password", change_password, ["POST"]),
    page("/account/sessions/end", end_session, ["POST"]),
]
