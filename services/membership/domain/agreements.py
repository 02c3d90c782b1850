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

PARTIES = 2
TERM_YEARS_MAX = 30


class AgreementKind(StrEnum):
    """What the parties let each other do."""

    NETWORK_FORM = "network_form"
    """A network form of an educational programme (law 273-FZ art. 15)."""
    SERVICES = "services"
    LEASE = "lease"
    FREE_USE = "free_use"
    """Use free of charge (Civil Code art. 689)."""


class AgreementStatus(StrEnum):
    """Where an agreement stands on a day."""

    SIGNING = "signing"
    ACTIVE = "active"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Terms:
    """What is agreed, by whom; both dates are included."""

    kind: AgreementKind
    party_ids: tuple[UUID, ...]
    valid_from: date
    valid_to: date
    subject: str


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
    """An agreement binds two different members, one of which makes it."""

    clause = "R1.2"


class AgreementIsOver(Refusal):
    """The term of this agreement is over, so it can no longer be signed."""

    code = "agreement-over"


class PartyHasSigned(WrongStatus):
    """Your member has signed this agreement already."""


def check_terms(terms: Terms) -> None:
    """Raises Invalid beside the first field that no agreement can have."""
    if len(terms.party_ids) != PARTIES or len(set(terms.party_ids)) != PARTIES:  # R1.2, I1
        raise PartiesAreWrong(PartiesAreWrong.title(), at="body.party_ids")
    if terms.valid_to < terms.valid_from:
        raise Invalid("An agreement cannot end before it begins.", at="body.valid_to")
    if terms.valid_to > years_after(terms.valid_from, TERM_YEARS_MAX):
        raise Invalid("An agreement is made for 30 years at most.", at="body.valid_to")


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


def status_of_agreement(activated_at: datetime | None, valid_to: date, on: date) -> AgreementStatus:
    """An agreement ends with its term, whether it was ever signed by all or not."""
    if valid_to < on:
        return AgreementStatus.ENDED
    return AgreementStatus.SIGNING if activated_at is None else AgreementStatus.ACTIVE


def day_after(valid_to: date) -> date:
    """The first day on which an agreement no longer binds."""
    return valid_to + timedelta(days=1)


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
