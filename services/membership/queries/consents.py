"""Consents as the person and the operator see them, their texts, and who was shown what."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.membership.domain.consents import Ground, Manner, Purpose, Signatory
from services.membership.queries.persons import require_known
from shared.database import Transaction
from shared.paging import cut, place_of
from shared.refusal import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentText:
    """The words by which a member asks for consent to one purpose, and their SHA-256."""

    id: UUID
    member_id: UUID
    purpose: Purpose
    version: int
    words: str
    sha256: str
    published_at: datetime
    is_newest: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentView:
    """A consent: to which text, how and when it was given, and when it was taken back.

    `reference` says where the paper lies. `recorded_at` is when it was entered here.
    """

    id: UUID
    person_id: UUID
    member_id: UUID
    purpose: Purpose
    text_id: UUID
    sha256: str
    manner: Manner
    signatory: Signatory
    given_on: date
    reference: str | None
    recorded_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """A member was shown a person's name or contact: when, whom, what, for what and on what ground."""

    id: int
    at: datetime
    to_member_id: UUID | None
    """Empty for all members, and for whoever runs the installation."""
    seen_by: UUID | None
    purpose: Purpose | None
    what: list[str]
    ground: Ground
    consent_id: UUID | None


async def texts(tx: Transaction, member_id: UUID) -> list[ConsentText]:
    """The newest text of each purpose that a member asks consent for."""
    tx.authorise()
    rows = await tx.fetch(
        "SELECT DISTINCT ON (purpose) *, true AS is_newest FROM consent_texts"
        " WHERE member_id = $1 ORDER BY purpose, version DESC",
        member_id,
    )
    return [_text(row) for row in rows]


async def text(tx: Transaction, text_id: UUID) -> ConsentText:
    """A text, also one that a newer one has replaced; raises NotFound."""
    row = await tx.row(
        "SELECT t.*, NOT EXISTS (SELECT FROM consent_texts n WHERE n.member_id = t.member_id"
        "  AND n.purpose = t.purpose AND n.version > t.version) AS is_newest"
        " FROM consent_texts t WHERE t.id = $1",
        text_id,
    )
    if row is None:
        raise NotFound
    tx.authorise()
    return _text(row)


def _text(row: Any) -> ConsentText:
    facts = {
        name: row[name]
        for name in ("id", "member_id", "version", "words", "sha256", "published_at", "is_newest")
    }
    return ConsentText(**facts, purpose=Purpose(row["purpose"]))


_CONSENTS = (
    "SELECT c.id, c.person_id, c.member_id, c.purpose, c.text_id, t.sha256, c.manner, c.signatory,"
    " c.given_on, c.reference, c.recorded_at, c.revoked_at FROM consents c"
    " JOIN consent_texts t ON t.id = c.text_id"
)


async def own(
    tx: Transaction, *, cursor: str | None, limit: int
) -> tuple[list[ConsentView], str | None]:
    """The actor's own consents to all members, the newest first."""
    return await _consents(tx, tx.authorise().person_id, None, cursor, limit)


async def of_person(
    tx: Transaction, person_id: UUID, *, cursor: str | None, limit: int
) -> tuple[list[ConsentView], str | None]:
    """A person's consents to the actor's member, the newest first; raises NotFound."""
    person_id = await require_known(tx, person_id)
    return await _consents(tx, person_id, tx.authorise().member, cursor, limit)


async def _consents(
    tx: Transaction, person_id: UUID, member_id: UUID | None, cursor: str | None, limit: int
) -> tuple[list[ConsentView], str | None]:
    [before] = place_of(cursor, (UUID,)) or [None]
    rows = await tx.fetch(
        f"{_CONSENTS} WHERE c.person_id = $1 AND ($2::uuid IS NULL OR c.member_id = $2)"
        " AND ($3::uuid IS NULL OR c.id < $3) ORDER BY c.id DESC LIMIT $4",
        person_id,
        member_id,
        before,
        limit + 1,
    )
    page, next_cursor = cut(rows, limit, lambda row: [row["id"]])
    return [_view(row) for row in page], next_cursor


async def consent(tx: Transaction, consent_id: UUID) -> ConsentView:
    """A consent that a command has just found to be the actor's to see."""
    return _view(await tx.row(f"{_CONSENTS} WHERE c.id = $1", consent_id))


def _view(row: Any) -> ConsentView:
    words = {
        "purpose": Purpose(row["purpose"]),
        "manner": Manner(row["manner"]),
        "signatory": Signatory(row["signatory"]),
    }
    return ConsentView(**{**row, **words})


async def own_disclosures(
    tx: Transaction, *, cursor: str | None, limit: int
) -> tuple[list[Disclosure], str | None]:
    """Who was shown the actor's own name or contact, the newest first."""
    return await _disclosures(tx, tx.authorise().person_id, cursor, limit)


async def disclosures_of(
    tx: Transaction, person_id: UUID, *, cursor: str | None, limit: int
) -> tuple[list[Disclosure], str | None]:
    """The same of a person whom the actor's member knows; raises NotFound."""
    person_id = await require_known(tx, person_id)
    tx.authorise()
    return await _disclosures(tx, person_id, cursor, limit)


async def _disclosures(
    tx: Transaction, person_id: UUID, cursor: str | None, limit: int
) -> tuple[list[Disclosure], str | None]:
    [before] = place_of(cursor, (_number,)) or [None]
    rows = await tx.fetch(
        "SELECT id, at, to_member_id, seen_by, purpose, what, ground, consent_id FROM disclosures"
        " WHERE person_id IN (SELECT id FROM persons WHERE id = $1 OR merged_into = $1)"
        " AND ($2::bigint IS NULL OR id < $2) ORDER BY id DESC LIMIT $3",
        person_id,
        before,
        limit + 1,
    )
    page, next_cursor = cut(rows, limit, lambda row: [row["id"]])
    items = [
        Disclosure(
            **{
                **row,
                "purpose": Purpose(row["purpose"]) if row["purpose"] else None,
                "ground": Ground(row["ground"]),
            }
        )
        for row in page
    ]
    return items, next_cursor


def _number(part: Any) -> int:
    if isinstance(part, bool) or not isinstance(part, int) or not 0 <= part < 2**63:
        raise ValueError
    return part
