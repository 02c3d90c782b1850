"""Persons of a member and their affiliations, kept by the member's coordinators."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg

from contracts.membership import AffiliationBegun, AffiliationEnded, PersonRegistered
from services.membership.domain import persons as rules
from services.membership.domain.accounts import PersonName, normal_email
from services.membership.domain.persons import Affiliation, AffiliationKind, AffiliationOverlaps
from services.membership.queries.persons import require_known
from services.membership.records import affiliation_of
from shared.database import Transaction
from shared.etag import expect
from shared.refusal import NotFound
from shared.russia.calendar import moscow_date
from shared.russia.names import sort_key

ENDED_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Belonging:
    """As what a person is to belong to a member; without a first day, from today on."""

    kind: AffiliationKind
    unit: str | None = None
    from_on: date | None = None
    to_on: date | None = None


async def add_person(
    tx: Transaction, name: PersonName, email: str | None, belonging: Belonging
) -> UUID:
    """A person belongs to the actor's member; returns the affiliation's id.

    Whoever is known by this e-mail and this name is one person, also where another member keeps
    them: nothing is told to either that it did not know. Raises TermIsWrong, AffiliationOverlaps.
    """
    today = moscow_date(tx.now)
    rules.check_term(belonging.from_on or today, belonging.to_on, today)
    member_id = tx.authorise().member
    person_id = await _known_by(tx, name, email)
    if person_id is None:
        person_id = tx.new_id("person")
        await tx.execute(
            "INSERT INTO persons (id, family_name, given_name, patronymic, email)"
            " VALUES ($1, $2, $3, $4, $5)",
            person_id,
            name.family_name,
            name.given_name,
            name.patronymic,
            normal_email(email) if email else None,
        )
        tx.record(PersonRegistered(person_id=person_id))
    return await _begin(tx, person_id, member_id, belonging)


async def _known_by(tx: Transaction, name: PersonName, email: str | None) -> UUID | None:
    """The person who has this e-mail and this name, read with or without «Ё»."""
    if email is None:
        return None
    found: UUID | None = await tx.value(
        "SELECT coalesce(p.merged_into, p.id) FROM persons p LEFT JOIN accounts a ON a.person_id = p.id"
        " WHERE (a.email = $1 OR p.email = $1) AND p.name_key = $2"
        " ORDER BY a.email IS NULL, p.id LIMIT 1",
        normal_email(email),
        key_of(name),
    )
    return found


def key_of(name: PersonName) -> str:
    """The key under which the database keeps the name."""
    return sort_key(" ".join(filter(None, (name.family_name, name.given_name, name.patronymic))))


async def affiliate(tx: Transaction, person_id: UUID, belonging: Belonging) -> UUID:
    """One who is known at the actor's member belongs to it in another way, or once more.

    Raises NotFound, TermIsWrong, AffiliationOverlaps.
    """
    today = moscow_date(tx.now)
    rules.check_term(belonging.from_on or today, belonging.to_on, today)
    person_id = await require_known(tx, person_id)
    return await _begin(tx, person_id, tx.authorise().member, belonging)


async def _begin(tx: Transaction, person_id: UUID, member_id: UUID, belonging: Belonging) -> UUID:
    affiliation = Affiliation(
        tx.new_id("affiliation"),
        person_id,
        member_id,
        belonging.kind,
        belonging.unit,
        belonging.from_on or moscow_date(tx.now),
        belonging.to_on,
        1,
    )
    try:
        async with tx.attempt():
            await tx.execute(
                "INSERT INTO affiliations (id, person_id, member_id, kind, unit, from_on, to_on,"
                " version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                affiliation.id,
                person_id,
                member_id,
                affiliation.kind,
                affiliation.unit,
                affiliation.from_on,
                affiliation.to_on,
                affiliation.version,
            )
    except asyncpg.ExclusionViolationError:
        raise AffiliationOverlaps from None
    tell_begun(tx, None, affiliation)
    await _tell_ended(tx, affiliation.id)
    return affiliation.id


async def change_affiliation(
    tx: Transaction,
    affiliation_id: UUID,
    *,
    unit: str | None,
    from_on: date,
    to_on: date | None,
    if_match: str | None = None,
) -> UUID:
    """The affiliation has other days or another unit; returns the person's id.

    Raises NotFound, AffiliationIsOver, TermIsWrong, AffiliationOverlaps.
    """
    before = await _own(tx, affiliation_id, if_match)
    after = rules.change(before, unit, from_on, to_on, moscow_date(tx.now))
    return await _write(tx, before, after)


async def end_affiliation(
    tx: Transaction, affiliation_id: UUID, last_on: date, if_match: str | None = None
) -> UUID:
    """The affiliation has a last day; returns the person's id.

    Raises NotFound, AffiliationIsOver, TermIsWrong.
    """
    today = moscow_date(tx.now)
    before = await _own(tx, affiliation_id, if_match)
    return await _write(tx, before, rules.end(before, last_on, today))


async def _write(tx: Transaction, before: Affiliation, after: Affiliation) -> UUID:
    try:
        async with tx.attempt():
            await tx.execute(
                "UPDATE affiliations SET unit = $2, from_on = $3, to_on = $4, version = $5"
                " WHERE id = $1",
                after.id,
                after.unit,
                after.from_on,
                after.to_on,
                after.version,
            )
    except asyncpg.ExclusionViolationError:
        raise AffiliationOverlaps from None
    tell_begun(tx, before, after)
    await _tell_ended(tx, after.id)
    return after.person_id


def tell_begun(tx: Transaction, before: Affiliation | None, after: Affiliation) -> None:
    """Tells the days of an affiliation, which may have changed."""
    tx.record(
        AffiliationBegun(
            affiliation_id=after.id,
            person_id=after.person_id,
            member_id=after.member_id,
            kind=after.kind.value,
            from_on=after.from_on,
            to_on=after.to_on,
        ),
        before=None if before is None else _noted(before),
        after=_noted(after),
    )


def _noted(affiliation: Affiliation) -> dict[str, Any]:
    return {
        "member_id": affiliation.member_id,
        "kind": affiliation.kind,
        "from_on": affiliation.from_on,
        "to_on": affiliation.to_on,
    }


async def _own(tx: Transaction, affiliation_id: UUID, if_match: str | None) -> Affiliation:
    """An affiliation at the actor's member, locked; anybody else's is nobody's to know."""
    row = await tx.row("SELECT * FROM affiliations WHERE id = $1 FOR UPDATE", affiliation_id)
    if row is None or tx.actor is None or row["member_id"] != tx.actor.member_id:
        raise NotFound
    tx.authorise()
    expect(if_match, row["version"])
    return affiliation_of(row)


async def end_affiliations(tx: Transaction) -> int:
    """The last day of an affiliation has passed: it has ended. Told once for each."""
    return await _tell_ended(tx, None)


async def _tell_ended(tx: Transaction, affiliation_id: UUID | None) -> int:
    rows = await tx.fetch(
        "UPDATE affiliations SET ended_at = $2 WHERE id IN (SELECT id FROM affiliations"
        " WHERE to_on < $1 AND ended_at IS NULL AND ($3::uuid IS NULL OR id = $3)"
        " ORDER BY to_on, id LIMIT $4 FOR UPDATE SKIP LOCKED)"
        " RETURNING id, person_id, member_id, kind, to_on",
        moscow_date(tx.now),
        tx.now,
        affiliation_id,
        ENDED_AT_ONCE,
    )
    for row in rows:
        tx.record(
            AffiliationEnded(
                affiliation_id=row["id"],
                person_id=row["person_id"],
                member_id=row["member_id"],
                kind=row["kind"],
                last_on=row["to_on"],
            ),
            after={"member_id": row["member_id"], "kind": row["kind"], "to_on": row["to_on"]},
        )
    return len(rows)


async def correct(
    tx: Transaction,
    person_id: UUID,
    name: PersonName,
    email: str | None,
    if_match: str | None = None,
) -> None:
    """A person of the actor's member alone is called otherwise, or has another e-mail.

    The e-mail of an account is its owner's to change. Raises NotFound, PersonIsKnownElsewhere.
    """
    person_id = await require_known(tx, person_id, lock=True)
    member_id = tx.authorise().member
    rules.require_known_here_alone(await count_elsewhere(tx, person_id, member_id))
    await _correct(tx, person_id, name, email, if_match)


async def correct_own(tx: Transaction, name: PersonName, if_match: str | None = None) -> None:
    """The actor is called otherwise; whoever acts for several members says so for all of them."""
    person_id = tx.authorise().person_id
    email = await tx.value("SELECT email FROM persons WHERE id = $1 FOR UPDATE", person_id)
    await _correct(tx, person_id, name, email, if_match)


async def _correct(
    tx: Transaction, person_id: UUID, name: PersonName, email: str | None, if_match: str | None
) -> None:
    version = await tx.value("SELECT version FROM persons WHERE id = $1", person_id)
    if version is None:
        raise NotFound
    expect(if_match, version)
    await tx.execute(
        "UPDATE persons SET family_name = $2, given_name = $3, patronymic = $4, email = $5,"
        " version = version + 1 WHERE id = $1",
        person_id,
        name.family_name,
        name.given_name,
        name.patronymic,
        normal_email(email) if email else None,
    )
    tx.note("person.corrected", person_id)


async def count_elsewhere(tx: Transaction, person_id: UUID, member_id: UUID) -> int:
    """At how many other members the person belongs or acts today or later."""
    count: int = await tx.value(
        "SELECT count(*) FROM (SELECT member_id FROM affiliations WHERE person_id = $1"
        "  AND coalesce(to_on >= $3, true)"
        " UNION SELECT member_id FROM roles WHERE person_id = $1 AND ended_at IS NULL"
        "  AND member_id IS NOT NULL) AS kept WHERE member_id <> $2",
        person_id,
        member_id,
        moscow_date(tx.now),
    )
    return count
