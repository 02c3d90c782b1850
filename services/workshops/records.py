"""Rows read as the facts that the rules are asked about; commands and queries share them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from services.workshops.domain.booking import require_known
from services.workshops.domain.facts import (
    Agreement,
    AgreementKind,
    Approval,
    Ask,
    Booking,
    Hours,
    Machine,
    Member,
    Span,
    Status,
    Tariff,
    Workshop,
)
from services.workshops.domain.places import Slices, slices_of
from shared.database import Transaction
from shared.refusal import NotFound
from shared.russia.vat import VatRegime


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that the decision about an ask needs, but whether its places are free."""

    workshop: Workshop
    owner: Member | None
    booker: Member | None
    agreements: list[Agreement]


async def facts_of(tx: Transaction, workshop_id: UUID, ask: Ask) -> Facts:
    """One round trip for all facts of an ask; raises NotFound for what the booker may not know."""
    rows = await tx.look(
        _FACTS, workshop_id, ask.booker_id, ask.agreement_id, list(ask.machine_ids)
    )
    if not rows:
        raise NotFound("There is no such workshop.")
    row = rows[0]
    facts = Facts(
        workshop=_workshop(row, row["machines"]),
        owner=member_of(row["owner"]),
        booker=member_of(row["booker"]),
        agreements=[agreement_of(agreement) for agreement in row["agreements"]],
    )
    require_known(ask, facts.workshop, facts.agreements)
    return facts


_MEMBER = (
    "({of}.id, {of}.is_state, {of}.vat_regime, {of}.leaving_on, {of}.suspended_on,"
    " {of}.suspended_until)"
)
_AGREEMENT = (
    "({of}.id, {of}.kind, {of}.party_ids, {of}.valid_from, {of}.valid_to, {of}.ended_on,"
    " {of}.is_free)"
)
_WORKSHOP = """
    w.id, w.owner_id, w.approval, s.time_zone, p.id AS pool_id, p.workplaces,
    ARRAY (SELECT (weekday, opens, closes) FROM site_hours WHERE site_id = s.id
           ORDER BY weekday, opens) AS hours,
    ARRAY (SELECT (net_kopecks, valid_from_at) FROM tariffs WHERE workshop_id = w.id) AS tariffs
"""
_FROM_WORKSHOPS = """
    FROM workshops w JOIN sites s ON s.id = w.site_id JOIN pools p ON p.workshop_id = w.id
"""

_FACTS = f"""
SELECT {_WORKSHOP},
    ARRAY (SELECT (id, is_at_workplace) FROM equipment
           WHERE workshop_id = w.id AND id = ANY ($4::uuid[])) AS machines,
    (SELECT {_MEMBER.format(of="m")} FROM members m WHERE id = w.owner_id) AS owner,
    (SELECT {_MEMBER.format(of="m")} FROM members m WHERE id = $2) AS booker,
    ARRAY (SELECT {_AGREEMENT.format(of="a")} FROM agreements a
           WHERE party_ids @> ARRAY[$2::uuid]
             AND (party_ids @> ARRAY[w.owner_id] OR id = $3::uuid)) AS agreements
{_FROM_WORKSHOPS} WHERE w.id = $1
"""  # noqa: S608 - the parts are constants


async def workshops_open(
    tx: Transaction, *, workshop_ids: Sequence[UUID] | None, competence: str | None = None
) -> list[tuple[Workshop, Member]]:
    """The workshops with their owners, by ids or by competence, in the order of their names."""
    rows = await tx.fetch(
        f"""
        SELECT {_WORKSHOP}, {_MEMBER.format(of="m")} AS owner
        {_FROM_WORKSHOPS} JOIN members m ON m.id = w.owner_id
        WHERE ($1::uuid[] IS NULL OR w.id = ANY ($1)) AND ($2::text IS NULL OR $2 = ANY (w.competences))
        ORDER BY w.sort_key, w.id
        """,
        workshop_ids,
        competence,
    )
    return [(_workshop(row), _member(row["owner"])) for row in rows]


def _workshop(row: Mapping[str, Any], machines: Iterable[Sequence[Any]] = ()) -> Workshop:
    """A workshop of a row that `_WORKSHOP` selects."""
    return Workshop(
        id=row["id"],
        owner_id=row["owner_id"],
        pool_id=row["pool_id"],
        workplaces=row["workplaces"],
        approval=Approval(row["approval"]),
        time_zone=row["time_zone"],
        hours=tuple(Hours(*part) for part in row["hours"]),
        tariffs=tuple(Tariff(*part) for part in row["tariffs"]),
        machines=tuple(Machine(*part) for part in machines),
    )


def member_of(known: Sequence[Any] | None) -> Member | None:
    """A member as `_MEMBER` selects it."""
    return None if known is None else _member(known)


def _member(known: Sequence[Any]) -> Member:
    id_, is_state, vat_regime, *days = known
    return Member(id_, is_state, VatRegime(vat_regime), *days)


def agreement_of(known: Sequence[Any]) -> Agreement:
    """An agreement as `_AGREEMENT` selects it."""
    id_, kind, party_ids, *course = known
    return Agreement(id_, AgreementKind(kind), frozenset(party_ids), *course)


BOOKING_WITH_MEMBERS = f"""
SELECT b.*,
    CASE WHEN owner.id IS NOT NULL THEN {_MEMBER.format(of="owner")} END AS owner,
    CASE WHEN booker.id IS NOT NULL THEN {_MEMBER.format(of="booker")} END AS booker,
    CASE WHEN a.id IS NOT NULL THEN {_AGREEMENT.format(of="a")} END AS agreement
FROM bookings b
LEFT JOIN members owner ON owner.id = b.owner_id
LEFT JOIN members booker ON booker.id = b.booker_id
LEFT JOIN agreements a ON a.id = b.agreement_id
"""  # noqa: S608 - the parts are constants


def booking_of(row: Mapping[str, Any]) -> Booking:
    """A booking of a row that `BOOKING_WITH_MEMBERS` selects."""
    return Booking(
        id=row["id"],
        owner_id=row["owner_id"],
        booker_id=row["booker_id"],
        status=Status(row["status"]),
        span=Span(row["starts_at"], row["ends_at"]),
        workplaces=row["workplaces"],
        answer_due_at=row["answer_due_at"],
        agreement=agreement_of(row["agreement"]) if row["agreement"] else None,
        net_per_workplace_hour_kopecks=row["net_per_workplace_hour_kopecks"],
    )


DAYS_REMEMBERED = 10_000
"""So many days of pools at most, some 2 KB each; then all are forgotten."""

_remembered: dict[tuple[UUID, date], tuple[int, list[int]]] = {}


async def taken_of(
    tx: Transaction, pool_ids: Sequence[UUID], first: date, last: date
) -> dict[UUID, dict[date, list[int]]]:
    """What is taken of the pools, slice by slice, on the UTC days from first to last.

    A day's 288 numbers are dear to read, and most days change seldom while grids are looked at
    often. So they are remembered, but never trusted by themselves: each time the database says
    which version of a row is in force (`xmin`, the transaction that wrote it), and what is
    remembered of another version is read again.
    """
    in_force = await tx.look(
        "SELECT pool_id, day, xmin FROM pool_days"
        " WHERE pool_id = ANY ($1::uuid[]) AND day BETWEEN $2 AND $3",
        pool_ids,
        first,
        last,
    )
    known: dict[UUID, dict[date, list[int]]] = {}
    unknown = []
    for pool_id, day, version in in_force:
        remembered = _remembered.get((pool_id, day))
        if remembered is not None and remembered[0] == version:
            known.setdefault(pool_id, {})[day] = remembered[1]
        else:
            unknown.append((pool_id, day))
    for pool_id, day, version, taken in await _read(tx, unknown):
        known.setdefault(pool_id, {})[day] = taken
        _remember((pool_id, day), version, taken)
    return known


async def _read(tx: Transaction, days: Sequence[tuple[UUID, date]]) -> list[Any]:
    if not days:
        return []
    return await tx.look(
        "SELECT pool_id, day, d.xmin, taken FROM pool_days d"
        " JOIN unnest($1::uuid[], $2::date[]) AS wanted (pool_id, day) USING (pool_id, day)",
        [pool_id for pool_id, _ in days],
        [day for _, day in days],
    )


def _remember(day: tuple[UUID, date], version: int, taken: list[int]) -> None:
    if len(_remembered) >= DAYS_REMEMBERED:
        _remembered.clear()
    _remembered[day] = version, taken


def slice_arrays(span: Span) -> tuple[list[date], list[int], list[int]]:
    """The span's slices as three arrays for SQL: days, first slices, last slices."""
    parts: list[Slices] = slices_of(span)
    return (
        [part.day for part in parts],
        [part.first for part in parts],
        [part.last for part in parts],
    )
