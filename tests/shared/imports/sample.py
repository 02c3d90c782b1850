"""A sheet of shoes, for tests of the chassis alone."""

from shared.imports import cells
from shared.imports.sheet import Column, Sheet

SHEET = Sheet(
    name="shoes",
    title="Обувь",
    key=("name",),
    unique=("code",),
    columns=(
        Column("name", "Название", cells.words(20), ("Ботинок (пример)",)),
        Column("code", "Артикул", cells.pattern(r"[0-9]{4}", "четыре цифры"), ("0001",)),
        Column("size", "Размер", cells.whole(20, 50), ("42",)),
        Column("price", "Цена, руб.", cells.rubles(1_000_000), ("450,50",), is_required=False),
        Column("made_on", "Сделано", cells.day(), ("20.02.2027",), is_required=False),
        Column("is_left", "Левый", cells.yes_or_no(), ("да",), is_required=False),
    ),
)
HEADER = [column.header for column in SHEET.columns]
EXAMPLE = [column.examples[0] for column in SHEET.columns]
