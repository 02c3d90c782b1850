"""Signing in by the organisation's identity provider: there, and back again."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.portal import session
from services.portal.client import Asleep, Problem
from services.portal.pages.routes import page
from services.portal.pages.sign_in import begin_form, enter, second_step
from services.portal.refusals import words_of
from services.portal.rendering import portal_of, words_for

COOKIE, COOKIE_SECONDS, COOKIE_PATH = "artel-begun", 600, "/sign-in"


async def leave(request: Request) -> Response:
    """To the provider; the browser keeps what it has to bring back, where no script can read it."""
    wanted = request.query_params.get("next", "")
    try:
        begun = await portal_of(request).api.post("/membership/identity-provider/begin")
    except Problem as problem:
        return await _refused(request, wanted, problem.status, problem.code)
    except Asleep:
        return await _refused(request, wanted, 503, "unavailable")
    response = RedirectResponse(begun["url"], 303)
    response.set_cookie(
        COOKIE,
        begun["begun"],
        max_age=COOKIE_SECONDS,
        path=COOKIE_PATH,
        secure=session.is_secure(request),
        httponly=True,
        samesite="lax",
    )
    return response


async def come_back(request: Request) -> Response:
    """From the provider; a sign-in that another browser began is none."""
    said = request.query_params
    body = {
        "code": said.get("code") or "-",
        "state": said.get("state") or "-",
        "begun": request.cookies.get(COOKIE) or "-",
        "is_lasting": True,
    }
    try:
        answer = await portal_of(request).api.post(
            "/membership/identity-provider/finish",
            body=body,
            user_agent=request.headers.get("user-agent", ""),
        )
    except Problem as problem:
        if problem.code == "second-factor-needed":
            return _forgotten(second_step(request, str(problem.facts["challenge"]), ""))
        code = "provider-refused" if problem.status == 422 else problem.code
        return _forgotten(await _refused(request, "", problem.status, code))
    except Asleep:
        return await _refused(request, "", 503, "unavailable")
    return _forgotten(enter(request, answer, ""))


async def _refused(request: Request, wanted: str, status: int, code: str) -> Response:
    sentence = words_of(words_for(request), code)
    return await begin_form(request, email="", next_page=wanted, status=status, sentence=sentence)


def _forgotten(response: Response) -> Response:
    response.delete_cookie(COOKIE, path=COOKIE_PATH)
    return response


ROUTES = [
    page("/sign-in/provider", leave, public=True),
    page("/sign-in/provider/return", come_back, public=True),
]
