"""Meetings of the council: planned, announced, opened with a quorum, closed; who is there; calls out of turn."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from services.portal.client import Asleep, Problem, part, together
from services.portal.council import MEETING, MEETING_FORMS, MEETING_KINDS, WAYS
from services.portal.forms import (
    Field,
    Group,
    Typed,
    instant_of,
    moment_text,
    put_errors,
    require_all,
    typed_of,
)
from services.portal.pages.council.minutes import of_meeting
from services.portal.pages.council.names import COUNCIL, OFFICE, SEATED, Names, names_for
from services.portal.pages.routes import page
from services.portal.pages.steps import No, asked
from services.portal.rendering import go, is_htmx, portal_of, show, visitor_of, words_for
from services.portal.words import N_, as_day

LIMIT = 50
CALL = Group(
    N_("When and where"),
    (
        Field("form", N_("How"), "choice", choices=MEETING_FORMS, is_half=True),
        Field("starts_at", N_("Begins"), "moment", is_half=True),
        Field("place", N_("Place"), hint=N_("For a meeting in person."), is_needed=False),
        Field(
            "link",
            N_("Address of the video meeting"),
            "url",
            hint=N_("The council and those who are invited see it."),
            is_needed=False,
            length_max=500,
        ),
        Field(
            "absentee_until",
            N_("Votes in writing are taken until"),
            "moment",
            is_needed=False,
            is_half=True,
        ),
    ),
)
KIND = Group(
    N_("What meeting"),
    (Field("kind", N_("Kind"), "choice", choices=MEETING_KINDS),),
)
REASON = Group(
    N_("Why it is moved"),
    (Field("reason", N_("Reason"), is_needed=False, length_max=2000),),
)
FAULTS = {
    "starts_at": N_("Choose a time from now on, within 500 days."),
    "place": N_("A meeting in person has a place, and no other has one."),
    "link": N_("A meeting by video has an address, and no other has one."),
    "absentee_until": N_(
        "In writing there is a last moment, after the working days that the council has set."
    ),
}
"""What may be wrong with a field that the service does not take, where more can be said."""

STEPS = ("announce", "open", "close", "cancel", "register", "leave", "order")


async def meetings(request: Request) -> Response:
    """All meetings, the newest first; above them those to come, and calls for one out of turn."""
    portal, visitor = portal_of(request), visitor_of(request)
    query = request.query_params
    status = query.get("status") if query.get("status") in MEETING else None
    cursor = query.get("cursor")
    found, calls, names = await together(
        part(
            portal.api.get(
                "/council/meetings", visitor.token, status=status, cursor=cursor, limit=LIMIT
            )
        ),
        part(_calls(request)),
        names_for(request),
    )
    return show(
        request,
        "council/meeting_rows.html" if is_htmx(request) and cursor else "council/meetings.html",
        found=found,
        calls=calls,
        names=names,
        state=status,
        states=MEETING,
        may_plan=visitor.may(*OFFICE),
        may_call=visitor.may(*SEATED),
        sentence=None,
    )


async def _calls(request: Request) -> list[Any]:
    """The calls that no meeting was planned on yet; none for those who may not know."""
    if not visitor_of(request).may(*COUNCIL):
        return []
    try:
        found = await portal_of(request).api.get("/council/calls", visitor_of(request).token)
    except Problem as problem:
        if problem.status in (403, 404):
            return []
        raise
    return [each for each in found["items"] if each["meeting_id"] is None]


async def call(request: Request) -> Response:
    """Calls for a meeting out of turn."""
    reason = str((await request.form()).get("reason", "")).strip()
    if not reason:
        raise Problem(422, "invalid", "")
    done = await asked(request, "/council/calls", {"reason": reason})
    if isinstance(done, No):
        raise done.problem or Asleep("council")
    return go(request, "/council/meetings")


async def support(request: Request) -> Response:
    """Supports a call."""
    done = await asked(request, f"/council/calls/{request.path_params['call_id']}/support")
    if isinstance(done, No):
        raise done.problem or Asleep("council")
    return go(request, "/council/meetings")


# --- planning ------------------------------------------------------------------------------------


async def new_meeting(request: Request) -> Response:
    """The form of a meeting."""
    return _form(request, typed_of([KIND, CALL], {"kind": "regular", **request.query_params}))


async def plan(request: Request) -> Response:
    """Plans the meeting."""
    said = await request.form()
    typed = typed_of([KIND, CALL], said)
    call_id = str(said.get("call_id", "")) or None
    done = await _ask_for_call(
        request, "/council/meetings", typed, [KIND, CALL], kind=typed["kind"], call_id=call_id
    )
    if isinstance(done, No):
        return _form(request, typed, done.status, done.sentence)
    return go(request, f"/council/meetings/{done['id']}")


def _form(
    request: Request, typed: Typed, status: int = 200, sentence: str | None = None
) -> Response:
    return show(
        request,
        "council/meeting_form.html",
        status,
        groups=[KIND, CALL],
        typed=typed,
        call_id=request.query_params.get("call_id", ""),
        meeting=None,
        sentence=sentence,
        may_plan=visitor_of(request).may(*OFFICE),
    )


async def _ask_for_call(
    request: Request, path: str, typed: Typed, groups: list[Group], **more: Any
) -> Any:
    """Asks for a meeting at a time; a No has its words beside the fields already."""
    words = words_for(request)
    require_all(groups, typed, words)
    instants = {name: instant_of(typed[name]) for name in ("starts_at", "absentee_until")}
    for name, instant in instants.items():
        if typed[name] and instant is None:
            typed.errors[name] = words.text("Choose day and time.")
    if typed.errors:
        return No(422, "")
    body = {
        "form": typed["form"],
        "place": typed.said("place"),
        "link": typed.said("link"),
        **instants,
        **more,
    }
    done = await asked(request, path, body)
    if isinstance(done, No) and done.problem is not None:
        for name in done.faults & FAULTS.keys():
            typed.errors[name] = words.text(FAULTS[name])
        return No(done.status, put_errors(typed, groups, done.problem, words) or "")
    return done


# --- one meeting ---------------------------------------------------------------------------------


async def meeting(request: Request) -> Response:
    """One meeting: what comes next, its agenda, who is there, and whether that is a quorum."""
    return await show_meeting(request)


async def show_meeting(
    request: Request,
    status: int = 200,
    *,
    sentence: str | None = None,
    step: str | None = None,
    typed: str = "",
) -> Response:
    """The page of the meeting in the path, with what was wrong with a step, if anything was."""
    portal, visitor = portal_of(request), visitor_of(request)
    path = f"/council/meetings/{request.path_params['meeting_id']}"
    reply, names = await together(portal.api.send("GET", path, visitor.token), names_for(request))
    found = reply.body
    on = as_day(found["starts_at"])
    sits = visitor.may(*COUNCIL)
    attendance, composition, ballots, parameters = await together(
        _inside(request, f"{path}/attendance") if sits else _nothing(),
        part(portal.api.get("/council/composition", visitor.token, on=on)),
        _inside(request, "/council/ballots", meeting_id=found["id"], limit=200)
        if sits
        else _nothing(),
        part(portal.api.get("/council/parameters", visitor.token, on=on)),
    )
    papers = await of_meeting(request, found["id"]) if found["status"] == "closed" else []
    room = room_of(attendance, composition, parameters, names)
    return show(
        request,
        "council/meeting.html",
        status,
        meeting=found,
        etag=reply.headers.get("etag", ""),
        names=names,
        room=room,
        ballots=_by_item(ballots),
        papers=[] if isinstance(papers, Asleep) else papers,
        own_seat=next(
            (
                each["id"]
                for each in room["seats"]
                if each["person_id"] == visitor.person["person_id"]
            ),
            None,
        ),
        ways={
            name: text
            for name, text in WAYS.items()
            if found["form"] == "mixed" or name == found["form"]
        },
        is_office=visitor.may(*OFFICE),
        sits=visitor.may(*SEATED),
        sentence=sentence,
        step=step,
        typed=typed,
    )


async def _inside(request: Request, path: str, **query: Any) -> Any:
    """What only the council sees; None for who is not of it after all."""
    try:
        return await part(portal_of(request).api.get(path, visitor_of(request).token, **query))
    except Problem as problem:
        if problem.status in (403, 404):
            return None
        raise


async def _nothing() -> None:
    return None


def _by_item(ballots: Any) -> dict[str, list[Any]]:
    """The ballots of each item, the newest first."""
    found: dict[str, list[Any]] = {}
    if isinstance(ballots, dict):
        for each in ballots["items"]:
            found.setdefault(each["item_id"], []).append(each)
    return found


def room_of(attendance: Any, composition: Any, parameters: Any, names: Names) -> dict[str, Any]:
    """Who could be there and who is, by seat; and the quorum as it is now."""
    seats = composition["seats"] if isinstance(composition, dict) else []
    lines = attendance["items"] if isinstance(attendance, dict) else []
    present = {each["seat_id"] for each in lines if each["left_at"] is None}
    voting = [each for each in seats if each["has_vote"]]
    there = [each for each in voting if each["id"] in present]
    percents = (
        [
            int(each["value"])
            for each in parameters["items"]
            if each["name"] == "council.quorum_percent"
        ]
        if isinstance(parameters, dict)
        else []
    )
    percent = percents[0] if percents else None
    return {
        "is_known": isinstance(attendance, dict) and isinstance(composition, dict),
        "seats": seats,
        "present": [each for each in seats if each["id"] in present],
        "absent": [each for each in seats if each["id"] not in present],
        "voting": len(voting),
        "there": len(there),
        "percent": percent,
        "has_quorum": percent is not None and len(there) * 100 > percent * len(voting),
        "names": {each["id"]: names.seat(each["id"]) for each in seats},
    }


async def take_step(request: Request) -> Response:
    """Announces, opens, closes, cancels, registers, notes who left, puts the agenda in order."""
    form = await request.form()
    words = words_for(request)
    meeting_id, step = request.path_params["meeting_id"], request.path_params["step"]
    path = f"/council/meetings/{meeting_id}"
    if step not in STEPS:
        raise Problem(404, "not-found", "")

    def said(name: str) -> str | None:
        return str(form.get(name, "")).strip() or None

    reason = said("reason")
    if step == "cancel" and reason is None:
        return await show_meeting(request, 422, sentence=words.text("Say why."), step=step)
    bodies: dict[str, Any] = {
        "open": {"chair_seat_id": said("chair_seat_id")},
        "cancel": {"reason": reason},
        "register": {"way": said("way") or "in_person", "seat_id": said("seat_id")},
        "leave": {"seat_id": said("seat_id")},
        "order": {"item_ids": str(form.get("item_ids", "")).split(",")},
    }
    done = await asked(
        request,
        f"{path}/{step}",
        bodies.get(step),
        etag=said("etag") if step in ("announce", "open", "close", "cancel") else None,
    )
    if isinstance(done, No):
        sentence = done.sentence
        if done.faults & {"chair_seat_id"}:
            sentence = words.text("The chair is somebody with a vote who is present.")
        return await show_meeting(
            request, done.status, sentence=sentence, step=step, typed=reason or ""
        )
    return go(request, path)


async def open_ballot(request: Request) -> Response:
    """Opens the vote on an item, with those entitled fixed."""
    form = await request.form()
    item_id = request.path_params["item_id"]
    closes_at = instant_of(str(form.get("closes_at", "")))
    body = {"is_secret": bool(form.get("is_secret")), "closes_at": closes_at}
    done = await asked(request, f"/council/items/{item_id}/ballots", body)
    if isinstance(done, No):
        return await show_meeting(request, done.status, sentence=done.sentence)
    return go(request, f"/council/ballots/{done['id']}")


async def move_form(request: Request) -> Response:
    """Another time for the meeting."""
    meeting_id = request.path_params["meeting_id"]
    found = await portal_of(request).api.get(
        f"/council/meetings/{meeting_id}", visitor_of(request).token
    )
    said = {name: found[name] or "" for name in ("form", "place", "link")} | {
        name: moment_text(found[name]) for name in ("starts_at", "absentee_until")
    }
    return _move_form(request, found, typed_of([CALL, REASON], said))


async def move(request: Request) -> Response:
    """Has it take place at another time, to which the council is called."""
    meeting_id = request.path_params["meeting_id"]
    typed = typed_of([CALL, REASON], await request.form())
    done = await _ask_for_call(
        request,
        f"/council/meetings/{meeting_id}/move",
        typed,
        [CALL, REASON],
        reason=typed.said("reason"),
    )
    if isinstance(done, No):
        found = await portal_of(request).api.get(
            f"/council/meetings/{meeting_id}", visitor_of(request).token
        )
        return _move_form(request, found, typed, done.status, done.sentence)
    return go(request, f"/council/meetings/{done['id']}")


def _move_form(
    request: Request,
    meeting: Any,
    typed: Typed,
    status: int = 200,
    sentence: str | None = None,
) -> Response:
    return show(
        request,
        "council/meeting_form.html",
        status,
        groups=[CALL, REASON],
        typed=typed,
        call_id="",
        meeting=meeting,
        sentence=sentence,
        may_plan=visitor_of(request).may(*OFFICE),
    )


ROUTES = [
    page("/council/meetings", meetings),
    page("/council/meetings/new", new_meeting),
    page("/council/meetings/new", plan, ["POST"]),
    page("/council/calls", call, ["POST"]),
    page("/council/calls/{call_id:uuid}/support", support, ["POST"]),
    page("/council/meetings/{meeting_id:uuid}", meeting),
    page("/council/meetings/{meeting_id:uuid}/move", move_form),
    page("/council/meetings/{meeting_id:uuid}/move", move, ["POST"]),
    page("/council/meetings/{meeting_id:uuid}/items/{item_id:uuid}/vote", open_ballot, ["POST"]),
    page("/council/meetings/{meeting_id:uuid}/{step}", take_step, ["POST"]),
]
