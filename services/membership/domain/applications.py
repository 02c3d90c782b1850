"""The card of an organisation that applies: what it says of itself, and whether that can be right.

The numbers are looked at by their keys (I7). An organisation without a number in the registers
cannot apply, so the cluster itself, being no legal entity, never can (R1.2, I1).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.membership.domain.members import Card, MemberKind, check_card
from shared.refusal import Invalid
from shared.russia import identifiers
from shared.russia.identifiers import IdentifierIsWrong
from shared.russia.vat import VatRegime

BANK_DETAILS_MAX = 10
PHONES_MAX = 5

_OKVED = re.compile(r"[0-9]{2}(\.[0-9]{1,2}(\.[0-9]{1,2})?)?")
_EDUCATIONAL = frozenset({MemberKind.COLLEGE, MemberKind.UNIVERSITY})


class Basis(StrEnum):
    """On what the head of an organisation acts."""

    CHARTER = "charter"
    REGULATION = "regulation"
    """The regulation of an authority (положение)."""
    REGISTRATION = "registration"
    """The register itself: a sole proprietor acts for himself."""
    POWER_OF_ATTORNEY = "power_of_attorney"


class HeadcountBand(StrEnum):
    """How many people work there."""

    TO_15 = "to_15"
    TO_100 = "to_100"
    TO_250 = "to_250"
    TO_1000 = "to_1000"
    OVER_1000 = "over_1000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Who acts for the organisation without a further power, or by the one that is named."""

    family_name: str
    given_name: str
    patronymic: str | None
    post: str
    basis: Basis
    basis_number: str | None
    basis_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Whom to ask. Personal data: seen by the secretariat and the applicant alone."""

    family_name: str
    given_name: str
    patronymic: str | None
    post: str | None
    email: str
    phones: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit:
    """A licence or an accreditation."""

    number: str
    issued_on: date
    issuer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BankDetails:
    """One account by which the organisation is paid."""

    bank_account: str
    bik: str
    bank: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicant:
    """The full card (domain 1.2)."""

    name: str
    full_name: str
    kind: MemberKind
    is_state: bool
    legal_form: str
    inn: str
    kpp: str | None
    ogrn: str
    ogrn_on: date
    okpo: str | None
    okved: str
    oktmo: str
    town: str
    legal_address: str
    postal_address: str
    site_address: str | None
    site: str | None
    founder: str | None
    headcount: HeadcountBand | None
    vat_regime: VatRegime
    edo_operator_id: str | None
    licence: Permit | None
    accreditation: Permit | None
    bank_details: tuple[BankDetails, ...]
    head: Head
    contact: Contact


class EducatorHasNoLicence(Invalid):
    """An educational organisation teaches under a licence: name it."""


def check_applicant(applicant: Applicant, today: date) -> None:
    """Raises Invalid beside the first field that cannot be right (I7)."""
    for index, details in enumerate(applicant.bank_details):
        _check_details(index, details)
    check_card(card_of(applicant, "applicant"))
    _check("oktmo", identifiers.check_oktmo, applicant.oktmo)
    if applicant.okpo is not None:
        _check("okpo", identifiers.check_okpo, applicant.okpo)
    if not _OKVED.fullmatch(applicant.okved):
        raise Invalid("OKVED is a code such as 85.21.", at="body.okved", why="okved-wrong")
    if applicant.kind in _EDUCATIONAL and applicant.licence is None:
        raise EducatorHasNoLicence(EducatorHasNoLicence.title(), at="body.licence")
    for at, day in _days_of(applicant):
        if day is not None and day > today:
            raise Invalid("This day is still to come.", at=f"body.{at}", why="day-in-the-future")
    _check_head(applicant)


def card_of(applicant: Applicant, slug: str) -> Card:
    """What a member's own card takes over; it is paid by the first account that was named."""
    first = applicant.bank_details[0] if applicant.bank_details else None
    return Card(
        slug=slug,
        name=applicant.name,
        full_name=applicant.full_name,
        kind=applicant.kind,
        is_state=applicant.is_state,
        legal_form=applicant.legal_form,
        inn=applicant.inn,
        kpp=applicant.kpp,
        ogrn=applicant.ogrn,
        town=applicant.town,
        vat_regime=applicant.vat_regime,
        bank_account=first.bank_account if first else None,
        bik=first.bik if first else None,
    )


def _days_of(applicant: Applicant) -> list[tuple[str, date | None]]:
    licence, accreditation = applicant.licence, applicant.accreditation
    return [
        ("ogrn_on", applicant.ogrn_on),
        ("licence.issued_on", licence.issued_on if licence else None),
        ("accreditation.issued_on", accreditation.issued_on if accreditation else None),
        ("head.basis_on", applicant.head.basis_on),
    ]


def _check_head(applicant: Applicant) -> None:
    head = applicant.head
    if head.basis is Basis.POWER_OF_ATTORNEY and (
        head.basis_number is None or head.basis_on is None
    ):
        raise Invalid(
            "A power of attorney has a number and a date.",
            at="body.head.basis_number",
            why="power-without-number",
        )


def _check_details(index: int, details: BankDetails) -> None:
    at = f"bank_details.{index}"
    _check(f"{at}.bik", identifiers.check_bik, details.bik)
    _check(
        f"{at}.bank_account",
        lambda account: identifiers.check_account(account, details.bik),
        details.bank_account,
    )


def _check(field: str, check: Callable[[str], str], value: str) -> None:
    try:
        check(value)
    except IdentifierIsWrong as error:
        raise Invalid(str(error), at=f"body.{field}", why=error.code) from None
