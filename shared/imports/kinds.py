"""A kind of import: what its rows look like, and what becomes of them; each service has its own."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import NamedTuple, Protocol
from uuid import UUID

from shared.database import Transaction
from shared.imports.faults import Fault, RowsAreWrong
from shared.imports.files import FileType
from shared.imports.sheet import Row, Sheet, Table
from shared.imports.templates import Words
from shared.refusal import Refusal
from shared.routes import Access

BITE = 250
"""So many rows are checked in one transaction; after each the progress is seen."""


class Effect(StrEnum):
    """What a row does to what is there already."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


class Period(NamedTuple):
    """The days that a file speaks for, both included: what stands there and not in it, goes."""

    first_on: date
    last_on: date


@dataclass(frozen=True, slots=True)
class Summary:
    """How many rows had which effect; what the file lacks and is taken away counts as removed."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    period: Period | None = None
    """The days that the file speaks for, where it says so itself."""

    def count(self, effect: Effect) -> "Summary":
        """One row more with this effect."""
        return replace(self, **{effect.value: getattr(self, effect.value) + 1})


PERIOD_DAYS_MAX = 366


@dataclass(frozen=True, slots=True)
class Job:
    """An import as its kind sees it: whose it is, to what thing its rows belong, for which days."""

    id: UUID
    member_id: UUID | None
    target_id: UUID | None = None
    period: Period | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done for a row; writing it calls the commands that the API calls."""

    row: Row
    effect: Effect
    write: Callable[[Transaction], Awaitable[object]] | None = None


Progress = Callable[[int], Awaitable[None]]
"""Told how many rows are done, it lets others see it while nothing is committed yet."""


class Look(Protocol):
    """Compares rows without faults with what is there; complains in a row, or plans its effect."""

    async def __call__(self, tx: Transaction, job: Job, rows: Sequence[Row]) -> Sequence[Plan]:
        """The plans of all rows that nothing was complained of."""


class Write(Protocol):
    """Writes all rows, or raises RowsAreWrong or a Refusal, after which nothing is written."""

    async def __call__(
        self, tx: Transaction, job: Job, rows: Sequence[Row], progress: Progress
    ) -> Summary:
        """What the rows did."""


class Convert(Protocol):
    """Makes rows of the sheet from a file that is no table; burns a core, so it runs in a thread."""

    def __call__(self, data: bytes, period: Period) -> tuple[Table, list[Fault]]:
        """The rows of the period, and what is wrong with the file."""


@dataclass(frozen=True)
class Kind:
    """A kind of import."""

    sheet: Sheet
    look: Look
    write: Write
    converters: dict[FileType, Convert] = field(default_factory=dict)
    """What reads types of file other than CSV and XLSX, for the days of a period."""
    has_period: bool = False
    """Whether the file speaks for the days of a period, which may be given with it."""
    is_rehearsed: bool = False
    """Whether the rows are checked by writing them and undoing it: where they depend on each other."""
    require_target: Callable[[Transaction, UUID], Awaitable[None]] | None = None
    """Raises NotFound unless the thing that the rows belong to is the actor's; None: there is none."""
    words: Callable[[Transaction], Awaitable[Words]] | None = None
    """What the template says may be written, where only the database knows."""

    @property
    def name(self) -> str:
        """How the interface calls it."""
        return self.sheet.name


@dataclass(frozen=True)
class Imports:
    """What a service takes from files, and who may bring them."""

    may: Access
    kinds: tuple[Kind, ...]
    target: str = "target_id"
    """How the interface calls the thing that the rows of some kinds belong to."""
    path: str = "/imports"
    """Where the interface has them; a service whose files are brought by different people has two."""

    def kind_of(self, name: str) -> Kind | None:
        """The kind of this name."""
        return next((kind for kind in self.kinds if kind.name == name), None)


def row_by_row(look: Look) -> Write:
    """Writes as `look` plans: all rows are looked at once more, and only then written in order."""

    async def write(tx: Transaction, job: Job, rows: Sequence[Row], progress: Progress) -> Summary:
        bites = [rows[start : start + BITE] for start in range(0, len(rows), BITE)]
        for bite in bites:
            await look(tx, job, bite)
        refuse_faults(rows)
        summary, done = Summary(), 0
        for bite in bites:
            for plan in await look(tx, job, bite):
                await _write_row(tx, plan)
                summary = summary.count(plan.effect)
            refuse_faults(bite)
            done += len(bite)
            await progress(done)
        return summary

    return write


async def _write_row(tx: Transaction, plan: Plan) -> None:
    if plan.write is None:
        return
    try:
        await plan.write(tx)
    except Refusal as refusal:
        raise RowsAreWrong([plan.row.complain_of(refusal)]) from None


def refuse_faults(rows: Sequence[Row]) -> None:
    """Raises RowsAreWrong when anything was complained of."""
    faults = [fault for row in rows for fault in row.faults]
    if faults:
        raise RowsAreWrong(faults)
