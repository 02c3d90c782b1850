"""The second factor: a code of the telephone at sign-in, set, renewed and taken away."""

import base64
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from services.portal.client import Asleep, Problem, part
from services.portal.pages.routes import page
from services.portal.refusals import words_of
from services.portal.rendering import field_errors, portal_of, show, visitor_of, words_for

API = "/membership/accounts/current/second-factor"


async def second_factor(request: Request) -> Response:
    """Whether a code is asked for when I sign in, and how to change that."""
    return await _page(request)


async def begin(request: Request) -> Response:
    """Shows what the telephone has to read."""
    answer = await _ask(request, "", ("password",))
    return answer if isinstance(answer, Response) else _setting(request, answer)


async def confirm(request: Request) -> Response:
    """The telephone shows the right code; then the codes of paper are shown, this once."""
    form = await request.form()
    words = words_for(request)
    try:
        answer = await portal_of(request).api.post(
            f"{API}/confirm", visitor_of(request).token, {"code": str(form.get("code", ""))}
        )
    except Problem as problem:
        if problem.status == 422:
            setting = {name: str(form.get(name, "")) for name in ("secret", "uri", "qr_svg")}
            return _setting(request, setting, 422, fault=words_of(words, "wrong-code"))
        return await _page(
            request, problem.status, sentence=words_of(words, problem.code, problem.facts)
        )
    except Asleep:
        return await _page(request, 503, sentence=words_of(words, "unavailable"))
    return show(request, "second_factor/codes.html", codes=answer["recovery_codes"])


async def renew(request: Request) -> Response:
    """Ten other codes of paper."""
    answer = await _ask(request, "/recovery-codes", ("password", "code"))
    if isinstance(answer, Response):
        return answer
    return show(request, "second_factor/codes.html", codes=answer["recovery_codes"])


async def remove(request: Request) -> Response:
    """Takes the second factor away."""
    answer = await _ask(request, "/remove", ("password", "code"))
    return answer if isinstance(answer, Response) else await _page(request, is_removed=True)


async def lost(request: Request) -> Response:
    """The administrator's form for one who has lost telephone and codes."""
    _require_administrator(request)
    return show(request, "second_factor/lost.html", email="", sentence=None, is_removed=False)


async def remove_lost(request: Request) -> Response:
    """The administrator takes the second factor from one who has lost everything."""
    _require_administrator(request)
    words, email = words_for(request), str((await request.form()).get("email", "")).strip()
    status, sentence = 200, None
    try:
        await portal_of(request).api.post(
            "/membership/second-factors/remove", visitor_of(request).token, {"email": email}
        )
    except Problem as problem:
        status = problem.status
        sentence = (
            words.text("There is no account with this e-mail.")
            if status in (404, 422)
            else words_of(words, problem.code, problem.facts)
        )
    except Asleep:
        status, sentence = 503, words_of(words, "unavailable")
    return show(
        request,
        "second_factor/lost.html",
        status,
        email=email,
        sentence=sentence,
        is_removed=sentence is None,
    )


def _require_administrator(request: Request) -> None:
    if not visitor_of(request).may("administrator"):
        raise Problem(403, "role-missing", "")


async def _ask(request: Request, path: str, names: tuple[str, ...]) -> Any:
    """The answer, or the page that says what is wrong."""
    form, words = await request.form(), words_for(request)
    body = {name: str(form.get(name, "")) for name in names}
    try:
        return await portal_of(request).api.post(f"{API}{path}", visitor_of(request).token, body)
    except Problem as problem:
        errors = {
            name: words_of(words, "wrong-code")
            if name == "code"
            else words.text("This is not your present password.")
            for name in field_errors(problem, words)
        }
        sentence = None if errors else words_of(words, problem.code, problem.facts)
        return await _page(request, problem.status, errors=errors, sentence=sentence, asked=path)
    except Asleep:
        return await _page(request, 503, sentence=words_of(words, "unavailable"))


def _setting(
    request: Request, setting: Any, status: int = 200, *, fault: str | None = None
) -> Response:
    picture = base64.b64encode(setting["qr_svg"].encode()).decode()
    return show(
        request, "second_factor/set.html", status, setting=setting, picture=picture, fault=fault
    )


async def _page(
    request: Request,
    status: int = 200,
    *,
    errors: dict[str, str] | None = None,
    sentence: str | None = None,
    asked: str = "",
    is_removed: bool = False,
) -> Response:
    return show(
        request,
        "second_factor/page.html",
        status,
        state=await part(portal_of(request).api.get(API, visitor_of(request).token)),
        errors=errors or {},
        sentence=sentence,
        asked=asked,
        is_removed=is_removed,
    )


ROUTES = [
    page("/account/second-factor", second_factor),
    page("/account/second-factor", begin, ["POST"]),
    page("/account/second-factor/confirm", confirm, ["POST"]),
    page("/account/second-factor/codes", renew, ["POST"]),
    page("/account/second-factor/remove", remove, ["POST"]),
    page("/account/second-factor/lost", lost),
    page("/account/second-factor/lost", remove_lost, ["POST"]),
]
