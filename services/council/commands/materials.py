"""Materials of items: files that people read before a meeting."""

from typing import Any
from uuid import UUID

from services.council.commands.agenda import forget_files, locked_meeting
from services.council.commands.seating import require_office
from services.council.domain import meetings as domain
from services.council.domain.agenda import require_room
from services.council.queries.parameters import rules_on
from shared.database import Transaction
from shared.files import records as files
from shared.files.uploads import Upload
from shared.refusal import NotFound
from shared.russia.calendar import moscow_date


async def add_material(tx: Transaction, item_id: UUID, upload: Upload) -> None:
    """Lays a file before the council; the same one twice on one item lies there once.

    Raises NotFound, MeetingIsElsewhere, MaterialsAreLate, AgendaIsFull.
    """
    await require_material_time(tx, item_id)
    rows = await tx.fetch(
        "SELECT f.sha256 FROM materials m JOIN files f ON f.id = m.file_id WHERE m.item_id = $1",
        item_id,
    )
    if any(row["sha256"] == upload.sha256 for row in rows):
        return
    require_room(len(rows))
    actor = tx.authorise()
    file_id = await files.keep(tx, upload, member_id=actor.member_id, made_by=actor.person_id)
    material_id = tx.new_id("material")
    await tx.execute(
        "INSERT INTO materials (id, item_id, file_id, added_at) VALUES ($1, $2, $3, $4)",
        material_id,
        item_id,
        file_id,
        tx.now,
    )
    tx.note("material.added", material_id, after={"item_id": item_id, "file_id": file_id})


async def remove_material(tx: Transaction, item_id: UUID, material_id: UUID) -> None:
    """Takes a file back, as long as another one could be laid before the council."""
    await require_material_time(tx, item_id)
    row: Any = await tx.row(
        "DELETE FROM materials WHERE id = $1 AND item_id = $2 RETURNING file_id",
        material_id,
        item_id,
    )
    if row is None:
        return
    await forget_files(tx, [row["file_id"]])
    tx.note("material.removed", material_id, before={"item_id": item_id})


async def require_material_time(tx: Transaction, item_id: UUID) -> None:
    """Who does the office work may lay something before the council, and there is time to read it.

    Asked before a file is looked at. Raises NotFound, MeetingIsElsewhere, MaterialsAreLate.
    """
    meeting_id = await tx.value("SELECT meeting_id FROM items WHERE id = $1", item_id)
    if meeting_id is None:
        raise NotFound
    meeting = await locked_meeting(tx, meeting_id)
    if not await tx.value("SELECT true FROM items WHERE id = $1", item_id):
        raise NotFound
    await require_office(tx)
    domain.require_material_time(meeting, await rules_on(tx, moscow_date(tx.now)), tx.now)
