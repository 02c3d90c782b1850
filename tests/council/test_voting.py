"""The rules of voting: rolls, powers, tallies, ties, and forms of ballots, as plain functions."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.council.domain import powers, voting
from services.council.domain.powers import (
    DelegateHasEnough,
    PowerIsForItself,
    PowerIsGiven,
    PowerIsOver,
    PowersMakeNoChain,
    PowerTermIsWrong,
    WrittenPower,
)
from services.council.domain.voting import (
    Ballot,
    BallotIsClosed,
    BallotIsOpen,
    BallotRunsToItsEnd,
    Choice,
    ClosingTimeIsWrong,
    DissentIsLate,
    Majority,
    NotEntitled,
    Outcome,
    Power,
    QuorumIsMissing,
    Rules,
    SeatIsRecused,
    Sitter,
    Tally,
    Tie,
    TooFewForSecrecy,
    VoteIsCast,
    Voter,
    VoteUnit,
)

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
DAY = date(2026, 11, 25)
SIMPLE = voting.majority_of("50")
TWO_THIRDS = voting.majority_of("2/3")


def number(value: int) -> UUID:
    return UUID(int=value)


def sitter(
    value: int, *, member: int | None = None, is_present: bool = True, **more: str
) -> Sitter:
    return Sitter(
        seat_id=number(value),
        person_id=number(1000 + value),
        member_id=number(100 + (member or value)),
        duty=more.get("duty", "member"),
        quota=more.get("quota", "college"),
        has_vote=more.get("duty") != "secretary",
        is_present=is_present,
    )


def rules(majority: Majority = SIMPLE, **more: object) -> Rules:
    values: dict[str, object] = {
        "vote_unit": VoteUnit.SEAT,
        "quorum_percent": 50,
        "tie": Tie.CHAIR,
        "weights": {},
        **more,
    }
    return Rules(majority=majority, **values)  # type: ignore[arg-type]


def ballot(**more: object) -> Ballot:
    values: dict[str, object] = {
        "id": number(1),
        "is_secret": False,
        "is_absentee": False,
        "opened_at": NOW,
        "closes_at": None,
        "closed_at": None,
        **more,
    }
    return Ballot(**values)  # type: ignore[arg-type]


def voter(*, is_recused: bool = False) -> Voter:
    return Voter(
        seat_id=number(1),
        member_id=number(101),
        person_id=number(1001),
        weight=1,
        power_id=None,
        is_recused=is_recused,
    )


# --- the roll ------------------------------------------------------------------------------------


def test_those_present_with_a_vote_are_entitled_and_nobody_else() -> None:
    seats = [sitter(1), sitter(2, is_present=False), sitter(3, duty="secretary"), sitter(4)]
    roll = voting.call_roll(seats, [], rules())
    assert roll.listed == 3
    assert [each.seat_id for each in roll.voters] == [number(1), number(4)]


def test_in_an_absentee_ballot_everybody_votes_in_person_and_powers_count_for_nothing() -> None:
    seats = [sitter(1, is_present=False), sitter(2, is_present=False)]
    power = Power(number(9), number(1), number(2))
    roll = voting.call_roll(seats, [power], rules(), is_absentee=True)
    assert [each.person_id for each in roll.voters] == [number(1001), number(1002)]
    assert all(each.power_id is None for each in roll.voters)


def test_a_power_lets_the_delegate_vote_for_one_who_is_absent_and_only_then() -> None:
    power = Power(number(9), number(2), number(1))
    absent = voting.call_roll([sitter(1), sitter(2, is_present=False)], [power], rules())
    assert [(each.seat_id, each.person_id, each.power_id) for each in absent.voters] == [
        (number(1), number(1001), None),
        (number(2), number(1001), number(9)),
    ]
    present = voting.call_roll([sitter(1), sitter(2)], [power], rules())
    assert [each.power_id for each in present.voters] == [None, None]
    gone = voting.call_roll(
        [sitter(1, is_present=False), sitter(2, is_present=False)], [power], rules()
    )
    assert gone.voters == ()


def test_by_member_each_member_has_one_vote_cast_by_its_head_first() -> None:
    seats = [sitter(1, member=7), sitter(2, member=7, duty="deputy"), sitter(3, member=8)]
    roll = voting.call_roll(seats, [], rules(vote_unit=VoteUnit.MEMBER))
    assert roll.listed == 2
    assert [each.seat_id for each in roll.voters] == [number(2), number(3)]


def test_a_vote_weighs_what_its_quota_weighs() -> None:
    seats = [sitter(1, quota="employer"), sitter(2)]
    roll = voting.call_roll(seats, [], rules(weights={"employer": 3}))
    assert [each.weight for each in roll.voters] == [3, 1]
    assert roll.weight == 4


def test_the_delegates_of_the_member_to_exclude_stand_aside_by_themselves() -> None:
    seats = [sitter(1, member=7), sitter(2, member=7), sitter(3), sitter(4)]
    roll = voting.call_roll(seats, [], rules(), conflicted_member_id=number(107))
    aside = {each.seat_id for each in roll.voters if each.is_recused}
    assert aside == {number(1), number(2)}
    assert (roll.present, roll.recused, roll.weight) == (4, 2, 2)


def test_who_stands_aside_casts_no_vote_of_others_either() -> None:
    power = Power(number(9), number(2), number(1))
    seats = [sitter(1), sitter(2, is_present=False), sitter(3)]
    roll = voting.call_roll(seats, [power], rules(), recused=frozenset({number(1)}))
    assert [each.is_recused for each in roll.voters] == [True, True, False]


# --- quorum, secrecy, closing time ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("present", "listed", "percent", "expected"),
    [
        (8, 15, 50, True),
        (7, 15, 50, False),
        (5, 10, 50, False),
        (10, 15, 66, True),
        (0, 0, 50, False),
    ],
)
def test_a_quorum_is_more_than_the_share_of_those_listed(
    present: int, listed: int, percent: int, expected: bool
) -> None:
    assert voting.has_quorum(present, listed, percent) is expected


def test_no_ballot_is_opened_without_a_quorum_i5() -> None:
    roll = voting.call_roll([sitter(1), sitter(2, is_present=False)], [], rules())
    with pytest.raises(QuorumIsMissing):
        voting.require_may_open(roll, rules(), is_secret=False, is_absentee=False)
    voting.require_may_open(roll, rules(), is_secret=False, is_absentee=True)


def test_a_secret_ballot_needs_three_voters_who_do_not_stand_aside() -> None:
    roll = voting.call_roll(
        [sitter(1), sitter(2), sitter(3)], [], rules(), recused=frozenset({number(3)})
    )
    with pytest.raises(TooFewForSecrecy):
        voting.require_may_open(roll, rules(), is_secret=True, is_absentee=False)
    voting.require_may_open(roll, rules(), is_secret=False, is_absentee=False)


def test_an_absentee_ballot_closes_with_its_meeting_and_others_when_it_is_wished() -> None:
    until = NOW + timedelta(days=5)
    assert voting.closing_time(None, until, NOW) == until
    assert voting.closing_time(None, None, NOW) is None
    assert voting.closing_time(NOW + timedelta(hours=1), None, NOW) == NOW + timedelta(hours=1)
    for wished, absentee_until in (
        (NOW, None),
        (NOW + timedelta(days=91), None),
        (NOW + timedelta(days=1), until),
        (None, NOW),
    ):
        with pytest.raises(ClosingTimeIsWrong):
            voting.closing_time(wished, absentee_until, NOW)


# --- voting and closing --------------------------------------------------------------------------


def test_a_vote_is_taken_from_the_one_who_is_entitled_while_the_ballot_is_open() -> None:
    person = number(1001)
    voting.require_may_vote(ballot(), voter(), person, NOW, has_voted=False)
    voting.require_may_vote(ballot(), voter(), person, NOW, has_voted=True)
    with pytest.raises(VoteIsCast):
        voting.require_may_vote(ballot(is_secret=True), voter(), person, NOW, has_voted=True)
    with pytest.raises(NotEntitled):
        voting.require_may_vote(ballot(), voter(), number(5), NOW, has_voted=False)
    with pytest.raises(NotEntitled):
        voting.require_may_vote(ballot(), None, person, NOW, has_voted=False)
    with pytest.raises(SeatIsRecused):
        voting.require_may_vote(ballot(), voter(is_recused=True), person, NOW, has_voted=False)
    for over in (ballot(closed_at=NOW), ballot(closes_at=NOW)):
        with pytest.raises(BallotIsClosed):
            voting.require_may_vote(over, voter(), person, NOW, has_voted=False)


def test_one_stands_aside_while_the_ballot_is_open_and_no_paper_lies_in_the_box() -> None:
    voting.require_may_recuse(ballot(), NOW, has_voted=True)
    with pytest.raises(VoteIsCast):
        voting.require_may_recuse(ballot(is_secret=True), NOW, has_voted=True)
    with pytest.raises(BallotIsClosed):
        voting.require_may_recuse(ballot(closed_at=NOW), NOW, has_voted=False)


def test_an_absentee_ballot_is_not_closed_before_its_end_while_a_vote_is_missing() -> None:
    running = ballot(is_absentee=True, closes_at=NOW + timedelta(hours=1))
    with pytest.raises(BallotRunsToItsEnd):
        voting.require_may_close(running, NOW, missing=1)
    voting.require_may_close(running, NOW, missing=0)
    voting.require_may_close(running, NOW + timedelta(hours=1), missing=1)
    voting.require_may_close(ballot(), NOW, missing=3)
    with pytest.raises(BallotIsClosed):
        voting.require_may_close(ballot(closed_at=NOW), NOW, missing=0)


# --- counting ------------------------------------------------------------------------------------


@given(
    st.lists(st.tuples(st.sampled_from(Choice), st.integers(1, 5)), max_size=30), st.integers(0, 9)
)
def test_for_against_and_abstained_are_those_present_without_the_recused_i5(
    votes: list[tuple[Choice, int]], silent: int
) -> None:
    entitled = sum(weight for _, weight in votes) + silent
    tally = voting.count(votes, entitled, is_absentee=False)
    assert tally.counted == entitled
    assert tally.abstained >= silent
    assert voting.count(votes, entitled, is_absentee=True).counted == entitled - silent


def outcome(
    tally: Tally, majority: Majority = SIMPLE, chair: Choice | None = None, **more: object
) -> Outcome:
    return voting.outcome_of(
        tally, rules(majority, **more), present=8, listed=15, chair_choice=chair
    )


def test_a_simple_majority_is_more_than_half_of_those_present() -> None:
    assert outcome(Tally(5, 3, 0)) is Outcome.CARRIED
    assert outcome(Tally(4, 0, 4)) is Outcome.NOT_CARRIED
    assert outcome(Tally(3, 1, 4), chair=Choice.FOR) is Outcome.NOT_CARRIED
    assert outcome(Tally(0, 0, 0)) is Outcome.NOT_CARRIED


def test_two_thirds_are_reached_by_exactly_two_thirds() -> None:
    assert Majority(Fraction(2, 3), is_more_than=False) == TWO_THIRDS
    assert outcome(Tally(6, 3, 0), TWO_THIRDS) is Outcome.CARRIED
    assert outcome(Tally(5, 3, 0), TWO_THIRDS) is Outcome.NOT_CARRIED


def test_at_a_tie_the_vote_of_the_chair_decides_unless_it_is_not_known() -> None:
    tie = Tally(4, 4, 0)
    assert outcome(tie, chair=Choice.FOR) is Outcome.CARRIED
    assert outcome(tie, chair=Choice.AGAINST) is Outcome.NOT_CARRIED
    assert outcome(tie, chair=None) is Outcome.NOT_CARRIED
    assert outcome(tie, chair=Choice.FOR, tie=Tie.REJECTED) is Outcome.NOT_CARRIED
    assert outcome(tie, TWO_THIRDS, chair=Choice.FOR) is Outcome.NOT_CARRIED


def test_nothing_is_carried_without_a_quorum_i5() -> None:
    result = voting.outcome_of(Tally(7, 0, 0), rules(), present=7, listed=15, chair_choice=None)
    assert result is Outcome.NO_QUORUM


# --- dissent -------------------------------------------------------------------------------------


def test_a_dissenting_opinion_is_taken_for_three_working_days_of_one_who_was_entitled() -> None:
    closed = ballot(closed_at=NOW)
    person = number(1001)
    assert voting.dissent_until(NOW, 3) == date(2026, 11, 30)  # over a weekend
    voting.require_may_dissent(closed, voter(), person, 3, NOW + timedelta(days=5))
    with pytest.raises(DissentIsLate):
        voting.require_may_dissent(closed, voter(), person, 3, NOW + timedelta(days=6))
    with pytest.raises(NotEntitled):
        voting.require_may_dissent(closed, None, person, 3, NOW)
    with pytest.raises(BallotIsOpen):
        voting.require_may_dissent(ballot(), voter(), person, 3, NOW)


# --- written powers ------------------------------------------------------------------------------


def power(giver: int, taker: int, first: int = 0, last: int = 10) -> WrittenPower:
    return WrittenPower(
        id=number(giver * 100 + taker),
        from_seat_id=number(giver),
        to_seat_id=number(taker),
        valid_from=DAY + timedelta(days=first),
        valid_until=DAY + timedelta(days=last),
    )


def test_a_power_is_given_for_a_term_of_a_year_at_most_to_somebody_else() -> None:
    powers.require_may_give(power(1, 2), [], 1, DAY)
    with pytest.raises(PowerIsForItself):
        powers.require_may_give(power(1, 1), [], 1, DAY)
    for wrong in (power(1, 2, 5, 4), power(1, 2, 0, 366), power(1, 2, -9, -1)):
        with pytest.raises(PowerTermIsWrong):
            powers.require_may_give(wrong, [], 1, DAY)


def test_powers_make_no_chain_and_a_delegate_has_few() -> None:
    for chained in (power(2, 3), power(3, 1)):
        with pytest.raises(PowersMakeNoChain):
            powers.require_may_give(power(1, 2), [chained], 2, DAY)
    with pytest.raises(PowerIsGiven):
        powers.require_may_give(power(1, 2), [power(1, 3)], 2, DAY)
    with pytest.raises(DelegateHasEnough):
        powers.require_may_give(power(1, 2), [power(3, 2)], 1, DAY)
    powers.require_may_give(power(1, 2), [power(3, 2)], 2, DAY)
    powers.require_may_give(power(1, 2), [power(2, 3, 11, 20)], 1, DAY)


def test_a_power_that_counts_no_more_is_not_taken_back() -> None:
    powers.require_may_revoke(power(1, 2), DAY)
    with pytest.raises(PowerIsOver):
        powers.require_may_revoke(power(1, 2, -9, -1), DAY)
