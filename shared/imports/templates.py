"""Templates to fill in: the columns of a sheet with examples, as XLSX and as CSV."""

import csv
import io
from functools import lru_cache

from shared.imports.files import FileType
from shared.imports.limits import ROWS_MAX
from shared.imports.sheet import Sheet

Words = tuple[tuple[str, tuple[str, ...]], ...]
"""What may be written into some columns, where only the database knows: by the column's code."""

_EXPLANATION = "Как заполнять"
_HEAD = ("Столбец", "Обязателен", "Что писать", "Пример")
_EXAMPLES_STAY = (
    "Строки-примеры на первом листе не загружаются: их можно оставить или удалить. Порядок столбцов"
    " не важен, лишние столбцы нужно удалить, необязательные можно не заполнять. За один раз"
    " загружается до {rows_max} строк."
)
_LIST_LENGTH_MAX = 255
_WIDTH = (12, 45)


@lru_cache(maxsize=32)
def template(sheet: Sheet, file_type: FileType, words: Words = ()) -> bytes:
    """The template as a file of the type."""
    return _xlsx(sheet, dict(words)) if file_type is FileType.XLSX else _csv(sheet)


def _csv(sheet: Sheet) -> bytes:
    """With a mark and semicolons, as Russian Excel opens it without being asked anything."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(column.header for column in sheet.template_columns)
    writer.writerows(zip(*(column.examples for column in sheet.template_columns), strict=True))
    return text.getvalue().encode("utf-8-sig")


def _xlsx(sheet: Sheet, words: dict[str, tuple[str, ...]]) -> bytes:
    # imported with the first template: a start should not wait for it
    from xlsxwriter import Workbook

    file = io.BytesIO()
    with Workbook(file, {"in_memory": True, "strings_to_formulas": False}) as book:
        head = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        need = book.add_format(
            {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#FFF2CC"}
        )
        text = book.add_format({"num_format": "@"})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        page = book.add_worksheet(sheet.title[:31])
        page.freeze_panes(1, 0)
        for index, column in enumerate(sheet.template_columns):
            width = min(max(len(column.header) + 2, _WIDTH[0]), _WIDTH[1])
            page.set_column(index, index, width, text if column.cell.is_text else None)
            page.write_string(0, index, column.header, need if column.is_required else head)
            for line, example in enumerate(column.examples, 1):
                if column.cell.is_text or not _is_number(example):
                    page.write_string(line, index, example)
                else:
                    page.write_number(line, index, float(example.replace(",", ".")))
            if _fits_a_list(column.cell.choices):
                # it offers the words, and lets others be typed: what they mean is checked here
                page.data_validation(
                    *(1, index, ROWS_MAX, index),
                    {
                        "validate": "list",
                        "source": list(column.cell.choices),
                        "show_error": False,
                    },
                )
        page = book.add_worksheet(_EXPLANATION)
        page.set_column(0, 0, 32, wrapped)
        page.set_column(1, 1, 14, wrapped)
        page.set_column(2, 2, 80, wrapped)
        page.set_column(3, 3, 45, wrapped)
        for index, word in enumerate(_HEAD):
            page.write_string(0, index, word, head)
        for line, column in enumerate(sheet.template_columns, 1):
            says = ". ".join(part for part in (_capital(column.cell.says), column.hint) if part)
            if column.code in words:
                says += ": " + "; ".join(words[column.code])
            page.write_string(line, 0, column.header)
            page.write_string(line, 1, "да" if column.is_required else "нет")
            page.write_string(line, 2, says)
            page.write_string(line, 3, next(filter(None, column.examples), ""))
        page.merge_range(
            len(sheet.template_columns) + 2,
            0,
            len(sheet.template_columns) + 2,
            3,
            _EXAMPLES_STAY.format(rows_max=ROWS_MAX),
            wrapped,
        )
        page.set_row(len(sheet.template_columns) + 2, 50)
    return file.getvalue()


def _fits_a_list(choices: tuple[str, ...]) -> bool:
    """Whether Excel can offer the words; it keeps them as one short text with commas between."""
    text = "".join(choices)
    return bool(text) and "," not in text and len(text) + len(choices) <= _LIST_LENGTH_MAX


def _is_number(text: str) -> bool:
    return text.replace(",", ".", 1).replace(".", "", 1).isdecimal()


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
