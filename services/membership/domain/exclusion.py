"""Exclusion (R5.3) and the other ends of a member that are not its own choice.

A member is excluded by decision of the council, on one of two grounds, after it was given notice
and time to answer (I3). The regulation names no time: it is a parameter, ten working days at first.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from services.membership.domain.members import Member, MemberStatus, status_of, years_after
from shared.refusal import Invalid, Refusal, WrongStatus
from shared.russia.calendar import add_working_days, moscow_date

ANSWER_YEARS_MAX = 1


class Ground(StrEnum):
    """The two grounds of R5.3, and no other."""

    BAD_FAITH = "a"
    """Duties towards the cluster and its members are performed in bad faith."""
    OBSTRUCTION = "b"
    """Acts or omissions make the activity impossible, or much slower."""


class Initiative(StrEnum):
    """At whose wish a case is opened."""

    MEMBER = "member"
    HEAD = "head"
    """The head of the council (R6.1)."""


class EndKind(StrEnum):
    """How a member ceased to be one."""

    WITHDRAWN = "withdrawn"
    EXCLUDED = "excluded"
    REORGANISED = "reorganised"
    LIQUIDATED = "liquidated"
    CLUSTER_ENDED = "cluster_ended"


class CaseStatus(StrEnum):
    """Where a case of exclusion stands on a day."""

    NOTIFIED = "notified"
    """The member has time to answer."""
    READY = "ready"
    """It answered, or its time has passed: the council may decide."""
    EXECUTED = "executed"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Case:
    """A case of exclusion, as far as decisions ask."""

    id: UUID
    member_id: UUID
    ground: Ground
    answer_until_on: date
    answered_at: datetime | None
    closed_at: datetime | None
    decision_id: UUID | None
    version: int


class CaseIsOpen(Refusal):
    """A case about this member is open already."""

    code = "case-open"
    clause = "R5.3"


class CaseIsClosed(WrongStatus):
    """This case is over."""

    clause = "R5.3"


class CaseIsAnswered(WrongStatus):
    """The member's answer is on the file already."""

    clause = "R5.3"


class NoticeIsTooShort(Invalid):
    """A member has at least the time to answer that the council has set."""

    clause = "R5.3"


class InitiatorIsWrong(Invalid):
    """A case is opened at the wish of another member, or of the head of the council."""


class NoCase(Refusal):
    """No case about this member is open, so it cannot be excluded or suspended."""

    code = "no-case"
    clause = "R5.3"


class GroundIsWrong(Refusal):
    """A member is excluded on ground a or b, and on the one that it was given notice of."""

    code = "ground-wrong"
    clause = "R5.3"


class NoticeIsNotComplete(Refusal):
    """The member has neither answered nor had its time to."""

    code = "notice-not-complete"
    clause = "R5.3"


class MemberHasLeft(Refusal):
    """This member takes no part any more."""

    code = "member-has-left"


class SuccessorIsWrong(Invalid):
    """The successor is another member, and takes part."""


def check_initiator(initiative: Initiative, initiator_id: UUID | None, member_id: UUID) -> None:
    """A case is opened at the wish of another member, who is named, or of the head (R6.1)."""
    if (initiative is Initiative.MEMBER) != (initiator_id is not None):
        raise InitiatorIsWrong(InitiatorIsWrong.title(), at="body.initiator_id")
    if initiator_id == member_id:
        raise InitiatorIsWrong(InitiatorIsWrong.title(), at="body.initiator_id")


def answer_until(today: date, working_days: int, wished: date | None) -> date:
    """The last day to answer on: the parameter's, or a later one of the secretary's choice."""
    earliest = add_working_days(today, working_days)
    if wished is None:
        return earliest
    if not earliest <= wished <= years_after(earliest, ANSWER_YEARS_MAX):
        raise NoticeIsTooShort(NoticeIsTooShort.title(), at="body.answer_until_on")
    return wished


def case_status(case: Case, on: date) -> CaseStatus:
    """A case is ready when the notice step is complete (I3)."""
    if case.closed_at is not None:
        return CaseStatus.EXECUTED if case.decision_id else CaseStatus.CLOSED
    return CaseStatus.READY if is_notice_complete(case, on) else CaseStatus.NOTIFIED


def is_notice_complete(case: Case, on: date) -> bool:
    """The member has answered, or the last day for that has passed (I3)."""
    return case.answered_at is not None or on > case.answer_until_on


def answer(case: Case, now: datetime) -> Case:
    """The member answers, once, also late, as long as nothing was decided."""
    if case.closed_at is not None:
        raise CaseIsClosed
    if case.answered_at is not None:
        raise CaseIsAnswered
    return replace(case, answered_at=now, version=case.version + 1)


def close(case: Case, now: datetime) -> Case:
    """The secretary drops a case: its reasons have gone."""
    if case.closed_at is not None:
        raise CaseIsClosed
    return replace(case, closed_at=now, version=case.version + 1)


def exclude(case: Case | None, ground: str | None, decision_id: UUID, now: datetime) -> Case:
    """The council's decision on a case that is ready (R5.3, I3); `now` is its execution."""
    from_notice = _require_case(case, ground)
    if not is_notice_complete(from_notice, moscow_date(now)):
        raise NoticeIsNotComplete(answer_until_on=from_notice.answer_until_on)
    return replace(
        from_notice, closed_at=now, decision_id=decision_id, version=from_notice.version + 1
    )


def require_may_suspend(case: Case | None, ground: str | None) -> None:
    """Access in between is suspended by decision alone, while a case is open (R5.3)."""
    _require_case(case, ground)


def require_takes_part(member: Member, today: date) -> None:
    """Nobody is excluded, suspended or ended who takes no part any more."""
    if status_of(member.leaving_on, today) is MemberStatus.WITHDRAWN:
        raise MemberHasLeft(member_id=member.id, leaving_on=member.leaving_on)


def check_end(kind: EndKind, member: Member, successor: Member | None, today: date) -> None:
    """A reorganised member has a successor that takes part; a liquidated one has none."""
    if (kind is EndKind.REORGANISED) != (successor is not None):
        raise SuccessorIsWrong(SuccessorIsWrong.title(), at="body.successor_id")
    if successor is None:
        return
    if (
        successor.id == member.id
        or status_of(successor.leaving_on, today) is MemberStatus.WITHDRAWN
    ):
        raise SuccessorIsWrong(SuccessorIsWrong.title(), at="body.successor_id")


def _require_case(case: Case | None, ground: str | None) -> Case:
    if case is None or case.closed_at is not None:
        raise NoCase
    if ground is None or ground != case.ground:
        raise GroundIsWrong
    return case
