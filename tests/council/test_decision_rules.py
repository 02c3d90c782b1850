"""The rules of decisions: their force by clause, who carries them out, and how far they come."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.council.domain import decisions as rules
from services.council.domain.decisions import (
    CancelledByItself,
    Decision,
    DecisionCannotBeCancelled,
    DecisionStatus,
    NothingToReport,
)
from services.council.domain.kinds import DecisionKind, Force

DAY = date(2026, 11, 25)


def decision(**more: Any) -> Decision:
    values: dict[str, Any] = {
        "id": UUID(int=1),
        "kind": DecisionKind.RECOMMEND,
        "force": Force.RECOMMENDATION,
        "parameter": None,
        "responsible_member_id": None,
        "due_on": None,
        "status": DecisionStatus.ADOPTED,
        "version": 1,
        **more,
    }
    return Decision(**values)


def test_the_council_binds_where_a_clause_gives_it_the_power_and_else_recommends_r4() -> None:
    """R4.1 and R4.2 contradict each other; R5.2 binds to what is within the council's powers."""
    clauses = {kind: rules.force_of(kind, Force.BINDING) for kind in DecisionKind}
    assert clauses == {
        DecisionKind.ADMIT: (Force.BINDING, "R4.1"),
        DecisionKind.EXCLUDE: (Force.BINDING, "R5.3"),
        DecisionKind.SUSPEND: (Force.BINDING, "R5.3"),
        DecisionKind.SET_PARAMETER: (Force.BINDING, "R4.1"),
        DecisionKind.APPROVE_PLAN: (Force.BINDING, "R6.2"),
        DecisionKind.SHARE_DUTIES: (Force.BINDING, "R4.4"),
        DecisionKind.END_CLUSTER: (Force.BINDING, "R8.1"),
        DecisionKind.RECOMMEND: (Force.RECOMMENDATION, "R4.2"),
    }
    assert rules.force_of(DecisionKind.EXCLUDE, Force.RECOMMENDATION) == (
        Force.RECOMMENDATION,
        "R4.2",
    )


def test_exclusion_and_the_end_of_the_cluster_take_a_qualified_majority() -> None:
    names = {kind: rules.majority_parameter(kind, Force.BINDING) for kind in DecisionKind}
    assert names[DecisionKind.EXCLUDE] == "council.exclusion_majority"
    assert names[DecisionKind.END_CLUSTER] == "council.ending_majority"
    assert names[DecisionKind.ADMIT] == "council.majority_percent"
    assert (
        rules.majority_parameter(DecisionKind.EXCLUDE, Force.RECOMMENDATION)
        == "council.majority_percent"
    )
    assert (
        rules.quorum_parameter(DecisionKind.EXCLUDE, Force.BINDING)
        == "council.special_quorum_percent"
    )
    assert rules.quorum_parameter(DecisionKind.ADMIT, Force.BINDING) == "council.quorum_percent"


def test_the_member_that_the_council_votes_on_is_in_conflict() -> None:
    member = UUID(int=7)
    assert rules.conflicted_member(DecisionKind.EXCLUDE, member) == member
    assert rules.conflicted_member(DecisionKind.SUSPEND, member) == member
    assert rules.conflicted_member(DecisionKind.ADMIT, member) is None


def test_what_binds_is_carried_out_by_the_service_that_owns_it() -> None:
    def ours(kind: DecisionKind, parameter: str | None = None) -> bool:
        return rules.is_ours(decision(kind=kind, force=Force.BINDING, parameter=parameter))

    assert ours(DecisionKind.SET_PARAMETER, "council.quorum_percent")
    assert ours(DecisionKind.APPROVE_PLAN)
    assert ours(DecisionKind.SHARE_DUTIES)
    assert not ours(DecisionKind.SET_PARAMETER, "membership.answer_working_days")
    assert not ours(DecisionKind.ADMIT)
    assert not rules.is_ours(decision(kind=DecisionKind.SHARE_DUTIES))


def test_an_answer_is_heard_once_and_a_failure_frees_the_item() -> None:
    adopted = decision(kind=DecisionKind.ADMIT, force=Force.BINDING)
    executed = rules.answer(adopted, has_failed=False)
    failed = rules.answer(adopted, has_failed=True)
    assert executed is not None
    assert failed is not None
    assert (executed.status, failed.status) == (DecisionStatus.EXECUTED, DecisionStatus.FAILED)
    assert rules.answer(executed, has_failed=True) is None
    assert rules.answer(decision(), has_failed=False) is None
    assert rules.stands(executed.status)
    assert not rules.stands(failed.status)


def test_a_decision_is_assigned_begun_reported_returned_and_accepted() -> None:
    given = decision(responsible_member_id=UUID(int=7))
    assert rules.first_status(given) is DecisionStatus.ASSIGNED
    assert rules.first_status(decision()) is DecisionStatus.ADOPTED
    assigned = replace(given, status=DecisionStatus.ASSIGNED)
    reported = rules.report(rules.start(assigned))
    assert reported.status is DecisionStatus.REPORTED
    assert rules.report(assigned).status is DecisionStatus.REPORTED
    assert rules.send_back(reported).status is DecisionStatus.IN_PROGRESS
    accepted = rules.accept(reported)
    assert (accepted.status, accepted.version) == (DecisionStatus.ACCEPTED, 4)
    for step, wrong in (
        (rules.start, accepted),
        (rules.report, accepted),
        (rules.accept, assigned),
        (rules.send_back, assigned),
    ):
        with pytest.raises(NothingToReport):
            step(wrong)


def test_a_decision_is_overdue_the_day_after_its_last_one_until_it_is_done() -> None:
    late = decision(due_on=DAY, status=DecisionStatus.ASSIGNED)
    assert not rules.is_overdue(late, DAY)
    assert rules.is_overdue(late, DAY + timedelta(days=1))
    assert not rules.is_overdue(
        replace(late, status=DecisionStatus.REPORTED), DAY + timedelta(days=1)
    )
    suspended = replace(late, kind=DecisionKind.SUSPEND, status=DecisionStatus.ADOPTED)
    assert not rules.is_overdue(suspended, DAY + timedelta(days=1))


def test_a_decision_is_cancelled_by_a_later_one_unless_a_service_carries_it_out() -> None:
    later = decision(id=UUID(int=2))
    assigned = decision(status=DecisionStatus.ASSIGNED)
    assert rules.cancel(assigned, later, is_later=True).status is DecisionStatus.CANCELLED
    assert rules.cancel(decision(), later, is_later=True).status is DecisionStatus.CANCELLED
    with pytest.raises(CancelledByItself):
        rules.cancel(assigned, assigned, is_later=True)
    with pytest.raises(CancelledByItself):
        rules.cancel(assigned, later, is_later=False)
    with pytest.raises(CancelledByItself):
        rules.cancel(assigned, replace(later, status=DecisionStatus.FAILED), is_later=True)
    for status in (DecisionStatus.ADOPTED, DecisionStatus.EXECUTED):
        carried = decision(kind=DecisionKind.ADMIT, force=Force.BINDING, status=status)
        with pytest.raises(DecisionCannotBeCancelled):
            rules.cancel(carried, later, is_later=True)
