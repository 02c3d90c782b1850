"""Parameters, duties shared out among members, and working groups."""

from typing import Annotated
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, Field

from services.council.api.routes import OFFICE, READERS, Basis, routes
from services.council.commands import groups
from services.council.domain.duties import PEOPLE_MAX, GroupPerson, Part
from services.council.queries import duties as queries
from services.council.queries import parameters
from shared.etag import IfMatch, stamp
from shared.paging import Cursor, Limit, Page
from shared.routes import Tx
from shared.values import Day, Line, Words


class Parameters(BaseModel):
    """Every parameter as it stands on the day, by name."""

    items: list[parameters.ParameterView]


class History(BaseModel):
    """All values that parameters have had, the newest first."""

    items: list[parameters.ParameterValue]


class PersonOfGroup(BaseModel):
    """Who is in a group, for whom the person works, and as what."""

    person_id: UUID
    member_id: UUID
    part: Part = Part.MEMBER


class NewGroup(BaseModel):
    """A working group, what it is for, and on what it stands."""

    title: Line
    purpose: Words
    basis: Basis
    people: Annotated[list[PersonOfGroup], Field(min_length=1, max_length=PEOPLE_MAX)]


@routes.get("/parameters", may=READERS)
async def list_parameters(tx: Tx, on: Day | None = None) -> Parameters:
    """What the regulation leaves open, as it is on a day, or today."""
    return Parameters(items=await parameters.parameters(tx, on))


@routes.get("/parameters/history", may=READERS)
async def read_parameters_history(tx: Tx) -> History:
    """Which decision set what, and from which day on."""
    return History(items=await parameters.history(tx))


@routes.get("/duties", may=READERS)
async def list_duties(
    tx: Tx,
    member_id: UUID | None = None,
    on: Day | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[queries.DutyView]:
    """Duties that the council has shared out among members (R4.4)."""
    items, next_cursor = await queries.duties(
        tx, member_id=member_id, on=on, cursor=cursor, limit=limit
    )
    return Page(items=items, next_cursor=next_cursor)


@routes.get("/groups", may=READERS)
async def list_groups(
    tx: Tx, is_open: bool | None = None, cursor: Cursor = None, limit: Limit = 50
) -> Page[queries.GroupItem]:
    """Working groups."""
    items, next_cursor = await queries.groups(tx, is_open=is_open, cursor=cursor, limit=limit)
    return Page(items=items, next_cursor=next_cursor)


@routes.get("/groups/{group_id}", may=READERS)
async def get_group(group_id: UUID, response: Response, tx: Tx) -> queries.GroupView:
    """A working group, and who is in it."""
    group = await queries.group(tx, group_id)
    stamp(response, group.version)
    return group


@routes.post("/groups", may=OFFICE, status_code=201)
async def form_group(body: NewGroup, response: Response, tx: Tx) -> queries.GroupView:
    """Forms a working group, and draws its people in (R6.4)."""
    group_id = await groups.form_group(
        tx,
        title=body.title,
        purpose=body.purpose,
        basis=body.basis,
        people=[GroupPerson(**dict(person)) for person in body.people],
    )
    return await get_group(group_id, response, tx)


@routes.post("/groups/{group_id}/people", may=OFFICE)
async def draw_in(
    group_id: UUID, body: PersonOfGroup, response: Response, tx: Tx
) -> queries.GroupView:
    """Draws another person in."""
    await groups.draw_in(tx, group_id, GroupPerson(**dict(body)))
    return await get_group(group_id, response, tx)


@routes.delete("/groups/{group_id}/people/{person_id}", may=OFFICE)
async def release(group_id: UUID, person_id: UUID, response: Response, tx: Tx) -> queries.GroupView:
    """Releases a person from the group."""
    await groups.release(tx, group_id, person_id)
    return await get_group(group_id, response, tx)


@routes.post("/groups/{group_id}/close", may=OFFICE)
async def close_group(
    group_id: UUID, response: Response, tx: Tx, if_match: IfMatch = None
) -> queries.GroupView:
    """Closes the group: it has done its work."""
    await groups.close_group(tx, group_id, if_match)
    return await get_group(group_id, response, tx)
