"""Minutes: drafted, fixed, signed, published, corrected; as documents, whole and in extracts."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response
from pydantic import BaseModel, Field, StringConstraints

from services.council.api.routes import OFFICE, READERS, VOTERS, routes
from services.council.commands import minutes, papers
from services.council.domain.minutes import Attendee, ItemTexts, Texts
from services.council.queries import minutes as queries
from shared.documents.render import KINDS, Format
from shared.etag import IfMatch, stamp
from shared.files.resource import FILE_RESPONSES, file_response
from shared.paging import Cursor, Limit, Page
from shared.routes import Tx
from shared.values import Line, Words

Name = Annotated[Line, Field(description="As it shall be printed.")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9A-Fa-f]{64}$")]
Year = Annotated[int | None, Query(ge=2000, le=2200)]


class AttendeeBody(BaseModel):
    """Somebody who was there, as the name shall be printed."""

    seat_id: UUID
    name: Name


class ItemBody(BaseModel):
    """What was heard on an item, what others said, and who is responsible."""

    item_id: UUID
    heard: Words
    spoke: Annotated[list[Words], Field(max_length=50)] = []
    responsible: Line | None = None


class TextsBody(BaseModel):
    """All that the secretary enters; what is left out now is entered before the minutes are fixed."""

    attendees: Annotated[list[AttendeeBody], Field(max_length=500)]
    items: Annotated[list[ItemBody], Field(max_length=100)]
    chair: Name | None = None
    secretary: Name | None = None
    invited: Annotated[list[Name], Field(max_length=100)] = []


class Correction(BaseModel):
    """What is wrong in the signed minutes."""

    reason: Words


class ReadBytes(BaseModel):
    """The SHA-256 of the bytes that were read, in hexadecimal."""

    sha256: Sha256


@routes.post("/meetings/{meeting_id}/minutes", may=OFFICE, status_code=201)
async def make_minutes(meeting_id: UUID, response: Response, tx: Tx) -> queries.MinutesView:
    """Makes a draft of the minutes of a meeting that is over."""
    return await get_minutes(await minutes.make(tx, meeting_id), response, tx)


@routes.get("/minutes", may=READERS)
async def list_minutes(
    tx: Tx,
    meeting_id: UUID | None = None,
    year: Year = None,
    is_published: bool | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[queries.MinutesView]:
    """Minutes, the newest first; who does not sit in the council asks for published ones."""
    items, next_cursor = await queries.list_minutes(
        tx,
        meeting_id=meeting_id,
        year=year,
        is_published=is_published,
        cursor=cursor,
        limit=limit,
    )
    return Page(items=items, next_cursor=next_cursor)


@routes.get("/minutes/{minutes_id}", may=READERS)
async def get_minutes(minutes_id: UUID, response: Response, tx: Tx) -> queries.MinutesView:
    """Minutes: published ones for every member, others for the council."""
    found = await queries.minutes(tx, minutes_id)
    stamp(response, found.version)
    return found


@routes.put("/minutes/{minutes_id}", may=OFFICE)
async def write_minutes(
    minutes_id: UUID, body: TextsBody, response: Response, tx: Tx, if_match: IfMatch = None
) -> queries.MinutesView:
    """Enters names as they shall be printed, and what was heard and said; as often as one likes."""
    texts = Texts(
        chair=body.chair or "",
        secretary=body.secretary or "",
        attendees=tuple(Attendee(seat_id=each.seat_id, name=each.name) for each in body.attendees),
        invited=tuple(body.invited),
        items=tuple(
            ItemTexts(
                item_id=each.item_id,
                heard=each.heard,
                spoke=tuple(each.spoke),
                responsible=each.responsible,
            )
            for each in body.items
        ),
    )
    await minutes.write(tx, minutes_id, texts, if_match)
    return await get_minutes(minutes_id, response, tx)


@routes.post("/minutes/{minutes_id}/fix", may=OFFICE)
async def fix_minutes(
    minutes_id: UUID, response: Response, tx: Tx, if_match: IfMatch = None
) -> queries.MinutesView:
    """Gives them their number and makes the bytes that secretary and chair sign."""
    await minutes.fix(tx, minutes_id, if_match)
    return await get_minutes(minutes_id, response, tx)


@routes.post("/minutes/{minutes_id}/reopen", may=OFFICE)
async def reopen_minutes(
    minutes_id: UUID, response: Response, tx: Tx, if_match: IfMatch = None
) -> queries.MinutesView:
    """Makes them a draft again, as long as nobody has signed."""
    await minutes.reopen(tx, minutes_id, if_match)
    return await get_minutes(minutes_id, response, tx)


@routes.post("/minutes/{minutes_id}/sign", may=VOTERS)
async def sign_minutes(
    minutes_id: UUID, body: ReadBytes, response: Response, tx: Tx
) -> queries.MinutesView:
    """Signs exactly the bytes that were read: first the secretary of that meeting, then its chair."""
    await minutes.sign(tx, minutes_id, body.sha256)
    return await get_minutes(minutes_id, response, tx)


@routes.post("/minutes/{minutes_id}/publish", may=OFFICE)
async def publish_minutes(
    minutes_id: UUID, response: Response, tx: Tx, if_match: IfMatch = None
) -> queries.MinutesView:
    """Lets every member read signed minutes."""
    await minutes.publish(tx, minutes_id, if_match)
    return await get_minutes(minutes_id, response, tx)


@routes.post("/minutes/{minutes_id}/correct", may=OFFICE, status_code=201)
async def correct_minutes(
    minutes_id: UUID, body: Correction, response: Response, tx: Tx
) -> queries.MinutesView:
    """Makes a draft of new minutes that take the place of these, which stay as they were signed."""
    return await get_minutes(await minutes.correct(tx, minutes_id, body.reason), response, tx)


@routes.get(
    "/minutes/{minutes_id}/document.pdf",
    may=READERS,
    response_class=Response,
    responses=FILE_RESPONSES,
)
async def download_pdf(minutes_id: UUID, tx: Tx) -> Response:
    """The very bytes that are signed; of a draft, what they would be now."""
    paper = await queries.paper(tx, minutes_id)
    if paper.content is not None:
        return file_response(f"{paper.name}.pdf", KINDS[Format.PDF], paper.content)
    return await _made(paper, Format.PDF)


@routes.get(
    "/minutes/{minutes_id}/document.docx",
    may=READERS,
    response_class=Response,
    responses=FILE_RESPONSES,
)
async def download_docx(minutes_id: UUID, tx: Tx) -> Response:
    """The same words, for those who go on working with them."""
    return await _made(await queries.paper(tx, minutes_id), Format.DOCX)


@routes.get(
    "/minutes/{minutes_id}/extracts/{item_id}/document.pdf",
    may=READERS,
    response_class=Response,
    responses=FILE_RESPONSES,
)
async def download_extract_pdf(minutes_id: UUID, item_id: UUID, tx: Tx) -> Response:
    """An extract from signed minutes about one item, the same bytes whenever it is asked for."""
    return await _made(await queries.extract(tx, minutes_id, item_id), Format.PDF)


@routes.get(
    "/minutes/{minutes_id}/extracts/{item_id}/document.docx",
    may=READERS,
    response_class=Response,
    responses=FILE_RESPONSES,
)
async def download_extract_docx(minutes_id: UUID, item_id: UUID, tx: Tx) -> Response:
    """The same extract, for those who go on working with it."""
    return await _made(await queries.extract(tx, minutes_id, item_id), Format.DOCX)


async def _made(paper: queries.Paper, made_as: Format) -> Response:
    content = await papers.make_minutes(
        paper.data, made_as, paper.made_at, extract_of=paper.extract_of
    )
    return file_response(f"{paper.name}.{made_as}", KINDS[made_as], content)
