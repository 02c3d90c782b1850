"""A plan before the council: approved by a vote (R6.2), and only what its head has agreed to."""

import orjson
import pytest_asyncio

from tests.council.chamber import ADVICE, Chamber, why
from tests.council.planning import Planning
from tests.council.room import Room
from tests.harness import Running


@pytest_asyncio.fixture(loop_scope="session")
async def room(council: Running) -> Room:
    """A meeting with everybody there."""
    return await Room.of(council)


async def agreed(room: Room) -> tuple[Planning, str]:
    """A plan that the head has agreed to, and the SHA-256 of its text."""
    planning = Planning(room.chamber)
    await planning.collecting()
    await planning.proposed(2)
    return planning, (await planning.agreed())["sha256"]


async def test_r6_2_a_vote_of_the_council_puts_the_agreed_plan_in_force(room: Room) -> None:
    planning, sha256 = await agreed(room)
    decision = await room.decided(
        decision_kind="approve_plan", subject_id=planning.plan_id, value=sha256
    )
    now = await planning.plan()
    assert (now["status"], now["versions"][0]["decision_id"]) == ("in_force", decision["id"])
    told = await room.chamber.told("decision.executed", "plan.approved", "plan.entered_force")
    assert told == ["plan.approved", "plan.entered_force", "decision.executed"]


async def test_r6_3_what_was_changed_after_it_lay_before_the_council_is_not_approved(
    room: Room,
) -> None:
    planning, sha256 = await agreed(room)
    for change, reason in ((False, "plan-not-agreed"), (True, "plan-changed")):
        await planning.chamber.post(f"/plans/{planning.plan_id}/items", **planning.body(3))
        for item in await planning.items(waits_for=str(planning.chamber.members[3])):
            path = f"/plan-items/{item['id']}/consent"
            await planning.chamber.post(path, planning.chamber.as_seated(3))
        if change:
            await planning.agreed()
        decision = await room.decided(
            decision_kind="approve_plan", subject_id=planning.plan_id, value=sha256
        )
        assert decision["status"] == "failed"
        rows = await room.service.told("council.decision.failed.v1")
        assert orjson.loads(rows[-1]["body"])["reason_code"] == reason
    assert (await planning.plan())["in_force_number"] is None


async def test_an_agenda_names_the_text_of_a_plan_by_its_sha256_or_not_at_all(
    council: Running,
) -> None:
    chamber = await Chamber(council).lay()
    planning = Planning(chamber)
    await planning.collecting()
    meeting_id = await chamber.planned(ADVICE)
    item = {
        "title": "О плане работы",
        "kind": "approval",
        "decision_kind": "approve_plan",
        "force": "binding",
        "draft_text": "Утвердить план.",
        "subject_id": planning.plan_id,
    }
    path = f"/meetings/{meeting_id}/items"
    assert why(await chamber.post(path, **item, value="план"))[0] == "body.value"
    for value in (None, "a" * 64):
        answer = await chamber.post(path, **item, value=value)
        assert answer.status_code == 201, answer.text
