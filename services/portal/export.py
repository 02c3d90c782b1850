"""Tables as XLSX: dates are dates, sums are numbers, and no text ever becomes a formula."""

import asyncio
import io
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from services.portal.words import as_day, as_local

Kind = Literal["text", "day", "moment", "money", "number"]

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROWS_MAX = 20_000
"""More rows than that are not put into one file; the file says so."""

TEXT_LENGTH_MAX = 32_767
"""Excel keeps no longer text in a cell."""

TITLE_LENGTH_MAX = 31
BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r")
WIDTHS = (10, 60)
FORMATS: dict[Kind, str] = {
    "text": "@",
    "day": "dd.mm.yyyy",
    "moment": "dd.mm.yyyy hh:mm",
    "money": '#,##0.00\xa0"₽"',
    "number": "0",
}
FIXED_WIDTHS: dict[Kind, int] = {"day": 12, "moment": 17, "money": 16, "number": 11}

_writer = ThreadPoolExecutor(1, thread_name_prefix="export")
"""One file is written at a time, so that pages do not wait for files."""


@dataclass(frozen=True)
class Column:
    """A column of a table: its header, and what its cells are.

    A day or a moment is a value or its ISO text, shown by Moscow's clocks; money is in kopecks.
    None is an empty cell.
    """

    title: str
    kind: Kind = "text"


@dataclass(frozen=True)
class Table:
    """What a file has: one sheet, and a note under its rows where some are left out."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    note: str | None = None


async def xlsx(*tables: Table) -> bytes:
    """The tables as a file, each on a sheet of its own; written in a thread."""
    return await asyncio.get_running_loop().run_in_executor(_writer, written, *tables)


def written(*tables: Table) -> bytes:
    """The tables as a file, each on a sheet of its own."""
    # imported with the first file: a start should not wait for it
    from xlsxwriter import Workbook

    file = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(file, options) as book:
        for table in tables:
            _write_sheet(book, table)
    return file.getvalue()


def _write_sheet(book: Any, table: Table) -> None:
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    formats = {kind: book.add_format({"num_format": text}) for kind, text in FORMATS.items()}
    quoted = book.add_format({"num_format": "@", "quote_prefix": True})
    sheet = book.add_worksheet(_title(table.title))
    sheet.freeze_panes(1, 0)
    for place, column in enumerate(table.columns):
        sheet.set_column(place, place, _width(table, place))
        sheet.write_string(0, place, column.title, head)
    for line, row in enumerate(table.rows, 1):
        for place, (column, value) in enumerate(zip(table.columns, row, strict=True)):
            if value is None:
                continue
            if column.kind == "text":
                text = str(value)[:TEXT_LENGTH_MAX]
                look = quoted if text.startswith(BEGINS_FORMULA) else formats["text"]
                sheet.write_string(line, place, text, look)
            elif column.kind in ("day", "moment"):
                moment = _moment(value, column.kind)
                sheet.write_datetime(line, place, moment, formats[column.kind])
            else:
                number = value / 100 if column.kind == "money" else value
                sheet.write_number(line, place, number, formats[column.kind])
    sheet.autofilter(0, 0, len(table.rows), len(table.columns) - 1)
    if table.note is not None:
        sheet.write_string(len(table.rows) + 2, 0, table.note)


def _moment(value: date | str, kind: Kind) -> date | datetime:
    """Excel knows no time zones: the day, or the moment as Moscow's clocks show it."""
    if kind == "day":
        return as_day(value)
    assert isinstance(value, datetime | str)
    return as_local(value).replace(tzinfo=None)


def _width(table: Table, place: int) -> int:
    column = table.columns[place]
    if column.kind in FIXED_WIDTHS:
        return max(FIXED_WIDTHS[column.kind], min(len(column.title) + 3, 20))
    longest = max((len(str(row[place] or "")) for row in table.rows), default=0)
    return min(max(longest + 2, len(column.title) + 4, WIDTHS[0]), WIDTHS[1])


def _title(text: str) -> str:
    """The name of a sheet: Excel forbids some signs, and more than 31 of them."""
    return "".join(" " if sign in "[]:*?/\\" else sign for sign in text)[:TITLE_LENGTH_MAX]
