"""A sheet: which columns a file has, what is in them, and how its rows are told apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from shared.imports import faults
from shared.imports.cells import Cell, read_cell
from shared.imports.faults import CellIsWrong, Complaint, Fault, shown
from shared.refusal import Refusal
from shared.russia.names import sort_key

Grid = list[tuple[int, list[str]]]
"""The lines of a file that are not empty, each with its number; the first one is the header."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its code in the API, its header in Russian, and what its cells are."""

    code: str
    header: str
    cell: Cell
    examples: tuple[str, ...]
    """One for each example row of the template; an empty one leaves the cell empty."""
    is_required: bool = True
    hint: str = ""
    """What the template says of it beside the kind of cell."""
    in_template: bool = True
    """Whether people see it; other columns are filled by converters of other types of file."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What rows of a kind look like."""

    name: str
    title: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    """The columns by which rows are told apart; none where the same row may stand twice."""
    unique: tuple[str, ...] = ()
    """Columns each of whose values stands in one row only."""

    @property
    def template_columns(self) -> tuple[Column, ...]:
        """The columns that people see."""
        return tuple(column for column in self.columns if column.in_template)

    def column_of(self, header: str) -> Column | None:
        """The column that a header stands for: its own words, or its code."""
        key = _header_key(header)
        for column in self.template_columns:
            if key in (_header_key(column.header), column.code):
                return column
        return None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a column stands in a file, and how the file calls it."""

    code: str
    letter: str | None
    header: str


@dataclass(frozen=True, slots=True)
class Table:
    """What a file says in the columns of a sheet, as texts: so it is kept until it is applied."""

    places: tuple[Place, ...]
    rows: tuple[tuple[int, Sequence[str]], ...]

    def dump(self) -> bytes:
        """The table as bytes."""
        return orjson.dumps(
            {
                "columns": [[place.code, place.letter, place.header] for place in self.places],
                "rows": self.rows,
            }
        )

    @classmethod
    def load(cls, content: bytes) -> "Table":
        """The table of its bytes."""
        read = orjson.loads(content)
        return cls(
            tuple(Place(*place) for place in read["columns"]),
            tuple((line, texts) for line, texts in read["rows"]),
        )


@dataclass(slots=True)
class Row:
    """A row with its values by the code of their columns; what is empty or missing is None."""

    line: int
    texts: Mapping[str, str]
    places: Mapping[str, Place]
    values: dict[str, Any] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def __getitem__(self, code: str) -> Any:
        return self.values.get(code)

    def complain(self, complaint: Complaint, code: str | None = None, **facts: Any) -> Fault:
        """Notes a fault of the row, or of its cell in a column."""
        place = self.places.get(code) if code is not None else None
        text = self.texts.get(code, "") if code is not None else ""
        fault = Fault(
            code=complaint.code,
            message=complaint.sentence,
            line=self.line,
            column=place.letter if place else None,
            header=place.header if place else None,
            value=shown(text) or None,
            facts=facts,
        )
        self.faults.append(fault)
        return fault

    def complain_of(self, refusal: Refusal) -> Fault:
        """Notes what a command or a rule refused, at the column of the field that it names."""
        facts = dict(refusal.facts)
        errors = facts.pop("errors", None) or [{}]
        complaint = Complaint(errors[0].get("code", refusal.code), refusal.detail)
        code = str(errors[0].get("at", "")).rpartition(".")[2]
        return self.complain(complaint, code if code in self.places else None, **facts)


def table_of(sheet: Sheet, grid: Grid) -> tuple[Table, list[Fault]]:
    """The rows of a file in the columns of the sheet, and what is wrong with its header.

    The example rows of the template are left out, wherever they stand.
    """
    if not grid:
        raise faults.FileIsEmpty
    line, headers = grid[0]
    found: dict[int, Place] = {}
    wrong: list[Fault] = []
    for index, header in enumerate(headers):
        column = sheet.column_of(header)
        if column is not None and column.code not in {place.code for place in found.values()}:
            found[index] = Place(column.code, letter_of(index), header)
        elif header or any(len(texts) > index and texts[index] for _, texts in grid[1:]):
            complaint = faults.COLUMN_UNKNOWN if column is None else faults.COLUMN_TWICE
            wrong.append(_of_header(complaint, line, letter_of(index), header))
    known = {place.code for place in found.values()}
    for column in sheet.columns:
        if column.is_required and column.code not in known:
            wrong.append(_of_header(faults.COLUMN_MISSING, line, None, column.header))
    rows = tuple(
        (number, picked)
        for number, texts in grid[1:]
        if any(picked := [texts[index] if index < len(texts) else "" for index in found])
    )
    places = tuple(found.values())
    rows = tuple(row for row in rows if not _is_example(sheet, places, row[1]))
    if not rows and not wrong:
        raise faults.FileIsEmpty
    return Table(places, rows), wrong


def _of_header(complaint: Complaint, line: int, letter: str | None, header: str) -> Fault:
    return Fault(complaint.code, complaint.sentence, line, letter, shown(header))


def _is_example(sheet: Sheet, places: Sequence[Place], texts: Sequence[str]) -> bool:
    """Whether the row is one of the template's, as people or spreadsheets left it."""
    columns = {column.code: column for column in sheet.columns}
    cells = [(columns[place.code], text) for place, text in zip(places, texts, strict=True)]
    return any(
        all(_same(column, text, column.examples[number]) for column, text in cells)
        for number in range(len(sheet.columns[0].examples))
    )


def _same(column: Column, text: str, example: str) -> bool:
    """Whether both texts say the same; a number may be written in another way."""
    if text == example or column.cell.is_text or not text or not example:
        return text == example
    return bool(_value(column, text) == _value(column, example))


def rows_of(sheet: Sheet, table: Table, start: int, stop: int) -> list[Row]:
    """The rows from `start` to before `stop`, read; what is wrong with them is noted in them."""
    keys = [key for key in (sheet.key, *((code,) for code in sheet.unique)) if key]
    first_lines = [_first_lines(sheet, key, table, stop) for key in keys]
    places = {place.code: place for place in table.places}
    rows = []
    for line, texts in table.rows[start:stop]:
        row = Row(line, dict(zip(places, texts, strict=True)), places)
        for column in sheet.columns:
            _read(row, column)
        for key, lines in zip(keys, first_lines, strict=True):
            first_line = lines.get(_meant(sheet, key, row.texts), line)
            if first_line != line and key == sheet.key:
                row.complain(faults.ROW_TWICE, first_line=first_line)
            elif first_line != line:
                row.complain(faults.CELL_TWICE, key[0], first_line=first_line)
        rows.append(row)
    return rows


def _read(row: Row, column: Column) -> None:
    text = row.texts.get(column.code, "")
    if not text:
        if column.is_required:
            row.complain(faults.CELL_MISSING, column.code)
        return
    try:
        row.values[column.code] = read_cell(column.cell, text)
    except CellIsWrong as wrong:
        row.complain(wrong.complaint, column.code, **wrong.facts)


Meaning = tuple[Any, ...]


def _first_lines(
    sheet: Sheet, key: tuple[str, ...], table: Table, stop: int
) -> dict[Meaning | None, int]:
    """The first line of everything that the columns of the key mean."""
    codes = [place.code for place in table.places]
    lines: dict[Meaning | None, int] = {}
    for line, texts in table.rows[:stop]:
        meaning = _meant(sheet, key, dict(zip(codes, texts, strict=True)))
        if meaning is not None:
            lines.setdefault(meaning, line)
    return lines


def _meant(sheet: Sheet, key: tuple[str, ...], texts: Mapping[str, str]) -> Meaning | None:
    """What the row says in these columns; None where a cell of it is missing."""
    meaning = []
    for column in sheet.columns:
        if column.code in key:
            text = texts.get(column.code, "")
            if not text and column.is_required:
                return None
            meaning.append(_value(column, text))
    return tuple(meaning)


def _value(column: Column, text: str) -> Any:
    try:
        value = read_cell(column.cell, text) if text else text
    except CellIsWrong:
        value = text
    return sort_key(value) if isinstance(value, str) else value


def _header_key(header: str) -> str:
    return sort_key(header).rstrip(" *:")


def letter_of(index: int) -> str:
    """The letter of a column as spreadsheets name it; the first one is 0."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
