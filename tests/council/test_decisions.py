"""Decisions through HTTP and over the bus: numbered, told, carried out, answered, reported on."""

from typing import Any
from uuid import UUID

import asyncpg
import orjson
import pytest
import pytest_asyncio

from contracts import membership
from contracts.event import Event
from services.council.domain.decisions import AnotherIsResponsible
from shared.identity import Role
from shared.ids import new_id
from tests.council.chamber import refused
from tests.council.room import Room
from tests.finance.facts import message_of
from tests.harness import Running


@pytest_asyncio.fixture(loop_scope="session")
async def room(council: Running) -> Room:
    return await Room.of(council)


async def hear(room: Room, event: Event, event_id: UUID | None = None) -> None:
    """The council hears the event as it comes off the bus."""
    await room.service.runtime.inbox.take(message_of(event, event_id))


async def told(room: Room, *subjects: str) -> list[dict[str, Any]]:
    rows = await room.service.told(*(f"council.{subject}.v1" for subject in subjects))
    return [orjson.loads(row["body"]) for row in rows]


# --- adopted -------------------------------------------------------------------------------------


async def test_what_is_carried_becomes_a_decision_and_is_told_whole(room: Room) -> None:
    application = new_id()
    decision = await room.decided(
        decision_kind="admit", subject_id=application, draft_text="Принять в участники."
    )
    assert (decision["number"], decision["text"]) == (1, "Принять в участники.")
    assert (decision["force"], decision["competence_clause"]) == ("binding", "R4.1")
    assert (decision["status"], decision["adopted_on"]) == ("adopted", room.chamber.day(0))
    assert (decision["votes_for"], decision["against"], decision["abstained"]) == (9, 0, 6)
    [event] = await told(room, "decision.adopted")
    assert event == {
        "decision_id": decision["id"],
        "meeting_id": str(room.meeting),
        "item_id": decision["item_id"],
        "kind": "admit",
        "force": "binding",
        "subject_id": str(application),
        "addressee_ids": [],
        "due_on": None,
        "ground": None,
        "parameter": None,
        "value": None,
        "adopted_on": room.chamber.day(0),
    }


async def test_what_is_not_carried_becomes_no_decision(room: Room) -> None:
    ballot = await room.started()
    await room.votes(ballot, "fffffaaaaaaaaaa")
    assert (await room.close(ballot))["decision_id"] is None
    assert await told(room, "decision.adopted") == []


async def test_a_recommendation_binds_nobody_and_says_so_r4_2(room: Room) -> None:
    advice = await room.decided(decision_kind="recommend", force="binding")
    assert (advice["force"], advice["competence_clause"]) == ("recommendation", "R4.2")
    weaker = await room.decided(
        decision_kind="set_parameter",
        force="recommendation",
        parameter="council.quorum_percent",
        value="60",
    )
    assert (weaker["force"], weaker["status"]) == ("recommendation", "adopted")
    assert await told(room, "parameter.set", "decision.executed") == []


async def test_numbers_of_a_year_have_no_gaps_and_begin_anew(room: Room) -> None:
    numbers = [(await room.decided())["number"] for _ in range(3)]
    assert numbers == [1, 2, 3]
    ballot = await room.started()
    await room.votes(ballot, "aaaaaaaaa")
    await room.close(ballot)
    assert (await room.decided())["number"] == 4
    room.service.clock.pass_(days=400)
    await room.open(number=2)
    for place in range(15):
        await room.register(place)
    assert (await room.decided())["number"] == 1


async def test_an_item_is_decided_once_unless_the_decision_has_failed(room: Room) -> None:
    decision = await room.decided(decision_kind="admit", subject_id=new_id())
    item = UUID(decision["item_id"])
    assert refused(await room.start(item)) == (409, "item-decided")
    failed = membership.DecisionFailed(
        decision_id=UUID(decision["id"]), reason_code="application-not-ready"
    )
    await hear(room, failed)
    ballot = await room.started(item)
    await room.votes(ballot, "ffffffff")
    again = await room.decision((await room.close(ballot))["decision_id"])
    assert (again["number"], again["status"]) == (2, "adopted")


async def test_a_decision_that_was_adopted_is_never_rewritten(room: Room) -> None:
    await room.decided()
    for statement in (
        "UPDATE decisions SET text = 'Другое.'",
        "UPDATE decisions SET force = 'binding'",
        "UPDATE decisions SET number = 7",
        "DELETE FROM decisions",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await room.service.runtime.database.fetch(statement)


# --- carried out ---------------------------------------------------------------------------------


async def test_the_council_carries_out_at_once_what_is_its_own(room: Room) -> None:
    decision = await room.decided(
        decision_kind="set_parameter", parameter="council.quorum_percent", value="60"
    )
    assert decision["status"] == "executed"
    subjects = [row["subject"] for row in await room.service.told()][-4:]
    assert subjects == [
        "council.ballot.closed.v1",
        "council.decision.adopted.v1",
        "council.parameter.set.v1",
        "council.decision.executed.v1",
    ]


async def test_duties_are_shared_out_by_decision_r4_4(room: Room) -> None:
    decision = await room.decided(
        decision_kind="share_duties",
        draft_text="Вести календарь мастерских.",
        addressee_ids=[room.chamber.members[2]],
    )
    assert (decision["status"], decision["competence_clause"]) == ("executed", "R4.4")
    [duty] = await room.service.sql("SELECT * FROM duties")
    assert duty["member_id"] == room.chamber.members[2]


async def test_an_own_decision_that_cannot_be_carried_out_fails_and_changes_nothing(
    room: Room,
) -> None:
    decision = await room.decided(
        decision_kind="set_parameter", parameter="council.quorum_percent", value="400"
    )
    assert (decision["status"], decision["reason_code"]) == ("failed", "parameter-wrong")
    [failed] = await told(room, "decision.failed")
    assert failed == {"decision_id": decision["id"], "reason_code": "parameter-wrong"}
    assert await told(room, "parameter.set", "decision.executed") == []
    ballot = await room.started(UUID(decision["item_id"]))  # it can be decided anew
    assert ballot


async def test_what_is_anothers_waits_for_the_answer_of_its_owner(room: Room) -> None:
    executed = await room.decided(decision_kind="admit", subject_id=new_id())
    failing = await room.decided(
        decision_kind="set_parameter", parameter="membership.answer_working_days", value="999"
    )
    assert (executed["status"], failing["status"]) == ("adopted", "adopted")
    await hear(room, membership.DecisionExecuted(decision_id=UUID(executed["id"])))
    await hear(
        room,
        membership.DecisionFailed(decision_id=UUID(failing["id"]), reason_code="parameter-wrong"),
    )
    executed, failing = [await room.decision(each["id"]) for each in (executed, failing)]
    assert (executed["status"], executed["reason_code"]) == ("executed", None)
    assert (failing["status"], failing["reason_code"]) == ("failed", "parameter-wrong")
    assert failing["answered_at"] is not None
    listed = await room.chamber.get("/decisions", status="failed")
    assert [each["id"] for each in listed.json()["items"]] == [failing["id"]]


async def test_an_answer_counts_once_and_one_of_nothing_does_no_harm(room: Room) -> None:
    decision = await room.decided(decision_kind="admit", subject_id=new_id())
    executed = membership.DecisionExecuted(decision_id=UUID(decision["id"]))
    event_id = new_id()
    await hear(room, executed, event_id)
    await hear(room, executed, event_id)
    repeated = membership.DecisionFailed(
        decision_id=UUID(decision["id"]), reason_code="already-executed"
    )
    await hear(room, repeated)
    await hear(room, membership.DecisionExecuted(decision_id=new_id()))
    found = await room.decision(decision["id"])
    assert (found["status"], found["version"]) == ("executed", 2)


async def test_a_decision_whose_day_has_passed_is_seen_as_overdue(room: Room) -> None:
    decision = await room.decided(
        decision_kind="admit", subject_id=new_id(), due_on=room.chamber.today
    )
    assert not decision["is_overdue"]
    room.service.clock.pass_(days=1)
    assert (await room.decision(decision["id"]))["is_overdue"]
    listed = await room.chamber.get("/decisions", is_overdue=True)
    assert [each["id"] for each in listed.json()["items"]] == [decision["id"]]
    assert (await room.chamber.get("/decisions", is_overdue=False)).json()["items"] == []


# --- assigned to a member ------------------------------------------------------------------------


async def assigned(room: Room, place: int = 4) -> str:
    decision = await room.decided(
        responsible_member_id=room.chamber.members[place], due_on=room.chamber.today
    )
    assert decision["status"] == "assigned"
    return str(decision["id"])


async def test_a_member_begins_reports_and_the_report_is_accepted(room: Room) -> None:
    decision, chamber = await assigned(room), room.chamber
    own = chamber.as_seated(4)
    assert (await chamber.post(f"/decisions/{decision}/start", own)).json()["status"] == (
        "in_progress"
    )
    path = f"/decisions/{decision}/report"
    reported = await chamber.post(path, own, words="Календарь ведётся с понедельника.")
    assert reported.json()["status"] == "reported"
    room.service.clock.pass_(days=3)
    assert not (await room.decision(decision))["is_overdue"]
    returned = await chamber.post(f"/decisions/{decision}/return", reason="Нет двух мастерских.")
    assert returned.json()["status"] == "in_progress"
    assert returned.json()["is_overdue"]
    own = chamber.as_seated(4)  # the days that passed have ended the token
    await chamber.post(path, own, words="Теперь все.")
    accepted = await chamber.post(f"/decisions/{decision}/accept")
    assert accepted.json()["status"] == "accepted"
    reports = (await chamber.get(f"/decisions/{decision}/reports", own)).json()["items"]
    assert [(each["verdict"], each["verdict_words"]) for each in reports] == [
        ("returned", "Нет двух мастерских."),
        ("accepted", None),
    ]
    again = await chamber.post(f"/decisions/{decision}/accept")
    assert refused(again) == (409, "wrong-status")
    assert "понедельника" not in str(await room.service.sql("SELECT * FROM audit"))


async def test_only_the_responsible_member_reports_and_only_the_office_accepts(room: Room) -> None:
    decision, chamber = await assigned(room), room.chamber
    for path, body in (("start", {}), ("report", {"words": "Сделано."})):
        answer = await chamber.post(f"/decisions/{decision}/{path}", chamber.as_seated(5), **body)
        assert answer.status_code == 403
        assert answer.json()["title"] == AnotherIsResponsible.title()
    own = chamber.as_seated(4)
    await chamber.post(f"/decisions/{decision}/report", own, words="Сделано.")
    assert refused(await chamber.post(f"/decisions/{decision}/accept", own)) == (
        403,
        "role-missing",
    )
    stranger = chamber.service.as_(new_id(), Role.COORDINATOR)
    assert (await chamber.get(f"/decisions/{decision}", stranger)).status_code == 200
    hidden = await chamber.get(f"/decisions/{decision}/reports", stranger)
    assert refused(hidden) == (403, "role-missing")


async def test_a_decision_is_cancelled_by_a_later_one_alone(room: Room) -> None:
    first, chamber = await assigned(room), room.chamber
    second = (await room.decided(draft_text="Отменить решение № 1."))["id"]
    path = f"/decisions/{first}/cancel"
    for wrong in (first, str(new_id())):
        assert refused(await chamber.post(path, by_decision_id=wrong)) == (
            409,
            "cancelled-by-itself",
        )
    cancelled = await chamber.post(path, by_decision_id=second)
    assert (cancelled.json()["status"], cancelled.json()["cancelled_by_id"]) == (
        "cancelled",
        second,
    )
    executed = await room.decided(
        decision_kind="set_parameter", parameter="council.quorum_percent", value="60"
    )
    later = (await room.decided())["id"]
    answer = await chamber.post(f"/decisions/{executed['id']}/cancel", by_decision_id=later)
    assert refused(answer) == (409, "cannot-be-cancelled")


async def test_two_who_judge_one_report_do_not_overwrite_each_other(room: Room) -> None:
    decision, chamber = await assigned(room), room.chamber
    await chamber.post(f"/decisions/{decision}/report", chamber.as_seated(4), words="Сделано.")
    stale = {**chamber.as_secretary(), "If-Match": '"1"'}
    answer = await chamber.post(f"/decisions/{decision}/accept", stale)
    assert refused(answer) == (412, "changed-meanwhile")


async def test_decisions_are_listed_by_number_page_by_page_for_every_member(room: Room) -> None:
    for _ in range(3):
        await room.decided()
    stranger = room.service.as_(new_id(), Role.STUDENT)
    first = (await room.chamber.get("/decisions", stranger, limit=2)).json()
    rest = (
        await room.chamber.get("/decisions", stranger, limit=2, cursor=first["next_cursor"])
    ).json()
    numbers = [each["number"] for page in (first, rest) for each in page["items"]]
    assert numbers == [3, 2, 1]
    assert rest["next_cursor"] is None
