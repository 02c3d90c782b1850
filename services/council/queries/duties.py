"""Duties of members, working groups, and who is in them."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from services.council.domain.duties import Part
from shared.database import Transaction
from shared.paging import cut, place_of
from shared.refusal import NotFound
from shared.russia.calendar import moscow_date


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyView:
    """A duty of a member's, on the days from and to, both included (R4.4)."""

    id: UUID
    member_id: UUID
    words: str
    from_on: date
    until_on: date | None
    decision_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupPersonView:
    """A person in a group, and for whom the person works."""

    person_id: UUID
    member_id: UUID
    part: Part
    from_on: date
    until_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupItem:
    """A working group in a list."""

    id: UUID
    title: str
    formed_on: date
    closed_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupView(GroupItem):
    """A working group with all who are or were in it."""

    purpose: str
    basis: str
    people: list[GroupPersonView]
    version: int


async def duties(
    tx: Transaction, *, member_id: UUID | None, on: date | None, cursor: str | None, limit: int
) -> tuple[list[DutyView], str | None]:
    """Who has which duty on the day, or today; the newest first."""
    tx.authorise()
    [before] = place_of(cursor, (UUID,)) or [None]
    rows = await tx.fetch(
        "SELECT * FROM duties WHERE from_on <= $1 AND (until_on IS NULL OR until_on >= $1)"
        " AND ($2::uuid IS NULL OR member_id = $2) AND ($3::uuid IS NULL OR id < $3)"
        " ORDER BY id DESC LIMIT $4",
        on or moscow_date(tx.now),
        member_id,
        before,
        limit + 1,
    )
    page, next_cursor = cut(rows, limit, lambda row: [row["id"]])
    return [DutyView(**row) for row in page], next_cursor


async def groups(
    tx: Transaction, *, is_open: bool | None, cursor: str | None, limit: int
) -> tuple[list[GroupItem], str | None]:
    """Working groups, the newest first."""
    tx.authorise()
    [before] = place_of(cursor, (UUID,)) or [None]
    rows = await tx.fetch(
        "SELECT id, title, formed_on, closed_on FROM groups"
        " WHERE ($1::boolean IS NULL OR (closed_on IS NULL) = $1)"
        " AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3",
        is_open,
        before,
        limit + 1,
    )
    page, next_cursor = cut(rows, limit, lambda row: [row["id"]])
    return [GroupItem(**row) for row in page], next_cursor


async def group(tx: Transaction, group_id: UUID) -> GroupView:
    """A working group; raises NotFound."""
    row: Any = await tx.row("SELECT * FROM groups WHERE id = $1", group_id)
    if row is None:
        raise NotFound
    tx.authorise()
    people = await tx.fetch(
        "SELECT person_id, member_id, part, from_on, until_on FROM group_people"
        " WHERE group_id = $1 AND (until_on IS NULL OR until_on >= from_on)"
        " ORDER BY part = 'leader' DESC, from_on, id",
        group_id,
    )
    return GroupView(
        **row,
        people=[GroupPersonView(**{**person, "part": Part(person["part"])}) for person in people],
    )
