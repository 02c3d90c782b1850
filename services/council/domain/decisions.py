"""Decisions: what the council may bind with, who carries it out, and how far that has come.

R4.1 calls the council the highest body and R4.2 an advisory one, while R5.2 binds members to what it
decides within its powers. So a decision binds where a clause gives the council the power, and
recommends everywhere else.
"""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from services.council.domain.kinds import DecisionKind, Force
from shared.refusal import Refusal, RoleIsMissing, WrongStatus

COUNCIL_PARAMETER = "council."


class DecisionStatus(StrEnum):
    """How far a decision has come."""

    ADOPTED = "adopted"
    """It waits for the service that carries it out, or has nobody to carry it out."""
    EXECUTED = "executed"
    FAILED = "failed"
    ASSIGNED = "assigned"
    IN_PROGRESS = "in_progress"
    REPORTED = "reported"
    ACCEPTED = "accepted"
    CANCELLED = "cancelled"


POWERS = {
    DecisionKind.ADMIT: "R4.1",
    DecisionKind.EXCLUDE: "R5.3",
    DecisionKind.SUSPEND: "R5.3",
    DecisionKind.SET_PARAMETER: "R4.1",
    DecisionKind.APPROVE_PLAN: "R6.2",
    DecisionKind.SHARE_DUTIES: "R4.4",
    DecisionKind.END_CLUSTER: "R8.1",
}
"""The clause that gives the council the power; who is not named here is advised only (R4.2).

Admission and what the regulation leaves open are the council's as the highest body (R4.1).
"""
ADVICE = "R4.2"

_QUALIFIED = {
    DecisionKind.EXCLUDE: "council.exclusion_majority",
    DecisionKind.SUSPEND: "council.exclusion_majority",
    DecisionKind.END_CLUSTER: "council.ending_majority",
}
_SPECIAL_QUORUM = frozenset({DecisionKind.EXCLUDE, DecisionKind.END_CLUSTER})
UNDATED = frozenset({DecisionKind.SUSPEND, DecisionKind.END_CLUSTER, DecisionKind.SHARE_DUTIES})
"""For these `due_on` is the last day of what was decided, not of carrying it out."""
UNDONE = frozenset(
    {
        DecisionStatus.ADOPTED,
        DecisionStatus.FAILED,
        DecisionStatus.ASSIGNED,
        DecisionStatus.IN_PROGRESS,
    }
)
"""As long as a decision stands so, its last day can pass it by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A decision, as far as its steps ask."""

    id: UUID
    kind: DecisionKind
    force: Force
    parameter: str | None
    responsible_member_id: UUID | None
    due_on: date | None
    status: DecisionStatus
    version: int


class ItemIsDecided(Refusal):
    """A decision on this item stands; it can be voted on again only when that one has failed."""

    code = "item-decided"


class ItemTakesNoVote(Refusal):
    """An item that only informs is not voted on."""

    code = "item-takes-no-vote"


class NothingToReport(WrongStatus):
    """This step is for decisions that a member carries out, in their order."""


class AnotherIsResponsible(RoleIsMissing):
    """Another member carries this decision out, and reports on it."""


class DecisionCannotBeCancelled(Refusal):
    """What a service carries out or has carried out is undone by another decision, not cancelled."""

    code = "cannot-be-cancelled"


class CancelledByItself(Refusal):
    """A decision is cancelled by another decision of the council, which came after it."""

    code = "cancelled-by-itself"


def force_of(kind: DecisionKind, wished: Force) -> tuple[Force, str]:
    """The force of a decision, and the clause on which it stands (R4.1, R4.2, R5.2).

    Where a clause gives the power the council may still only recommend; where none does it cannot
    bind.
    """
    clause = POWERS.get(kind)
    if clause is None or wished is Force.RECOMMENDATION:
        return Force.RECOMMENDATION, ADVICE
    return Force.BINDING, clause


def majority_parameter(kind: DecisionKind, force: Force) -> str:
    """The name of the parameter that says which majority carries it (domain 1.4)."""
    if force is Force.RECOMMENDATION:
        return "council.majority_percent"
    return _QUALIFIED.get(kind, "council.majority_percent")


def quorum_parameter(kind: DecisionKind, force: Force) -> str:
    """The name of the parameter that says how many have to be there."""
    is_special = kind in _SPECIAL_QUORUM and force is Force.BINDING
    return "council.special_quorum_percent" if is_special else "council.quorum_percent"


def conflicted_member(kind: DecisionKind, subject_id: UUID | None) -> UUID | None:
    """The member whose own delegates do not vote: the one to exclude or suspend (domain 1.3)."""
    return subject_id if kind in {DecisionKind.EXCLUDE, DecisionKind.SUSPEND} else None


def is_carried_out(decision: Decision) -> bool:
    """Whether a service carries it out and answers: what binds and does something (R5.2)."""
    return decision.force is Force.BINDING and decision.kind is not DecisionKind.RECOMMEND


def is_ours(decision: Decision) -> bool:
    """Whether the council carries it out itself."""
    if not is_carried_out(decision):
        return False
    if decision.kind is DecisionKind.SET_PARAMETER:
        return (decision.parameter or "").startswith(COUNCIL_PARAMETER)
    return decision.kind in {DecisionKind.APPROVE_PLAN, DecisionKind.SHARE_DUTIES}


def first_status(decision: Decision) -> DecisionStatus:
    """A decision that nobody carries out by machine is assigned to whom it names."""
    if is_carried_out(decision) or decision.responsible_member_id is None:
        return DecisionStatus.ADOPTED
    return DecisionStatus.ASSIGNED


def is_overdue(decision: Decision, today: date) -> bool:
    """Whether its last day has passed, and it is neither carried out nor reported."""
    if decision.due_on is None or decision.kind in UNDATED:
        return False
    return today > decision.due_on and decision.status in UNDONE


def stands(status: DecisionStatus) -> bool:
    """Whether a decision keeps its item from being voted on again."""
    return status not in {DecisionStatus.FAILED, DecisionStatus.CANCELLED}


def answer(decision: Decision, *, has_failed: bool) -> Decision | None:
    """The answer of the service that carries it out; None where one was heard before."""
    if decision.status is not DecisionStatus.ADOPTED or not is_carried_out(decision):
        return None
    status = DecisionStatus.FAILED if has_failed else DecisionStatus.EXECUTED
    return _moved(decision, status)


def start(decision: Decision) -> Decision:
    """The responsible member begins."""
    if decision.status is not DecisionStatus.ASSIGNED:
        raise NothingToReport
    return _moved(decision, DecisionStatus.IN_PROGRESS)


def report(decision: Decision) -> Decision:
    """The responsible member says what was done."""
    if decision.status not in {DecisionStatus.ASSIGNED, DecisionStatus.IN_PROGRESS}:
        raise NothingToReport
    return _moved(decision, DecisionStatus.REPORTED)


def accept(decision: Decision) -> Decision:
    """The report is accepted, and the decision off the list."""
    if decision.status is not DecisionStatus.REPORTED:
        raise NothingToReport
    return _moved(decision, DecisionStatus.ACCEPTED)


def send_back(decision: Decision) -> Decision:
    """The report is not enough; the member goes on."""
    if decision.status is not DecisionStatus.REPORTED:
        raise NothingToReport
    return _moved(decision, DecisionStatus.IN_PROGRESS)


def cancel(decision: Decision, by: Decision, *, is_later: bool) -> Decision:
    """The council takes back what is not carried out by a service: by another decision."""
    if decision.id == by.id or not is_later or not stands(by.status):
        raise CancelledByItself
    is_open = decision.status in {
        DecisionStatus.FAILED,
        DecisionStatus.ASSIGNED,
        DecisionStatus.IN_PROGRESS,
        DecisionStatus.REPORTED,
    }
    if not is_open and (is_carried_out(decision) or decision.status is not DecisionStatus.ADOPTED):
        raise DecisionCannotBeCancelled
    return _moved(decision, DecisionStatus.CANCELLED)


def _moved(decision: Decision, status: DecisionStatus) -> Decision:
    return replace(decision, status=status, version=decision.version + 1)
