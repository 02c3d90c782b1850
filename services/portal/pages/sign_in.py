"""Signing in and out, and which member one acts for."""

from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.portal import session
from services.portal.client import Asleep, Problem, part
from services.portal.pages.routes import page
from services.portal.refusals import words_of
from services.portal.rendering import go, portal_of, show, visitor_of, words_for
from services.portal.words import N_

DEMO_PASSWORD = "demo"  # noqa: S105 - everybody is to know it
DEMO_ACCOUNTS = (
    ("coordinator@vyazma.demo", N_("College in Vyazma: finds and books workshops"), "school"),
    ("approver@smolapo.demo", N_("College in Smolensk: answers requests"), "checks"),
    (
        "coordinator@stankoservis.demo",
        N_("Employer: books, and sees what is owed"),
        "building-factory-2",
    ),
)
"""Accounts that the demo's sign-in page offers by one click."""


async def sign_in_page(request: Request) -> Response:
    """The form; who is signed in already goes on."""
    if request.state.visitor is not None:
        return go(request, _next(request.query_params.get("next")))
    return await begin_form(
        request,
        email="",
        next_page=request.query_params.get("next", ""),
        has_new_password="new-password" in request.query_params,
        has_accepted="accepted" in request.query_params,
        has_new_account="account" in request.query_params,
    )


async def sign_in(request: Request) -> Response:
    """Signs in; the browser keeps the session, and what was typed stays when it fails."""
    form = await request.form()
    email, wanted = str(form.get("email", "")), str(form.get("next", ""))
    body = {"email": email, "password": str(form.get("password", "")), "is_lasting": True}
    if not email.strip() or not body["password"]:
        return await begin_form(request, email=email, next_page=wanted, status=422, is_empty=True)
    try:
        answer = await portal_of(request).api.post(
            "/membership/sessions", body=body, user_agent=request.headers.get("user-agent", "")
        )
    except Problem as problem:
        if problem.code == "second-factor-needed":
            return second_step(request, str(problem.facts["challenge"]), wanted)
        words = words_of(words_for(request), problem.code, problem.facts)
        return await begin_form(
            request, email=email, next_page=wanted, status=problem.status, sentence=words
        )
    except Asleep:
        words = words_of(words_for(request), "unavailable")
        return await begin_form(request, email=email, next_page=wanted, status=503, sentence=words)
    return enter(request, answer, wanted)


def second_step(
    request: Request,
    challenge: str,
    wanted: str,
    status: int = 200,
    sentence: str | None = None,
) -> Response:
    """The form for the code, which carries what the first step has proven."""
    return show(
        request,
        "second_step.html",
        status,
        challenge=challenge,
        next_page=wanted,
        sentence=sentence,
    )


async def say_code(request: Request) -> Response:
    """Signs in with the code; a challenge that is over begins the sign-in again."""
    form, words = await request.form(), words_for(request)
    challenge, wanted = str(form.get("challenge", "")), str(form.get("next", ""))
    body = {"challenge": challenge, "code": str(form.get("code", ""))}
    try:
        answer = await portal_of(request).api.post("/membership/sessions/second-factor", body=body)
    except Problem as problem:
        code = "wrong-code" if problem.status == 422 else problem.code
        sentence = words_of(words, code, problem.facts)
        if code == "challenge-over":
            return await begin_form(
                request, email="", next_page=wanted, status=401, sentence=sentence
            )
        return second_step(request, challenge, wanted, problem.status, sentence)
    except Asleep:
        return second_step(request, challenge, wanted, 503, words_of(words, "unavailable"))
    return enter(request, answer, wanted)


def enter(request: Request, answer: Any, wanted: str) -> Response:
    """The browser keeps the session that was begun, and goes to the page that was wanted."""
    has_to_choose = answer["member_id"] is None and len(answer["members"]) > 1
    response = RedirectResponse("/choose-member" if has_to_choose else _next(wanted), 303)
    session.keep(request, response, answer["refresh_token"])
    return response


async def begin_form(
    request: Request,
    *,
    email: str,
    next_page: str,
    status: int = 200,
    sentence: str | None = None,
    is_empty: bool = False,
    has_new_password: bool = False,
    has_accepted: bool = False,
    has_new_account: bool = False,
) -> Response:
    """The form of the first step, with the way to the identity provider where there is one."""
    provider = await part(portal_of(request).api.get("/membership/identity-provider"))
    return show(
        request,
        "sign_in.html",
        status,
        email=email,
        next_page=next_page,
        sentence=sentence,
        is_empty=is_empty,
        has_new_password=has_new_password,
        has_accepted=has_accepted,
        provider=None if isinstance(provider, Asleep) else provider["name"],
        has_new_account=has_new_account,
        demo_accounts=DEMO_ACCOUNTS if portal_of(request).settings.demo else (),
        demo_password=DEMO_PASSWORD,
    )


async def sign_out(request: Request) -> Response:
    """Ends the session, here and in the browser."""
    portal = portal_of(request)
    portal.visitors.forget(request)
    response = RedirectResponse("/sign-in", 303)
    session.drop(request, response)
    try:
        await portal.api.send("DELETE", "/membership/sessions/current", visitor_of(request).token)
    except Problem:
        return response  # it was over already
    return response


async def choose_member(request: Request) -> Response:
    """For whom one acts, when there are several."""
    return show(request, "choose_member.html")


async def act_for(request: Request) -> Response:
    """From now on for this member."""
    form = await request.form()
    await portal_of(request).visitors.act_for(request, str(form.get("member_id", "")))
    return go(request, "/")


async def prefer(request: Request) -> Response:
    """Language and theme, kept in the browser for a year."""
    form = await request.form()
    response = RedirectResponse(
        _next(str(form.get("next", "")) or request.headers.get("referer")), 303
    )
    for name in ("language", "theme"):
        if form.get(name):
            response.set_cookie(
                name, str(form[name])[:10], max_age=31536000, samesite="lax", httponly=name == "language",
                secure=session.is_secure(request),
            )  # fmt: skip
    return response


def _next(wanted: str | None) -> str:
    """The page one wanted, if it is one of ours."""
    parts = urlsplit(wanted or "/")
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return path if path.startswith("/") and not path.startswith(("//", "/\\", "/sign-in")) else "/"


ROUTES = [
    page("/sign-in", sign_in_page, public=True),
    page("/sign-in", sign_in, ["POST"], public=True),
    page("/sign-in/code", say_code, ["POST"], public=True),
    page("/sign-out", sign_out, ["POST"]),
    page("/choose-member", choose_member),
    page("/act-for", act_for, ["POST"]),
    page("/preferences", prefer, ["POST"], public=True),
]
