"""Items of the annual plan: put forward, mended, left out, consented to (R6.2, R7.2)."""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from contracts.council import PlanItemNamed, PlanItemRefused
from services.council.commands.plans import (
    keeps_plan,
    reopen_if_agreed,
    require_take_part,
    taken,
)
from services.council.commands.seating import require_office
from services.council.domain.plan import (
    ITEMS_MAX,
    ItemIsRefused,
    NotCollecting,
    NotYourItem,
    PlanIsFull,
    Version,
    open_version,
    require_takes_items,
)
from services.council.domain.plan_items import (
    Content,
    Period,
    check_content,
    consents_that_stand,
    named_members,
    require_named,
)
from services.council.records.plans import CONTENT, content_of, values_of
from shared.database import Transaction
from shared.etag import expect
from shared.identity import Role
from shared.refusal import NotFound
from shared.russia.calendar import moscow_date


async def propose(tx: Transaction, plan_id: UUID, content: Content) -> UUID:
    """Any member puts an item forward while items are collected; the secretary until the approval.

    Who puts it forward has consented by that; the others whom it names are asked (R7.2).
    """
    plan, versions = await taken(tx, plan_id)
    version = await _require_takes_items(tx, open_version(versions))
    period = check_content(content, plan["year"])
    await require_take_part(tx, content)
    count: int = await tx.value(
        "SELECT count(*) FROM plan_lines WHERE plan_id = $1 AND number = $2",
        plan_id,
        version.number,
    )
    if count >= ITEMS_MAX:
        raise PlanIsFull(items_max=ITEMS_MAX)
    await reopen_if_agreed(tx, plan, version)
    item_id = tx.new_id("plan_item")
    await tx.execute(
        "INSERT INTO plan_items (id, plan_id, proposed_by_member_id, proposed_by, proposed_at)"
        " VALUES ($1, $2, $3, $4, $5)",
        item_id,
        plan_id,
        _own(tx),
        tx.authorise().person_id,
        tx.now,
    )
    await tx.execute(
        "INSERT INTO plan_lines (item_id, plan_id, number, first_on, last_on, section, title, form,"
        " period, responsible_member_id, responsible_person_id, co_executor_ids, audience,"
        " planned_count, place, result, indicator, unit, planned_value, source, amount_kopecks,"
        " payer_member_id, basis, revision)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,"
        " $19, $20, $21, $22, $23, 1)",
        item_id,
        plan_id,
        version.number,
        period.first_on,
        period.last_on,
        *values_of(content),
    )
    own = _own(tx)
    given = {own} & named_members(content) if own is not None else set()
    for member_id in given:
        await _answer(tx, item_id, version.number, member_id, None)
    tx.note("plan_item.proposed", item_id, after={"plan_id": plan_id, **_facts(content)})
    _ask(tx, plan_id, version.number, item_id, named_members(content) - given)
    return item_id


async def edit(
    tx: Transaction, item_id: UUID, content: Content, if_match: str | None = None
) -> None:
    """Mends an item: who put it forward or answers for it, or the secretary (R6.2).

    What was left out is part of the plan again. Whom the change commits to something else is
    asked anew (R7.2), and the head as well, if he had agreed (R6.3).
    """
    plan, version, line = await _line(tx, item_id)
    version = await _require_takes_items(tx, version)
    if line is None:
        raise NotCollecting
    before = content_of(line)
    await _require_own(tx, item_id, before)
    expect(if_match, line["revision"])
    period = check_content(content, plan["year"])
    await require_take_part(tx, content)
    if content == before and line["refused_at"] is None:
        return
    await reopen_if_agreed(tx, plan, version)
    await _write(tx, item_id, version.number, content, period)
    given = [
        row["member_id"]
        for row in await tx.fetch(
            "SELECT member_id FROM plan_consents WHERE item_id = $1 AND number = $2 AND is_given",
            item_id,
            version.number,
        )
    ]
    stands = consents_that_stand(before, content, given, _own(tx))
    await tx.execute(
        "DELETE FROM plan_consents WHERE item_id = $1 AND number = $2 AND member_id <> ALL ($3)",
        item_id,
        version.number,
        list(stands),
    )
    for member_id in stands - set(given):
        await _answer(tx, item_id, version.number, member_id, None)
    tx.note("plan_item.edited", item_id, before=_facts(before), after=_facts(content))
    _ask(tx, plan["id"], version.number, item_id, named_members(content) - stands)


async def refuse(tx: Transaction, item_id: UUID, reason: str, if_match: str | None = None) -> None:
    """The secretary leaves an item out of the version on its way; the reason is kept."""
    plan, version, line = await _line(tx, item_id)
    await require_office(tx)
    if version is None or line is None:
        raise NotCollecting
    expect(if_match, line["revision"])
    if line["refused_at"] is not None:
        raise ItemIsRefused
    await reopen_if_agreed(tx, plan, version)
    await tx.execute(
        "UPDATE plan_lines SET refused_at = $3, refusal = $4, revision = revision + 1"
        " WHERE item_id = $1 AND number = $2",
        item_id,
        version.number,
        tx.now,
        reason,
    )
    tx.record(
        PlanItemRefused(
            item_id=item_id,
            plan_id=plan["id"],
            number=version.number,
            proposed_by_member_id=await tx.value(
                "SELECT proposed_by_member_id FROM plan_items WHERE id = $1", item_id
            ),
        ),
        after={"is_refused": True},
    )


async def consent(tx: Transaction, item_id: UUID, if_match: str | None = None) -> None:
    """A member that an item names says yes to it, for itself alone (R7.2)."""
    await _decide(tx, item_id, None, if_match)


async def decline(tx: Transaction, item_id: UUID, reason: str, if_match: str | None = None) -> None:
    """A member that an item names says no to it, also after a yes, until the council approves."""
    await _decide(tx, item_id, reason, if_match)


async def _decide(tx: Transaction, item_id: UUID, reason: str | None, if_match: str | None) -> None:
    plan, version, line = await _line(tx, item_id)
    member_id = tx.authorise().member
    if version is None or line is None:
        raise NotCollecting
    require_named(content_of(line), member_id)
    expect(if_match, line["revision"])
    if line["refused_at"] is not None:
        raise ItemIsRefused
    if reason is not None:
        await reopen_if_agreed(tx, plan, version)
    await _answer(tx, item_id, version.number, member_id, reason)
    tx.note(
        "plan_item.consented" if reason is None else "plan_item.declined",
        item_id,
        after={"member_id": member_id, "number": version.number},
    )


# --- who -----------------------------------------------------------------------------------------


def _own(tx: Transaction) -> UUID | None:
    """The member for which the actor may commit something: none for the council's secretary."""
    actor = tx.authorise()
    return actor.member_id if Role.COORDINATOR in actor.roles else None


async def _require_takes_items(tx: Transaction, version: Version | None) -> Version:
    if _own(tx) is None:
        await require_office(tx)
    return require_takes_items(version, moscow_date(tx.now), keeps_plan=await keeps_plan(tx))


async def _require_own(tx: Transaction, item_id: UUID, content: Content) -> None:
    if await keeps_plan(tx):
        return
    proposer: UUID | None = await tx.value(
        "SELECT proposed_by_member_id FROM plan_items WHERE id = $1", item_id
    )
    if _own(tx) not in (proposer, content.responsible_member_id):
        raise NotYourItem


# --- rows ----------------------------------------------------------------------------------------


async def _line(tx: Transaction, item_id: UUID) -> tuple[Any, Version | None, Any]:
    """The item's plan, locked, the version on its way, and the item's line in it."""
    plan_id: UUID | None = await tx.value("SELECT plan_id FROM plan_items WHERE id = $1", item_id)
    if plan_id is None:
        raise NotFound
    plan, versions = await taken(tx, plan_id)
    version = open_version(versions)
    line = await tx.row(
        "SELECT * FROM plan_lines WHERE item_id = $1 AND number = $2",
        item_id,
        version.number if version else 0,
    )
    return plan, version, line


async def _write(
    tx: Transaction, item_id: UUID, number: int, content: Content, period: Period
) -> None:
    await tx.execute(
        "UPDATE plan_lines SET first_on = $3, last_on = $4, section = $5, title = $6, form = $7,"
        " period = $8, responsible_member_id = $9, responsible_person_id = $10,"
        " co_executor_ids = $11, audience = $12, planned_count = $13, place = $14, result = $15,"
        " indicator = $16, unit = $17, planned_value = $18, source = $19, amount_kopecks = $20,"
        " payer_member_id = $21, basis = $22, refused_at = NULL, refusal = NULL,"
        " revision = revision + 1 WHERE item_id = $1 AND number = $2",
        item_id,
        number,
        period.first_on,
        period.last_on,
        *values_of(content),
    )


async def _answer(
    tx: Transaction, item_id: UUID, number: int, member_id: UUID, reason: str | None
) -> None:
    await tx.execute(
        "INSERT INTO plan_consents (item_id, number, member_id, is_given, reason, answered_at,"
        " answered_by) VALUES ($1, $2, $3, $4, $5, $6, $7)"
        " ON CONFLICT (item_id, number, member_id) DO UPDATE SET is_given = excluded.is_given,"
        " reason = excluded.reason, answered_at = excluded.answered_at,"
        " answered_by = excluded.answered_by",
        item_id,
        number,
        member_id,
        reason is None,
        reason,
        tx.now,
        tx.authorise().person_id,
    )


def _ask(
    tx: Transaction, plan_id: UUID, number: int, item_id: UUID, member_ids: Collection[UUID]
) -> None:
    if member_ids:
        tx.record(
            PlanItemNamed(
                item_id=item_id,
                plan_id=plan_id,
                number=number,
                member_ids=tuple(sorted(member_ids)),
            )
        )


def _facts(content: Content) -> dict[str, Any]:
    """What the audit keeps of an item: no text that people wrote."""
    kept: tuple[type, ...] = (UUID, int, date)
    facts = {name: getattr(content, name) for name in CONTENT}
    return {
        name: value
        for name, value in facts.items()
        if isinstance(value, kept) or name in ("section", "period", "source", "co_executor_ids")
    }
