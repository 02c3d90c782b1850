"""Powers to sign for a member: on record, revoked, and asked for where membership's acts sign."""

from datetime import date
from typing import Any
from uuid import UUID

from services.membership.domain.api_keys import require_person
from services.membership.domain.powers import (
    Paper,
    PowerIsOver,
    check_paper,
    check_rule,
    signers,
)
from services.membership.domain.powers import require_may_sign as require
from shared.database import Transaction
from shared.identity import Actor
from shared.refusal import NotFound
from shared.russia.calendar import moscow_date


async def record(tx: Transaction, person_id: UUID, paper: Paper) -> UUID:
    """A coordinator puts on record by what paper one of the own people signs for the member."""
    paper = check_paper(paper)
    actor = tx.actor
    acts = actor is not None and await tx.value(
        "SELECT true FROM roles WHERE person_id = $1 AND member_id = $2 AND ended_at IS NULL",
        person_id,
        actor.member_id,
    )
    if not acts:
        raise NotFound
    actor = require_person(tx.authorise())
    return await write(tx, person_id, actor.member, paper, by=actor.person_id)


async def write(
    tx: Transaction, person_id: UUID, member_id: UUID, paper: Paper, *, by: UUID
) -> UUID:
    """Writes a checked paper; who may, has been asked before."""
    power_id = tx.new_id("power")
    await tx.execute(
        "INSERT INTO powers (id, person_id, member_id, kind, number, issued_on, valid_from,"
        " valid_to, recorded_at, recorded_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        power_id,
        person_id,
        member_id,
        paper.kind,
        paper.number,
        paper.issued_on,
        paper.valid_from,
        paper.valid_to,
        tx.now,
        by,
    )
    tx.note(
        "power.recorded",
        power_id,
        after={
            "person_id": person_id,
            "kind": paper.kind,
            "valid_from": paper.valid_from,
            "valid_to": paper.valid_to,
        },
    )
    return power_id


async def revoke(tx: Transaction, power_id: UUID) -> None:
    """Powers of one of the own people end at once, once; what they signed stands."""
    row = await tx.row("SELECT * FROM powers WHERE id = $1 FOR UPDATE", power_id)
    if row is None or tx.actor is None or tx.actor.member_id != row["member_id"]:
        raise NotFound
    require_person(tx.authorise())
    today = moscow_date(tx.now)
    is_past = row["valid_to"] is not None and row["valid_to"] < today
    if row["revoked_at"] is not None or is_past:
        raise PowerIsOver
    await tx.execute("UPDATE powers SET revoked_at = $2 WHERE id = $1", power_id, tx.now)
    tx.note("power.revoked", power_id, after={"person_id": row["person_id"]})


async def set_rule(tx: Transaction, member_id: UUID, required_from: date | None) -> None:
    """The member asks for powers on record from that day on, or no more."""
    if tx.actor is None or tx.actor.member_id != member_id:
        raise NotFound
    before = await _locked_rule(tx, member_id)
    actor = require_person(tx.authorise())
    today = moscow_date(tx.now)
    rows = await _powers(tx, member_id)
    then = max(required_from, today) if required_from is not None else today
    check_rule(
        before,
        required_from,
        today,
        signers_then=len(signers(rows, then)),
        may_sign=actor.person_id in signers(rows, today),
    )
    if required_from == before:
        return
    await tx.execute(
        "UPDATE members SET powers_required_from = $2 WHERE id = $1", member_id, required_from
    )
    tx.note(
        "signing_rule.set",
        member_id,
        before={"powers_required_from": before},
        after={"powers_required_from": required_from},
    )


async def require_may_sign(tx: Transaction, actor: Actor) -> None:
    """Raises MayNotSign for one who may not sign for the member that they act for, today.

    No program signs: raises ProgramMayNot.
    """
    require_person(actor)
    required_from = await tx.value(
        "SELECT powers_required_from FROM members WHERE id = $1", actor.member
    )
    if required_from is None:
        return
    today = moscow_date(tx.now)
    may = actor.person_id in signers(await _powers(tx, actor.member), today)
    require(required_from, may, today)


async def signers_on(tx: Transaction, member_id: UUID, day: date) -> set[UUID]:
    """Who may sign for the member on that day, as it stands now."""
    return signers(await _powers(tx, member_id), day)


async def _powers(tx: Transaction, member_id: UUID) -> list[Any]:
    return await tx.fetch(
        "SELECT person_id, valid_from, valid_to, revoked_at FROM powers WHERE member_id = $1",
        member_id,
    )


async def _locked_rule(tx: Transaction, member_id: UUID) -> date | None:
    row = await tx.row(
        "SELECT powers_required_from FROM members WHERE id = $1 FOR UPDATE", member_id
    )
    if row is None:
        raise NotFound
    found: date | None = row["powers_required_from"]
    return found
