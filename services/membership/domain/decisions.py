"""Decisions of the council that are membership's to carry out, and why one cannot be."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.refusal import Refusal

OURS = frozenset({"admit", "exclude", "suspend", "set_parameter", "end_cluster"})

ANSWER_WORKING_DAYS = "membership.answer_working_days"
PARAMETERS = {ANSWER_WORKING_DAYS: (10, 1, 60)}
"""What the regulation leaves open here: the conventional default, the least and the most.

`answer_working_days`: how long a member may answer before its exclusion is decided (domain 1.3).
"""
_PREFIX = "membership."


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision as it was adopted."""

    id: UUID
    kind: str
    is_binding: bool
    subject_id: UUID | None
    due_on: date | None
    ground: str | None
    parameter: str | None
    value: str | None
    adopted_on: date


class DecisionBindsNobody(Refusal):
    """A recommendation is nobody's to carry out."""

    code = "not-binding"
    clause = "R4.2"


class DecisionIsExecuted(Refusal):
    """This decision was carried out, or failed, before."""

    code = "already-executed"


class UnknownApplication(Refusal):
    """No application is known by this id."""

    code = "unknown-application"


class ApplicationIsNotReady(Refusal):
    """The application was not checked, or something was decided on it before."""

    code = "application-not-ready"


class UnknownMember(Refusal):
    """No member is known by this id."""

    code = "unknown-member"


class ParameterIsWrong(Refusal):
    """There is no such parameter, or it cannot have this value."""

    code = "parameter-wrong"


class TermIsOver(Refusal):
    """The last day that the decision names has passed."""

    code = "term-over"


def is_ours(decision: Decision) -> bool:
    """Whether membership carries the decision out; parameters belong to the service they name."""
    if decision.kind == "set_parameter":
        return (decision.parameter or "").startswith(_PREFIX)
    return decision.kind in OURS


def require_binding(decision: Decision) -> None:
    """What the council only recommends changes nothing by itself (R4.1, R4.2)."""
    if not decision.is_binding:
        raise DecisionBindsNobody


def value_of(decision: Decision) -> int:
    """The value that the decision gives the parameter; raises ParameterIsWrong."""
    name, value = decision.parameter or "", decision.value or ""
    if name not in PARAMETERS or not value.isascii() or not value.isdigit() or len(value) > 4:
        raise ParameterIsWrong
    _, least, most = PARAMETERS[name]
    if not least <= int(value) <= most:
        raise ParameterIsWrong
    return int(value)
