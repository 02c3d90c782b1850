"""What membership tells: who takes part in the cluster, and which agreements bind whom."""

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from contracts.event import Event, Instant

MemberKind = Literal["college", "university", "employer", "authority"]
AgreementKind = Literal["network_form", "services", "lease", "free_use"]
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
    """The day of a member's withdrawal has come (R5.1). What was confirmed lives on."""

    subject: ClassVar[str] = "membership.member.withdrawn.v1"
    aggregate: ClassVar[str] = "member_id"

    member_id: UUID
    withdrawn_on: date


class AgreementMade(Event):
    """A member made an agreement, and has thereby signed it; the other party has not yet."""

    subject: ClassVar[str] = "membership.agreement.made.v1"
    aggregate: ClassVar[str] = "agreement_id"

    agreement_id: UUID
    kind: AgreementKind
    party_ids: tuple[UUID, ...]
    valid_from: date
    valid_to: date


class AgreementActivated(Event):
    """The last party signed: the agreement binds its parties from `valid_from` to `valid_to`.

    Both dates are included. Fat on purpose: a listener needs nothing else to rely on it.
    """

    subject: ClassVar[str] = "membership.agreement.activated.v1"
    aggregate: ClassVar[str] = "agreement_id"

    agreement_id: UUID
    kind: AgreementKind
    party_ids: tuple[UUID, ...]
    valid_from: date
    valid_to: date


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


class DemoLaid(Event):
    """All demo data of membership have been told before this. Said once, in demo mode only."""

    subject: ClassVar[str] = "membership.demo.laid.v1"
    aggregate: ClassVar[str] = "demo_id"

    demo_id: UUID
