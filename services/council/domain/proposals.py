"""Proposals of members, and what membership has made ready for an agenda (R5.1, R5.3, I6).

Any member puts a proposal on any matter of the council's and joins in the discussion of every
other's. What becomes of one is kept with its reason.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from services.council.domain.kinds import DecisionKind
from services.council.domain.parameters import PREFIX, require_value
from shared.refusal import Invalid, Refusal, WrongStatus

PROPOSABLE = frozenset(
    {
        DecisionKind.RECOMMEND,
        DecisionKind.SET_PARAMETER,
        DecisionKind.SHARE_DUTIES,
        DecisionKind.END_CLUSTER,
    }
)
"""What a member may propose to decide. Who joins and who is excluded comes from membership, where
an application is checked and a case given notice of first; a plan comes from the plan itself."""
REMARKS_MAX = 200


class ProposalStatus(StrEnum):
    """Where a proposal stands."""

    SUBMITTED = "submitted"
    TABLED = "tabled"
    """It stands on the agenda of a meeting."""
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    DECIDED = "decided"
    """The council has dealt with it."""


class MatterKind(StrEnum):
    """What membership has made ready, or is making."""

    APPLICATION = "application"
    CASE = "case"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposal, as far as its steps ask."""

    id: UUID
    member_id: UUID
    person_id: UUID
    status: ProposalStatus
    reason: str | None
    answered_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class Matter:
    """An application or a case of exclusion; its id is that of the application or the case."""

    id: UUID
    kind: MatterKind
    member_id: UUID | None
    ground: str | None
    ready_on: date
    closed_at: datetime | None


class ProposalIsWrong(Invalid):
    """A proposal names a parameter and its value when it is to set one, and else neither."""


class ProposalIsAnswered(WrongStatus):
    """This proposal stands on an agenda, or has been answered already."""

    clause = "R5.1"


class ProposalIsOver(WrongStatus):
    """Nothing more is said on a proposal that was refused, withdrawn or dealt with."""


class TooManyRemarks(Refusal):
    """This proposal has been discussed enough in writing: the rest is said at the meeting."""

    code = "too-many-remarks"


class MatterIsNotReady(Refusal):
    """The application is not checked, or the member may still answer."""

    code = "matter-not-ready"
    clause = "R5.3"


class MatterIsClosed(WrongStatus):
    """Nothing is left to decide here."""


def check_proposal(kind: DecisionKind | None, parameter: str | None, value: str | None) -> None:
    """A proposal to set a parameter says which and to what; the council's own must be possible.

    Those of other services (`membership.…`) are for their owners to judge. Raises ProposalIsWrong,
    ParameterIsWrong.
    """
    if kind is not None and kind not in PROPOSABLE:
        raise ProposalIsWrong(ProposalIsWrong.title(), at="body.decision_kind", why="kind-wrong")
    sets = kind is DecisionKind.SET_PARAMETER
    if sets != (parameter is not None) or sets != (value is not None):
        raise ProposalIsWrong(ProposalIsWrong.title(), at="body.parameter")
    if parameter is not None and parameter.startswith(PREFIX):
        require_value(parameter, value)


def table(proposal: Proposal, now: datetime) -> Proposal:
    """The secretary takes the proposal to an agenda."""
    _require_waiting(proposal)
    return _answered(proposal, ProposalStatus.TABLED, now)


def untable(proposal: Proposal) -> Proposal:
    """The item came off its agenda undecided: the proposal waits for another one."""
    if proposal.status is not ProposalStatus.TABLED:
        raise ProposalIsAnswered(proposal_status=proposal.status)
    return replace(
        proposal,
        status=ProposalStatus.SUBMITTED,
        answered_at=None,
        version=proposal.version + 1,
    )


def refuse(proposal: Proposal, reason: str, now: datetime) -> Proposal:
    """The secretary takes it to no agenda, and says why; the reason is kept (I6)."""
    _require_waiting(proposal)
    return replace(_answered(proposal, ProposalStatus.REFUSED, now), reason=reason)


def withdraw(proposal: Proposal, now: datetime) -> Proposal:
    """Its member takes it back, as long as it stands on no agenda."""
    _require_waiting(proposal)
    return _answered(proposal, ProposalStatus.WITHDRAWN, now)


def deal_with(proposal: Proposal, now: datetime) -> Proposal:
    """The meeting has dealt with it."""
    return _answered(proposal, ProposalStatus.DECIDED, now)


def require_discussed(proposal: Proposal, remarks: int) -> None:
    """A proposal is discussed as long as it waits or stands on an agenda (R5.1)."""
    if proposal.status not in {ProposalStatus.SUBMITTED, ProposalStatus.TABLED}:
        raise ProposalIsOver(proposal_status=proposal.status)
    if remarks >= REMARKS_MAX:
        raise TooManyRemarks


def require_ready(matter: Matter, kind: DecisionKind, on: date) -> None:
    """A case comes to its decision after notice and answer (R5.3, I3); suspension may come before."""
    if matter.closed_at is not None:
        raise MatterIsClosed
    if kind is not DecisionKind.SUSPEND and on < matter.ready_on:
        raise MatterIsNotReady(ready_on=matter.ready_on)


def _require_waiting(proposal: Proposal) -> None:
    if proposal.status is not ProposalStatus.SUBMITTED:
        raise ProposalIsAnswered(proposal_status=proposal.status)


def _answered(proposal: Proposal, status: ProposalStatus, now: datetime) -> Proposal:
    return replace(proposal, status=status, answered_at=now, version=proposal.version + 1)
