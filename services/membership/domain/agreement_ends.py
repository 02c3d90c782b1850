"""How an agreement goes on and how it ends: by its term, by notice, or prolonged unless one says no."""

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from services.membership.domain.agreements import TERM_YEARS_MAX, Prolongation, day_after
from services.membership.domain.members import (
    Member,
    MemberStatus,
    is_suspended,
    status_of,
    years_after,
)
from shared.refusal import Invalid, Refusal, WrongStatus


@dataclass(frozen=True, slots=True)
class Course:
    """How far an agreement that binds its parties goes, as it stands today."""

    valid_from: date
    last_on: date
    prolongation: Prolongation | None
    notice_days: int | None
    is_declined: bool
    """A party has said that it does not go on."""
    is_noticed: bool
    """A party has given notice: the last day is fixed by that."""


class AgreementIsNotActive(WrongStatus):
    """Only an agreement that binds its parties today can be ended or go on."""


class NoNoticeIsAgreed(Refusal):
    """This agreement binds to its last day: no ending by notice was agreed."""

    code = "no-notice-agreed"


class NoticeIsTooShort(Invalid):
    """Notice was agreed to be longer than this."""


class NoticeWasGiven(WrongStatus):
    """Notice to end this agreement was given before."""


class NothingIsProlonged(Refusal):
    """This agreement does not go on by itself, so there is nothing to say no to."""

    code = "not-prolonged"


class TooLateToSayNo(Refusal):
    """The last day to say no has passed: the agreement goes on."""

    code = "too-late-to-say-no"


def say_no_until(course: Course) -> date | None:
    """The last day on which a party may say no; None where nothing goes on by itself."""
    if course.prolongation is None or course.is_declined or course.is_noticed:
        return None
    return course.last_on - timedelta(days=course.prolongation.refusal_days)


def decline(course: Course, today: date) -> None:
    """A party says that the agreement ends with its term. Raises NothingIsProlonged, TooLateToSayNo."""
    until = say_no_until(course)
    if until is None:
        raise NothingIsProlonged
    if today > until:
        raise TooLateToSayNo(last_on=until)


def prolonged_to(course: Course, parties: Iterable[Member], today: date) -> date | None:
    """The last day of the term that follows by itself, from the day on that nobody can say no.

    None where it does not go on: also while a party has left by then or is suspended, since a
    further term is something new (R5.1, R5.3), and beyond 30 years in all.
    """
    until = say_no_until(course)
    if until is None or course.prolongation is None or not until < today <= course.last_on:
        return None
    begins_on = day_after(course.last_on)
    for party in parties:
        has_left = status_of(party.leaving_on, begins_on) is MemberStatus.WITHDRAWN
        if has_left or is_suspended(party, today):
            return None
    ends_on = months_after(course.last_on, course.prolongation.months)
    return ends_on if ends_on <= years_after(course.valid_from, TERM_YEARS_MAX) else None


def ended_by_notice(course: Course, ends_on: date | None, today: date) -> date:
    """The first day on which the agreement no longer binds, once a party gives notice today.

    `ends_on` None: as soon as was agreed. Raises NoNoticeIsAgreed, NoticeWasGiven,
    NoticeIsTooShort; Invalid for a day after the term's own end.
    """
    if course.notice_days is None:
        raise NoNoticeIsAgreed
    if course.is_noticed:
        raise NoticeWasGiven(last_on=course.last_on)
    earliest = today + timedelta(days=max(course.notice_days, 1))
    ends_on = ends_on or earliest
    if ends_on < earliest:
        raise NoticeIsTooShort(
            f"Notice was agreed {course.notice_days} days ahead: not before {earliest}.",
            at="body.ends_on",
            earliest_on=earliest,
        )
    if ends_on > day_after(course.last_on):
        raise Invalid("The agreement ends before that by itself.", at="body.ends_on")
    return ends_on


def reminder_due(course: Course, reminder_days: Iterable[int], today: date) -> int | None:
    """Which of the reminders is due: the nearest one that has come.

    They are so many days before the last day to say no, or where nothing goes on, before the end.
    """
    left = ((say_no_until(course) or course.last_on) - today).days
    come = [days for days in reminder_days if left <= days]
    return min(come) if come and left >= 0 else None


def months_after(last_on: date, months: int) -> date:
    """The last day of a term so many months longer; the last of a month stays the last of one."""
    year, month = divmod(last_on.year * 12 + last_on.month - 1 + months, 12)
    last_of_month = calendar.monthrange(year, month + 1)[1]
    is_last = last_on.day == calendar.monthrange(last_on.year, last_on.month)[1]
    return date(year, month + 1, last_of_month if is_last else min(last_on.day, last_of_month))
