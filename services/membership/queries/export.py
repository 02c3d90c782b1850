"""All that membership holds of a person, for that person alone."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.membership.queries import consents, persons
from services.membership.queries.consents import ConsentView, Disclosure
from services.membership.queries.persons import PersonView
from services.membership.queries.sessions import SessionItem, own_sessions
from shared.database import Transaction
from shared.identity import Role

LINES_MAX = 10_000
"""So many lines of each kind are given out at most; nobody is known to have as many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleHeld:
    """What the person might do for which member, since when and until when."""

    member_id: UUID | None
    role: Role
    granted_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerHeld:
    """A charter or a power of attorney that the person acted on."""

    member_id: UUID
    kind: str
    number: str | None
    valid_from: date
    valid_to: date | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatHeld:
    """A seat in the council."""

    member_id: UUID
    duty: str
    from_on: date
    until_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """An agreement that the person signed for a member."""

    agreement_id: UUID
    member_id: UUID
    signed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """All of it; what the person did stands under `/deeds` of each service."""

    person: PersonView
    earlier_ids: list[UUID]
    """Ids that were found to be this person's too."""
    roles: list[RoleHeld]
    powers: list[PowerHeld]
    seats: list[SeatHeld]
    signatures: list[Signature]
    sessions: list[SessionItem]
    consents: list[ConsentView]
    disclosures: list[Disclosure]


async def own_export(tx: Transaction) -> Export:
    """Everything that is held of the actor; raises NotFound for one who is registered nowhere."""
    me = await persons.own(tx)
    ids = await tx.fetch("SELECT id FROM persons WHERE merged_into = $1 ORDER BY id", me.person_id)
    found = {
        name: await tx.fetch(f"{select} LIMIT $2", me.person_id, LINES_MAX)
        for name, select in _LINES.items()
    }
    given, _ = await consents.own(tx, cursor=None, limit=LINES_MAX)
    shown, _ = await consents.own_disclosures(tx, cursor=None, limit=LINES_MAX)
    return Export(
        person=me,
        earlier_ids=[row["id"] for row in ids],
        roles=[RoleHeld(**{**row, "role": Role(row["role"])}) for row in found["roles"]],
        powers=[PowerHeld(**row) for row in found["powers"]],
        seats=[SeatHeld(**row) for row in found["seats"]],
        signatures=[Signature(**row) for row in found["signatures"]],
        sessions=await own_sessions(tx),
        consents=given,
        disclosures=shown,
    )


_LINES = {
    "roles": "SELECT member_id, role, granted_at, ended_at FROM roles WHERE person_id = $1 ORDER BY id",
    "powers": "SELECT member_id, kind, number, valid_from, valid_to, revoked_at FROM powers"
    " WHERE person_id = $1 ORDER BY id",
    "seats": "SELECT member_id, duty, from_on, until_on FROM seats WHERE person_id = $1"
    " ORDER BY from_on, seat_id",
    "signatures": "SELECT agreement_id, member_id, signed_at FROM agreement_parties"
    " WHERE signed_by = $1 ORDER BY signed_at, agreement_id",
}
