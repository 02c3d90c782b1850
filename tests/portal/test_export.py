"""Tables as XLSX, read back as a spreadsheet reads them."""

import io
from datetime import UTC, date, datetime
from typing import Any

import pytest
from openpyxl import load_workbook

from services.portal import export
from services.portal.export import Column, Table, written, xlsx

TEXT = (Column("Что"),)


def read(table: Table) -> Any:
    """The only sheet of the file."""
    book = load_workbook(io.BytesIO(written(table)))
    [sheet] = book.worksheets
    return sheet


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "=cmd|' /C calc'!A0",
        "+79001234567",
        "-5",
        "@SUM(A1)",
        "\t=1+1",
        "\r=1+1",
        '=HYPERLINK("http://example.org")',
        "http://example.org/?a=1",
        "12",
        "2027-01-14",
        "{=1}",
    ],
)
def test_a_text_stays_a_text_whatever_it_begins_with(text: str) -> None:
    cell = read(Table("Лист", TEXT, [[text]]))["A2"]
    assert cell.data_type == "s"
    assert cell.hyperlink is None
    assert cell.value.replace("_x000D_", "\r").replace("_x0009_", "\t") in (
        text,
        text.replace("\r", "\n"),
    )


@pytest.mark.parametrize("text", ["=1+1", "+7", "-5", "@a", "\t1", "\r1"])
def test_what_looks_like_a_formula_stays_a_text_when_the_cell_is_edited(text: str) -> None:
    sheet = read(Table("Лист", TEXT, [[text], ["обычный"]]))
    assert sheet["A2"].style_id != sheet["A3"].style_id
    assert sheet["A2"].quotePrefix
    assert not sheet["A3"].quotePrefix


def test_sums_are_numbers_of_rubles_with_two_places() -> None:
    columns = (Column("Сумма", "money"), Column("Мест", "number"))
    sheet = read(Table("Лист", columns, [[164_700, 8], [-5, 0], [None, None]]))
    assert [sheet["A2"].value, sheet["A3"].value, sheet["A4"].value] == [1647, -0.05, None]
    assert [sheet["B2"].value, sheet["B3"].value, sheet["B4"].value] == [8, 0, None]
    assert "₽" in sheet["A2"].number_format
    assert "0.00" in sheet["A2"].number_format


def test_moments_are_dates_by_the_clocks_of_moscow() -> None:
    columns = (Column("Начало", "moment"), Column("День", "day"))
    late = datetime(2027, 1, 14, 22, 30, tzinfo=UTC)
    sheet = read(Table("Лист", columns, [["2027-01-14T09:30:00Z", "2027-01-14"], [late, late]]))
    assert sheet["A2"].value == datetime(2027, 1, 14, 12, 30)  # noqa: DTZ001 - a cell has no zone
    assert sheet["A3"].value == datetime(2027, 1, 15, 1, 30)  # noqa: DTZ001 - a cell has no zone
    assert sheet["B2"].value.date() == date(2027, 1, 14)
    assert sheet["B3"].value.date() == date(2027, 1, 15)
    assert sheet["A2"].number_format == "dd.mm.yyyy hh:mm"
    assert sheet["B2"].is_date


def test_the_head_stays_in_sight_and_every_column_can_be_filtered() -> None:
    columns = (Column("Название"), Column("Сумма", "money"))
    sheet = read(Table("Лист", columns, [["Один", 1], ["Два", 2]]))
    assert [cell.value for cell in sheet[1]] == ["Название", "Сумма"]
    assert sheet["A1"].font.bold
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:B3"


def test_columns_are_as_wide_as_what_stands_in_them_within_reason() -> None:
    columns = (Column("Коротко"), Column("Длинно"), Column("Сумма", "money"))
    sheet = read(Table("Лист", columns, [["да", "слово " * 50, 1]]))
    widths = [sheet.column_dimensions[letter].width for letter in "ABC"]
    assert 10 <= widths[0] < widths[2] < widths[1] <= 61


def test_a_file_that_leaves_rows_out_says_so_under_the_others() -> None:
    sheet = read(Table("Лист", TEXT, [["один"], ["два"]], "Остальные не вошли."))
    assert sheet["A5"].value == "Остальные не вошли."
    assert sheet.auto_filter.ref == "A1:A3", "the note is no row of the table"
    assert read(Table("Лист", TEXT, [["один"]])).max_row == 2


def test_a_table_without_rows_is_a_file_with_its_head() -> None:
    sheet = read(Table("Лист", TEXT, []))
    assert sheet.max_row == 1
    assert sheet["A1"].value == "Что"


def test_titles_and_texts_that_excel_does_not_take_are_made_to_fit() -> None:
    sheet = read(Table("Брони: [все] / наши и чужие мастерские", TEXT, [["а" * 40_000]]))
    assert len(sheet.title) <= 31
    assert not set(sheet.title) & set("[]:*?/\\")
    assert len(sheet["A2"].value) == export.TEXT_LENGTH_MAX


async def test_a_long_table_is_written_while_others_are_answered() -> None:
    columns = (Column("Что"), Column("Сумма", "money"))
    rows = [[f"строка {number}", number] for number in range(2_000)]
    book = load_workbook(io.BytesIO(await xlsx(Table("Лист", columns, rows))), read_only=True)
    assert sum(1 for _ in book.worksheets[0].iter_rows()) == 2_001
