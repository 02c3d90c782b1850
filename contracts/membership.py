"""What membership tells: who takes part in the cluster, and which agreements bind whom."""

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from contracts.event import Event, Instant

MemberKind = Literal["college", "university", "employer", "authority"]
AgreementKind = Literal["network_form", "services", "lease", "free_use"]
"""The kinds on which one member uses another's workshops; version 1 knows no other."""
AnyAgreementKind = Literal[
    "network_form",
    "services",
    "lease",
    "free_use",
    "practical_training",
    "targeted_training",
    "teacher_internship",
    "donation",
    "exam_site",
    "netting",
    "accession",
]
AffiliationKind = Literal["student", "teacher", "instructor", "expert", "mentor", "representative"]
VatRegime = Literal["general", "simplified_exempt", "simplified_5", "simplified_7", "not_payer"]


class MemberJoined(Event):
    """An organisation takes part in the cluster from `joined_on` (Moscow date) on. Said once.

    A listener may conclude that the member exists and is active until a withdrawal is announced.
    `is_state` tells whether its property is the state's or a municipality's (law 273-FZ art. 15).
    """

    subject: ClassVar[str] = "membership.member.joined.v1"
    aggregate: ClassVar[str] = "member_id"

    member_id: UUID
    slug: str
    kind: MemberKind
    is_state: bool
    vat_regime: VatRegime
    joined_on: date


class WithdrawalAnnounced(Event):
    """A member gave notice that it leaves (R5.1). From `effective_on` on it takes no part.

    A listener may conclude that nothing new may be agreed with it for that day or later.
    """

    subject: ClassVar[str] = "membership.withdrawal.announced.v1"
    aggregate: ClassVar[str] = "member_id"

    member_id: UUID
    effective_on: date
    announced_at: Instant


class MemberWithdrawn(Event):
    """From `withdrawn_on` on the member takes no part. What was confirmed lives on.

    The day of its withdrawal has come (R5.1), or it was excluded (R5.3), is gone, or the cluster
    was ended (R8.1); what else was told of it says which.
    """

    subject: ClassVar[str] = "membership.member.withdrawn.v1"
    aggregate: ClassVar[str] = "member_id"

    member_id: UUID
    withdrawn_on: date


class AgreementMade(Event):
    """A member made an agreement, and has thereby signed it; the other party has not yet.

    `maker_id` is the member that made it; earlier ones do not say it.
    """

    subject: ClassVar[str] = "membership.agreement.made.v1"
    aggregate: ClassVar[str] = "agreement_id"

    agreement_id: UUID
    kind: AgreementKind
    party_ids: tuple[UUID, ...]
    valid_from: date
    valid_to: date
    maker_id: UUID | None = None


class AgreementActivated(Event):
    """The last party signed: the agreement binds its parties from `valid_from` to `valid_to`.

    Both dates are included. Fat on purpose: a listener needs nothing else to rely on it. `is_free`
    tells that the parties agreed that nothing is paid; else the law and the owner's tariff say.
    """

    subject: ClassVar[str] = "membership.agreement.activated.v1"
    aggregate: ClassVar[str] = "agreement_id"

    agreement_id: UUID
    kind: AgreementKind
    party_ids: tuple[UUID, ...]
    valid_from: date
    valid_to: date
    is_free: bool = False


class AgreementMadeV2(Event):
    """Version 1 for the kinds of agreement that it does not know; said in its place, never besides.

    A member made an agreement, and has thereby signed it; the other parties have not yet.
    """

    subject: ClassVar[str] = "membership.agreement.made.v2"
    aggregate: ClassVar[str] = "agreement_id"

    agreement_id: UUID
    kind: AnyAgreementKind
    party_ids: tuple[UUID, ...]
    valid_from: date
    valid_to: date
    maker_id: UUID


class AgreementActivatedV2(Event):
    """Version 1 for the kinds of agreement that it does not know; said in its place, never besides.

    The last party signed: the agreement binds its parties from `valid_from` to `valid_to`, both
    included, unless it is prolonged or ended by notice. No workshop is booked on it.
    """

    subject: ClassVar[str] = "membership.agreement.activated.v2"
    aggregate: ClassVar[str] = "agreement_id"

    agreement_id: UUID
    kind: AnyAgreementKind
    party_ids: tuple[UUID, ...]
    valid_from: date
    valid_to: date


class AgreementProlonged(Event):
    """Nobody said no in time: the agreement now binds its parties to `valid_to`, included."""

    subject: ClassVar[str] = "membership.agreement.prolonged.v1"
    aggregate: ClassVar[str] = "agreement_id"

    agreement_id: UUID
    party_ids: tuple[UUID, ...]
    valid_to: date


class AgreementProlongationDeclined(Event):
    """A party said that the agreement does not go on: it ends after `valid_to`."""

    subject: ClassVar[str] = "membership.agreement.prolongation_declined.v1"
    aggregate: ClassVar[str] = "agreement_id"

    agreement_id: UUID
    party_ids: tuple[UUID, ...]
    by_id: UUID
    valid_to: date


class AgreementNoticeGiven(Event):
    """A party ends the agreement: `ends_on` is the first day on which it no longer binds.

    A listener may conclude that nothing stands on it from that day on; what was confirmed lives
    on. `AgreementEnded` follows when the day has come.
    """

    subject: ClassVar[str] = "membership.agreement.notice_given.v1"
    aggregate: ClassVar[str] = "agreement_id"

    agreement_id: UUID
    party_ids: tuple[UUID, ...]
    by_id: UUID
    ends_on: date


class AgreementEndingSoon(Event):
    """An agreement ends after `valid_to`: a reminder, said once for each day that was agreed.

    `say_no_until_on` is there when it goes on by itself instead, unless a party says no by then.
    """

    subject: ClassVar[str] = "membership.agreement.ending_soon.v1"
    aggregate: ClassVar[str] = "agreement_id"

    agreement_id: UUID
    party_ids: tuple[UUID, ...]
    valid_to: date
    days_left: int
    say_no_until_on: date | None


class AgreementEnded(Event):
    """The agreement's term is over: `ended_on` is the first day on which it no longer binds."""

    subject: ClassVar[str] = "membership.agreement.ended.v1"
    aggregate: ClassVar[str] = "agreement_id"

    agreement_id: UUID
    ended_on: date


class PersonRegistered(Event):
    """A person is known by this id from now on. Names and contacts travel in no event."""

    subject: ClassVar[str] = "membership.person.registered.v1"
    aggregate: ClassVar[str] = "person_id"

    person_id: UUID


class RolesGranted(Event):
    """A person may act for a member in exactly these roles; an empty list takes all away.

    `member_id` is empty for the platform's administrator, who acts for no member.
    """

    subject: ClassVar[str] = "membership.roles.granted.v1"
    aggregate: ClassVar[str] = "person_id"

    person_id: UUID
    member_id: UUID | None
    roles: tuple[str, ...]


class LetterWritten(Event):
    """A letter waits to be sent. To whom and what stands in it is asked for at the moment of sending."""

    subject: ClassVar[str] = "membership.letter.written.v1"
    aggregate: ClassVar[str] = "letter_id"

    letter_id: UUID


class AffiliationBegun(Event):
    """A person belongs to a member from `from_on` up to and on `to_on`, or without an end.

    Said when it is entered, which may be before or after its first day, and again whenever its
    days are changed; what was said last of an `affiliation_id` counts.
    """

    subject: ClassVar[str] = "membership.affiliation.begun.v1"
    aggregate: ClassVar[str] = "person_id"

    affiliation_id: UUID
    person_id: UUID
    member_id: UUID
    kind: AffiliationKind
    from_on: date
    to_on: date | None


class AffiliationEnded(Event):
    """A person belongs to a member in this way no more; `last_on` was the last day. Said once."""

    subject: ClassVar[str] = "membership.affiliation.ended.v1"
    aggregate: ClassVar[str] = "person_id"

    affiliation_id: UUID
    person_id: UUID
    member_id: UUID
    kind: AffiliationKind
    last_on: date


class PersonsMerged(Event):
    """Two ids were one person's: what a listener holds of `merged_id` is `kept_id`'s.

    Said once; it is not taken back. Nothing more is told of `merged_id`, except the end of an
    affiliation that both had in the same way on the same days.
    """

    subject: ClassVar[str] = "membership.persons.merged.v1"
    aggregate: ClassVar[str] = "kept_id"

    kept_id: UUID
    merged_id: UUID


class PersonErased(Event):
    """A person's name, contacts and account are gone; the id stays, and says nothing any more.

    A listener takes out what would tell who it was, and keeps by id what a law or a ledger needs.
    Nobody acts under this id any more. Said once, after the end of the person's roles was told.
    """

    subject: ClassVar[str] = "membership.person.erased.v1"
    aggregate: ClassVar[str] = "person_id"

    person_id: UUID
    erased_at: Instant


class ApplicationSubmitted(Event):
    """An organisation applies to join, and the e-mail address it named is its own.

    Said again when an application that was returned is mended.
    """

    subject: ClassVar[str] = "membership.application.submitted.v1"
    aggregate: ClassVar[str] = "application_id"

    application_id: UUID
    kind: MemberKind
    submitted_at: Instant


class ApplicationReturned(Event):
    """The secretary gave the application back to be mended; the reasons went to the applicant."""

    subject: ClassVar[str] = "membership.application.returned.v1"
    aggregate: ClassVar[str] = "application_id"

    application_id: UUID


class ApplicationChecked(Event):
    """The secretary found the application in order: it is ready for an agenda of the council."""

    subject: ClassVar[str] = "membership.application.checked.v1"
    aggregate: ClassVar[str] = "application_id"

    application_id: UUID
    kind: MemberKind


class ApplicationRejected(Event):
    """The application came to nothing; nothing may be decided on it any more."""

    subject: ClassVar[str] = "membership.application.rejected.v1"
    aggregate: ClassVar[str] = "application_id"

    application_id: UUID


class CaseOpened(Event):
    """A case for a member's exclusion was opened and the member was given notice (R5.3).

    `ground` is `a`, duties performed in bad faith, or `b`, acts or omissions that make the
    activity impossible or much slower. The member may answer up to and on `answer_until_on`.
    """

    subject: ClassVar[str] = "membership.case.opened.v1"
    aggregate: ClassVar[str] = "case_id"

    case_id: UUID
    member_id: UUID
    ground: Literal["a", "b"]
    answer_until_on: date


class CaseAnswered(Event):
    """The member's answer is on the file: the case is ready for an agenda."""

    subject: ClassVar[str] = "membership.case.answered.v1"
    aggregate: ClassVar[str] = "case_id"

    case_id: UUID
    member_id: UUID


class CaseClosed(Event):
    """The case was dropped: nobody may be excluded on it any more."""

    subject: ClassVar[str] = "membership.case.closed.v1"
    aggregate: ClassVar[str] = "case_id"

    case_id: UUID
    member_id: UUID


class MemberSuspended(Event):
    """By decision a member takes on nothing new while its case is open; what stands lives on.

    `suspended_until` is the last day, empty when it lasts until the case is over.
    """

    subject: ClassVar[str] = "membership.member.suspended.v1"
    aggregate: ClassVar[str] = "member_id"

    member_id: UUID
    decision_id: UUID
    suspended_on: date
    suspended_until: date | None


class MemberRestored(Event):
    """The case is over without exclusion: the member takes part as before."""

    subject: ClassVar[str] = "membership.member.restored.v1"
    aggregate: ClassVar[str] = "member_id"

    member_id: UUID
    restored_on: date


class MemberExcluded(Event):
    """The council excluded a member (R5.3); `MemberWithdrawn` with the same day follows."""

    subject: ClassVar[str] = "membership.member.excluded.v1"
    aggregate: ClassVar[str] = "member_id"

    member_id: UUID
    decision_id: UUID
    ground: Literal["a", "b"]
    excluded_on: date


class MemberReorganised(Event):
    """A member went up in another, its successor; `MemberWithdrawn` with the same day follows."""

    subject: ClassVar[str] = "membership.member.reorganised.v1"
    aggregate: ClassVar[str] = "member_id"

    member_id: UUID
    successor_id: UUID
    ended_on: date


class MemberLiquidated(Event):
    """A member is no more; `MemberWithdrawn` with the same day follows."""

    subject: ClassVar[str] = "membership.member.liquidated.v1"
    aggregate: ClassVar[str] = "member_id"

    member_id: UUID
    ended_on: date


class ClusterEnded(Event):
    """The council ends the cluster (R8.1): from `ends_on` on nobody takes part.

    Said before the withdrawals of its members are announced. Nobody joins from now on.
    """

    subject: ClassVar[str] = "membership.cluster.ended.v1"
    aggregate: ClassVar[str] = "decision_id"

    decision_id: UUID
    ends_on: date


class ParameterSet(Event):
    """By decision a rule that the regulation leaves open is this from a day on."""

    subject: ClassVar[str] = "membership.parameter.set.v1"
    aggregate: ClassVar[str] = "decision_id"

    decision_id: UUID
    parameter: str
    value: str
    valid_from: date


class DecisionExecuted(Event):
    """A decision of the council that is membership's to carry out was carried out."""

    subject: ClassVar[str] = "membership.decision.executed.v1"
    aggregate: ClassVar[str] = "decision_id"

    decision_id: UUID
    reason_code: str | None = None


class DecisionFailed(Event):
    """A decision of the council could not be carried out, and nothing was changed.

    `reason_code` says why, in one of membership's words.
    """

    subject: ClassVar[str] = "membership.decision.failed.v1"
    aggregate: ClassVar[str] = "decision_id"

    decision_id: UUID
    reason_code: str | None


class DemoLaid(Event):
    """All demo data of membership have been told before this. Said once, in demo mode only."""

    subject: ClassVar[str] = "membership.demo.laid.v1"
    aggregate: ClassVar[str] = "demo_id"

    demo_id: UUID
