"""Meetings: called in time, opened with a quorum, moved without one, closed (R4, I5, I27)."""

import json
from datetime import date, datetime, time
from fractions import Fraction
from typing import Any

import asyncpg
import pytest

from services.council.domain.voting import has_quorum
from shared.identity import Role
from shared.ids import new_id
from shared.russia.calendar import MOSCOW
from tests.council.chamber import ADVICE, INFO, Chamber, refused, why


async def meeting(chamber: Chamber, meeting_id: str, **headers: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await chamber.get(f"/meetings/{meeting_id}", **headers)).json()
    return found


async def set_parameter(chamber: Chamber, name: str, value: str) -> None:
    await chamber.service.sql(
        "INSERT INTO parameters VALUES ($1, $2, $3, $4)",
        f"council.{name}",
        value,
        chamber.today,
        new_id(),
    )


# --- before --------------------------------------------------------------------------------------


async def test_a_meeting_is_announced_with_its_agenda_to_all_who_sit(chamber: Chamber) -> None:
    guest = new_id()
    meeting_id = await chamber.planned(INFO, ADVICE)
    path = f"/meetings/{meeting_id}"
    await chamber.post(f"{path}/invitations", person_id=str(guest))
    await chamber.post(f"{path}/invitations", words="Эксперт отрасли")
    announced = await chamber.post(f"{path}/announce")
    assert announced.json()["status"] == "announced"
    assert len(announced.json()["invitations"]) == 2
    [told] = await chamber.service.told("council.meeting.announced.v1")
    body = json.loads(told["body"])
    assert set(body["person_ids"]) == {
        *map(str, chamber.people),
        str(chamber.secretary),
        str(guest),
    }
    again = await chamber.post(f"{path}/announce")
    assert refused(again) == (409, "wrong-status")  # MeetingIsElsewhere
    late = await chamber.post(f"{path}/items", **INFO)
    assert refused(late) == (409, "wrong-status")


async def test_a_call_needs_an_agenda_and_enough_working_days(chamber: Chamber) -> None:
    empty = await chamber.post(f"/meetings/{await chamber.planned()}/announce")
    assert refused(empty) == (409, "agenda-empty")  # AgendaIsEmpty
    soon = await chamber.planned(INFO, working_days=4)
    short = await chamber.post(f"/meetings/{soon}/announce")
    assert refused(short) == (409, "meeting-notice-too-short")  # NoticeOfMeetingIsTooShort
    assert short.json()["working_days"] == 5
    just = await chamber.planned(INFO, working_days=5)
    assert (await chamber.post(f"/meetings/{just}/announce")).status_code == 200
    await set_parameter(chamber, "notice_working_days", "7")
    under_another_rule = await chamber.planned(INFO, working_days=6)
    answer = await chamber.post(f"/meetings/{under_another_rule}/announce")
    assert refused(answer) == (409, "meeting-notice-too-short")


async def test_i27_notice_is_counted_by_the_calendar_of_working_days(chamber: Chamber) -> None:
    chamber.service.clock.set(datetime.combine(date(2027, 2, 17), time(12), MOSCOW))
    starts_at = datetime.combine(date(2027, 2, 24), time(11), MOSCOW).isoformat()
    meeting_id = await chamber.planned(INFO, starts_at=starts_at)
    short = await chamber.post(f"/meetings/{meeting_id}/announce")
    # 18, 19, the working Saturday 20, then holidays up to the 23rd
    assert short.json()["earliest_on"] == "2027-02-25"


@pytest.mark.parametrize(
    ("other", "field"),
    [
        ({"place": None}, "place"),
        ({"link": "https://video.example/1"}, "link"),
        ({"form": "video"}, "place"),
        ({"form": "mixed"}, "link"),
        ({"form": "absentee", "place": None}, "absentee_until"),
        ({"form": "absentee", "place": None, "absentee_until": 4}, "absentee_until"),
        ({"form": "absentee", "place": None, "absentee_until": 80}, "absentee_until"),
        ({"starts_at": -1}, "starts_at"),
        ({"starts_at": 400}, "starts_at"),
    ],
)
async def test_a_call_that_says_too_little_is_refused_at_its_field(
    chamber: Chamber, other: dict[str, Any], field: str
) -> None:
    # CallIsIncomplete, AbsenteeTermIsTooShort, MeetingTimeIsWrong
    said = {
        name: chamber.at(value + (6 if name == "absentee_until" else 0)).isoformat()
        if isinstance(value, int)
        else value
        for name, value in other.items()
    }
    answer = await chamber.post("/meetings", **chamber.call(**said))
    assert (answer.status_code, why(answer)) == (422, (f"body.{field}", "invalid"))


async def test_a_planned_meeting_changes_and_two_do_not_overwrite_each_other(
    chamber: Chamber,
) -> None:
    meeting_id = await chamber.planned(INFO)
    path = f"/meetings/{meeting_id}"
    read = await chamber.get(path)
    body = chamber.call(form="video", place=None, link="https://video.example/1")
    headers = {**chamber.as_secretary(), "If-Match": read.headers["etag"]}
    assert (await chamber.put(path, headers, **body)).json()["form"] == "video"
    assert (await chamber.put(path, headers, **body)).status_code == 412
    await chamber.post(f"{path}/announce")
    assert refused(await chamber.put(path, **body)) == (409, "wrong-status")


async def test_a_link_is_shown_to_those_who_come_and_to_nobody_else(chamber: Chamber) -> None:
    link, guest = "https://video.example/room", new_id()
    meeting_id = await chamber.planned(INFO, form="video", place=None, link=link)
    await chamber.post(f"/meetings/{meeting_id}/invitations", person_id=str(guest))
    invited = chamber.service.as_(chamber.members[5], Role.MENTOR, person_id=guest)
    for headers in (chamber.as_secretary(), chamber.as_seated(7), invited):
        assert (await meeting(chamber, meeting_id, headers=headers))["link"] == link
    seen = await meeting(chamber, meeting_id, headers=chamber.as_outsider())
    assert (seen["link"], seen["invitations"]) == (None, [])
    rows = await chamber.service.sql("SELECT 1 FROM audit WHERE after::text LIKE '%video.example%'")
    assert rows == []


async def test_a_meeting_that_is_cancelled_frees_its_proposals(chamber: Chamber) -> None:
    proposal = await chamber.post(
        "/proposals", chamber.as_outsider(), title="Сетка", body="Общая сетка звонков"
    )
    proposal_id = proposal.json()["id"]
    meeting_id = await chamber.announced({**ADVICE, "proposal_id": proposal_id})
    path = f"/meetings/{meeting_id}"
    cancelled = await chamber.post(f"{path}/cancel", reason="Карантин")
    assert (cancelled.json()["status"], cancelled.json()["reason"]) == ("cancelled", "Карантин")
    assert (await chamber.get(f"/proposals/{proposal_id}")).json()["status"] == "submitted"
    assert await chamber.told("meeting.cancelled") == ["meeting.cancelled"]
    again = await chamber.post(f"{path}/cancel", reason="Карантин")
    assert refused(again) == (409, "wrong-status")
    quietly = await chamber.planned(INFO)
    await chamber.post(f"/meetings/{quietly}/cancel", reason="Ошибка")
    assert await chamber.told("meeting.cancelled") == ["meeting.cancelled"]


# --- invitations and presence --------------------------------------------------------------------


async def test_a_guest_is_invited_once_and_may_be_uninvited(chamber: Chamber) -> None:
    meeting_id = await chamber.planned(INFO)
    path = f"/meetings/{meeting_id}/invitations"
    [item] = (await meeting(chamber, meeting_id))["items"]
    guest = {"person_id": str(new_id()), "item_id": item["id"]}
    for _ in range(2):
        answer = await chamber.post(path, **guest)
        assert answer.status_code == 201, answer.text
    [invited] = answer.json()["invitations"]
    assert invited["item_id"] == item["id"]
    for wrong in ({}, {"person_id": str(new_id()), "words": "Двое"}):
        answer = await chamber.post(path, **wrong)
        assert (answer.status_code, why(answer)) == (422, ("body.person_id", "invalid"))
    unknown = await chamber.post(path, words="Гость", item_id=str(new_id()))  # InvitationIsWrong
    assert (unknown.status_code, why(unknown)) == (422, ("body.item_id", "invalid"))
    await chamber.delete(f"/meetings/{meeting_id}/items/{item['id']}")
    assert (await meeting(chamber, meeting_id))["invitations"][0]["item_id"] is None
    left = await chamber.delete(f"{path}/{invited['id']}")
    assert left.json()["invitations"] == []


async def test_people_register_on_the_day_and_in_a_way_that_there_is(chamber: Chamber) -> None:
    meeting_id = await chamber.announced()
    path = f"/meetings/{meeting_id}/register"
    early = await chamber.post(path, chamber.as_seated(3), way="in_person")
    assert refused(early) == (409, "registration-not-open")  # RegistrationIsNotOpen
    await chamber.begin(meeting_id)
    answer = await chamber.post(path, chamber.as_seated(3), way="video")
    assert (answer.status_code, why(answer)) == (422, ("body.way", "invalid"))  # WayIsWrong
    assert (await chamber.post(path, chamber.as_seated(3), way="in_person")).status_code == 200
    again = await chamber.post(path, chamber.as_seated(3), way="in_person")
    assert refused(again) == (409, "wrong-status")  # SeatIsPresent
    for_another = {"way": "in_person", "seat_id": str(chamber.seat(5))}
    assert (await chamber.post(path, chamber.as_seated(4), **for_another)).status_code == 403
    assert (await chamber.post(path, **for_another)).status_code == 200
    voteless = await chamber.post(path, way="in_person")
    assert refused(voteless) == (409, "seat-without-vote")  # SeatHasNoVote
    assert (await chamber.post(path, way="in_person", seat_id=str(new_id()))).status_code == 404
    listed = (await chamber.get(f"/meetings/{meeting_id}/attendance")).json()["items"]
    assert [each["seat_id"] for each in listed] == [str(chamber.seat(3)), str(chamber.seat(5))]


async def test_who_leaves_counts_no_more_and_may_come_back(chamber: Chamber) -> None:
    meeting_id = await chamber.announced()
    await chamber.gathered(meeting_id, *range(8))
    path = f"/meetings/{meeting_id}"
    left = await chamber.post(f"{path}/leave", chamber.as_seated(7), seat_id=None)
    assert left.status_code == 200, left.text
    gone = await chamber.post(f"{path}/leave", chamber.as_seated(7), seat_id=None)
    assert refused(gone) == (409, "wrong-status")  # SeatIsAbsent
    opened = await chamber.post(f"{path}/open", chair_seat_id=None)
    assert (opened.json()["status"], opened.json()["seats_present"]) == ("no_quorum", 7)


async def test_the_database_keeps_nobody_present_twice(chamber: Chamber) -> None:
    meeting_id = await chamber.announced()
    await chamber.gathered(meeting_id, 3)
    with pytest.raises(asyncpg.ExclusionViolationError):
        await chamber.service.sql(
            "INSERT INTO attendances SELECT meeting_id, seat_id, registered_at + interval '1 hour',"
            " NULL, way FROM attendances"
        )


# --- the meeting itself --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("present", "total", "percent", "holds"),
    [
        (8, 15, 50, True),
        (7, 15, 50, False),
        (7, 14, 50, False),
        (8, 14, 50, True),
        (0, 0, 50, False),
    ],
)
def test_i5_a_quorum_is_more_than_the_percent(
    present: int, total: int, percent: int, holds: bool
) -> None:
    assert has_quorum(present, total, percent) is holds
    assert has_quorum(present, total, percent) is (total > 0 and Fraction(present, total) > 0.5)


async def test_i5_a_meeting_opens_with_a_quorum_of_the_moment(chamber: Chamber) -> None:
    meeting_id = await chamber.announced(INFO, ADVICE)
    path = f"/meetings/{meeting_id}"
    early = await chamber.post(f"{path}/open", chair_seat_id=None)
    assert refused(early) == (409, "meeting-not-begun")  # MeetingHasNotBegun
    await chamber.gathered(meeting_id, *range(8))
    opened = (await chamber.post(f"{path}/open", chair_seat_id=None)).json()
    assert (opened["status"], opened["seats_present"], opened["seats_total"]) == ("open", 8, 15)
    assert (opened["number"], opened["chair_seat_id"]) == (1, str(chamber.seat(0)))
    assert opened["secretary_seat_id"] == str(chamber.seats[chamber.secretary])
    late = await chamber.post(f"{path}/register", chamber.as_seated(9), way="in_person")
    assert late.status_code == 200
    closed = await chamber.post(f"{path}/close")
    assert closed.json()["status"] == "closed"
    assert refused(await chamber.post(f"{path}/close")) == (409, "wrong-status")
    over = await chamber.post(f"{path}/leave", chamber.as_seated(9), seat_id=None)
    assert refused(over) == (409, "registration-not-open")
    assert await chamber.told("meeting.announced", "meeting.opened", "meeting.closed") == [
        "meeting.announced",
        "meeting.opened",
        "meeting.closed",
    ]


async def test_i5_who_is_represented_by_a_written_power_is_counted_as_there(
    chamber: Chamber,
) -> None:
    meeting_id = await chamber.announced()
    power = await chamber.post(
        "/powers",
        from_seat_id=str(chamber.seat(12)),
        to_seat_id=str(chamber.seat(3)),
        number="7-Д",
        given_on=chamber.day(0),
        valid_from=chamber.day(0),
        valid_until=chamber.day(60),
    )
    assert power.status_code == 201, power.text
    await chamber.gathered(meeting_id, *range(7))
    opened = await chamber.post(f"/meetings/{meeting_id}/open", chair_seat_id=None)
    assert (opened.json()["status"], opened.json()["seats_present"]) == ("open", 8)


async def test_where_members_vote_they_are_counted_and_not_seats(chamber: Chamber) -> None:
    await set_parameter(chamber, "vote_unit", "member")
    twice = await chamber.post(
        "/seats",
        person_id=str(chamber.outsider),
        member_id=str(chamber.members[-1]),
        quota="employer",
        from_on=chamber.day(0),
        basis="Решение",
    )
    assert twice.status_code == 201, twice.text
    opened = await meeting(chamber, await chamber.opened())
    assert (opened["seats_total"], opened["seats_present"]) == (15, 10)


async def test_meetings_are_numbered_by_year_without_a_gap(chamber: Chamber) -> None:
    for number in (1, 2):
        opened = await meeting(chamber, await chamber.opened())
        assert opened["number"] == number
        await chamber.post(f"/meetings/{opened['id']}/close")
    chamber.service.clock.set(datetime.combine(date(2028, 3, 1), time(9), MOSCOW))
    assert (await meeting(chamber, await chamber.opened()))["number"] == 1


async def test_without_head_and_deputy_those_present_choose_the_chair(chamber: Chamber) -> None:
    meeting_id = await chamber.announced()
    await chamber.gathered(meeting_id, *range(2, 12))
    path = f"/meetings/{meeting_id}/open"
    for wished in (None, str(chamber.seat(14)), str(new_id())):
        answer = await chamber.post(path, chair_seat_id=wished)
        assert (answer.status_code, why(answer)) == (422, ("body.chair_seat_id", "invalid"))
    opened = await chamber.post(path, chair_seat_id=str(chamber.seat(4)))  # ChairIsWrong before
    assert opened.json()["chair_seat_id"] == str(chamber.seat(4))


async def test_story_6_a_meeting_without_a_quorum_takes_place_on_another_day(
    chamber: Chamber,
) -> None:
    guest = new_id()
    meeting_id = await chamber.planned(INFO, ADVICE)
    path = f"/meetings/{meeting_id}"
    [_, item] = (await meeting(chamber, meeting_id))["items"]
    await chamber.post(f"{path}/invitations", person_id=str(guest), item_id=item["id"])
    await chamber.post(f"{path}/announce")
    await chamber.gathered(meeting_id, *range(7))
    assert (await chamber.post(f"{path}/open", chair_seat_id=None)).json()["status"] == "no_quorum"
    short = await chamber.post(f"{path}/move", **chamber.call(2), reason="Кворума нет")
    assert refused(short) == (409, "meeting-notice-too-short")
    moved = await chamber.post(f"{path}/move", **chamber.call(7), reason="Кворума нет")
    assert moved.status_code == 201, moved.text
    successor = moved.json()
    assert (successor["status"], successor["predecessor_id"]) == ("announced", meeting_id)
    assert [each["title"] for each in successor["items"]] == [INFO["title"], ADVICE["title"]]
    assert successor["items"][1]["carried_from_id"] == item["id"]
    assert successor["invitations"][0]["item_id"] == successor["items"][1]["id"]
    before = await meeting(chamber, meeting_id)
    assert (before["status"], before["successor_id"]) == ("rescheduled", successor["id"])
    [told] = await chamber.service.told("council.meeting.moved.v1")
    assert str(guest) in json.loads(told["body"])["person_ids"]
    again = await chamber.post(f"{path}/move", **chamber.call(8))
    assert refused(again) == (409, "wrong-status")
    await chamber.gathered(successor["id"], *range(8))
    opened = await chamber.post(f"/meetings/{successor['id']}/open", chair_seat_id=None)
    assert opened.json()["status"] == "open"


async def test_a_meeting_in_writing_opens_and_closes_by_itself(chamber: Chamber) -> None:
    until = chamber.at(12)
    form = {"form": "absentee", "place": None, "absentee_until": until.isoformat()}
    meeting_id = await chamber.announced(INFO, ADVICE, **form)
    path = f"/meetings/{meeting_id}"
    assert await chamber.service.due() == 0
    await chamber.begin(meeting_id)
    body = {"way": "video", "seat_id": None, "chair_seat_id": None}
    for step in ("register", "leave", "open", "close"):
        answer = await chamber.post(f"{path}/{step}", chamber.as_head(), **body)
        assert refused(answer) == (409, "absentee-meeting")  # AbsenteeHasNoRoom
    assert await chamber.service.due() == 1
    opened = await meeting(chamber, meeting_id)
    assert (opened["status"], opened["seats_total"], opened["seats_present"]) == ("open", 15, None)
    chamber.service.clock.set(until)
    assert await chamber.service.due() == 1
    assert await chamber.service.due() == 0
    assert (await meeting(chamber, meeting_id))["status"] == "closed"


async def test_meetings_are_listed_newest_first_or_the_next_one_first(chamber: Chamber) -> None:
    days = (6, 8, 7)
    ids = {days: await chamber.planned(INFO, working_days=days) for days in days}
    newest = (await chamber.get("/meetings", limit=2)).json()
    assert [item["id"] for item in newest["items"]] == [ids[8], ids[7]]
    rest = (await chamber.get("/meetings", limit=2, cursor=newest["next_cursor"])).json()
    assert [item["id"] for item in rest["items"]] == [ids[6]]
    ahead = (await chamber.get("/meetings", chamber.as_outsider(), order="next")).json()
    assert [item["id"] for item in ahead["items"]] == [ids[6], ids[7], ids[8]]
    assert (await chamber.get("/meetings", status="open")).json()["items"] == []


# --- out of turn ---------------------------------------------------------------------------------


async def test_the_head_or_a_third_of_the_votes_call_a_meeting_out_of_turn(
    chamber: Chamber,
) -> None:
    body = chamber.call(kind="extraordinary")
    alone = await chamber.post("/meetings", **body)
    assert refused(alone) == (409, "extraordinary-needs-call")  # ExtraordinaryNeedsCall
    assert (await chamber.post("/meetings", chamber.as_head(), **body)).status_code == 201

    called = await chamber.post("/calls", chamber.as_seated(3), reason="Срочный вопрос")
    call_id = called.json()["id"]
    for place in (4, 5, 5, 6):
        await chamber.post(f"/calls/{call_id}/support", chamber.as_seated(place))
    few = await chamber.post("/meetings", **body, call_id=call_id)
    assert refused(few) == (409, "extraordinary-needs-call")
    assert (few.json()["supporters"], few.json()["votes"]) == (4, 15)
    fifth = await chamber.post(f"/calls/{call_id}/support", chamber.as_seated(7))
    assert fifth.json()["is_supported"] is True
    planned = await chamber.post("/meetings", **body, call_id=call_id)
    assert planned.status_code == 201, planned.text
    again = await chamber.post("/meetings", **body, call_id=call_id)
    assert refused(again) == (409, "call-answered")  # CallIsAnswered
    late = await chamber.post(f"/calls/{call_id}/support", chamber.as_seated(8))
    assert refused(late) == (409, "call-answered")
    [listed] = (await chamber.get("/calls")).json()["items"]
    assert listed["meeting_id"] == planned.json()["id"]


async def test_who_has_no_vote_calls_no_meeting(chamber: Chamber) -> None:
    answer = await chamber.post("/calls", reason="Срочно")
    assert refused(answer) == (409, "seat-without-vote")
    assert (await chamber.post("/calls", chamber.as_outsider(), reason="Срочно")).status_code == 403
