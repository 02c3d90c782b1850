"""Members (R1.1): what an organisation says of itself, and how it leaves (R5.1).

The cluster itself can be none of them: it is no legal entity, so it has neither a number in the
registers nor an account (R1.2-1.3), and a card without the numbers is refused (I1, I7).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from shared.refusal import Invalid, Refusal, WrongStatus
from shared.russia import identifiers
from shared.russia.identifiers import IdentifierIsWrong
from shared.russia.vat import VatRegime

SOLE_PROPRIETOR = "50102"
"""The legal form (OKOPF) of one who is a person and a business at once."""
NOTICE_YEARS_MAX = 3

_LEGAL_FORM = re.compile(r"[0-9]{5}")


class MemberKind(StrEnum):
    """Who may take part (R1.1)."""

    COLLEGE = "college"
    UNIVERSITY = "university"
    EMPLOYER = "employer"
    AUTHORITY = "authority"


class MemberStatus(StrEnum):
    """Where a member stands on a day."""

    ACTIVE = "active"
    LEAVING = "leaving"
    """It gave notice, and its last day is still to come."""
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What an organisation says of itself when it joins."""

    slug: str
    name: str
    full_name: str
    kind: MemberKind
    is_state: bool
    legal_form: str
    inn: str
    kpp: str | None
    ogrn: str
    town: str
    vat_regime: VatRegime
    bank_account: str | None
    bik: str | None


@dataclass(frozen=True, slots=True)
class Member:
    """A member, as far as decisions ask."""

    id: UUID
    leaving_on: date | None
    version: int
    suspended_on: date | None = None
    suspended_until: date | None = None


class MemberIsNotActive(Refusal):
    """A member that has left the cluster takes on nothing new."""

    code = "member-not-active"
    clause = "R5.1"


class MemberIsSuspended(Refusal):
    """By decision of the council this member takes on nothing new while its case is open."""

    code = "member-suspended"
    clause = "R5.3"


class MemberIsKnown(Refusal):
    """An organisation with this taxpayer number (INN, KPP) takes part already."""

    code = "member-known"


class SlugIsTaken(Refusal):
    """Another member goes by this short name in addresses."""

    code = "slug-taken"


class NoticeIsGiven(WrongStatus):
    """Notice of the withdrawal was given before, for another day."""

    clause = "R5.1"


class NoticeIsOutOfReach(Invalid):
    """A withdrawal takes effect today or later, within three years."""

    clause = "R5.1"


def status_of(leaving_on: date | None, on: date) -> MemberStatus:
    """A member takes part up to the day before its withdrawal takes effect."""
    if leaving_on is None:
        return MemberStatus.ACTIVE
    return MemberStatus.LEAVING if on < leaving_on else MemberStatus.WITHDRAWN


def is_suspended(member: Member, on: date) -> bool:
    """Whether a decision keeps the member from taking on anything new that day (R5.3)."""
    if member.suspended_on is None or on < member.suspended_on:
        return False
    return member.suspended_until is None or on <= member.suspended_until


def check_card(card: Card) -> None:
    """Raises Invalid beside the first field that cannot be right (I7)."""
    is_sole = card.legal_form == SOLE_PROPRIETOR
    if not _LEGAL_FORM.fullmatch(card.legal_form):
        raise Invalid(
            "The legal form is a code of five digits.", at="body.legal_form", why="legal-form-wrong"
        )
    _check("inn", identifiers.check_inn, card.inn)
    if (len(card.inn) == 12) != is_sole:
        raise Invalid(
            "An organisation's INN has 10 digits, a sole proprietor's 12.",
            at="body.inn",
            why="inn-of-another-form",
        )
    if (card.kpp is None) != is_sole:
        raise Invalid(
            "Every organisation has a KPP, no sole proprietor has.",
            at="body.kpp",
            why="kpp-of-another-form",
        )
    if card.kpp is not None:
        _check("kpp", identifiers.check_kpp, card.kpp)
    _check("ogrn", identifiers.check_ogrnip if is_sole else identifiers.check_ogrn, card.ogrn)
    if (card.bank_account is None) != (card.bik is None):
        raise Invalid(
            "A bank account and its bank's BIK go together.",
            at="body.bik",
            why="account-without-bank",
        )
    if card.bank_account is not None and card.bik is not None:
        bik = card.bik
        _check("bik", identifiers.check_bik, bik)
        _check(
            "bank_account",
            lambda account: identifiers.check_account(account, bik),
            card.bank_account,
        )


def _check(field: str, check: Callable[[str], str], value: str) -> None:
    try:
        check(value)
    except IdentifierIsWrong as error:
        raise Invalid(str(error), at=f"body.{field}", why=error.code) from None


def check_joined_on(joined_on: date, today: date) -> None:
    """Nobody has joined on a day that is still to come."""
    if joined_on > today:
        raise Invalid(
            "A member joins today, or has joined before.",
            at="body.joined_on",
            why="joined-in-the-future",
        )


def check_notice(effective_on: date, today: date) -> None:
    """The day is the member's to choose, but for the past and the far future (R5.1, I2)."""
    if not today <= effective_on <= years_after(today, NOTICE_YEARS_MAX):
        raise NoticeIsOutOfReach(NoticeIsOutOfReach.title(), at="body.effective_on")


def withdraw(member: Member, effective_on: date, today: date) -> Member:
    """A member leaves when it says so; nobody's approval is asked (R5.1, I2)."""
    check_notice(effective_on, today)
    if member.leaving_on == effective_on:
        return member
    if member.leaving_on is not None:
        raise NoticeIsGiven(leaving_on=member.leaving_on)
    return replace(member, leaving_on=effective_on, version=member.version + 1)


def years_after(day: date, years: int) -> date:
    """The same day so many years later; the 28th for the 29th of February."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
