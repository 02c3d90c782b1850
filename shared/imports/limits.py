"""How much of a file is taken: no more rows and columns than one can look through."""

from shared.imports.faults import FileHasTooManyColumns, FileHasTooManyRows
from shared.imports.sheet import Grid

ROWS_MAX = 5_000
COLUMNS_MAX = 50


class Lines:
    """Gathers the lines of a file that are not empty; refuses more than are taken."""

    def __init__(self) -> None:
        self.grid: Grid = []

    def add(self, number: int, cells: list[str]) -> None:
        """Adds a line; raises FileHasTooManyRows, FileHasTooManyColumns."""
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            return
        if len(cells) > COLUMNS_MAX:
            raise FileHasTooManyColumns(columns_max=COLUMNS_MAX, line=number)
        if len(self.grid) > ROWS_MAX:
            raise FileHasTooManyRows(rows_max=ROWS_MAX)
        self.grid.append((number, cells))
