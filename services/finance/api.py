"""What HTTP may ask of finance: one route each, which ends in a command or a query."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel

from services.finance import commands, queries
from services.finance.domain import Obligation, Status
from shared.deeds import add_deed_routes
from shared.identity import Role
from shared.paging import Cursor, Limit, Page
from shared.refusal import Invalid
from shared.routes import Routes, Tx, roles
from shared.values import Day, Words

routes = Routes("finance")

READERS = roles(Role.COORDINATOR, Role.APPROVER, Role.FINANCE, Role.AUDITOR)
TREASURERS = roles(Role.FINANCE)


class BasisItem(BaseModel):
    """What an obligation is owed for."""

    kind: Literal["booking"]
    id: UUID


class ObligationView(BaseModel):
    """Who owes whom what. Sums are kopecks, the amount includes VAT.

    `status` is `free` for a use of 0 kopecks, which nobody owes. `vat_rate` is in percent and
    empty where no VAT is charged; `vat_reason` says why, as it is printed on documents.
    `incurred_on` is the Moscow date of the service.
    """

    id: UUID
    status: Status
    debtor_id: UUID
    creditor_id: UUID
    amount_kopecks: int
    vat_kopecks: int
    vat_rate: int | None
    vat_reason: str
    net_kopecks: int
    basis: BasisItem
    agreement_id: UUID | None
    incurred_on: date
    reversed_at: datetime | None
    reversal_reason: str | None


class BalanceItem(BaseModel):
    """How the acting member stands with another: what it is owed and what it owes, in kopecks."""

    counterparty_id: UUID
    is_owed_kopecks: int
    owes_kopecks: int


class ReasonBody(BaseModel):
    """Why."""

    reason: Words


@routes.get("/obligations", may=READERS)
async def list_obligations(
    tx: Tx,
    debtor_id: UUID | None = None,
    creditor_id: UUID | None = None,
    counterparty_id: Annotated[UUID | None, Query(description="The other side.")] = None,
    basis_id: UUID | None = None,
    from_: Annotated[Day | None, Query(alias="from")] = None,
    to: Day | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[ObligationView]:
    """The acting member's obligations, newest first; `from` and `to` are both included."""
    if from_ is not None and to is not None and to < from_:
        raise Invalid("The last day is before the first.", at="query.to")
    rows, next_cursor = await queries.obligations(
        tx,
        debtor_id=debtor_id,
        creditor_id=creditor_id,
        counterparty_id=counterparty_id,
        basis_id=basis_id,
        incurred_from=from_,
        incurred_to=to,
        cursor=cursor,
        limit=limit,
    )
    return Page(items=[_obligation(row) for row in rows], next_cursor=next_cursor)


@routes.get("/obligations/{obligation_id}", may=READERS)
async def read_obligation(tx: Tx, obligation_id: UUID) -> ObligationView:
    """One obligation, for either side of it."""
    return _obligation(await queries.obligation(tx, obligation_id))


@routes.post("/obligations/{obligation_id}/reverse", may=TREASURERS)
async def reverse(tx: Tx, obligation_id: UUID, body: ReasonBody) -> ObligationView:
    """The creditor takes an obligation back, once, by a new entry of the ledger."""
    await commands.reverse(tx, obligation_id, body.reason)
    return _obligation(await queries.obligation(tx, obligation_id))


@routes.get("/balances", may=READERS)
async def list_balances(tx: Tx, cursor: Cursor = None, limit: Limit = 50) -> Page[BalanceItem]:
    """What the acting member is owed and owes, for each member it has ever dealt with."""
    rows, next_cursor = await queries.balances(tx, cursor=cursor, limit=limit)
    return Page(items=[BalanceItem(**row) for row in rows], next_cursor=next_cursor)


def _obligation(row: Mapping[str, Any]) -> ObligationView:
    standing = Obligation(
        debtor_id=row["debtor_id"],
        creditor_id=row["creditor_id"],
        amount_kopecks=row["amount_kopecks"],
        is_reversed=row["reversed_at"] is not None,
    )
    return ObligationView(
        **{name: row[name] for name in _AS_STORED},
        status=standing.status,
        vat_rate=row["vat_rate_percent"],
        basis=BasisItem(kind=row["basis_kind"], id=row["basis_id"]),
    )


_AS_STORED = (
    "id",
    "debtor_id",
    "creditor_id",
    "amount_kopecks",
    "vat_kopecks",
    "vat_reason",
    "net_kopecks",
    "agreement_id",
    "incurred_on",
    "reversed_at",
    "reversal_reason",
)


add_deed_routes(routes)
