"""The rules of what members owe one another. Facts in, a decision or a named refusal out; no I/O.

The cluster is no legal entity and has no account (R1.2, R1.3): a sum always stands between two
members, on an account that each keeps with the other. What is owed for a use is what the owner
charged; nothing here computes a price or VAT again.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from shared.refusal import Refusal, RoleIsMissing, WrongStatus
from shared.russia.calendar import moscow_date


class AccountKind(StrEnum):
    """Which side of a pair an account shows."""

    RECEIVABLE = "receivable"
    """What the member is owed by its counterparty."""
    PAYABLE = "payable"
    """What the member owes its counterparty."""


class EntryKind(StrEnum):
    """Why the ledger has an entry."""

    INCURRED = "incurred"
    REVERSED = "reversed"


class Status(StrEnum):
    """How an obligation stands."""

    INCURRED = "incurred"
    REVERSED = "reversed"
    FREE = "free"
    """A use of 0 kopecks: known to both, owed by nobody."""


class OnlyTheCreditor(RoleIsMissing):
    """Only the member to whom this is owed takes it back."""

    code = "only-the-creditor"


class NothingIsOwed(Refusal):
    """This use cost 0 kopecks: there is nothing to take back."""

    code = "nothing-owed"


class AlreadyReversed(WrongStatus):
    """This obligation was taken back already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """What the owner charged, in kopecks. The rate is in percent, None where no VAT is charged."""

    net_kopecks: int
    vat_kopecks: int
    amount_kopecks: int
    vat_rate_percent: int | None
    vat_reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A member used what is another's, or its own."""

    owner_id: UUID
    booker_id: UUID
    used_at: datetime
    sums: Sums


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """Who owes whom what, and of which Moscow date."""

    debtor_id: UUID
    creditor_id: UUID
    incurred_on: date
    sums: Sums


class Incurred(Owed):
    """The debtor owes the creditor the amount from now on (R7.2)."""


class FreeUse(Owed):
    """The use cost nothing; it is kept so that both can see it, and enters no account."""


@dataclass(frozen=True, slots=True)
class Account:
    """What one member keeps on another; there is no third party and no common purse (R1.3)."""

    member_id: UUID
    counterparty_id: UUID
    kind: AccountKind


@dataclass(frozen=True, slots=True)
class Posting:
    """One leg of an entry: a debit is positive, a credit negative."""

    account: Account
    amount_kopecks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Obligation:
    """An obligation as it stands when somebody wants to take it back."""

    debtor_id: UUID
    creditor_id: UUID
    amount_kopecks: int
    is_reversed: bool

    @property
    def status(self) -> Status:
        """How it stands."""
        if not self.amount_kopecks:
            return Status.FREE
        return Status.REVERSED if self.is_reversed else Status.INCURRED


def owed_for(use: Use) -> Incurred | FreeUse | None:
    """What is owed for a use: by the booker to the owner, and nothing for the use of one's own.

    Raises ValueError when what was charged does not add up: no refusal, but a fault of whoever
    charged.
    """
    _require_consistent(use.sums)
    if use.booker_id == use.owner_id:
        return None
    decision = Incurred if use.sums.amount_kopecks else FreeUse
    return decision(
        debtor_id=use.booker_id,
        creditor_id=use.owner_id,
        incurred_on=moscow_date(use.used_at),
        sums=use.sums,
    )


def _require_consistent(sums: Sums) -> None:
    if min(sums.net_kopecks, sums.vat_kopecks) < 0:
        raise ValueError("A sum is negative.")
    if sums.net_kopecks + sums.vat_kopecks != sums.amount_kopecks:
        raise ValueError("Net and VAT are not the amount.")
    if sums.vat_kopecks and sums.vat_rate_percent is None:
        raise ValueError("There is VAT without a rate.")


def postings_for(
    kind: EntryKind, *, debtor_id: UUID, creditor_id: UUID, amount_kopecks: int
) -> tuple[Posting, Posting]:
    """The two legs of an entry: the creditor's claim and the debtor's debt, which sum to zero."""
    amount = amount_kopecks if kind is EntryKind.INCURRED else -amount_kopecks
    return (
        Posting(Account(creditor_id, debtor_id, AccountKind.RECEIVABLE), amount),
        Posting(Account(debtor_id, creditor_id, AccountKind.PAYABLE), -amount),
    )


def reverse(obligation: Obligation, *, by: UUID) -> tuple[Posting, Posting]:
    """The creditor takes the obligation back, once, by an entry that undoes the first.

    Raises OnlyTheCreditor, NothingIsOwed, WrongStatus.
    """
    if by != obligation.creditor_id:
        raise OnlyTheCreditor
    if obligation.status is Status.FREE:
        raise NothingIsOwed
    if obligation.status is Status.REVERSED:
        raise AlreadyReversed
    return postings_for(
        EntryKind.REVERSED,
        debtor_id=obligation.debtor_id,
        creditor_id=obligation.creditor_id,
        amount_kopecks=obligation.amount_kopecks,
    )
