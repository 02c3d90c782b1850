"""What may be wrong with a file, a row or a cell: a code for programs, a sentence for people."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from shared.refusal import Refusal

SHOWN_MAX = 60
"""How much of a cell a fault shows."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """One kind of fault; the code is worded in Russian by whoever shows it."""

    code: str
    sentence: str


CELL_MISSING = Complaint("cell-missing", "This cell must not be empty.")
CELL_TOO_LONG = Complaint("cell-too-long", "The text is longer than `length_max` characters.")
CELL_UNWRITABLE = Complaint("cell-unwritable", "The text contains control characters.")
CELL_BROKEN_FORMULA = Complaint("cell-broken-formula", "The formula of this cell gives an error.")
CELL_LOST_DIGITS = Complaint(
    "cell-lost-digits",
    "The spreadsheet has rounded this long number: type it again in a cell formatted as text.",
)
CELL_NOT_A_NUMBER = Complaint("cell-not-a-number", "This is no whole number.")
CELL_OUT_OF_RANGE = Complaint("cell-out-of-range", "The value lies outside `least` to `most`.")
CELL_NOT_MONEY = Complaint("cell-not-money", "This is no amount in rubles such as 1 647,50.")
CELL_NOT_A_DATE = Complaint("cell-not-a-date", "This is no date such as 20.02.2027.")
CELL_NOT_A_TIME = Complaint("cell-not-a-time", "This is no time of day such as 08:30.")
CELL_NOT_IN_LIST = Complaint("cell-not-in-list", "This is none of the words in `allowed`.")
CELL_MALFORMED = Complaint("cell-malformed", "The text does not have the form of this column.")

COLUMN_MISSING = Complaint("column-missing", "The file lacks this column.")
COLUMN_UNKNOWN = Complaint("column-unknown", "This column is none of the template's.")
COLUMN_TWICE = Complaint("column-twice", "This column stands in the file twice.")

CELL_TWICE = Complaint("cell-twice", "The same stands in this column in line `first_line`.")
ROW_TWICE = Complaint("row-twice", "The same stands in line `first_line` already.")
IMPORT_FAILED = Complaint(
    "import-failed", "This should not have happened; it has been noted, and nothing was imported."
)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and where: the line as spreadsheets count it, the column's letter and header.

    What concerns the whole file has no line, what concerns a whole row no column.
    """

    code: str
    message: str
    line: int | None = None
    column: str | None = None
    header: str | None = None
    value: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


class CellIsWrong(ValueError):
    """A cell cannot be read; the facts say what was looked for."""

    def __init__(self, complaint: Complaint, **facts: Any) -> None:
        self.complaint = complaint
        self.facts = facts
        super().__init__(complaint.sentence)


class RowsAreWrong(Exception):
    """What was to be written is refused for these faults; how many there are in all."""

    def __init__(self, faults: list[Fault], total: int | None = None) -> None:
        self.faults = faults
        self.total = len(faults) if total is None else total
        super().__init__(f"{self.total} faults")


def shown(text: str) -> str:
    """What a fault shows of a cell: short, and without what cannot be stored."""
    visible = "".join(char if char.isprintable() else " " for char in text)
    return visible if len(visible) <= SHOWN_MAX else visible[: SHOWN_MAX - 1] + "…"


class FileIsRefused(Refusal):
    """The file cannot be taken as it is."""

    status: ClassVar[int] = 422
    code: ClassVar[str] = "file-refused"


class FileIsEmpty(FileIsRefused):
    """The file holds no rows below its header."""

    code = "file-empty"


class FileIsNotReadable(FileIsRefused):
    """The file is damaged, or not what it seems to be."""

    code = "file-not-readable"


class FileIsOldExcel(FileIsRefused):
    """The file is in the old format of Excel or has a password: save it as .xlsx without one."""

    code = "file-old-excel"


class FileTypeIsUnknown(FileIsRefused):
    """The file is of no type that can be imported here."""

    code = "file-type-unknown"


class FileIsOfAnotherType(FileIsRefused):
    """The content of the file is not of the type that it was sent as."""

    code = "file-type-differs"


class EncodingIsUnknown(FileIsRefused):
    """The text is neither UTF-8 nor Windows-1251: save the file in one of these."""

    code = "file-encoding-unknown"


class FileHasTooManyRows(FileIsRefused):
    """The file has more rows than are imported at once."""

    code = "file-too-many-rows"


class FileHasTooManyColumns(FileIsRefused):
    """The file has more columns than any template."""

    code = "file-too-many-columns"


class FileUnpacksTooLarge(FileIsRefused):
    """The file is small, but what is packed in it is larger than this platform takes."""

    status = 413
    code = "file-unpacks-too-large"


class TooManyImports(Refusal):
    """Many imports wait to be applied: apply some, or wait a day until they are forgotten."""

    code = "too-many-imports"
