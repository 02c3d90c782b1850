"""The work on imports, a round at a time: some rows are checked, or one import is applied whole."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any
from uuid import UUID

from shared import failpoints, log
from shared.database import COLLIDED, UNREACHABLE, Transaction
from shared.identity import Actor
from shared.imports import records
from shared.imports.faults import IMPORT_FAILED, Complaint, Fault, RowsAreWrong
from shared.imports.files import in_thread
from shared.imports.kinds import BITE, Imports, Job, Kind, Period, Summary
from shared.imports.sheet import Table, rows_of
from shared.refusal import Refusal, Unavailable

PASSING = (*UNREACHABLE, *COLLIDED, Unavailable)
"""What says nothing about the import: the round is simply done again."""

logger = log.get(__name__)


def work_on(*several: Imports) -> Callable[[Transaction], Awaitable[int]]:
    """The command that does a round of the work; it takes as many rounds as there is work."""
    found = {kind.name: (imports, kind) for imports in several for kind in imports.kinds}

    async def work_on_imports(tx: Transaction) -> int:
        """Checks some rows of an import, applies one, or forgets one that nobody applied."""
        row = await records.next_job(tx)
        if row is None:
            return 0
        known = found.get(row["kind"])
        if row["status"] == "checked":
            if records.is_old(row, tx.now):
                await records.note_expired(tx, row["id"])
        elif known is None:  # an older release took it
            await records.note_refused(tx, row["id"], [_fault(IMPORT_FAILED)], 1)
        else:
            do = _check if row["status"] == "checking" else _apply
            await _guarded(tx, *known, row, do)
        failpoints.reach(tx.service, failpoints.ROUND_BEFORE_COMMIT)
        return 1

    return work_on_imports


Step = Callable[[Transaction, Imports, Kind, Mapping[str, Any]], Awaitable[None]]


async def _guarded(
    tx: Transaction, imports: Imports, kind: Kind, row: Mapping[str, Any], do: Step
) -> None:
    """Does the step whole; what is refused, or a bug, refuses the import and undoes the step."""
    try:
        async with tx.attempt():
            await do(tx, imports, kind, row)
    except PASSING:
        raise
    except RowsAreWrong as wrong:
        await records.note_refused(tx, row["id"], wrong.faults, wrong.total)
    except Refusal as refusal:
        complaint = Complaint(refusal.code, refusal.detail)
        await records.note_refused(tx, row["id"], [_fault(complaint, **refusal.facts)], 1)
    except Exception as error:  # it would fail again and again, and hold up all others
        log.fault(logger, error, import_id=str(row["id"]))
        await records.note_refused(tx, row["id"], [_fault(IMPORT_FAILED)], 1)


async def _check(tx: Transaction, imports: Imports, kind: Kind, row: Mapping[str, Any]) -> None:
    start = row["rows_done"]
    stop = min(start + BITE, row["rows_total"])
    table = await in_thread(lambda: Table.load(row["content"]))
    rows = await in_thread(lambda: rows_of(kind.sheet, table, start, stop))
    readable = [found for found in rows if not found.faults]
    summary = Summary()
    for plan in await kind.look(tx, _job(row), readable):
        summary = summary.count(plan.effect)
    faults = [fault for found in rows for fault in found.faults]
    if kind.is_rehearsed and stop == row["rows_total"] and not row["faults_total"] and not faults:
        try:
            summary = await _rehearse(tx, imports, kind, row, table)
        except RowsAreWrong as wrong:
            faults = wrong.faults
    await records.note_checked(tx, row, stop, summary, faults)


class _Undone(Exception):
    """What was rehearsed is undone."""


async def _rehearse(
    tx: Transaction, imports: Imports, kind: Kind, row: Mapping[str, Any], table: Table
) -> Summary:
    """Writes all rows, and undoes it; what they would have done. Raises RowsAreWrong."""

    async def no_progress(_: int) -> None:
        """Nobody is to see what will be undone."""

    rows = await in_thread(lambda: rows_of(kind.sheet, table, 0, row["rows_total"]))
    summary = Summary()
    _act_for(tx, imports, row, row["made_by"])
    try:
        async with tx.attempt():
            summary = await kind.write(tx, _job(row), rows, no_progress)
            raise _Undone
    except _Undone:
        return summary
    finally:
        tx.actor = tx.allowed = None


def _act_for(tx: Transaction, imports: Imports, row: Mapping[str, Any], person_id: UUID) -> None:
    """What is done from here on, the person who ordered it does."""
    roles = imports.may.roles
    tx.actor = Actor(person_id, row["member_id"], roles, row["id"])
    tx.allowed = roles


async def _apply(tx: Transaction, imports: Imports, kind: Kind, row: Mapping[str, Any]) -> None:
    _act_for(tx, imports, row, row["applied_by"])
    table = await in_thread(lambda: Table.load(row["content"]))
    rows = await in_thread(lambda: rows_of(kind.sheet, table, 0, row["rows_total"]))

    async def progress(rows_done: int) -> None:
        with suppress(*PASSING):  # nothing hangs on it
            await records.tell_progress(tx, row["id"], rows_done)

    summary = await kind.write(tx, _job(row), rows, progress)
    await records.note_applied(tx, row["id"], summary)


def _job(row: Mapping[str, Any]) -> Job:
    period = Period(row["first_on"], row["last_on"]) if row["first_on"] else None
    return Job(row["id"], row["member_id"], row["target_id"], period)


def _fault(complaint: Complaint, **facts: Any) -> Fault:
    return Fault(complaint.code, complaint.sentence, facts=facts)
