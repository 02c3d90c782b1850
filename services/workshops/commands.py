"""What may be asked of workshops: facts, then the rule, then rows and the event. One transaction."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from contracts import membership
from contracts import workshops as told
from services.workshops import records
from services.workshops.domain import booking as rules
from services.workshops.domain.facts import Approval, Ask, Booking, Hours, Status
from services.workshops.domain.price import Price
from shared.database import Transaction
from shared.etag import expect
from shared.identity import Actor
from shared.refusal import Invalid, NotFound
from shared.russia.calendar import moscow_date
from shared.russia.names import search_key, sort_key

LAPSED_AT_ONCE = 100


# --- what is heard -----------------------------------------------------------------------------


async def know_member(tx: Transaction, event: membership.MemberJoined) -> None:
    """Notes a member; what is known of its withdrawal stays."""
    await tx.execute(
        "INSERT INTO members (id, slug, kind, is_state, vat_regime) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (id) DO UPDATE SET slug = excluded.slug, kind = excluded.kind,"
        " is_state = excluded.is_state, vat_regime = excluded.vat_regime",
        event.member_id,
        event.slug,
        event.kind,
        event.is_state,
        event.vat_regime,
    )


async def know_withdrawal(tx: Transaction, member_id: UUID, leaving_on: date) -> None:
    """Notes the day from which a member takes no part (R5.1)."""
    changed = await tx.execute(
        "UPDATE members SET leaving_on = $2 WHERE id = $1", member_id, leaving_on
    )
    if not changed:
        raise LookupError(f"a withdrawal of {member_id}, who is not known here")


async def know_agreement(tx: Transaction, event: membership.AgreementActivated) -> None:
    """Notes an agreement on which bookings may stand."""
    await tx.execute(
        "INSERT INTO agreements (id, kind, party_ids, valid_from, valid_to)"
        " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO NOTHING",
        event.agreement_id,
        event.kind,
        list(event.party_ids),
        event.valid_from,
        event.valid_to,
    )


async def know_end_of_agreement(tx: Transaction, agreement_id: UUID, ended_on: date) -> None:
    """Notes the first day on which an agreement no longer binds; one never active is not known."""
    await tx.execute(
        "UPDATE agreements SET ended_on = $2 WHERE id = $1", agreement_id, ended_on
    )


async def reach(tx: Transaction, milestone: str) -> None:
    """Notes that the service has come this far."""
    await tx.execute(
        "INSERT INTO milestones (name, reached_at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        milestone,
        tx.now,
    )


# --- what owners offer -------------------------------------------------------------------------


async def open_site(
    tx: Transaction, *, name: str, town: str, time_zone: str, hours: Sequence[Hours]
) -> UUID:
    """The acting member opens a site with its opening hours; returns its id."""
    actor = tx.authorise()
    if time_zone not in available_timezones():
        raise Invalid("There is no such time zone.", at="body.time_zone")
    _check_hours(hours)
    site_id = tx.new_id()
    await tx.execute(
        "INSERT INTO sites (id, owner_id, name, town, town_key, time_zone, opened_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        site_id,
        actor.member_id,
        name,
        town,
        search_key(town),
        str(ZoneInfo(time_zone)),
        tx.now,
    )
    await tx.execute(
        "INSERT INTO site_hours (site_id, weekday, opens, closes)"
        " SELECT $1, * FROM unnest($2::smallint[], $3::smallint[], $4::smallint[])",
        site_id,
        [part.weekday for part in hours],
        [part.opens for part in hours],
        [part.closes for part in hours],
    )
    after = {"name": name, "town": town, "time_zone": time_zone}
    tx.record(told.SiteOpened(site_id=site_id, owner_id=_member(actor)), after=after)
    return site_id


def _check_hours(hours: Sequence[Hours]) -> None:
    parts = sorted(hours, key=lambda part: (part.weekday, part.opens))
    for part in parts:
        if part.opens >= part.closes or part.opens % 5 or part.closes % 5:
            raise Invalid("Opening stands on five minutes, before closing.", at="body.opening_hours")
    for before, after in zip(parts, parts[1:], strict=False):
        if before.weekday == after.weekday and after.opens < before.closes:
            raise Invalid("Opening hours of a day overlap.", at="body.opening_hours")


async def open_workshop(
    tx: Transaction,
    *,
    site_id: UUID,
    name: str,
    workplaces: int,
    approval: Approval,
    competences: Sequence[str],
    net_kopecks: int,
) -> UUID:
    """The owner of a site opens a workshop with a pool of workplaces and a tariff from now on."""
    site = await tx.row("SELECT owner_id FROM sites WHERE id = $1", site_id)
    await _require_own(tx, site["owner_id"] if site else None)
    actor = tx.authorise()
    await _require_competences(tx, competences)
    workshop_id = tx.new_id()
    await tx.execute(
        "INSERT INTO workshops (id, site_id, owner_id, name, sort_key, approval, competences,"
        " opened_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1)",
        workshop_id,
        site_id,
        actor.member_id,
        name,
        sort_key(name),
        str(approval),
        list(competences),
        tx.now,
    )
    await tx.execute(
        "INSERT INTO pools (id, workshop_id, workplaces) VALUES ($1, $2, $3)",
        tx.new_id(),
        workshop_id,
        workplaces,
    )
    tx.record(
        told.WorkshopOpened(
            workshop_id=workshop_id,
            site_id=site_id,
            owner_id=_member(actor),
            workplaces=workplaces,
            approval=approval.value,
        ),
        after={"name": name, "workplaces": workplaces, "approval": approval},
    )
    await _write_tariff(tx, actor, workshop_id, net_kopecks, tx.now)
    return workshop_id


async def install_equipment(
    tx: Transaction,
    *,
    workshop_id: UUID,
    name: str,
    competences: Sequence[str],
    is_at_workplace: bool,
) -> UUID:
    """The owner adds a machine that can be booked by name; returns its id."""
    await _require_own_workshop(tx, workshop_id)
    actor = tx.authorise()
    await _require_competences(tx, competences)
    equipment_id = tx.new_id()
    await tx.execute(
        "INSERT INTO equipment (id, workshop_id, name, sort_key, competences, is_at_workplace,"
        " installed_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        equipment_id,
        workshop_id,
        name,
        sort_key(name),
        list(competences),
        is_at_workplace,
        tx.now,
    )
    tx.record(
        told.EquipmentInstalled(
            workshop_id=workshop_id, equipment_id=equipment_id, owner_id=_member(actor)
        ),
        after={"name": name, "competences": list(competences)},
    )
    return equipment_id


async def set_tariff(
    tx: Transaction, *, workshop_id: UUID, net_kopecks: int, valid_from_at: datetime
) -> None:
    """The owner sets the price of a workplace-hour from a moment on, not earlier than now."""
    await _require_own_workshop(tx, workshop_id)
    actor = tx.authorise()
    if valid_from_at < tx.now:
        raise Invalid("A tariff is not set for the past.", at="body.valid_from_at")
    await _write_tariff(tx, actor, workshop_id, net_kopecks, valid_from_at)


async def _write_tariff(
    tx: Transaction, actor: Actor, workshop_id: UUID, net_kopecks: int, valid_from_at: datetime
) -> None:
    await tx.execute(
        "INSERT INTO tariffs (id, workshop_id, net_kopecks, valid_from_at)"
        " VALUES ($1, $2, $3, $4)",
        tx.new_id(),
        workshop_id,
        net_kopecks,
        valid_from_at,
    )
    tx.record(
        told.TariffSet(
            workshop_id=workshop_id,
            owner_id=_member(actor),
            net_kopecks=net_kopecks,
            valid_from_at=valid_from_at,
        ),
        after={"net_kopecks": net_kopecks, "valid_from_at": valid_from_at},
    )


async def _require_own_workshop(tx: Transaction, workshop_id: UUID) -> None:
    owner_id = await tx.value("SELECT owner_id FROM workshops WHERE id = $1", workshop_id)
    await _require_own(tx, owner_id)


async def _require_own(tx: Transaction, owner_id: UUID | None) -> None:
    if owner_id is None or tx.actor is None or owner_id != tx.actor.member_id:
        raise NotFound


async def _require_competences(tx: Transaction, competences: Sequence[str]) -> None:
    known = await tx.fetch("SELECT id FROM competences WHERE id = ANY ($1)", list(competences))
    unknown = sorted(set(competences) - {row["id"] for row in known})
    if unknown:
        raise Invalid(f"Unknown competences: {', '.join(unknown)}.", at="body.competences")


# --- bookings ----------------------------------------------------------------------------------


async def book(
    tx: Transaction, *, workshop_id: UUID, ask: Ask, purpose: str, group_size: int | None
) -> Mapping[str, Any]:
    """Books, or asks to; takes every place and machine at once or none. Returns the row."""
    facts = await records.facts_of(tx, workshop_id, ask)
    actor = tx.authorise()
    booked = rules.book(
        ask, facts.workshop, facts.owner, facts.booker, facts.agreements, tx.now
    )
    booking_id = tx.new_id()
    days, firsts, lasts = records.slice_arrays(ask.span)
    machine_ids = sorted(ask.machine_ids)
    row: Mapping[str, Any] | None = await tx.row(
        _BOOK,
        booking_id,
        workshop_id,
        facts.workshop.pool_id,
        facts.workshop.owner_id,
        ask.booker_id,
        actor.person_id,
        booked.agreement.id if booked.agreement else None,
        str(booked.status),
        ask.span.starts_at,
        ask.span.ends_at,
        booked.workplaces,
        machine_ids,
        group_size,
        purpose,
        booked.net_per_workplace_hour_kopecks,
        booked.price.amount_kopecks,
        booked.price.vat_kopecks,
        booked.price.vat_rate_percent,
        booked.price.reason,
        booked.price.reason_ru,
        booked.answer_due_at,
        tx.now,
        days,
        firsts,
        lasts,
        facts.workshop.workplaces,
        [tx.new_id() for _ in machine_ids],
    )
    if row is None:
        raise rules.SlotIsTaken
    tx.record(_booked_event(row), after={"status": row["status"]})
    return row


_BOOK = """
WITH places AS (
    INSERT INTO pool_days (pool_id, day, places, taken)
    SELECT $3::uuid, day, $26::smallint,
           places_added(array_fill(0::smallint, ARRAY[288]), first, last, $11::smallint)
    FROM unnest($23::date[], $24::int[], $25::int[]) AS part (day, first, last)
    WHERE $11::smallint <= $26::smallint
    ORDER BY day
    ON CONFLICT (pool_id, day) DO UPDATE
    SET taken = places_added(pool_days.taken,
                             ($24::int[])[array_position($23::date[], pool_days.day)],
                             ($25::int[])[array_position($23::date[], pool_days.day)], $11::smallint)
    WHERE most_taken(pool_days.taken,
                     ($24::int[])[array_position($23::date[], pool_days.day)],
                     ($25::int[])[array_position($23::date[], pool_days.day)])
          + $11::smallint <= pool_days.places
    RETURNING day
), machines AS (
    INSERT INTO occupations (id, resource_id, booking_id, during)
    SELECT id, resource_id, $1::uuid, tstzrange($9::timestamptz, $10::timestamptz)
    FROM unnest($27::uuid[], $12::uuid[]) AS machine (id, resource_id)
    WHERE (SELECT count(*) FROM places) = cardinality($23::date[])
    ORDER BY resource_id
    ON CONFLICT DO NOTHING
    RETURNING resource_id
)
INSERT INTO bookings (id, workshop_id, pool_id, owner_id, booker_id, booked_by, agreement_id,
    status, starts_at, ends_at, workplaces, equipment_ids, group_size, purpose,
    net_per_workplace_hour_kopecks, price_kopecks, vat_kopecks, vat_rate, price_reason,
    price_reason_ru, answer_due_at, requested_at, version)
SELECT $1::uuid, $2, $3::uuid, $4, $5, $6, $7, $8, $9::timestamptz, $10::timestamptz, $11::smallint, $12::uuid[], $13, $14, $15, $16, $17, $18, $19, $20,
    $21, $22, 1
WHERE (SELECT count(*) FROM places) = cardinality($23::date[])
  AND (SELECT count(*) FROM machines) = cardinality($12::uuid[])
RETURNING *
"""


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
    """Lapses requests whose time to answer is over, or of which one side takes no part any more."""
    rows = await tx.fetch(
        f"{records.BOOKING_WITH_MEMBERS}"
        " WHERE b.status = 'requested' AND (b.answer_due_at <= $1"
        "       OR owner.leaving_on <= $2 OR booker.leaving_on <= $2)"
        f" ORDER BY b.id LIMIT {LAPSED_AT_ONCE} FOR UPDATE OF b SKIP LOCKED",
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
    kind = booking.agreement.kind.value if booking.agreement else None
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
    days, firsts, lasts = records.slice_arrays(records.Span(row["starts_at"], row["ends_at"]))
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


def _member(actor: Actor) -> UUID:
    if actor.member_id is None:
        raise NotFound("You act for no member.")
    return actor.member_id
