"""The rules of the annual plan (R6.2, R6.3, R7.1, R7.2, I4), as plain functions."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.council.domain import plan, plan_reports
from services.council.domain.plan import (
    ConsentIsMissing,
    PlanHasChanged,
    PlanIsNotAgreed,
    PlanStatus,
    UnknownPlan,
    Version,
    VersionStatus,
    WhoActs,
)
from services.council.domain.plan_items import (
    FundingIsWrong,
    FundingSource,
    IndicatorIsWrong,
    MemberIsNamedTwice,
    PeriodIsOutsideOfYear,
    PeriodIsWrong,
    check_content,
    consents_that_stand,
    named_members,
    payer_of,
    read_period,
)
from services.council.domain.plan_reports import (
    Fact,
    FactIsMissing,
    ItemStatus,
    NewTimeIsWrong,
    Outcome,
    ReasonIsMissing,
    Report,
    ReportIsThere,
    ReportStatus,
)
from services.council.domain.plan_totals import Line, by_member, by_section, by_source, overall
from shared.ids import new_id
from shared.refusal import Refusal
from tests.council.planning import content

NOW = datetime(2026, 12, 10, 9, tzinfo=UTC)
TODAY = date(2026, 12, 10)


def version(**other: Any) -> Version:
    """A version for which items are collected."""
    facts: dict[str, Any] = {
        "number": 1,
        "collecting_at": NOW,
        "collect_until": None,
        "agreed_at": None,
        "agreed_sha256": None,
        "decision_id": None,
        "approved_on": None,
        "in_force_on": None,
        "dropped_at": None,
    }
    return Version(**{**facts, **other})


def agreed(**other: Any) -> Version:
    return version(agreed_at=NOW, agreed_sha256="a", **other)


def approve(which: Version | None, today: date = TODAY, **other: Any) -> Version:
    facts: dict[str, Any] = {"sha256": "a", "decided_sha256": None, "decision_id": new_id()}
    return plan.approve(which, year=2027, today=today, **{**facts, **other})


def fact(outcome: Outcome = Outcome.DONE, **other: Any) -> Fact:
    said: dict[str, Any] = {
        "outcome": outcome,
        "words": "Проведено",
        "reason": None if outcome is Outcome.DONE else "Нет станков",
        "fact_value": None,
        "fact_count": None,
        "spent_kopecks": None,
        "moved_to": None,
    }
    return Fact(**{**said, **other})


# --- when and by whom ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2027-03-15", date(2027, 3, 15), date(2027, 3, 15)),
        ("2028-02", date(2028, 2, 1), date(2028, 2, 29)),
        ("2027-Q1", date(2027, 1, 1), date(2027, 3, 31)),
        ("2027-Q4", date(2027, 10, 1), date(2027, 12, 31)),
        ("2027", date(2027, 1, 1), date(2027, 12, 31)),
    ],
)
def test_a_period_is_a_day_a_month_a_quarter_or_the_year(
    text: str, first: date, last: date
) -> None:
    found = read_period(text)
    assert (found.first_on, found.last_on) == (first, last)


@pytest.mark.parametrize("text", ["", "2027-13", "2027-Q5", "2027-02-30", "март", "0000", "27"])
def test_what_is_no_period_is_refused_beside_its_field(text: str) -> None:
    with pytest.raises(PeriodIsWrong) as refused:
        read_period(text)
    assert refused.value.facts["errors"][0]["at"] == "body.period"


@given(st.text(max_size=12))
def test_any_text_is_a_period_or_is_refused(text: str) -> None:
    try:
        found = read_period(text)
    except PeriodIsWrong:
        return
    assert found.first_on <= found.last_on


def test_r7_1_an_amount_has_its_source_and_what_costs_nothing_has_no_payer() -> None:
    for wrong in (
        {"amount_kopecks": 100},
        {"source": FundingSource.F1},
        {"payer_member_id": new_id()},
    ):
        with pytest.raises(FundingIsWrong):
            check_content(content(**wrong), 2027)
    check_content(content(source=FundingSource.F1, amount_kopecks=0), 2027)


def test_an_item_is_measured_and_named_in_a_way_that_can_be_reported_on() -> None:
    member = new_id()
    for wrong, refusal in (
        ({"period": "2026-12"}, PeriodIsOutsideOfYear),
        ({"unit": "чел."}, IndicatorIsWrong),
        ({"planned_value": 5}, IndicatorIsWrong),
        ({"indicator": "Доля"}, IndicatorIsWrong),
        ({"co_executor_ids": (member, member)}, MemberIsNamedTwice),
        ({"responsible_member_id": member, "co_executor_ids": (member,)}, MemberIsNamedTwice),
    ):
        with pytest.raises(refusal):
            check_content(content(**wrong), 2027)


def test_r7_2_who_answers_pays_unless_another_is_named() -> None:
    paid = content(source=FundingSource.F2, amount_kopecks=100)
    assert payer_of(paid) == paid.responsible_member_id
    other = new_id()
    assert payer_of(replace(paid, payer_member_id=other)) == other
    assert payer_of(content()) is None
    helper = new_id()
    named = replace(paid, payer_member_id=other, co_executor_ids=(helper,))
    assert named_members(named) == {named.responsible_member_id, other, helper}


def test_r7_2_a_consent_outlives_better_words_and_no_other_commitment() -> None:
    before = content(source=FundingSource.F2, amount_kopecks=100)
    owner = before.responsible_member_id
    better = replace(before, place="Смоленск", form="семинар", audience="мастера", basis="R3.4")
    assert consents_that_stand(before, better, {owner}, None) == {owner}
    for commits in (
        {"amount_kopecks": 101},
        {"period": "2027-Q3"},
        {"title": "Иное"},
        {"result": "Иной"},
        {"planned_count": 10},
        {"co_executor_ids": (new_id(),)},
    ):
        after = replace(before, **commits)
        assert consents_that_stand(before, after, {owner}, None) == frozenset()
        assert consents_that_stand(before, after, {owner}, owner) == {owner}
    stranger = new_id()
    assert consents_that_stand(before, better, set(), stranger) == frozenset()


# --- the two steps -------------------------------------------------------------------------------


def test_r6_3_the_head_agrees_to_the_text_that_was_read_and_to_whole_consent() -> None:
    facts: dict[str, Any] = {"items": 2, "without_consent": 0, "now": NOW}
    done = plan.agree(version(), read_sha256="a", sha256="a", **facts)
    assert (done.agreed_at, done.agreed_sha256) == (NOW, "a")
    for which, changed, refusal in (
        (version(), {"sha256": "b"}, PlanHasChanged),
        (version(), {"items": 0}, plan.PlanIsEmpty),
        (version(), {"without_consent": 1}, ConsentIsMissing),
        (version(collecting_at=None), {}, plan.NotCollecting),
        (agreed(), {}, plan.NotCollecting),
        (None, {}, plan.NotCollecting),
    ):
        with pytest.raises(refusal):
            plan.agree(which, **{"read_sha256": "a", "sha256": "a", **facts, **changed})


def test_i4_the_council_approves_what_its_head_has_agreed_to_and_nothing_else() -> None:
    """R6.2 with R6.3: both, over one text."""
    done = approve(agreed())
    assert (done.approved_on, done.in_force_on) == (TODAY, date(2027, 1, 1))
    assert approve(agreed(), date(2027, 3, 2)).in_force_on == date(2027, 3, 2)
    for which, other, refusal in (
        (None, {}, UnknownPlan),
        (version(), {}, PlanIsNotAgreed),
        (agreed(), {"sha256": "b"}, PlanHasChanged),
        (agreed(), {"decided_sha256": "b"}, PlanHasChanged),
    ):
        with pytest.raises(refusal):
            approve(which, **other)
    assert approve(agreed(), decided_sha256="a").in_force_on


@given(st.lists(st.sampled_from(["collect", "agree", "approve", "reopen", "amend", "drop"])))
def test_i4_no_order_of_steps_puts_a_plan_in_force_without_both(steps: list[str]) -> None:
    versions = [version(collecting_at=None)]
    on = date(2027, 5, 1)
    for step in steps:
        with suppress(Refusal):
            new = take(step, versions, on)
            versions[new.number - 1 :] = [new]
    in_force = plan.in_force_number(versions, on)
    for found in versions:
        is_decided = plan.version_status(found, in_force) in (
            VersionStatus.IN_FORCE,
            VersionStatus.APPROVED,
            VersionStatus.SUPERSEDED,
        )
        is_whole = bool(found.agreed_at and found.decision_id and found.agreed_sha256 == "a")
        assert is_decided == is_whole
    is_in_force = plan.plan_status(versions, on, None, None) is PlanStatus.IN_FORCE
    assert is_in_force == (in_force is not None)


def take(step: str, versions: list[Version], on: date) -> Version:
    """The version that a step makes of the one on its way, or the new one of an amendment."""
    waiting = plan.open_version(versions)
    if step == "amend":
        plan.require_may_amend(versions, plan.plan_status(versions, on, None, None))
        return version(number=len(versions) + 1)
    steps: dict[str, Callable[[], Version]] = {
        "collect": lambda: plan.collect(waiting, None, NOW, TODAY),
        "agree": lambda: plan.agree(
            waiting, read_sha256="a", sha256="a", items=1, without_consent=0, now=NOW
        ),
        "approve": lambda: approve(waiting, on),
        "drop": lambda: plan.drop(waiting, NOW),
        "reopen": lambda: plan.reopen(waiting) if waiting else versions[-1],
    }
    return steps[step]()


def test_the_text_of_a_plan_is_told_by_its_items_and_not_by_their_order() -> None:
    one, two = new_id(), new_id()
    first, second = content(), content(title="Иное")
    assert plan.digest({one: first, two: second}) == plan.digest({two: second, one: first})
    assert plan.digest({one: first}) != plan.digest({one: replace(first, place="Смоленск")})
    assert plan.digest({one: first}) != plan.digest({two: first})


def test_r6_2_a_plan_is_in_force_from_the_first_day_of_its_year_on() -> None:
    done = approve(agreed())
    assert plan.plan_status([done], date(2026, 12, 31), None, None) is PlanStatus.APPROVED
    assert plan.plan_status([done], date(2027, 1, 1), None, None) is PlanStatus.IN_FORCE
    amended = replace(approve(agreed(), date(2027, 4, 1)), number=2)
    assert plan.in_force_number([done, amended], date(2027, 3, 31)) == 1
    assert plan.in_force_number([done, amended], date(2027, 4, 1)) == 2
    assert plan.version_status(done, 2) is VersionStatus.SUPERSEDED
    assert plan.version_status(version(dropped_at=NOW), 2) is VersionStatus.DROPPED
    assert plan.plan_status([done], TODAY, NOW, None) is PlanStatus.REPORTED
    assert plan.plan_status([done], TODAY, NOW, NOW) is PlanStatus.ARCHIVED


def test_it_is_known_at_each_step_who_acts_next() -> None:
    facts: dict[str, Any] = {"without_consent": 0, "items": 1}
    for status, waiting, changed, who in (
        (PlanStatus.DRAFT, version(collecting_at=None), {}, WhoActs.SECRETARY),
        (PlanStatus.COLLECTING, version(), {"items": 0}, WhoActs.SECRETARY),
        (PlanStatus.COLLECTING, version(), {"without_consent": 1}, WhoActs.NAMED_MEMBERS),
        (PlanStatus.COLLECTING, version(), {}, WhoActs.HEAD),
        (PlanStatus.AGREED, agreed(), {}, WhoActs.COUNCIL),
        (PlanStatus.APPROVED, None, {}, WhoActs.NOBODY),
        (PlanStatus.IN_FORCE, None, {}, WhoActs.RESPONSIBLE_MEMBERS),
        (PlanStatus.REPORTED, None, {}, WhoActs.SECRETARY),
        (PlanStatus.ARCHIVED, None, {}, WhoActs.NOBODY),
    ):
        assert plan.who_acts(status, waiting, **{**facts, **changed}) is who


def test_what_changed_between_two_versions_is_told_item_by_item() -> None:
    stays, goes, comes = new_id(), new_id(), new_id()
    same = content()
    found = plan.changes(
        {stays: same, goes: same}, {stays: replace(same, place="Вязьма"), comes: same}
    )
    assert (found.added, found.removed, found.changed) == ((comes,), (goes,), {stays: ("place",)})


# --- reports -------------------------------------------------------------------------------------


def report(status: ReportStatus, outcome: Outcome, moved: date | None = None) -> Report:
    return Report(new_id(), status, outcome, moved)


def test_what_was_not_wholly_done_has_a_reason_and_what_was_moved_a_later_time() -> None:
    said = content(period="2027-Q2")
    for wrong, refusal in (
        (fact(Outcome.PARTLY, reason=None), ReasonIsMissing),
        (fact(Outcome.NOT_DONE, reason=None), ReasonIsMissing),
        (fact(Outcome.MOVED), NewTimeIsWrong),
        (fact(Outcome.DONE, moved_to="2027-Q3"), NewTimeIsWrong),
        (fact(Outcome.MOVED, moved_to="2027-Q2"), NewTimeIsWrong),
        (fact(Outcome.MOVED, moved_to="потом"), NewTimeIsWrong),
        (fact(Outcome.DONE, fact_value=5), FactIsMissing),
    ):
        with pytest.raises(refusal):
            plan_reports.check_report(said, wrong, None, None)
    moved = fact(Outcome.MOVED, moved_to="2027-Q3")
    assert plan_reports.check_report(said, moved, None, None) == date(2027, 9, 30)
    with pytest.raises(NewTimeIsWrong):
        plan_reports.check_report(said, moved, None, date(2027, 9, 30))


def test_an_item_with_an_indicator_is_reported_with_its_value() -> None:
    said = content(indicator="Обучено", unit="чел.", planned_value=20)
    with pytest.raises(FactIsMissing):
        plan_reports.check_report(said, fact(), None, None)
    assert plan_reports.check_report(said, fact(fact_value=18), None, None) is None
    assert plan_reports.check_report(said, fact(Outcome.NOT_DONE), None, None) is None


def test_a_report_is_made_once_unless_it_was_returned_or_the_item_moved() -> None:
    said = content()
    for status, outcome in (
        (ReportStatus.SUBMITTED, Outcome.DONE),
        (ReportStatus.ACCEPTED, Outcome.DONE),
        (ReportStatus.ACCEPTED, Outcome.NOT_DONE),
    ):
        with pytest.raises(ReportIsThere):
            plan_reports.check_report(said, fact(), report(status, outcome), None)
    for status, outcome in (
        (ReportStatus.RETURNED, Outcome.DONE),
        (ReportStatus.ACCEPTED, Outcome.MOVED),
    ):
        assert plan_reports.check_report(said, fact(), report(status, outcome), None) is None


def test_an_item_is_overdue_once_its_time_has_passed_without_a_report() -> None:
    last, moved = date(2027, 6, 30), date(2027, 9, 30)
    accepted_move = report(ReportStatus.ACCEPTED, Outcome.MOVED, moved)
    for moved_until, known, on, status in (
        (None, None, last, ItemStatus.PLANNED),
        (None, None, date(2027, 7, 1), ItemStatus.OVERDUE),
        (None, report(ReportStatus.SUBMITTED, Outcome.DONE), moved, ItemStatus.REPORTED),
        (None, report(ReportStatus.RETURNED, Outcome.DONE), moved, ItemStatus.OVERDUE),
        (None, report(ReportStatus.ACCEPTED, Outcome.PARTLY), moved, ItemStatus.PARTLY),
        (moved, accepted_move, moved, ItemStatus.MOVED),
        (moved, accepted_move, date(2027, 10, 1), ItemStatus.OVERDUE),
        (moved, report(ReportStatus.RETURNED, Outcome.DONE), moved, ItemStatus.PLANNED),
    ):
        assert plan_reports.item_status(last, moved_until, known, on) is status
    assert not plan_reports.is_settled(None, 2027)
    assert not plan_reports.is_settled(accepted_move, 2027)
    assert plan_reports.is_settled(accepted_move, 2026)
    assert plan_reports.is_settled(report(ReportStatus.ACCEPTED, Outcome.NOT_DONE), 2027)


# --- totals --------------------------------------------------------------------------------------


def test_totals_count_money_once_and_at_the_member_that_pays() -> None:
    owner, payer = new_id(), new_id()
    paid = content(
        responsible_member_id=owner,
        source=FundingSource.F2,
        amount_kopecks=1_000,
        payer_member_id=payer,
    )
    lines = [
        Line(content=paid, status=ItemStatus.DONE, spent_kopecks=900),
        Line(
            content=content(responsible_member_id=owner),
            status=ItemStatus.OVERDUE,
            spent_kopecks=None,
        ),
    ]
    whole = overall(lines)
    assert (whole.items, whole.done, whole.overdue) == (2, 1, 1)
    assert (whole.amount_kopecks, whole.spent_kopecks) == (1_000, 900)
    assert [(total.of, total.items) for total in by_section(lines)] == [("workshops", 2)]
    assert [(total.of, total.amount_kopecks) for total in by_source(lines)] == [("F2", 1_000)]
    members = {total.of: total for total in by_member(lines)}
    assert (members[str(owner)].items, members[str(owner)].amount_kopecks) == (2, 0)
    assert (members[str(payer)].items, members[str(payer)].amount_kopecks) == (0, 1_000)
    assert sum(total.amount_kopecks for total in members.values()) == whole.amount_kopecks
