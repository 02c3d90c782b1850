"""XLSX: the first visible sheet of a workbook, its formulas as the values they had when saved."""

import re
import warnings
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any
from zipfile import ZipFile

from shared.imports.cells import tidy
from shared.imports.faults import FileIsNotReadable, FileUnpacksTooLarge
from shared.imports.limits import Lines
from shared.imports.sheet import Grid

UNPACKED_BYTES_MAX = 40_000_000
_PARTS_MAX = 1_000
_COLUMNS_SEEN = 200
"""So far to the right a cell is looked for; from `limits.COLUMNS_MAX` on it is one too many."""

_ZEROS = re.compile(r"0{2,20}")
_DAY = timedelta(days=1)


def read_xlsx(data: bytes) -> Grid:
    """The lines of the first visible sheet; raises FileIsRefused, or anything for a damaged file."""
    _look_inside(data)
    # imported with the first file: a start should not wait for it
    from openpyxl import load_workbook

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of styles that it does not know, which nobody reads here
        book = load_workbook(BytesIO(data), read_only=True, data_only=True, keep_links=False)
        try:
            visible = [page for page in book.worksheets if page.sheet_state == "visible"]
            if not visible:
                raise FileIsNotReadable("The workbook has no visible sheet.")
            return _lines_of(visible[0])
        finally:
            book.close()


def _look_inside(data: bytes) -> None:
    """Refuses what is no workbook, unpacks too large, or declares entities of its own."""
    with ZipFile(BytesIO(data)) as archive:
        parts = archive.infolist()
        # no part gives more bytes than it declares: the reader stops there
        size = sum(part.file_size for part in parts)
        if size > UNPACKED_BYTES_MAX or len(parts) > _PARTS_MAX:
            raise FileUnpacksTooLarge(bytes_max=UNPACKED_BYTES_MAX)
        if "xl/workbook.xml" not in archive.namelist():
            raise FileIsNotReadable("This is no workbook of Excel.")
        for part in parts:
            if part.filename.endswith((".xml", ".rels")):
                with archive.open(part) as file:
                    if b"<!DOCTYPE" in file.read(4096):
                        raise FileIsNotReadable


def _lines_of(page: Any) -> Grid:
    page.reset_dimensions()  # some programs write wrong ones
    lines = Lines()
    gap: Any = None  # the reader fills each gap with one and the same row
    for number, cells in enumerate(page.iter_rows(max_col=_COLUMNS_SEEN), 1):
        if cells is gap:
            continue
        texts = [_text_of(cell) for cell in cells]
        if not any(texts):
            gap = cells
        lines.add(number, texts)
    return lines.grid


def _text_of(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        # half of a character cannot be stored
        return tidy(value.encode("utf-8", "replace").decode("utf-8"))
    if isinstance(value, bool):
        return "да" if value else "нет"
    if isinstance(value, int | float):
        return _number(value, str(cell.number_format))
    return _moment(value)


def _number(value: int | float, number_format: str) -> str:
    """As it was typed; with the leading zeros that its format shows, such as those of an INN."""
    text = str(value) if isinstance(value, int) and abs(value) < 10**15 else f"{value:.15g}"
    return text.zfill(len(number_format)) if _ZEROS.fullmatch(number_format) else text


def _moment(value: Any) -> str:
    if isinstance(value, timedelta):
        value = time() if value == _DAY else (datetime(2000, 1, 1) + value).time()  # noqa: DTZ001
    if isinstance(value, datetime):
        value = _to_the_second(value)
        if value.time() == time():
            value = value.date()
        else:
            return f"{value.date().isoformat()} {_clock(value.time())}"
    if isinstance(value, time):
        return _clock(_to_the_second(datetime.combine(date(2000, 1, 1), value)).time())
    return str(value.isoformat()) if isinstance(value, date) else str(value)


def _to_the_second(moment: datetime) -> datetime:
    """Excel keeps times as parts of a day, which are not exact."""
    return (moment + timedelta(microseconds=500_000)).replace(microsecond=0)


def _clock(value: time) -> str:
    return value.strftime("%H:%M:%S" if value.second else "%H:%M")
