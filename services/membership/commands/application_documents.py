"""Documents of an application: added and taken back by the applicant's link."""

from uuid import UUID

from services.membership.commands.joining import followed, locked
from services.membership.domain.application_documents import (
    DocumentKind,
    require_few_documents,
    require_open,
)
from services.membership.records import application_of
from shared.database import Transaction
from shared.files import records as files
from shared.files.uploads import Upload
from shared.refusal import NotFound


async def add(tx: Transaction, token: str, kind: DocumentKind, upload: Upload) -> UUID:
    """The applicant adds a document; returns the application's id.

    Raises LinkIsOver, ApplicationIsElsewhere, TooManyDocuments.
    """
    application_id = await followed(tx, token)
    require_open(application_of(await locked(tx, application_id)).status)
    require_few_documents(
        await tx.value(
            "SELECT count(*) FROM application_documents WHERE application_id = $1", application_id
        )
    )
    file_id = await files.keep(tx, upload)
    await tx.execute(
        "INSERT INTO application_documents (file_id, application_id, kind, added_at)"
        " VALUES ($1, $2, $3, $4)",
        file_id,
        application_id,
        kind,
        tx.now,
    )
    tx.note(
        "application.document_added",
        application_id,
        after={"file_id": file_id, "kind": kind, "sha256": upload.sha256.hex()},
    )
    return application_id


async def take_back(tx: Transaction, token: str, file_id: UUID) -> UUID:
    """The applicant takes a document back, and it is deleted; returns the application's id."""
    application_id = await followed(tx, token)
    application = application_of(await locked(tx, application_id))
    is_there = await tx.value(
        "SELECT true FROM application_documents WHERE file_id = $1 AND application_id = $2",
        file_id,
        application_id,
    )
    if not is_there:
        raise NotFound
    require_open(application.status)
    await tx.execute("DELETE FROM application_documents WHERE file_id = $1", file_id)
    await files.remove(tx, file_id)
    tx.note("application.document_taken_back", application_id, before={"file_id": file_id})
    return application_id
