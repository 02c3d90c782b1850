"""Exclusion with due process (R5.3, I3), suspension, other ends, the end of the cluster (R8.1)."""

import json
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from shared.identity import Role
from shared.ids import new_id
from shared.russia.calendar import add_working_days
from tests.membership.cluster import Cluster, agreement, card
from tests.membership.newcomers import Newcomers, application, case

ENDS = (
    "case.opened",
    "case.answered",
    "case.closed",
    "member.suspended",
    "member.restored",
    "member.excluded",
    "member.reorganised",
    "member.liquidated",
    "member.withdrawn",
    "cluster.ended",
    "withdrawal.announced",
    "decision.executed",
    "decision.failed",
)
ANSWER = {"answer": "Мастер болел, заявки приняты."}


async def status_of(cluster: Cluster, member_id: UUID) -> tuple[str, str | None]:
    member = (await cluster.get(f"/members/{member_id}")).json()
    return member["status"], member["end_kind"]


# --- the case ------------------------------------------------------------------------------------


async def test_r5_3_a_member_is_excluded_after_notice_answer_and_decision(
    cluster: Cluster,
) -> None:
    newcomers = Newcomers(cluster)
    opened = await newcomers.case(cluster.firm)
    assert opened["status"] == "notified"
    assert opened["answer_until_on"] == add_working_days(cluster.today, 10).isoformat()
    [letter] = await cluster.service.sql("SELECT * FROM letters WHERE kind = 'case_opened'")
    assert (letter["address"], letter["words"]) == ("firm@artel.demo", opened["evidence"])
    assert await newcomers.decide("exclude", cluster.firm, ground="b") == "notice-not-complete"
    assert (await status_of(cluster, cluster.firm)) == ("active", None)

    path = f"/cases/{opened['id']}/answer"
    answered = await cluster.post(path, cluster.as_firm(), **ANSWER)
    assert (answered.json()["status"], answered.json()["answer"]) == ("ready", ANSWER["answer"])
    assert await newcomers.decide("exclude", cluster.firm, ground="b") is None
    assert (await status_of(cluster, cluster.firm)) == ("withdrawn", "excluded")
    seen = await cluster.get(f"/cases/{opened['id']}", cluster.as_firm())
    assert seen.json()["status"] == "executed"
    assert await newcomers.told(*ENDS) == [
        "case.opened",
        "decision.failed",
        "case.answered",
        "member.excluded",
        "member.withdrawn",
        "decision.executed",
    ]
    [told] = await cluster.service.told("membership.member.excluded.v1")
    body = json.loads(told["body"])
    assert (body["ground"], body["excluded_on"]) == ("b", cluster.day(0))


async def test_i3_silence_counts_only_after_the_last_day_to_answer(cluster: Cluster) -> None:
    newcomers = Newcomers(cluster)
    opened = await newcomers.case(cluster.firm, ground="a")
    until = date.fromisoformat(opened["answer_until_on"])
    cluster.service.clock.pass_(days=(until - cluster.today).days)
    assert await newcomers.decide("exclude", cluster.firm, ground="a") == "notice-not-complete"
    cluster.service.clock.pass_(days=1)
    seen = await cluster.get(f"/cases/{opened['id']}", newcomers.as_secretary())
    assert seen.json()["status"] == "ready"
    assert await newcomers.decide("exclude", cluster.firm, ground="a") is None


@pytest.mark.parametrize("ground", [None, "", "a", "c", "B"])
async def test_i3_another_ground_than_that_of_the_notice_excludes_nobody(
    cluster: Cluster, ground: str | None
) -> None:
    newcomers = Newcomers(cluster)
    opened = await newcomers.case(cluster.firm, ground="b")
    await cluster.post(f"/cases/{opened['id']}/answer", cluster.as_firm(), **ANSWER)
    assert await newcomers.decide("exclude", cluster.firm, ground=ground) == "ground-wrong"
    assert await newcomers.decide("suspend", cluster.firm, ground=ground) == "ground-wrong"
    assert (await status_of(cluster, cluster.firm)) == ("active", None)


async def test_i3_without_an_open_case_nobody_is_excluded_or_suspended(cluster: Cluster) -> None:
    newcomers = Newcomers(cluster)
    for kind in ("exclude", "suspend"):
        assert await newcomers.decide(kind, cluster.firm, ground="b") == "no-case"
        assert await newcomers.decide(kind, new_id(), ground="b") == "unknown-member"
    opened = await newcomers.case(cluster.firm)
    path = f"/cases/{opened['id']}"
    closed = await cluster.post(f"{path}/close", newcomers.as_secretary(), reason="Исправился.")
    assert closed.json()["status"] == "closed"
    assert await newcomers.decide("exclude", cluster.firm, ground="b") == "no-case"
    again = await cluster.post(f"{path}/close", newcomers.as_secretary(), reason="Ещё раз.")
    assert (again.status_code, again.json()["code"]) == (409, "wrong-status")  # CaseIsClosed
    late = await cluster.post(f"{path}/answer", cluster.as_firm(), **ANSWER)
    assert (late.status_code, late.json()["code"]) == (409, "wrong-status")


async def test_r5_3_the_database_keeps_no_exclusion_without_ground_and_decision(
    cluster: Cluster,
) -> None:
    for change in ("exclusion_ground = 'b'", "end_decision_id = gen_random_uuid()"):
        with pytest.raises(asyncpg.CheckViolationError):
            await cluster.service.sql(
                f"UPDATE members SET leaving_on = now(), end_kind = 'excluded', {change}"
                " WHERE id = $1",
                cluster.firm,
            )


async def test_a_member_answers_once_and_for_itself_alone(cluster: Cluster) -> None:
    newcomers = Newcomers(cluster)
    path = f"/cases/{(await newcomers.case(cluster.firm))['id']}/answer"
    assert (await cluster.post(path, cluster.as_college(), **ANSWER)).status_code == 404
    mentor = cluster.service.as_(cluster.firm, Role.MENTOR)
    assert (await cluster.post(path, mentor, **ANSWER)).status_code == 403
    assert (await cluster.post(path, cluster.as_firm(), **ANSWER)).status_code == 200
    again = await cluster.post(path, cluster.as_firm(), **ANSWER)
    assert (again.status_code, again.json()["code"]) == (409, "wrong-status")  # CaseIsAnswered


async def test_a_case_is_seen_by_its_member_and_the_secretariat_alone(cluster: Cluster) -> None:
    newcomers = Newcomers(cluster)
    opened = await newcomers.case(cluster.firm)
    for headers, ids in (
        (newcomers.as_secretary(), [opened["id"]]),
        (cluster.as_administrator(), [opened["id"]]),
        (cluster.as_firm(), [opened["id"]]),
        (cluster.as_college(), []),
    ):
        listed = await cluster.get("/cases", headers)
        assert [item["id"] for item in listed.json()["items"]] == ids
        seen = await cluster.get(f"/cases/{opened['id']}", headers)
        assert seen.status_code == (200 if ids else 404)
    other = await cluster.get(f"/cases?member_id={cluster.college}", newcomers.as_secretary())
    assert other.json()["items"] == []


async def test_one_case_at_a_time_is_open_about_a_member(cluster: Cluster) -> None:
    newcomers = Newcomers(cluster)
    await newcomers.case(cluster.firm)
    second = await cluster.post(
        f"/members/{cluster.firm}/cases", newcomers.as_secretary(), **case()
    )
    assert (second.status_code, second.json()["code"]) == (409, "case-open")


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"ground": "c"}, "body.ground"),
    ({"initiative": "member"}, "body.initiator_id"),  # InitiatorIsWrong
    ({"initiative": "member", "initiator_id": str(new_id())}, "body.initiator_id"),
    ({"initiator_id": str(new_id())}, "body.initiator_id"),
    ({"answer_until_on": "2020-01-01"}, "body.answer_until_on"),  # NoticeIsTooShort
    ({"answer_until_on": "2190-01-01"}, "body.answer_until_on"),
    ({"evidence": ""}, "body.evidence"),
]


@pytest.mark.parametrize(("other", "at"), WRONG)
async def test_a_case_that_cannot_be_opened_is_refused_beside_its_field(
    cluster: Cluster, other: dict[str, Any], at: str
) -> None:
    newcomers = Newcomers(cluster)
    refused = await cluster.post(
        f"/members/{cluster.firm}/cases", newcomers.as_secretary(), **case(**other)
    )
    assert (refused.status_code, refused.json()["errors"][0]["at"]) == (422, at), refused.text


async def test_a_member_asks_for_a_case_about_another_and_never_itself(cluster: Cluster) -> None:
    newcomers = Newcomers(cluster)
    by = {"initiative": "member", "initiator_id": str(cluster.college)}
    own = await cluster.post(
        f"/members/{cluster.college}/cases", newcomers.as_secretary(), **case(**by)
    )
    assert own.json()["errors"][0]["at"] == "body.initiator_id"
    opened = await newcomers.case(cluster.firm, **by, answer_until_on=cluster.day(60))
    assert opened["initiator_id"] == str(cluster.college)
    assert opened["answer_until_on"] == cluster.day(60)
    assert (
        await cluster.post(f"/members/{new_id()}/cases", newcomers.as_secretary(), **case())
    ).status_code == 404


async def test_nobody_who_left_is_excluded_or_has_a_case_opened(cluster: Cluster) -> None:
    newcomers = Newcomers(cluster)
    await newcomers.case(cluster.firm)
    left = await cluster.post(
        f"/members/{cluster.firm}/withdraw", cluster.as_firm(), effective_on=cluster.day(0)
    )
    assert left.status_code == 200
    assert await newcomers.decide("exclude", cluster.firm, ground="b") == "member-has-left"
    assert (await status_of(cluster, cluster.firm)) == ("withdrawn", "withdrawn")
    refused = await cluster.post(
        f"/members/{cluster.firm}/cases", newcomers.as_secretary(), **case()
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "member-has-left")


async def test_an_exclusion_comes_before_a_later_day_of_withdrawal(cluster: Cluster) -> None:
    newcomers = Newcomers(cluster)
    opened = await newcomers.case(cluster.firm)
    await cluster.post(f"/cases/{opened['id']}/answer", cluster.as_firm(), **ANSWER)
    await cluster.post(
        f"/members/{cluster.firm}/withdraw", cluster.as_firm(), effective_on=cluster.day(90)
    )
    assert await newcomers.decide("exclude", cluster.firm, ground="b") is None
    assert (await status_of(cluster, cluster.firm)) == ("withdrawn", "excluded")
    cluster.service.clock.pass_(days=91)
    await cluster.service.due()
    assert (await newcomers.told("member.withdrawn")) == ["member.withdrawn"], "told once"


# --- what follows --------------------------------------------------------------------------------


async def test_an_excluded_member_makes_and_signs_nothing_new(cluster: Cluster) -> None:
    newcomers = Newcomers(cluster)
    old = await cluster.active()
    waiting = (await cluster.make()).json()["id"]
    opened = await newcomers.case(cluster.firm)
    await cluster.post(f"/cases/{opened['id']}/answer", cluster.as_firm(), **ANSWER)
    assert await newcomers.decide("exclude", cluster.firm, ground="b") is None
    made = await cluster.make()
    assert (made.status_code, made.json()["code"]) == (409, "member-not-active")
    signed = await cluster.post(f"/agreements/{waiting}/sign", cluster.as_college())
    assert (signed.status_code, signed.json()["code"]) == (409, "member-not-active")
    lives_on = await cluster.get(f"/agreements/{old}", cluster.as_firm())
    assert lives_on.json()["status"] == "active", "what was agreed lives on"
    assert (await newcomers.joined("stankoservis")) != cluster.firm, "it may apply anew"


async def test_r5_3_a_suspended_member_takes_on_nothing_new_until_its_case_is_over(
    cluster: Cluster,
) -> None:
    newcomers = Newcomers(cluster)
    opened = await newcomers.case(cluster.firm)
    assert await newcomers.decide("suspend", cluster.firm, ground="b") is None
    assert (await cluster.get(f"/members/{cluster.firm}")).json()["is_suspended"] is True
    for headers in (cluster.as_firm(), cluster.as_college()):
        made = await cluster.make(headers)
        assert (made.status_code, made.json()["code"]) == (409, "member-suspended")
    answered = await cluster.post(f"/cases/{opened['id']}/answer", cluster.as_firm(), **ANSWER)
    assert answered.status_code == 200, "it may defend itself"
    await cluster.post(
        f"/cases/{opened['id']}/close", newcomers.as_secretary(), reason="Исправился."
    )
    assert (await cluster.get(f"/members/{cluster.firm}")).json()["is_suspended"] is False
    assert (await cluster.make()).status_code == 201
    assert await newcomers.told("member.suspended", "member.restored") == [
        "member.suspended",
        "member.restored",
    ]


async def test_a_suspension_ends_after_the_day_that_the_decision_names(cluster: Cluster) -> None:
    newcomers = Newcomers(cluster)
    await newcomers.case(cluster.firm)
    due_on = date.fromisoformat(cluster.day(3))
    past = date.fromisoformat(cluster.day(-1))
    late = await newcomers.decide("suspend", cluster.firm, ground="b", due_on=past)
    assert late == "term-over"
    assert await newcomers.decide("suspend", cluster.firm, ground="b", due_on=due_on) is None
    cluster.service.clock.pass_(days=3)
    assert (await cluster.make()).json()["code"] == "member-suspended"
    cluster.service.clock.pass_(days=1)
    assert (await cluster.make()).status_code == 201


# --- parameters ----------------------------------------------------------------------------------


async def test_the_time_to_answer_is_the_councils_to_set(cluster: Cluster) -> None:
    newcomers = Newcomers(cluster)
    name = "membership.answer_working_days"
    assert await newcomers.decide("set_parameter", None, parameter=name, value="15") is None
    opened = await newcomers.case(cluster.firm)
    assert opened["answer_until_on"] == add_working_days(cluster.today, 15).isoformat()
    for parameter, value in (
        (name, "0"),
        (name, "61"),
        (name, "ten"),
        (name, None),
        ("membership.unheard_of", "1"),
    ):
        why = await newcomers.decide("set_parameter", None, parameter=parameter, value=value)
        assert why == "parameter-wrong"


async def test_a_decision_that_is_anothers_is_not_answered_here(cluster: Cluster) -> None:
    newcomers = Newcomers(cluster)
    for kind, parameter in (("approve_plan", None), ("set_parameter", "council.quorum")):
        with pytest.raises(ValueError, match="not enough values"):
            await newcomers.decide(kind, None, parameter=parameter, value="1")


async def test_a_decision_is_carried_out_once_and_said_so(cluster: Cluster) -> None:
    newcomers = Newcomers(cluster)
    same = new_id()
    application_id = await newcomers.checked()
    assert await newcomers.decide("admit", application_id, id=same) is None
    assert await newcomers.decide("admit", application_id, id=same) == "already-executed"
    assert await newcomers.told("decision.executed", "decision.failed") == [
        "decision.executed",
        "decision.failed",
    ]


# --- other ends ----------------------------------------------------------------------------------


async def test_a_reorganised_member_has_a_successor_and_takes_no_part(cluster: Cluster) -> None:
    newcomers = Newcomers(cluster)
    path = f"/members/{cluster.firm}/end"
    body = {"kind": "reorganised", "reason": "Присоединение, запись ЕГРЮЛ."}
    for successor in (None, str(cluster.firm), str(new_id())):
        refused = await cluster.post(path, newcomers.as_secretary(), **body, successor_id=successor)
        assert refused.json()["errors"][0]["at"] == "body.successor_id"  # SuccessorIsWrong
    ended = await cluster.post(
        path, newcomers.as_secretary(), **body, successor_id=str(cluster.college)
    )
    assert (ended.json()["status"], ended.json()["end_kind"], ended.json()["successor_id"]) == (
        "withdrawn",
        "reorganised",
        str(cluster.college),
    )
    assert await newcomers.told(*ENDS) == ["member.reorganised", "member.withdrawn"]
    again = await cluster.post(
        path, newcomers.as_secretary(), **body, successor_id=str(cluster.college)
    )
    assert (again.status_code, again.json()["code"]) == (409, "member-has-left")
    gone = await cluster.post(
        f"/members/{cluster.college}/end",
        newcomers.as_secretary(),
        **body,
        successor_id=str(cluster.firm),
    )
    assert gone.json()["errors"][0]["at"] == "body.successor_id"


async def test_a_liquidated_member_is_no_more_and_has_no_successor(cluster: Cluster) -> None:
    newcomers = Newcomers(cluster)
    path = f"/members/{cluster.firm}/end"
    body = {"kind": "liquidated", "reason": "Запись ЕГРЮЛ о прекращении."}
    refused = await cluster.post(
        path, newcomers.as_secretary(), **body, successor_id=str(cluster.college)
    )
    assert refused.json()["errors"][0]["at"] == "body.successor_id"
    assert (await cluster.post(path, newcomers.as_secretary(), **body)).status_code == 200
    assert await status_of(cluster, cluster.firm) == ("withdrawn", "liquidated")
    assert await newcomers.told(*ENDS) == ["member.liquidated", "member.withdrawn"]
    unknown = await cluster.post(f"/members/{new_id()}/end", newcomers.as_secretary(), **body)
    assert unknown.status_code == 404


# --- the end of the cluster ----------------------------------------------------------------------


async def test_r8_1_the_end_of_the_cluster_closes_everything_in_order(cluster: Cluster) -> None:
    newcomers = Newcomers(cluster)
    old = await cluster.active()
    waiting = await newcomers.checked()
    admitted = await newcomers.admitted("roslavl")
    assert await newcomers.decide("end_cluster", None) is None
    for member_id in (cluster.firm, cluster.college, cluster.university):
        assert await status_of(cluster, member_id) == ("withdrawn", "cluster_ended")
    assert await newcomers.told(*ENDS) == [
        "decision.executed",
        "cluster.ended",
        *["withdrawal.announced"] * 3,
        *["member.withdrawn"] * 3,
        "decision.executed",
    ]
    for application_id in (waiting, admitted):
        seen = await cluster.get(f"/applications/{application_id}", newcomers.as_secretary())
        assert seen.json()["status"] == "rejected"
    assert (await newcomers.sign(admitted)).status_code == 409
    for refused in (
        await cluster.post("/applications", None, **application()),
        await cluster.post("/members", cluster.as_administrator(), **card("vyazma")),
    ):
        assert (refused.status_code, refused.json()["code"]) == (409, "cluster-over")
    assert (await cluster.make()).json()["code"] == "member-not-active"
    lives_on = await cluster.get(f"/agreements/{old}", cluster.as_firm())
    assert lives_on.json()["status"] == "active"
    assert await newcomers.decide("end_cluster", None) == "cluster-over"


async def test_r8_1_up_to_the_day_that_is_named_members_go_on(cluster: Cluster) -> None:
    newcomers = Newcomers(cluster)
    ends_on = date.fromisoformat(cluster.day(40))
    await cluster.post(
        f"/members/{cluster.firm}/withdraw", cluster.as_firm(), effective_on=cluster.day(20)
    )
    assert await newcomers.decide("end_cluster", None, due_on=ends_on) is None
    assert await status_of(cluster, cluster.college) == ("leaving", "cluster_ended")
    assert await status_of(cluster, cluster.firm) == ("leaving", "withdrawn")
    parties = {"party_ids": [str(cluster.college), str(cluster.university)]}
    body = agreement(cluster) | parties
    assert (await cluster.post("/agreements", cluster.as_college(), **body)).status_code == 201
    after = body | {"valid_from": cluster.day(40)}
    refused = await cluster.post("/agreements", cluster.as_college(), **after)
    assert refused.json()["code"] == "member-not-active"
    cluster.service.clock.pass_(days=40)
    await cluster.service.due()
    assert await newcomers.told("member.withdrawn") == ["member.withdrawn"] * 3


async def test_a_late_end_of_the_cluster_fails_and_changes_nothing(cluster: Cluster) -> None:
    newcomers = Newcomers(cluster)
    past = date.fromisoformat(cluster.day(-1))
    assert await newcomers.decide("end_cluster", None, due_on=past) == "term-over"
    assert await newcomers.decide("end_cluster", None, is_binding=False) == "not-binding"
    assert await status_of(cluster, cluster.firm) == ("active", None)
    assert await newcomers.told("cluster.ended", "withdrawal.announced") == []
