"""What owners offer: sites, workshops, equipment, tariffs."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from contracts import workshops as told
from services.workshops.domain.bells import SAMPLE, check_bells
from services.workshops.domain.facts import Approval, Bell, Hours
from services.workshops.domain.price import TariffStands
from shared.database import Transaction
from shared.etag import expect
from shared.identity import Actor
from shared.refusal import Invalid, NotFound
from shared.russia.names import search_key, sort_key


async def open_site(
    tx: Transaction,
    *,
    name: str,
    town: str,
    time_zone: str,
    hours: Sequence[Hours],
    bells: Sequence[Bell] = SAMPLE,
) -> UUID:
    """The acting member opens a site with its opening hours and bell plan; returns its id."""
    if time_zone not in available_timezones():
        raise Invalid("There is no such time zone.", at="body.time_zone")
    check_hours(hours)
    check_bells(bells)
    actor = tx.authorise()
    site_id = tx.new_id()
    await tx.execute(
        "INSERT INTO sites (id, owner_id, name, town, town_key, time_zone, opened_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        site_id,
        actor.member,
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
    await _write_bells(tx, site_id, bells)
    after = {"name": name, "town": town, "time_zone": time_zone}
    tx.record(told.SiteOpened(site_id=site_id, owner_id=actor.member), after=after)
    return site_id


async def set_bells(
    tx: Transaction, *, site_id: UUID, bells: Sequence[Bell], if_match: str | None
) -> None:
    """The owner gives a site another bell plan; bookings keep their times. Once more is nothing."""
    check_bells(bells)
    site = await tx.row(
        "SELECT owner_id, version FROM sites WHERE id = $1 FOR NO KEY UPDATE", site_id
    )
    await _require_own(tx, site and site["owner_id"])
    actor = tx.authorise()
    expect(if_match, site["version"])
    rows = await tx.fetch(
        "SELECT pair, opens, closes FROM site_bells WHERE site_id = $1 ORDER BY pair", site_id
    )
    before = [Bell(**row) for row in rows]
    if before == list(bells):
        return
    await tx.execute("DELETE FROM site_bells WHERE site_id = $1", site_id)
    await _write_bells(tx, site_id, bells)
    await tx.execute("UPDATE sites SET version = version + 1 WHERE id = $1", site_id)
    tx.record(
        told.BellsSet(site_id=site_id, owner_id=actor.member),
        before=[[bell.pair, bell.opens, bell.closes] for bell in before],
        after=[[bell.pair, bell.opens, bell.closes] for bell in bells],
    )


async def _write_bells(tx: Transaction, site_id: UUID, bells: Sequence[Bell]) -> None:
    await tx.execute(
        "INSERT INTO site_bells (site_id, pair, opens, closes)"
        " SELECT $1, * FROM unnest($2::smallint[], $3::smallint[], $4::smallint[])",
        site_id,
        [bell.pair for bell in bells],
        [bell.opens for bell in bells],
        [bell.closes for bell in bells],
    )


def check_hours(hours: Sequence[Hours]) -> None:
    """Raises Invalid unless the hours stand on five minutes and do not overlap."""
    parts = sorted(hours, key=lambda part: (part.weekday, part.opens))
    for part in parts:
        if part.opens >= part.closes or part.opens % 5 or part.closes % 5:
            raise Invalid(
                "Opening stands on five minutes, before closing.",
                at="body.opening_hours",
                why="opening-hours-wrong",
            )
    for before, after in pairwise(parts):
        if before.weekday == after.weekday and after.opens < before.closes:
            raise Invalid(
                "Opening hours of a day overlap.",
                at="body.opening_hours",
                why="opening-hours-wrong",
            )


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
    await _require_competences(tx, competences)
    owner_id = await tx.value("SELECT owner_id FROM sites WHERE id = $1", site_id)
    await _require_own(tx, owner_id)
    actor = tx.authorise()
    workshop_id = tx.new_id()
    await tx.execute(
        "INSERT INTO workshops (id, site_id, owner_id, name, sort_key, approval, competences,"
        " opened_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1)",
        workshop_id,
        site_id,
        actor.member,
        name,
        search_key(name),
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
            owner_id=actor.member,
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
    await _require_competences(tx, competences)
    await _require_own_workshop(tx, workshop_id)
    actor = tx.authorise()
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
            workshop_id=workshop_id, equipment_id=equipment_id, owner_id=actor.member
        ),
        after={"name": name, "competences": list(competences)},
    )
    return equipment_id


async def set_tariff(
    tx: Transaction, *, workshop_id: UUID, net_kopecks: int, valid_from_at: datetime
) -> None:
    """The owner sets the price of a workplace-hour from a moment on, not earlier than now."""
    if valid_from_at < tx.now:
        raise Invalid("A tariff is not set for the past.", at="body.valid_from_at")
    await _require_own_workshop(tx, workshop_id)
    actor = tx.authorise()
    await _write_tariff(tx, actor, workshop_id, net_kopecks, valid_from_at)


async def _write_tariff(
    tx: Transaction, actor: Actor, workshop_id: UUID, net_kopecks: int, valid_from_at: datetime
) -> None:
    written = await tx.execute(
        "INSERT INTO tariffs (id, workshop_id, net_kopecks, valid_from_at) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (workshop_id, valid_from_at) DO NOTHING",
        tx.new_id(),
        workshop_id,
        net_kopecks,
        valid_from_at,
    )
    if not written:
        raise TariffStands
    tx.record(
        told.TariffSet(
            workshop_id=workshop_id,
            owner_id=actor.member,
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
