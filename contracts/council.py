"""What the council tells: who sits in it, and what it decided for others to carry out."""

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from contracts.event import Event, Instant

DecisionKind = Literal[
    "admit",
    "exclude",
    "suspend",
    "set_parameter",
    "approve_plan",
    "share_duties",
    "recommend",
    "end_cluster",
]
Duty = Literal["head", "deputy", "secretary", "member"]


class SeatTaken(Event):
    """A person sits in the council from `from_on` on, the last day being `until_on` where it is set.

    `member_id` is whom the person represents there (R4.2). A listener may conclude that the person
    has this duty on these days, and no other in the same seat.
    """

    subject: ClassVar[str] = "council.seat.taken.v1"
    aggregate: ClassVar[str] = "seat_id"

    seat_id: UUID
    person_id: UUID
    member_id: UUID
    duty: Duty
    from_on: date
    until_on: date | None


class SeatVacated(Event):
    """A person sits in the council no more: `until_on` was its last day."""

    subject: ClassVar[str] = "council.seat.vacated.v1"
    aggregate: ClassVar[str] = "seat_id"

    seat_id: UUID
    person_id: UUID
    until_on: date


class DecisionAdopted(Event):
    """The council has decided. The service that owns what is decided carries it out and answers.

    Only what is `binding` is carried out; a recommendation binds nobody (R4.1, R4.2).
    `subject_id` is what the decision is about: an application to admit, a member to exclude or to
    suspend, a plan to approve. `ground` is that of an exclusion (R5.3), `parameter` and `value`
    are what is set, `due_on` is the last day to carry it out, or for `end_cluster` the last day of
    the cluster (R8.1).
    """

    subject: ClassVar[str] = "council.decision.adopted.v1"
    aggregate: ClassVar[str] = "decision_id"

    decision_id: UUID
    meeting_id: UUID | None
    item_id: UUID | None
    kind: DecisionKind
    force: Literal["binding", "recommendation"]
    subject_id: UUID | None
    addressee_ids: tuple[UUID, ...]
    due_on: date | None
    ground: Literal["a", "b"] | None
    parameter: str | None
    value: str | None
    adopted_on: date


class DecisionExecuted(Event):
    """A decision that is the council's own to carry out was carried out."""

    subject: ClassVar[str] = "council.decision.executed.v1"
    aggregate: ClassVar[str] = "decision_id"

    decision_id: UUID


class DecisionFailed(Event):
    """A decision that is the council's own could not be carried out, and nothing was changed."""

    subject: ClassVar[str] = "council.decision.failed.v1"
    aggregate: ClassVar[str] = "decision_id"

    decision_id: UUID
    reason_code: str | None


class BallotOpened(Event):
    """The council votes on an item from now on, and until `closes_at` where it is set.

    `voter_ids` are the persons who may cast a vote, each once. A listener may conclude that they,
    and nobody else, are waited for; whoever has voted is not told.
    """

    subject: ClassVar[str] = "council.ballot.opened.v1"
    aggregate: ClassVar[str] = "ballot_id"

    ballot_id: UUID
    meeting_id: UUID
    item_id: UUID
    is_secret: bool
    opened_at: Instant
    closes_at: Instant | None
    voter_ids: tuple[UUID, ...]


class BallotClosed(Event):
    """The votes are counted, by weight: those who were silent at a meeting stand under `abstained`.

    A ballot that was carried is followed by `council.decision.adopted` of the same item.
    """

    subject: ClassVar[str] = "council.ballot.closed.v1"
    aggregate: ClassVar[str] = "ballot_id"

    ballot_id: UUID
    meeting_id: UUID
    item_id: UUID
    outcome: Literal["carried", "not_carried", "no_quorum"]
    votes_for: int
    against: int
    abstained: int
    closed_at: Instant
