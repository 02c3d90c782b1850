"""Meetings: called in time, opened with a quorum, closed; moved where there was none (R4).

The regulation is silent on how the council meets: notice, quorum, forms and who may call a meeting
out of turn are parameters, with the conventional defaults (domain 1.4).
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.council.domain.parameters import Rules
from services.council.domain.voting import has_quorum
from shared.refusal import Invalid, Refusal, WrongStatus
from shared.russia.calendar import add_working_days, moscow_date

PLANNED_DAYS_MAX = 500
ABSENTEE_DAYS_MAX = 90


class MeetingKind(StrEnum):
    """Whether a meeting comes in its turn."""

    REGULAR = "regular"
    EXTRAORDINARY = "extraordinary"


class MeetingForm(StrEnum):
    """How the council meets."""

    IN_PERSON = "in_person"
    VIDEO = "video"
    MIXED = "mixed"
    ABSENTEE = "absentee"
    """Opinions are given in writing, up to a last moment."""


class MeetingStatus(StrEnum):
    """Where a meeting stands."""

    PLANNED = "planned"
    ANNOUNCED = "announced"
    OPEN = "open"
    CLOSED = "closed"
    NO_QUORUM = "no_quorum"
    RESCHEDULED = "rescheduled"
    """It takes place as another one, its successor."""
    CANCELLED = "cancelled"


class Way(StrEnum):
    """How somebody is there."""

    IN_PERSON = "in_person"
    VIDEO = "video"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """When, where and how the council is to meet."""

    form: MeetingForm
    starts_at: datetime
    absentee_until: datetime | None
    place: str | None
    link: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """A meeting, as far as its steps ask."""

    id: UUID
    kind: MeetingKind
    call: Call
    status: MeetingStatus
    announced_at: datetime | None
    version: int


class MeetingIsElsewhere(WrongStatus):
    """The meeting is not at a step that this one follows."""


class MeetingTimeIsWrong(Invalid):
    """A meeting is planned ahead, within 500 days."""


class CallIsIncomplete(Invalid):
    """People come to a place, connect by a link, or answer by a last moment."""


class AbsenteeTermIsTooShort(Invalid):
    """In writing everybody has at least the working days that the council has set."""


class NoticeOfMeetingIsTooShort(Refusal):
    """The council is called at least so many working days ahead."""

    code = "meeting-notice-too-short"


class AgendaIsEmpty(Refusal):
    """A meeting is announced with its agenda."""

    code = "agenda-empty"


class MaterialsAreLate(Refusal):
    """Materials lie before the council at least so many working days ahead."""

    code = "materials-late"


class ExtraordinaryNeedsCall(Refusal):
    """The head calls a meeting out of turn, or enough of the members together."""

    code = "extraordinary-needs-call"


class CallIsAnswered(Refusal):
    """A meeting was planned on this call."""

    code = "call-answered"


class MeetingHasNotBegun(Refusal):
    """A meeting is opened when its time has come."""

    code = "meeting-not-begun"


class AbsenteeHasNoRoom(Refusal):
    """Nobody registers or leaves where opinions are given in writing; it opens and closes by itself."""

    code = "absentee-meeting"


class RegistrationIsNotOpen(Refusal):
    """Registration is on the day of the meeting, until it is closed."""

    code = "registration-not-open"


class WayIsWrong(Invalid):
    """Nobody can be there in this way at a meeting of this form."""


class InvitationIsWrong(Invalid):
    """Somebody is invited by id or in words."""


class SeatIsPresent(WrongStatus):
    """This seat is registered as present."""


class SeatIsAbsent(WrongStatus):
    """This seat is not registered as present."""


class ChairIsWrong(Invalid):
    """The chair is somebody with a vote who is present."""


def check_call(call: Call, rules: Rules, now: datetime) -> None:
    """People know where to be and by when; raises MeetingTimeIsWrong, CallIsIncomplete, ….

    Times are instants; the working days of an absentee meeting are counted from its first day.
    """
    if not timedelta(0) < call.starts_at - now <= timedelta(days=PLANNED_DAYS_MAX):
        raise MeetingTimeIsWrong(MeetingTimeIsWrong.title(), at="body.starts_at")
    is_absentee = call.form is MeetingForm.ABSENTEE
    wants_place = call.form in {MeetingForm.IN_PERSON, MeetingForm.MIXED}
    wants_link = call.form in {MeetingForm.VIDEO, MeetingForm.MIXED}
    for is_wanted, is_given, field in (
        (wants_place, call.place is not None, "place"),
        (wants_link, call.link is not None, "link"),
        (is_absentee, call.absentee_until is not None, "absentee_until"),
    ):
        if is_wanted != is_given:
            raise CallIsIncomplete(CallIsIncomplete.title(), at=f"body.{field}")
    if call.absentee_until is None:
        return
    first, last = moscow_date(call.starts_at), moscow_date(call.absentee_until)
    if (
        last < add_working_days(first, rules.whole("absentee_working_days"))
        or (last - first).days > ABSENTEE_DAYS_MAX
    ):
        raise AbsenteeTermIsTooShort(AbsenteeTermIsTooShort.title(), at="body.absentee_until")


def change(meeting: Meeting, call: Call) -> Meeting:
    """Another time, place or form, as long as nobody was called."""
    _require(meeting, MeetingStatus.PLANNED)
    return replace(meeting, call=call, version=meeting.version + 1)


def require_planned(meeting: Meeting) -> None:
    """An agenda is fixed once the meeting is announced."""
    _require(meeting, MeetingStatus.PLANNED)


def require_notice(starts_at: datetime, rules: Rules, now: datetime) -> None:
    """The council is called at least so many working days ahead; the day of the call not counted."""
    days = rules.whole("notice_working_days")
    earliest = add_working_days(moscow_date(now), days)
    if moscow_date(starts_at) < earliest:
        raise NoticeOfMeetingIsTooShort(working_days=days, earliest_on=earliest)


def require_material_time(meeting: Meeting, rules: Rules, now: datetime) -> None:
    """Who comes has time to read: that many working days, and nothing changes after them."""
    _require(meeting, MeetingStatus.PLANNED, MeetingStatus.ANNOUNCED)
    days = rules.whole("materials_working_days")
    if moscow_date(meeting.call.starts_at) < add_working_days(moscow_date(now), days):
        raise MaterialsAreLate(working_days=days)


def announce(meeting: Meeting, items: int, rules: Rules, now: datetime) -> Meeting:
    """The council is called, with the agenda."""
    _require(meeting, MeetingStatus.PLANNED)
    if not items:
        raise AgendaIsEmpty
    require_notice(meeting.call.starts_at, rules, now)
    return replace(_at(meeting, MeetingStatus.ANNOUNCED), announced_at=now)


def open_meeting(
    meeting: Meeting, present: int, total: int, rules: Rules, now: datetime
) -> Meeting:
    """The chair opens the meeting; without a quorum it does not take place (I5)."""
    _require(meeting, MeetingStatus.ANNOUNCED)
    require_room(meeting)
    if now < meeting.call.starts_at:
        raise MeetingHasNotBegun(starts_at=meeting.call.starts_at)
    if has_quorum(present, total, rules.whole("quorum_percent")):
        return _at(meeting, MeetingStatus.OPEN)
    return _at(meeting, MeetingStatus.NO_QUORUM)


def begin_absentee(meeting: Meeting) -> Meeting:
    """Opinions are taken from now on; whether enough came is asked of each vote."""
    _require(meeting, MeetingStatus.ANNOUNCED)
    return _at(meeting, MeetingStatus.OPEN)


def close(meeting: Meeting) -> Meeting:
    """The meeting is over."""
    _require(meeting, MeetingStatus.OPEN)
    return _at(meeting, MeetingStatus.CLOSED)


def move(meeting: Meeting, rules: Rules, to: Call, now: datetime) -> Meeting:
    """It takes place as another one, to which the council is called in time."""
    _require(meeting, MeetingStatus.ANNOUNCED, MeetingStatus.NO_QUORUM)
    check_call(to, rules, now)
    require_notice(to.starts_at, rules, now)
    return _at(meeting, MeetingStatus.RESCHEDULED)


def cancel(meeting: Meeting) -> Meeting:
    """It does not take place."""
    _require(meeting, MeetingStatus.PLANNED, MeetingStatus.ANNOUNCED, MeetingStatus.NO_QUORUM)
    return _at(meeting, MeetingStatus.CANCELLED)


def require_invitable(meeting: Meeting) -> None:
    """People are invited until the meeting begins."""
    _require(meeting, MeetingStatus.PLANNED, MeetingStatus.ANNOUNCED)


def check_invitation(person_id: UUID | None, words: str | None) -> None:
    """One who is known is invited by id, and everybody else in words."""
    if (person_id is None) == (words is None):
        raise InvitationIsWrong(InvitationIsWrong.title(), at="body.person_id")


def require_registration(meeting: Meeting, now: datetime) -> None:
    """People register on the day of the meeting, and as long as it lasts."""
    require_room(meeting)
    is_today = moscow_date(meeting.call.starts_at) == moscow_date(now)
    if meeting.status is not MeetingStatus.OPEN and not (
        meeting.status is MeetingStatus.ANNOUNCED and is_today
    ):
        raise RegistrationIsNotOpen


def require_way(meeting: Meeting, way: Way) -> None:
    """Nobody is in a room that there is not."""
    ways = {MeetingForm.IN_PERSON: {Way.IN_PERSON}, MeetingForm.VIDEO: {Way.VIDEO}}
    if way not in ways.get(meeting.call.form, set(Way)):
        raise WayIsWrong(WayIsWrong.title(), at="body.way")


def require_room(meeting: Meeting) -> None:
    """Presence is a matter of meetings to which people come."""
    if meeting.call.form is MeetingForm.ABSENTEE:
        raise AbsenteeHasNoRoom


def require_call(
    kind: MeetingKind, *, is_head: bool, supporters: int | None, total: int, rules: Rules
) -> None:
    """Out of turn the head calls a meeting, or so large a share of those with a vote together."""
    if kind is MeetingKind.REGULAR or is_head:
        return
    if supporters is None or not is_supported(supporters, total, rules):
        raise ExtraordinaryNeedsCall(supporters=supporters, votes=total)


def is_supported(supporters: int, total: int, rules: Rules) -> bool:
    """Whether enough of those with a vote want a meeting (domain 1.4)."""
    return total > 0 and supporters >= rules.share("extraordinary_share") * total


def _require(meeting: Meeting, *statuses: MeetingStatus) -> None:
    if meeting.status not in statuses:
        raise MeetingIsElsewhere(meeting_status=meeting.status)


def _at(meeting: Meeting, status: MeetingStatus) -> Meeting:
    return replace(meeting, status=status, version=meeting.version + 1)
