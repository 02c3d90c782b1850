"""Documents of an application, for the applicant who has come by a link, and for the secretariat."""

from typing import Annotated
from uuid import UUID

from fastapi import Header, Request, Response
from pydantic import AfterValidator, StringConstraints

from services.membership.api.routes import SECRETARIAT, encodable, routes
from services.membership.commands import application_documents, joining
from services.membership.domain.application_documents import DocumentKind
from services.membership.queries import joining as queries
from shared.files.resource import FILE_RESPONSES, body_of, file_response
from shared.files.types import PAPERS
from shared.files.uploads import BYTES_MAX, read_upload
from shared.routes import PUBLIC, KeyUse, Tx
from shared.values import Line

LinkToken = Annotated[
    str,
    StringConstraints(min_length=1, max_length=100),
    AfterValidator(encodable),
    Header(description="The token of the link in the letter; it stands in no address."),
]


@routes.post(
    "/applications/documents",
    may=PUBLIC,
    key=KeyUse.IGNORED,
    status_code=201,
    body_bytes_max=BYTES_MAX,
    openapi_extra=body_of(PAPERS),
)
async def add_document(
    request: Request, link_token: LinkToken, file_name: Line, kind: DocumentKind, tx: Tx
) -> queries.ApplicationView:
    """Adds a document of up to 5 MB, the body as it is, while the secretariat still looks."""
    await joining.followed(tx, link_token)
    upload = await read_upload(request, file_name, PAPERS)
    added = await application_documents.add(tx, link_token, kind, upload)
    return await queries.own_application(tx, added)


@routes.get(
    "/applications/documents/{file_id}",
    may=PUBLIC,
    response_class=Response,
    responses=FILE_RESPONSES,
)
async def download_own_document(file_id: UUID, link_token: LinkToken, tx: Tx) -> Response:
    """A document of the own application, to be saved."""
    application_id = await joining.followed(tx, link_token)
    head, content = await queries.document(tx, application_id, file_id)
    return file_response(head.name, head.kind, content)


@routes.delete("/applications/documents/{file_id}", may=PUBLIC)
async def take_document_back(
    file_id: UUID, link_token: LinkToken, tx: Tx
) -> queries.ApplicationView:
    """Takes a document back, which deletes it, while the secretariat still looks."""
    application_id = await application_documents.take_back(tx, link_token, file_id)
    return await queries.own_application(tx, application_id)


@routes.get(
    "/applications/{application_id}/documents/{file_id}",
    may=SECRETARIAT,
    response_class=Response,
    responses=FILE_RESPONSES,
)
async def download_document(application_id: UUID, file_id: UUID, tx: Tx) -> Response:
    """A document of an application, for the secretariat, to be saved."""
    head, content = await queries.document(tx, application_id, file_id, is_submitted=True)
    tx.authorise()
    return file_response(head.name, head.kind, content)
