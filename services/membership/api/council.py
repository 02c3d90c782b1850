"""The names behind the ids of the council's seats, which travel in no fact."""

from uuid import UUID

from services.membership.api.routes import SECRETARIAT, routes
from services.membership.commands.disclosures import note_representatives
from services.membership.queries import council as queries
from shared.paging import Cursor, Limit, Page
from shared.routes import ANYONE_SIGNED_IN, Tx


@routes.get("/council-people", may=ANYONE_SIGNED_IN)
async def list_council_people(
    tx: Tx, cursor: Cursor = None, limit: Limit = 50
) -> Page[queries.PersonItem]:
    """Who has, had or will have a seat in the council, by name."""
    items, next_cursor = await queries.seated(tx, cursor=cursor, limit=limit)
    return Page(items=items, next_cursor=next_cursor)


@routes.get("/members/{member_id}/representatives", may=SECRETARIAT)
async def list_representatives(
    member_id: UUID, tx: Tx, cursor: Cursor = None, limit: Limit = 50
) -> Page[queries.PersonItem]:
    """Who acts for a member, by name: those whom a seat can be given."""
    items, next_cursor = await queries.representatives(tx, member_id, cursor=cursor, limit=limit)
    await note_representatives(tx, member_id, [item.person_id for item in items])
    return Page(items=items, next_cursor=next_cursor)
