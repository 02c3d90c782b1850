"""Rows of ballots, powers and decisions as facts, read for commands and queries alike."""

from collections.abc import Mapping
from typing import Any

from services.council.domain.decisions import Decision, DecisionStatus
from services.council.domain.kinds import DecisionKind, Force
from services.council.domain.powers import WrittenPower
from services.council.domain.voting import (
    Ballot,
    Rules,
    Tie,
    Voter,
    VoteUnit,
    majority_of,
)

QUOTAS = ("authority", "college", "university", "employer")


def ballot_of(row: Any) -> Ballot:
    """A ballot, as far as decisions ask."""
    return Ballot(
        id=row["id"],
        is_secret=row["is_secret"],
        is_absentee=row["is_absentee"],
        opened_at=row["opened_at"],
        closes_at=row["closes_at"],
        closed_at=row["closed_at"],
    )


def rules_of(row: Any) -> Rules:
    """The rules that a ballot was opened with; its voters have their weights already."""
    return Rules(
        vote_unit=VoteUnit(row["vote_unit"]),
        quorum_percent=row["quorum_percent"],
        majority=majority_of(row["majority"]),
        tie=Tie(row["tie"]),
        weights={},
    )


def rules_in_force(values: Mapping[str, str], quorum: str, majority: str) -> Rules:
    """The rules by the parameters of a day, and by the names of those for this kind of decision."""
    return Rules(
        vote_unit=VoteUnit(values["council.vote_unit"]),
        quorum_percent=int(values[quorum]),
        majority=majority_of(values[majority]),
        tie=Tie(values["council.tie"]),
        weights={quota: int(values[f"council.{quota}_weight"]) for quota in QUOTAS},
    )


def voter_of(row: Any) -> Voter:
    """A vote that may be cast."""
    return Voter(
        seat_id=row["seat_id"],
        member_id=row["member_id"],
        person_id=row["person_id"],
        weight=row["weight"],
        power_id=row["power_id"],
        is_recused=row["is_recused"],
    )


def power_of(row: Any) -> WrittenPower:
    """A written power."""
    return WrittenPower(
        id=row["id"],
        from_seat_id=row["from_seat_id"],
        to_seat_id=row["to_seat_id"],
        valid_from=row["valid_from"],
        valid_until=row["valid_until"],
    )


def decision_of(row: Any) -> Decision:
    """A decision, as far as its steps ask."""
    return Decision(
        id=row["id"],
        kind=DecisionKind(row["kind"]),
        force=Force(row["force"]),
        parameter=row["parameter"],
        responsible_member_id=row["responsible_member_id"],
        due_on=row["due_on"],
        status=DecisionStatus(row["status"]),
        version=row["version"],
    )
