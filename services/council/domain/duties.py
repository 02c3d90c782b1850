"""Duties shared out among members (R4.4), and working groups with the people drawn in (R6.4)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from shared.refusal import Invalid, Refusal, WrongStatus

PEOPLE_MAX = 100


class Part(StrEnum):
    """What a person does in a group."""

    LEADER = "leader"
    MEMBER = "member"
    SPECIALIST = "specialist"
    """Drawn in for what the person knows (R6.4)."""


@dataclass(frozen=True, slots=True)
class GroupPerson:
    """Who is in a group, and whose employee."""

    person_id: UUID
    member_id: UUID
    part: Part


class DutiesOfNobody(Refusal):
    """Duties are shared out among members that take part, and the decision names none."""

    code = "duties-of-nobody"
    clause = "R4.4"


class DutiesAreOver(Refusal):
    """The last day of these duties comes before their first."""

    code = "duties-over"
    clause = "R4.4"


class GroupIsWrong(Invalid):
    """A group has one leader, and each person once."""


class GroupIsClosed(WrongStatus):
    """This group has done its work."""


class PersonIsInGroup(Refusal):
    """This person is in the group already."""

    code = "person-in-group"


class PersonIsReleased(WrongStatus):
    """This person is in the group no more."""


class GroupHasLeader(Refusal):
    """A group has one leader at a time."""

    code = "group-has-leader"


def require_sharing(
    addressee_ids: Collection[UUID],
    member_ids: Collection[UUID],
    adopted_on: date,
    due_on: date | None,
) -> None:
    """Duties are those of members that take part (R4.4), from the decision up to its last day."""
    if not addressee_ids or not set(addressee_ids) <= set(member_ids):
        raise DutiesOfNobody
    if due_on is not None and due_on < adopted_on:
        raise DutiesAreOver


def check_group(people: Sequence[GroupPerson]) -> None:
    """A new group has one leader, and nobody twice."""
    leaders = sum(person.part is Part.LEADER for person in people)
    if leaders != 1:
        raise GroupIsWrong(GroupIsWrong.title(), at="body.people", why="leader-wrong")
    if len({person.person_id for person in people}) != len(people):
        raise GroupIsWrong(GroupIsWrong.title(), at="body.people", why="person-twice")


def require_open(closed_on: date | None) -> None:
    """Nobody is drawn into a group that has done its work."""
    if closed_on is not None:
        raise GroupIsClosed(closed_on=closed_on)
