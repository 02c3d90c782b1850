"""Written powers: registered by who gives them or by the secretary, and taken back."""

from datetime import date, timedelta
from uuid import UUID

from services.council.commands.seating import require_office
from services.council.domain.powers import (
    DelegateHasNoVote,
    PowerTermIsWrong,
    WrittenPower,
    require_may_give,
    require_may_revoke,
)
from services.council.queries.composition import seats_on
from services.council.queries.parameters import rules_on
from services.council.records.ballots import power_of
from shared.database import Transaction
from shared.refusal import NotFound
from shared.russia.calendar import moscow_date

POWERS_LOCK = 40_030
"""Held by whoever registers a power: chains are looked for among all of them."""


async def register(
    tx: Transaction,
    *,
    from_seat_id: UUID,
    to_seat_id: UUID,
    number: str,
    given_on: date,
    valid_from: date,
    valid_until: date,
) -> UUID:
    """Registers a power as it lies in writing; it counts in ballots opened from then on.

    Raises NoSeat, SecretaryIsSeated, DelegateHasNoVote and what `require_may_give` raises.
    """
    today = moscow_date(tx.now)
    await _require_giver_or_office(tx, from_seat_id)
    if given_on > min(today, valid_from):
        raise PowerTermIsWrong(PowerTermIsWrong.title(), at="body.given_on")
    await tx.execute("SELECT pg_advisory_xact_lock($1)", POWERS_LOCK)
    voting = {seat.id for seat in await seats_on(tx, max(valid_from, today)) if seat.has_vote}
    if not {from_seat_id, to_seat_id} <= voting:
        raise DelegateHasNoVote(DelegateHasNoVote.title(), at="body.to_seat_id")
    wished = WrittenPower(
        id=tx.new_id("power"),
        from_seat_id=from_seat_id,
        to_seat_id=to_seat_id,
        valid_from=valid_from,
        valid_until=valid_until,
    )
    rows = await tx.fetch(
        "SELECT * FROM powers WHERE valid_until >= $1 AND valid_until >= valid_from", today
    )
    most = (await rules_on(tx, today)).whole("powers_per_delegate")
    require_may_give(wished, map(power_of, rows), most, today)
    await tx.execute(
        "INSERT INTO powers (id, from_seat_id, to_seat_id, number, given_on, valid_from,"
        " valid_until, registered_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        wished.id,
        from_seat_id,
        to_seat_id,
        number,
        given_on,
        valid_from,
        valid_until,
        tx.now,
    )
    tx.note(
        "power.registered",
        wished.id,
        after={
            "from_seat_id": from_seat_id,
            "to_seat_id": to_seat_id,
            "valid_from": valid_from,
            "valid_until": valid_until,
        },
    )
    return wished.id


async def revoke(tx: Transaction, power_id: UUID) -> None:
    """Takes a power back: it counts in no ballot that is opened from now on."""
    row = await tx.row("SELECT * FROM powers WHERE id = $1 FOR UPDATE", power_id)
    if row is None:
        raise NotFound
    await _require_giver_or_office(tx, row["from_seat_id"])
    power = power_of(row)
    today = moscow_date(tx.now)
    require_may_revoke(power, today)
    last = max(today, power.valid_from) - timedelta(days=1)
    await tx.execute(
        "UPDATE powers SET valid_until = $2, revoked_at = $3 WHERE id = $1", power_id, last, tx.now
    )
    tx.note(
        "power.revoked",
        power_id,
        before={"valid_until": power.valid_until},
        after={"valid_until": last},
    )


async def _require_giver_or_office(tx: Transaction, from_seat_id: UUID) -> None:
    actor = tx.authorise()
    for seat in await seats_on(tx, moscow_date(tx.now)):
        is_own = (seat.person_id, seat.member_id) == (actor.person_id, actor.member_id)
        if is_own and seat.id == from_seat_id:
            return
    await require_office(tx)
