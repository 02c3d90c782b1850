"""What may be looked up: workshops, when they are free, what a booking would cost, bookings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from services.workshops import records
from services.workshops.domain import booking as rules
from services.workshops.domain.facts import Ask, Hours, Member, Span, Workshop
from services.workshops.domain.feeds import BOOKINGS_MAX, PAST, digest_of
from services.workshops.domain.opening import open_spans
from services.workshops.domain.places import GRAIN, Window, least_free, stretches, windows
from services.workshops.domain.price import Price, tariff_at
from shared.database import Transaction
from shared.paging import cut, place_of
from shared.refusal import NotFound, Refusal
from shared.russia.calendar import end_of_day, moscow_date
from shared.russia.names import search_key
from shared.russia.vat import VatRateIsUnknown

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Offer:
    """What a booking would cost and whether it can be made now."""

    refusal: Refusal | None
    price: Price | None


@dataclass(frozen=True, slots=True)
class Free:
    """A window of a workshop in which places are free."""

    workshop_id: UUID
    span: Span
    workplaces_free: int


@dataclass(frozen=True, slots=True)
class Places:
    """The open time of a workshop in stretches of constant free places, in order."""

    workshop_id: UUID
    workplaces: int
    stretches: list[Window]


@dataclass(frozen=True, slots=True)
class Feed:
    """What a calendar feed shows: whose it is, its name, and its bookings by their start."""

    member_id: UUID
    name: str
    bookings: Sequence[Row]


async def competences(tx: Transaction) -> list[Row]:
    """All competences that a workshop can be for, by name."""
    return await tx.fetch("SELECT id, name FROM competences ORDER BY sort_key")


_BELLS = """
    (SELECT jsonb_agg(jsonb_build_array(pair, opens, closes) ORDER BY pair)
     FROM site_bells WHERE site_id = s.id)
"""
_SITES = f"""
SELECT s.id, s.owner_id, s.name, s.town, s.time_zone, s.version, {_BELLS} AS bells,
    (SELECT jsonb_agg(jsonb_build_array(weekday, opens, closes) ORDER BY weekday, opens)
     FROM site_hours WHERE site_id = s.id) AS hours
FROM sites s
"""  # noqa: S608 - the parts are constants


async def sites(tx: Transaction, *, cursor: str | None, limit: int) -> tuple[list[Row], str | None]:
    """The acting member's own sites with hours and bells, as they were opened, a page at a time."""
    actor = tx.authorise()
    (after,) = place_of(cursor, (UUID,)) or [None]
    rows = await tx.fetch(
        f"{_SITES} WHERE s.owner_id = $1 AND ($2::uuid IS NULL OR s.id > $2)"
        " ORDER BY s.id LIMIT $3",
        actor.member_id,
        after,
        limit + 1,
    )
    return cut(rows, limit, lambda row: [row["id"]])


async def site(tx: Transaction, site_id: UUID) -> Row:
    """One site with hours and bells, known to be there."""
    row: Row = await tx.row(f"{_SITES} WHERE s.id = $1", site_id)
    return row


async def timetable(
    tx: Transaction, site_id: UUID, *, within: Span, cursor: str | None, limit: int
) -> tuple[list[Row], str | None]:
    """The lessons of a site of the acting member that start in the span, a page at a time."""
    place = place_of(cursor, (datetime.fromisoformat, UUID)) or [None, None]
    owner_id = await tx.value("SELECT owner_id FROM sites WHERE id = $1", site_id)
    if owner_id is None or tx.actor is None or owner_id != tx.actor.member_id:
        raise NotFound("There is no such site, or it is not yours to know.")
    tx.authorise()
    rows = await tx.fetch(
        """
        SELECT l.id, l.workshop_id, l.starts_at, l.ends_at, l.workplaces, l.title
        FROM lessons l JOIN workshops w ON w.id = l.workshop_id
        WHERE w.site_id = $1 AND l.released_at IS NULL
          AND l.starts_at >= $2 AND l.starts_at < $3
          AND ($4::timestamptz IS NULL OR (l.starts_at, l.id) > ($4, $5::uuid))
        ORDER BY l.starts_at, l.id LIMIT $6
        """,
        site_id,
        *within,
        *place,
        limit + 1,
    )
    return cut(rows, limit, lambda row: [row["starts_at"].isoformat(), row["id"]])


_WORKSHOPS = f"""
SELECT w.*, s.name AS site_name, s.town, s.time_zone, p.workplaces, {_BELLS} AS bells
FROM workshops w JOIN sites s ON s.id = w.site_id JOIN pools p ON p.workshop_id = w.id
JOIN members m ON m.id = w.owner_id
"""  # noqa: S608 - the parts are constants


async def workshops(
    tx: Transaction,
    *,
    workshop_ids: Sequence[UUID] | None = None,
    competence: str | None,
    town: str | None,
    owner_id: UUID | None,
    q: str | None,
    cursor: str | None,
    limit: int,
) -> tuple[list[Row], str | None]:
    """The workshops of active members that fit all filters, by name, a page at a time."""
    place = place_of(cursor, (str, UUID)) or [None, None]
    words = search_key(q) if q else None
    rows = await tx.fetch(
        f"""{_WORKSHOPS}
        WHERE ($1::text IS NULL OR $1 = ANY (w.competences))
          AND ($2::text IS NULL OR s.town_key = $2)
          AND ($3::uuid IS NULL OR w.owner_id = $3)
          AND ($4::text IS NULL OR strpos(w.sort_key, $4) > 0 OR strpos(s.town_key, $4) > 0)
          AND ($5::text IS NULL OR (w.sort_key, w.id) > ($5, $6::uuid))
          AND (m.leaving_on IS NULL OR m.leaving_on > $7)
          AND ($9::uuid[] IS NULL OR w.id = ANY ($9))
        ORDER BY w.sort_key, w.id LIMIT $8""",
        competence,
        search_key(town) if town else None,
        owner_id,
        words,
        *place,
        moscow_date(tx.now),
        limit + 1,
        workshop_ids,
    )
    return cut(rows, limit, lambda row: [row["sort_key"], row["id"]])


async def workshop(tx: Transaction, workshop_id: UUID) -> dict[str, Any]:
    """One workshop with its opening hours, equipment and present tariff; raises NotFound."""
    row = await tx.row(f"{_WORKSHOPS} WHERE w.id = $1", workshop_id)
    if row is None:
        raise NotFound("There is no such workshop.")
    machines = await tx.fetch(
        "SELECT id, name, competences, is_at_workplace FROM equipment"
        " WHERE workshop_id = $1 ORDER BY sort_key, id",
        workshop_id,
    )
    ((known, _),) = await records.workshops_open(tx, workshop_ids=[workshop_id])
    net = tariff_at(known.tariffs, tx.now)
    hours = [[part.weekday, part.opens, part.closes] for part in known.hours]
    return {**row, "hours": hours, "equipment": machines, "net_kopecks": net}


async def availability(
    tx: Transaction,
    *,
    workshop_id: UUID | None,
    competence: str | None,
    within: Span,
    workplaces: int,
    minutes: int,
) -> list[Free]:
    """Every maximal window with room, of one workshop or of all with the competence.

    What it shows can be booked: it leaves out the past, what lies beyond the horizon, closed
    hours, and the time from the owner's withdrawal on.
    """
    ids = None if workshop_id is None else [workshop_id]
    found = await records.workshops_open(tx, workshop_ids=ids, competence=competence)
    if workshop_id is not None and not found:
        raise NotFound("There is no such workshop.")
    taken = await _taken_of(tx, found, within)
    opened = _opened(found, within, tx.now)
    free = []
    for shop, _ in found:
        for window in windows(
            opened[shop.id],
            shop.workplaces,
            taken.get(shop.pool_id, {}),
            workplaces=workplaces,
            minutes=minutes,
        ):
            free.append(Free(shop.id, window.span, window.workplaces_free))
    return free


async def free_places(
    tx: Transaction,
    *,
    workshop_ids: Sequence[UUID] | None,
    competence: str | None,
    town: str | None,
    owner_id: UUID | None,
    q: str | None,
    within: Span,
    cursor: str | None,
    limit: int,
) -> tuple[list[Places], str | None]:
    """The open time of a page of workshops, with the places that are free in it.

    It leaves out what `availability` leaves out, and shows also the time in which none is free.
    """
    rows, next_cursor = await workshops(
        tx,
        workshop_ids=workshop_ids,
        competence=competence,
        town=town,
        owner_id=owner_id,
        q=q,
        cursor=cursor,
        limit=limit,
    )
    found = await records.workshops_open(tx, workshop_ids=[row["id"] for row in rows])
    taken = await _taken_of(tx, found, within)
    opened = _opened(found, within, tx.now)
    shown = []
    for shop, _ in found:
        parts = stretches(opened[shop.id], shop.workplaces, taken.get(shop.pool_id, {}))
        shown.append(Places(shop.id, shop.workplaces, parts))
    return shown, next_cursor


def _opened(
    found: Sequence[tuple[Workshop, Member]], within: Span, now: datetime
) -> dict[UUID, list[Span]]:
    """The open time in which bookings are taken now, of each workshop.

    It is reckoned once for those that open together, as all of a site do: time zones are slow.
    """
    known: dict[tuple[tuple[Hours, ...], str, Span], list[Span]] = {}
    opened: dict[UUID, list[Span]] = {}
    for shop, owner in found:
        bookable = _bookable(owner, within, now)
        if bookable is None:
            opened[shop.id] = []
            continue
        key = (shop.hours, shop.time_zone, bookable)
        if key not in known:
            known[key] = open_spans(*key)
        opened[shop.id] = known[key]
    return opened


async def _taken_of(
    tx: Transaction, found: Sequence[tuple[Workshop, Member]], within: Span
) -> dict[UUID, dict[date, list[int]]]:
    return await records.taken_of(
        tx,
        [shop.pool_id for shop, _ in found],
        within.starts_at.astimezone(UTC).date(),
        within.ends_at.astimezone(UTC).date(),
    )


def _bookable(owner: Member, within: Span, now: datetime) -> Span | None:
    """The part of the span for which bookings of the owner's workshops are taken now."""
    today = moscow_date(now)
    if not rules.is_active(owner, today) or rules.is_suspended(owner, today):
        return None
    starts_at = max(_grain_up(within.starts_at), _grain_up(now + timedelta(microseconds=1)))
    ends_at = min(_grain_down(within.ends_at), _grain_down(now + rules.REGULATION.horizon))
    if owner.leaving_on is not None:
        ends_at = min(ends_at, end_of_day(owner.leaving_on - timedelta(days=1)))
    return Span(starts_at, ends_at) if starts_at < ends_at else None


def _grain_down(moment: datetime) -> datetime:
    return moment - timedelta(seconds=moment.timestamp() % GRAIN.total_seconds())


def _grain_up(moment: datetime) -> datetime:
    down = _grain_down(moment)
    return down if down == moment else down + GRAIN


async def quote(tx: Transaction, *, workshop_id: UUID, ask: Ask) -> Offer:
    """What a booking would cost, and the refusal that it would meet now; stores nothing."""
    facts = await records.facts_of(tx, workshop_id, ask)
    tx.authorise()
    try:
        booked = rules.book(
            ask, facts.workshop, facts.owner, facts.booker, facts.agreements, tx.now
        )
    except Refusal as refusal:
        if refusal.status != 409:
            raise
        return Offer(refusal, _price_all_the_same(ask, facts))
    if await _is_taken(tx, facts.workshop, ask, booked.workplaces):
        return Offer(rules.SlotIsTaken(), booked.price)
    return Offer(None, booked.price)


def _price_all_the_same(ask: Ask, facts: records.Facts) -> Price | None:
    """The price of what is refused for another reason; None where nothing says what it is."""
    if facts.owner is None:
        return None
    try:
        agreement = rules.agreement_for(ask, facts.workshop, facts.agreements)
        return rules.price_of_ask(ask, facts.workshop, facts.owner, agreement)
    except (Refusal, VatRateIsUnknown):
        return None


async def _is_taken(tx: Transaction, shop: Workshop, ask: Ask, workplaces: int) -> bool:
    first = ask.span.starts_at.astimezone(UTC).date()
    taken = await records.taken_of(tx, [shop.pool_id], first, first + timedelta(days=2))
    if least_free(ask.span, shop.workplaces, taken.get(shop.pool_id, {})) < workplaces:
        return True
    is_used: bool = await tx.value(
        "SELECT EXISTS (SELECT FROM occupations WHERE resource_id = ANY ($1::uuid[])"
        " AND released_at IS NULL AND during && tstzrange($2, $3))",
        list(ask.machine_ids),
        ask.span.starts_at,
        ask.span.ends_at,
    )
    return is_used


async def booking(tx: Transaction, booking_id: UUID) -> Row:
    """One booking, for either side of it; raises NotFound for everybody else."""
    row: Row | None = await tx.row("SELECT * FROM bookings WHERE id = $1", booking_id)
    member_id = tx.actor.member_id if tx.actor else None
    if row is None or member_id not in (row["owner_id"], row["booker_id"]):
        raise NotFound("There is no such booking, or it is not yours to know.")
    tx.authorise()
    return row


async def history(tx: Transaction, booking_id: UUID) -> list[Row]:
    """What was done with a booking, by whom and why, in order; for either side of it."""
    await booking(tx, booking_id)
    return await tx.fetch(
        "SELECT at, action, member_id, person_id, reason FROM audit"
        " WHERE object_id = $1 ORDER BY id",
        booking_id,
    )


async def bookings(
    tx: Transaction,
    *,
    side: Literal["booker", "owner"] | None,
    statuses: Sequence[str] | None,
    workshop_id: UUID | None,
    starts_from: datetime | None,
    starts_before: datetime | None,
    cursor: str | None,
    limit: int,
) -> tuple[list[Row], str | None]:
    """The acting member's bookings, by start, a page at a time."""
    actor = tx.authorise()
    place = place_of(cursor, (datetime.fromisoformat, UUID)) or [None, None]
    rows = await tx.fetch(
        """
        SELECT * FROM bookings
        WHERE (($2::text IS DISTINCT FROM 'owner' AND booker_id = $1)
            OR ($2::text IS DISTINCT FROM 'booker' AND owner_id = $1))
          AND ($3::text[] IS NULL OR status = ANY ($3))
          AND ($4::timestamptz IS NULL OR starts_at >= $4)
          AND ($5::timestamptz IS NULL OR starts_at < $5)
          AND ($6::timestamptz IS NULL OR (starts_at, id) > ($6, $7::uuid))
          AND ($9::uuid IS NULL OR workshop_id = $9)
        ORDER BY starts_at, id LIMIT $8
        """,
        actor.member_id,
        side,
        statuses,
        starts_from,
        starts_before,
        *place,
        limit + 1,
        workshop_id,
    )
    return cut(rows, limit, lambda row: [row["starts_at"].isoformat(), row["id"]])


async def feeds(tx: Transaction) -> list[Row]:
    """The acting member's feeds that are not revoked, as they were made."""
    actor = tx.authorise()
    return await tx.fetch(
        "SELECT id, kind, workshop_id, made_at FROM feeds"
        " WHERE member_id = $1 AND revoked_at IS NULL ORDER BY id",
        actor.member_id,
    )


async def feed(tx: Transaction, secret: str) -> Feed:
    """What the feed of this secret shows; raises NotFound for one that is unknown or revoked.

    Outside of the transaction: no connection is held while the calendar is built.
    """
    found = await tx.database.fetch(
        "SELECT f.member_id, f.workshop_id, w.name FROM feeds f"
        " LEFT JOIN workshops w ON w.id = f.workshop_id"
        " WHERE f.secret_sha256 = $1 AND f.revoked_at IS NULL",
        digest_of(secret),
    )
    if not found:
        raise NotFound
    member_id, workshop_id, name = found[0]
    rows = await tx.database.fetch(
        """
        SELECT b.id, b.version, b.status, b.starts_at, b.ends_at, b.workplaces, b.owner_id,
            b.booker_id, w.name AS workshop_name, s.name AS site_name, s.town, s.time_zone
        FROM bookings b JOIN workshops w ON w.id = b.workshop_id JOIN sites s ON s.id = w.site_id
        WHERE (b.owner_id = $1 OR (b.booker_id = $1 AND $2::uuid IS NULL))
          AND ($2::uuid IS NULL OR b.workshop_id = $2)
          AND b.starts_at >= $3
        ORDER BY b.starts_at, b.id LIMIT $4
        """,
        member_id,
        workshop_id,
        tx.now - PAST,
        BOOKINGS_MAX,
    )
    return Feed(member_id, name or "Брони мастерских", rows)
