"""How a cell is read: its text in, a value out, or a fault that says what was looked for."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import Any

from shared.imports import faults
from shared.imports.faults import CellIsWrong, Complaint
from shared.russia.names import sort_key
from shared.values import YEARS

TEXT_LENGTH_MAX = 200

_ROUNDED = re.compile(r"[0-9]([.,][0-9]+)?[eE]\+?[0-9]+")
_BROKEN = re.compile(r"#(REF!|N/A|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|ЗНАЧ!|ССЫЛКА!|ИМЯ\?|Н/Д|ДЕЛ/0!)")
_WHOLE = re.compile(r"[+-]?[0-9]{1,12}")
_RUBLES = re.compile(r"[0-9]{1,12}([.,][0-9]{1,2})?")
_CURRENCY = re.compile(r"\s*(₽|руб\.?|р\.|rub)$", re.IGNORECASE)
_RUSSIAN_DATE = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")
_ISO_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_TIME = re.compile(r"([0-9]{1,2})[:.]([0-9]{2})(:00)?")
_UNSEEN = dict.fromkeys(map(ord, "\ufeff\u200b\u200e\u200f\u2060\u00ad"))


@dataclass(frozen=True, slots=True)
class Cell:
    """A kind of cell; `says` tells people in Russian what to write into it."""

    read: Callable[[str], Any]
    says: str
    choices: tuple[str, ...] = ()
    is_text: bool = True
    """Whether the template keeps what is typed as it is typed, leading zeros and all."""


def tidy(text: str) -> str:
    """The text without what nobody sees: stray spaces, empty lines, marks of direction."""
    lines = (" ".join(line.split()) for line in text.translate(_UNSEEN).splitlines())
    return "\n".join(line for line in lines if line)


def read_cell(cell: Cell, text: str) -> Any:
    """What the cell says; raises CellIsWrong."""
    if _BROKEN.fullmatch(text):
        raise CellIsWrong(faults.CELL_BROKEN_FORMULA)
    return cell.read(text)


def words(length_max: int = TEXT_LENGTH_MAX) -> Cell:
    """A name or a title, as a line."""

    def read(text: str) -> str:
        line = " ".join(text.split())
        if any(ord(char) < 32 or ord(char) == 127 for char in line):
            raise CellIsWrong(faults.CELL_UNWRITABLE)
        if len(line) > length_max:
            raise CellIsWrong(faults.CELL_TOO_LONG, length_max=length_max)
        return line

    return Cell(read, f"текст до {length_max} знаков")


def digits(check: Callable[[str], str], says: str) -> Cell:
    """A number that is kept as text; `check` raises a ValueError with a `code` when it is wrong."""

    def read(text: str) -> str:
        if _ROUNDED.fullmatch(text):
            raise CellIsWrong(faults.CELL_LOST_DIGITS)
        try:
            return check("".join(text.lstrip("'").split()))
        except ValueError as error:
            code = getattr(error, "code", faults.CELL_MALFORMED.code)
            raise CellIsWrong(Complaint(code, str(error))) from None

    return Cell(read, says)


def pattern(shape: str, says: str) -> Cell:
    """A text of a fixed shape."""
    wanted = re.compile(shape)

    def read(text: str) -> str:
        if not wanted.fullmatch(text):
            raise CellIsWrong(faults.CELL_MALFORMED)
        return text

    return Cell(read, says)


def whole(least: int, most: int) -> Cell:
    """A whole number; both bounds are included."""

    def read(text: str) -> int:
        plain = "".join(text.split())
        if not _WHOLE.fullmatch(plain):
            raise CellIsWrong(faults.CELL_NOT_A_NUMBER)
        return _in_range(int(plain), least, most)

    return Cell(read, f"целое число от {least} до {most}", is_text=False)


def rubles(kopecks_max: int) -> Cell:
    """An amount in rubles, with a comma or a point before the kopecks; read as kopecks."""

    def read(text: str) -> int:
        plain = "".join(_CURRENCY.sub("", text).split())
        if not _RUBLES.fullmatch(plain):
            raise CellIsWrong(faults.CELL_NOT_MONEY)
        kopecks = int(Decimal(plain.replace(",", ".")) * 100)
        if kopecks > kopecks_max:
            raise CellIsWrong(faults.CELL_OUT_OF_RANGE, least=0, most=kopecks_max / 100)
        return kopecks

    return Cell(read, f"сумма в рублях до {kopecks_max // 100}, например 450,00", is_text=False)


def day() -> Cell:
    """A date: 20.02.2027, 2027-02-20, or a cell that the spreadsheet knows as a date."""

    def read(text: str) -> date:
        if match := _RUSSIAN_DATE.fullmatch(text):
            on, month, year = map(int, match.groups())
        elif match := _ISO_DATE.fullmatch(text):
            year, month, on = map(int, match.groups())
        else:
            raise CellIsWrong(faults.CELL_NOT_A_DATE)
        try:
            found = date(year, month, on)
        except ValueError:
            raise CellIsWrong(faults.CELL_NOT_A_DATE) from None
        if not YEARS[0] <= year <= YEARS[1]:
            raise CellIsWrong(
                faults.CELL_OUT_OF_RANGE, least=date(YEARS[0], 1, 1), most=date(YEARS[1], 12, 31)
            )
        return found

    return Cell(read, "дата, например 20.02.2027")


def time_of_day() -> Cell:
    """A local time: 08:30, or a cell that the spreadsheet knows as a time."""

    def read(text: str) -> time:
        match = _TIME.fullmatch(text)
        if match is None or int(match[1]) > 23 or int(match[2]) > 59:
            raise CellIsWrong(faults.CELL_NOT_A_TIME)
        return time(int(match[1]), int(match[2]))

    return Cell(read, "время, например 08:30")


def one_of(values: Mapping[str, Any]) -> Cell:
    """One of some words; the code that the API uses for the value is understood too."""
    known = {sort_key(str(value)): value for value in values.values()}
    known |= {sort_key(word): value for word, value in values.items()}
    allowed = tuple(values)

    def read(text: str) -> Any:
        key = sort_key(text)
        if key not in known:
            raise CellIsWrong(faults.CELL_NOT_IN_LIST, allowed=allowed)
        return known[key]

    return Cell(read, "одно из: " + ", ".join(allowed), choices=allowed)


def yes_or_no() -> Cell:
    """Да or нет, and what spreadsheets make of them."""
    known = dict.fromkeys(("да", "yes", "true", "истина", "1", "+"), True)
    known |= dict.fromkeys(("нет", "no", "false", "ложь", "0", "-"), False)

    def read(text: str) -> bool:
        key = sort_key(text)
        if key not in known:
            raise CellIsWrong(faults.CELL_NOT_IN_LIST, allowed=("да", "нет"))
        return known[key]

    return Cell(read, "да или нет", choices=("да", "нет"))


def several(item: Cell, says: str, most: int) -> Cell:
    """Several of a kind, parted by semicolons, commas or lines; each is read once."""

    def read(text: str) -> tuple[Any, ...]:
        parts = [part.strip() for part in re.split(r"[;,\n]", text)]
        found = tuple(dict.fromkeys(item.read(part) for part in parts if part))
        if len(found) > most:
            raise CellIsWrong(faults.CELL_OUT_OF_RANGE, least=0, most=most)
        return found

    return Cell(read, says)


def _in_range(value: int, least: int, most: int) -> int:
    if not least <= value <= most:
        raise CellIsWrong(faults.CELL_OUT_OF_RANGE, least=least, most=most)
    return value
