"""Who sits in the council, by name, and who could: for those who have its list before them."""

from dataclasses import dataclass
from uuid import UUID

from shared.database import Transaction
from shared.paging import cut, place_of
from shared.refusal import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonItem:
    """What a person is called; nothing else of them is told here."""

    person_id: UUID
    family_name: str
    given_name: str
    patronymic: str | None


_NAMES = "SELECT p.id AS person_id, p.family_name, p.given_name, p.patronymic FROM persons p"


async def seated(
    tx: Transaction, *, cursor: str | None, limit: int
) -> tuple[list[PersonItem], str | None]:
    """For every signed-in person: all who have, had or will have a seat in the council (R4.2)."""
    tx.authorise()
    [after] = place_of(cursor, (UUID,)) or [None]
    rows = await tx.fetch(
        f"{_NAMES} WHERE p.erased_at IS NULL"  # noqa: S608
        " AND EXISTS (SELECT 1 FROM seats s WHERE s.person_id = p.id)"
        " AND ($1::uuid IS NULL OR p.id > $1) ORDER BY p.id LIMIT $2",
        after,
        limit + 1,
    )
    page, next_cursor = cut(rows, limit, lambda row: [row["person_id"]])
    return [PersonItem(**row) for row in page], next_cursor


async def representatives(
    tx: Transaction, member_id: UUID, *, cursor: str | None, limit: int
) -> tuple[list[PersonItem], str | None]:
    """For the secretariat: who acts for a member, and so could sit for it (R4.2); NotFound."""
    if not await tx.value("SELECT true FROM members WHERE id = $1", member_id):
        raise NotFound
    tx.authorise()
    [after] = place_of(cursor, (UUID,)) or [None]
    rows = await tx.fetch(
        f"{_NAMES} WHERE EXISTS (SELECT 1 FROM roles r WHERE r.person_id = p.id"  # noqa: S608
        " AND r.member_id = $1 AND r.ended_at IS NULL AND r.role <> 'student')"
        " AND ($2::uuid IS NULL OR p.id > $2) ORDER BY p.id LIMIT $3",
        member_id,
        after,
        limit + 1,
    )
    page, next_cursor = cut(rows, limit, lambda row: [row["person_id"]])
    return [PersonItem(**row) for row in page], next_cursor
