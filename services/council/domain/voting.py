"""Voting: who votes with which weight, what is a quorum, and what a ballot comes to.

The regulation is silent on all of it (R4): each number is a dated parameter with the conventional
default, and what was in force when a ballot was opened stays with that ballot.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from itertools import groupby
from uuid import UUID

from shared.refusal import Invalid, Refusal, WrongStatus
from shared.russia.calendar import add_working_days, moscow_date

SECRET_VOTERS_MIN = 3
"""With fewer voters the result itself says how somebody voted."""
BALLOT_MINUTES_MIN = 1
BALLOT_DAYS_MAX = 90


class Choice(StrEnum):
    """What a vote says."""

    FOR = "for"
    AGAINST = "against"
    ABSTAIN = "abstain"


class VoteUnit(StrEnum):
    """Whether each seat has a vote, or each member that is seated."""

    SEAT = "seat"
    MEMBER = "member"


class Tie(StrEnum):
    """What becomes of a ballot that half of the votes are for."""

    CHAIR = "chair"
    """The chair's vote decides, where it is known."""
    REJECTED = "rejected"


class Outcome(StrEnum):
    """What a ballot came to."""

    CARRIED = "carried"
    NOT_CARRIED = "not_carried"
    NO_QUORUM = "no_quorum"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitter:
    """A seat of the composition at a moment."""

    seat_id: UUID
    person_id: UUID
    member_id: UUID
    duty: str
    quota: str | None
    has_vote: bool
    is_present: bool


@dataclass(frozen=True, slots=True)
class Power:
    """A written power that counts at the moment: whose vote is cast by whom."""

    id: UUID
    from_seat_id: UUID
    to_seat_id: UUID


@dataclass(frozen=True, slots=True)
class Majority:
    """The share of the counted votes that carries: more than it, or at least it."""

    share: Fraction
    is_more_than: bool

    def is_reached(self, votes_for: int, counted: int) -> bool:
        """Whether so many votes of the counted ones carry."""
        if counted == 0:
            return False
        share = Fraction(votes_for, counted)
        return share > self.share if self.is_more_than else share >= self.share

    @property
    def is_simple(self) -> bool:
        """Whether it is that of one half, which a tie rule can complete."""
        return self.is_more_than and self.share == Fraction(1, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What is in force for a ballot when it is opened."""

    vote_unit: VoteUnit
    quorum_percent: int
    majority: Majority
    tie: Tie
    weights: Mapping[str, int]
    """By quota; 1 where nothing is said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Voter:
    """A vote that may be cast: for which seat, by whom, how heavy."""

    seat_id: UUID
    member_id: UUID
    person_id: UUID
    """Who casts it: whoever sits there, or the delegate."""
    weight: int
    power_id: UUID | None
    is_recused: bool


@dataclass(frozen=True, slots=True)
class Roll:
    """Who is entitled, as it is frozen when a ballot is opened."""

    listed: int
    """Units of the composition, seats or members, that have a vote."""
    voters: tuple[Voter, ...]
    """Of the units that are present or represented; in an absentee ballot of all."""

    @property
    def present(self) -> int:
        """How many units are present or represented, the recused ones among them."""
        return len(self.voters)

    @property
    def recused(self) -> int:
        """How many of them do not vote."""
        return sum(voter.is_recused for voter in self.voters)

    @property
    def weight(self) -> int:
        """The votes of those who are present and not recused."""
        return sum(voter.weight for voter in self.voters if not voter.is_recused)


@dataclass(frozen=True, slots=True)
class Tally:
    """The votes of a ballot by weight."""

    votes_for: int
    against: int
    abstained: int

    @property
    def counted(self) -> int:
        """All of them: those present without the recused (I5)."""
        return self.votes_for + self.against + self.abstained


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    """A ballot, as far as decisions ask."""

    id: UUID
    is_secret: bool
    is_absentee: bool
    opened_at: datetime
    closes_at: datetime | None
    closed_at: datetime | None


class QuorumIsMissing(Refusal):
    """Too few of the council are present to vote."""

    code = "quorum-missing"


class TooFewForSecrecy(Refusal):
    """A secret ballot needs at least three voters: with fewer the result tells who voted how."""

    code = "too-few-for-secrecy"


class BallotIsClosed(WrongStatus):
    """This ballot is closed."""


class BallotIsOpen(WrongStatus):
    """This ballot is not closed yet."""


class MeetingIsNotOpen(WrongStatus):
    """The council votes at a meeting that is open."""


class BallotRunsToItsEnd(WrongStatus):
    """An absentee ballot runs to its last moment, unless everybody has voted."""


class NotEntitled(Refusal):
    """This vote is not yours to cast: the entitled ones were fixed when the ballot was opened."""

    code = "not-entitled"


class SeatIsRecused(Refusal):
    """Who is recused because of a conflict of interest does not vote, nor does a delegate."""

    code = "seat-recused"


class VoteIsCast(Refusal):
    """This vote was cast; in a secret ballot nobody could find it again to change it."""

    code = "vote-cast"


class ClosingTimeIsWrong(Invalid):
    """A ballot closes later than now, in an absentee meeting on its last day, and within 90 days."""


class DissentIsLate(Refusal):
    """The days in which a dissenting opinion is taken have passed."""

    code = "dissent-late"


class DissentIsFiled(Refusal):
    """A dissenting opinion of this seat is on the file already."""

    code = "dissent-filed"


def majority_of(text: str) -> Majority:
    """A parameter's words: "50" is more than 50 per cent, "2/3" at least two thirds."""
    if "/" in text:
        return Majority(Fraction(text), is_more_than=False)
    return Majority(Fraction(int(text), 100), is_more_than=True)


def call_roll(
    sitters: Iterable[Sitter],
    powers: Iterable[Power],
    rules: Rules,
    *,
    recused: frozenset[UUID] = frozenset(),
    conflicted_member_id: UUID | None = None,
    is_absentee: bool = False,
) -> Roll:
    """Who may vote, and for whom, at the moment a ballot is opened.

    At a meeting these are the units that are present, or represented by somebody present. In an
    absentee ballot nobody is absent, so everybody votes in person and powers count for nothing.
    `recused` are seats that stand aside; the seats of `conflicted_member_id`, on whose exclusion or
    suspension the council votes, stand aside by themselves.
    """
    seats = sorted((each for each in sitters if each.has_vote), key=_unit_order)
    by_seat = {each.seat_id: each for each in seats}
    delegates = {power.from_seat_id: power for power in powers}
    aside = recused | {each.seat_id for each in seats if each.member_id == conflicted_member_id}
    units: Sequence[Sequence[Sitter]] = (
        [list(unit) for _, unit in groupby(seats, key=lambda each: each.member_id)]
        if rules.vote_unit is VoteUnit.MEMBER
        else [[each] for each in seats]
    )
    voters: list[Voter] = []
    for unit in units:
        here = next((each for each in unit if each.is_present or is_absentee), None)
        power = None
        if here is None:
            here, power = _represented(unit, delegates, by_seat)
        if here is None:
            continue
        caster = by_seat[power.to_seat_id] if power else here
        voters.append(
            Voter(
                seat_id=here.seat_id,
                member_id=here.member_id,
                person_id=caster.person_id,
                weight=rules.weights.get(here.quota or "", 1),
                power_id=power.id if power else None,
                is_recused=here.seat_id in aside or caster.seat_id in aside,
            )
        )
    return Roll(len(units), tuple(voters))


def _unit_order(sitter: Sitter) -> tuple[UUID, int, UUID]:
    """Of several seats of a member the head's votes for it, else a deputy's, else the eldest."""
    ranks = {"head": 0, "deputy": 1}
    return sitter.member_id, ranks.get(sitter.duty, 2), sitter.seat_id


def _represented(
    unit: Sequence[Sitter], powers: Mapping[UUID, Power], by_seat: Mapping[UUID, Sitter]
) -> tuple[Sitter | None, Power | None]:
    for sitter in unit:
        power = powers.get(sitter.seat_id)
        delegate = by_seat.get(power.to_seat_id) if power else None
        if delegate is not None and delegate.is_present:
            return sitter, power
    return None, None


def has_quorum(present: int, listed: int, percent: int) -> bool:
    """More than that share of the listed units is there (domain 1.4)."""
    return present * 100 > percent * listed


def require_may_open(roll: Roll, rules: Rules, *, is_secret: bool, is_absentee: bool) -> None:
    """A ballot is opened with a quorum (I5), and in secret only where secrecy can be kept."""
    if not is_absentee and not has_quorum(roll.present, roll.listed, rules.quorum_percent):
        raise QuorumIsMissing(present=roll.present, listed=roll.listed)
    if is_secret and roll.present - roll.recused < SECRET_VOTERS_MIN:
        raise TooFewForSecrecy


def closing_time(
    wished: datetime | None, absentee_until: datetime | None, now: datetime
) -> datetime | None:
    """When a ballot closes by itself: an absentee one with its meeting, others when it is wished."""
    if absentee_until is not None:
        if wished not in (None, absentee_until) or absentee_until <= now:
            raise ClosingTimeIsWrong(ClosingTimeIsWrong.title(), at="body.closes_at")
        return absentee_until
    if wished is None:
        return None
    earliest = now + timedelta(minutes=BALLOT_MINUTES_MIN)
    if not earliest <= wished <= now + timedelta(days=BALLOT_DAYS_MAX):
        raise ClosingTimeIsWrong(ClosingTimeIsWrong.title(), at="body.closes_at")
    return wished


def is_over(ballot: Ballot, now: datetime) -> bool:
    """Whether it takes no more votes, its result counted or not."""
    return ballot.closed_at is not None or (
        ballot.closes_at is not None and now >= ballot.closes_at
    )


def require_may_vote(
    ballot: Ballot, voter: Voter | None, person_id: UUID, now: datetime, *, has_voted: bool
) -> None:
    """The one who is entitled votes while the ballot is open; in secret, once.

    In an open ballot a vote may be changed until the close. In a secret one nothing leads from the
    voter to the ballot paper, so there is nothing that could be changed.
    """
    if is_over(ballot, now):
        raise BallotIsClosed
    if voter is None or voter.person_id != person_id:
        raise NotEntitled
    if voter.is_recused:
        raise SeatIsRecused
    if ballot.is_secret and has_voted:
        raise VoteIsCast


def require_may_recuse(ballot: Ballot, now: datetime, *, has_voted: bool) -> None:
    """Who has voted in an open ballot may still stand aside; a secret vote lies in the box."""
    if is_over(ballot, now):
        raise BallotIsClosed
    if ballot.is_secret and has_voted:
        raise VoteIsCast


def require_may_close(ballot: Ballot, now: datetime, *, missing: int) -> None:
    """A ballot is closed once; an absentee one not while somebody may still vote."""
    if ballot.closed_at is not None:
        raise BallotIsClosed
    if ballot.is_absentee and missing and not is_over(ballot, now):
        raise BallotRunsToItsEnd


def count(votes: Iterable[tuple[Choice, int]], entitled_weight: int, *, is_absentee: bool) -> Tally:
    """The votes by weight: for + against + abstained = present - recused (I5).

    Who was present and did not vote is counted as abstaining: silence is no vote for, and presence
    is what the majority is reckoned of. In an absentee ballot those are present who have voted.
    """
    sums = dict.fromkeys(Choice, 0)
    for choice, weight in votes:
        sums[choice] += weight
    silent = 0 if is_absentee else entitled_weight - sum(sums.values())
    return Tally(sums[Choice.FOR], sums[Choice.AGAINST], sums[Choice.ABSTAIN] + silent)


def outcome_of(
    tally: Tally,
    rules: Rules,
    *,
    present: int,
    listed: int,
    chair_choice: Choice | None,
) -> Outcome:
    """What the ballot comes to.

    A tie is one half of the counted votes, for a simple majority: then the chair's vote decides,
    where it is known. `chair_choice` is None in a secret ballot, and where the chair did not vote.
    """
    if not has_quorum(present, listed, rules.quorum_percent):
        return Outcome.NO_QUORUM
    if rules.majority.is_reached(tally.votes_for, tally.counted):
        return Outcome.CARRIED
    if is_tie(tally, rules) and rules.tie is Tie.CHAIR and chair_choice is Choice.FOR:
        return Outcome.CARRIED
    return Outcome.NOT_CARRIED


def is_tie(tally: Tally, rules: Rules) -> bool:
    """Whether exactly half of the votes are for, and one more would have carried."""
    return rules.majority.is_simple and 0 < tally.counted == tally.votes_for * 2


def dissent_until(closed_at: datetime, working_days: int) -> date:
    """The last Moscow day on which a dissenting opinion is taken."""
    return add_working_days(moscow_date(closed_at), working_days)


def require_may_dissent(
    ballot: Ballot, voter: Voter | None, person_id: UUID, working_days: int, now: datetime
) -> None:
    """Whoever was entitled says in writing why the result is wrong, within some days."""
    if ballot.closed_at is None:
        raise BallotIsOpen
    if voter is None or voter.person_id != person_id:
        raise NotEntitled
    if moscow_date(now) > dissent_until(ballot.closed_at, working_days):
        raise DissentIsLate
