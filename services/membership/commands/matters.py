"""What is still open between members elsewhere: heard, kept by id, shown to those concerned.

What was agreed lives on when a member leaves (R5.1, I2), so it has to see what that is.
"""

from uuid import UUID

from shared.database import Transaction


async def open_matter(tx: Transaction, kind: str, matter_id: UUID, sides: dict[str, UUID]) -> None:
    """Notes what is open between the members, each on its side; a request may become a booking."""
    await tx.execute(
        "INSERT INTO open_matters (matter_id, member_id, kind, side, since_at)"
        " SELECT $1, member_id, $2, side, $5 FROM unnest($3::uuid[], $4::text[])"
        " AS s (member_id, side)"
        " ON CONFLICT (member_id, matter_id, side) DO UPDATE SET kind = excluded.kind",
        matter_id,
        kind,
        list(sides.values()),
        list(sides),
        tx.now,
    )


async def close_matter(tx: Transaction, matter_id: UUID) -> None:
    """It is settled, done or called off."""
    await tx.execute("DELETE FROM open_matters WHERE matter_id = $1", matter_id)
