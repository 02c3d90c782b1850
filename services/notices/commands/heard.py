"""What is heard: who takes part, who may do what for whom, who has an agreement with whom."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from services.notices.commands.telling import (
    ROLES_LOCK,
    give_what_waits,
    plan_digest,
    settle_for,
    tell_changes,
    tell_people,
)
from services.notices.domain.kinds import Kind
from services.notices.queries.preferences import preferences_of
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
    await tx.execute(
        "UPDATE webhooks SET disabled_at = $2 WHERE member_id = $1 AND disabled_at IS NULL",
        member_id,
        tx.now,
    )


async def know_roles(
    tx: Transaction, person_id: UUID, member_id: UUID | None, roles: frozenset[str]
) -> None:
    """A person may act for the member in exactly these roles from now on.

    Who takes a role over is told what waits for it; who gives it up is asked for nothing more; who
    acts for the member no longer sees none of its notices.
    """
    await tx.execute("SELECT pg_advisory_xact_lock($1)", ROLES_LOCK)
    rows = await tx.fetch(
        "SELECT role FROM roles WHERE person_id = $1 AND member_id IS NOT DISTINCT FROM $2",
        person_id,
        member_id,
    )
    before = frozenset(row["role"] for row in rows)
    await tx.execute(
        "DELETE FROM roles WHERE person_id = $1 AND member_id IS NOT DISTINCT FROM $2"
        " AND role <> ALL ($3)",
        person_id,
        member_id,
        sorted(roles),
    )
    await tx.execute(
        "INSERT INTO roles (person_id, member_id, role)"
        " SELECT $1, $2, role FROM unnest($3::text[]) AS role ON CONFLICT DO NOTHING",
        person_id,
        member_id,
        sorted(roles),
    )
    if before - roles:
        await settle_for(tx, person_id, member_id, roles)
    if not roles:
        await tx.execute(
            "DELETE FROM notices WHERE person_id = $1 AND member_id = $2", person_id, member_id
        )
        tell_changes(tx, [person_id])
        return
    if roles - before:
        await give_what_waits(tx, person_id, member_id, roles, gained=roles - before)
    if before and before != roles:
        facts = {"member_id": member_id}
        await tell_people(
            tx, Kind.ROLES_CHANGED, person_id, [person_id], facts, member_id=member_id
        )


async def merge_persons(tx: Transaction, kept_id: UUID, merged_id: UUID) -> None:
    """Two ids were one person's: roles, notices and what is to be mailed go over to the one kept."""
    await tx.execute(
        "INSERT INTO roles (person_id, member_id, role) SELECT $1, member_id, role FROM roles"
        " WHERE person_id = $2 ON CONFLICT DO NOTHING",
        kept_id,
        merged_id,
    )
    await tx.execute("DELETE FROM roles WHERE person_id = $1", merged_id)
    await tx.execute(
        "DELETE FROM mailings WHERE person_id = $1 AND purpose = 'digest' AND ended_at IS NULL",
        merged_id,
    )
    await tx.execute("UPDATE mailings SET person_id = $1 WHERE person_id = $2", kept_id, merged_id)
    moved = await tx.execute(
        "UPDATE notices SET person_id = $1 WHERE person_id = $2", kept_id, merged_id
    )
    await tx.execute("DELETE FROM preferences WHERE person_id = $1", merged_id)
    if moved:
        await plan_digest(tx, kept_id, await preferences_of(tx, kept_id))
        tell_changes(tx, [kept_id])


async def know_agreement(tx: Transaction, agreement_id: UUID, party_ids: Sequence[UUID]) -> None:
    """Notes who is bound by the agreement."""
    await tx.execute(
        "INSERT INTO agreements (id, party_ids) VALUES ($1, $2)"
        " ON CONFLICT (id) DO UPDATE SET party_ids = excluded.party_ids",
        agreement_id,
        list(party_ids),
    )


async def forget_person(tx: Transaction, person_id: UUID) -> None:
    """Takes out the inbox, the letters to be sent, and how the person wanted to be told."""
    await tx.execute("DELETE FROM mailings WHERE person_id = $1", person_id)
    await tx.execute("DELETE FROM notices WHERE person_id = $1", person_id)
    await tx.execute("DELETE FROM preferences WHERE person_id = $1", person_id)


async def forget_agreement(tx: Transaction, agreement_id: UUID) -> list[UUID]:
    """The agreement binds nobody any more; returns whom it bound."""
    party_ids: list[UUID] | None = await tx.value(
        "DELETE FROM agreements WHERE id = $1 RETURNING party_ids", agreement_id
    )
    return party_ids or []


async def partners_of(tx: Transaction, member_id: UUID) -> list[UUID]:
    """Who has an agreement in force with the member."""
    rows = await tx.fetch(
        "SELECT DISTINCT party FROM agreements, unnest(party_ids) AS party"
        " WHERE party_ids @> ARRAY[$1::uuid] AND party <> $1 ORDER BY party",
        member_id,
    )
    return [row["party"] for row in rows]


async def other_members(tx: Transaction, member_id: UUID) -> list[UUID]:
    """Everybody else who takes part."""
    rows = await tx.fetch(
        "SELECT id FROM members WHERE id <> $1 AND withdrawn_on IS NULL ORDER BY id", member_id
    )
    return [row["id"] for row in rows]


async def reach(tx: Transaction, milestone: str) -> None:
    """Notes that the service has come this far."""
    await tx.execute(
        "INSERT INTO milestones (name, reached_at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        milestone,
        tx.now,
    )
