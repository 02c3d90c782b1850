"""What may be looked up: SELECTs that return small frozen views."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.membership.domain.exclusion import EndKind
from services.membership.domain.members import MemberKind, MemberStatus, status_of
from shared.database import Transaction
from shared.identity import Role
from shared.paging import cut, place_of
from shared.refusal import NotFound
from shared.russia.calendar import moscow_date
from shared.russia.names import search_key
from shared.russia.vat import VatRegime


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberItem:
    """A member in a list."""

    id: UUID
    slug: str
    name: str
    kind: MemberKind
    status: MemberStatus
    town: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberCard(MemberItem):
    """A member as everybody may see it."""

    full_name: str
    is_state: bool
    legal_form: str
    inn: str
    kpp: str | None
    ogrn: str
    joined_on: date
    leaving_on: date | None
    """The day from which it takes no part, once notice was given (R5.1)."""
    version: int
    is_suspended: bool = False
    """By decision it takes on nothing new today (R5.3)."""
    end_kind: EndKind | None = None
    """How it leaves, or left."""
    successor_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Requisites:
    """How a member is paid, and how it stands towards VAT."""

    member_id: UUID
    vat_regime: VatRegime
    bank_account: str | None
    bik: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Affiliation:
    """A member that a person acts for."""

    id: UUID
    slug: str
    name: str
    roles: list[Role]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountItem:
    """A person who acts, or has acted, for the member that looks."""

    person_id: UUID
    email: str
    family_name: str
    given_name: str
    patronymic: str | None
    roles: list[Role]
    """What the person may do for this member now; empty when that is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """A person's own account, and the session it is seen through."""

    person_id: UUID
    email: str
    family_name: str
    given_name: str
    patronymic: str | None
    created_at: datetime
    expires_at: datetime


async def members(
    tx: Transaction,
    *,
    kind: MemberKind | None,
    status: MemberStatus | None,
    q: str | None,
    cursor: str | None,
    limit: int,
) -> tuple[list[MemberItem], str | None]:
    """Members in the order of the Russian alphabet."""
    after = place_of(cursor, (_text, UUID)) or [None, None]
    today = moscow_date(tx.now)
    rows = await tx.fetch(
        "SELECT id, slug, name, kind, town, leaving_on, sort_key FROM members"
        " WHERE ($7::text IS NULL OR $7 = CASE WHEN leaving_on IS NULL THEN 'active'"
        "     WHEN leaving_on > $1 THEN 'leaving' ELSE 'withdrawn' END)"
        " AND ($2::text IS NULL OR kind = $2)"
        " AND ($3::text IS NULL OR position($3 IN search_key) > 0)"
        " AND ($4::text IS NULL OR (sort_key, id) > ($4, $5::uuid))"
        " ORDER BY sort_key, id LIMIT $6",
        today,
        kind,
        search_key(q) if q else None,
        *after,
        limit + 1,
        status,
    )
    page, next_cursor = cut(rows, limit, lambda row: [row["sort_key"], row["id"]])
    items = [
        MemberItem(
            id=row["id"],
            slug=row["slug"],
            name=row["name"],
            kind=MemberKind(row["kind"]),
            status=status_of(row["leaving_on"], today),
            town=row["town"],
        )
        for row in page
    ]
    return items, next_cursor


def _text(part: Any) -> str:
    if not isinstance(part, str) or "\0" in part:
        raise ValueError
    return part


async def member(tx: Transaction, member_id: UUID) -> MemberCard:
    """A member's card; raises NotFound."""
    row = await tx.row(
        "SELECT id, slug, name, kind, full_name, is_state, legal_form, inn, kpp, ogrn, town,"
        " joined_on, leaving_on, version, end_kind, successor_id,"
        " coalesce(suspended_on <= $2 AND coalesce(suspended_until >= $2, true), false)"
        " AND coalesce(leaving_on > $2, true) AS is_suspended FROM members WHERE id = $1",
        member_id,
        moscow_date(tx.now),
    )
    if row is None:
        raise NotFound
    status = status_of(row["leaving_on"], moscow_date(tx.now))
    kinds = {
        "kind": MemberKind(row["kind"]),
        "end_kind": EndKind(row["end_kind"]) if row["end_kind"] else None,
    }
    return MemberCard(**{**row, **kinds}, status=status)


async def requisites(tx: Transaction, member_id: UUID) -> Requisites:
    """For signed-in people: how a member is paid; raises NotFound."""
    row = await tx.row(
        "SELECT id AS member_id, vat_regime, bank_account, bik FROM members WHERE id = $1",
        member_id,
    )
    if row is None:
        raise NotFound
    tx.authorise()
    return Requisites(**{**row, "vat_regime": VatRegime(row["vat_regime"])})


async def affiliations(tx: Transaction, person_id: UUID) -> list[Affiliation]:
    """The members that a person acts for."""
    rows = await tx.fetch(
        "SELECT m.id, m.slug, m.name, array_agg(r.role ORDER BY r.role) AS roles"
        " FROM roles r JOIN members m ON m.id = r.member_id"
        " WHERE r.person_id = $1 AND r.ended_at IS NULL GROUP BY m.id ORDER BY m.sort_key, m.id",
        person_id,
    )
    return [
        Affiliation(id=row["id"], slug=row["slug"], name=row["name"], roles=_roles(row["roles"]))
        for row in rows
    ]


async def current_session(tx: Transaction) -> OpenSession | None:
    """The session that the request came with; None when it is over."""
    actor = tx.authorise()
    row = await tx.row(
        "SELECT p.id AS person_id, a.email, p.family_name, p.given_name, p.patronymic,"
        " s.created_at, s.expires_at FROM sessions s"
        " JOIN accounts a USING (person_id) JOIN persons p ON p.id = s.person_id"
        " WHERE s.id = $1 AND s.person_id = $2 AND s.ended_at IS NULL AND s.expires_at > $3",
        actor.session_id,
        actor.person_id,
        tx.now,
    )
    return None if row is None else OpenSession(**row)


async def accounts(
    tx: Transaction, *, cursor: str | None, limit: int
) -> tuple[list[AccountItem], str | None]:
    """The people of the actor's own member, in the order in which they were registered."""
    actor = tx.authorise()
    [after] = place_of(cursor, (UUID,)) or [None]
    rows = await tx.fetch(
        "SELECT p.id AS person_id, a.email, p.family_name, p.given_name, p.patronymic,"
        " coalesce(array_agg(r.role ORDER BY r.role) FILTER (WHERE r.ended_at IS NULL), '{}')"
        " AS roles FROM roles r JOIN accounts a USING (person_id)"
        " JOIN persons p ON p.id = r.person_id"
        " WHERE r.member_id = $1 AND p.erased_at IS NULL AND ($2::uuid IS NULL OR p.id > $2)"
        " GROUP BY p.id, a.email ORDER BY p.id LIMIT $3",
        actor.member_id,
        after,
        limit + 1,
    )
    page, next_cursor = cut(rows, limit, lambda row: [row["person_id"]])
    items = [AccountItem(**{**row, "roles": _roles(row["roles"])}) for row in page]
    return items, next_cursor


def _roles(words: Sequence[str]) -> list[Role]:
    return [Role(word) for word in words]
