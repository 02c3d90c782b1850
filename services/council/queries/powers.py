"""The register of written powers."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.council.queries.sitting import require_insider
from shared.database import Transaction
from shared.paging import cut, place_of
from shared.refusal import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerView:
    """A written power: whose vote who casts, and from which day to which, both included."""

    id: UUID
    from_seat_id: UUID
    to_seat_id: UUID
    number: str
    given_on: date
    valid_from: date
    valid_until: date
    registered_at: datetime
    revoked_at: datetime | None


async def power(tx: Transaction, power_id: UUID) -> PowerView:
    """A power; raises NotFound."""
    row = await tx.row("SELECT * FROM powers WHERE id = $1", power_id)
    if row is None:
        raise NotFound
    await require_insider(tx)
    return PowerView(**row)


async def powers(
    tx: Transaction,
    *,
    on: date | None,
    seat_id: UUID | None,
    cursor: str | None,
    limit: int,
) -> tuple[list[PowerView], str | None]:
    """Powers, the newest first: those that count on the day, and given by or to the seat."""
    [before] = place_of(cursor, (UUID,)) or [None]
    await require_insider(tx)
    rows = await tx.fetch(
        "SELECT * FROM powers WHERE ($1::date IS NULL OR $1 BETWEEN valid_from AND valid_until)"
        " AND ($2::uuid IS NULL OR $2 IN (from_seat_id, to_seat_id))"
        " AND ($3::uuid IS NULL OR id < $3) ORDER BY id DESC LIMIT $4",
        on,
        seat_id,
        before,
        limit + 1,
    )
    page, next_cursor = cut(rows, limit, lambda row: [row["id"]])
    return [PowerView(**row) for row in page], next_cursor
