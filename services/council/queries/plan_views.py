"""What people see of the annual plan."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from services.council.domain.plan import PlanStatus, VersionStatus, WhoActs
from services.council.domain.plan_items import FundingSource, PeriodKind, Section
from services.council.domain.plan_reports import ItemStatus, Outcome, ReportStatus
from services.council.domain.plan_totals import Total


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
    overall: Total
    by_section: list[Total]
    by_source: list[Total]
    by_member: list[Total]
