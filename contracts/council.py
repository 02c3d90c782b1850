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
MeetingKind = Literal["regular", "extraordinary"]
MeetingForm = Literal["in_person", "video", "mixed", "absentee"]


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


PlanSection = Literal[
    "governance",
    "forecast",
    "programmes",
    "workshops",
    "practice",
    "assessment",
    "teachers",
    "guidance",
    "events",
    "information",
    "finance",
]
PlanSource = Literal["F1", "F2", "F3", "F4", "F5"]


class PlanCollecting(Event):
    """Items of a year's plan are collected: any member may put one forward (R6.2).

    `number` is the version: 1 for the plan, more for its amendments; `until_on` is the last day.
    """

    subject: ClassVar[str] = "council.plan.collecting.v1"
    aggregate: ClassVar[str] = "plan_id"

    plan_id: UUID
    year: int
    number: int
    until_on: date | None


class PlanAgreed(Event):
    """The head of the council has agreed to this version (R6.3), whose text has this SHA-256."""

    subject: ClassVar[str] = "council.plan.agreed.v1"
    aggregate: ClassVar[str] = "plan_id"

    plan_id: UUID
    year: int
    number: int
    sha256: str
    agreed_on: date


class PlanReopened(Event):
    """A version was changed after the head had agreed to it, and needs that agreement anew (R6.3)."""

    subject: ClassVar[str] = "council.plan.reopened.v1"
    aggregate: ClassVar[str] = "plan_id"

    plan_id: UUID
    year: int
    number: int


class PlanApproved(Event):
    """The council has approved what its head had agreed to (R6.2); in force from `in_force_on` on."""

    subject: ClassVar[str] = "council.plan.approved.v1"
    aggregate: ClassVar[str] = "plan_id"

    plan_id: UUID
    year: int
    number: int
    decision_id: UUID
    approved_on: date
    in_force_on: date


class PlanEnteredForce(Event):
    """This version is what the cluster works by from `in_force_on` on (R6.2). Said once for each.

    Each of its items that is new or was changed is told as `council.plan_item.scheduled` right
    after it, each that is there no more as `council.plan_item.dropped`.
    """

    subject: ClassVar[str] = "council.plan.entered_force.v1"
    aggregate: ClassVar[str] = "plan_id"

    plan_id: UUID
    year: int
    number: int
    in_force_on: date


class PlanAmended(Event):
    """A version of a plan has taken the place of another: told with its entry into force."""

    subject: ClassVar[str] = "council.plan.amended.v1"
    aggregate: ClassVar[str] = "plan_id"

    plan_id: UUID
    year: int
    number: int
    replaced_number: int
    added_ids: tuple[UUID, ...]
    changed_ids: tuple[UUID, ...]
    removed_ids: tuple[UUID, ...]


class PlanReported(Event):
    """Every item of the plan has a report that was accepted."""

    subject: ClassVar[str] = "council.plan.reported.v1"
    aggregate: ClassVar[str] = "plan_id"

    plan_id: UUID
    year: int


class PlanItemNamed(Event):
    """An item of a plan names these members; until each consents it is not agreed to (R7.2)."""

    subject: ClassVar[str] = "council.plan_item.named.v1"
    aggregate: ClassVar[str] = "item_id"

    item_id: UUID
    plan_id: UUID
    number: int
    member_ids: tuple[UUID, ...]


class PlanItemRefused(Event):
    """The secretary has left an item out of the plan; the reason stands at the council."""

    subject: ClassVar[str] = "council.plan_item.refused.v1"
    aggregate: ClassVar[str] = "item_id"

    item_id: UUID
    plan_id: UUID
    number: int
    proposed_by_member_id: UUID | None


class PlanItemScheduled(Event):
    """An item is part of the plan in force, so its members are to see to it between these days.

    `amount_kopecks` is what `payer_member_id` means to spend, of its own free will (R7.2): an
    intention, from which nothing is owed. A later one for the same item takes its place.
    """

    subject: ClassVar[str] = "council.plan_item.scheduled.v1"
    aggregate: ClassVar[str] = "item_id"

    item_id: UUID
    plan_id: UUID
    number: int
    section: PlanSection
    first_on: date
    last_on: date
    responsible_member_id: UUID
    co_executor_ids: tuple[UUID, ...]
    payer_member_id: UUID | None
    source: PlanSource | None
    amount_kopecks: int | None


class PlanItemDropped(Event):
    """An item that was part of the plan is not, from the entry of another version into force on."""

    subject: ClassVar[str] = "council.plan_item.dropped.v1"
    aggregate: ClassVar[str] = "item_id"

    item_id: UUID
    plan_id: UUID
    number: int


class PlanItemReported(Event):
    """The responsible member has said what came of an item; the secretary has not looked yet."""

    subject: ClassVar[str] = "council.plan_item.reported.v1"
    aggregate: ClassVar[str] = "item_id"

    item_id: UUID
    plan_id: UUID
    report_id: UUID
    outcome: Literal["done", "partly", "not_done", "moved"]
    spent_kopecks: int | None
    moved_until_on: date | None


class PlanItemAccepted(Event):
    """The secretary has accepted the report: what it says of the item counts."""

    subject: ClassVar[str] = "council.plan_item.accepted.v1"
    aggregate: ClassVar[str] = "item_id"

    item_id: UUID
    plan_id: UUID
    report_id: UUID
    outcome: Literal["done", "partly", "not_done", "moved"]
    responsible_member_id: UUID


class PlanItemReturned(Event):
    """The secretary has returned the report; the responsible member reports anew."""

    subject: ClassVar[str] = "council.plan_item.returned.v1"
    aggregate: ClassVar[str] = "item_id"

    item_id: UUID
    plan_id: UUID
    report_id: UUID
    responsible_member_id: UUID


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


class ParameterSet(Event):
    """By decision a rule that the regulation leaves open to the council is this from a day on."""

    subject: ClassVar[str] = "council.parameter.set.v1"
    aggregate: ClassVar[str] = "decision_id"

    decision_id: UUID
    parameter: str
    value: str
    valid_from: date


class ProposalSubmitted(Event):
    """A member puts a proposal to the council (R5.1); everybody who takes part may discuss it."""

    subject: ClassVar[str] = "council.proposal.submitted.v1"
    aggregate: ClassVar[str] = "proposal_id"

    proposal_id: UUID
    member_id: UUID
    person_id: UUID
    submitted_at: Instant


class ProposalRefused(Event):
    """The secretary takes a proposal to no agenda; the reason is kept with it."""

    subject: ClassVar[str] = "council.proposal.refused.v1"
    aggregate: ClassVar[str] = "proposal_id"

    proposal_id: UUID
    member_id: UUID
    person_id: UUID


class ProposalWithdrawn(Event):
    """The member takes its proposal back before anything was decided on it."""

    subject: ClassVar[str] = "council.proposal.withdrawn.v1"
    aggregate: ClassVar[str] = "proposal_id"

    proposal_id: UUID
    member_id: UUID


class ProposalTabled(Event):
    """A proposal stands on the agenda of a meeting."""

    subject: ClassVar[str] = "council.proposal.tabled.v1"
    aggregate: ClassVar[str] = "proposal_id"

    proposal_id: UUID
    member_id: UUID
    person_id: UUID
    meeting_id: UUID
    item_id: UUID


class MeetingAnnounced(Event):
    """The council is called to a meeting; its agenda is fixed.

    `person_ids` are those who sit on that day and those who are invited, as far as they are known
    by an id. An absentee meeting has no place: opinions are given up to `absentee_until`.
    """

    subject: ClassVar[str] = "council.meeting.announced.v1"
    aggregate: ClassVar[str] = "meeting_id"

    meeting_id: UUID
    kind: MeetingKind
    form: MeetingForm
    starts_at: Instant
    absentee_until: Instant | None
    person_ids: tuple[UUID, ...]


class MeetingOpened(Event):
    """A meeting is open: a quorum of `seats_present` of `seats_total` is there.

    An absentee meeting opens without one: nobody is present, and each vote counts its own.
    """

    subject: ClassVar[str] = "council.meeting.opened.v1"
    aggregate: ClassVar[str] = "meeting_id"

    meeting_id: UUID
    year: int
    number: int
    opened_at: Instant
    seats_total: int
    seats_present: int | None


class MeetingClosed(Event):
    """A meeting is over; what it decided is told by itself."""

    subject: ClassVar[str] = "council.meeting.closed.v1"
    aggregate: ClassVar[str] = "meeting_id"

    meeting_id: UUID
    closed_at: Instant


class MeetingMoved(Event):
    """A meeting without a quorum, or one that was announced, takes place as another one, later.

    The other one, `successor_id`, has the same agenda and is announced by this.
    """

    subject: ClassVar[str] = "council.meeting.moved.v1"
    aggregate: ClassVar[str] = "meeting_id"

    meeting_id: UUID
    successor_id: UUID
    starts_at: Instant
    person_ids: tuple[UUID, ...]


class MeetingCancelled(Event):
    """A meeting that was announced does not take place."""

    subject: ClassVar[str] = "council.meeting.cancelled.v1"
    aggregate: ClassVar[str] = "meeting_id"

    meeting_id: UUID
    person_ids: tuple[UUID, ...]


class MinutesSigned(Event):
    """Chair and secretary have signed the minutes of a meeting; they change no more.

    `corrects_id` names those whose place they take, if any.
    """

    subject: ClassVar[str] = "council.minutes.signed.v1"
    aggregate: ClassVar[str] = "minutes_id"

    minutes_id: UUID
    meeting_id: UUID
    year: int
    number: int
    corrects_id: UUID | None
    signed_at: Instant


class MinutesPublished(Event):
    """Every member reads these minutes from now on."""

    subject: ClassVar[str] = "council.minutes.published.v1"
    aggregate: ClassVar[str] = "minutes_id"

    minutes_id: UUID
    meeting_id: UUID
    year: int
    number: int
    published_at: Instant
