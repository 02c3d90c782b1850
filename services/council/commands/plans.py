"""The annual plan: opened, collected, agreed by the head, approved, amended, closed (R6.2, R6.3)."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg

from contracts.council import (
    PlanAgreed,
    PlanAmended,
    PlanApproved,
    PlanCollecting,
    PlanEnteredForce,
    PlanItemDropped,
    PlanItemScheduled,
    PlanReopened,
    PlanReported,
)
from services.council.commands.seating import is_head, require_office
from services.council.domain.composition import NoSeat, SecretaryIsSeated
from services.council.domain.plan import (
    AmendmentIsOpen,
    NothingIsInForce,
    PlanExists,
    PlanStatus,
    UnknownPlan,
    Version,
    agree,
    approve,
    changes,
    check_year,
    collect,
    digest,
    drop,
    in_force_number,
    open_version,
    plan_status,
    reopen,
    require_may_amend,
)
from services.council.domain.plan_items import (
    Content,
    NamedMemberTakesNoPart,
    named_members,
    payer_of,
    read_period,
)
from services.council.domain.plan_reports import ItemsAreOpen, is_settled
from services.council.queries.members import members_on
from services.council.queries.plan_rows import (
    consents_of,
    last_reports_of,
    lines_of,
    versions_of,
)
from shared.database import Transaction
from shared.etag import expect
from shared.refusal import NotFound
from shared.russia.calendar import moscow_date

TAKEN_AT_ONCE = 20

# --- who -----------------------------------------------------------------------------------------


async def keeps_plan(tx: Transaction) -> bool:
    """Whether the actor does the council's office work today (R6.1)."""
    try:
        await require_office(tx)
    except (NoSeat, SecretaryIsSeated):
        return False
    return True


# --- the two steps -------------------------------------------------------------------------------


async def open_plan(tx: Transaction, year: int) -> UUID:
    """The secretary opens the plan of a year; nothing is asked of anybody yet."""
    actor = tx.authorise()
    await require_office(tx)
    check_year(year, moscow_date(tx.now))
    plan_id = tx.new_id("plan")
    try:
        await tx.execute(
            "INSERT INTO plans (id, year, opened_at, opened_by, version)"
            " VALUES ($1, $2, $3, $4, 1)",
            plan_id,
            year,
            tx.now,
            actor.person_id,
        )
    except asyncpg.UniqueViolationError:
        raise PlanExists(year=year) from None
    await _open_version(tx, plan_id, 1, None)
    tx.note("plan.opened", plan_id, after={"year": year})
    return plan_id


async def collect_items(
    tx: Transaction, plan_id: UUID, until: date | None, if_match: str | None = None
) -> None:
    """The secretary asks all members for items; asked again, another last day is set."""
    plan, versions = await taken(tx, plan_id)
    await require_office(tx)
    expect(if_match, plan["version"])
    version = collect(open_version(versions), until, tx.now, moscow_date(tx.now))
    await _write(tx, plan_id, version)
    tx.record(
        PlanCollecting(plan_id=plan_id, year=plan["year"], number=version.number, until_on=until),
        after={"collect_until": until},
    )


async def agree_to_plan(tx: Transaction, plan_id: UUID, read_sha256: str) -> None:
    """The head agrees to the text that was read (R6.3)."""
    plan, versions = await taken(tx, plan_id)
    actor = tx.authorise()
    if not await is_head(tx):
        raise NoSeat
    waiting = open_version(versions)
    lines = await lines_of(tx, plan_id, waiting.number) if waiting else {}
    consents = await consents_of(tx, plan_id, waiting.number) if waiting else {}
    version = agree(
        waiting,
        read_sha256=read_sha256,
        sha256=digest(lines),
        items=len(lines),
        without_consent=sum(
            1 for item_id, line in lines.items() if named_members(line) - consents[item_id]
        ),
        now=tx.now,
    )
    await require_take_part(tx, *lines.values())
    await _write(tx, plan_id, version, agreed_by=actor.person_id)
    tx.record(
        PlanAgreed(
            plan_id=plan_id,
            year=plan["year"],
            number=version.number,
            sha256=str(version.agreed_sha256),
            agreed_on=moscow_date(tx.now),
        ),
        after={"agreed_sha256": version.agreed_sha256},
    )


async def carry_out_approval(
    tx: Transaction, *, plan_id: UUID | None, decision_id: UUID, sha256: str | None = None
) -> None:
    """Carries out a decision `approve_plan` of the council (R6.2), whoever closes the vote.

    `sha256` is the text that lay before the council, where the decision names it. Raises
    UnknownPlan, PlanIsNotAgreed, PlanHasChanged, and has changed nothing then.
    """
    if plan_id is None:
        raise UnknownPlan
    plan = await _row(tx, plan_id)
    if plan is None:
        raise UnknownPlan
    waiting = open_version(await versions_of(tx, plan_id))
    lines = await lines_of(tx, plan_id, waiting.number) if waiting else {}
    today = moscow_date(tx.now)
    version = approve(
        waiting,
        year=plan["year"],
        sha256=digest(lines),
        decided_sha256=sha256,
        decision_id=decision_id,
        today=today,
    )
    await _write(tx, plan_id, version)
    assert version.in_force_on is not None
    tx.record(
        PlanApproved(
            plan_id=plan_id,
            year=plan["year"],
            number=version.number,
            decision_id=decision_id,
            approved_on=today,
            in_force_on=version.in_force_on,
        ),
        after={"decision_id": decision_id, "in_force_on": version.in_force_on},
    )
    if version.in_force_on <= today:
        await _enter(tx, plan_id, plan["year"], version.number, version.in_force_on)


async def enter_force(tx: Transaction) -> int:
    """Tells of versions whose day has come; that they are in force holds by the date alone."""
    rows = await tx.fetch(
        "SELECT plan_id, year, number, in_force_on FROM plan_versions"
        " JOIN plans ON plans.id = plan_id"
        " WHERE in_force_on <= $1 AND entered_at IS NULL"
        " ORDER BY plan_id, number LIMIT $2 FOR UPDATE OF plan_versions SKIP LOCKED",
        moscow_date(tx.now),
        TAKEN_AT_ONCE,
    )
    for row in rows:
        await _enter(tx, *row)
    return len(rows)


async def _enter(tx: Transaction, plan_id: UUID, year: int, number: int, in_force_on: date) -> None:
    """The version is what the cluster works by; what it changes is told item by item."""
    replaced: int | None = await tx.value(
        "SELECT max(number) FROM plan_versions"
        " WHERE plan_id = $1 AND number < $2 AND entered_at IS NOT NULL",
        plan_id,
        number,
    )
    after = await lines_of(tx, plan_id, number)
    before = await lines_of(tx, plan_id, replaced) if replaced is not None else {}
    await tx.execute(
        "UPDATE plan_versions SET entered_at = $3 WHERE plan_id = $1 AND number = $2",
        plan_id,
        number,
        tx.now,
    )
    found = changes(before, after)
    tx.record(
        PlanEnteredForce(plan_id=plan_id, year=year, number=number, in_force_on=in_force_on),
        after={"number": number},
    )
    if replaced is not None:
        tx.record(
            PlanAmended(
                plan_id=plan_id,
                year=year,
                number=number,
                replaced_number=replaced,
                added_ids=found.added,
                changed_ids=tuple(found.changed),
                removed_ids=found.removed,
            ),
            before={"number": replaced},
            after={"number": number},
        )
    for item_id in (*found.added, *found.changed):
        tx.record(_scheduled(plan_id, number, item_id, after[item_id]))
    for item_id in found.removed:
        tx.record(PlanItemDropped(item_id=item_id, plan_id=plan_id, number=number))


def _scheduled(plan_id: UUID, number: int, item_id: UUID, content: Content) -> PlanItemScheduled:
    period = read_period(content.period)
    return PlanItemScheduled(
        item_id=item_id,
        plan_id=plan_id,
        number=number,
        section=content.section.value,
        first_on=period.first_on,
        last_on=period.last_on,
        responsible_member_id=content.responsible_member_id,
        co_executor_ids=content.co_executor_ids,
        payer_member_id=payer_of(content),
        source=None if content.source is None else content.source.value,
        amount_kopecks=content.amount_kopecks,
    )


# --- amendments ----------------------------------------------------------------------------------


async def amend(tx: Transaction, plan_id: UUID, reason: str, until: date | None) -> None:
    """The secretary opens another version, which begins as the newest one that was approved."""
    plan, versions = await taken(tx, plan_id)
    await require_office(tx)
    base = require_may_amend(versions, status_of(plan, versions, tx))
    number = max(version.number for version in versions) + 1
    await _open_version(tx, plan_id, number, reason)
    await tx.execute(
        "INSERT INTO plan_lines (item_id, plan_id, number, first_on, last_on, section, title, form,"
        " period, responsible_member_id, responsible_person_id, co_executor_ids, audience,"
        " planned_count, place, result, indicator, unit, planned_value, source, amount_kopecks,"
        " payer_member_id, basis, revision)"
        " SELECT item_id, plan_id, $3, first_on, last_on, section, title, form, period,"
        " responsible_member_id, responsible_person_id, co_executor_ids, audience, planned_count,"
        " place, result, indicator, unit, planned_value, source, amount_kopecks, payer_member_id,"
        " basis, 1 FROM plan_lines WHERE plan_id = $1 AND number = $2 AND refused_at IS NULL",
        plan_id,
        base.number,
        number,
    )
    await tx.execute(
        "INSERT INTO plan_consents (item_id, number, member_id, is_given, answered_at, answered_by)"
        " SELECT given.item_id, $3, member_id, is_given, answered_at, answered_by"
        " FROM plan_consents given JOIN plan_lines line ON line.item_id = given.item_id"
        " AND line.number = given.number WHERE line.plan_id = $1 AND line.number = $2"
        " AND line.refused_at IS NULL AND is_given",
        plan_id,
        base.number,
        number,
    )
    [opened] = [version for version in await versions_of(tx, plan_id) if version.number == number]
    version = collect(opened, until, tx.now, moscow_date(tx.now))
    await _write(tx, plan_id, version)
    tx.record(
        PlanCollecting(plan_id=plan_id, year=plan["year"], number=number, until_on=until),
        after={"number": number},
    )


async def drop_amendment(tx: Transaction, plan_id: UUID, if_match: str | None = None) -> None:
    """The secretary gives an amendment up; what is in force stays."""
    plan, versions = await taken(tx, plan_id)
    await require_office(tx)
    expect(if_match, plan["version"])
    version = drop(open_version(versions), tx.now)
    await tx.execute(
        "UPDATE plan_versions SET dropped_at = $3 WHERE plan_id = $1 AND number = $2",
        plan_id,
        version.number,
        tx.now,
    )
    await _bump(tx, plan_id)
    tx.note("plan.amendment_dropped", plan_id, after={"number": version.number})


async def reopen_if_agreed(tx: Transaction, plan: Any, version: Version) -> None:
    """Before something in a version is changed: an agreement to another text is none (R6.3)."""
    await _bump(tx, plan["id"])
    if version.agreed_at is None:
        return
    await _write(tx, plan["id"], reopen(version))
    tx.record(
        PlanReopened(plan_id=plan["id"], year=plan["year"], number=version.number),
        before={"agreed_sha256": version.agreed_sha256},
        after={"agreed_sha256": None},
    )


# --- the end -------------------------------------------------------------------------------------


async def close_plan(tx: Transaction, plan_id: UUID, if_match: str | None = None) -> None:
    """The secretary closes the reporting, once every item has a report that was accepted."""
    plan, versions = await taken(tx, plan_id)
    await require_office(tx)
    expect(if_match, plan["version"])
    number = in_force_number(versions, moscow_date(tx.now))
    if status_of(plan, versions, tx) is not PlanStatus.IN_FORCE or number is None:
        raise NothingIsInForce
    if open_version(versions) is not None:
        raise AmendmentIsOpen
    reports = await last_reports_of(tx, plan_id)
    still_open = [
        item_id
        for item_id in await lines_of(tx, plan_id, number)
        if not is_settled(reports.get(item_id), plan["year"])
    ]
    if still_open:
        raise ItemsAreOpen(items=len(still_open))
    await tx.execute("UPDATE plans SET reported_at = $2 WHERE id = $1", plan_id, tx.now)
    await _bump(tx, plan_id)
    tx.record(PlanReported(plan_id=plan_id, year=plan["year"]), after={"is_reported": True})


async def archive_plan(tx: Transaction, plan_id: UUID, if_match: str | None = None) -> None:
    """The secretary lays a plan that was reported on aside."""
    plan, versions = await taken(tx, plan_id)
    await require_office(tx)
    expect(if_match, plan["version"])
    if status_of(plan, versions, tx) is not PlanStatus.REPORTED:
        raise NothingIsInForce("Only a plan that was reported on is laid aside.")
    await tx.execute("UPDATE plans SET archived_at = $2 WHERE id = $1", plan_id, tx.now)
    await _bump(tx, plan_id)
    tx.note("plan.archived", plan_id, after={"is_archived": True})


# --- rows ----------------------------------------------------------------------------------------


async def taken(tx: Transaction, plan_id: UUID) -> tuple[Any, Sequence[Version]]:
    """The plan, locked, so that its steps come one after another, and its versions.

    Raises NotFound, then RoleIsMissing.
    """
    plan = await _row(tx, plan_id)
    if plan is None:
        raise NotFound
    tx.authorise()
    return plan, await versions_of(tx, plan_id)


def status_of(plan: Mapping[str, Any], versions: Sequence[Version], tx: Transaction) -> PlanStatus:
    """Where the plan stands today."""
    return plan_status(versions, moscow_date(tx.now), plan["reported_at"], plan["archived_at"])


async def require_take_part(tx: Transaction, *contents: Content) -> None:
    """Raises NamedMemberTakesNoPart unless everybody who is named is a member today."""
    known = set(await members_on(tx, moscow_date(tx.now)))
    strangers = {member for content in contents for member in named_members(content)} - known
    if strangers:
        raise NamedMemberTakesNoPart(member_ids=sorted(strangers))


async def _row(tx: Transaction, plan_id: UUID) -> Any:
    return await tx.row("SELECT * FROM plans WHERE id = $1 FOR UPDATE", plan_id)


async def _open_version(tx: Transaction, plan_id: UUID, number: int, reason: str | None) -> None:
    actor = tx.authorise()
    await tx.execute(
        "INSERT INTO plan_versions (plan_id, number, reason, opened_at, opened_by)"
        " VALUES ($1, $2, $3, $4, $5)",
        plan_id,
        number,
        reason,
        tx.now,
        actor.person_id,
    )


async def _write(
    tx: Transaction, plan_id: UUID, version: Version, agreed_by: UUID | None = None
) -> None:
    await tx.execute(
        "UPDATE plan_versions SET collecting_at = $3, collect_until = $4, agreed_at = $5,"
        " agreed_by = CASE WHEN $5::timestamptz IS NULL THEN NULL ELSE coalesce($6, agreed_by) END,"
        " agreed_sha256 = $7, decision_id = $8, approved_on = $9, in_force_on = $10"
        " WHERE plan_id = $1 AND number = $2",
        plan_id,
        version.number,
        version.collecting_at,
        version.collect_until,
        version.agreed_at,
        agreed_by,
        version.agreed_sha256,
        version.decision_id,
        version.approved_on,
        version.in_force_on,
    )
    await _bump(tx, plan_id)


async def _bump(tx: Transaction, plan_id: UUID) -> None:
    await tx.execute("UPDATE plans SET version = version + 1 WHERE id = $1", plan_id)
