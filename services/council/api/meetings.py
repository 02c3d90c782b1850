"""Meetings: planned, announced, opened, closed, moved, cancelled; and calls for one out of turn."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Response
from pydantic import AfterValidator, BaseModel, Field

from services.council.api.routes import COUNCIL, OFFICE, READERS, VOTERS, routes
from services.council.commands import attendance, calls, meetings
from services.council.domain.meetings import (
    Call,
    MeetingForm,
    MeetingKind,
    MeetingStatus,
    Way,
)
from services.council.queries import meetings as queries
from services.council.queries import presence
from shared.etag import IfMatch, stamp
from shared.paging import Cursor, Limit, Page
from shared.routes import Tx
from shared.values import Line, Moment, Words


def _is_link(text: str) -> str:
    if not text.startswith(("https://", "http://")) or any(char.isspace() for char in text):
        raise ValueError("is no address of a page, such as https://video.example/123")
    return text


Link = Annotated[Line, Field(max_length=500), AfterValidator(_is_link)]


class CallOf(BaseModel):
    """When, where and how the council meets; in writing up to `absentee_until`."""

    form: MeetingForm
    starts_at: Moment
    absentee_until: Moment | None = None
    place: Line | None = None
    link: Link | None = None


class NewMeeting(CallOf):
    """A meeting to plan; out of turn by the head, or on the call `call_id`."""

    kind: MeetingKind = MeetingKind.REGULAR
    call_id: UUID | None = None


class Move(CallOf):
    """Another time, and why."""

    reason: Words | None = None


class Why(BaseModel):
    """Why a meeting does not take place, or should."""

    reason: Words


class Opening(BaseModel):
    """Whom those present have chosen to chair; empty where the head or a deputy is there."""

    chair_seat_id: UUID | None


class Registration(BaseModel):
    """How somebody is there; `seat_id` where the secretary says it for another."""

    way: Way
    seat_id: UUID | None = None


class Leaving(BaseModel):
    """Whose seat it is, where the secretary says it for another; empty for the own one."""

    seat_id: UUID | None


class NewInvitation(BaseModel):
    """Who is invited, by id or in words; to one item, or to all."""

    person_id: UUID | None = None
    words: Line | None = None
    item_id: UUID | None = None


class AttendanceList(BaseModel):
    """Who came and who left, in order."""

    items: list[presence.Attendance]


@routes.get("/meetings", may=READERS)
async def list_meetings(
    tx: Tx,
    status: MeetingStatus | None = None,
    order: Literal["newest", "next"] = "newest",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[queries.MeetingItem]:
    """Meetings of the council; `order=next` lists those to come."""
    items, next_cursor = await queries.meetings(
        tx, status=status, order=order, cursor=cursor, limit=limit
    )
    return Page(items=items, next_cursor=next_cursor)


@routes.post("/meetings", may=OFFICE, status_code=201)
async def plan(body: NewMeeting, response: Response, tx: Tx) -> queries.MeetingView:
    """Plans a meeting."""
    meeting_id = await meetings.plan(tx, body.kind, _call(body), body.call_id)
    return await get_meeting(meeting_id, response, tx)


@routes.get("/meetings/{meeting_id}", may=READERS)
async def get_meeting(meeting_id: UUID, response: Response, tx: Tx) -> queries.MeetingView:
    """A meeting with its agenda."""
    meeting = await queries.meeting(tx, meeting_id)
    stamp(response, meeting.version)
    return meeting


@routes.put("/meetings/{meeting_id}", may=OFFICE)
async def change(
    meeting_id: UUID, body: CallOf, response: Response, tx: Tx, if_match: IfMatch = None
) -> queries.MeetingView:
    """Sets another time, place or form, as long as nobody was called."""
    await meetings.change(tx, meeting_id, _call(body), if_match)
    return await get_meeting(meeting_id, response, tx)


@routes.post("/meetings/{meeting_id}/announce", may=OFFICE)
async def announce(
    meeting_id: UUID, response: Response, tx: Tx, if_match: IfMatch = None
) -> queries.MeetingView:
    """Calls the council to the meeting; its agenda is fixed from now on."""
    await meetings.announce(tx, meeting_id, if_match)
    return await get_meeting(meeting_id, response, tx)


@routes.post("/meetings/{meeting_id}/open", may=OFFICE)
async def open_meeting(
    meeting_id: UUID, body: Opening, response: Response, tx: Tx, if_match: IfMatch = None
) -> queries.MeetingView:
    """Opens the meeting when there is a quorum; else its status is `no_quorum`."""
    await meetings.open_meeting(tx, meeting_id, chair_seat_id=body.chair_seat_id, if_match=if_match)
    return await get_meeting(meeting_id, response, tx)


@routes.post("/meetings/{meeting_id}/close", may=OFFICE)
async def close(
    meeting_id: UUID, response: Response, tx: Tx, if_match: IfMatch = None
) -> queries.MeetingView:
    """Closes the meeting; what it left undecided waits for another one."""
    await meetings.close(tx, meeting_id, if_match)
    return await get_meeting(meeting_id, response, tx)


@routes.post("/meetings/{meeting_id}/move", may=OFFICE, status_code=201)
async def move(
    meeting_id: UUID, body: Move, response: Response, tx: Tx, if_match: IfMatch = None
) -> queries.MeetingView:
    """Has it take place at another time: answers with that other meeting, which is announced."""
    successor_id = await meetings.move(tx, meeting_id, _call(body), body.reason, if_match)
    return await get_meeting(successor_id, response, tx)


@routes.post("/meetings/{meeting_id}/cancel", may=OFFICE)
async def cancel(
    meeting_id: UUID, body: Why, response: Response, tx: Tx, if_match: IfMatch = None
) -> queries.MeetingView:
    """Cancels the meeting."""
    await meetings.cancel(tx, meeting_id, body.reason, if_match)
    return await get_meeting(meeting_id, response, tx)


# --- who comes -----------------------------------------------------------------------------------


@routes.get("/meetings/{meeting_id}/attendance", may=COUNCIL)
async def list_attendance(meeting_id: UUID, tx: Tx) -> AttendanceList:
    """Who came to the meeting and who left."""
    return AttendanceList(items=await presence.attendance(tx, meeting_id))


@routes.post("/meetings/{meeting_id}/register", may=COUNCIL)
async def register(
    meeting_id: UUID, body: Registration, response: Response, tx: Tx
) -> queries.MeetingView:
    """Registers the own seat, or another one for those who do the office work, as present."""
    await attendance.register(tx, meeting_id, body.way, body.seat_id)
    return await get_meeting(meeting_id, response, tx)


@routes.post("/meetings/{meeting_id}/leave", may=COUNCIL)
async def leave(meeting_id: UUID, body: Leaving, response: Response, tx: Tx) -> queries.MeetingView:
    """Notes that somebody has left."""
    await attendance.leave(tx, meeting_id, body.seat_id)
    return await get_meeting(meeting_id, response, tx)


@routes.post("/meetings/{meeting_id}/invitations", may=OFFICE, status_code=201)
async def invite(
    meeting_id: UUID, body: NewInvitation, response: Response, tx: Tx
) -> queries.MeetingView:
    """Invites somebody who does not sit."""
    await attendance.invite(tx, meeting_id, **dict(body))
    return await get_meeting(meeting_id, response, tx)


@routes.delete("/meetings/{meeting_id}/invitations/{invitation_id}", may=OFFICE)
async def take_back_invitation(
    meeting_id: UUID, invitation_id: UUID, response: Response, tx: Tx
) -> queries.MeetingView:
    """Takes an invitation back."""
    await attendance.take_back_invitation(tx, meeting_id, invitation_id)
    return await get_meeting(meeting_id, response, tx)


# --- out of turn ---------------------------------------------------------------------------------


@routes.get("/calls", may=COUNCIL)
async def list_calls(tx: Tx, cursor: Cursor = None, limit: Limit = 20) -> Page[queries.CallView]:
    """Calls for a meeting out of turn."""
    items, next_cursor = await queries.calls(tx, cursor=cursor, limit=limit)
    return Page(items=items, next_cursor=next_cursor)


@routes.post("/calls", may=VOTERS, status_code=201)
async def call(body: Why, tx: Tx) -> queries.CallView:
    """Calls for a meeting out of turn, for those with a vote."""
    return await queries.call(tx, await calls.call(tx, body.reason))


@routes.post("/calls/{call_id}/support", may=VOTERS)
async def support(call_id: UUID, tx: Tx) -> queries.CallView:
    """Supports a call."""
    await calls.support(tx, call_id)
    return await queries.call(tx, call_id)


def _call(body: CallOf) -> Call:
    return Call(
        form=body.form,
        starts_at=body.starts_at,
        absentee_until=body.absentee_until,
        place=body.place,
        link=body.link,
    )
