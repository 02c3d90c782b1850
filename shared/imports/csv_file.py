"""CSV as offices save it: UTF-8 or Windows-1251; semicolons, commas or tabs; quotes."""

import csv
import io
from collections.abc import Iterator

from shared.imports.cells import tidy
from shared.imports.faults import EncodingIsUnknown, FileIsNotReadable
from shared.imports.limits import Lines
from shared.imports.sheet import Grid, Sheet

DELIMITERS = (";", "\t", ",")
_OTHER_ENCODINGS = ("cp866", "koi8-r", "mac_cyrillic")
_BOM = b"\xef\xbb\xbf"
_WIDE_BOMS = (b"\xff\xfe", b"\xfe\xff")


def read_csv(data: bytes, sheet: Sheet) -> Grid:
    """The lines of a CSV file, numbered as spreadsheets number its rows; raises FileIsRefused."""
    text = decode(data, sheet)
    lines = Lines()
    for number, cells in enumerate(_records(text, sheet), 1):
        lines.add(number, [tidy(cell) for cell in cells])
    return lines.grid


def decode(data: bytes, sheet: Sheet) -> str:
    """The text, whichever of the two encodings it is in; raises EncodingIsUnknown.

    Any byte but one means something in Windows-1251, so a text in another Russian encoding is
    noticed by its header, which makes sense in that encoding alone.
    """
    if data.startswith(_WIDE_BOMS) or b"\0" in data:
        raise EncodingIsUnknown(found="utf-16")
    try:
        return data.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError:
        if data.startswith(_BOM):
            raise EncodingIsUnknown from None
    text = _decoded(data, "cp1251")
    if text is not None and _known_headers(text, sheet):
        return text
    for encoding in _OTHER_ENCODINGS:
        other = _decoded(data, encoding)
        if other is not None and _known_headers(other, sheet):
            raise EncodingIsUnknown(found=encoding)
    if text is None:
        raise EncodingIsUnknown
    return text


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _known_headers(text: str, sheet: Sheet) -> int:
    """How many headers of the sheet the first line holds."""
    header = _header_line(text)
    return max(_known(header, delimiter, sheet) for delimiter in DELIMITERS)


def _records(text: str, sheet: Sheet) -> Iterator[list[str]]:
    told = text.split("\n", 1)[0].strip().lower()
    if told.startswith("sep=") and len(told) == 5:
        delimiter = told[4]
        yield []
        text = text.split("\n", 1)[1] if "\n" in text else ""
    else:
        header = _header_line(text)
        delimiter = max(DELIMITERS, key=lambda one: _known(header, one, sheet))
    lines = io.StringIO(text, newline="")
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        yield from reader
    except csv.Error:
        raise FileIsNotReadable(
            "A quote is not closed, or text follows it.", line=reader.line_num
        ) from None


def _header_line(text: str) -> str:
    lines = (line for line in text.splitlines() if line.strip(" ;,\t\"'"))
    return next(lines, "")


def _known(header: str, delimiter: str, sheet: Sheet) -> int:
    cells = next(csv.reader([header], delimiter=delimiter), [])
    return sum(sheet.column_of(tidy(cell)) is not None for cell in cells)
