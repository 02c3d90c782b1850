"""What the council notes of what it hears."""

from datetime import date
from uuid import UUID

from shared.database import Transaction


async def know_member(
    tx: Transaction,
    member_id: UUID,
    joined_on: date,
    kind: str | None = None,
    slug: str | None = None,
) -> None:
    """Notes that the member takes part, to which group it belongs (R1.1), how files call it."""
    await tx.execute(
        "INSERT INTO members (id, joined_on, kind, slug) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, slug = excluded.slug",
        member_id,
        joined_on,
        kind,
        slug,
    )


async def see_member_off(tx: Transaction, member_id: UUID, withdrawn_on: date) -> None:
    """Notes that the member takes no part from a day on."""
    await tx.execute("UPDATE members SET withdrawn_on = $2 WHERE id = $1", member_id, withdrawn_on)


async def know_person(
    tx: Transaction, person_id: UUID, member_id: UUID, *, acts_for_it: bool
) -> None:
    """Notes who may sit for whom: the person acts for the member, or does so no more."""
    if acts_for_it:
        await tx.execute(
            "INSERT INTO people (person_id, member_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            person_id,
            member_id,
        )
    else:
        await tx.execute(
            "DELETE FROM people WHERE person_id = $1 AND member_id = $2", person_id, member_id
        )


async def reach(tx: Transaction, milestone: str) -> None:
    """Notes that the service has come this far."""
    await tx.execute(
        "INSERT INTO milestones (name, reached_at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        milestone,
        tx.now,
    )
