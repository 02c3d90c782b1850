"""The composition of the council (R4.1, R4.2): seats, for whom they stand, and on which days.

The regulation does not say who names it: the first composition is recorded by an order, once;
every later change has a basis too, a decision of the council or an order.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

from services.council.domain.parameters import Rules
from shared.refusal import Invalid, Refusal, RoleIsMissing, WrongStatus

TERM_YEARS_MAX = 10
AHEAD_DAYS_MAX = 366


class Quota(StrEnum):
    """For which group of members a seat stands (R1.1)."""

    AUTHORITY = "authority"
    COLLEGE = "college"
    UNIVERSITY = "university"
    EMPLOYER = "employer"


class Duty(StrEnum):
    """What a person does in the council."""

    HEAD = "head"
    """Leads it, and answers for organisation and material support (R6.1)."""
    DEPUTY = "deputy"
    SECRETARY = "secretary"
    MEMBER = "member"


class Lack(StrEnum):
    """What a composition has not, and by convention should have."""

    HEAD = "head"
    SECRETARY = "secretary"
    SEATS = "seats"
    EMPLOYERS = "employers"


@dataclass(frozen=True, slots=True)
class Person:
    """Who is to sit where, for whom, and up to which day."""

    person_id: UUID
    member_id: UUID
    quota: Quota | None
    duty: Duty
    has_vote: bool
    until_on: date | None


@dataclass(frozen=True, slots=True)
class Seat:
    """A person's seat from its first day to its last one, both included."""

    id: UUID
    person_id: UUID
    member_id: UUID
    quota: Quota | None
    duty: Duty
    has_vote: bool
    from_on: date
    until_on: date | None


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of those who could sit: who acts for which member, and who takes part."""

    people: Collection[tuple[UUID, UUID]]
    member_ids: Collection[UUID]
    quotas: Mapping[UUID, Quota]
    """The group of each member, as far as it was heard."""


class NoSeat(RoleIsMissing):
    """You do not sit in the council today, or not in a seat that lets you do this."""


class SeatHasNoVote(Refusal):
    """This seat has no vote today, so it counts for no quorum and calls no meeting."""

    code = "seat-without-vote"


class SecretaryIsSeated(Refusal):
    """The council has a secretary, whose work this is."""

    code = "secretary-seated"


class CompositionIsFounded(Refusal):
    """The council has its first composition; from then on seats are taken and vacated."""

    code = "composition-founded"


class CompositionIsMissing(Refusal):
    """The council has no composition yet: an administrator records the first one."""

    code = "composition-missing"


class CompositionIsWrong(Invalid):
    """A council has one head and one secretary, and each person one seat."""

    clause = "R4"


class CompositionIsOutOfBounds(Refusal):
    """The council would have fewer or more seats than it may have."""

    code = "composition-size"


class QuotaIsFull(Refusal):
    """This group of members has all the seats that it may have."""

    code = "quota-full"


class SeatIsWrong(Invalid):
    """A seat has a vote and stands for a group; only a secretary's may be without."""


class SeatDayIsWrong(Invalid):
    """A seat is taken from today on, or within a year, and ends after it began."""


class PersonIsUnknown(Invalid):
    """Nobody is known by this id who acts for this member."""


class MemberTakesNoPart(Refusal):
    """This organisation takes no part in the cluster on that day."""

    code = "member-takes-no-part"
    clause = "R4.2"


class PersonIsSeated(Refusal):
    """This person has a seat on these days."""

    code = "person-seated"


class DutyIsTaken(Refusal):
    """The council has one head and one secretary at a time."""

    code = "duty-taken"


class SeatIsVacated(WrongStatus):
    """This seat ends by that day already."""


def check_seat(person: Person, at: str) -> None:
    """Only the secretary may be without a vote, and only a seat without one without a group."""
    if (not person.has_vote or person.quota is None) and person.duty is not Duty.SECRETARY:
        raise SeatIsWrong(SeatIsWrong.title(), at=at)
    if person.has_vote and person.quota is None:
        raise SeatIsWrong(SeatIsWrong.title(), at=at)


def with_quota(person: Person, known: Known) -> Person:
    """A seat with a vote stands for the member's own group, unless another one is named."""
    if not person.has_vote or person.quota is not None:
        return person
    return replace(person, quota=known.quotas.get(person.member_id))


def require_known(person: Person, known: Known, at: str) -> None:
    """Whoever sits acts for a member, and the member takes part (R4.2)."""
    if person.member_id not in known.member_ids:
        raise MemberTakesNoPart(member_id=person.member_id)
    if (person.person_id, person.member_id) not in known.people:
        raise PersonIsUnknown(PersonIsUnknown.title(), at=at)


def found(people: Sequence[Person], from_on: date, known: Known, rules: Rules) -> None:
    """The first composition: one head, one secretary, no person twice, as many as there may be."""
    for place, person in enumerate(people):
        at = f"body.seats.{place}"
        check_seat(person, at)
        require_term(from_on, person.until_on, at=f"{at}.until_on")
        require_known(person, known, at)
    duties = Counter(person.duty for person in people)
    if duties[Duty.HEAD] != 1 or duties[Duty.SECRETARY] != 1:
        raise CompositionIsWrong(CompositionIsWrong.title(), at="body.seats", why="duties-wrong")
    if len({person.person_id for person in people}) != len(people):
        raise CompositionIsWrong(CompositionIsWrong.title(), at="body.seats", why="person-twice")
    require_size(people, rules, is_whole=True)


def require_size(
    people: Iterable[Person | Seat], rules: Rules, *, is_whole: bool, now: Quota | None = None
) -> None:
    """As many voting seats as the council may have, in all and of each group.

    `is_whole` asks for the least number too; `now` is the one group that is asked about.
    """
    voting = [person for person in people if person.has_vote]
    least, most = rules.whole("seats_min"), rules.whole("seats_max")
    if len(voting) > most or (is_whole and len(voting) < least):
        raise CompositionIsOutOfBounds(seats=len(voting), least=least, most=most)
    of_quota = Counter(person.quota for person in voting)
    for quota in Quota if now is None else (now,):
        most = rules.whole(f"{quota}_seats_max")
        if of_quota[quota] > most:
            raise QuotaIsFull(quota=quota, most=most)


def require_term(from_on: date, until_on: date | None, *, at: str) -> None:
    """A term ends after it began, and within ten years."""
    if until_on is None:
        return
    if not timedelta(0) <= until_on - from_on <= timedelta(days=366 * TERM_YEARS_MAX):
        raise SeatDayIsWrong(SeatDayIsWrong.title(), at=at)


def require_near(day: date, today: date, *, at: str) -> None:
    """What changes the composition does so from today on: what was decided stays decided so."""
    if not timedelta(0) <= day - today <= timedelta(days=AHEAD_DAYS_MAX):
        raise SeatDayIsWrong(SeatDayIsWrong.title(), at=at)


def vacate(seat: Seat, until_on: date) -> date:
    """The last day of a seat that is vacated; the eve of its first one when it never begins."""
    if seat.until_on is not None and seat.until_on <= until_on:
        raise SeatIsVacated(until_on=seat.until_on)
    return max(until_on, seat.from_on - timedelta(days=1))


def is_on(seat: Seat, day: date) -> bool:
    """Whether the person sits there on the day."""
    return seat.from_on <= day and (seat.until_on is None or day <= seat.until_on)


def lacks(seats: Collection[Seat], rules: Rules) -> list[Lack]:
    """What the composition has not, and by convention should have (domain 1.4)."""
    duties = {seat.duty for seat in seats}
    voting = [seat for seat in seats if seat.has_vote]
    employers = sum(seat.quota is Quota.EMPLOYER for seat in voting)
    missing = {
        Lack.HEAD: Duty.HEAD not in duties,
        Lack.SECRETARY: Duty.SECRETARY not in duties,
        Lack.SEATS: len(voting) < rules.whole("seats_min"),
        Lack.EMPLOYERS: not voting
        or Fraction(employers, len(voting)) < rules.share("employers_share_min"),
    }
    return [lack for lack, is_missing in missing.items() if is_missing]


def votes_by_quota(seats: Iterable[Seat]) -> Mapping[Quota, int]:
    """How many voting seats stand for each group."""
    counted = Counter(seat.quota for seat in seats if seat.has_vote)
    return {quota: counted[quota] for quota in Quota}
