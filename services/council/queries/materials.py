"""Materials of items: what they are, and the files themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.database import Transaction
from shared.files import records as files
from shared.files.records import FileHead
from shared.files.types import FileType, media_type_of
from shared.refusal import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterialView:
    """A file that lies before the council; its content is at `/materials/{id}/content`."""

    id: UUID
    name: str
    media_type: str
    size: int
    added_at: datetime


async def materials_of(tx: Transaction, item_ids: Sequence[UUID]) -> dict[UUID, list[MaterialView]]:
    """What lies before the council on each of these items."""
    rows = await tx.fetch(
        "SELECT m.id, m.item_id, m.added_at, f.name, f.kind, f.size FROM materials m"
        " JOIN files f ON f.id = m.file_id WHERE m.item_id = ANY ($1) ORDER BY m.id",
        list(item_ids),
    )
    found: dict[UUID, list[MaterialView]] = {item_id: [] for item_id in item_ids}
    for row in rows:
        found[row["item_id"]].append(
            MaterialView(
                id=row["id"],
                name=row["name"],
                media_type=media_type_of(FileType(row["kind"])),
                size=row["size"],
                added_at=row["added_at"],
            )
        )
    return found


async def content(tx: Transaction, material_id: UUID) -> tuple[FileHead, bytes]:
    """The file, for every signed-in person to read (R5.1); raises NotFound."""
    file_id = await tx.value("SELECT file_id FROM materials WHERE id = $1", material_id)
    if file_id is None:
        raise NotFound
    tx.authorise()
    return await files.content_of(tx, file_id)
