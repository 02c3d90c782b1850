"""Bookings: each step is loaded, decided by the rules, and written with its event."""

from collections.abc import Mapping
from typing import Any, Literal
from uuid import UUID

from contracts import membership
from contracts import workshops as told
from services.workshops import records
from services.workshops.domain import booking as rules
from services.workshops.domain.facts import Ask, Booking, Span, Status
from services.workshops.domain.price import Price
from shared.database import Transaction
from shared.etag import expect
from shared.refusal import NotFound
from shared.russia.calendar import moscow_date

LAPSED_AT_ONCE = 100


async def book(
    tx: Transaction, *, workshop_id: UUID, ask: Ask, purpose: str, group_size: int | None
) -> Mapping[str, Any]:
    """Books, or asks to; takes every place and machine at once or none. Returns the row."""
    facts = await records.facts_of(tx, workshop_id, ask)
    actor = tx.authorise()
    booked = rules.book(ask, facts.workshop, facts.owner, facts.booker, facts.agreements, tx.now)
    days, firsts, lasts = records.slice_arrays(ask.span)
    machine_ids = sorted(ask.machine_ids)
    row = {
        "id": tx.new_id(),
        "workshop_id": workshop_id,
        "pool_id": facts.workshop.pool_id,
        "owner_id": facts.workshop.owner_id,
        "booker_id": ask.booker_id,
        "booked_by": actor.person_id,
        "agreement_id": booked.agreement.id if booked.agreement else None,
        "status": str(booked.status),
        "starts_at": ask.span.starts_at,
        "ends_at": ask.span.ends_at,
        "workplaces": booked.workplaces,
        "equipment_ids": machine_ids,
        "group_size": group_size,
        "purpose": purpose,
        "net_per_workplace_hour_kopecks": booked.net_per_workplace_hour_kopecks,
        "price_kopecks": booked.price.amount_kopecks,
        "vat_kopecks": booked.price.vat_kopecks,
        "vat_rate": booked.price.vat_rate_percent,
        "price_reason": booked.price.reason,
        "price_reason_ru": booked.price.reason_ru,
        "answer_due_at": booked.answer_due_at,
        "requested_at": tx.now,
    }
    tx.change_last(
        _BOOK,
        *row.values(),
        days,
        firsts,
        lasts,
        facts.workshop.workplaces,
        [tx.new_id() for _ in machine_ids],
        refusal=rules.SlotIsTaken,
    )
    tx.record(_booked_event(row), after={"status": row["status"]})
    return {**_NOT_YET, **row}


_BOOK = """
places AS (
    INSERT INTO pool_days (pool_id, day, places, taken)
    SELECT $3::uuid, day, $26::smallint,
           array_fill(0::smallint, ARRAY[first - 1])
           || array_fill($11::smallint, ARRAY[last - first + 1])
           || array_fill(0::smallint, ARRAY[288 - last])
    FROM unnest($23::date[], $24::int[], $25::int[]) AS part (day, first, last)
    WHERE $11::smallint <= $26::smallint
    ORDER BY day
    ON CONFLICT (pool_id, day) DO UPDATE
    SET taken = places_added(pool_days.taken,
                             ($24::int[])[array_position($23::date[], pool_days.day)],
                             ($25::int[])[array_position($23::date[], pool_days.day)], $11::smallint)
    WHERE (pool_days.places - $11::smallint)::smallint >= ALL (
        pool_days.taken[($24::int[])[array_position($23::date[], pool_days.day)]:
                        ($25::int[])[array_position($23::date[], pool_days.day)]])
    RETURNING day
), machines AS (
    INSERT INTO occupations (id, resource_id, booking_id, during)
    SELECT id, resource_id, $1::uuid, tstzrange($9::timestamptz, $10::timestamptz)
    FROM unnest($27::uuid[], $12::uuid[]) AS machine (id, resource_id)
    WHERE (SELECT count(*) FROM places) = cardinality($23::date[])
    ORDER BY resource_id
    ON CONFLICT DO NOTHING
    RETURNING resource_id
), done AS (
    INSERT INTO bookings (id, workshop_id, pool_id, owner_id, booker_id, booked_by, agreement_id,
        status, starts_at, ends_at, workplaces, equipment_ids, group_size, purpose,
        net_per_workplace_hour_kopecks, price_kopecks, vat_kopecks, vat_rate, price_reason,
        price_reason_ru, answer_due_at, requested_at, version)
    SELECT $1::uuid, $2, $3::uuid, $4, $5, $6, $7, $8, $9::timestamptz, $10::timestamptz,
        $11::smallint, $12::uuid[], $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, 1
    WHERE (SELECT count(*) FROM places) = cardinality($23::date[])
      AND (SELECT count(*) FROM machines) = cardinality($12::uuid[])
    RETURNING id
)
"""

_NOT_YET = {
    "answer_reason": None,
    "checked_in_at": None,
    "completed_at": None,
    "actual_minutes": None,
    "charged_kopecks": None,
    "charged_vat_kopecks": None,
    "version": 1,
}
"""What a new booking has besides what it was made of."""


def _booked_event(row: Mapping[str, Any]) -> told.BookingRequested | told.BookingConfirmed:
    common = {
        "agreement_id": row["agreement_id"],
        "starts_at": row["starts_at"],
        "ends_at": row["ends_at"],
        "workplaces": row["workplaces"],
        "equipment_ids": tuple(row["equipment_ids"]),
        **_names(row),
    }
    if row["status"] == Status.REQUESTED:
        return told.BookingRequested(**common, answer_due_at=row["answer_due_at"])
    return told.BookingConfirmed(**common)


async def approve(tx: Transaction, booking_id: UUID, if_match: str | None) -> Mapping[str, Any]:
    """The owner approves a request."""
    row = await _booking(tx, booking_id, if_match, side="owner")
    status = rules.approve(
        records.booking_of(row),
        records.member_of(row["owner"]),
        records.member_of(row["booker"]),
        tx.now,
    )
    row = await _move(tx, row, status)
    tx.record(_booked_event(row), before={"status": "requested"}, after={"status": status})
    return row


async def decline(
    tx: Transaction, booking_id: UUID, reason: str, if_match: str | None
) -> Mapping[str, Any]:
    """The owner declines a request; its places are free again."""
    before = await _booking(tx, booking_id, if_match, side="owner")
    status = rules.decline(records.booking_of(before), tx.now)
    row = await _move(tx, before, status, reason)
    await _release(tx, row)
    _record_end(tx, told.BookingDeclined(**_names(row)), before, row, reason)
    return row


async def cancel(
    tx: Transaction, booking_id: UUID, reason: str, if_match: str | None
) -> Mapping[str, Any]:
    """One side cancels; the places are free again."""
    before = await _booking(tx, booking_id, if_match, side="either")
    assert tx.actor is not None
    by: Literal["booker", "owner"] = (
        "booker" if tx.actor.member_id == before["booker_id"] else "owner"
    )
    status = rules.cancel(records.booking_of(before), tx.now)
    row = await _move(tx, before, status, reason)
    await _release(tx, row)
    _record_end(tx, told.BookingCancelled(**_names(row), by=by), before, row, reason)
    return row


async def lapse_requests(tx: Transaction) -> int:
    """Lapses requests whose time to answer is over, or of which one side takes no part any more.

    By pool and time: who takes several days of a pool takes them in this order, so nobody deadlocks.
    """
    rows = await tx.fetch(
        f"{records.BOOKING_WITH_MEMBERS}"
        " WHERE b.status = 'requested' AND (b.answer_due_at <= $1"
        "       OR owner.leaving_on <= $2 OR booker.leaving_on <= $2)"
        f" ORDER BY b.pool_id, b.starts_at LIMIT {LAPSED_AT_ONCE} FOR UPDATE OF b SKIP LOCKED",
        tx.now,
        moscow_date(tx.now),
    )
    lapsed = 0
    for before in rows:
        owner, booker = records.member_of(before["owner"]), records.member_of(before["booker"])
        if not rules.lapses(records.booking_of(before), owner, booker, tx.now):
            continue
        row = await _move(tx, before, Status.LAPSED)
        await _release(tx, row)
        _record_end(tx, told.BookingLapsed(**_names(row)), before, row, None)
        lapsed += 1
    return lapsed


async def check_in(
    tx: Transaction, booking_id: UUID, if_match: str | None, *, at_any_time: bool
) -> Mapping[str, Any]:
    """The owner lets the booker's people in."""
    before = await _booking(tx, booking_id, if_match, side="owner")
    status = rules.check_in(records.booking_of(before), tx.now, at_any_time=at_any_time)
    row: Mapping[str, Any] = await tx.row(
        "UPDATE bookings SET status = $2, checked_in_at = $3, version = version + 1"
        " WHERE id = $1 RETURNING *",
        booking_id,
        str(status),
        tx.now,
    )
    event = told.BookingCheckedIn(**_names(row), checked_in_at=tx.now)
    tx.record(event, before={"status": before["status"]}, after={"status": status})
    return row


async def complete(
    tx: Transaction,
    booking_id: UUID,
    actual_minutes: int,
    if_match: str | None,
    *,
    at_any_time: bool,
) -> Mapping[str, Any]:
    """The owner notes how long was used; that is what is owed."""
    before = await _booking(tx, booking_id, if_match, side="owner")
    booking = records.booking_of(before)
    owner = records.member_of(before["owner"])
    assert owner is not None
    price = rules.complete(booking, owner, actual_minutes, tx.now, at_any_time=at_any_time)
    row: Mapping[str, Any] = await tx.row(
        "UPDATE bookings SET status = $2, completed_at = $3, actual_minutes = $4,"
        " charged_kopecks = $5, charged_vat_kopecks = $6, version = version + 1"
        " WHERE id = $1 RETURNING *",
        booking_id,
        str(Status.COMPLETED),
        tx.now,
        actual_minutes,
        price.amount_kopecks,
        price.vat_kopecks,
    )
    tx.record(
        _completed_event(row, booking, price),
        before={"status": before["status"]},
        after={"status": Status.COMPLETED, "actual_minutes": actual_minutes},
    )
    return row


def _completed_event(
    row: Mapping[str, Any], booking: Booking, price: Price
) -> told.BookingCompleted:
    kind: membership.AgreementKind | None = (
        booking.agreement.kind.value if booking.agreement else None
    )
    return told.BookingCompleted(
        **_names(row),
        agreement_id=row["agreement_id"],
        agreement_kind=kind,
        used_at=row["starts_at"],
        completed_at=row["completed_at"],
        workplaces=row["workplaces"],
        actual_minutes=row["actual_minutes"],
        net_kopecks=price.net_kopecks,
        vat_kopecks=price.vat_kopecks,
        amount_kopecks=price.amount_kopecks,
        vat_rate_percent=price.vat_rate_percent,
        vat_reason=price.reason_ru,
    )


async def _booking(
    tx: Transaction,
    booking_id: UUID,
    if_match: str | None,
    *,
    side: Literal["owner", "either"],
) -> Mapping[str, Any]:
    """The booking, locked, once it is known to be the actor's to decide on."""
    row: Mapping[str, Any] | None = await tx.row(
        f"{records.BOOKING_WITH_MEMBERS} WHERE b.id = $1 FOR UPDATE OF b", booking_id
    )
    member_id = tx.actor.member_id if tx.actor else None
    if row is None or member_id not in (row["owner_id"], row["booker_id"]):
        raise NotFound("There is no such booking, or it is not yours to know.")
    tx.authorise()
    if side == "owner" and member_id != row["owner_id"]:
        raise rules.OnlyTheOwner
    expect(if_match, row["version"])
    return row


async def _move(
    tx: Transaction, row: Mapping[str, Any], status: Status, reason: str | None = None
) -> Mapping[str, Any]:
    moved: Mapping[str, Any] = await tx.row(
        "UPDATE bookings SET status = $2, answer_reason = $3, version = version + 1"
        " WHERE id = $1 RETURNING *",
        row["id"],
        str(status),
        reason,
    )
    return moved


async def _release(tx: Transaction, row: Mapping[str, Any]) -> None:
    """Gives back the places and machines of a booking."""
    days, firsts, lasts = records.slice_arrays(Span(row["starts_at"], row["ends_at"]))
    await tx.execute(
        """
        WITH parts AS (
            SELECT d.day, first, last
            FROM unnest($2::date[], $3::int[], $4::int[]) AS part (day, first, last)
            JOIN pool_days d ON d.pool_id = $1 AND d.day = part.day
            ORDER BY d.day FOR UPDATE OF d
        )
        UPDATE pool_days d SET taken = places_added(d.taken, first, last, -$5::int)
        FROM parts WHERE d.pool_id = $1 AND d.day = parts.day
        """,
        row["pool_id"],
        days,
        firsts,
        lasts,
        row["workplaces"],
    )
    if row["equipment_ids"]:
        await tx.execute(
            "UPDATE occupations SET released_at = $2 WHERE booking_id = $1", row["id"], tx.now
        )


def _names(row: Mapping[str, Any]) -> dict[str, UUID]:
    return {
        "booking_id": row["id"],
        "workshop_id": row["workshop_id"],
        "owner_id": row["owner_id"],
        "booker_id": row["booker_id"],
    }


def _record_end(
    tx: Transaction,
    event: told.BookingDeclined | told.BookingCancelled | told.BookingLapsed,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    reason: str | None,
) -> None:
    statuses = {"status": before["status"]}, {"status": after["status"]}
    tx.record(event, before=statuses[0], after=statuses[1], reason=reason)
