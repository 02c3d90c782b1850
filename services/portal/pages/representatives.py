"""Representatives: inviting people, who signs by what paper, and handing over when somebody leaves."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from services.portal.client import Asleep, Problem, part, together
from services.portal.pages.people import (
    back_of,
    member_id_of,
    own_people,
    require_may_name,
    roles_of,
)
from services.portal.pages.routes import page
from services.portal.refusals import words_of
from services.portal.rendering import field_errors, go, portal_of, show, visitor_of, words_for
from services.portal.words import N_, Words
from shared.ids import new_id

FAULTS = {
    "email": N_("Write the whole address, with the sign @ in it."),
    "roles": N_("Choose at least one role."),
    "number": N_("A power of attorney has a number, a charter has none."),
    "issued_on": N_("A power of attorney has a date."),
    "valid_from": N_("Powers begin on their date or later, and are valid on the day itself."),
    "valid_to": N_("Powers end after they begin, within ten years."),
    "person_id": N_("Choose a person."),
    "from_person_id": N_("Choose a person."),
    "to_person_id": N_("Choose another person who acts for your organisation."),
    "from_on": N_("Choose a day from today on, within a year."),
    "power": N_("Name the paper by which the one who follows will sign."),
    "powers_required_from": N_("The rule holds from today on, or from a later day."),
    "password": N_("At least ten characters, and none of those that are guessed first."),
    "family_name": N_("Fill this in."),
    "given_name": N_("Fill this in."),
}
"""What may be wrong with a field that the service does not take, where more can be said."""

PAPER = ("kind", "number", "issued_on", "valid_from", "valid_to")


def _faults(words: Words, problem: Problem) -> dict[str, str]:
    found = field_errors(problem, words)
    return {
        name: words.text(FAULTS[name]) if name in FAULTS else sentence
        for name, sentence in found.items()
    }


async def _said(request: Request) -> dict[str, str]:
    form = await request.form()
    return {name: str(text).strip() for name, text in form.items()}


# --- inviting ------------------------------------------------------------------------------------


async def invitation_form(request: Request) -> Response:
    """The form that invites somebody by a letter."""
    await require_may_name(request)
    chosen = ["coordinator"] if "member_id" in request.path_params else []
    return await _invitation_form(request, {"key": str(new_id())}, chosen)


async def invite(request: Request) -> Response:
    """Sends the letter, and goes back to the people."""
    await require_may_name(request)
    words, said = words_for(request), await _said(request)
    chosen = roles_of(await request.form())
    errors = {
        name: words.text(FAULTS[name])
        for name, is_right in (("email", "@" in said.get("email", "")), ("roles", bool(chosen)))
        if not is_right
    }
    if errors:
        return await _invitation_form(request, said, chosen, 422, errors)
    body = {"email": said["email"], "roles": chosen, "member_id": member_id_of(request)}
    try:
        await portal_of(request).api.post(
            "/membership/invitations", visitor_of(request).token, body, key=said.get("key") or None
        )
    except Problem as problem:
        if problem.status in (401, 404):
            raise
        errors = _faults(words, problem)
        sentence = None if errors else words_of(words, problem.code, problem.facts)
        if problem.code == "idempotency-key-reused":
            said["key"] = str(new_id())
        return await _invitation_form(request, said, chosen, problem.status, errors, sentence)
    except Asleep:
        sentence = words_of(words, "unavailable")
        return await _invitation_form(request, said, chosen, 503, {}, sentence)
    return go(request, back_of(request), invited="yes")


async def _invitation_form(
    request: Request,
    said: Mapping[str, str],
    chosen: list[str],
    status: int = 200,
    errors: Mapping[str, str] | None = None,
    sentence: str | None = None,
) -> Response:
    members = await portal_of(request).directory.members()
    return show(
        request,
        "people/invite.html",
        status,
        said=said,
        chosen=chosen,
        errors=errors or {},
        sentence=sentence,
        back=back_of(request),
        member=members.get(member_id_of(request) or ""),
    )


async def take_back(request: Request) -> Response:
    """Takes an invitation back; one that is gone already stays gone."""
    invitation_id = request.path_params["invitation_id"]
    try:
        await portal_of(request).api.send(
            "DELETE", f"/membership/invitations/{invitation_id}", visitor_of(request).token
        )
    except Problem as problem:
        if problem.status != 404:
            raise
    return go(request, "/members/people")


async def offer(request: Request) -> Response:
    """To where the letter's link leads: what one is asked to do, and for whom."""
    return await _offer(request, {"token": request.query_params.get("token", "")})


async def accept(request: Request) -> Response:
    """Accepts, and goes on to the sign-in."""
    words, said = words_for(request), await _said(request)
    names = ("family_name", "given_name", "patronymic", "email")
    body = {name: said.get(name) or None for name in names}
    try:
        await portal_of(request).api.post(
            "/membership/invitations/accept",
            body={"token": said.get("token"), "password": said.get("password"), **body},
        )
    except Problem as problem:
        errors = _faults(words, problem)
        if problem.code == "wrong-credentials":
            errors = {"password": words_of(words, problem.code)}
        sentence = None if errors else words_of(words, problem.code, problem.facts)
        return await _offer(request, said, problem.status, errors, sentence)
    except Asleep:
        return await _offer(request, said, 503, {}, words_of(words, "unavailable"))
    return go(request, "/sign-in", accepted="yes")


async def _offer(
    request: Request,
    said: Mapping[str, str],
    status: int = 200,
    errors: Mapping[str, str] | None = None,
    sentence: str | None = None,
) -> Response:
    words, found, body = words_for(request), None, {"token": said.get("token", "")}
    try:
        if body["token"]:
            found = await part(
                portal_of(request).api.post("/membership/invitations/look", body=body)
            )
    except Problem as problem:
        code = "link-over" if problem.status == 422 else problem.code
        status, sentence = problem.status, words_of(words, code, problem.facts)
    return show(
        request,
        "people/offer.html",
        status,
        said=said,
        offer=found,
        errors=errors or {},
        sentence=sentence,
    )


# --- who signs -----------------------------------------------------------------------------------


async def signing(request: Request) -> Response:
    """Who signs for the own member by what paper, and from when on papers are asked for."""
    return await _signing(request, {})


async def record_power(request: Request) -> Response:
    """Puts a paper on record."""
    said = await _said(request)
    body = {name: said.get(name) or None for name in ("person_id", *PAPER)}
    return await _act(request, "POST", "/membership/powers", body, said)


async def revoke_power(request: Request) -> Response:
    """Ends powers at once."""
    path = f"/membership/powers/{request.path_params['power_id']}/revoke"
    return await _act(request, "POST", path, None, {})


async def set_rule(request: Request) -> Response:
    """From when on signatures need papers on record, or never."""
    said = await _said(request)
    path = f"/membership/members/{visitor_of(request).member_id}/signing-rule"
    body = {"powers_required_from": said.get("powers_required_from") or None}
    return await _act(request, "PUT", path, body, said)


async def _act(
    request: Request, method: str, path: str, body: Any, said: Mapping[str, str]
) -> Response:
    words = words_for(request)
    try:
        await portal_of(request).api.send(method, path, visitor_of(request).token, body=body)
    except Problem as problem:
        if problem.status in (401, 403, 404):
            raise
        errors = _faults(words, problem)
        sentence = None if errors else words_of(words, problem.code, problem.facts)
        return await _signing(request, said, problem.status, errors, sentence)
    except Asleep:
        return await _signing(request, said, 503, {}, words_of(words, "unavailable"))
    return go(request, "/members/people/signing")


async def _signing(
    request: Request,
    said: Mapping[str, str],
    status: int = 200,
    errors: Mapping[str, str] | None = None,
    sentence: str | None = None,
) -> Response:
    portal, visitor = portal_of(request), visitor_of(request)
    await require_may_name(request)
    people, powers, rule = await together(
        part(own_people(request)),
        part(portal.api.every("/membership/powers", visitor.token)),
        part(
            portal.api.get(f"/membership/members/{visitor.member_id}/signing-rule", visitor.token)
        ),
    )
    return show(
        request,
        "people/signing.html",
        status,
        people=people,
        powers=powers,
        rule=rule,
        names=_names(people),
        said=said,
        errors=errors or {},
        sentence=sentence,
    )


def _names(people: Any) -> dict[str, Any]:
    return {} if isinstance(people, Asleep) else {each["person_id"]: each for each in people}


# --- handing over --------------------------------------------------------------------------------


async def handing_over(request: Request) -> Response:
    """The form that hands over, and what is being handed over already."""
    return await _handing_over(request, {"from_person_id": request.query_params.get("from", "")})


async def hand_over(request: Request) -> Response:
    """Hands one person's roles and powers over to another."""
    words, said = words_for(request), await _said(request)
    names = ("from_person_id", "to_person_id", "from_on")
    body: dict[str, Any] = {name: said.get(name) or None for name in names}
    if said.get("kind"):
        body["power"] = {name: said.get(name) or None for name in PAPER}
        body["power"]["valid_from"] = said.get("from_on") or None
    portal = portal_of(request)
    try:
        await portal.api.post("/membership/handovers", visitor_of(request).token, body)
    except Problem as problem:
        if problem.status in (401, 403):
            raise
        errors = _faults(words, problem)
        sentence = None if errors else words_of(words, problem.code, problem.facts)
        return await _handing_over(request, said, problem.status, errors, sentence)
    except Asleep:
        return await _handing_over(request, said, 503, {}, words_of(words, "unavailable"))
    portal.visitors.forget(request)
    if said.get("from_person_id") == visitor_of(request).person["person_id"]:
        return go(request, "/account")
    return go(request, "/members/people/hand-over")


async def call_off(request: Request) -> Response:
    """Calls a handover off; one whose day has come stays as it is."""
    path = f"/membership/handovers/{request.path_params['handover_id']}/call-off"
    words = words_for(request)
    try:
        await portal_of(request).api.post(path, visitor_of(request).token)
    except Problem as problem:
        if problem.status != 409:
            raise
        sentence = words_of(words, problem.code, problem.facts)
        return await _handing_over(request, {}, 409, {}, sentence)
    return go(request, "/members/people/hand-over")


async def _handing_over(
    request: Request,
    said: Mapping[str, str],
    status: int = 200,
    errors: Mapping[str, str] | None = None,
    sentence: str | None = None,
) -> Response:
    portal, visitor = portal_of(request), visitor_of(request)
    await require_may_name(request)
    people, handovers = await together(
        part(own_people(request)),
        part(portal.api.every("/membership/handovers", visitor.token)),
    )
    return show(
        request,
        "people/handing_over.html",
        status,
        people=people,
        handovers=handovers,
        names=_names(people),
        said=said,
        errors=errors or {},
        sentence=sentence,
    )


ROUTES = [
    page("/members/people/invite", invitation_form),
    page("/members/people/invite", invite, ["POST"]),
    page("/members/{member_id:uuid}/people/invite", invitation_form),
    page("/members/{member_id:uuid}/people/invite", invite, ["POST"]),
    page("/members/people/invitations/{invitation_id:uuid}/take-back", take_back, ["POST"]),
    page("/invitation", offer, public=True),
    page("/invitation", accept, ["POST"], public=True),
    page("/members/people/signing", signing),
    page("/members/people/signing", record_power, ["POST"]),
    page("/members/people/signing/rule", set_rule, ["POST"]),
    page("/members/people/powers/{power_id:uuid}/revoke", revoke_power, ["POST"]),
    page("/members/people/hand-over", handing_over),
    page("/members/people/hand-over", hand_over, ["POST"]),
    page("/members/people/handovers/{handover_id:uuid}/call-off", call_off, ["POST"]),
]
