"""What may be looked up of the items of a plan: in the plan's order, with consents and reports."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from services.council.domain import plan_totals
from services.council.domain.plan import in_force_number
from services.council.domain.plan_items import (
    Content,
    FundingSource,
    Section,
    named_members,
    read_period,
)
from services.council.domain.plan_reports import ItemStatus, Outcome, ReportStatus, item_status
from services.council.queries.plan_rows import moves_of, plan_row, shown_number, versions_of
from services.council.queries.plan_views import ConsentView, ItemView, ReportView, TotalsView
from services.council.records.plans import content_of, report_of
from shared.database import Transaction
from shared.paging import cut, place_of
from shared.refusal import NotFound
from shared.russia.calendar import moscow_date

SECTIONS = tuple(Section)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which items of a version are wanted; `member_id` is anybody whom an item names."""

    section: Section | None = None
    member_id: UUID | None = None
    source: FundingSource | None = None
    status: ItemStatus | None = None
    waits_for: UUID | None = None
    """Items that wait for this member's consent."""
    is_refused: bool = False
    on: date | None = None
    """The day as of which an item is overdue; today unless it is given."""


async def items(
    tx: Transaction,
    plan_id: UUID,
    number: int | None,
    wanted: Filter,
    *,
    cursor: str | None,
    limit: int,
) -> tuple[list[ItemView], str | None]:
    """The items of a version in the order of the plan; of the one on its way unless one is named.

    A version has a thousand items at most, so all of it is read, and cut here.
    """
    [after] = place_of(cursor, (_place,)) or [0]
    every = await version_items(tx, plan_id, number, wanted.on)
    kept = [item for item in every if _is_wanted(item, wanted)]
    page = kept[after : after + limit + 1]
    places = list(enumerate(page, after + 1))
    cut_page, next_cursor = cut(places, limit, lambda placed: [placed[0]])
    return [item for _, item in cut_page], next_cursor


async def item(
    tx: Transaction, item_id: UUID, number: int | None = None, *, is_in_force: bool = False
) -> ItemView:
    """An item, in the version asked for, in force, or the newest that has it; raises NotFound."""
    if is_in_force:
        number = await tx.value(
            "SELECT max(number) FROM plan_lines JOIN plan_versions USING (plan_id, number)"
            " WHERE item_id = $1 AND in_force_on <= $2",
            item_id,
            moscow_date(tx.now),
        )
    row = await tx.row(
        "SELECT plan_id, max(number) AS number FROM plan_lines WHERE item_id = $1"
        " AND ($2::int IS NULL OR number = $2) GROUP BY plan_id",
        item_id,
        number,
    )
    if row is None:
        raise NotFound
    every = await version_items(tx, row["plan_id"], row["number"])
    return next(found for found in every if found.id == item_id)


async def version_items(
    tx: Transaction, plan_id: UUID, number: int | None, on: date | None = None
) -> list[ItemView]:
    """Every item of a version, those that were left out last."""
    found_plan = await plan_row(tx, plan_id)
    tx.authorise()
    versions = await versions_of(tx, plan_id)
    today = moscow_date(tx.now)
    shown = shown_number(versions, today) if number is None else number
    if shown not in {version.number for version in versions}:
        raise NotFound
    rows = await tx.fetch(
        "SELECT line.*, proposed_by_member_id, proposed_at FROM plan_lines line"
        " JOIN plan_items ON plan_items.id = item_id WHERE line.plan_id = $1 AND number = $2"
        " ORDER BY refused_at IS NOT NULL, first_on, last_on, item_id",
        plan_id,
        shown,
    )
    consents = await _consents(tx, plan_id, shown)
    is_in_force = shown == in_force_number(versions, today)
    reports = await _reports(tx, plan_id) if is_in_force else {}
    moves = await moves_of(tx, plan_id) if is_in_force else {}
    found = []
    counts = dict.fromkeys(SECTIONS, 0)
    ordered = sorted(rows, key=lambda row: SECTIONS.index(Section(row["section"])))
    for row in sorted(ordered, key=lambda row: row["refused_at"] is not None):
        label = None
        if row["refused_at"] is None:
            section = Section(row["section"])
            counts[section] += 1
            label = f"{SECTIONS.index(section) + 1}.{counts[section]}"
        report = reports.get(row["item_id"])
        moved_until = moves.get(row["item_id"])
        status = None
        if is_in_force and row["refused_at"] is None:
            known = None if report is None else report_of(report)
            status = item_status(row["last_on"], moved_until, known, on or today)
        found.append(
            _item_view(
                row,
                year=found_plan["year"],
                label=label,
                consents=consents.get(row["item_id"], {}),
                status=status,
                moved_until=moved_until,
                report=report,
            )
        )
    return found


async def totals(tx: Transaction, plan_id: UUID, number: int | None, on: date | None) -> TotalsView:
    """Totals of a version as of a day, today unless one is named."""
    every = await version_items(tx, plan_id, number, on)
    lines = [_line(found) for found in every if found.refusal is None]
    shown = (
        every[0].number
        if every
        else (number or shown_number(await versions_of(tx, plan_id), moscow_date(tx.now)))
    )
    return TotalsView(
        on=on or moscow_date(tx.now),
        number=shown,
        overall=plan_totals.overall(lines),
        by_section=plan_totals.by_section(lines),
        by_source=plan_totals.by_source(lines),
        by_member=plan_totals.by_member(lines),
    )


async def contents(tx: Transaction, plan_id: UUID, number: int | None) -> tuple[list[Content], int]:
    """What a version says, in the order of the plan, and the year of it."""
    every = await version_items(tx, plan_id, number)
    return [_content(found) for found in every if found.refusal is None], await year_of(tx, plan_id)


async def year_of(tx: Transaction, plan_id: UUID) -> int:
    """The year of a plan; raises NotFound."""
    year: int = (await plan_row(tx, plan_id))["year"]
    return year


async def member_names(tx: Transaction) -> dict[UUID, str]:
    """How files call members, by id."""
    rows = await tx.fetch("SELECT id, slug FROM members WHERE slug IS NOT NULL")
    return {row["id"]: row["slug"] for row in rows}


async def _consents(
    tx: Transaction, plan_id: UUID, number: int
) -> dict[UUID, dict[UUID, str | None]]:
    """What members said to each item: None for a yes, the reason for a no."""
    rows = await tx.fetch(
        "SELECT item_id, member_id, reason FROM plan_consents"
        " JOIN plan_lines USING (item_id, number) WHERE plan_id = $1 AND number = $2",
        plan_id,
        number,
    )
    found: dict[UUID, dict[UUID, str | None]] = {}
    for row in rows:
        found.setdefault(row["item_id"], {})[row["member_id"]] = row["reason"]
    return found


async def _reports(tx: Transaction, plan_id: UUID) -> dict[UUID, Any]:
    rows = await tx.fetch(
        "SELECT DISTINCT ON (item_id) * FROM plan_reports WHERE plan_id = $1"
        " ORDER BY item_id, reported_at DESC, id DESC",
        plan_id,
    )
    return {row["item_id"]: row for row in rows}


def _item_view(
    row: Any,
    *,
    year: int,
    label: str | None,
    consents: Mapping[UUID, str | None],
    status: ItemStatus | None,
    moved_until: date | None,
    report: Any,
) -> ItemView:
    content = content_of(row)
    said = {name: getattr(content, name) for name in Content.__dataclass_fields__}
    return ItemView(
        **{**said, "co_executor_ids": list(content.co_executor_ids)},
        id=row["item_id"],
        plan_id=row["plan_id"],
        year=year,
        number=row["number"],
        label=label,
        period_kind=read_period(content.period).kind,
        first_on=row["first_on"],
        last_on=row["last_on"],
        proposed_by_member_id=row["proposed_by_member_id"],
        proposed_at=row["proposed_at"],
        refusal=row["refusal"],
        consents=[_consent(m, consents) for m in sorted(named_members(content))],
        status=status,
        moved_until_on=moved_until,
        report=None if report is None else _report(report),
        version=row["revision"],
    )


def _consent(member_id: UUID, said: Mapping[UUID, str | None]) -> ConsentView:
    if member_id not in said:
        return ConsentView(member_id=member_id, status="asked", reason=None)
    reason = said[member_id]
    return ConsentView(
        member_id=member_id, status="given" if reason is None else "declined", reason=reason
    )


def _report(row: Any) -> ReportView:
    return ReportView(
        **{name: row[name] for name in ReportView.__dataclass_fields__}
        | {"status": ReportStatus(row["status"]), "outcome": Outcome(row["outcome"])}
    )


def _is_wanted(found: ItemView, wanted: Filter) -> bool:
    named = {consent.member_id for consent in found.consents}
    waiting = {consent.member_id for consent in found.consents if consent.status == "asked"}
    return (
        (found.refusal is not None) == wanted.is_refused
        and wanted.section in (None, found.section)
        and (wanted.member_id is None or wanted.member_id in named)
        and wanted.source in (None, found.source)
        and wanted.status in (None, found.status)
        and (wanted.waits_for is None or wanted.waits_for in waiting)
    )


def _content(found: ItemView) -> Content:
    said = {name: getattr(found, name) for name in Content.__dataclass_fields__}
    return Content(**{**said, "co_executor_ids": tuple(found.co_executor_ids)})


def _line(found: ItemView) -> plan_totals.Line:
    is_accepted = found.report is not None and found.report.status is ReportStatus.ACCEPTED
    return plan_totals.Line(
        content=_content(found),
        status=found.status,
        spent_kopecks=found.report.spent_kopecks if is_accepted and found.report else None,
    )


def _place(part: Any) -> int:
    if isinstance(part, bool) or not isinstance(part, int) or not 0 <= part < 100_000:
        raise ValueError
    return part
