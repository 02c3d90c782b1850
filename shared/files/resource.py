"""The routes of files, the same in every service, and the answer that is a file."""

from collections.abc import Set
from datetime import datetime
from urllib.parse import quote
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel

from shared.files import records
from shared.files.records import FileHead
from shared.files.types import MEDIA_TYPES, FileType, media_type_of
from shared.files.uploads import BYTES_MAX, read_upload
from shared.routes import Access, Routes, Tx
from shared.values import Line

SAFE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
}
"""Whatever stands in a file, no browser runs it as a page of ours."""


class FileView(BaseModel):
    """A file, without its content."""

    id: UUID
    name: str
    media_type: str
    size: int
    sha256: str
    made_at: datetime


def view_of(head: FileHead) -> FileView:
    """What a client sees of a file."""
    return FileView(
        id=head.id,
        name=head.name,
        media_type=media_type_of(head.kind),
        size=head.size,
        sha256=head.sha256,
        made_at=head.made_at,
    )


def file_response(name: str, kind: FileType, content: bytes) -> Response:
    """A file to be saved, never to be shown as a page."""
    plain = "".join(char if char.isascii() and char not in '"\\%' else "_" for char in name)
    return Response(
        content,
        media_type=media_type_of(kind),
        headers={
            **SAFE_HEADERS,
            "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}",
        },
    )


def body_of(taken: Set[FileType]) -> dict[str, object]:
    """How a route that takes a file as its body says so (`openapi_extra`)."""
    media_types = sorted(MEDIA_TYPES[kind].partition(";")[0] for kind in taken)
    return {
        "requestBody": {
            "required": True,
            "content": {
                media_type: {"schema": {"type": "string", "format": "binary"}}
                for media_type in media_types
            },
        }
    }


FILE_RESPONSES: dict[int | str, dict[str, object]] = {
    200: {"content": {"application/octet-stream": {}}}
}
"""How a route that answers a file says so (`responses`)."""


def add_file_routes(routes: Routes, may: Access, taken: Set[FileType]) -> None:
    """Adds `/files`: what a member brings in, for something that will name it within a day."""

    @routes.post(
        "/files",
        may=may,
        status_code=201,
        body_bytes_max=BYTES_MAX,
        openapi_extra=body_of(taken),
    )
    async def bring_in_file(
        request: Request, response: Response, tx: Tx, file_name: Line
    ) -> FileView:
        """Takes a file of up to 5 MB, the body as it is; its type is told by its content."""
        tx.authorise()
        file_id = await records.bring_in(tx, await read_upload(request, file_name, taken))
        response.headers["Location"] = f"{routes.router.prefix}/files/{file_id}"
        return view_of(await records.own(tx, file_id))

    @routes.get("/files/{file_id}", may=may)
    async def read_file(tx: Tx, file_id: UUID) -> FileView:
        """What is known of a file that the acting member brought in."""
        head = await records.own(tx, file_id)
        tx.authorise()
        return view_of(head)

    @routes.get(
        "/files/{file_id}/content", may=may, response_class=Response, responses=FILE_RESPONSES
    )
    async def download_file(tx: Tx, file_id: UUID) -> Response:
        """A file that the acting member brought in, to be saved."""
        await records.own(tx, file_id)
        tx.authorise()
        head, content = await records.content_of(tx, file_id)
        return file_response(head.name, head.kind, content)

    @routes.delete("/files/{file_id}", may=may, status_code=204)
    async def remove_file(tx: Tx, file_id: UUID) -> None:
        """Deletes a file that the acting member brought in, while nothing uses it."""
        await records.own(tx, file_id)
        tx.authorise()
        await records.remove(tx, file_id)
