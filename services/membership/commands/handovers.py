"""Handing over when somebody leaves: roles and powers go to another person from a day on, in one act."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from services.membership.commands import powers
from services.membership.commands.accounts import lock_member, roles_held, write_roles
from services.membership.domain.accounts import COUNCIL_ROLES
from services.membership.domain.api_keys import require_person
from services.membership.domain.powers import (
    HandoverIsOver,
    HandoverIsPlanned,
    HandoverIsWrong,
    Paper,
    PowerKind,
    check_follower,
    check_handover,
    check_paper,
    require_power,
)
from shared.database import Transaction
from shared.refusal import NotFound
from shared.russia.calendar import moscow_date

_DONE_AT_ONCE = 20


async def plan(
    tx: Transaction, *, from_id: UUID, to_id: UUID, from_on: date, paper: Paper | None
) -> UUID:
    """One of the own people hands all over to another from that day on; today, it is done at once.

    Roles in the council stay: they come from its seats. Returns the handover's id.
    """
    today = moscow_date(tx.now)
    check_handover(from_id, to_id, from_on, today)
    if paper is not None:
        paper = check_follower(check_paper(paper, at="body.power"), from_on)
    member_id = tx.actor.member_id if tx.actor is not None else None
    if member_id is None:
        raise NotFound
    await lock_member(tx, member_id)
    if not (await roles_held(tx, from_id)).get(member_id, frozenset()) - COUNCIL_ROLES:
        raise NotFound
    actor = require_person(tx.authorise())
    if not (await roles_held(tx, to_id)).get(member_id):
        raise HandoverIsWrong(
            "The one who takes over has to act for your member: invite them first.",
            at="body.to_person_id",
        )
    signers = await powers.signers_on(tx, member_id, from_on)
    require_power(leaver_signs=from_id in signers, follower_signs=to_id in signers, named=paper)
    handover_id = tx.new_id("handover")
    try:
        await tx.execute(
            "INSERT INTO handovers (id, member_id, from_id, to_id, from_on, power, made_at, made_by)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            handover_id,
            member_id,
            from_id,
            to_id,
            from_on,
            None if paper is None else _written(paper),
            tx.now,
            actor.person_id,
        )
    except asyncpg.UniqueViolationError:
        raise HandoverIsPlanned from None
    tx.note(
        "handover.planned",
        handover_id,
        after={"from_id": from_id, "to_id": to_id, "from_on": from_on},
    )
    if from_on <= today:
        row = await tx.row("SELECT * FROM handovers WHERE id = $1", handover_id)
        await _carry_out(tx, row)
    return handover_id


async def call_off(tx: Transaction, handover_id: UUID) -> None:
    """Nothing is handed over; raises HandoverIsOver once its day has come."""
    row = await tx.row("SELECT * FROM handovers WHERE id = $1 FOR UPDATE", handover_id)
    if row is None or tx.actor is None or tx.actor.member_id != row["member_id"]:
        raise NotFound
    require_person(tx.authorise())
    if row["outcome"] is not None:
        raise HandoverIsOver
    await _close(tx, handover_id, "called_off")


async def carry_out_handovers(tx: Transaction) -> int:
    """The day of a handover has come. Each is carried out once."""
    rows = await tx.fetch(
        "SELECT * FROM handovers WHERE outcome IS NULL AND from_on <= $1 ORDER BY from_on, id"
        " LIMIT $2 FOR UPDATE SKIP LOCKED",
        moscow_date(tx.now),
        _DONE_AT_ONCE,
    )
    for row in rows:
        await tx.execute("SELECT FROM members WHERE id = $1 FOR UPDATE", row["member_id"])
        await _carry_out(tx, row)
    return len(rows)


async def _carry_out(tx: Transaction, row: Any) -> None:
    """Roles and powers pass; where one of the two acts for the member no more, nothing does."""
    member_id, from_id, to_id = row["member_id"], row["from_id"], row["to_id"]
    leaver = (await roles_held(tx, from_id)).get(member_id, frozenset())
    follower = (await roles_held(tx, to_id)).get(member_id, frozenset())
    passed = leaver - COUNCIL_ROLES
    if not passed or not follower:
        await _close(tx, row["id"], "lapsed")
        return
    by: UUID = row["made_by"]
    if not passed <= follower:  # first, so that the member is never without a coordinator
        await write_roles(tx, to_id, member_id, before=follower, after=follower | passed, by=by)
    await write_roles(tx, from_id, member_id, before=leaver, after=leaver - passed, by=by)
    eve = row["from_on"] - timedelta(days=1)
    ended = await tx.fetch(
        "UPDATE powers SET valid_to = CASE WHEN valid_from <= $3 THEN $3 ELSE valid_to END,"
        " revoked_at = CASE WHEN valid_from <= $3 THEN NULL ELSE $4::timestamptz END"
        " WHERE person_id = $1 AND member_id = $2 AND revoked_at IS NULL"
        " AND coalesce(valid_to > $3, true) RETURNING id",
        from_id,
        member_id,
        eve,
        tx.now,
    )
    for power in ended:
        tx.note("power.handed_over", power["id"], after={"person_id": from_id})
    if row["power"] is not None:
        await powers.write(tx, to_id, member_id, _read(row["power"]), by=by)
    await _close(tx, row["id"], "done")


async def _close(tx: Transaction, handover_id: UUID, outcome: str) -> None:
    await tx.execute(
        "UPDATE handovers SET outcome = $2, closed_at = $3 WHERE id = $1",
        handover_id,
        outcome,
        tx.now,
    )
    tx.note(f"handover.{outcome}", handover_id)


def _written(paper: Paper) -> dict[str, str | None]:
    def text(day: date | None) -> str | None:
        return None if day is None else day.isoformat()

    return {
        "kind": paper.kind,
        "number": paper.number,
        "issued_on": text(paper.issued_on),
        "valid_from": text(paper.valid_from),
        "valid_to": text(paper.valid_to),
    }


def _read(kept: dict[str, str | None]) -> Paper:
    def day(name: str) -> date | None:
        text = kept[name]
        return None if text is None else date.fromisoformat(text)

    valid_from = day("valid_from")
    assert valid_from is not None  # it was written so
    kind = PowerKind(kept["kind"] or "")
    return Paper(kind, kept["number"], day("issued_on"), valid_from, day("valid_to"))
