"""Agreements as their parties see them: terms, signatures, how they go on and end."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.membership.domain.agreement_ends import say_no_until
from services.membership.domain.agreements import (
    AgreementKind,
    AgreementStatus,
    TariffUnit,
    day_after,
    is_free,
    status_of_agreement,
)
from services.membership.records import course_of, terms_of
from shared.database import Transaction
from shared.files import records as files
from shared.files.records import FileHead
from shared.paging import cut, place_of
from shared.refusal import NotFound
from shared.russia.calendar import moscow_date
from shared.signing import records as signing
from shared.signing.records import Method, Signing


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A party of an agreement, and whose hand signed for it."""

    member_id: UUID
    signed_at: datetime | None
    signed_by: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureView:
    """How a party signed; `signed_on` is the day that the paper bears, or that of the signature."""

    member_id: UUID
    method: Method
    signed_on: date
    file_id: UUID | None
    """The scan or the detached signature, where there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TariffView:
    """What the parties agreed to pay for one unit, without VAT."""

    what: str
    unit: TariffUnit
    net_kopecks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProlongationView:
    """By how much the term goes on, unless a party says no by a day."""

    months: int
    refusal_days: int
    say_no_until_on: date | None
    """Empty once a party has said no, or given notice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementView:
    """An agreement as its parties see it. `valid_to` is the last day as things stand."""

    id: UUID
    kind: AgreementKind
    status: AgreementStatus
    subject: str
    valid_from: date
    valid_to: date
    parties: list[Party]
    made_at: datetime
    activated_at: datetime | None
    version: int
    number: str | None = None
    place: str | None = None
    agreed_to: date | None = None
    """The last day that the document names."""
    in_order: bool = False
    document_sha256: str | None = None
    """Of the exact bytes that are signed; empty for agreements from before these were kept."""
    prolongation: ProlongationView | None = None
    notice_days: int | None = None
    noticed_by: UUID | None = None
    """The member that gave notice to end it; `ends_on` says when."""
    declined_by: UUID | None = None
    ends_on: date | None = None
    """The first day on which it no longer binds, where a party ends it."""
    is_free: bool | None = None
    tariffs: list[TariffView]
    reminder_days: list[int]
    signatures: list[SignatureView]
    waits_for: list[UUID]
    """The parties whose turn it is to sign."""


async def agreements(
    tx: Transaction,
    *,
    status: AgreementStatus | None,
    kind: AgreementKind | None,
    with_id: UUID | None,
    cursor: str | None,
    limit: int,
) -> tuple[list[AgreementView], str | None]:
    """The agreements of the actor's own member, the newest first."""
    actor = tx.authorise()
    [before] = place_of(cursor, (UUID,)) or [None]
    rows = await tx.fetch(
        f"{_AGREEMENTS} JOIN agreement_parties own ON own.agreement_id = a.id"
        " AND own.member_id = $2 WHERE ($7::text IS NULL OR $7 = CASE WHEN a.last_on < $1 THEN 'ended'"
        "     WHEN a.activated_at IS NULL THEN 'signing' ELSE 'active' END)"
        " AND ($3::text IS NULL OR a.kind = $3)"
        " AND ($4::uuid IS NULL OR $4 = ANY (p.party_ids))"
        " AND ($5::uuid IS NULL OR a.id < $5) ORDER BY a.id DESC LIMIT $6",
        moscow_date(tx.now),
        actor.member_id,
        kind,
        with_id,
        before,
        limit + 1,
        status,
    )
    page, next_cursor = cut(rows, limit, lambda row: [row["id"]])
    return await _views(tx, page), next_cursor


async def agreement(tx: Transaction, agreement_id: UUID) -> AgreementView:
    """An agreement of the actor's own member; raises NotFound for anybody else's."""
    return (await _views(tx, [await _own(tx, agreement_id)]))[0]


async def signed_document(tx: Transaction, agreement_id: UUID) -> tuple[FileHead, bytes]:
    """The exact bytes that are signed; raises NotFound where none were kept."""
    await _own(tx, agreement_id)
    found = await signing.signing_about(tx, agreement_id)
    if found is None:
        raise NotFound
    return await files.content_of(tx, found.file_id)


async def signature_file(
    tx: Transaction, agreement_id: UUID, member_id: UUID
) -> tuple[FileHead, bytes]:
    """The scan or the detached signature of a party; raises NotFound where there is none."""
    await _own(tx, agreement_id)
    found = await signing.signing_about(tx, agreement_id)
    for signature in found.signatures if found else ():
        if signature.party_id == member_id and signature.file_id is not None:
            return await files.content_of(tx, signature.file_id)
    raise NotFound


async def terms_and_day(tx: Transaction, agreement_id: UUID) -> tuple[Any, date, UUID, bool]:
    """The terms, the day they were made, by whom, and whether they are signed on paper."""
    row = await _own(tx, agreement_id)
    signed = [at for at in row["signed_at"] if at is not None]
    maker = row["signed_at"].index(min(signed)) if signed else 0
    return (
        terms_of(row, tuple(row["party_ids"])),
        moscow_date(row["made_at"]),
        row["party_ids"][maker],
        row["method"][maker] == Method.PAPER,
    )


async def _own(tx: Transaction, agreement_id: UUID) -> Any:
    row = await tx.row(f"{_AGREEMENTS} WHERE a.id = $1", agreement_id)
    if row is None or tx.actor is None or tx.actor.member_id not in row["party_ids"]:
        raise NotFound
    tx.authorise()
    return row


_AGREEMENTS = (
    "SELECT a.*, p.* FROM agreements a CROSS JOIN LATERAL ("
    "    SELECT array_agg(member_id ORDER BY place) AS party_ids,"
    "           array_agg(signed_at ORDER BY place) AS signed_at,"
    "           array_agg(signed_by ORDER BY place) AS signed_by,"
    "           array_agg(method ORDER BY place) AS method"
    "    FROM agreement_parties WHERE agreement_id = a.id) p"
)


async def _views(tx: Transaction, rows: Sequence[Any]) -> list[AgreementView]:
    signings = await signing.signings_about(tx, [row["id"] for row in rows])
    today = moscow_date(tx.now)
    return [_view(row, signings.get(row["id"]), today) for row in rows]


def _view(row: Any, signed: Signing | None, today: date) -> AgreementView:
    terms, course = terms_of(row, tuple(row["party_ids"])), course_of(row)
    status = status_of_agreement(row["activated_at"], row["last_on"], today)
    going_on = terms.prolongation
    until = say_no_until(course)
    return AgreementView(
        id=row["id"],
        kind=terms.kind,
        status=status,
        subject=terms.subject,
        valid_from=terms.valid_from,
        valid_to=course.last_on,
        parties=[
            Party(member_id=member_id, signed_at=signed_at, signed_by=signed_by)
            for member_id, signed_at, signed_by in _columns(
                row, "party_ids", "signed_at", "signed_by"
            )
        ],
        made_at=row["made_at"],
        activated_at=row["activated_at"],
        version=row["version"],
        number=terms.number,
        place=terms.place,
        agreed_to=terms.valid_to,
        in_order=terms.in_order,
        document_sha256=signed.sha256 if signed else None,
        prolongation=None
        if going_on is None
        else ProlongationView(
            months=going_on.months,
            refusal_days=going_on.refusal_days,
            say_no_until_on=until if until is not None and today <= until else None,
        ),
        notice_days=terms.notice_days,
        noticed_by=row["noticed_by"],
        declined_by=row["declined_by"],
        ends_on=day_after(course.last_on) if course.is_noticed or course.is_declined else None,
        is_free=is_free(terms),
        tariffs=[
            TariffView(what=each.what, unit=each.unit, net_kopecks=each.net_kopecks)
            for each in terms.tariffs
        ],
        reminder_days=list(terms.reminder_days),
        signatures=_signatures(row, signed),
        waits_for=_waits_for(row) if status is AgreementStatus.SIGNING else [],
    )


def _columns(row: Any, *names: str) -> Iterator[tuple[Any, ...]]:
    """What is known of each party, in their order."""
    return zip(*(row[name] for name in names), strict=True)


def _signatures(row: Any, signed: Signing | None) -> list[SignatureView]:
    kept = {each.party_id: each for each in signed.signatures} if signed else {}
    return [
        SignatureView(
            member_id=member_id,
            method=Method(method or Method.SYSTEM),
            signed_on=kept[member_id].signed_on if member_id in kept else moscow_date(signed_at),
            file_id=kept[member_id].file_id if member_id in kept else None,
        )
        for member_id, signed_at, method in _columns(row, "party_ids", "signed_at", "method")
        if signed_at is not None
    ]


def _waits_for(row: Any) -> list[UUID]:
    left = [
        member_id
        for member_id, signed_at in _columns(row, "party_ids", "signed_at")
        if signed_at is None
    ]
    return left[:1] if row["in_order"] else left
