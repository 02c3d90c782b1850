"""Proposals of members, their discussion, and what membership makes ready (R5.1, R5.3, I6)."""

import json
from datetime import timedelta
from typing import Any

import pytest

from contracts.membership import (
    ApplicationChecked,
    ApplicationRejected,
    ApplicationReturned,
    CaseAnswered,
    CaseClosed,
    CaseOpened,
    MemberWithdrawn,
)
from services.council import subscribers
from services.council.domain.proposals import (
    REMARKS_MAX,
    Proposal,
    ProposalStatus,
    TooManyRemarks,
    require_discussed,
    untable,
)
from services.council.domain.proposals import ProposalIsAnswered as IsAnswered
from shared.database import Cause
from shared.identity import Role
from shared.ids import new_id
from tests.council.chamber import ADVICE, INFO, Chamber, refused, why

PROPOSAL = {"title": "Общая сетка звонков", "body": "Мастерские начинают в разное время."}


async def submitted(chamber: Chamber, **other: Any) -> str:
    """The id of a proposal of the last member, put by somebody who does not sit."""
    answer = await chamber.post("/proposals", chamber.as_outsider(), **{**PROPOSAL, **other})
    assert answer.status_code == 201, answer.text
    proposal_id: str = answer.json()["id"]
    return proposal_id


# --- proposals -----------------------------------------------------------------------------------


async def test_i6_any_member_tables_an_item_through_a_proposal(chamber: Chamber) -> None:
    proposal_id = await submitted(chamber, draft_text="Утвердить сетку.")
    item = {**ADVICE, "proposal_id": proposal_id}
    meeting_id = await chamber.planned(item)
    proposal = (await chamber.get(f"/proposals/{proposal_id}", chamber.as_outsider())).json()
    assert (proposal["status"], proposal["meeting_id"]) == ("tabled", meeting_id)
    assert await chamber.told("proposal.submitted", "proposal.tabled") == [
        "proposal.submitted",
        "proposal.tabled",
    ]
    [told] = await chamber.service.told("council.proposal.tabled.v1")
    body = json.loads(told["body"])
    assert (body["item_id"], body["person_id"]) == (proposal["item_id"], str(chamber.outsider))
    assert PROPOSAL["title"] not in told["body"]


async def test_i6_a_refused_proposal_keeps_its_reason(chamber: Chamber) -> None:
    proposal_id = await submitted(chamber)
    path = f"/proposals/{proposal_id}"
    denied = await chamber.post(f"{path}/refuse", chamber.as_outsider(), reason="Нет")
    assert denied.status_code == 403
    answer = await chamber.post(f"{path}/refuse", reason="Вопрос вне компетенции совета.")
    assert (answer.json()["status"], answer.json()["reason"]) == (
        "refused",
        "Вопрос вне компетенции совета.",
    )
    seen = await chamber.get(path, chamber.as_seated(3))
    assert seen.json()["reason"] == "Вопрос вне компетенции совета."
    again = await chamber.post(f"{path}/refuse", reason="Ещё раз")
    assert refused(again) == (409, "wrong-status")  # ProposalIsAnswered
    meeting_id = await chamber.planned()
    late = await chamber.post(f"/meetings/{meeting_id}/items", **ADVICE, proposal_id=proposal_id)
    assert refused(late) == (409, "wrong-status")


async def test_r5_1_everybody_who_takes_part_joins_the_discussion(chamber: Chamber) -> None:
    proposal_id = await submitted(chamber)
    path = f"/proposals/{proposal_id}/remarks"
    for headers, words in (
        (chamber.as_seated(4), "Поддерживаем."),
        (chamber.as_outsider(Role.MENTOR), "Наставники согласны."),
    ):
        assert (await chamber.post(path, headers, words=words)).status_code == 201
    said = (await chamber.get(path, chamber.as_seated(8))).json()["items"]
    assert [remark["words"] for remark in said] == ["Поддерживаем.", "Наставники согласны."]
    student = await chamber.post(path, chamber.as_outsider(Role.STUDENT), words="И мы")
    assert student.status_code == 403
    assert (await chamber.get(f"/proposals/{proposal_id}")).json()["remarks"] == 2
    await chamber.post(f"/proposals/{proposal_id}/refuse", reason="Не к нам")
    over = await chamber.post(path, chamber.as_seated(4), words="Жаль")
    assert refused(over) == (409, "wrong-status")  # ProposalIsOver


async def test_r5_1_a_member_takes_back_what_is_on_no_agenda_and_its_own(chamber: Chamber) -> None:
    proposal_id = await submitted(chamber)
    path = f"/proposals/{proposal_id}/withdraw"
    assert (await chamber.post(path, chamber.as_seated(4))).status_code == 404
    assert (await chamber.post(path, chamber.as_outsider())).json()["status"] == "withdrawn"
    assert await chamber.told("proposal.withdrawn") == ["proposal.withdrawn"]
    tabled = await submitted(chamber)
    await chamber.planned({**ADVICE, "proposal_id": tabled})
    late = await chamber.post(f"/proposals/{tabled}/withdraw", chamber.as_outsider())
    assert refused(late) == (409, "wrong-status")
    listed = (await chamber.get("/proposals", status="tabled")).json()["items"]
    assert [item["id"] for item in listed] == [tabled]


async def test_a_proposal_that_cannot_be_decided_is_refused_at_its_field(chamber: Chamber) -> None:
    headers = chamber.as_outsider()
    for other, fault in (
        ({"decision_kind": "exclude"}, ("body.decision_kind", "kind-wrong")),  # ProposalIsWrong
        ({"decision_kind": "set_parameter"}, ("body.parameter", "invalid")),
        ({"parameter": "council.tie", "value": "chair"}, ("body.parameter", "invalid")),
    ):
        answer = await chamber.post("/proposals", headers, **{**PROPOSAL, **other})
        assert (answer.status_code, why(answer)) == (422, fault)
    sets = {"decision_kind": "set_parameter", "parameter": "council.tie", "value": "coin"}
    answer = await chamber.post("/proposals", headers, **{**PROPOSAL, **sets})
    assert refused(answer) == (409, "parameter-wrong")
    assert await submitted(chamber, **{**sets, "value": "rejected"})
    other = {**sets, "parameter": "membership.answer_working_days", "value": "12"}
    assert await submitted(chamber, **other)


async def test_who_takes_no_part_proposes_nothing(chamber: Chamber) -> None:
    async with chamber.service.runtime.database.transaction(cause=Cause(new_id(), new_id())) as tx:
        await subscribers.on_member_withdrawn(
            MemberWithdrawn(member_id=chamber.members[-1], withdrawn_on=chamber.today), tx
        )
    answer = await chamber.post("/proposals", chamber.as_outsider(), **PROPOSAL)
    assert refused(answer) == (409, "member-takes-no-part")


def test_a_discussion_ends_somewhere_and_only_what_is_tabled_comes_off() -> None:
    proposal = Proposal(new_id(), new_id(), new_id(), ProposalStatus.SUBMITTED, None, None, 1)
    require_discussed(proposal, REMARKS_MAX - 1)
    with pytest.raises(TooManyRemarks):
        require_discussed(proposal, REMARKS_MAX)
    with pytest.raises(IsAnswered):
        untable(proposal)


# --- matters -------------------------------------------------------------------------------------


async def hear(chamber: Chamber, handler: Any, event: Any) -> None:
    async with chamber.service.runtime.database.transaction(cause=Cause(new_id(), new_id())) as tx:
        await handler(event, tx)


async def matters(chamber: Chamber) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await chamber.get("/matters")).json()["items"]
    return items


async def test_an_application_is_ready_once_it_is_checked(chamber: Chamber) -> None:
    application_id = new_id()
    checked = ApplicationChecked(application_id=application_id, kind="employer")
    await hear(chamber, subscribers.on_application_checked, checked)
    [matter] = await matters(chamber)
    assert (matter["id"], matter["kind"], matter["is_ready"]) == (
        str(application_id),
        "application",
        True,
    )
    denied = await chamber.get("/matters", chamber.as_outsider())
    assert denied.status_code == 403

    admit = {"title": "О приёме", "kind": "decision", "decision_kind": "admit"}
    meeting_id = await chamber.planned({**admit, "matter_id": str(application_id)})
    [item] = (await chamber.get(f"/meetings/{meeting_id}")).json()["items"]
    assert item["subject_id"] == str(application_id)
    assert (await matters(chamber))[0]["meeting_id"] == meeting_id
    twice = await chamber.post(
        f"/meetings/{meeting_id}/items", **admit, matter_id=str(application_id)
    )
    assert refused(twice) == (409, "already-tabled")  # ItemIsTabled

    await hear(
        chamber,
        subscribers.on_application_returned,
        ApplicationReturned(application_id=application_id),
    )
    assert await matters(chamber) == []
    await hear(chamber, subscribers.on_application_checked, checked)
    assert len(await matters(chamber)) == 1
    await hear(
        chamber,
        subscribers.on_application_rejected,
        ApplicationRejected(application_id=application_id),
    )
    assert await matters(chamber) == []
    late = await chamber.post(
        f"/meetings/{await chamber.planned()}/items", **admit, matter_id=str(application_id)
    )
    assert refused(late) == (409, "wrong-status")  # MatterIsClosed


async def test_r5_3_a_case_comes_to_its_decision_after_notice_and_answer(chamber: Chamber) -> None:
    case_id, member_id = new_id(), chamber.members[6]
    opened = CaseOpened(
        case_id=case_id,
        member_id=member_id,
        ground="b",
        answer_until_on=chamber.today + timedelta(days=40),
    )
    await hear(chamber, subscribers.on_case_opened, opened)
    exclude = {
        "title": "Об исключении",
        "kind": "exclusion",
        "decision_kind": "exclude",
        "matter_id": str(case_id),
    }
    meeting_id = await chamber.planned()
    early = await chamber.post(f"/meetings/{meeting_id}/items", **exclude)
    assert refused(early) == (409, "matter-not-ready")  # MatterIsNotReady
    suspend = {**exclude, "decision_kind": "suspend", "title": "О приостановлении"}
    assert (await chamber.post(f"/meetings/{meeting_id}/items", **suspend)).status_code == 201
    [item] = (await chamber.get(f"/meetings/{meeting_id}")).json()["items"]
    assert (item["subject_id"], item["ground"]) == (str(member_id), "b")
    await chamber.delete(f"/meetings/{meeting_id}/items/{item['id']}")

    answered = CaseAnswered(case_id=case_id, member_id=member_id)
    await hear(chamber, subscribers.on_case_answered, answered)
    assert (await matters(chamber))[0]["is_ready"]
    assert (await chamber.post(f"/meetings/{meeting_id}/items", **exclude)).status_code == 201
    await hear(
        chamber, subscribers.on_case_closed, CaseClosed(case_id=case_id, member_id=member_id)
    )
    assert await matters(chamber) == []


async def test_what_a_meeting_leaves_undecided_waits_for_another_one(chamber: Chamber) -> None:
    heard, undecided = await submitted(chamber), await submitted(chamber)
    meeting_id = await chamber.opened(
        {**INFO, "proposal_id": heard}, {**ADVICE, "proposal_id": undecided}
    )
    closed = (await chamber.post(f"/meetings/{meeting_id}/close")).json()
    assert [item["outcome"] for item in closed["items"]] == ["heard", "postponed"]
    statuses = [
        (await chamber.get(f"/proposals/{proposal_id}")).json()["status"]
        for proposal_id in (heard, undecided)
    ]
    assert statuses == ["decided", "submitted"]
