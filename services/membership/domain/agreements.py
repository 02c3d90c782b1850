"""Agreements between members (R1.2). Their parties are named members: the cluster signs nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.membership.domain.members import (
    Member,
    MemberIsNotActive,
    MemberIsSuspended,
    MemberStatus,
    is_suspended,
    status_of,
    years_after,
)
from shared.refusal import Invalid, Refusal, WrongStatus

TERM_YEARS_MAX = 30
PROLONGATION_MONTHS_MAX = 60
NOTICE_DAYS_MAX = 365
REMINDERS_MAX = 5
REMINDER_DAYS = (30, 7)
"""So many days before the end the parties are reminded, unless they say otherwise."""
TARIFFS_MAX = 50
NET_KOPECKS_MAX = 10**12


class AgreementKind(StrEnum):
    """What the parties let each other do."""

    NETWORK_FORM = "network_form"
    """A network form of an educational programme (law 273-FZ art. 15)."""
    SERVICES = "services"
    LEASE = "lease"
    FREE_USE = "free_use"
    """Use free of charge (Civil Code art. 689)."""
    PRACTICAL_TRAINING = "practical_training"
    """Practical training of one party's students at another's (law 273-FZ art. 13)."""
    TARGETED_TRAINING = "targeted_training"
    """Training for an employer (law 273-FZ art. 56); the student's own contract is another."""
    TEACHER_INTERNSHIP = "teacher_internship"
    DONATION = "donation"
    """A gift for a purpose of general use (Civil Code art. 582)."""
    EXAM_SITE = "exam_site"
    """A place where demonstration exams are held."""
    NETTING = "netting"
    """Claims of several parties on each other are set off (Civil Code art. 410)."""
    ACCESSION = "accession"
    """Co-operation of several members, each of which accedes."""


WITH_PLACES = frozenset(
    {
        AgreementKind.NETWORK_FORM,
        AgreementKind.SERVICES,
        AgreementKind.LEASE,
        AgreementKind.FREE_USE,
    }
)
"""On these kinds one party uses another's workshops (domain 2): these are what bookings stand on."""

_PARTIES = {
    AgreementKind.NETWORK_FORM: (2, 20),
    AgreementKind.PRACTICAL_TRAINING: (2, 20),
    AgreementKind.TARGETED_TRAINING: (2, 3),  # customer, college, and the employer where another
    AgreementKind.EXAM_SITE: (2, 20),
    AgreementKind.NETTING: (2, 50),
    AgreementKind.ACCESSION: (2, 50),
}
_TWO = (2, 2)
_FREE_BY_LAW = {
    AgreementKind.FREE_USE: "Civil Code art. 689",
    AgreementKind.DONATION: "Civil Code art. 582",
}
_NEVER_FREE = {AgreementKind.LEASE: "Civil Code art. 606"}


class AgreementStatus(StrEnum):
    """Where an agreement stands on a day."""

    SIGNING = "signing"
    ACTIVE = "active"
    ENDED = "ended"


class TariffUnit(StrEnum):
    """What a tariff of an agreement is paid for."""

    WORKPLACE_HOUR = "workplace_hour"
    HOUR = "hour"
    DAY = "day"
    MONTH = "month"
    PERSON = "person"
    PIECE = "piece"


@dataclass(frozen=True, slots=True)
class AgreedTariff:
    """What the parties agreed to pay for one unit, without VAT, which the law of the day adds."""

    what: str
    unit: TariffUnit
    net_kopecks: int


@dataclass(frozen=True, slots=True)
class Prolongation:
    """The term goes on by so many months, unless a party says no so many days before its end."""

    months: int
    refusal_days: int


@dataclass(frozen=True, slots=True)
class Terms:
    """What is agreed, by whom; both dates are included. What has a default is left open by it."""

    kind: AgreementKind
    party_ids: tuple[UUID, ...]
    valid_from: date
    valid_to: date
    subject: str
    number: str | None = None
    place: str | None = None
    in_order: bool = False
    """Whether the parties sign in the order in which they stand."""
    prolongation: Prolongation | None = None
    notice_days: int | None = None
    """Any party may end it so many days ahead; None: it is bound to its last day."""
    is_free: bool | None = None
    """True: nothing is paid; None: nothing is said here, and what is used costs its owner's tariff."""
    tariffs: tuple[AgreedTariff, ...] = ()
    reminder_days: tuple[int, ...] = REMINDER_DAYS


@dataclass(frozen=True, slots=True)
class Signature:
    """When a party signed, and by whose hand."""

    at: datetime
    by: UUID


@dataclass(frozen=True, slots=True)
class Agreement:
    """An agreement and the signatures that it bears."""

    id: UUID
    terms: Terms
    signatures: Mapping[UUID, Signature]
    activated_at: datetime | None
    version: int


class PartiesAreWrong(Invalid):
    """An agreement binds different members, as many as its kind takes, one of which makes it."""

    clause = "R1.2"


class PriceIsWrong(Invalid):
    """What is paid does not go with the kind of agreement."""


class AgreementIsOver(Refusal):
    """The term of this agreement is over, so it can no longer be signed."""

    code = "agreement-over"


class PartyHasSigned(WrongStatus):
    """Your member has signed this agreement already."""


def check_terms(terms: Terms) -> None:
    """Raises Invalid beside the first field that no agreement can have."""
    least, most = _PARTIES.get(terms.kind, _TWO)
    count = len(terms.party_ids)
    if not least <= count <= most or len(set(terms.party_ids)) != count:  # R1.2, I1
        raise PartiesAreWrong(PartiesAreWrong.title(), at="body.party_ids", least=least, most=most)
    if terms.valid_to < terms.valid_from:
        raise Invalid("An agreement cannot end before it begins.", at="body.valid_to")
    if terms.valid_to > years_after(terms.valid_from, TERM_YEARS_MAX):
        raise Invalid("An agreement is made for 30 years at most.", at="body.valid_to")
    _check_going_on(terms)
    _check_price(terms)


def _check_going_on(terms: Terms) -> None:
    days = (terms.valid_to - terms.valid_from).days + 1
    if terms.prolongation is not None:
        if not 1 <= terms.prolongation.months <= PROLONGATION_MONTHS_MAX:
            raise Invalid("A term goes on by 1 to 60 months.", at="body.prolongation.months")
        if not 1 <= terms.prolongation.refusal_days < days:
            raise Invalid(
                "The last day to say no lies within the term.", at="body.prolongation.refusal_days"
            )
    if terms.notice_days is not None:
        if terms.kind is AgreementKind.ACCESSION:  # leaving needs no notice of an agreement (R5.1)
            raise Invalid(
                "Who leaves the cluster leaves its accession: no notice is agreed.",
                at="body.notice_days",
            )
        if not 0 <= terms.notice_days <= NOTICE_DAYS_MAX:
            raise Invalid("Notice is given 0 to 365 days ahead.", at="body.notice_days")
    reminders = terms.reminder_days
    if (
        len(reminders) > REMINDERS_MAX
        or len(set(reminders)) != len(reminders)
        or not all(1 <= each <= NOTICE_DAYS_MAX for each in reminders)
    ):
        raise Invalid(
            "Up to five reminders, 1 to 365 days before the end.", at="body.reminder_days"
        )


def _check_price(terms: Terms) -> None:
    """Raises PriceIsWrong; what costs nothing by law has no price, a lease has one."""
    if terms.kind in _FREE_BY_LAW and (terms.is_free is False or terms.tariffs):
        law = _FREE_BY_LAW[terms.kind]
        at = "body.tariffs" if terms.tariffs else "body.is_free"
        raise PriceIsWrong(f"This kind of agreement costs nothing ({law}).", at=at)
    if terms.kind in _NEVER_FREE and terms.is_free:
        law = _NEVER_FREE[terms.kind]
        raise PriceIsWrong(f"This kind of agreement has a price ({law}).", at="body.is_free")
    if terms.is_free and terms.tariffs:
        raise PriceIsWrong("What is free of charge has no tariffs.", at="body.tariffs")
    if len(terms.tariffs) > TARIFFS_MAX:
        raise PriceIsWrong("An agreement has 50 tariffs at most.", at="body.tariffs")
    for place, tariff in enumerate(terms.tariffs):
        if not 0 <= tariff.net_kopecks <= NET_KOPECKS_MAX:
            raise PriceIsWrong(
                "A price is 0 or more kopecks, and no more than ten billion rubles.",
                at=f"body.tariffs.{place}.net_kopecks",
            )


def is_free(terms: Terms) -> bool | None:
    """Whether nothing is paid: as agreed, or by law."""
    return True if terms.kind in _FREE_BY_LAW else terms.is_free


def check_known(terms: Terms, parties: Mapping[UUID, Member]) -> None:
    """Only members are parties (R1.2, I1)."""
    if set(terms.party_ids) != set(parties):
        raise PartiesAreWrong("Every party has to be a member.", at="body.party_ids")


def make_agreement(
    agreement_id: UUID,
    terms: Terms,
    parties: Mapping[UUID, Member],
    *,
    maker_id: UUID,
    by: UUID,
    now: datetime,
    today: date,
) -> Agreement:
    """Who makes an agreement has signed it; it waits for the others."""
    check_terms(terms)
    check_known(terms, parties)
    if maker_id not in parties:
        raise PartiesAreWrong("Your member has to be one of the parties.", at="body.party_ids")
    if terms.in_order and terms.party_ids[0] != maker_id:
        raise PartiesAreWrong(
            "Who makes an agreement signs it, and so stands first in the order.",
            at="body.party_ids",
        )
    _require_taking_part(parties.values(), terms, today)
    _require_term_left(terms, today)
    return Agreement(agreement_id, terms, {maker_id: Signature(now, by)}, None, version=1)


def sign(
    agreement: Agreement,
    parties: Mapping[UUID, Member],
    *,
    signer_id: UUID,
    by: UUID,
    now: datetime,
    today: date,
) -> Agreement:
    """A party signs, once; with the last signature the agreement binds them all."""
    if signer_id in agreement.signatures:
        raise PartyHasSigned
    _require_taking_part(parties.values(), agreement.terms, today)
    _require_term_left(agreement.terms, today)
    signatures = {**agreement.signatures, signer_id: Signature(now, by)}
    return replace(
        agreement,
        signatures=signatures,
        activated_at=now if set(signatures) == set(agreement.terms.party_ids) else None,
        version=agreement.version + 1,
    )


def status_of_agreement(activated_at: datetime | None, last_on: date, on: date) -> AgreementStatus:
    """An agreement ends with its last day, whether it was ever signed by all or not."""
    if last_on < on:
        return AgreementStatus.ENDED
    return AgreementStatus.SIGNING if activated_at is None else AgreementStatus.ACTIVE


def day_after(last_on: date) -> date:
    """The first day on which an agreement no longer binds."""
    return last_on + timedelta(days=1)


def _require_taking_part(parties: Iterable[Member], terms: Terms, today: date) -> None:
    """Nothing new is agreed with one who has left, will have when it begins, or is suspended."""
    for party in parties:
        if is_suspended(party, today):
            raise MemberIsSuspended(member_id=party.id)
        for day in (today, terms.valid_from):
            if status_of(party.leaving_on, day) is MemberStatus.WITHDRAWN:
                raise MemberIsNotActive(member_id=party.id, leaving_on=party.leaving_on)


def _require_term_left(terms: Terms, today: date) -> None:
    if terms.valid_to < today:
        raise AgreementIsOver(valid_to=terms.valid_to)
