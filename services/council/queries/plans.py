"""What may be looked up of the annual plan: the plan, its versions, what a version changed."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Literal
from uuid import UUID

from services.council.domain.plan import (
    Version,
    VersionStatus,
    changes,
    digest,
    in_force_number,
    open_version,
    plan_status,
    version_status,
    who_acts,
)
from services.council.domain.plan_items import Content, named_members
from services.council.queries.plan_rows import (
    consents_of,
    lines_of,
    plan_row,
    shown_number,
    versions_of,
)
from services.council.queries.plan_views import ChangeView, PlanItem, PlanView, VersionView
from services.council.records.plans import version_of
from shared.database import Transaction
from shared.paging import cut, place_of
from shared.refusal import NotFound
from shared.russia.calendar import moscow_date


async def plans(
    tx: Transaction, *, cursor: str | None, limit: int
) -> tuple[list[PlanItem], str | None]:
    """All plans, the latest year first."""
    tx.authorise()
    [before] = place_of(cursor, (_year,)) or [None]
    rows = await tx.fetch(
        "SELECT * FROM plans WHERE ($1::int IS NULL OR year < $1) ORDER BY year DESC LIMIT $2",
        before,
        limit + 1,
    )
    page, next_cursor = cut(rows, limit, lambda row: [row["year"]])
    versions: dict[UUID, list[Version]] = {row["id"]: [] for row in page}
    for row in await tx.fetch(
        "SELECT * FROM plan_versions WHERE plan_id = ANY ($1) ORDER BY number", list(versions)
    ):
        versions[row["plan_id"]].append(version_of(row))
    today = moscow_date(tx.now)
    return [_item(row, versions[row["id"]], today) for row in page], next_cursor


async def plan(tx: Transaction, plan_id: UUID) -> PlanView:
    """One plan; raises NotFound."""
    row = await plan_row(tx, plan_id)
    tx.authorise()
    today = moscow_date(tx.now)
    rows = await tx.fetch("SELECT * FROM plan_versions WHERE plan_id = $1 ORDER BY number", plan_id)
    versions = [version_of(found) for found in rows]
    in_force, waiting = in_force_number(versions, today), open_version(versions)
    shown = shown_number(versions, today)
    lines = await lines_of(tx, plan_id, shown)
    consents = await consents_of(tx, plan_id, shown)
    without = sum(1 for item_id, line in lines.items() if named_members(line) - consents[item_id])
    refused: int = await tx.value(
        "SELECT count(*) FROM plan_lines WHERE plan_id = $1 AND number = $2"
        " AND refused_at IS NOT NULL",
        plan_id,
        shown,
    )
    status = plan_status(versions, today, row["reported_at"], row["archived_at"])
    return PlanView(
        id=plan_id,
        year=row["year"],
        status=status,
        who_acts=who_acts(status, waiting, without_consent=without, items=len(lines)),
        in_force_number=in_force,
        waiting_number=waiting.number if waiting else None,
        shown_number=shown,
        sha256=digest(lines),
        items=len(lines),
        items_without_consent=without,
        items_refused=refused,
        reported_at=row["reported_at"],
        archived_at=row["archived_at"],
        versions=[
            _version(found, version, version_status(version, in_force))
            for found, version in zip(rows, versions, strict=True)
        ],
        version=row["version"],
    )


async def version_changes(tx: Transaction, plan_id: UUID, number: int | None) -> list[ChangeView]:
    """What a version changed of the approved one before it; the first one has added everything."""
    await plan_row(tx, plan_id)
    tx.authorise()
    versions = await versions_of(tx, plan_id)
    number = number or shown_number(versions, moscow_date(tx.now))
    if number not in {version.number for version in versions}:
        raise NotFound
    before_number = max(
        (v.number for v in versions if v.number < number and v.decision_id is not None),
        default=None,
    )
    after = await lines_of(tx, plan_id, number)
    before = await lines_of(tx, plan_id, before_number) if before_number is not None else {}
    found = changes(before, after)
    names = [name for name in Content.__dataclass_fields__]
    return [
        *(_change("added", i, None, after[i], names) for i in found.added),
        *(_change("changed", i, before[i], after[i], n) for i, n in found.changed.items()),
        *(_change("removed", i, before[i], None, names) for i in found.removed),
    ]


def _item(row: Any, versions: Sequence[Version], today: date) -> PlanItem:
    waiting = open_version(versions)
    return PlanItem(
        id=row["id"],
        year=row["year"],
        status=plan_status(versions, today, row["reported_at"], row["archived_at"]),
        in_force_number=in_force_number(versions, today),
        waiting_number=waiting.number if waiting else None,
    )


def _version(row: Any, version: Version, status: VersionStatus) -> VersionView:
    return VersionView(
        number=version.number,
        status=status,
        reason=row["reason"],
        opened_at=row["opened_at"],
        collect_until=version.collect_until,
        agreed_at=version.agreed_at,
        agreed_by=row["agreed_by"],
        agreed_sha256=version.agreed_sha256,
        decision_id=version.decision_id,
        approved_on=version.approved_on,
        in_force_on=version.in_force_on,
    )


def _change(
    change: Literal["added", "removed", "changed"],
    item_id: UUID,
    before: Content | None,
    after: Content | None,
    names: Iterable[str],
) -> ChangeView:
    kept = list(names)
    said = after or before
    assert said is not None
    return ChangeView(
        item_id=item_id,
        change=change,
        title=said.title,
        fields=kept if change == "changed" else [],
        before=None if before is None else {name: getattr(before, name) for name in kept},
        after=None if after is None else {name: getattr(after, name) for name in kept},
    )


def _year(part: Any) -> int:
    if isinstance(part, bool) or not isinstance(part, int) or not 0 <= part < 3000:
        raise ValueError
    return part
