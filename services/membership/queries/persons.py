"""Persons: those of a member by name, and how one sees oneself."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from services.membership.domain.persons import (
    Affiliation,
    AffiliationKind,
    AffiliationStatus,
    status_of_affiliation,
)
from services.membership.records import affiliation_of
from shared.database import Transaction
from shared.identity import Role
from shared.paging import cut, place_of
from shared.refusal import NotFound
from shared.russia.calendar import moscow_date
from shared.russia.names import sort_key


@dataclass(frozen=True, slots=True, kw_only=True)
class AffiliationView:
    """As what a person belongs to a member, and on which days; `to_on` is the last one."""

    id: UUID
    person_id: UUID
    member_id: UUID
    kind: AffiliationKind
    unit: str | None
    """A group, a department or a post, in the member's own words."""
    from_on: date
    to_on: date | None
    status: AffiliationStatus
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonView:
    """A person; `roles` are at the member that looks, and so are `affiliations`.

    Only one's own view of oneself has the affiliations at all members.
    """

    person_id: UUID
    family_name: str
    given_name: str
    patronymic: str | None
    email: str | None
    has_account: bool
    roles: list[Role]
    affiliations: list[AffiliationView]
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Double:
    """Two who may be one person, and in what they are alike."""

    first: PersonView
    second: PersonView
    is_same_name: bool
    is_same_email: bool


async def persons(
    tx: Transaction,
    *,
    q: str | None = None,
    kind: AffiliationKind | None = None,
    status: AffiliationStatus | None = None,
    cursor: str | None,
    limit: int,
) -> tuple[list[PersonView], str | None]:
    """The persons whom the actor's member knows, in the order of their names.

    A cursor holds the id of a person and no name, since it may become part of an address.
    """
    member_id = tx.authorise().member
    [after] = place_of(cursor, (UUID,)) or [None]
    rows = await tx.fetch(
        f"{_PERSONS} WHERE persons.merged_into IS NULL AND erased_at IS NULL AND {_KNOWN}"  # noqa: S608 - constants
        " AND ($3::text IS NULL OR position($3 IN name_key) > 0 OR a.email = $3"
        "  OR persons.email = $3)"
        " AND (($4::text IS NULL AND $5::text IS NULL) OR EXISTS (SELECT FROM affiliations f"
        "  WHERE f.person_id = persons.id AND f.member_id = $2"
        "  AND ($4::text IS NULL OR f.kind = $4) AND ($5::text IS NULL OR $5 ="
        "   CASE WHEN f.from_on > $1 THEN 'future' WHEN f.to_on < $1 THEN 'ended'"
        "   ELSE 'current' END)))"
        " AND ($6::uuid IS NULL OR (name_key, persons.id) >"
        "  (SELECT last.name_key, last.id FROM persons last WHERE last.id = $6))"
        " ORDER BY name_key, persons.id LIMIT $7",
        moscow_date(tx.now),
        member_id,
        sort_key(q) if q else None,
        kind,
        status,
        after,
        limit + 1,
    )
    page, next_cursor = cut(rows, limit, lambda row: [row["id"]])
    return [PersonView(**_facts(row, moscow_date(tx.now))) for row in page], next_cursor


async def person(tx: Transaction, person_id: UUID) -> PersonView:
    """A person whom the actor's member knows; raises NotFound for all others."""
    person_id = await require_known(tx, person_id)
    today = moscow_date(tx.now)
    row = await tx.row(f"{_PERSONS} WHERE persons.id = $3", today, tx.authorise().member, person_id)
    return PersonView(**_facts(row, today))


async def own(tx: Transaction) -> PersonView:
    """The actor as they see themselves: belonging to all members, and what they may do now.

    Raises NotFound for one who is registered nowhere.
    """
    actor = tx.authorise()
    today = moscow_date(tx.now)
    row = await tx.row(
        f"{_OWN} WHERE persons.id = $3 AND erased_at IS NULL",
        today,
        actor.member_id,
        actor.person_id,
    )
    if row is None:
        raise NotFound
    return PersonView(**_facts(row, today))


async def doubles(
    tx: Transaction, *, cursor: str | None, limit: int
) -> tuple[list[Double], str | None]:
    """Pairs of the member's people who may be one person, and were not told apart.

    Alike is who has the same name, read with or without «Ё», or the same e-mail. Two who both
    sign in are left out, since accounts are not merged.
    """
    member_id = tx.authorise().member
    today = moscow_date(tx.now)
    after = place_of(cursor, (UUID, UUID)) or [None, None]
    pairs = await tx.fetch(_DOUBLES, today, member_id, *after, limit + 1)
    page, next_cursor = cut(pairs, limit, lambda pair: [pair["first_id"], pair["second_id"]])
    ids = list({pair[side] for pair in page for side in ("first_id", "second_id")})
    rows = await tx.fetch(f"{_PERSONS} WHERE persons.id = ANY ($3)", today, member_id, ids)
    found = {row["id"]: PersonView(**_facts(row, today)) for row in rows}
    items = [
        Double(
            first=found[pair["first_id"]],
            second=found[pair["second_id"]],
            is_same_name=pair["is_same_name"],
            is_same_email=pair["is_same_email"],
        )
        for pair in page
    ]
    return items, next_cursor


async def affiliation(tx: Transaction, affiliation_id: UUID) -> AffiliationView:
    """An affiliation at the actor's member; raises NotFound for anybody else's."""
    row = await tx.row("SELECT * FROM affiliations WHERE id = $1", affiliation_id)
    if row is None or tx.actor is None or row["member_id"] != tx.actor.member_id:
        raise NotFound
    tx.authorise()
    return _view(affiliation_of(row), moscow_date(tx.now))


async def require_known(
    tx: Transaction, person_id: UUID, *, lock: bool = False, also_erased: bool = False
) -> UUID:
    """The id under which the person is kept; a merged one answers for it.

    Raises NotFound for one who was erased, unless they are asked for too, and unless the person belongs, belonged, or acted for the actor's member.
    """
    if tx.actor is None or tx.actor.member_id is None:
        raise NotFound
    kept_id: UUID | None = await tx.value(
        f"SELECT coalesce(merged_into, id) FROM persons"  # noqa: S608
        f" WHERE id = $1 AND (erased_at IS NULL OR $3) AND {_KNOWN}"
        f"{' FOR UPDATE' if lock else ''}",
        person_id,
        tx.actor.member_id,
        also_erased,
    )
    if kept_id is None:
        raise NotFound
    return kept_id


_KNOWN = (
    "(EXISTS (SELECT FROM affiliations k"
    "  WHERE k.person_id = coalesce(persons.merged_into, persons.id) AND k.member_id = $2)"
    " OR EXISTS (SELECT FROM roles k"
    "  WHERE k.person_id = coalesce(persons.merged_into, persons.id) AND k.member_id = $2))"
)
"""The condition under which the member `$2` knows a row of `persons`."""

_PERSON = (
    "SELECT persons.id, family_name, given_name, patronymic, coalesce(a.email, persons.email)"
    " AS email, a.person_id IS NOT NULL AS has_account, version, $1::date AS today,"
    " (SELECT array_agg(r.role ORDER BY r.role) FROM roles r WHERE r.person_id = persons.id"
    "   AND r.ended_at IS NULL AND r.member_id IS NOT DISTINCT FROM $2::uuid) AS roles,"
    " (SELECT jsonb_agg(to_jsonb(f) ORDER BY f.from_on, f.id) FROM affiliations f"
    "   WHERE f.person_id = persons.id{at}) AS affiliations"
    " FROM persons LEFT JOIN accounts a ON a.person_id = persons.id"
)
_DOUBLES = (
    f"WITH known AS (SELECT persons.id, name_key, coalesce(a.email, persons.email) AS email,"  # noqa: S608
    "  a.person_id IS NOT NULL AS has_account FROM persons"
    "  LEFT JOIN accounts a ON a.person_id = persons.id"
    f" WHERE merged_into IS NULL AND erased_at IS NULL AND $1::date IS NOT NULL AND {_KNOWN}),"
    " pairs AS (SELECT f.id AS first_id, s.id AS second_id, true AS is_same_name,"
    "   coalesce(f.email = s.email, false) AS is_same_email FROM known f JOIN known s"
    "   ON f.name_key = s.name_key AND f.id < s.id AND NOT (f.has_account AND s.has_account)"
    "  UNION SELECT f.id, s.id, f.name_key = s.name_key, true FROM known f JOIN known s"
    "   ON f.email = s.email AND f.id < s.id AND NOT (f.has_account AND s.has_account))"
    " SELECT * FROM pairs WHERE NOT EXISTS (SELECT FROM not_doubles n WHERE n.member_id = $2"
    "  AND n.first_id = pairs.first_id AND n.second_id = pairs.second_id)"
    " AND ($3::uuid IS NULL OR (first_id, second_id) > ($3, $4::uuid))"
    " ORDER BY first_id, second_id LIMIT $5"
)
_PERSONS = _PERSON.format(at=" AND f.member_id = $2")
_OWN = _PERSON.format(at="")


def _facts(row: Any, today: date) -> dict[str, Any]:
    names = ("family_name", "given_name", "patronymic", "email", "has_account", "version")
    return {
        "person_id": row["id"],
        **{name: row[name] for name in names},
        "roles": [Role(word) for word in row["roles"] or ()],
        "affiliations": [
            _view(affiliation_of(_typed(facts)), today) for facts in row["affiliations"] or ()
        ],
    }


def _typed(facts: dict[str, Any]) -> dict[str, Any]:
    """A row as JSON has it, with ids and days again."""
    ids = {name: UUID(facts[name]) for name in ("id", "person_id", "member_id")}
    days = {
        name: date.fromisoformat(facts[name]) if facts[name] else None
        for name in ("from_on", "to_on")
    }
    return {**facts, **ids, **days}


def _view(found: Affiliation, today: date) -> AffiliationView:
    return AffiliationView(
        id=found.id,
        person_id=found.person_id,
        member_id=found.member_id,
        kind=found.kind,
        unit=found.unit,
        from_on=found.from_on,
        to_on=found.to_on,
        status=status_of_affiliation(found.from_on, found.to_on, today),
        version=found.version,
    )
