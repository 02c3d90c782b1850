"""What may be looked up of the annual plan: the plan, its items, what a version changed, totals."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from services.council.domain import plan_totals
from services.council.domain.plan import (
    PlanStatus,
    Version,
    VersionStatus,
    WhoActs,
    changes,
    digest,
    in_force_number,
    open_version,
    plan_status,
    version_status,
    who_acts,
)
from services.council.domain.plan_items import (
    Content,
    FundingSource,
    PeriodKind,
    Section,
    named_members,
    read_period,
)
from services.council.domain.plan_reports import (
    ItemStatus,
    Outcome,
    ReportStatus,
    item_status,
)
from services.council.queries.plan_rows import consents_of, lines_of, moves_of, versions_of
from services.council.records.plans import content_of, report_of, version_of
from shared.database import Transaction
from shared.paging import cut, place_of
from shared.refusal import NotFound
from shared.russia.calendar import moscow_date

SECTIONS = tuple(Section)


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionView:
    """A version of a plan: the first one, or an amendment with its reason."""

    number: int
    status: VersionStatus
    reason: str | None
    opened_at: datetime
    collect_until: date | None
    agreed_at: datetime | None
    agreed_by: UUID | None
    agreed_sha256: str | None
    decision_id: UUID | None
    approved_on: date | None
    in_force_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanItem:
    """A plan in the list of plans."""

    id: UUID
    year: int
    status: PlanStatus
    in_force_number: int | None
    waiting_number: int | None
    """The version that is on its way, if one is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanView:
    """The plan of a year, and who has to act next.

    The counts and `sha256` are of the version on its way, or of the one in force if there is none.
    """

    id: UUID
    year: int
    status: PlanStatus
    who_acts: WhoActs
    in_force_number: int | None
    waiting_number: int | None
    shown_number: int
    sha256: str
    items: int
    items_without_consent: int
    items_refused: int
    reported_at: datetime | None
    archived_at: datetime | None
    versions: list[VersionView]
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentView:
    """A member that an item names, and what it says to that (R7.2)."""

    member_id: UUID
    status: Literal["asked", "given", "declined"]
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportView:
    """The newest report on an item."""

    id: UUID
    status: ReportStatus
    outcome: Outcome
    words: str
    reason: str | None
    fact_value: int | None
    fact_count: int | None
    spent_kopecks: int | None
    moved_to: str | None
    reported_at: datetime
    reported_by: UUID
    answer: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemView:
    """An item of a version of a plan. Amounts are kopecks, and an intention only (R1.3, R7.2)."""

    id: UUID
    plan_id: UUID
    year: int
    number: int
    """Of the version."""
    label: str | None
    """Its number among the items, such as 4.2; empty for one that was left out."""
    section: Section
    title: str
    form: str | None
    period: str
    period_kind: PeriodKind
    first_on: date
    last_on: date
    responsible_member_id: UUID
    responsible_person_id: UUID | None
    co_executor_ids: list[UUID]
    audience: str | None
    planned_count: int | None
    place: str | None
    result: str
    indicator: str | None
    unit: str | None
    planned_value: int | None
    source: FundingSource | None
    amount_kopecks: int | None
    payer_member_id: UUID | None
    basis: str | None
    proposed_by_member_id: UUID | None
    proposed_at: datetime
    refusal: str | None
    consents: list[ConsentView]
    status: ItemStatus | None
    """Empty unless the version is in force."""
    moved_until_on: date | None
    report: ReportView | None
    version: int


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeView:
    """What a version did to an item of the one before; `fields` are what differs."""

    item_id: UUID
    change: Literal["added", "removed", "changed"]
    title: str
    fields: list[str]
    before: dict[str, Any] | None
    after: dict[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TotalsView:
    """Totals as of a day: of everything, by section, by source of R7.1, by member."""

    on: date
    number: int
    overall: plan_totals.Total
    by_section: list[plan_totals.Total]
    by_source: list[plan_totals.Total]
    by_member: list[plan_totals.Total]


# --- plans ---------------------------------------------------------------------------------------


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
    row = await _plan_row(tx, plan_id)
    tx.authorise()
    today = moscow_date(tx.now)
    rows = await tx.fetch("SELECT * FROM plan_versions WHERE plan_id = $1 ORDER BY number", plan_id)
    versions = [version_of(found) for found in rows]
    in_force, waiting = in_force_number(versions, today), open_version(versions)
    shown = _shown(versions, today)
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


async def version_changes(tx: Transaction, plan_id: UUID, number: int) -> list[ChangeView]:
    """What a version changed of the approved one before it; the first one has added everything."""
    await _plan_row(tx, plan_id)
    tx.authorise()
    versions = await versions_of(tx, plan_id)
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


# --- items ---------------------------------------------------------------------------------------


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
    plan_row = await _plan_row(tx, plan_id)
    tx.authorise()
    versions = await versions_of(tx, plan_id)
    today = moscow_date(tx.now)
    shown = _shown(versions, today) if number is None else number
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
                year=plan_row["year"],
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
        else (number or _shown(await versions_of(tx, plan_id), moscow_date(tx.now)))
    )
    return TotalsView(
        on=on or moscow_date(tx.now),
        number=shown,
        overall=plan_totals.overall(lines),
        by_section=plan_totals.by_section(lines),
        by_source=plan_totals.by_source(lines),
        by_member=plan_totals.by_member(lines),
    )


# --- rows ----------------------------------------------------------------------------------------


async def _plan_row(tx: Transaction, plan_id: UUID) -> Any:
    row = await tx.row("SELECT * FROM plans WHERE id = $1", plan_id)
    if row is None:
        raise NotFound
    return row


def _shown(versions: Sequence[Version], today: date) -> int:
    """The version that people mean by the plan: on its way, else in force, else the newest."""
    waiting = open_version(versions)
    if waiting is not None:
        return waiting.number
    approved = [version.number for version in versions if version.decision_id is not None]
    return in_force_number(versions, today) or max(approved)


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


def _line(found: ItemView) -> plan_totals.Line:
    is_accepted = found.report is not None and found.report.status is ReportStatus.ACCEPTED
    return plan_totals.Line(
        content=Content(
            **{name: getattr(found, name) for name in Content.__dataclass_fields__}
            | {"co_executor_ids": tuple(found.co_executor_ids)}
        ),
        status=found.status,
        spent_kopecks=found.report.spent_kopecks if is_accepted and found.report else None,
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
    return _number(part, 3000)


def _place(part: Any) -> int:
    return _number(part, 100_000)


def _number(part: Any, most: int) -> int:
    if isinstance(part, bool) or not isinstance(part, int) or not 0 <= part < most:
        raise ValueError
    return part
