"""What is known of the visitor: the name, to whom they belong, consents, and who was shown what."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from services.portal.client import Asleep, Problem, part, together
from services.portal.pages.persons import Form, typed
from services.portal.pages.routes import page
from services.portal.refusals import words_of
from services.portal.rendering import (
    field_errors,
    go,
    is_htmx,
    portal_of,
    show,
    visitor_of,
    words_for,
)

LIMIT = 50


async def my_data(request: Request) -> Response:
    """My data, my consents, and who saw what."""
    return await _page(request)


async def _page(
    request: Request, status: int = 200, form: Form | None = None, sentence: str | None = None
) -> Response:
    api, token = portal_of(request).api, visitor_of(request).token
    cursor = request.query_params.get("cursor")
    if is_htmx(request) and cursor:
        found = await part(api.get("/membership/disclosures", token, cursor=cursor, limit=LIMIT))
        members = await portal_of(request).directory.members()
        return show(request, "my_data/disclosures.html", disclosures=found, members=members)
    me, consents, disclosures, members = await together(
        api.get("/membership/persons/current", token),
        part(api.every("/membership/consents", token)),
        part(api.get("/membership/disclosures", token, cursor=cursor, limit=LIMIT)),
        portal_of(request).directory.members(),
    )
    mine = [each["member_id"] for each in me["affiliations"]]
    asking = sorted({*mine, *(each["id"] for each in visitor_of(request).members)})
    texts = await together(*(part(_texts(request, member_id)) for member_id in asking))
    given = {} if isinstance(consents, Asleep) else _in_force(consents)
    return show(
        request,
        "my_data/page.html",
        status,
        me=me,
        form=form or Form({name: me[name] or "" for name in NAMES}),
        etag=f'"{me["version"]}"',
        consents=consents,
        texts=[
            text
            for found in texts
            if not isinstance(found, Asleep)
            for text in found
            if text["id"] not in given
        ],
        disclosures=disclosures,
        members=members,
        sentence=sentence,
    )


NAMES = ("family_name", "given_name", "patronymic")


def _in_force(consents: list[Any]) -> set[str]:
    return {each["text_id"] for each in consents if each["revoked_at"] is None}


async def _texts(request: Request, member_id: str) -> list[Any]:
    found = await portal_of(request).api.get(
        "/membership/consent-texts", visitor_of(request).token, member_id=member_id
    )
    items: list[Any] = found["items"]
    return items


async def correct_name(request: Request) -> Response:
    """I am called so from now on."""
    form = await typed(request)
    words = words_for(request)
    try:
        await portal_of(request).api.send(
            "PUT",
            "/membership/persons/current",
            visitor_of(request).token,
            body=form.body(*NAMES),
            if_match=form["etag"],
        )
    except Problem as problem:
        if problem.status == 401:
            raise
        form.errors = field_errors(problem, words)
        said = None if form.errors else words_of(words, problem.code, problem.facts)
        return await _page(request, problem.status, form, said)
    except Asleep:
        return await _page(request, 503, form, words_of(words, "unavailable"))
    portal_of(request).visitors.forget(request)
    return go(request, "/account/data")


async def read_text(request: Request) -> Response:
    """What I am asked to consent to, word for word."""
    return await _text(request)


async def _text(request: Request, status: int = 200, sentence: str | None = None) -> Response:
    text = await portal_of(request).api.get(
        f"/membership/consent-texts/{request.path_params['text_id']}", visitor_of(request).token
    )
    members = await portal_of(request).directory.members()
    return show(request, "my_data/text.html", status, text=text, members=members, sentence=sentence)


async def give(request: Request) -> Response:
    """I consent to what I have read."""
    form = await typed(request)
    body = {"text_id": request.path_params["text_id"], "sha256": form["sha256"]}
    words = words_for(request)
    try:
        await portal_of(request).api.post("/membership/consents", visitor_of(request).token, body)
    except Problem as problem:
        if problem.status in (401, 404):
            raise
        return await _text(request, problem.status, words_of(words, problem.code, problem.facts))
    except Asleep:
        return await _text(request, 503, words_of(words, "unavailable"))
    return go(request, "/account/data")


async def revoke(request: Request) -> Response:
    """I take my consent back; from this moment on nothing is shown on it."""
    form = await typed(request)
    words = words_for(request)
    try:
        await portal_of(request).api.post(
            f"/membership/consents/{request.path_params['consent_id']}/revoke",
            visitor_of(request).token,
        )
    except Problem as problem:
        if problem.status in (401, 404):
            raise
        return await _page(
            request, problem.status, None, words_of(words, problem.code, problem.facts)
        )
    except Asleep:
        return await _page(request, 503, None, words_of(words, "unavailable"))
    of = form["person_id"]
    return go(request, f"/members/persons/{of}" if _is_id(of) else "/account/data")


def _is_id(text: str) -> bool:
    return len(text) == 36 and set(text) <= set("0123456789abcdef-")


ROUTES = [
    page("/account/data", my_data),
    page("/account/data/name", correct_name, ["POST"]),
    page("/account/consents/{text_id:uuid}", read_text),
    page("/account/consents/{text_id:uuid}", give, ["POST"]),
    page("/account/consents/{consent_id:uuid}/revoke", revoke, ["POST"]),
]
