"""A sheet: columns found by their headers, cells read, rows told apart, faults named by place."""

import contextlib
import io
from datetime import date, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from shared.imports import cells, faults
from shared.imports.cells import Cell, read_cell
from shared.imports.faults import CellIsWrong, shown
from shared.imports.files import FileType, read_grid
from shared.imports.sheet import Table, letter_of, rows_of, table_of
from shared.imports.templates import template
from shared.refusal import Invalid, Refusal
from tests.imports import csv_of
from tests.shared.imports.sample import EXAMPLE, HEADER, SHEET

GOOD = ["Сапог", "0007", "41", "", "", ""]


def table(*rows: list[str], header: list[str] = HEADER) -> tuple[Table, list[tuple[Any, ...]]]:
    """The table of lines, and where its header is wrong."""
    lines = [header, *rows]
    found, wrong = table_of(SHEET, list(enumerate(lines, 1)))
    return found, [(fault.line, fault.column, fault.code, fault.header) for fault in wrong]


def complaints(*rows: list[str]) -> list[tuple[Any, ...]]:
    found, _ = table(*rows)
    return [
        (fault.line, fault.column, fault.code)
        for row in rows_of(SHEET, found, 0, len(rows))
        for fault in row.faults
    ]


def test_columns_are_found_in_any_order_and_by_code() -> None:
    header = ["размер *", "SIZE ROOM", "  НАЗВАНИЕ:", "code"]
    found, wrong = table(["41", "", "Сапог", "0007"], header=header)
    assert wrong == [(1, "B", "column-unknown", "SIZE ROOM")]
    row = rows_of(SHEET, found, 0, 1)[0]
    assert (row["name"], row["code"], row["size"], row["price"]) == ("Сапог", "0007", 41, None)


def test_a_column_that_is_missing_unknown_or_twice_is_told() -> None:
    header = ["Название", "Артикул", "Цвет", "Название", "", ""]
    _, wrong = table(["Сапог", "0007", "", "", "x", ""], header=header)
    assert wrong == [
        (1, "C", "column-unknown", "Цвет"),
        (1, "D", "column-twice", "Название"),
        (1, "E", "column-unknown", ""),
        (1, None, "column-missing", "Размер"),
    ]


def test_what_is_missing_is_told_unless_it_may_be() -> None:
    assert complaints(["", "0007", "", "", "", ""]) == [
        (2, "A", "cell-missing"),
        (2, "C", "cell-missing"),
    ]


def test_a_row_and_a_value_stand_once() -> None:
    rows = [
        GOOD,
        ["САПОГ", "0008", "41"],
        ["Туфля", "0007", "41"],
        ["", "", "41"],
        ["", "", "41"],
    ]
    told = complaints(*rows)
    assert told[:2] == [(3, None, "row-twice"), (4, "B", "cell-twice")]
    assert {code for _, _, code in told[2:]} == {"cell-missing"}


def test_rows_are_told_apart_from_those_read_in_other_bites() -> None:
    found, _ = table(GOOD, ["Туфля", "0001", "40"], ["сапог", "0009", "41"])
    (last,) = rows_of(SHEET, found, 2, 3)
    assert [(fault.code, fault.facts) for fault in last.faults] == [
        ("row-twice", {"first_line": 2})
    ]


def test_a_table_is_kept_as_bytes() -> None:
    found, _ = table(GOOD)
    kept = Table.load(found.dump())
    assert rows_of(SHEET, kept, 0, 1)[0].values == rows_of(SHEET, found, 0, 1)[0].values
    assert kept.places == found.places


def test_what_a_rule_refuses_is_told_at_the_column_it_names() -> None:
    found, _ = table(GOOD)
    (row,) = rows_of(SHEET, found, 0, 1)
    row.complain_of(Invalid("Too small.", at="body.size", why="too-small", least=43))
    row.complain_of(Invalid("Odd.", at="body.colour"))
    row.complain_of(Refusal("No.", more=1))
    assert [(fault.column, fault.code, fault.message, fault.facts) for fault in row.faults] == [
        ("C", "too-small", "Too small.", {"least": 43}),
        (None, "invalid", "Odd.", {}),
        (None, "refused", "No.", {"more": 1}),
    ]


# --- templates ---------------------------------------------------------------------------------


@pytest.mark.parametrize("file_type", [FileType.CSV, FileType.XLSX])
def test_a_template_is_read_by_what_it_is_for_and_its_example_left_out(
    file_type: FileType,
) -> None:
    data = template(SHEET, file_type)
    grid = read_grid(file_type, data, SHEET)
    assert grid[0] == (1, HEADER)
    assert len(grid) == 2
    with pytest.raises(faults.FileIsEmpty):
        table_of(SHEET, grid)
    found, wrong = table_of(SHEET, [*grid, (3, GOOD)])
    assert (wrong, [line for line, _ in found.rows]) == ([], [3])


def test_the_example_of_a_template_is_a_good_row() -> None:
    found, _ = table([*EXAMPLE[:1], "9999", *EXAMPLE[2:]])
    (row,) = rows_of(SHEET, found, 0, 1)
    assert row.faults == []
    assert row.values == {
        "name": "Ботинок (пример)",
        "code": "9999",
        "size": 42,
        "price": 45_050,
        "made_on": date(2027, 2, 20),
        "is_left": True,
    }


def test_a_template_offers_the_words_of_a_column_and_takes_others() -> None:
    book = load_workbook(io.BytesIO(template(SHEET, FileType.XLSX)))
    (offered,) = book.worksheets[0].data_validations.dataValidation
    assert (offered.formula1, str(offered.sqref)) == ('"да,нет"', "F2:F5001")
    assert not offered.showErrorMessage
    explained = [row[0] for row in book.worksheets[1].iter_rows(values_only=True)]
    assert explained[1 : len(HEADER) + 1] == HEADER


def test_a_csv_template_opens_in_excel_without_being_asked() -> None:
    assert template(SHEET, FileType.CSV) == csv_of([HEADER, EXAMPLE])


# --- cells -------------------------------------------------------------------------------------

COLOURS = {"Красный": "red", "Жёлтый": "yellow"}


def _check(value: str) -> str:
    if len(value) != 4:
        raise Refused
    return value


class Refused(ValueError):
    code = "shoe-wrong"


READ: list[tuple[Cell, str, Any]] = [
    (cells.words(20), "Сапог\nзимний", "Сапог зимний"),
    (cells.digits(_check, ""), "'00 07", "0007"),
    (cells.whole(-5, 5000), "1 000", 1000),
    (cells.whole(-5, 5000), "-5", -5),
    (cells.rubles(100_000_000), "1 647,5 руб.", 164_750),
    (cells.rubles(100_000_000), "450.05 ₽", 45_005),
    (cells.rubles(100_000_000), "0", 0),
    (cells.day(), "5.2.2027", date(2027, 2, 5)),
    (cells.day(), "2027-02-20", date(2027, 2, 20)),
    (cells.time_of_day(), "8:30", time(8, 30)),
    (cells.time_of_day(), "08.30", time(8, 30)),
    (cells.time_of_day(), "23:59:00", time(23, 59)),
    (cells.one_of(COLOURS), "желтый", "yellow"),
    (cells.one_of(COLOURS), "RED", "red"),
    (cells.yes_or_no(), "Да", True),
    (cells.yes_or_no(), "ЛОЖЬ", False),
    (cells.several(cells.words(5), "", 3), "а; б,\nа", ("а", "б")),
]


@pytest.mark.parametrize(("cell", "text", "value"), READ)
def test_a_cell_is_read_as_people_write_it(cell: Cell, text: str, value: Any) -> None:
    assert read_cell(cell, text) == value


WRONG: list[tuple[Cell, str, str]] = [
    (cells.words(5), "слишком длинно", "cell-too-long"),
    (cells.words(5), "a\x00b", "cell-unwritable"),
    (cells.words(50), "#Н/Д", "cell-broken-formula"),
    (cells.digits(_check, ""), "007", "shoe-wrong"),
    (cells.digits(_check, ""), "4.1E+19", "cell-lost-digits"),
    (cells.pattern("[a-z]", ""), "я", "cell-malformed"),
    (cells.whole(1, 9), "два", "cell-not-a-number"),
    (cells.whole(1, 9), "1.5", "cell-not-a-number"),
    (cells.whole(1, 9), "10", "cell-out-of-range"),
    (cells.rubles(100), "1,001", "cell-not-money"),
    (cells.rubles(100), "-1", "cell-not-money"),
    (cells.rubles(100), "1.647,50", "cell-not-money"),
    (cells.rubles(100), "1,01", "cell-out-of-range"),
    (cells.day(), "30.02.2027", "cell-not-a-date"),
    (cells.day(), "46000", "cell-not-a-date"),
    (cells.day(), "01.01.1999", "cell-out-of-range"),
    (cells.time_of_day(), "24:00", "cell-not-a-time"),
    (cells.time_of_day(), "8", "cell-not-a-time"),
    (cells.one_of(COLOURS), "синий", "cell-not-in-list"),
    (cells.yes_or_no(), "наверное", "cell-not-in-list"),
    (cells.several(cells.words(5), "", 1), "а;б", "cell-out-of-range"),
]


@pytest.mark.parametrize(("cell", "text", "code"), WRONG)
def test_a_cell_that_cannot_be_read_says_what_was_looked_for(
    cell: Cell, text: str, code: str
) -> None:
    with pytest.raises(CellIsWrong) as wrong:
        read_cell(cell, text)
    assert wrong.value.complaint.code == code
    if code == "cell-not-in-list":
        assert wrong.value.facts["allowed"]
    if code == "cell-out-of-range":
        assert wrong.value.facts.keys() == {"least", "most"}


EVERY_CELL = [cell for cell, _, _ in READ]


@given(st.text(max_size=40), st.sampled_from(range(len(EVERY_CELL))))
def test_whatever_a_cell_says_it_is_read_or_refused(text: str, number: int) -> None:
    with contextlib.suppress(CellIsWrong):
        read_cell(EVERY_CELL[number], cells.tidy(text))


@given(st.integers(0, 10**9))
def test_kopecks_come_back_from_rubles_as_they_were(kopecks: int) -> None:
    text = f"{kopecks // 100:,}".replace(",", "\u00a0") + f",{kopecks % 100:02} ₽"
    assert read_cell(cells.rubles(10**9), cells.tidy(text)) == kopecks


def test_what_a_fault_shows_is_short_and_can_be_stored() -> None:
    assert shown("а\x00б\n" + "в" * 100) == "а б " + "в" * 55 + "…"
    assert shown("как есть") == "как есть"


@pytest.mark.parametrize(
    ("index", "letter"), [(0, "A"), (25, "Z"), (26, "AA"), (49, "AX"), (701, "ZZ"), (702, "AAA")]
)
def test_columns_have_the_letters_of_spreadsheets(index: int, letter: str) -> None:
    assert letter_of(index) == letter
