"""Reports on items of the annual plan: made by who answers for them, accepted or returned."""

from typing import Any
from uuid import UUID

from contracts.council import PlanItemAccepted, PlanItemReported, PlanItemReturned
from services.council.commands.plans import status_of, taken
from services.council.commands.seating import require_office
from services.council.domain.plan import (
    NothingIsInForce,
    NotYourItem,
    PlanStatus,
    in_force_number,
)
from services.council.domain.plan_items import Content
from services.council.domain.plan_reports import Fact, Report, check_report, require_waiting
from services.council.queries.plan_rows import moves_of
from services.council.records.plans import content_of, report_of
from shared.database import Transaction
from shared.refusal import NotFound
from shared.russia.calendar import moscow_date


async def report(tx: Transaction, item_id: UUID, fact: Fact) -> UUID:
    """The member that answers for an item in force says what came of it; returns the report's id."""
    plan, content, last = await _item(tx, item_id)
    actor = tx.authorise()
    if actor.member_id != content.responsible_member_id:
        raise NotYourItem
    moved_until = (await moves_of(tx, plan["id"])).get(item_id)
    later = check_report(content, fact, last, moved_until)
    report_id = tx.new_id("plan_report")
    await tx.execute(
        "INSERT INTO plan_reports (id, item_id, plan_id, outcome, words, reason, fact_value,"
        " fact_count, spent_kopecks, moved_to, moved_until, reported_at, reported_by, status)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'submitted')",
        report_id,
        item_id,
        plan["id"],
        fact.outcome,
        fact.words,
        fact.reason,
        fact.fact_value,
        fact.fact_count,
        fact.spent_kopecks,
        fact.moved_to,
        later,
        tx.now,
        actor.person_id,
    )
    tx.record(
        PlanItemReported(
            item_id=item_id,
            plan_id=plan["id"],
            report_id=report_id,
            outcome=fact.outcome.value,
            spent_kopecks=fact.spent_kopecks,
            moved_until_on=later,
        ),
        after={"outcome": fact.outcome, "fact_value": fact.fact_value},
    )
    return report_id


async def accept_report(tx: Transaction, item_id: UUID) -> None:
    """The secretary accepts what was reported of an item."""
    plan, content, last = await _item(tx, item_id)
    await require_office(tx)
    waiting = require_waiting(last)
    await _answer(tx, waiting, "accepted", None)
    tx.record(
        PlanItemAccepted(
            item_id=item_id,
            plan_id=plan["id"],
            report_id=waiting.id,
            outcome=waiting.outcome.value,
            responsible_member_id=content.responsible_member_id,
        ),
        after={"outcome": waiting.outcome},
    )


async def return_report(tx: Transaction, item_id: UUID, reason: str) -> None:
    """The secretary returns what was reported of an item, with the reason."""
    plan, content, last = await _item(tx, item_id)
    await require_office(tx)
    waiting = require_waiting(last)
    await _answer(tx, waiting, "returned", reason)
    tx.record(
        PlanItemReturned(
            item_id=item_id,
            plan_id=plan["id"],
            report_id=waiting.id,
            responsible_member_id=content.responsible_member_id,
        ),
        after={"is_returned": True},
    )


async def _item(tx: Transaction, item_id: UUID) -> tuple[Any, Content, Report | None]:
    """The plan, locked, what the item says in the version in force, and its newest report."""
    plan_id: UUID | None = await tx.value("SELECT plan_id FROM plan_items WHERE id = $1", item_id)
    if plan_id is None:
        raise NotFound
    plan, versions = await taken(tx, plan_id)
    if status_of(plan, versions, tx) is not PlanStatus.IN_FORCE:
        raise NothingIsInForce
    line = await tx.row(
        "SELECT * FROM plan_lines WHERE item_id = $1 AND number = $2 AND refused_at IS NULL",
        item_id,
        in_force_number(versions, moscow_date(tx.now)),
    )
    if line is None:
        raise NothingIsInForce("This item is not part of the plan in force.")
    row = await tx.row(
        "SELECT * FROM plan_reports WHERE item_id = $1 ORDER BY reported_at DESC, id DESC LIMIT 1",
        item_id,
    )
    return plan, content_of(line), None if row is None else report_of(row)


async def _answer(tx: Transaction, waiting: Report, status: str, answer: str | None) -> None:
    await tx.execute(
        "UPDATE plan_reports SET status = $2, answered_at = $3, answered_by = $4, answer = $5"
        " WHERE id = $1",
        waiting.id,
        status,
        tx.now,
        tx.authorise().person_id,
        answer,
    )
