"""Powers to sign for the own member, its rule of signing, and handovers."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.membership.domain.powers import PowerKind, is_required, is_valid, signers
from shared.database import Transaction
from shared.paging import cut, place_of
from shared.refusal import NotFound
from shared.russia.calendar import moscow_date


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerView:
    """By what paper a person signs for the own member; both dates are included."""

    id: UUID
    person_id: UUID
    kind: PowerKind
    number: str | None
    issued_on: date | None
    valid_from: date
    valid_to: date | None
    revoked_at: datetime | None
    is_valid: bool
    """Whether the person may sign by it today."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningRule:
    """From which day on the member's signatures need powers on record, and what that means today."""

    powers_required_from: date | None
    is_required: bool
    may_sign: bool
    """Whether the one who asks could sign today, their role apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverView:
    """What one of the own people hands over to another, and what became of it."""

    id: UUID
    from_person_id: UUID
    to_person_id: UUID
    from_on: date
    outcome: str | None
    """`done`, `called_off`, `lapsed` where one of the two acts for the member no more; none yet."""
    made_at: datetime
    made_by: UUID


_POWER = (
    "SELECT id, person_id, kind, number, issued_on, valid_from, valid_to, revoked_at FROM powers"
)
_HANDOVER = (
    "SELECT id, from_id AS from_person_id, to_id AS to_person_id, from_on, outcome, made_at,"
    " made_by FROM handovers"
)


async def power(tx: Transaction, power_id: UUID) -> PowerView:
    """Powers that were just written or revoked."""
    return _power(await tx.row(f"{_POWER} WHERE id = $1", power_id), moscow_date(tx.now))


async def powers(
    tx: Transaction, *, cursor: str | None, limit: int
) -> tuple[list[PowerView], str | None]:
    """All powers to sign for the actor's own member, also those that are over, the newest first."""
    actor = tx.authorise()
    [before] = place_of(cursor, (UUID,)) or [None]
    rows = await tx.fetch(
        f"{_POWER} WHERE member_id = $1 AND ($2::uuid IS NULL OR id < $2)"
        " ORDER BY id DESC LIMIT $3",
        actor.member_id,
        before,
        limit + 1,
    )
    page, next_cursor = cut(rows, limit, lambda row: [row["id"]])
    return [_power(row, moscow_date(tx.now)) for row in page], next_cursor


async def signing_rule(tx: Transaction, member_id: UUID) -> SigningRule:
    """The own member's rule of signing; raises NotFound for another's."""
    if tx.actor is None or tx.actor.member_id != member_id:
        raise NotFound
    actor = tx.authorise()
    today = moscow_date(tx.now)
    required_from = await tx.value(
        "SELECT powers_required_from FROM members WHERE id = $1", member_id
    )
    rows = await tx.fetch(
        "SELECT person_id, valid_from, valid_to, revoked_at FROM powers WHERE member_id = $1",
        member_id,
    )
    is_asked = is_required(required_from, today)
    return SigningRule(
        powers_required_from=required_from,
        is_required=is_asked,
        may_sign=not is_asked or actor.person_id in signers(rows, today),
    )


async def handover(tx: Transaction, handover_id: UUID) -> HandoverView:
    """A handover that was just planned or called off."""
    return HandoverView(**await tx.row(f"{_HANDOVER} WHERE id = $1", handover_id))


async def handovers(
    tx: Transaction, *, cursor: str | None, limit: int
) -> tuple[list[HandoverView], str | None]:
    """Handovers among the own member's people, the newest first."""
    actor = tx.authorise()
    [before] = place_of(cursor, (UUID,)) or [None]
    rows = await tx.fetch(
        f"{_HANDOVER} WHERE member_id = $1 AND ($2::uuid IS NULL OR id < $2)"
        " ORDER BY id DESC LIMIT $3",
        actor.member_id,
        before,
        limit + 1,
    )
    page, next_cursor = cut(rows, limit, lambda row: [row["id"]])
    return [HandoverView(**row) for row in page], next_cursor


def _power(row: Any, today: date) -> PowerView:
    return PowerView(**{**row, "kind": PowerKind(row["kind"]), "is_valid": is_valid(row, today)})
