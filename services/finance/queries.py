"""What may be looked up: obligations of which the acting member is a side, and its balances."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from shared.database import Transaction
from shared.paging import cut, place_of
from shared.refusal import NotFound

Row = Mapping[str, Any]

_WITH_REVERSAL = """
SELECT o.*, r.reversed_at, r.reason AS reversal_reason
FROM {obligations} AS o LEFT JOIN reversals r ON r.obligation_id = o.id
"""


async def obligation(tx: Transaction, obligation_id: UUID) -> Row:
    """One obligation, for either side of it; raises NotFound for everybody else."""
    row: Row | None = await tx.row(
        f"{_WITH_REVERSAL.format(obligations='obligations')} WHERE o.id = $1", obligation_id
    )
    member_id = tx.actor.member_id if tx.actor else None
    if row is None or member_id not in (row["debtor_id"], row["creditor_id"]):
        raise NotFound("There is no such obligation, or it is not yours to know.")
    tx.authorise()
    return row


_OF_ONE_SIDE = """
(SELECT * FROM obligations
 WHERE {side} = $1
   AND ($2::uuid IS NULL OR debtor_id = $2)
   AND ($3::uuid IS NULL OR creditor_id = $3)
   AND ($4::uuid IS NULL OR $4 IN (debtor_id, creditor_id))
   AND ($5::uuid IS NULL OR basis_id = $5)
   AND ($6::date IS NULL OR incurred_on >= $6)
   AND ($7::date IS NULL OR incurred_on <= $7)
   AND ($8::date IS NULL OR (incurred_on, id) < ($8, $9::uuid))
 ORDER BY incurred_on DESC, id DESC LIMIT $10)
"""
_OWING = _OF_ONE_SIDE.format(side="debtor_id")
_OWED = _OF_ONE_SIDE.format(side="creditor_id")
_PAGE = f"""{_WITH_REVERSAL.format(obligations=f"({_OWING} UNION ALL {_OWED})")}
ORDER BY o.incurred_on DESC, o.id DESC LIMIT $10
"""


async def obligations(
    tx: Transaction,
    *,
    debtor_id: UUID | None,
    creditor_id: UUID | None,
    counterparty_id: UUID | None,
    basis_id: UUID | None,
    incurred_from: date | None,
    incurred_to: date | None,
    cursor: str | None,
    limit: int,
) -> tuple[list[Row], str | None]:
    """The acting member's obligations that fit all filters, newest first, a page at a time."""
    place = place_of(cursor, (date.fromisoformat, UUID)) or [None, None]
    actor = tx.authorise()
    rows = await tx.fetch(
        _PAGE,
        actor.member,
        debtor_id,
        creditor_id,
        counterparty_id,
        basis_id,
        incurred_from,
        incurred_to,
        *place,
        limit + 1,
    )
    return cut(rows, limit, lambda row: [row["incurred_on"], row["id"]])


async def balances(
    tx: Transaction, *, cursor: str | None, limit: int
) -> tuple[list[Row], str | None]:
    """What the acting member is owed by, and owes, each counterparty, as the ledger sums it."""
    place = place_of(cursor, (UUID,)) or [None]
    actor = tx.authorise()
    rows = await tx.fetch(
        """
        SELECT a.counterparty_id,
               coalesce(sum(p.amount_kopecks) FILTER (WHERE a.kind = 'receivable'), 0)::bigint
                   AS is_owed_kopecks,
               coalesce(-sum(p.amount_kopecks) FILTER (WHERE a.kind = 'payable'), 0)::bigint
                   AS owes_kopecks
        FROM accounts a JOIN postings p ON p.account_id = a.id
        WHERE a.member_id = $1 AND ($2::uuid IS NULL OR a.counterparty_id > $2)
        GROUP BY a.counterparty_id ORDER BY a.counterparty_id LIMIT $3
        """,
        actor.member,
        *place,
        limit + 1,
    )
    return cut(rows, limit, lambda row: [row["counterparty_id"]])
