"""What workshops notes of what it hears."""

from datetime import date
from uuid import UUID

from contracts import membership
from shared.database import Transaction


async def know_member(tx: Transaction, event: membership.MemberJoined) -> None:
    """Notes a member; what is known of its withdrawal stays."""
    await tx.execute(
        "INSERT INTO members (id, slug, kind, is_state, vat_regime) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (id) DO UPDATE SET slug = excluded.slug, kind = excluded.kind,"
        " is_state = excluded.is_state, vat_regime = excluded.vat_regime",
        event.member_id,
        event.slug,
        event.kind,
        event.is_state,
        event.vat_regime,
    )


async def know_withdrawal(tx: Transaction, member_id: UUID, leaving_on: date) -> None:
    """Notes the day from which a member takes no part (R5.1)."""
    changed = await tx.execute(
        "UPDATE members SET leaving_on = $2 WHERE id = $1", member_id, leaving_on
    )
    if not changed:
        raise LookupError(f"a withdrawal of {member_id}, who is not known here")


async def know_suspension(
    tx: Transaction, member_id: UUID, suspended_on: date | None, suspended_until: date | None
) -> None:
    """Notes the days on which a member takes on nothing new (R5.3), or that there are none."""
    changed = await tx.execute(
        "UPDATE members SET suspended_on = $2, suspended_until = $3 WHERE id = $1",
        member_id,
        suspended_on,
        suspended_until,
    )
    if not changed:
        raise LookupError(f"a suspension of {member_id}, who is not known here")


async def know_agreement(tx: Transaction, event: membership.AgreementActivated) -> None:
    """Notes an agreement on which bookings may stand."""
    await tx.execute(
        "INSERT INTO agreements (id, kind, party_ids, valid_from, valid_to, is_free)"
        " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING",
        event.agreement_id,
        event.kind,
        list(event.party_ids),
        event.valid_from,
        event.valid_to,
        event.is_free,
    )


async def know_longer_term(tx: Transaction, agreement_id: UUID, valid_to: date) -> None:
    """Notes that an agreement goes on to a later day; one on which nothing may stand is not known."""
    await tx.execute("UPDATE agreements SET valid_to = $2 WHERE id = $1", agreement_id, valid_to)


async def know_end_of_agreement(tx: Transaction, agreement_id: UUID, ended_on: date) -> None:
    """Notes the first day on which an agreement no longer binds; one never active is not known."""
    await tx.execute("UPDATE agreements SET ended_on = $2 WHERE id = $1", agreement_id, ended_on)


async def reach(tx: Transaction, milestone: str) -> None:
    """Notes that the service has come this far."""
    await tx.execute(
        "INSERT INTO milestones (name, reached_at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        milestone,
        tx.now,
    )


async def forget_person(tx: Transaction, person_id: UUID) -> None:
    """Revokes the addresses of calendars that an erased person made, and may still have."""
    rows = await tx.fetch(
        "UPDATE feeds SET revoked_at = $2 WHERE made_by = $1 AND revoked_at IS NULL RETURNING id",
        person_id,
        tx.now,
    )
    for row in rows:
        tx.note("feed.revoked", row["id"])
