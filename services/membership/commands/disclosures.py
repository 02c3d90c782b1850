"""Names that cross from one member to another: shown on a ground, and each time noted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.membership.domain.consents import (
    SHOWN,
    Consent,
    Ground,
    Purpose,
    in_force,
)
from shared.database import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedPerson:
    """A person as far as the member that asks may know them; no e-mail where none is shown."""

    person_id: UUID
    family_name: str
    given_name: str
    patronymic: str | None
    email: str | None
    is_own: bool
    """Whether the member keeps the person itself: then nothing is disclosed."""


async def names(tx: Transaction, person_ids: Iterable[UUID], purpose: Purpose) -> list[NamedPerson]:
    """Those of the persons whom the actor's member may know for this purpose, by the ids asked.

    Its own people it knows. Of others it learns what they have consented to, each time noted, and
    the names of those who sit in the council. Everybody else is left out.
    """
    member_id = tx.authorise().member
    rows = await tx.fetch(
        "SELECT asked.id AS asked_id, p.id, p.family_name, p.given_name, p.patronymic,"
        " coalesce(a.email, p.email) AS email,"
        " EXISTS (SELECT FROM affiliations k WHERE k.person_id = p.id AND k.member_id = $2)"
        "  OR EXISTS (SELECT FROM roles k WHERE k.person_id = p.id AND k.member_id = $2) AS is_own,"
        " EXISTS (SELECT FROM seats s WHERE s.person_id = p.id) AS has_seat"
        " FROM persons asked JOIN persons p ON p.id = coalesce(asked.merged_into, asked.id)"
        " LEFT JOIN accounts a ON a.person_id = p.id WHERE asked.id = ANY ($1)"
        " AND p.erased_at IS NULL ORDER BY asked.id",
        list(set(person_ids)),
        member_id,
    )
    consents = await _consents(tx, [row["id"] for row in rows if not row["is_own"]])
    found = []
    for row in rows:
        what: Sequence[str] = ("name", "email")
        if not row["is_own"]:
            consent = in_force(consents.get(row["id"], ()), purpose)
            if consent is not None:
                what = SHOWN[purpose]
                await _note(tx, row["id"], member_id, what, Ground.CONSENT, purpose, consent.id)
            elif row["has_seat"]:
                what = ("name",)  # noted when the seat was taken
            else:
                continue
        found.append(_named(row, what))
    return found


def _named(row: Any, what: Sequence[str]) -> NamedPerson:
    return NamedPerson(
        person_id=row["asked_id"],
        family_name=row["family_name"],
        given_name=row["given_name"],
        patronymic=row["patronymic"],
        email=row["email"] if "email" in what else None,
        is_own=row["is_own"],
    )


async def _consents(tx: Transaction, person_ids: Sequence[UUID]) -> dict[UUID, list[Consent]]:
    """The consents in force, which nobody revokes before this transaction has noted its use."""
    rows = await tx.fetch(
        "SELECT id, person_id, member_id, purpose, revoked_at FROM consents"
        " WHERE person_id = ANY ($1) AND revoked_at IS NULL ORDER BY id FOR SHARE",
        list(person_ids),
    )
    found: dict[UUID, list[Consent]] = {}
    for row in rows:
        consent = Consent(
            row["id"],
            row["person_id"],
            row["member_id"],
            Purpose(row["purpose"]),
            row["revoked_at"],
        )
        found.setdefault(consent.person_id, []).append(consent)
    return found


async def note_acting(tx: Transaction, person_id: UUID, member_id: UUID) -> None:
    """One whom another member keeps acts for this one too, whose coordinators now see the name."""
    is_news = await tx.value(
        "SELECT EXISTS (SELECT FROM affiliations WHERE person_id = $1 AND member_id <> $2)"
        " OR EXISTS (SELECT FROM roles WHERE person_id = $1 AND member_id <> $2)",
        person_id,
        member_id,
    )
    knows = await tx.value(
        "SELECT EXISTS (SELECT FROM affiliations WHERE person_id = $1 AND member_id = $2)"
        " OR EXISTS (SELECT FROM roles WHERE person_id = $1 AND member_id = $2)",
        person_id,
        member_id,
    )
    if is_news and not knows:
        await _note(tx, person_id, member_id, ("name", "email"), Ground.ACTS_FOR)


async def note_seat(tx: Transaction, person_id: UUID) -> None:
    """Who takes a seat in the council is known by name to all members from now on (R4.2)."""
    await tx.execute(
        "INSERT INTO disclosures (at, person_id, what, ground)"
        " SELECT $2, p.id, '{name}', 'seat' FROM persons p WHERE p.id = $1 AND NOT EXISTS"
        " (SELECT FROM disclosures d WHERE d.person_id = $1 AND d.ground = 'seat')",
        person_id,
        tx.now,
    )


async def note_representatives(tx: Transaction, member_id: UUID, ids: Iterable[UUID]) -> None:
    """The secretariat was shown by name who acts for another member, and could sit for it."""
    actor = tx.authorise()
    if actor.member_id == member_id:
        return
    await tx.execute(
        "INSERT INTO disclosures (at, person_id, to_member_id, seen_by, what, ground)"
        " SELECT $1, id, $2, $3, '{name}', 'secretariat' FROM unnest($4::uuid[]) AS id",
        tx.now,
        actor.member_id,
        actor.person_id,
        list(ids),
    )


async def _note(
    tx: Transaction,
    person_id: UUID,
    member_id: UUID,
    what: Sequence[str],
    ground: Ground,
    purpose: Purpose | None = None,
    consent_id: UUID | None = None,
) -> None:
    await tx.execute(
        "INSERT INTO disclosures (at, person_id, to_member_id, seen_by, purpose, what, ground,"
        " consent_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        tx.now,
        person_id,
        member_id,
        tx.actor and tx.actor.person_id,
        purpose,
        list(what),
        ground,
        consent_id,
    )
