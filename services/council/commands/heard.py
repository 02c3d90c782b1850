"""What the council notes of what it hears."""

from datetime import date
from uuid import UUID

from shared.database import Transaction


async def know_member(tx: Transaction, member_id: UUID, joined_on: date) -> None:
    """Notes that the member takes part from a day on."""
    await tx.execute(
        "INSERT INTO members (id, joined_on) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        member_id,
        joined_on,
    )


async def see_member_off(tx: Transaction, member_id: UUID, withdrawn_on: date) -> None:
    """Notes that the member takes no part from a day on."""
    await tx.execute("UPDATE members SET withdrawn_on = $2 WHERE id = $1", member_id, withdrawn_on)


async def reach(tx: Transaction, milestone: str) -> None:
    """Notes that the service has come this far."""
    await tx.execute(
        "INSERT INTO milestones (name, reached_at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        milestone,
        tx.now,
    )
