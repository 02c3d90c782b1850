"""Joining the cluster (R1.1) and leaving it (R5.1)."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg

from contracts.membership import MemberJoined, MemberWithdrawn, WithdrawalAnnounced
from services.membership.commands.powers import require_may_sign
from services.membership.domain.joining import ClusterIsOver
from services.membership.domain.members import (
    Card,
    Member,
    MemberIsKnown,
    MemberStatus,
    SlugIsTaken,
    check_card,
    check_joined_on,
    check_notice,
    status_of,
    withdraw,
)
from shared.database import Transaction
from shared.etag import expect
from shared.refusal import NotFound
from shared.russia.calendar import moscow_date
from shared.russia.names import search_key, sort_key

COMPLETED_AT_ONCE = 50
CLUSTER_LOCK = 0x0A27E1
"""The advisory lock that who joins shares, and who ends the cluster holds alone."""


async def join(tx: Transaction, card: Card, joined_on: date | None = None) -> UUID:
    """An organisation becomes a member (R1.1)."""
    today = moscow_date(tx.now)
    joined_on = joined_on or today
    check_card(card)
    check_joined_on(joined_on, today)
    tx.authorise()
    return await enter(tx, card, joined_on)


async def enter(tx: Transaction, card: Card, joined_on: date) -> UUID:
    """Writes a checked card as a member's; who may, has been asked before.

    Raises MemberIsKnown, SlugIsTaken, and ClusterIsOver once the council has ended it (R8.1).
    """
    await require_cluster_goes_on(tx)
    member_id = tx.new_id("member")
    try:
        await tx.execute(
            "INSERT INTO members (id, slug, name, full_name, sort_key, search_key, kind, is_state,"
            " legal_form, inn, kpp, ogrn, town, vat_regime, bank_account, bik, joined_on, version)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,"
            " 1)",
            member_id,
            card.slug,
            card.name,
            card.full_name,
            sort_key(card.name),
            search_key(f"{card.name} {card.full_name}"),
            card.kind,
            card.is_state,
            card.legal_form,
            card.inn,
            card.kpp,
            card.ogrn,
            card.town,
            card.vat_regime,
            card.bank_account,
            card.bik,
            joined_on,
        )
    except asyncpg.UniqueViolationError as error:
        if error.constraint_name == "members_by_taxpayer":
            raise MemberIsKnown from None  # I7
        raise SlugIsTaken from None
    tx.record(
        MemberJoined(
            member_id=member_id,
            slug=card.slug,
            kind=card.kind.value,
            is_state=card.is_state,
            vat_regime=card.vat_regime.value,
            joined_on=joined_on,
        ),
        after={"slug": card.slug, "kind": card.kind, "inn": card.inn, "kpp": card.kpp},
    )
    return member_id


async def require_cluster_goes_on(tx: Transaction) -> None:
    """Raises ClusterIsOver; the council's decision waits for whoever joins at this moment.

    Asked before anything else is locked, so that the two never wait for each other.
    """
    await tx.execute("SELECT pg_advisory_xact_lock_shared($1)", CLUSTER_LOCK)
    ends_on = await tx.value("SELECT ends_on FROM cluster_end")
    if ends_on is not None:
        raise ClusterIsOver(ends_on=ends_on)


async def give_notice(
    tx: Transaction, member_id: UUID, effective_on: date, if_match: str | None = None
) -> None:
    """A member leaves on a day of its own choice (R5.1)."""
    today = moscow_date(tx.now)
    check_notice(effective_on, today)
    member = await _own(tx, member_id)
    await require_may_sign(tx, tx.authorise())
    expect(if_match, member.version)
    leaving = withdraw(member, effective_on, today)
    if leaving == member:
        return
    await tx.execute(
        "UPDATE members SET leaving_on = $2, version = $3, end_kind = 'withdrawn' WHERE id = $1",
        leaving.id,
        leaving.leaving_on,
        leaving.version,
    )
    tx.record(
        WithdrawalAnnounced(member_id=leaving.id, effective_on=effective_on, announced_at=tx.now),
        before={"leaving_on": member.leaving_on},
        after={"leaving_on": leaving.leaving_on},
    )
    if status_of(leaving.leaving_on, today) is MemberStatus.WITHDRAWN:
        await _complete(tx, today, leaving.id)


async def _own(tx: Transaction, member_id: UUID) -> Member:
    """The actor's own member, locked; another one's coordinator has nothing to say here."""
    if tx.actor is None or tx.actor.member_id != member_id:
        raise NotFound
    member = await locked(tx, member_id)
    if member is None:
        raise NotFound
    return member


async def locked(tx: Transaction, member_id: UUID) -> Member | None:
    """The member, which nobody else changes before this transaction ends."""
    row = await tx.row(
        "SELECT id, leaving_on, version, suspended_on, suspended_until FROM members"
        " WHERE id = $1 FOR UPDATE",
        member_id,
    )
    return None if row is None else member_of(row)


async def complete_withdrawals(tx: Transaction) -> int:
    """The day of a withdrawal has come: the member has left (R5.1). Told once for each."""
    return await _complete(tx, moscow_date(tx.now), None)


async def _complete(tx: Transaction, today: date, member_id: UUID | None) -> int:
    rows = await tx.fetch(
        "UPDATE members SET withdrawn_at = $2, version = version + 1 WHERE id IN ("
        "SELECT id FROM members WHERE leaving_on <= $1 AND withdrawn_at IS NULL"
        " AND ($3::uuid IS NULL OR id = $3)"
        " ORDER BY leaving_on, id LIMIT $4 FOR UPDATE SKIP LOCKED) RETURNING id, leaving_on",
        today,
        tx.now,
        member_id,
        COMPLETED_AT_ONCE,
    )
    for row in rows:
        tx.record(
            MemberWithdrawn(member_id=row["id"], withdrawn_on=row["leaving_on"]),
            before={"status": MemberStatus.LEAVING},
            after={"status": MemberStatus.WITHDRAWN},
        )
    return len(rows)


async def members_by_id(tx: Transaction, ids: Iterable[UUID]) -> dict[UUID, Member]:
    """Those of the members that exist; none of them can leave before this transaction ends."""
    rows = await tx.fetch(
        "SELECT id, leaving_on, version, suspended_on, suspended_until FROM members"
        " WHERE id = ANY($1) ORDER BY id FOR SHARE",
        list(ids),
    )
    return {row["id"]: member_of(row) for row in rows}


def member_of(row: Any) -> Member:
    """The member of a row that has these columns."""
    return Member(
        row["id"],
        row["leaving_on"],
        row["version"],
        row["suspended_on"],
        row["suspended_until"],
    )
