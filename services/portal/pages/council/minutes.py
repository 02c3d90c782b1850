"""Minutes of a meeting: the secretary's words, the document, its signatures, publication, extracts."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from services.portal.client import Problem, part, together
from services.portal.pages.council.names import OFFICE, SEATED, Names, names_for
from services.portal.pages.routes import page
from services.portal.pages.steps import No, asked
from services.portal.rendering import go, portal_of, show, visitor_of, words_for
from services.portal.words import as_local

FORMATS = ("pdf", "docx")
STEPS = ("fix", "reopen", "sign", "publish", "correct")


async def make(request: Request) -> Response:
    """Makes a draft of the minutes of a meeting that is over."""
    meeting_id = request.path_params["meeting_id"]
    done = await asked(request, f"/council/meetings/{meeting_id}/minutes")
    if isinstance(done, No):
        if done.problem is None or done.problem.code != "minutes-made":
            return _sorry(request, done)
        found = await portal_of(request).api.get(
            "/council/minutes", visitor_of(request).token, meeting_id=meeting_id
        )
        done = found["items"][0]
    return go(request, f"/council/minutes/{done['id']}")


def _sorry(request: Request, no: No) -> Response:
    return show(request, "error.html", no.status, heading="", sentence=no.sentence, kind="danger")


async def minutes(request: Request) -> Response:
    """The minutes, and for the secretary the form of what they say."""
    return await _show(request)


async def _show(
    request: Request,
    status: int = 200,
    *,
    sentence: str | None = None,
    typed: Mapping[str, Any] | None = None,
    step: str | None = None,
    reason: str = "",
) -> Response:
    portal, visitor = portal_of(request), visitor_of(request)
    path = f"/council/minutes/{request.path_params['minutes_id']}"
    reply, names = await together(portal.api.send("GET", path, visitor.token), names_for(request))
    found = reply.body
    meeting = await portal.api.get(f"/council/meetings/{found['meeting_id']}", visitor.token)
    own = {
        seat_id
        for seat_id, seat in names.seats.items()
        if seat["person_id"] == visitor.person["person_id"]
    }
    is_office = visitor.may(*OFFICE)
    status_now = found["status"]
    return show(
        request,
        "council/minutes.html",
        status,
        minutes=found,
        etag=reply.headers.get("etag", ""),
        meeting=meeting,
        names=names,
        texts=typed or texts_of(found, meeting, names),
        is_office=is_office,
        may_sign=status_now == "fixed"
        and visitor.may(*SEATED)
        and bool(own & set(found["waits_for"])),
        may_correct=is_office
        and status_now in ("signed", "published")
        and found["corrected_by_id"] is None,
        sentence=sentence,
        step=step,
        reason=reason,
        today=as_local(portal.clock()).date(),
    )


def texts_of(
    minutes: Mapping[str, Any], meeting: Mapping[str, Any], names: Names
) -> dict[str, Any]:
    """What the form shows: what was entered already, and names as far as they are known."""
    known = minutes["texts"]
    written = {each["seat_id"]: each["name"] for each in known["attendees"]}
    said = {each["item_id"]: each for each in known["items"]}
    return {
        "chair": known["chair"] or _name(names, meeting["chair_seat_id"]),
        "secretary": known["secretary"] or _name(names, meeting["secretary_seat_id"]),
        "invited": "\n".join(known["invited"]),
        "attendees": {
            seat_id: written.get(seat_id) or _name(names, seat_id)
            for seat_id in minutes["seat_ids"]
        },
        "items": {
            item_id: {
                "heard": said.get(item_id, {}).get("heard", ""),
                "spoke": "\n".join(said.get(item_id, {}).get("spoke", [])),
                "responsible": said.get(item_id, {}).get("responsible") or "",
            }
            for item_id in minutes["item_ids"]
        },
    }


def _name(names: Names, seat_id: str | None) -> str:
    found = names.seats.get(seat_id or "")
    name = names.person(found["person_id"]) if found else "—"
    return "" if name == "—" else name


def read(form: FormData, seat_ids: list[str], item_ids: list[str]) -> dict[str, Any]:
    """The form as it was filled in."""

    def said(name: str) -> str:
        return str(form.get(name, "")).strip()

    return {
        "chair": said("chair"),
        "secretary": said("secretary"),
        "invited": said("invited"),
        "attendees": {each: said(f"name.{each}") for each in seat_ids},
        "items": {
            each: {name: said(f"{name}.{each}") for name in ("heard", "spoke", "responsible")}
            for each in item_ids
        },
    }


def body_of(typed: Mapping[str, Any]) -> dict[str, Any]:
    """What the API is asked: one name a line, one speech a line; what is empty is left out."""
    return {
        "chair": typed["chair"] or None,
        "secretary": typed["secretary"] or None,
        "invited": _lines(typed["invited"]),
        "attendees": [
            {"seat_id": seat_id, "name": name}
            for seat_id, name in typed["attendees"].items()
            if name
        ],
        "items": [
            {
                "item_id": item_id,
                "heard": said["heard"],
                "spoke": _lines(said["spoke"]),
                "responsible": said["responsible"] or None,
            }
            for item_id, said in typed["items"].items()
            if said["heard"]
        ],
    }


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


async def write(request: Request) -> Response:
    """Keeps what the secretary has entered; nothing typed is lost."""
    form = await request.form()
    path = f"/council/minutes/{request.path_params['minutes_id']}"
    found = await portal_of(request).api.get(path, visitor_of(request).token)
    typed = read(form, found["seat_ids"], found["item_ids"])
    etag = str(form.get("etag", "")) or None
    done = await asked(request, path, body_of(typed), method="PUT", etag=etag)
    if isinstance(done, No):
        return await _show(request, done.status, sentence=done.sentence, typed=typed)
    return go(request, path)


async def take_step(request: Request) -> Response:
    """Fixes, opens again, signs, publishes or corrects the minutes."""
    form = await request.form()
    words = words_for(request)
    step = request.path_params["step"]
    path = f"/council/minutes/{request.path_params['minutes_id']}"
    if step not in STEPS:
        raise Problem(404, "not-found", "")
    reason = str(form.get("reason", "")).strip()
    if step == "correct" and not reason:
        return await _show(request, 422, sentence=words.text("Say what is wrong."), step=step)
    bodies = {"sign": {"sha256": str(form.get("sha256", ""))}, "correct": {"reason": reason}}
    etag = str(form.get("etag", "")) or None if step not in bodies else None
    done = await asked(request, f"{path}/{step}", bodies.get(step), etag=etag)
    if isinstance(done, No):
        return await _show(request, done.status, sentence=done.sentence, step=step, reason=reason)
    return go(request, f"/council/minutes/{done['id']}")


async def document(request: Request) -> Response:
    """The minutes, or an extract from them, as PDF or DOCX."""
    ending = request.path_params["ending"]
    if ending not in FORMATS:
        raise Problem(404, "not-found", "")
    path = f"/council/minutes/{request.path_params['minutes_id']}"
    if "item_id" in request.path_params:
        path += f"/extracts/{request.path_params['item_id']}"
    reply = await portal_of(request).api.send(
        "GET", f"{path}/document.{ending}", visitor_of(request).token
    )
    title = words_for(request).text("Minutes of the council")
    name = quote(f"{title}.{ending}")
    headers = {
        "Content-Disposition": reply.headers.get(
            "content-disposition",
            f"attachment; filename=\"minutes.{ending}\"; filename*=UTF-8''{name}",
        )
    }
    return Response(reply.content, headers=headers, media_type=reply.media_type)


async def of_meeting(request: Request, meeting_id: str) -> Any:
    """The minutes of a meeting that the visitor may see, the newest first; Asleep while it sleeps."""
    portal, visitor = portal_of(request), visitor_of(request)
    only = None if visitor.may(*SEATED, *OFFICE) else "true"
    try:
        found = await part(
            portal.api.get(
                "/council/minutes", visitor.token, meeting_id=meeting_id, is_published=only
            )
        )
    except Problem as problem:
        if problem.status in (403, 404):
            return []
        raise
    return found["items"] if isinstance(found, dict) else found


ROUTES = [
    page("/council/meetings/{meeting_id:uuid}/minutes", make, ["POST"]),
    page("/council/minutes/{minutes_id:uuid}", minutes),
    page("/council/minutes/{minutes_id:uuid}", write, ["POST"]),
    page("/council/minutes/{minutes_id:uuid}/document.{ending}", document),
    page("/council/minutes/{minutes_id:uuid}/extracts/{item_id:uuid}/document.{ending}", document),
    page("/council/minutes/{minutes_id:uuid}/{step}", take_step, ["POST"]),
]
