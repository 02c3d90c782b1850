"""The visitor's own account: appearance, language and password."""

from starlette.requests import Request
from starlette.responses import Response

from services.portal.client import Asleep, Problem
from services.portal.pages.routes import page
from services.portal.refusals import words_of
from services.portal.rendering import field_errors, portal_of, show, visitor_of, words_for


async def account(request: Request) -> Response:
    """Who I am here, how pages look, and another password."""
    return show(request, "account.html", errors={}, sentence=None, is_changed=False)


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
    return show(
        request,
        "account.html",
        status,
        errors=errors,
        sentence=sentence,
        is_changed=status == 200,
    )


ROUTES = [page("/account", account), page("/account/password", change_password, ["POST"])]
