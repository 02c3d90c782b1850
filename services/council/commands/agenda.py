"""The agenda of a meeting that is planned: items come, change, go, and are put in order."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from services.council.commands import matters, proposals
from services.council.commands.seating import require_office
from services.council.domain import agenda as domain
from services.council.domain.agenda import Item, ItemIsTabled, ItemOutcome
from services.council.domain.meetings import Meeting, require_planned
from services.council.domain.proposals import Matter, MatterKind, require_ready
from services.council.queries.members import members_on
from services.council.records.meetings import item_of, matter_of, meeting_of
from shared.database import Transaction
from shared.refusal import NotFound
from shared.russia.calendar import moscow_date

_FIELDS = (
    "title, kind, speaker, minutes, draft_text, decision_kind, force, subject_id, ground,"
    " parameter, value, addressee_ids, responsible_member_id, due_on"
)


async def add_item(
    tx: Transaction,
    meeting_id: UUID,
    item: Item,
    *,
    proposal_id: UUID | None = None,
    matter_id: UUID | None = None,
) -> UUID:
    """The secretary takes something to the agenda: a proposal, a matter, or what is neither.

    Returns the item's id. Raises MeetingIsElsewhere, AgendaIsFull, ItemIsWrong, ItemIsTabled,
    ProposalIsAnswered, MatterIsNotReady, MatterIsClosed; NotFound for what is not known.
    """
    meeting = await locked_meeting(tx, meeting_id)
    await require_office(tx)
    require_planned(meeting)
    count: int = await tx.value("SELECT count(*) FROM items WHERE meeting_id = $1", meeting_id)
    domain.require_room(count)
    matter = None if matter_id is None else await matters.locked(tx, matter_id)
    item = await _checked(tx, meeting, item, matter)
    if matter is not None:
        await _require_untabled(tx, matter)
    item_id = tx.new_id("item")
    await _insert(tx, item_id, meeting_id, count + 1, item, (proposal_id, matter_id, None))
    if proposal_id is not None:
        await proposals.table(tx, proposal_id, meeting_id, item_id)
    tx.note("item.added", item_id, after={"meeting_id": meeting_id, **_said(item)})
    await _touch(tx, meeting)
    return item_id


async def change_item(tx: Transaction, item_id: UUID, item: Item) -> None:
    """The item says something else; what it stands on stays."""
    row, meeting = await _locked_item(tx, item_id)
    matter = (
        None
        if row["matter_id"] is None
        else matter_of(await tx.row("SELECT * FROM matters WHERE id = $1", row["matter_id"]))
    )
    before = item_of(row)
    item = await _checked(tx, meeting, item, matter)
    await tx.execute(
        f"UPDATE items SET ({_FIELDS})"  # noqa: S608 - constants
        " = ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) WHERE id = $1",
        item_id,
        *_values(item),
    )
    tx.note("item.changed", item_id, before=_said(before), after=_said(item))
    await _touch(tx, meeting)


async def remove_item(tx: Transaction, meeting_id: UUID, item_id: UUID) -> None:
    """The item comes off the agenda, once; its proposal waits for another one."""
    meeting = await locked_meeting(tx, meeting_id)
    await require_office(tx)
    require_planned(meeting)
    row = await tx.row("SELECT * FROM items WHERE id = $1 AND meeting_id = $2", item_id, meeting_id)
    if row is None:
        return
    if row["proposal_id"] is not None:
        await proposals.untable(tx, row["proposal_id"])
    await tx.execute("UPDATE invitations SET item_id = NULL WHERE item_id = $1", item_id)
    lay = await tx.fetch("DELETE FROM materials WHERE item_id = $1 RETURNING file_id", item_id)
    await tx.execute("DELETE FROM items WHERE id = $1", item_id)
    await forget_files(tx, [each["file_id"] for each in lay])
    await tx.execute(
        "UPDATE items SET position = position - 1 WHERE meeting_id = $1 AND position > $2",
        meeting.id,
        row["position"],
    )
    tx.note("item.removed", item_id, before={"meeting_id": meeting.id, **_said(item_of(row))})
    await _touch(tx, meeting)


async def order_items(tx: Transaction, meeting_id: UUID, item_ids: Sequence[UUID]) -> None:
    """The items come in this order. Raises OrderIsWrong."""
    meeting = await locked_meeting(tx, meeting_id)
    await require_office(tx)
    require_planned(meeting)
    rows = await tx.fetch("SELECT id FROM items WHERE meeting_id = $1", meeting_id)
    domain.require_order(item_ids, {row["id"] for row in rows})
    await tx.execute(
        "UPDATE items SET position = o.place FROM unnest($1::uuid[]) WITH ORDINALITY AS o (id, place)"
        " WHERE items.id = o.id",
        list(item_ids),
    )
    tx.note("meeting.agenda_ordered", meeting_id, after={"items": len(item_ids)})
    await _touch(tx, meeting)


async def carry_items(tx: Transaction, meeting_id: UUID, successor_id: UUID) -> None:
    """The agenda of a meeting that is moved is that of the other one too."""
    rows = await tx.fetch("SELECT * FROM items WHERE meeting_id = $1 ORDER BY position", meeting_id)
    for row in rows:
        stands_on = (row["proposal_id"], row["matter_id"], row["id"])
        item_id = tx.new_id("item")
        await _insert(tx, item_id, successor_id, row["position"], item_of(row), stands_on)
        for material in await tx.fetch("SELECT * FROM materials WHERE item_id = $1", row["id"]):
            await tx.execute(
                "INSERT INTO materials (id, item_id, file_id, added_at) VALUES ($1, $2, $3, $4)",
                tx.new_id("material"),
                item_id,
                material["file_id"],
                material["added_at"],
            )


async def settle_items(tx: Transaction, meeting_id: UUID) -> None:
    """The meeting is over: what was not voted on was heard, or waits for another agenda."""
    rows = await tx.fetch(
        "SELECT * FROM items WHERE meeting_id = $1 ORDER BY position FOR UPDATE", meeting_id
    )
    for row in rows:
        outcome = row["outcome"] or domain.outcome_of(item_of(row).kind)
        await tx.execute("UPDATE items SET outcome = $2 WHERE id = $1", row["id"], outcome)
        is_over = outcome != ItemOutcome.POSTPONED
        if row["proposal_id"] is not None:
            step = proposals.deal_with if is_over else proposals.untable
            await step(tx, row["proposal_id"])
        if row["matter_id"] is not None and is_over:
            await matters.close_matter(tx, row["matter_id"])


async def release_items(tx: Transaction, meeting_id: UUID) -> None:
    """The meeting does not take place: its proposals wait for another agenda."""
    rows = await tx.fetch(
        "SELECT proposal_id FROM items WHERE meeting_id = $1 AND proposal_id IS NOT NULL"
        " ORDER BY proposal_id",
        meeting_id,
    )
    for row in rows:
        await proposals.untable(tx, row["proposal_id"])


async def forget_files(tx: Transaction, file_ids: list[UUID]) -> None:
    """Deletes files that lie before the council no more."""
    await tx.execute(
        "DELETE FROM files f WHERE id = ANY ($1)"
        " AND NOT EXISTS (SELECT FROM materials m WHERE m.file_id = f.id)",
        file_ids,
    )


async def locked_meeting(tx: Transaction, meeting_id: UUID) -> Meeting:
    """The meeting, held until the end of the transaction; raises NotFound."""
    row = await tx.row("SELECT * FROM meetings WHERE id = $1 FOR UPDATE", meeting_id)
    if row is None:
        raise NotFound
    return meeting_of(row)


async def _locked_item(tx: Transaction, item_id: UUID) -> tuple[Any, Meeting]:
    meeting_id = await tx.value("SELECT meeting_id FROM items WHERE id = $1", item_id)
    if meeting_id is None:
        raise NotFound
    meeting = await locked_meeting(tx, meeting_id)  # before the item, as everything does
    row = await tx.row("SELECT * FROM items WHERE id = $1 FOR UPDATE", item_id)
    if row is None:
        raise NotFound
    await require_office(tx)
    require_planned(meeting)
    return row, meeting


async def _insert(
    tx: Transaction,
    item_id: UUID,
    meeting_id: UUID,
    position: int,
    item: Item,
    stands_on: tuple[UUID | None, UUID | None, UUID | None],
) -> None:
    await tx.execute(
        "INSERT INTO items (id, meeting_id, position, proposal_id, matter_id, carried_from_id,"  # noqa: S608 - constants
        f" {_FIELDS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15,"
        " $16, $17, $18, $19, $20)",
        item_id,
        meeting_id,
        position,
        *stands_on,
        *_values(item),
    )


async def _checked(tx: Transaction, meeting: Meeting, item: Item, matter: Matter | None) -> Item:
    day = moscow_date(meeting.call.starts_at)
    domain.check_item(item, matter, await members_on(tx, moscow_date(tx.now)))
    if matter is None or item.decision_kind is None:
        return item
    require_ready(matter, item.decision_kind, day)
    is_case = matter.kind is MatterKind.CASE
    subject_id = matter.member_id if is_case else matter.id
    return replace(item, subject_id=subject_id, ground=matter.ground)


async def _require_untabled(tx: Transaction, matter: Matter) -> None:
    is_tabled = await tx.value(
        "SELECT true FROM items i JOIN meetings m ON m.id = i.meeting_id WHERE i.matter_id = $1"
        " AND i.outcome IS NULL AND m.status IN ('planned', 'announced', 'open', 'no_quorum')",
        matter.id,
    )
    if is_tabled:
        raise ItemIsTabled


async def _touch(tx: Transaction, meeting: Meeting) -> None:
    await tx.execute("UPDATE meetings SET version = version + 1 WHERE id = $1", meeting.id)


def _values(item: Item) -> list[Any]:
    return [
        item.title,
        item.kind,
        item.speaker,
        item.minutes,
        item.draft_text,
        item.decision_kind,
        item.force,
        item.subject_id,
        item.ground,
        item.parameter,
        item.value,
        list(item.addressee_ids),
        item.responsible_member_id,
        item.due_on,
    ]


def _said(item: Item) -> dict[str, Any]:
    """What an audit row says of it: ids and kinds, and nothing that people wrote."""
    return {
        "kind": item.kind,
        "decision_kind": item.decision_kind,
        "force": item.force,
        "subject_id": item.subject_id,
        "responsible_member_id": item.responsible_member_id,
        "due_on": item.due_on,
    }
