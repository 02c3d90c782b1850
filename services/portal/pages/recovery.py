"""A forgotten password: asking for the letter, and setting a new password by its link."""

from starlette.requests import Request
from starlette.responses import Response

from services.portal.client import Asleep, Problem
from services.portal.pages.routes import page
from services.portal.refusals import words_of
from services.portal.rendering import field_errors, go, portal_of, show, words_for


async def forgotten_page(request: Request) -> Response:
    """The form that asks for a letter."""
    return _forgotten(request)


async def forget(request: Request) -> Response:
    """Asks for the letter; the page says the same for every address."""
    form = await request.form()
    words, email = words_for(request), str(form.get("email", ""))
    if not email.strip():
        return _forgotten(request, 422, fault=words.text("Fill this in."))
    try:
        await portal_of(request).api.post("/membership/password-resets", body={"email": email})
    except Problem as problem:
        sentence = words_of(words, problem.code, problem.facts)
        return _forgotten(request, problem.status, email=email, sentence=sentence)
    except Asleep:
        return _forgotten(request, 503, email=email, sentence=words_of(words, "unavailable"))
    return _forgotten(request, is_sent=True)


def _forgotten(
    request: Request,
    status: int = 200,
    *,
    email: str = "",
    fault: str | None = None,
    sentence: str | None = None,
    is_sent: bool = False,
) -> Response:
    return show(
        request,
        "forgotten_password.html",
        status,
        email=email,
        fault=fault,
        sentence=sentence,
        is_sent=is_sent,
    )


async def new_password_page(request: Request) -> Response:
    """The form to which the letter's link leads."""
    token = request.query_params.get("token", "")
    return show(request, "new_password.html", token=token, errors={}, sentence=None)


async def set_password(request: Request) -> Response:
    """Sets the password by the letter's link, and goes on to the sign-in."""
    form = await request.form()
    words = words_for(request)
    token, new, again = (str(form.get(name, "")) for name in ("token", "password", "again"))
    errors: dict[str, str] = {}
    if len(new) < 10:
        errors["password"] = words.text("At least ten characters, please.")
    elif new != again:
        errors["again"] = words.text("This is not the same as above.")
    status, sentence = 422, None
    if not errors:
        try:
            await portal_of(request).api.post(
                "/membership/password-resets/finish", body={"token": token, "password": new}
            )
            return go(request, "/sign-in", **{"new-password": "set"})
        except Problem as problem:
            status, errors = problem.status, field_errors(problem, words)
            if "password" not in errors:
                code = "link-over" if "token" in errors else problem.code
                sentence = words_of(words, code, problem.facts)
        except Asleep:
            status, sentence = 503, words_of(words, "unavailable")
    return show(request, "new_password.html", status, token=token, errors=errors, sentence=sentence)


ROUTES = [
    page("/forgotten-password", forgotten_page, public=True),
    page("/forgotten-password", forget, ["POST"], public=True),
    page("/new-password", new_password_page, public=True),
    page("/new-password", set_password, ["POST"], public=True),
]
