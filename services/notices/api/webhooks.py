"""Programs of a member that are told what concerns the member."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Request
from pydantic import BaseModel, Field

from services.notices.api.routes import COORDINATORS, routes
from services.notices.commands import webhooks
from services.notices.domain.kinds import FOR_PROGRAMS, Kind
from services.notices.queries import webhooks as queries
from shared.paging import Cursor, Limit, Page
from shared.refusal import Invalid
from shared.routes import KeyUse, Tx
from shared.values import Line


class WebhookView(BaseModel):
    """A program that is told; `disabled_at` since it is told nothing more."""

    id: UUID
    url: str
    kinds: list[Kind]
    made_at: datetime
    disabled_at: datetime | None


class NewWebhook(WebhookView):
    """A program with the secret by which it knows us; it is said this once."""

    secret: str


class WebhookBody(BaseModel):
    """Where the program is (`https://`, port 443, 80 or 8443), and what it is told."""

    url: Annotated[Line, Field(max_length=500)]
    kinds: Annotated[set[Kind], Field(min_length=1, max_length=len(Kind))]


class DeliveryItem(BaseModel):
    """One telling: how often it was tried, what was answered last, and why it failed, if it did."""

    id: UUID
    kind: Kind
    made_at: datetime
    due_at: datetime
    tries: int
    answer: int | None
    reason_code: str | None
    ended_at: datetime | None


@routes.get("/webhooks", may=COORDINATORS)
async def list_webhooks(tx: Tx) -> Page[WebhookView]:
    """The programs of the acting member."""
    return Page(items=[_view(row) for row in await queries.webhooks(tx)])


@routes.post("/webhooks", may=COORDINATORS, key=KeyUse.IGNORED, status_code=201)
async def add_webhook(request: Request, tx: Tx, body: WebhookBody) -> NewWebhook:
    """Has a program told from now on, signed as Standard Webhooks says; the secret is in this answer alone."""
    if not body.kinds <= FOR_PROGRAMS:
        raise Invalid("Some of this concerns persons, not your organisation.", at="body.kinds")
    programs: webhooks.Programs = request.app.state.programs
    webhook_id, secret = await webhooks.add(
        tx, body.url, body.kinds, is_local_allowed=programs.is_local_allowed
    )
    view = _view(await queries.webhook(tx, webhook_id))
    return NewWebhook(**view.model_dump(), secret=secret)


@routes.delete("/webhooks/{webhook_id}", may=COORDINATORS, status_code=204)
async def remove_webhook(tx: Tx, webhook_id: UUID) -> None:
    """Tells the program nothing more."""
    await webhooks.remove(tx, webhook_id)


@routes.get("/webhooks/{webhook_id}/deliveries", may=COORDINATORS)
async def list_deliveries(
    tx: Tx, webhook_id: UUID, cursor: Cursor = None, limit: Limit = 50
) -> Page[DeliveryItem]:
    """What the program was told in the last thirty days, newest first."""
    rows, next_cursor = await queries.deliveries(tx, webhook_id, cursor=cursor, limit=limit)
    return Page(items=[DeliveryItem(**row) for row in rows], next_cursor=next_cursor)


def _view(row: Mapping[str, Any]) -> WebhookView:
    return WebhookView(**{name: row[name] for name in WebhookView.model_fields})
