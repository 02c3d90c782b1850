"""Where people read mail, and what stands in letters: told to whoever sends them, and to no one else."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from shared.database import Transaction


async def contact(
    tx: Transaction, person_id: UUID, member_ids: Sequence[UUID]
) -> dict[str, Any] | None:
    """The person's address and how to greet them, and the names of these members."""
    row = await tx.row(
        "SELECT a.email, p.given_name, p.patronymic FROM accounts a"
        " JOIN persons p ON p.id = a.person_id WHERE a.person_id = $1"
        " AND p.erased_at IS NULL",
        person_id,
    )
    if row is None:
        return None
    members = await tx.fetch("SELECT id, name FROM members WHERE id = ANY ($1)", list(member_ids))
    return {**row, "member_names": {each["id"]: each["name"] for each in members}}


async def letter(tx: Transaction, letter_id: UUID) -> dict[str, Any] | None:
    """The letter as it was written."""
    row = await tx.row(
        "SELECT address AS email, kind, token, words, expires_at FROM letters"
        " WHERE id = $1 AND expires_at > $2",
        letter_id,
        tx.now,
    )
    return None if row is None else dict(row)
