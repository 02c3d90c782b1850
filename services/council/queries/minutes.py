"""Minutes as they are read: published ones by every member, others by the council."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.council.domain.minutes import (
    MinutesStatus,
    Texts,
    document_data,
    due_on,
    extract_data,
    number_text,
    require_signed,
)
from services.council.queries.held import held, item_ids, those_there
from services.council.queries.parameters import rules_on
from services.council.queries.sitting import require_insider
from services.council.records.minutes import minutes_of, texts_of
from shared.database import Transaction
from shared.files import records as files
from shared.paging import cut, place_of
from shared.refusal import NotFound
from shared.russia.calendar import moscow_date
from shared.signing import records as signings


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureView:
    """Who has signed for which seat, and when."""

    seat_id: UUID
    person_id: UUID
    signed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MinutesView:
    """Minutes of a meeting; once they are fixed, `sha256` names the bytes that are signed."""

    id: UUID
    meeting_id: UUID
    corrects_id: UUID | None
    correction: str | None
    corrected_by_id: UUID | None
    year: int | None
    number: int | None
    """Of the year, without gaps; given when the minutes are fixed."""
    status: MinutesStatus
    due_on: date
    """The day by which they are to be signed."""
    is_overdue: bool
    texts: Texts
    seat_ids: list[UUID]
    """Who was there and has to be named."""
    item_ids: list[UUID]
    """What was on the agenda and has to be worded."""
    sha256: str | None
    signatures: list[SignatureView]
    waits_for: list[UUID]
    """The seats whose turn it is to sign."""
    made_at: datetime
    signed_at: datetime | None
    published_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """What a document of the minutes is made of; `content` are the bytes that were fixed.

    `extract_of` names the signed bytes of which it is a part.
    """

    data: Mapping[str, Any]
    made_at: datetime
    name: str
    content: bytes | None = None
    extract_of: str | None = None


_SELECT = (
    "SELECT m.*, t.closed_at, (SELECT id FROM minutes WHERE corrects_id = m.id) AS corrected_by_id"
    " FROM minutes m JOIN meetings t ON t.id = m.meeting_id"
)


async def minutes(tx: Transaction, minutes_id: UUID) -> MinutesView:
    """Minutes, for those who may read them; raises NotFound."""
    return await _view(tx, await _readable(tx, minutes_id))


async def list_minutes(
    tx: Transaction,
    *,
    meeting_id: UUID | None,
    year: int | None,
    is_published: bool | None,
    cursor: str | None,
    limit: int,
) -> tuple[list[MinutesView], str | None]:
    """Minutes, the newest first: of all, unless only published ones are asked for."""
    if is_published is not True:
        await require_insider(tx)
    tx.authorise()
    [before] = place_of(cursor, (UUID,)) or [None]
    rows = await tx.fetch(
        f"{_SELECT} WHERE ($1::uuid IS NULL OR m.meeting_id = $1)"
        " AND ($2::int IS NULL OR m.year = $2)"
        " AND ($3::boolean IS NULL OR $3 = (m.status = 'published'))"
        " AND ($4::uuid IS NULL OR m.id < $4) ORDER BY m.id DESC LIMIT $5",
        meeting_id,
        year,
        is_published,
        before,
        limit + 1,
    )
    page, next_cursor = cut(rows, limit, lambda row: [row["id"]])
    return [await _view(tx, row) for row in page], next_cursor


async def paper(tx: Transaction, minutes_id: UUID) -> Paper:
    """What the document is made of: of a draft, as it would be now."""
    row = await _readable(tx, minutes_id)
    if row["document"] is None:
        facts = await held(tx, row["meeting_id"], row["corrects_id"])
        data = document_data(facts, texts_of(row["texts"]), None)
        return Paper(data=data, made_at=tx.now, name="Проект протокола")
    signing = await signings.signing(tx, row["signing_id"])
    _, content = await files.content_of(tx, signing.file_id)
    return Paper(
        data=row["document"],
        made_at=signing.opened_at,
        name=f"Протокол № {number_text(row['year'], row['number'])}",
        content=content,
    )


async def extract(tx: Transaction, minutes_id: UUID, item_id: UUID) -> Paper:
    """An extract of signed minutes about one item; raises MinutesAreNotSigned, NotFound."""
    row = await _readable(tx, minutes_id)
    if item_id not in await item_ids(tx, row["meeting_id"]):
        raise NotFound
    require_signed(minutes_of(row))
    data = extract_data(row["document"], item_id)
    if data is None:
        raise NotFound
    number = number_text(row["year"], row["number"])
    return Paper(
        data=data,
        made_at=row["signed_at"],
        name=f"Выписка из протокола № {number}",
        extract_of=(await signings.signing(tx, row["signing_id"])).sha256,
    )


async def _readable(tx: Transaction, minutes_id: UUID) -> Any:
    row = await tx.row(f"{_SELECT} WHERE m.id = $1", minutes_id)
    if row is None:
        raise NotFound
    if row["status"] != MinutesStatus.PUBLISHED and not await _is_signer(tx, row["meeting_id"]):
        await require_insider(tx)
    tx.authorise()
    return row


async def _is_signer(tx: Transaction, meeting_id: UUID) -> bool:
    """Whether the person led that meeting: who signs reads, also when the seat is another's by now."""
    return tx.actor is not None and bool(
        await tx.value(
            "SELECT true FROM meetings m JOIN seats s"
            " ON s.id IN (m.chair_seat_id, m.secretary_seat_id)"
            " WHERE m.id = $1 AND s.person_id = $2 AND s.member_id = $3",
            meeting_id,
            tx.actor.person_id,
            tx.actor.member_id,
        )
    )


async def _view(tx: Transaction, row: Any) -> MinutesView:
    rules = await rules_on(tx, moscow_date(row["closed_at"]))
    last = due_on(row["closed_at"], rules.whole("minutes_working_days"))
    signing = None
    if row["signing_id"] is not None:
        signing = await signings.signing(tx, row["signing_id"])
    return MinutesView(
        id=row["id"],
        meeting_id=row["meeting_id"],
        corrects_id=row["corrects_id"],
        correction=row["correction"],
        corrected_by_id=row["corrected_by_id"],
        year=row["year"],
        number=row["number"],
        status=MinutesStatus(row["status"]),
        due_on=last,
        is_overdue=row["signed_at"] is None and moscow_date(tx.now) > last,
        texts=texts_of(row["texts"]),
        seat_ids=await those_there(tx, row["meeting_id"]),
        item_ids=await item_ids(tx, row["meeting_id"]),
        sha256=signing.sha256 if signing else None,
        signatures=[
            SignatureView(seat_id=each.party_id, person_id=each.person_id, signed_at=each.signed_at)
            for each in (signing.signatures if signing else ())
        ],
        waits_for=list(signing.waits_for) if signing else [],
        made_at=row["made_at"],
        signed_at=row["signed_at"],
        published_at=row["published_at"],
        version=row["version"],
    )
