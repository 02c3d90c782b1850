"""Rows of the annual plan as facts."""

from dataclasses import fields
from typing import Any

from services.council.domain.plan import Version
from services.council.domain.plan_items import Content, FundingSource, Section
from services.council.domain.plan_reports import Outcome, Report, ReportStatus

CONTENT = tuple(field.name for field in fields(Content))
"""The columns of a line that say what an item says."""


def content_of(row: Any) -> Content:
    """What an item says."""
    source = row["source"]
    return Content(
        **{
            **{name: row[name] for name in CONTENT},
            "section": Section(row["section"]),
            "co_executor_ids": tuple(row["co_executor_ids"]),
            "source": None if source is None else FundingSource(source),
        }
    )


def values_of(content: Content) -> list[Any]:
    """What an item says, as its columns hold it, in their order."""
    values = (getattr(content, name) for name in CONTENT)
    return [list(value) if isinstance(value, tuple) else value for value in values]


def version_of(row: Any) -> Version:
    """A version, as far as its steps ask."""
    return Version(
        number=row["number"],
        collecting_at=row["collecting_at"],
        collect_until=row["collect_until"],
        agreed_at=row["agreed_at"],
        agreed_sha256=row["agreed_sha256"],
        decision_id=row["decision_id"],
        approved_on=row["approved_on"],
        in_force_on=row["in_force_on"],
        dropped_at=row["dropped_at"],
    )


def report_of(row: Any) -> Report:
    """A report, as far as the next step asks."""
    return Report(
        row["id"], ReportStatus(row["status"]), Outcome(row["outcome"]), row["moved_until"]
    )
