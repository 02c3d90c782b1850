"""The plan and its report as XLSX: what was written is text, and never becomes a formula."""

import io
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from services.council.domain.plan_items import Content
from services.council.domain.plan_reports import ItemStatus, Outcome
from services.council.records.plan_words import (
    OUTCOMES,
    SECTIONS,
    SOURCES,
    STATUSES,
    period_words,
)
from shared.imports.sheet import Sheet

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TEXT_LENGTH_MAX = 32_767
"""Excel keeps no longer text in a cell."""
BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r")

Facts = Mapping[str, Any]
Names = Mapping[UUID, str]
"""How files call members, by id."""

_SECTION_WORDS = {section: word for word, section in SECTIONS.items()}
_SOURCE_WORDS = {source: word for word, source in SOURCES.items()}
_REPORT_HEADERS = (
    "№",
    "Раздел",
    "Мероприятие",
    "Срок",
    "Перенесено до",
    "Ответственный",
    "Состояние",
    "Показатель",
    "Единица",
    "План",
    "Факт",
    "Человек по плану",
    "Человек было",
    "Намечено, руб.",
    "Потрачено, руб.",
    "Итог",
    "Что сделано",
    "Причина",
)


def plan_xlsx(sheet: Sheet, contents: Sequence[Content], names: Names) -> bytes:
    """The items in the columns of the import, so that the file can be brought again."""
    headers = [column.header for column in sheet.template_columns]
    codes = [column.code for column in sheet.template_columns]
    rows = [[_said(content, names)[code] for code in codes] for content in contents]
    return _written("План", headers, rows)


def report_xlsx(items: Sequence[Facts], names: Names) -> bytes:
    """Plan and fact of each item, with how it stands."""
    return _written("Отчёт", _REPORT_HEADERS, [_reported(item, names) for item in items])


def _said(content: Content, names: Names) -> dict[str, Any]:
    amount = content.amount_kopecks
    return {
        "section": _SECTION_WORDS[content.section],
        "title": content.title,
        "form": content.form,
        "period": period_words(content.period),
        "responsible": _name(content.responsible_member_id, names),
        "co_executors": "; ".join(_name(member, names) for member in content.co_executor_ids),
        "audience": content.audience,
        "planned_count": content.planned_count,
        "place": content.place,
        "result": content.result,
        "indicator": content.indicator,
        "unit": content.unit,
        "planned_value": content.planned_value,
        "source": None if content.source is None else _SOURCE_WORDS[content.source],
        "amount_kopecks": None if amount is None else amount / 100,
        "payer": None if content.payer_member_id is None else _name(content.payer_member_id, names),
        "basis": content.basis,
    }


def _reported(item: Facts, names: Names) -> list[Any]:
    report: Facts = item["report"] or {}
    amount, spent = item["amount_kopecks"], report.get("spent_kopecks")
    moved = report.get("moved_to")
    return [
        item["label"],
        _SECTION_WORDS[item["section"]],
        item["title"],
        period_words(item["period"]),
        None if moved is None else period_words(moved),
        _name(item["responsible_member_id"], names),
        None if item["status"] is None else STATUSES[ItemStatus(item["status"])],
        item["indicator"],
        item["unit"],
        item["planned_value"],
        report.get("fact_value"),
        item["planned_count"],
        report.get("fact_count"),
        None if amount is None else amount / 100,
        None if spent is None else spent / 100,
        OUTCOMES[Outcome(report["outcome"])] if report else None,
        report.get("words"),
        report.get("reason"),
    ]


def _name(member_id: UUID, names: Names) -> str:
    return names.get(member_id, str(member_id))


def _written(title: str, headers: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    # imported with the first file: a start should not wait for it
    from xlsxwriter import Workbook

    file = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(file, options) as book:
        head = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
        quoted = book.add_format(
            {"num_format": "@", "text_wrap": True, "valign": "top", "quote_prefix": True}
        )
        money = book.add_format({"num_format": "#,##0.00", "valign": "top"})
        whole = book.add_format({"num_format": "0", "valign": "top"})
        sheet = book.add_worksheet(title)
        sheet.freeze_panes(1, 0)
        sheet.set_landscape()
        for place, header in enumerate(headers):
            longest = max((len(str(row[place] or "")) for row in rows), default=0)
            sheet.set_column(place, place, min(max(longest + 2, len(header) + 2, 10), 45))
            sheet.write_string(0, place, header, head)
        for line, row in enumerate(rows, 1):
            for place, value in enumerate(row):
                if value is None or value == "":
                    continue
                if isinstance(value, str):
                    cut = value[:TEXT_LENGTH_MAX]
                    look = quoted if cut.startswith(BEGINS_FORMULA) else text
                    sheet.write_string(line, place, cut, look)
                else:
                    sheet.write_number(
                        line, place, value, money if isinstance(value, float) else whole
                    )
        sheet.autofilter(0, 0, len(rows), len(headers) - 1)
    return file.getvalue()
