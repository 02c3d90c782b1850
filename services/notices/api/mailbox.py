"""The mailbox of the demo, for those who run it."""

from datetime import datetime
from uuid import UUID

from fastapi import Request
from pydantic import BaseModel

from services.notices.api.routes import ADMINISTRATORS, routes
from services.notices.queries import mailbox
from shared.paging import Cursor, Limit, Page
from shared.refusal import NotFound
from shared.routes import Tx


class MailItem(BaseModel):
    """A letter as it would have gone out, as plain text."""

    id: UUID
    address: str
    subject: str
    body: str
    kept_at: datetime


@routes.get("/mailbox", may=ADMINISTRATORS)
async def list_mailbox(
    request: Request, tx: Tx, cursor: Cursor = None, limit: Limit = 50
) -> Page[MailItem]:
    """The letters of the demo's last day, newest first; with a mail server there are none here."""
    if not request.app.state.post.keeps_letters:
        raise NotFound
    rows, next_cursor = await mailbox.letters(tx, cursor=cursor, limit=limit)
    return Page(items=[MailItem(**row) for row in rows], next_cursor=next_cursor)
