"""The agenda of a meeting: its items, until the meeting is announced."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, Field

from services.council.api.meetings import get_meeting
from services.council.api.routes import OFFICE, READERS, routes
from services.council.commands import agenda, materials
from services.council.domain.agenda import ITEMS_MAX, Item, ItemKind
from services.council.domain.kinds import DecisionKind, Force
from services.council.queries import materials as material_queries
from services.council.queries import meetings as queries
from shared.files.resource import FILE_RESPONSES, body_of, file_response
from shared.files.types import PAPERS, FileType
from shared.files.uploads import BYTES_MAX, read_upload
from shared.routes import Tx
from shared.values import Day, Line, LongWords, Whole

TAKEN = PAPERS | {FileType.PPTX}
"""What people bring to a meeting: papers and slides."""


class ItemOf(BaseModel):
    """What an item says, and what it puts to the decision.

    `addressee_ids` are members whom the decision is for, `responsible_member_id` who carries it
    out, `due_on` its last day. Whom it admits, excludes or suspends comes from the matter.
    """

    title: Line
    kind: ItemKind
    speaker: Line | None = None
    minutes: Annotated[Whole, Field(ge=1, le=600)] | None = None
    draft_text: LongWords | None = None
    decision_kind: DecisionKind | None = None
    force: Force = Force.BINDING
    subject_id: UUID | None = None
    parameter: Line | None = None
    value: Line | None = None
    addressee_ids: Annotated[list[UUID], Field(max_length=500)] = []
    responsible_member_id: UUID | None = None
    due_on: Day | None = None


class NewItem(ItemOf):
    """An item on a proposal, on a matter that membership made ready, or on neither."""

    proposal_id: UUID | None = None
    matter_id: UUID | None = None


class Order(BaseModel):
    """Every item of the agenda, in the order in which they come."""

    item_ids: Annotated[list[UUID], Field(max_length=ITEMS_MAX)]


@routes.get("/items/{item_id}", may=READERS)
async def get_item(item_id: UUID, tx: Tx) -> queries.ItemView:
    """An item of an agenda."""
    return await queries.item(tx, item_id)


@routes.post("/meetings/{meeting_id}/items", may=OFFICE, status_code=201)
async def add_item(meeting_id: UUID, body: NewItem, tx: Tx) -> queries.ItemView:
    """Takes something to the agenda."""
    item_id = await agenda.add_item(
        tx, meeting_id, _item(body), proposal_id=body.proposal_id, matter_id=body.matter_id
    )
    return await queries.item(tx, item_id)


@routes.put("/items/{item_id}", may=OFFICE)
async def change_item(item_id: UUID, body: ItemOf, tx: Tx) -> queries.ItemView:
    """Has the item say something else."""
    await agenda.change_item(tx, item_id, _item(body))
    return await queries.item(tx, item_id)


@routes.delete("/meetings/{meeting_id}/items/{item_id}", may=OFFICE)
async def remove_item(
    meeting_id: UUID, item_id: UUID, response: Response, tx: Tx
) -> queries.MeetingView:
    """Takes the item off the agenda; what is not on it is off it already."""
    await agenda.remove_item(tx, meeting_id, item_id)
    return await get_meeting(meeting_id, response, tx)


@routes.post(
    "/materials",
    may=OFFICE,
    status_code=201,
    body_bytes_max=BYTES_MAX,
    openapi_extra=body_of(TAKEN),
)
async def add_material(
    request: Request, item_id: UUID, file_name: Line, tx: Tx
) -> queries.ItemView:
    """Lays a file before the council, the body as it is, in time to be read."""
    await materials.require_material_time(tx, item_id)
    await materials.add_material(tx, item_id, await read_upload(request, file_name, TAKEN))
    return await queries.item(tx, item_id)


@routes.delete("/items/{item_id}/materials/{material_id}", may=OFFICE)
async def remove_material(item_id: UUID, material_id: UUID, tx: Tx) -> queries.ItemView:
    """Takes a file back, as long as another one could be laid before the council."""
    await materials.remove_material(tx, item_id, material_id)
    return await queries.item(tx, item_id)


@routes.get(
    "/materials/{material_id}/content",
    may=READERS,
    response_class=Response,
    responses=FILE_RESPONSES,
)
async def download_material(material_id: UUID, tx: Tx) -> Response:
    """A file that lies before the council, to be saved."""
    head, content = await material_queries.content(tx, material_id)
    return file_response(head.name, head.kind, content)


@routes.post("/meetings/{meeting_id}/order", may=OFFICE)
async def order_items(
    meeting_id: UUID, body: Order, response: Response, tx: Tx
) -> queries.MeetingView:
    """Puts the agenda in order."""
    await agenda.order_items(tx, meeting_id, body.item_ids)
    return await get_meeting(meeting_id, response, tx)


def _item(body: ItemOf) -> Item:
    fields: dict[str, Any] = {
        name: value
        for name, value in dict(body).items()
        if name not in {"proposal_id", "matter_id", "addressee_ids"}
    }
    return Item(**fields, ground=None, addressee_ids=tuple(dict.fromkeys(body.addressee_ids)))
