"""Keys for the organisation's own programs: made, shown once, revoked."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from services.portal.client import Asleep, Problem, part, together
from services.portal.pages.people import own_people, require_may_name, roles_of
from services.portal.pages.routes import page
from services.portal.refusals import words_of
from services.portal.rendering import field_errors, go, portal_of, show, visitor_of, words_for
from services.portal.words import N_

FAULTS = {
    "name": N_("Say which program it is for."),
    "roles": N_("Choose roles that you have yourself."),
    "expires_on": N_("Choose a last day from today on, within a year."),
}


async def keys(request: Request) -> Response:
    """The organisation's keys by name, and the form of another one."""
    return await _page(request, {})


async def make_key(request: Request) -> Response:
    """Makes a key, which is shown this once."""
    await require_may_name(request)
    form, words = await request.form(), words_for(request)
    said = {name: str(form.get(name, "")).strip() for name in ("name", "expires_on")}
    chosen = roles_of(form)
    body = {"name": said["name"], "roles": chosen, "expires_on": said["expires_on"] or None}
    try:
        made = await portal_of(request).api.post(
            "/membership/api-keys", visitor_of(request).token, body
        )
    except Problem as problem:
        if problem.status in (401, 404):
            raise
        found = field_errors(problem, words)
        errors = {name: words.text(FAULTS[name]) for name in found if name in FAULTS}
        sentence = None if errors else words_of(words, problem.code, problem.facts)
        return await _page(request, said, chosen, problem.status, errors, sentence)
    except Asleep:
        return await _page(request, said, chosen, 503, {}, words_of(words, "unavailable"))
    return show(request, "people/key.html", 201, key=made["key"], item=made["item"])


async def revoke_key(request: Request) -> Response:
    """Revokes a key; one that is revoked already stays so."""
    await portal_of(request).api.send(
        "DELETE",
        f"/membership/api-keys/{request.path_params['key_id']}",
        visitor_of(request).token,
    )
    return go(request, "/members/people/keys")


async def _page(
    request: Request,
    said: dict[str, str],
    chosen: list[str] | None = None,
    status: int = 200,
    errors: dict[str, str] | None = None,
    sentence: str | None = None,
) -> Response:
    await require_may_name(request)
    portal, visitor = portal_of(request), visitor_of(request)
    found, people = await together(
        part(portal.api.every("/membership/api-keys", visitor.token)), part(own_people(request))
    )
    names: dict[str, Any] = {}
    if not isinstance(people, Asleep):
        names = {each["person_id"]: each for each in people}
    return show(
        request,
        "people/keys.html",
        status,
        keys=found,
        names=names,
        said=said,
        chosen=chosen or [],
        errors=errors or {},
        sentence=sentence,
    )


ROUTES = [
    page("/members/people/keys", keys),
    page("/members/people/keys", make_key, ["POST"]),
    page("/members/people/keys/{key_id:uuid}/revoke", revoke_key, ["POST"]),
]
