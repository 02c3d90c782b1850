"""Reports on items of the annual plan: what was planned and what came of it.

The member that answers for an item reports on it; the secretary accepts the report, or returns it
with a reason. What was moved is reported on again when its new time has come.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from services.council.domain.plan_items import Content, read_period
from shared.refusal import Invalid, Refusal, WrongStatus


class Outcome(StrEnum):
    """What became of an item."""

    DONE = "done"
    PARTLY = "partly"
    NOT_DONE = "not_done"
    MOVED = "moved"


class ReportStatus(StrEnum):
    """Where a report stands."""

    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    RETURNED = "returned"


class ItemStatus(StrEnum):
    """Where an item in force stands on a day."""

    PLANNED = "planned"
    OVERDUE = "overdue"
    """Its time has passed, and nobody has reported on it."""
    REPORTED = "reported"
    """The secretary has the report before him."""
    DONE = "done"
    PARTLY = "partly"
    NOT_DONE = "not_done"
    MOVED = "moved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What came of an item: the value of its indicator, people who came, kopecks that were spent."""

    outcome: Outcome
    words: str
    reason: str | None
    fact_value: int | None
    fact_count: int | None
    spent_kopecks: int | None
    moved_to: str | None


@dataclass(frozen=True, slots=True)
class Report:
    """The newest report on an item, as far as the next step asks."""

    id: UUID
    status: ReportStatus
    outcome: Outcome
    moved_until: date | None


class ReasonIsMissing(Invalid):
    """What was not wholly done is reported with the reason."""

    code = "plan-reason-missing"


class NewTimeIsWrong(Invalid):
    """What was moved is moved to a later time, and only what was moved has one."""

    code = "plan-new-time-wrong"


class FactIsMissing(Invalid):
    """An item with an indicator is reported with its value, and no other item has one."""

    code = "plan-fact-missing"


class ReportIsThere(WrongStatus):
    """This item was reported on already."""

    clause = "R6.2"


class NoReport(WrongStatus):
    """No report on this item waits for the secretary."""


class ItemsAreOpen(Refusal):
    """Some items of the plan have no accepted report yet."""

    code = "plan-items-open"
    clause = "R6.2"


def check_report(
    content: Content, fact: Fact, last: Report | None, moved_until: date | None
) -> date | None:
    """The last day of the new time of an item that was moved, once the report can be taken.

    `moved_until` is where the last move that was accepted has put it.
    Raises ReportIsThere, ReasonIsMissing, NewTimeIsWrong, FactIsMissing.
    """
    if not may_report(last):
        raise ReportIsThere
    if fact.outcome is not Outcome.DONE and fact.reason is None:
        raise ReasonIsMissing(ReasonIsMissing.title(), at="body.reason")
    if (fact.outcome is Outcome.MOVED) != (fact.moved_to is not None):
        raise NewTimeIsWrong(NewTimeIsWrong.title(), at="body.moved_to")
    later = _later(content, fact, moved_until)
    is_measured = content.planned_value is not None and fact.outcome in (
        Outcome.DONE,
        Outcome.PARTLY,
    )
    if is_measured and fact.fact_value is None:
        raise FactIsMissing(FactIsMissing.title(), at="body.fact_value")
    if content.planned_value is None and fact.fact_value is not None:
        raise FactIsMissing(FactIsMissing.title(), at="body.fact_value")
    return later


def may_report(last: Report | None) -> bool:
    """Whether a report may be made: there is none, it was returned, or the item was moved."""
    return (
        last is None
        or last.status is ReportStatus.RETURNED
        or (last.status is ReportStatus.ACCEPTED and last.outcome is Outcome.MOVED)
    )


def require_waiting(last: Report | None) -> Report:
    """The report that the secretary decides about; raises NoReport."""
    if last is None or last.status is not ReportStatus.SUBMITTED:
        raise NoReport
    return last


def due_on(last_on: date, moved_until: date | None) -> date:
    """The last day of an item: of its period, or of the time that it was moved to."""
    return moved_until or last_on


def item_status(
    last_on: date, moved_until: date | None, last: Report | None, on: date
) -> ItemStatus:
    """Where an item stands on a day; `moved_until` is of the last move that was accepted."""
    if last is not None and last.status is ReportStatus.SUBMITTED:
        return ItemStatus.REPORTED
    if last is not None and last.status is ReportStatus.ACCEPTED:
        if last.outcome is not Outcome.MOVED:
            return ItemStatus(last.outcome.value)
        if on <= due_on(last_on, moved_until):
            return ItemStatus.MOVED
    return ItemStatus.OVERDUE if on > due_on(last_on, moved_until) else ItemStatus.PLANNED


def is_settled(last: Report | None, year: int) -> bool:
    """Whether the plan of the year has nothing more to ask of the item."""
    if last is None or last.status is not ReportStatus.ACCEPTED:
        return False
    if last.outcome is not Outcome.MOVED:
        return True
    return last.moved_until is not None and last.moved_until.year > year


def _later(content: Content, fact: Fact, moved_until: date | None) -> date | None:
    if fact.moved_to is None:
        return None
    try:
        moved = read_period(fact.moved_to)
    except Invalid:
        raise NewTimeIsWrong(NewTimeIsWrong.title(), at="body.moved_to") from None
    if moved.last_on <= due_on(read_period(content.period).last_on, moved_until):
        raise NewTimeIsWrong(NewTimeIsWrong.title(), at="body.moved_to")
    return moved.last_on
