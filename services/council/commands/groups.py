"""Working groups, and the people of members who are drawn in (R6.4)."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg

from services.council.commands.seating import require_office
from services.council.domain.composition import MemberTakesNoPart, PersonIsUnknown
from services.council.domain.duties import (
    GroupHasLeader,
    GroupPerson,
    PersonIsInGroup,
    PersonIsReleased,
    check_group,
    require_open,
)
from services.council.queries.members import members_on
from shared.database import Transaction
from shared.etag import expect
from shared.refusal import NotFound
from shared.russia.calendar import moscow_date


async def form_group(
    tx: Transaction, *, title: str, purpose: str, basis: str, people: Sequence[GroupPerson]
) -> UUID:
    """A group is formed today; `basis` is the decision or order that it stands on."""
    await require_office(tx)
    check_group(people)
    group_id = tx.new_id("group")
    await tx.execute(
        "INSERT INTO groups (id, title, purpose, basis, formed_on, version)"
        " VALUES ($1, $2, $3, $4, $5, 1)",
        group_id,
        title,
        purpose,
        basis,
        moscow_date(tx.now),
    )
    tx.note("group.formed", group_id, after={"people": len(people)})
    for place, person in enumerate(people):
        await _draw_in(tx, group_id, person, f"body.people.{place}")
    return group_id


async def draw_in(tx: Transaction, group_id: UUID, person: GroupPerson) -> None:
    """Another person is in the group from today on."""
    group = await _locked(tx, group_id)
    await require_office(tx)
    require_open(group["closed_on"])
    await _draw_in(tx, group_id, person, "body.person_id")
    await _touch(tx, group_id)


async def release(tx: Transaction, group_id: UUID, person_id: UUID) -> None:
    """A person is in the group no more: yesterday was the last day.

    Raises NotFound for one who never was in it, PersonIsReleased.
    """
    await _locked(tx, group_id)
    was_in_it = await tx.value(
        "SELECT true FROM group_people WHERE group_id = $1 AND person_id = $2 LIMIT 1",
        group_id,
        person_id,
    )
    if not was_in_it:
        raise NotFound
    await require_office(tx)
    released = await tx.execute(
        "UPDATE group_people SET until_on = $3 - 1"
        " WHERE group_id = $1 AND person_id = $2 AND (until_on IS NULL OR until_on >= $3)",
        group_id,
        person_id,
        moscow_date(tx.now),
    )
    if not released:
        raise PersonIsReleased
    await _touch(tx, group_id)
    tx.note("group.person_released", group_id, before={"person_id": person_id})


async def close_group(tx: Transaction, group_id: UUID, if_match: str | None = None) -> None:
    """The group has done its work."""
    group = await _locked(tx, group_id)
    await require_office(tx)
    expect(if_match, group["version"])
    require_open(group["closed_on"])
    today = moscow_date(tx.now)
    await tx.execute("UPDATE groups SET closed_on = $2 WHERE id = $1", group_id, today)
    await _touch(tx, group_id)
    tx.note("group.closed", group_id, after={"closed_on": today})


async def _locked(tx: Transaction, group_id: UUID) -> Any:
    row = await tx.row("SELECT * FROM groups WHERE id = $1 FOR UPDATE", group_id)
    if row is None:
        raise NotFound
    return row


async def _touch(tx: Transaction, group_id: UUID) -> None:
    await tx.execute("UPDATE groups SET version = version + 1 WHERE id = $1", group_id)


async def _draw_in(tx: Transaction, group_id: UUID, person: GroupPerson, at: str) -> None:
    today = moscow_date(tx.now)
    if person.member_id not in await members_on(tx, today):
        raise MemberTakesNoPart(member_id=person.member_id)
    is_known = await tx.value(
        "SELECT true FROM people WHERE person_id = $1 AND member_id = $2",
        person.person_id,
        person.member_id,
    )
    if not is_known:
        raise PersonIsUnknown(PersonIsUnknown.title(), at=at)
    try:
        await tx.execute(
            "INSERT INTO group_people (id, group_id, person_id, member_id, part, from_on)"
            " VALUES ($1, $2, $3, $4, $5, $6)",
            tx.new_id("group person"),
            group_id,
            person.person_id,
            person.member_id,
            person.part,
            today,
        )
    except asyncpg.ExclusionViolationError as error:
        if error.constraint_name == "a_group_has_one_leader_at_a_time":
            raise GroupHasLeader from None
        raise PersonIsInGroup from None
    tx.note(
        "group.person_drawn_in",
        group_id,
        after={"person_id": person.person_id, "part": person.part},
    )
