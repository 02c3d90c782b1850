"""Another address to sign in with: where the letter's link leads."""

from starlette.requests import Request
from starlette.responses import Response

from services.portal.client import Asleep, Problem
from services.portal.pages.routes import page
from services.portal.refusals import words_of
from services.portal.rendering import portal_of, show, words_for


async def address_page(request: Request) -> Response:
    """A button confirms the address, so that a program that only looks at links spends none."""
    return _page(request, request.query_params.get("token", ""))


async def confirm_address(request: Request) -> Response:
    """Confirms the address by the letter's link."""
    token = str((await request.form()).get("token", ""))
    words = words_for(request)
    try:
        await portal_of(request).api.post(
            "/membership/email-changes/confirm", body={"token": token}
        )
    except Problem as problem:
        code = "link-over" if problem.status == 422 else problem.code
        return _page(request, token, problem.status, words_of(words, code, problem.facts))
    except Asleep:
        return _page(request, token, 503, words_of(words, "unavailable"))
    return _page(request, token, is_done=True)


def _page(
    request: Request,
    token: str,
    status: int = 200,
    sentence: str | None = None,
    *,
    is_done: bool = False,
) -> Response:
    return show(
        request, "new_address.html", status, token=token, sentence=sentence, is_done=is_done
    )


ROUTES = [
    page("/new-address", address_page, public=True),
    page("/new-address", confirm_address, ["POST"], public=True),
]
