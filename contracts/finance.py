"""What finance tells: who owes whom what, and why."""

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from contracts.event import Event


class ObligationIncurred(Event):
    """A member owes another this much, VAT included, for what `basis_id` names (R7.2).

    `incurred_on` is the Moscow date of the service. Said once per basis.
    """

    subject: ClassVar[str] = "finance.obligation.incurred.v1"
    aggregate: ClassVar[str] = "obligation_id"

    obligation_id: UUID
    debtor_id: UUID
    creditor_id: UUID
    amount_kopecks: int
    vat_kopecks: int
    basis_kind: Literal["booking"]
    basis_id: UUID
    incurred_on: date


class ObligationReversed(Event):
    """The creditor took an obligation back by a new entry of the ledger; the old one stands."""

    subject: ClassVar[str] = "finance.obligation.reversed.v1"
    aggregate: ClassVar[str] = "obligation_id"

    obligation_id: UUID
    debtor_id: UUID
    creditor_id: UUID
    amount_kopecks: int
    reversed_on: date


class UseRecorded(Event):
    """A member used what is another's at price 0: shown to both, no entry in the ledger."""

    subject: ClassVar[str] = "finance.use.recorded.v1"
    aggregate: ClassVar[str] = "obligation_id"

    obligation_id: UUID
    debtor_id: UUID
    creditor_id: UUID
    basis_kind: Literal["booking"]
    basis_id: UUID
    incurred_on: date
