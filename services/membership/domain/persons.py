"""Persons and what binds them to a member: since when, until when, and as what."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from shared.refusal import Invalid, Refusal

AHEAD_MAX = timedelta(days=366)
"""So far ahead an affiliation may begin; a group is enrolled months before its first day."""


class AffiliationKind(StrEnum):
    """As what a person belongs to a member."""

    STUDENT = "student"
    TEACHER = "teacher"
    INSTRUCTOR = "instructor"
    EXPERT = "expert"
    MENTOR = "mentor"
    REPRESENTATIVE = "representative"


class AffiliationStatus(StrEnum):
    """What the days of an affiliation say today."""

    FUTURE = "future"
    CURRENT = "current"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Affiliation:
    """A person belongs to a member from a day on; `to_on` is the last day, None leaves it open."""

    id: UUID
    person_id: UUID
    member_id: UUID
    kind: AffiliationKind
    unit: str | None
    from_on: date
    to_on: date | None
    version: int


class AffiliationOverlaps(Refusal):
    """On some of these days the person belongs to this member in the same way already."""

    code = "affiliation-overlaps"


class AffiliationIsOver(Refusal):
    """This affiliation has ended; enter another one for what comes after it."""

    code = "affiliation-over"


class PersonIsKnownElsewhere(Refusal):
    """Another member keeps this person too, so only the person may change what is theirs."""

    code = "person-known-elsewhere"


class PersonIsAmbiguous(Refusal):
    """Several people are called so: the e-mail tells which of them is meant."""

    code = "person-ambiguous"


class TermIsWrong(Invalid):
    """An affiliation has a first day, and none of its days lies before it."""

    code = "affiliation-term"


def status_of_affiliation(from_on: date, to_on: date | None, today: date) -> AffiliationStatus:
    """The first and the last day both belong to it."""
    if from_on > today:
        return AffiliationStatus.FUTURE
    if to_on is not None and to_on < today:
        return AffiliationStatus.ENDED
    return AffiliationStatus.CURRENT


def check_term(from_on: date, to_on: date | None, today: date) -> None:
    """Raises TermIsWrong, which names the field."""
    if from_on > today + AHEAD_MAX:
        raise TermIsWrong("It begins within a year from today.", at="body.from_on")
    if to_on is not None and to_on < from_on:
        raise TermIsWrong("The last day is not before the first.", at="body.to_on")


def change(
    affiliation: Affiliation, unit: str | None, from_on: date, to_on: date | None, today: date
) -> Affiliation:
    """The affiliation with other days; one that is over stays as it was. Raises TermIsWrong."""
    _require_not_over(affiliation, today)
    check_term(from_on, to_on, today)
    return replace(
        affiliation, unit=unit, from_on=from_on, to_on=to_on, version=affiliation.version + 1
    )


def end(affiliation: Affiliation, last_on: date, today: date) -> Affiliation:
    """The affiliation with this last day, which may be past or to come."""
    return change(affiliation, affiliation.unit, affiliation.from_on, last_on, today)


def _require_not_over(affiliation: Affiliation, today: date) -> None:
    status = status_of_affiliation(affiliation.from_on, affiliation.to_on, today)
    if status is AffiliationStatus.ENDED:
        raise AffiliationIsOver(ended_on=affiliation.to_on)


def require_known_here_alone(others: int) -> None:
    """Who is kept by several members corrects the own name; no member does it for all."""
    if others:
        raise PersonIsKnownElsewhere
