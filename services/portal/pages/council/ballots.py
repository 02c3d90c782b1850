"""Votes of the council: what waits for mine, open and secret ballots, standing aside, opinions, powers."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from services.portal.client import Problem, part, together
from services.portal.council import CHOICES
from services.portal.forms import Field, Group, Typed, put_errors, require_all, typed_of
from services.portal.pages.council.names import COUNCIL, OFFICE, SEATED, names_for
from services.portal.pages.routes import page
from services.portal.pages.steps import No, asked
from services.portal.rendering import go, portal_of, show, visitor_of, words_for
from services.portal.words import N_, as_local

POWER = Group(
    N_("The written power"),
    (
        Field("from_seat_id", N_("Whose vote"), "choice"),
        Field("to_seat_id", N_("Who casts it"), "choice"),
        Field("number", N_("Number"), is_half=True),
        Field("given_on", N_("Given on"), "day", is_half=True),
        Field("valid_from", N_("First day"), "day", is_half=True),
        Field("valid_until", N_("Last day"), "day", is_half=True),
    ),
)


async def waiting(request: Request) -> Any:
    """The ballots in which a vote of the visitor's has not been cast; Asleep is raised."""
    if not visitor_of(request).may(*SEATED):
        return []
    try:
        found = await portal_of(request).api.get(
            "/council/ballots/waiting", visitor_of(request).token
        )
    except Problem as problem:
        if problem.status in (403, 404):
            return []
        raise
    return found["items"]


# --- one ballot ----------------------------------------------------------------------------------


async def ballot(request: Request) -> Response:
    """One ballot: the question, my votes, and after the close what it came to."""
    return await _show(request)


async def _show(
    request: Request,
    status: int = 200,
    *,
    sentence: str | None = None,
    step: str | None = None,
    typed: str = "",
    receipts: list[str] | None = None,
) -> Response:
    portal, visitor = portal_of(request), visitor_of(request)
    ballot_id = request.path_params["ballot_id"]
    found, names = await together(
        portal.api.get(f"/council/ballots/{ballot_id}", visitor.token), names_for(request)
    )
    is_over = found["status"] == "closed"
    recusals, roll, papers, dissents = await together(
        part(portal.api.get(f"/council/items/{found['item_id']}/recusals", visitor.token)),
        *(
            part(portal.api.get(f"/council/ballots/{ballot_id}/{name}", visitor.token))
            if is_over and (name != "papers" or found["is_secret"])
            else _nothing()
            for name in ("roll", "papers", "dissents")
        ),
    )
    today = as_local(portal.clock()).date().isoformat()
    result = found["result"]
    return show(
        request,
        "council/ballot.html",
        status,
        ballot=found,
        names=names,
        recusals=recusals,
        roll=roll,
        papers=papers,
        dissents=dissents,
        choices=CHOICES,
        receipts=receipts or [],
        sentence=sentence,
        step=step,
        typed=typed,
        may_close=not is_over and visitor.may(*OFFICE),
        may_stand_aside=not is_over
        and any(not each["is_recused"] and not each["has_voted"] for each in found["own"]),
        may_dissent=is_over
        and bool(found["own"])
        and result is not None
        and result["outcome"] != "no_quorum"
        and today <= result["dissent_until_on"],
    )


async def _nothing() -> None:
    return None


async def vote(request: Request) -> Response:
    """Casts a vote; the receipts of a secret one are shown now, and never again."""
    form = await request.form()
    words = words_for(request)
    choice = str(form.get("choice", ""))
    if choice not in CHOICES:
        return await _show(
            request, 422, sentence=words.text("Choose one of the three."), step="vote"
        )
    ballot_id = request.path_params["ballot_id"]
    body = {"choice": choice, "seat_id": str(form.get("seat_id", "")) or None}
    done = await asked(request, f"/council/ballots/{ballot_id}/vote", body)
    if isinstance(done, No):
        return await _show(request, done.status, sentence=done.sentence, step="vote")
    if done["receipts"]:
        return await _show(request, receipts=done["receipts"])
    return go(request, f"/council/ballots/{ballot_id}")


async def close(request: Request) -> Response:
    """Closes the ballot and counts."""
    ballot_id = request.path_params["ballot_id"]
    done = await asked(request, f"/council/ballots/{ballot_id}/close")
    if isinstance(done, No):
        return await _show(request, done.status, sentence=done.sentence)
    return go(request, f"/council/ballots/{ballot_id}")


async def dissent(request: Request) -> Response:
    """Files a dissenting opinion, which stays."""
    return await _say(request, "dissent", "words", N_("Write the opinion."))


async def stand_aside(request: Request) -> Response:
    """Stands aside because of a conflict of interest, for good."""
    return await _say(request, "recuse", "reason", N_("Say what the conflict of interest is."))


async def _say(request: Request, step: str, field: str, missing: str) -> Response:
    form = await request.form()
    words = words_for(request)
    ballot_id = request.path_params["ballot_id"]
    typed = str(form.get(field, "")).strip()
    if not typed:
        return await _show(request, 422, sentence=words.text(missing), step=step)
    path = f"/council/ballots/{ballot_id}/dissents"
    if step == "recuse":
        found = await portal_of(request).api.get(
            f"/council/ballots/{ballot_id}", visitor_of(request).token
        )
        path = f"/council/items/{found['item_id']}/recusals"
    done = await asked(request, path, {field: typed})
    if isinstance(done, No):
        return await _show(request, done.status, sentence=done.sentence, step=step, typed=typed)
    return go(request, f"/council/ballots/{ballot_id}")


# --- written powers ------------------------------------------------------------------------------


async def powers(request: Request) -> Response:
    """Written powers, and the form of another one."""
    return await _powers(request, typed_of([POWER], request.query_params))


async def register(request: Request) -> Response:
    """Registers a written power."""
    typed = typed_of([POWER], await request.form())
    words = words_for(request)
    require_all([POWER], typed, words)
    if typed.errors:
        return await _powers(request, typed, 422)
    body = {each.name: typed.said(each.name) for each in POWER.fields}
    done = await asked(request, "/council/powers", body)
    if isinstance(done, No):
        sentence = (
            put_errors(typed, [POWER], done.problem, words) if done.problem else done.sentence
        )
        return await _powers(request, typed, done.status, sentence)
    return go(request, "/council/powers")


async def revoke(request: Request) -> Response:
    """Takes a power back."""
    power_id = request.path_params["power_id"]
    done = await asked(request, f"/council/powers/{power_id}/revoke")
    if isinstance(done, No):
        return await _powers(request, Typed({}), done.status, done.sentence)
    return go(request, "/council/powers")


async def _powers(
    request: Request, typed: Typed, status: int = 200, sentence: str | None = None
) -> Response:
    portal, visitor = portal_of(request), visitor_of(request)
    found, composition, names = await together(
        part(portal.api.get("/council/powers", visitor.token, limit=100)),
        part(portal.api.get("/council/composition", visitor.token)),
        names_for(request),
    )
    voting = {
        each["id"]: names.seat(each["id"])
        for each in (composition["seats"] if isinstance(composition, dict) else [])
        if each["has_vote"]
    }
    own = {
        seat_id: name
        for seat_id, name in voting.items()
        if visitor.may(*OFFICE) or names.seats[seat_id]["person_id"] == visitor.person["person_id"]
    }
    return show(
        request,
        "council/powers.html",
        status,
        found=found,
        names=names,
        group=POWER.with_choices("from_seat_id", own).with_choices("to_seat_id", voting),
        typed=typed,
        sentence=sentence,
        own=own,
        today=as_local(portal.clock()).date().isoformat(),
        may_give=bool(own) and visitor.may(*COUNCIL),
    )


ROUTES = [
    page("/council/ballots/{ballot_id:uuid}", ballot),
    page("/council/ballots/{ballot_id:uuid}/vote", vote, ["POST"]),
    page("/council/ballots/{ballot_id:uuid}/close", close, ["POST"]),
    page("/council/ballots/{ballot_id:uuid}/dissent", dissent, ["POST"]),
    page("/council/ballots/{ballot_id:uuid}/recuse", stand_aside, ["POST"]),
    page("/council/powers", powers),
    page("/council/powers", register, ["POST"]),
    page("/council/powers/{power_id:uuid}/revoke", revoke, ["POST"]),
]
