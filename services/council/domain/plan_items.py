"""Items of the annual plan (R6.2): what is to be done when, by whom, from whose means, to what end.

An item names members: who answers for it, who helps, who pays. What the cluster does is paid by
its members of their own free will (R7.2), so an item that names a member waits for its consent,
and nobody gives that consent but the member itself.
"""

import calendar
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from shared.refusal import Invalid, Refusal

COUNT_MAX = 1_000_000
KOPECKS_MAX = 100_000_000_000
"""A milliard of rubles for one item."""
CO_EXECUTORS_MAX = 40

_PERIOD = re.compile(
    r"(?P<year>[0-9]{4})"
    r"(-Q(?P<quarter>[1-4])|-(?P<month>0[1-9]|1[0-2])(-(?P<day>[0-9]{2}))?)?"
)


class Section(StrEnum):
    """The sections of a plan, in the order of its pages (R3.3, R3.4)."""

    GOVERNANCE = "governance"
    FORECAST = "forecast"
    PROGRAMMES = "programmes"
    WORKSHOPS = "workshops"
    PRACTICE = "practice"
    ASSESSMENT = "assessment"
    TEACHERS = "teachers"
    GUIDANCE = "guidance"
    EVENTS = "events"
    INFORMATION = "information"
    FINANCE = "finance"


class FundingSource(StrEnum):
    """The five sources of R7.1, in its order."""

    F1 = "F1"
    """Earmarked receipts for the cluster's functions."""
    F2 = "F2"
    """Employers' transfers, by contract."""
    F3 = "F3"
    """Means that a college has raised within its statutory tasks."""
    F4 = "F4"
    """Paid works and services."""
    F5 = "F5"
    """Partners' earmarked receipts for joint activities."""


class PeriodKind(StrEnum):
    """How exactly a plan says when."""

    DATE = "date"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class PeriodIsWrong(Invalid):
    """A period is a day, a month, a quarter or the year: 2027-03-15, 2027-03, 2027-Q1, 2027."""

    code = "plan-period-wrong"


class PeriodIsOutsideOfYear(Invalid):
    """What stands in the plan of a year is done in that year."""

    code = "plan-period-outside"


class FundingIsWrong(Invalid):
    """An amount is named with the source that it comes from, and a payer with an amount."""

    code = "plan-funding-wrong"
    clause = "R7.1"


class MemberIsNamedTwice(Invalid):
    """A co-executor is named once, and is another than who answers for the item."""

    code = "plan-member-twice"


class IndicatorIsWrong(Invalid):
    """An indicator comes with its unit and the value that is planned."""

    code = "plan-indicator-wrong"


class NotNamed(Refusal):
    """This item does not name your organisation, so it has nothing to consent to."""

    code = "plan-not-named"
    clause = "R7.2"


class NamedMemberTakesNoPart(Refusal):
    """An item names members of the cluster that take part, and nobody else."""

    code = "plan-member-not-active"
    clause = "R1.1"


@dataclass(frozen=True, slots=True)
class Period:
    """The days of a period, both included, and how exactly they were said."""

    kind: PeriodKind
    first_on: date
    last_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What an item says. Amounts are in kopecks, and an intention only: no money is kept here."""

    section: Section
    title: str
    form: str | None
    period: str
    responsible_member_id: UUID
    responsible_person_id: UUID | None
    co_executor_ids: tuple[UUID, ...]
    audience: str | None
    planned_count: int | None
    place: str | None
    result: str
    indicator: str | None
    unit: str | None
    planned_value: int | None
    source: FundingSource | None
    amount_kopecks: int | None
    payer_member_id: UUID | None
    """Whose means they are; empty where who answers pays itself."""
    basis: str | None


def read_period(text: str) -> Period:
    """The days that a period stands for; raises PeriodIsWrong."""
    match = _PERIOD.fullmatch(text)
    if match is None:
        raise PeriodIsWrong(PeriodIsWrong.title(), at="body.period")
    year = int(match["year"])
    try:
        if match["day"]:
            on = date(year, int(match["month"]), int(match["day"]))
            return Period(PeriodKind.DATE, on, on)
        if match["month"]:
            return _months(PeriodKind.MONTH, year, int(match["month"]), 1)
        if match["quarter"]:
            return _months(PeriodKind.QUARTER, year, int(match["quarter"]) * 3 - 2, 3)
        return _months(PeriodKind.YEAR, year, 1, 12)
    except ValueError:
        raise PeriodIsWrong(PeriodIsWrong.title(), at="body.period") from None


def check_content(content: Content, year: int) -> Period:
    """The days of the item, once it can stand in the plan of that year.

    Raises PeriodIsWrong, PeriodIsOutsideOfYear, FundingIsWrong, MemberIsNamedTwice,
    IndicatorIsWrong, each beside its field.
    """
    period = read_period(content.period)
    if period.first_on.year != year:
        raise PeriodIsOutsideOfYear(PeriodIsOutsideOfYear.title(), at="body.period", year=year)
    if (content.source is None) != (content.amount_kopecks is None):
        raise FundingIsWrong(FundingIsWrong.title(), at="body.amount_kopecks")
    if content.payer_member_id is not None and content.amount_kopecks is None:
        raise FundingIsWrong(FundingIsWrong.title(), at="body.payer_member_id")
    helpers = content.co_executor_ids
    if len(set(helpers)) < len(helpers) or content.responsible_member_id in helpers:
        raise MemberIsNamedTwice(MemberIsNamedTwice.title(), at="body.co_executor_ids")
    if (content.unit is None) != (content.planned_value is None) or (
        content.indicator is not None and content.unit is None
    ):
        raise IndicatorIsWrong(IndicatorIsWrong.title(), at="body.planned_value")
    return period


def payer_of(content: Content) -> UUID | None:
    """Whose means an item is paid from (R7.2); nobody's where it costs nothing."""
    if content.amount_kopecks is None:
        return None
    return content.payer_member_id or content.responsible_member_id


def named_members(content: Content) -> frozenset[UUID]:
    """Everybody whom the item commits to something: who answers, who helps, who pays."""
    payer = payer_of(content)
    pays = {payer} if payer is not None else set()
    return frozenset({content.responsible_member_id, *content.co_executor_ids} | pays)


def require_named(content: Content, member_id: UUID) -> None:
    """Only who is named has anything to consent to, and consents for itself alone (R7.2)."""
    if member_id not in named_members(content):
        raise NotNamed


def consents_that_stand(
    before: Content, after: Content, given: Collection[UUID], editor_id: UUID | None
) -> frozenset[UUID]:
    """Whose consent outlives a change: all, where nothing that commits anybody was changed.

    Else only the consent of who made the change; the others are asked anew (R7.2).
    """
    named = named_members(after)
    stands = named & frozenset(given) if _commitment(before) == _commitment(after) else frozenset()
    own = {editor_id} & named if editor_id is not None else set()
    return frozenset(stands | own)


def _commitment(content: Content) -> tuple[object, ...]:
    """What a member says yes to; words about form, place and audience may be bettered without it."""
    return (
        content.title,
        content.period,
        content.responsible_member_id,
        frozenset(content.co_executor_ids),
        content.planned_count,
        content.result,
        content.unit,
        content.planned_value,
        content.source,
        content.amount_kopecks,
        payer_of(content),
    )


def _months(kind: PeriodKind, year: int, month: int, count: int) -> Period:
    last = month + count - 1
    return Period(kind, date(year, month, 1), date(year, last, calendar.monthrange(year, last)[1]))
