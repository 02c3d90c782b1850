"""The rows of files: brought in, used by something, given out, and forgotten when nothing uses them."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from shared.database import Transaction
from shared.files.faults import FileIsUsed, FileTypeIsNotTaken, TooManyFiles
from shared.files.types import FileType
from shared.files.uploads import Upload
from shared.refusal import NotFound

UNUSED_KEPT = timedelta(hours=24)
"""So long a file waits for something to use it."""
UNUSED_MAX = 50
"""So many files of one member, or of one person without one, may wait at a time."""
FORGOTTEN_AT_ONCE = 50

_HEAD = "id, member_id, made_by, made_at, name, kind, size, sha256, used_at"


@dataclass(frozen=True, slots=True)
class FileHead:
    """What is known of a file besides its content; `sha256` is written in hexadecimal."""

    id: UUID
    member_id: UUID | None
    made_by: UUID | None
    made_at: datetime
    name: str
    kind: FileType
    size: int
    sha256: str
    used_at: datetime | None


async def keep(
    tx: Transaction,
    upload: Upload,
    *,
    member_id: UUID | None = None,
    made_by: UUID | None = None,
    is_used: bool = True,
) -> UUID:
    """Keeps a file, for good while `is_used`; else it waits a day for something to use it."""
    file_id = tx.new_id("file")
    await tx.execute(
        "INSERT INTO files (id, member_id, made_by, made_at, name, kind, size, sha256, content,"
        " used_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        file_id,
        member_id,
        made_by,
        tx.now,
        upload.name,
        upload.kind,
        len(upload.content),
        upload.sha256,
        upload.content,
        tx.now if is_used else None,
    )
    return file_id


async def bring_in(tx: Transaction, upload: Upload) -> UUID:
    """Somebody brings in a file, for something that will name it; raises TooManyFiles."""
    actor = tx.authorise()
    # who sends many files at once is counted as who sends them one by one
    await tx.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('files ' || $1::text, 0))",
        str(actor.member_id or actor.person_id),
    )
    waiting = await tx.value(
        "SELECT count(*) FROM files WHERE used_at IS NULL AND CASE WHEN $1::uuid IS NULL"
        " THEN member_id IS NULL AND made_by = $2 ELSE member_id = $1 END",
        actor.member_id,
        actor.person_id,
    )
    if waiting >= UNUSED_MAX:
        raise TooManyFiles
    file_id = await keep(
        tx, upload, member_id=actor.member_id, made_by=actor.person_id, is_used=False
    )
    tx.note("file.brought_in", file_id, after={"sha256": upload.sha256.hex()})
    return file_id


async def use(tx: Transaction, file_id: UUID, taken: Set[FileType]) -> FileHead:
    """A thing of the service rests on a file that the acting member brought in.

    The thing's own row has to refer to the file (`REFERENCES files`), which keeps it. Raises
    NotFound for another's file, FileTypeIsNotTaken for a type that has no place there.
    """
    head = await own(tx, file_id)
    if head.kind not in taken:
        raise FileTypeIsNotTaken(taken=sorted(taken), found=head.kind)
    await tx.execute(
        "UPDATE files SET used_at = coalesce(used_at, $2) WHERE id = $1", file_id, tx.now
    )
    return head


async def own(tx: Transaction, file_id: UUID) -> FileHead:
    """A file that the acting member brought in; raises NotFound."""
    found = await head_of(tx, file_id)
    actor = tx.actor
    if actor is None or (
        found.made_by != actor.person_id
        if actor.member_id is None
        else found.member_id != actor.member_id
    ):
        raise NotFound
    return found


async def head_of(tx: Transaction, file_id: UUID) -> FileHead:
    """What is known of a file, whoever asks: the service decides who may; raises NotFound."""
    row = await tx.row(f"SELECT {_HEAD} FROM files WHERE id = $1", file_id)  # noqa: S608
    if row is None:
        raise NotFound
    return _head(row)


async def heads_of(tx: Transaction, file_ids: list[UUID]) -> dict[UUID, FileHead]:
    """What is known of several files, by their ids."""
    rows = await tx.fetch(f"SELECT {_HEAD} FROM files WHERE id = ANY ($1)", file_ids)  # noqa: S608
    return {row["id"]: _head(row) for row in rows}


async def content_of(tx: Transaction, file_id: UUID) -> tuple[FileHead, bytes]:
    """A file as it is, whoever asks: the service decides who may; raises NotFound."""
    row = await tx.row(
        f"SELECT {_HEAD}, content FROM files WHERE id = $1",  # noqa: S608
        file_id,
    )
    if row is None:
        raise NotFound
    return _head(row), row["content"]


async def remove(tx: Transaction, file_id: UUID) -> None:
    """Deletes a file; raises FileIsUsed while any row refers to it."""
    try:
        async with tx.attempt():
            await tx.execute("DELETE FROM files WHERE id = $1", file_id)
    except asyncpg.ForeignKeyViolationError:
        raise FileIsUsed from None
    tx.note("file.removed", file_id)


async def forget_unused(tx: Transaction) -> int:
    """Files that nothing came to use within a day are forgotten: a due command of the service."""
    rows = await tx.fetch(
        "DELETE FROM files WHERE id IN (SELECT id FROM files WHERE used_at IS NULL"
        " AND made_at < $1 ORDER BY made_at LIMIT $2 FOR UPDATE SKIP LOCKED) RETURNING id",
        tx.now - UNUSED_KEPT,
        FORGOTTEN_AT_ONCE,
    )
    return len(rows)


def _head(row: Any) -> FileHead:
    return FileHead(
        row["id"],
        row["member_id"],
        row["made_by"],
        row["made_at"],
        row["name"],
        FileType(row["kind"]),
        row["size"],
        row["sha256"].hex(),
        row["used_at"],
    )
