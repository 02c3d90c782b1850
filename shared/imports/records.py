"""The rows of imports: each step is a row's state, so a kill between two steps loses nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from shared.database import Transaction
from shared.etag import expect
from shared.imports.faults import Fault, TooManyImports
from shared.imports.kinds import Period, Summary
from shared.imports.sheet import Table
from shared.paging import cut, place_of
from shared.refusal import NotFound, WrongStatus

FAULTS_MAX = 500
"""So many faults are kept; how many there are in all is counted."""
WAITING_MAX = 30
"""So many imports of one member may wait at a time."""
CONTENT_KEPT = timedelta(hours=24)
KEPT = timedelta(days=30)

STATUSES = ("checking", "checked", "applying", "applied", "refused", "expired")

_SHOWN = (
    "id, kind, target_id, first_on, last_on, file_name, status, rows_total, rows_done, added, changed, unchanged,"
    " removed, faults_total, made_at, made_by, applied_at, version"
)


async def make(
    tx: Transaction,
    *,
    kind: str,
    target_id: UUID | None,
    period: Period | None,
    file_name: str,
    table: Table,
    faults: Sequence[Fault],
) -> UUID:
    """Keeps what a file says, to be checked; with faults of the whole file, to be shown only."""
    actor = tx.authorise()
    await _forget_old(tx, actor.member_id)
    import_id = tx.new_id()
    await tx.execute(
        "INSERT INTO imports (id, member_id, made_by, kind, target_id, first_on, last_on, file_name,"
        " content, status, rows_total, rows_done, added, changed, unchanged, removed, faults,"
        " faults_total, made_at, version)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, 0, 0, 0, 0, $12, $13, $14, 1)",
        import_id,
        actor.member_id,
        actor.person_id,
        kind,
        target_id,
        *(period or (None, None)),
        file_name,
        None if faults else table.dump(),
        "refused" if faults else "checking",
        len(table.rows),
        _stored(faults),
        len(faults),
        tx.now,
    )
    tx.note("import.made", import_id)
    return import_id


async def _forget_old(tx: Transaction, member_id: UUID | None) -> None:
    await tx.execute(
        "DELETE FROM imports WHERE member_id IS NOT DISTINCT FROM $1 AND made_at < $2"
        " AND content IS NULL",
        member_id,
        tx.now - KEPT,
    )
    waiting = await tx.value(
        "SELECT count(*) FROM imports"
        " WHERE member_id IS NOT DISTINCT FROM $1 AND content IS NOT NULL",
        member_id,
    )
    if waiting >= WAITING_MAX:
        raise TooManyImports(waiting_max=WAITING_MAX)


async def own(tx: Transaction, import_id: UUID, *, lock: bool = False) -> Mapping[str, Any]:
    """An import of the acting member; raises NotFound for anybody else's."""
    row: Mapping[str, Any] | None = await tx.row(
        f"SELECT {_SHOWN}, faults FROM imports"  # noqa: S608 - the parts are constants
        f" WHERE id = $1 AND member_id IS NOT DISTINCT FROM $2 {'FOR UPDATE' if lock else ''}",
        import_id,
        tx.actor.member_id if tx.actor else None,
    )
    if row is None or tx.actor is None:
        raise NotFound
    tx.authorise()
    return row


async def own_ones(
    tx: Transaction, *, kind: str | None, cursor: str | None, limit: int
) -> tuple[list[Mapping[str, Any]], str | None]:
    """The imports of the acting member, the newest first, without their faults."""
    actor = tx.authorise()
    place = place_of(cursor, (UUID,)) or [None]
    rows = await tx.fetch(
        f"SELECT {_SHOWN} FROM imports WHERE member_id IS NOT DISTINCT FROM $1"  # noqa: S608
        " AND ($2::text IS NULL OR kind = $2) AND ($3::uuid IS NULL OR id < $3)"
        " ORDER BY id DESC LIMIT $4",
        actor.member_id,
        kind,
        place[0],
        limit + 1,
    )
    return cut(rows, limit, lambda row: [row["id"]])


async def order(tx: Transaction, import_id: UUID, if_match: str | None) -> None:
    """An import that was checked is to be applied."""
    row = await own(tx, import_id, lock=True)
    actor = tx.authorise()
    expect(if_match, row["version"])
    if row["status"] != "checked":
        raise WrongStatus(f"The import is {row['status']}.", import_status=row["status"])
    await tx.execute(
        "UPDATE imports SET status = 'applying', rows_done = 0, applied_by = $2,"
        " version = version + 1 WHERE id = $1",
        import_id,
        actor.person_id,
    )
    tx.note("import.ordered", import_id)


async def next_job(tx: Transaction) -> Mapping[str, Any] | None:
    """The oldest import that has to be checked, applied or forgotten, held by this transaction.

    It is held by an advisory lock and not by its row's, so that its progress can be told from
    outside while it is being applied.
    """
    ids = await tx.fetch(
        "SELECT id FROM imports WHERE content IS NOT NULL"
        " AND (status IN ('checking', 'applying') OR made_at < $1) ORDER BY made_at, id LIMIT 3",
        tx.now - CONTENT_KEPT,
    )
    for found in ids:
        held = await tx.value(
            "SELECT pg_try_advisory_xact_lock(hashtextextended($1::text, 0))", str(found["id"])
        )
        if held:
            row: Mapping[str, Any] | None = await tx.row(
                "SELECT * FROM imports WHERE id = $1 AND content IS NOT NULL", found["id"]
            )
            return row
    return None


async def note_checked(
    tx: Transaction,
    row: Mapping[str, Any],
    rows_done: int,
    summary: Summary,
    faults: Sequence[Fault],
) -> None:
    """Some more rows are checked; with the last one the import is checked, or refused."""
    total = row["faults_total"] + len(faults)
    status = "checking"
    if rows_done == row["rows_total"]:
        status = "refused" if total else "checked"
        tx.note(f"import.{status}", row["id"])
    await tx.execute(
        "UPDATE imports SET rows_done = $2, added = added + $3, changed = changed + $4,"
        " unchanged = unchanged + $5, removed = removed + $6, faults = faults || $7,"
        " faults_total = $8, status = $9, first_on = coalesce(first_on, $10),"
        " last_on = coalesce(last_on, $11), version = version + 1,"
        " content = CASE WHEN $9 = 'refused' THEN NULL ELSE content END WHERE id = $1",
        row["id"],
        rows_done,
        summary.added,
        summary.changed,
        summary.unchanged,
        summary.removed,
        _stored(faults, FAULTS_MAX - min(row["faults_total"], FAULTS_MAX)),
        total,
        status,
        *(summary.period or (None, None)),
    )


async def note_applied(tx: Transaction, import_id: UUID, summary: Summary) -> None:
    """All rows are written; what the file said is forgotten."""
    await tx.execute(
        "UPDATE imports SET status = 'applied', rows_done = rows_total, added = $2, changed = $3,"
        " unchanged = $4, removed = $5, applied_at = $6, content = NULL, version = version + 1"
        " WHERE id = $1",
        import_id,
        summary.added,
        summary.changed,
        summary.unchanged,
        summary.removed,
        tx.now,
    )
    tx.note("import.applied", import_id)


async def note_refused(
    tx: Transaction, import_id: UUID, faults: Sequence[Fault], total: int
) -> None:
    """Nothing of the import is written, for these faults."""
    await tx.execute(
        "UPDATE imports SET status = 'refused', faults = $2, faults_total = $3, content = NULL,"
        " version = version + 1 WHERE id = $1",
        import_id,
        _stored(faults),
        total,
    )
    tx.note("import.refused", import_id)


async def note_expired(tx: Transaction, import_id: UUID) -> None:
    """Nobody applied the import in time; what the file said is forgotten."""
    await tx.execute(
        "UPDATE imports SET status = 'expired', content = NULL, version = version + 1"
        " WHERE id = $1",
        import_id,
    )
    tx.note("import.expired", import_id)


async def tell_progress(tx: Transaction, import_id: UUID, rows_done: int) -> None:
    """Lets everybody see how far an import is, in a statement outside of the one that applies it."""
    await tx.database.fetch(
        "UPDATE imports SET rows_done = $2 WHERE id = $1 AND status = 'applying'",
        import_id,
        rows_done,
    )


def is_old(row: Mapping[str, Any], now: datetime) -> bool:
    """Whether an import has waited long enough to be applied."""
    made_at: datetime = row["made_at"]
    return made_at < now - CONTENT_KEPT


def _stored(faults: Sequence[Fault], most: int = FAULTS_MAX) -> list[dict[str, Any]]:
    return [asdict(fault) for fault in faults[:most]]
