"""The workshops' routes with those who may, and a world to ask in."""

from uuid import UUID

from services.workshops.commands import catalogue
from services.workshops.commands.feeds import make_feed
from services.workshops.commands.imports.equipment import SHEET as EQUIPMENT_SHEET
from services.workshops.domain.facts import Approval
from services.workshops.domain.feeds import FeedKind
from shared.identity import Role
from tests.architecture.visits import (
    APPROVER,
    COORDINATOR,
    DEALERS,
    EVERYBODY,
    HOSTS,
    SIGNED_IN,
    Visit,
    World,
    imports_of,
)
from tests.harness import Running
from tests.imports import Importing, csv_of, table
from tests.workshops import facts as workshops_facts


async def workshops_world(service: Running) -> World:
    """A college's bookings at another's workshop, one for each step; a stranger looks on."""
    known = await workshops_facts.Known(service).lay()
    things = {"workshop": known.workshop, "site": known.site}
    for ahead, step in enumerate(("read", "approve", "decline", "cancel", "check-in", "complete")):
        times = {"starts_at": known.at("12:30", ahead), "ends_at": known.at("14:05", ahead)}
        booked = await known.book(**times)
        things[step] = UUID(booked.json()["id"])
    for step in ("check-in", "complete"):
        assert (await known.decide(str(things[step]), "approve")).status_code == 200
    assert (await known.decide(str(things["complete"]), "check-in")).status_code == 200
    bookings = {
        str(booking) for name, booking in things.items() if name not in ("workshop", "site")
    }
    feeds = await make_feeds(known)
    file = csv_of(table(EQUIPMENT_SHEET, {"workshop": "Станки с ЧПУ", "name": "Пресс"}))
    coordinator = service.as_(known.owner, Role.COORDINATOR)
    imported = await Importing(service, coordinator).ready("equipment", file)
    return World(
        service=service,
        own=known.owner,
        party=known.college,
        other=known.stranger,
        things={**things, **feeds, "import": imported},
        bodies={
            "feed": {"kind": "workshop", "workshop_id": str(known.workshop)},
            "site": {
                "name": "Второй корпус",
                "town": "Смоленск",
                "opening_hours": [{"weekday": 0, "opens_at": "09:00", "closes_at": "18:00"}],
            },
            "bells": {"bells": [{"pair": 1, "starts_at": "09:00", "ends_at": "10:30"}]},
            "workshop": {
                "site_id": str(known.site),
                "name": "Сварка",
                "workplaces": 4,
                "competences": ["cnc-milling"],
                "net_kopecks_per_workplace_hour": 10_000,
            },
            "equipment": {"name": "Станок", "competences": ["cnc-milling"]},
            "tariff": {"net_kopecks_per_workplace_hour": 20_000},
            "booking": known.ask(workplaces=1),
            "on another's agreement": known.ask(agreement_id=str(known.network_form)),
            "reason": {"reason": "Так вышло."},
            "used": {"actual_minutes": 60},
            "when": {
                "workshop_id": str(known.workshop),
                "from": known.at("00:05"),
                "to": known.at("23:55"),
            },
            "file": file,
            "import": {"kind": "equipment", "file_name": "оборудование.csv"},
        },
        secrets=frozenset({*bookings, str(imported)}),
    )


async def make_feeds(known: workshops_facts.Known) -> dict[str, UUID | str]:
    """A feed to be revoked, and the secret of one that shows a workshop which nobody booked."""
    async with known.as_owner() as tx:
        quiet = await catalogue.open_workshop(
            tx,
            site_id=known.site,
            name="Тихая",
            workplaces=1,
            approval=Approval.INSTANT,
            competences=[],
            net_kopecks=0,
        )
        made, _ = await make_feed(tx, FeedKind.MEMBER, None)
        _, secret = await make_feed(tx, FeedKind.WORKSHOP, quiet)
    return {"feed": made["id"], "secret of an empty feed": secret}


TABLE: dict[str, Visit] = {
    "GET /api/workshops/deeds": Visit(SIGNED_IN),
    **imports_of("workshops", COORDINATOR, "workshops", "equipment", "timetable"),
    "GET /api/workshops/competences": Visit(EVERYBODY),
    "GET /api/workshops/workshops": Visit(EVERYBODY),
    "GET /api/workshops/workshops/{workshop_id}": Visit(EVERYBODY, {"workshop_id": "workshop"}),
    "GET /api/workshops/availability": Visit(EVERYBODY, query="when"),
    "GET /api/workshops/free-places": Visit(EVERYBODY, query="when"),
    "POST /api/workshops/sites": Visit(COORDINATOR, body="site"),
    "GET /api/workshops/sites": Visit(SIGNED_IN),
    "PUT /api/workshops/sites/{site_id}/bells": Visit(
        COORDINATOR, {"site_id": "site"}, body="bells", others=404, party=404
    ),
    "GET /api/workshops/sites/{site_id}/timetable": Visit(
        DEALERS, {"site_id": "site"}, query="when", others=404, party=404
    ),
    "POST /api/workshops/workshops": Visit(COORDINATOR, body="workshop", others=404, party=404),
    "POST /api/workshops/workshops/{workshop_id}/equipment": Visit(
        COORDINATOR, {"workshop_id": "workshop"}, body="equipment", others=404, party=404
    ),
    "POST /api/workshops/workshops/{workshop_id}/tariffs": Visit(
        COORDINATOR, {"workshop_id": "workshop"}, body="tariff", others=404, party=404
    ),
    "POST /api/workshops/feeds": Visit(HOSTS, body="feed", others=404, party=404),
    "GET /api/workshops/feeds": Visit(DEALERS),
    "DELETE /api/workshops/feeds/{feed_id}": Visit(
        HOSTS, {"feed_id": "feed"}, others=404, party=404
    ),
    "GET /api/workshops/feeds/{secret}.ics": Visit(
        EVERYBODY, {"secret": "secret of an empty feed"}, garbage=404
    ),
    "POST /api/workshops/quotes": Visit(COORDINATOR, body="booking"),
    "POST /api/workshops/bookings": Visit(
        COORDINATOR, body="booking", others=404, others_body="on another's agreement"
    ),
    "GET /api/workshops/bookings": Visit(DEALERS),
    "GET /api/workshops/bookings/{booking_id}": Visit(DEALERS, {"booking_id": "read"}, others=404),
    "GET /api/workshops/bookings/{booking_id}/history": Visit(
        DEALERS, {"booking_id": "read"}, others=404
    ),
    "POST /api/workshops/bookings/{booking_id}/approve": Visit(
        APPROVER, {"booking_id": "approve"}, others=404, party=403
    ),
    "POST /api/workshops/bookings/{booking_id}/decline": Visit(
        APPROVER, {"booking_id": "decline"}, body="reason", others=404, party=403
    ),
    "POST /api/workshops/bookings/{booking_id}/cancel": Visit(
        HOSTS, {"booking_id": "cancel"}, body="reason", others=404
    ),
    "POST /api/workshops/bookings/{booking_id}/check-in": Visit(
        HOSTS, {"booking_id": "check-in"}, others=404, party=403
    ),
    "POST /api/workshops/bookings/{booking_id}/complete": Visit(
        HOSTS, {"booking_id": "complete"}, body="used", others=404, party=403
    ),
}
