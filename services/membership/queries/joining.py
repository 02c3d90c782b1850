"""Applications and letters: what the secretariat and the applicant look up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from services.membership.domain.application_documents import DocumentKind
from services.membership.domain.applications import Applicant
from services.membership.domain.joining import ApplicationStatus, digest_of
from services.membership.domain.members import MemberKind
from services.membership.records import applicant_of
from shared.database import Transaction
from shared.files import records as files
from shared.files.records import FileHead
from shared.files.types import FileType, media_type_of
from shared.paging import cut, place_of
from shared.refusal import NotFound
from shared.russia.names import search_key


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationItem:
    """An application in a list."""

    id: UUID
    name: str
    kind: MemberKind
    inn: str
    kpp: str | None
    status: ApplicationStatus
    submitted_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicate:
    """Somebody who could be the same organisation, and what is the same."""

    by: Literal["inn", "ogrn", "name"]
    member_id: UUID | None
    application_id: UUID | None
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Accession:
    """What an admitted applicant signs: exactly this text, named by its SHA-256."""

    text: str
    sha256: str
    signed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentItem:
    """A document that goes with an application."""

    file_id: UUID
    kind: DocumentKind
    name: str
    media_type: str
    size: int
    added_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationView(ApplicationItem):
    """An application with its whole card; contacts in it are personal data."""

    card: Applicant
    reason: str | None
    """Why it was returned or rejected."""
    admitted_on: date | None
    decision_id: UUID | None
    accession: Accession | None
    member_id: UUID | None
    version: int
    documents: list[DocumentItem]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedApplication(ApplicationView):
    """An application as the secretariat sees it: with those who could be the same."""

    duplicates: list[Duplicate]


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter of the demo, with the link that only its reader knows."""

    id: UUID
    address: str
    kind: str
    about_id: UUID
    token: str | None
    words: str | None
    written_at: datetime


async def applications(
    tx: Transaction,
    *,
    status: ApplicationStatus | None,
    q: str | None,
    cursor: str | None,
    limit: int,
) -> tuple[list[ApplicationItem], str | None]:
    """Submitted applications, the newest first; drafts are nobody's to see."""
    tx.authorise()
    [before] = place_of(cursor, (UUID,)) or [None]
    rows = await tx.fetch(
        "SELECT id, name, kind, inn, kpp, status, submitted_at FROM applications"
        " WHERE status <> 'draft' AND ($1::text IS NULL OR status = $1)"
        " AND ($2::text IS NULL OR position($2 IN search_key) > 0 OR inn = $3)"
        " AND ($4::uuid IS NULL OR id < $4) ORDER BY id DESC LIMIT $5",
        status,
        search_key(q) if q else None,
        q,
        before,
        limit + 1,
    )
    page, next_cursor = cut(rows, limit, lambda row: [row["id"]])
    return [ApplicationItem(**_item(row)) for row in page], next_cursor


async def application(tx: Transaction, application_id: UUID) -> CheckedApplication:
    """For the secretariat: an application and those who could be the same; raises NotFound."""
    row = await tx.row(
        "SELECT * FROM applications WHERE id = $1 AND status <> 'draft'", application_id
    )
    if row is None:
        raise NotFound
    tx.authorise()
    return CheckedApplication(
        **_view(row),
        documents=await _documents(tx, application_id),
        duplicates=await _duplicates(tx, row),
    )


async def own_application(tx: Transaction, application_id: UUID) -> ApplicationView:
    """For the applicant, who has come by a link."""
    row = await tx.row("SELECT * FROM applications WHERE id = $1", application_id)
    if row is None:
        raise NotFound
    return ApplicationView(**_view(row), documents=await _documents(tx, application_id))


async def document(
    tx: Transaction, application_id: UUID, file_id: UUID, *, is_submitted: bool = False
) -> tuple[FileHead, bytes]:
    """A document of an application; of a draft none when it has to be submitted. Raises NotFound."""
    is_there = await tx.value(
        "SELECT true FROM application_documents d JOIN applications a ON a.id = d.application_id"
        " WHERE d.file_id = $1 AND a.id = $2 AND (a.status <> 'draft' OR NOT $3)",
        file_id,
        application_id,
        is_submitted,
    )
    if not is_there:
        raise NotFound
    return await files.content_of(tx, file_id)


async def _documents(tx: Transaction, application_id: UUID) -> list[DocumentItem]:
    rows = await tx.fetch(
        "SELECT d.file_id, d.kind, d.added_at, f.name, f.kind AS file_kind, f.size"
        " FROM application_documents d JOIN files f ON f.id = d.file_id"
        " WHERE d.application_id = $1 ORDER BY d.added_at, d.file_id",
        application_id,
    )
    return [
        DocumentItem(
            file_id=row["file_id"],
            kind=DocumentKind(row["kind"]),
            name=row["name"],
            media_type=media_type_of(FileType(row["file_kind"])),
            size=row["size"],
            added_at=row["added_at"],
        )
        for row in rows
    ]


async def letters(tx: Transaction, *, cursor: str | None, limit: int) -> tuple[list[Letter], Any]:
    """The mailbox of the demo, the newest letter first."""
    tx.authorise()
    [before] = place_of(cursor, (UUID,)) or [None]
    rows = await tx.fetch(
        "SELECT id, address, kind, about_id, token, words, written_at FROM letters"
        " WHERE expires_at > $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3",
        tx.now,
        before,
        limit + 1,
    )
    page, next_cursor = cut(rows, limit, lambda row: [row["id"]])
    return [Letter(**row) for row in page], next_cursor


def _item(row: Any) -> dict[str, Any]:
    return {
        "id": row["id"],
        "name": row["name"],
        "kind": MemberKind(row["kind"]),
        "inn": row["inn"],
        "kpp": row["kpp"],
        "status": ApplicationStatus(row["status"]),
        "submitted_at": row["submitted_at"],
    }


def _view(row: Any) -> dict[str, Any]:
    text = row["accession"]
    return {
        **_item(row),
        "card": applicant_of(row["card"]),
        "reason": row["reason"],
        "admitted_on": row["admitted_on"],
        "decision_id": row["decision_id"],
        "accession": None
        if text is None
        else Accession(text=text, sha256=digest_of(text), signed_at=row["signed_at"]),
        "member_id": row["member_id"],
        "version": row["version"],
    }


async def _duplicates(tx: Transaction, row: Any) -> list[Duplicate]:
    """Members that take part and open applications with the same number or name (I7)."""
    found: Sequence[Any] = await tx.fetch(
        "SELECT id AS member_id, NULL::uuid AS application_id, name, inn, ogrn FROM members"
        " WHERE withdrawn_at IS NULL AND (inn = $1 OR ogrn = $2 OR search_key = $3)"
        " AND id IS DISTINCT FROM $5"
        " UNION ALL SELECT NULL, id, name, inn, ogrn FROM applications"
        " WHERE status NOT IN ('draft', 'rejected', 'active') AND id <> $4"
        " AND (inn = $1 OR ogrn = $2 OR search_key = $3) ORDER BY name LIMIT 50",
        row["inn"],
        row["ogrn"],
        row["search_key"],
        row["id"],
        row["member_id"],
    )
    return [
        Duplicate(
            by="inn"
            if other["inn"] == row["inn"]
            else "ogrn"
            if other["ogrn"] == row["ogrn"]
            else "name",
            member_id=other["member_id"],
            application_id=other["application_id"],
            name=other["name"],
        )
        for other in found
    ]
