"""Files as offices save them: which are read, how, and which are refused by name."""

import io
import zipfile
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from shared.imports.faults import (
    EncodingIsUnknown,
    FileHasTooManyColumns,
    FileHasTooManyRows,
    FileIsEmpty,
    FileIsNotReadable,
    FileIsOfAnotherType,
    FileIsOldExcel,
    FileIsRefused,
    FileTypeIsUnknown,
    FileUnpacksTooLarge,
)
from shared.imports.files import BYTES_MAX, FileType, read_grid, type_of
from shared.imports.limits import COLUMNS_MAX, ROWS_MAX
from shared.imports.sheet import Grid, table_of
from tests.imports import CSV, ICS, XLSX, csv_of, xlsx_of
from tests.shared.imports.sample import HEADER, SHEET

DAY = date(2027, 2, 20)
SHOE = ['Сапог "Ёлка"', "0007", "41", "1 647,50", "20.02.2027", "да"]


def grid(data: bytes, file_type: FileType = FileType.CSV) -> Grid:
    return read_grid(file_type, data, SHEET)


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251"])
def test_csv_is_read_in_both_encodings_and_with_any_delimiter(
    encoding: str, delimiter: str
) -> None:
    data = csv_of([HEADER, SHOE], encoding, delimiter)
    assert grid(data) == [(1, HEADER), (2, SHOE)]


def test_lines_are_counted_as_spreadsheets_count_rows() -> None:
    text = 'sep=,\n\nНазвание,Артикул\n\n"Туфля,\nс ""бантом""",1234\n ,\nТапок,5678\n'
    assert grid(text.encode()) == [
        (3, ["Название", "Артикул"]),
        (5, ['Туфля,\nс "бантом"', "1234"]),
        (7, ["Тапок", "5678"]),
    ]


def test_spaces_that_nobody_sees_do_not_matter() -> None:
    data = "\ufeffНазвание;Артикул\r\n\u00a0Сапог \u200b зимний\u00a0 ;\t0007\r\n".encode()
    assert grid(data)[1] == (2, ["Сапог зимний", "0007"])


@pytest.mark.parametrize(
    ("encoding", "found"),
    [("utf-16", "utf-16"), ("utf-16-be", "utf-16"), ("cp866", "cp866"), ("koi8-r", "koi8-r")],
)
def test_another_encoding_is_refused_and_named(encoding: str, found: str) -> None:
    with pytest.raises(EncodingIsUnknown) as refused:
        grid(csv_of([HEADER, SHOE], encoding))
    assert refused.value.code == "file-encoding-unknown"
    assert refused.value.facts == {"found": found}


def test_bytes_that_are_no_text_are_refused() -> None:
    for data in (b"\xef\xbb\xbf\xff\xfe\xfd;", b"\xff\x98\xd0;\x98"):
        with pytest.raises(EncodingIsUnknown):
            grid(data)


def test_a_quote_that_is_not_closed_is_refused_with_its_line() -> None:
    with pytest.raises(FileIsNotReadable) as refused:
        grid('Название;Артикул\nСапог;1234\n"Туфля;5678\n'.encode())
    assert refused.value.facts == {"line": 3}


def test_more_rows_or_columns_than_are_taken_are_refused() -> None:
    rows = [["Название"], *([f"Сапог {number}"] for number in range(ROWS_MAX))]
    assert len(grid(csv_of(rows))) == ROWS_MAX + 1
    with pytest.raises(FileHasTooManyRows) as refused:
        grid(csv_of([*rows, ["Лишний"]]))
    assert (refused.value.code, refused.value.facts) == ("file-too-many-rows", {"rows_max": 5000})
    wide = [["Название", *[""] * COLUMNS_MAX], ["x" for _ in range(COLUMNS_MAX + 1)]]
    for data, file_type in ((csv_of(wide), FileType.CSV), (xlsx_of(wide), FileType.XLSX)):
        with pytest.raises(FileHasTooManyColumns) as too_wide:
            grid(data, file_type)
        assert too_wide.value.facts == {"columns_max": 50, "line": 2}


# --- workbooks ---------------------------------------------------------------------------------


def test_a_workbook_says_what_one_sees_in_it() -> None:
    rows: list[list[Any]] = [
        ["текст", "  Сапог\n\nзимний "],
        ["числа", 7, 45.0, 450.1, 0.1 + 0.2, -3, 999_999_999_999_999],
        [
            "дни",
            date(2027, 2, 20),
            datetime.combine(DAY, time()),
            datetime.combine(DAY, time(8, 30)),
        ],
        ["часы", time(8, 30), timedelta(hours=8, minutes=30), time(0, 0)],
        ["слова", True, False],
        ["формула", "=1+1"],
        [],
        ["нули", 105_000_001],
    ]
    data = xlsx_of(rows, {"B8": "0000000000"})
    assert grid(data, FileType.XLSX) == [
        (1, ["текст", "Сапог\nзимний"]),
        (2, ["числа", "7", "45", "450.1", "0.3", "-3", "999999999999999"]),
        (3, ["дни", "2027-02-20", "2027-02-20", "2027-02-20 08:30"]),
        (4, ["часы", "08:30", "08:30", "00:00"]),
        (5, ["слова", "да", "нет"]),
        (6, ["формула"]),
        (8, ["нули", "0105000001"]),
    ]


def changed(data: bytes, **parts: bytes | None) -> bytes:
    """The workbook with some parts changed, by the last word of their names."""
    source, target = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in source.infolist():
            name = part.filename.rpartition("/")[2].partition(".")[0]
            content = parts.get(name, source.read(part))
            if content is not None:
                archive.writestr(part.filename, content)
        for name, content in parts.items():
            if name == "more" and content is not None:
                archive.writestr("xl/media/more.bin", content)
    return target.getvalue()


def test_a_formula_is_read_as_the_value_it_had_when_saved() -> None:
    page = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="1"><c r="A1"><f>20+22</f><v>42</v></c>'
        b'<c r="B1" t="str"><f>"a"&amp;"b"</f><v>ab</v></c><c r="C1" t="e"><v>#REF!</v></c></row>'
        b'<row r="1048576"><c r="A1048576"><v>7</v></c></row></sheetData></worksheet>'
    )
    data = changed(xlsx_of([["x"]]), sheet1=page)
    assert grid(data, FileType.XLSX) == [(1, ["42", "ab", "#REF!"]), (1_048_576, ["7"])]


def test_the_first_sheet_that_one_sees_is_read() -> None:
    book = Workbook()
    hidden, shown = book.active, book.create_sheet("Обувь")
    assert hidden is not None
    hidden.append(["спрятано"])
    hidden.sheet_state = "hidden"
    shown.append(["видно"])
    file = io.BytesIO()
    book.active = 1
    book.save(file)
    assert grid(file.getvalue(), FileType.XLSX) == [(1, ["видно"])]


def test_a_bomb_is_refused_before_it_unpacks() -> None:
    bomb = changed(xlsx_of([["x"]]), more=b"\0" * 45_000_000)
    assert len(bomb) < 200_000
    with pytest.raises(FileUnpacksTooLarge) as refused:
        grid(bomb, FileType.XLSX)
    assert (refused.value.status, refused.value.code) == (413, "file-unpacks-too-large")
    many = io.BytesIO()
    with zipfile.ZipFile(many, "w") as archive:
        for number in range(1001):
            archive.writestr(f"{number}", b"")
    with pytest.raises(FileUnpacksTooLarge):
        grid(many.getvalue(), FileType.XLSX)


def test_a_workbook_that_declares_entities_is_refused() -> None:
    page = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet>&a;</worksheet>'
    with pytest.raises(FileIsNotReadable):
        grid(changed(xlsx_of([["x"]]), sheet1=page), FileType.XLSX)


def test_what_is_damaged_or_no_workbook_is_refused() -> None:
    good = xlsx_of([["x"]])
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("content.xml", b"<x/>")
    for data in (
        good[: len(good) // 2],
        other.getvalue(),
        changed(good, sheet1=b"<worksheet><"),
        changed(good, workbook=b"<x/>"),
        changed(good, sheet1=None),
    ):
        with pytest.raises(FileIsNotReadable) as refused:
            grid(data, FileType.XLSX)
        assert refused.value.code == "file-not-readable"


# --- types -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("media_type", "data", "file_type"),
    [
        (CSV, "Название".encode(), FileType.CSV),
        ("text/csv; charset=windows-1251", "Название".encode("cp1251"), FileType.CSV),
        ("application/vnd.ms-excel", "Название".encode("cp1251"), FileType.CSV),
        (XLSX, xlsx_of([["x"]]), FileType.XLSX),
        ("application/octet-stream", xlsx_of([["x"]]), FileType.XLSX),
        (ICS, b"\xef\xbb\xbf\r\nBEGIN:VCALENDAR\r\n", FileType.ICS),
        ("text/plain", b"begin:vcalendar\n", FileType.ICS),
    ],
)
def test_the_type_is_known_by_the_content(
    media_type: str, data: bytes, file_type: FileType
) -> None:
    assert type_of(media_type, data) is file_type


@pytest.mark.parametrize(
    ("media_type", "data", "refusal"),
    [
        (CSV, xlsx_of([["x"]]), FileIsOfAnotherType),
        (XLSX, b"a;b", FileIsOfAnotherType),
        (ICS, b"a;b", FileIsOfAnotherType),
        (CSV, b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\x01", FileTypeIsUnknown),
        ("application/pdf", b"%PDF-1.7", FileTypeIsUnknown),
        ("", b"a;b", FileTypeIsUnknown),
        ("application/vnd.ms-excel", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", FileIsOldExcel),
    ],
)
def test_a_file_that_is_not_what_it_was_sent_as_is_refused(
    media_type: str, data: bytes, refusal: type[FileIsRefused]
) -> None:
    with pytest.raises(refusal):
        type_of(media_type, data)


@given(st.binary(max_size=400), st.sampled_from([FileType.CSV, FileType.XLSX]))
def test_whatever_the_bytes_are_they_are_read_or_refused(data: bytes, file_type: FileType) -> None:
    for content in (data, ";".join(HEADER).encode() + b"\n" + data, b"PK\x03\x04" + data):
        try:
            table, wrong = table_of(SHEET, grid(content, file_type))
        except FileIsRefused:
            continue
        assert table.rows or wrong
        assert table.load(table.dump()) == table or table.rows


@given(
    st.lists(
        st.lists(st.text(st.characters(codec="cp1251", exclude_categories=["Cc"])), min_size=6),
        max_size=5,
    ),
    st.sampled_from(["utf-8", "utf-8-sig", "cp1251"]),
    st.sampled_from([";", ",", "\t"]),
)
def test_what_was_written_is_what_is_read(
    rows: list[list[str]], encoding: str, delimiter: str
) -> None:
    rows = [[" ".join(cell.split()) for cell in row[:6]] for row in rows]
    read = [cells for _, cells in grid(csv_of([HEADER, *rows], encoding, delimiter))]
    unseen = str.maketrans("", "", "\u00ad")
    written = [[" ".join(cell.translate(unseen).split()) for cell in row] for row in rows]
    while_any = [row for row in written if any(row)]
    assert [cells + [""] * (6 - len(cells)) for cells in read[1:]] == while_any


def test_a_file_of_nothing_is_refused() -> None:
    for data in (b"", b"\r\n \r\n", csv_of([HEADER]), csv_of([[]])):
        with pytest.raises(FileIsEmpty) as refused:
            table_of(SHEET, grid(data))
        assert refused.value.code == "file-empty"
    assert BYTES_MAX == 5_000_000
