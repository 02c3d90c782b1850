"""Facts of the annual plan, as its commands and queries need them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from services.council.domain.plan import Version, in_force_number, open_version
from services.council.domain.plan_items import Content
from services.council.domain.plan_reports import Report
from services.council.records.plans import content_of, report_of, version_of
from shared.database import Transaction
from shared.refusal import NotFound


async def versions_of(tx: Transaction, plan_id: UUID) -> Sequence[Version]:
    """All versions of a plan, the first one first."""
    rows = await tx.fetch("SELECT * FROM plan_versions WHERE plan_id = $1 ORDER BY number", plan_id)
    return [version_of(row) for row in rows]


async def lines_of(tx: Transaction, plan_id: UUID, number: int) -> dict[UUID, Content]:
    """What a version says, by item; what the secretary has left out is no part of it."""
    rows = await tx.fetch(
        "SELECT * FROM plan_lines WHERE plan_id = $1 AND number = $2 AND refused_at IS NULL"
        " ORDER BY item_id",
        plan_id,
        number,
    )
    return {row["item_id"]: content_of(row) for row in rows}


async def consents_of(
    tx: Transaction, plan_id: UUID, number: int
) -> Mapping[UUID, frozenset[UUID]]:
    """Who has consented to which item of a version."""
    rows = await tx.fetch(
        "SELECT item_id, member_id FROM plan_consents JOIN plan_lines USING (item_id, number)"
        " WHERE plan_id = $1 AND number = $2 AND is_given",
        plan_id,
        number,
    )
    found: dict[UUID, frozenset[UUID]] = defaultdict(frozenset)
    for row in rows:
        found[row["item_id"]] |= {row["member_id"]}
    return found


async def last_reports_of(tx: Transaction, plan_id: UUID) -> dict[UUID, Report]:
    """The newest report on each item that has one."""
    rows = await tx.fetch(
        "SELECT DISTINCT ON (item_id) * FROM plan_reports WHERE plan_id = $1"
        " ORDER BY item_id, reported_at DESC, id DESC",
        plan_id,
    )
    return {row["item_id"]: report_of(row) for row in rows}


async def moves_of(tx: Transaction, plan_id: UUID) -> dict[UUID, date]:
    """Until when each item was moved that was, by the last report on that which was accepted."""
    rows = await tx.fetch(
        "SELECT DISTINCT ON (item_id) item_id, moved_until FROM plan_reports"
        " WHERE plan_id = $1 AND status = 'accepted' AND moved_until IS NOT NULL"
        " ORDER BY item_id, reported_at DESC, id DESC",
        plan_id,
    )
    return {row["item_id"]: row["moved_until"] for row in rows}


async def plan_row(tx: Transaction, plan_id: UUID) -> Any:
    """A plan; raises NotFound."""
    row = await tx.row("SELECT * FROM plans WHERE id = $1", plan_id)
    if row is None:
        raise NotFound
    return row


def shown_number(versions: Sequence[Version], today: date) -> int:
    """The version that people mean by the plan: on its way, else in force, else the newest."""
    waiting = open_version(versions)
    if waiting is not None:
        return waiting.number
    approved = [version.number for version in versions if version.decision_id is not None]
    return in_force_number(versions, today) or max(approved)
