"""What the walk through all routes stands on: routes found by themselves, and a world to ask in.

The table says of every route, by hand and a second time, who may use it and whose things it
touches; a route without an entry fails the walk.
"""

import base64
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from services.membership.commands.imports import SHEET as MEMBERS_SHEET
from services.membership.domain.members import Card
from services.workshops.commands import catalogue
from services.workshops.commands.feeds import make_feed
from services.workshops.commands.imports.equipment import SHEET as EQUIPMENT_SHEET
from services.workshops.domain.facts import Approval
from services.workshops.domain.feeds import FeedKind
from shared.identity import Actor, Role
from shared.ids import new_id
from shared.routes import GuardedRoute, Rule
from shared.tokens import Signer
from tests.architecture.joining import joining_world
from tests.architecture.persons import PERSONS, persons_world
from tests.architecture.recovery import recovery_world
from tests.architecture.visits import (
    ADMINISTRATOR,
    APPROVER,
    COORDINATOR,
    DEALERS,
    EVERYBODY,
    HOSTS,
    NAMING,
    PARTIES,
    PAYING,
    SECRETARIAT,
    SIGNED_IN,
    TREASURER,
    Visit,
    imports_of,
)
from tests.finance import facts as finance_facts
from tests.harness import Moment, Running, Servers, running
from tests.imports import Importing, csv_of, table
from tests.membership.cluster import CARDS, PASSWORD, Cluster, written
from tests.membership.cluster import agreement as agreement_body
from tests.workshops import facts as workshops_facts

UNGUARDED = ("/openapi.json", "/health/live", "/health/ready")
"""All that an app answers besides its guarded routes, under `/api/<service>`."""


@dataclass(frozen=True)
class Found:
    """A route as it was found in an app."""

    method: str
    path: str
    rule: Rule
    query: tuple[str, ...]
    has_body: bool
    takes_tag: bool

    @property
    def key(self) -> str:
        """How the table calls it."""
        return f"{self.method} {self.path}"


def routes_of(app: FastAPI) -> list[Found]:
    """Every guarded route of an app, in the order of their registration."""
    return [
        Found(
            method=method,
            path=str(context.path),
            rule=route.rule,
            query=tuple(str(param.alias) for param in route.dependant.query_params),
            has_body=route.body_field is not None,
            takes_tag=any(param.alias == "if-match" for param in route.dependant.header_params),
        )
        for context in iter_route_contexts(app.routes)
        if isinstance(route := context.original_route, GuardedRoute)
        for method in sorted(context.methods or ())
    ]


def unguarded_of(app: FastAPI) -> list[str]:
    """The paths of everything else in an app."""
    return [
        str(getattr(context.original_route, "path", context.original_route))
        for context in iter_route_contexts(app.routes)
        if not isinstance(context.original_route, GuardedRoute)
    ]


# --- the worlds --------------------------------------------------------------------------------


@dataclass
class World:
    """A service in which two members have dealings, and a third has none with them."""

    service: Running
    own: UUID
    """The member whose things are asked for."""
    party: UUID
    """The member that it deals with."""
    other: UUID
    """A member to whom all that is nothing."""
    things: Mapping[str, UUID | str]
    bodies: dict[str, Any]
    secrets: frozenset[str]
    """What no answer to an outsider may hold."""
    person_id: UUID = field(default_factory=new_id)
    session_id: UUID = field(default_factory=new_id)

    def as_(self, member_id: UUID | None, role: Role) -> dict[str, str]:
        """The headers of somebody in one role; of the own member, the person that is known."""
        is_own = member_id == self.own
        actor = Actor(
            self.person_id if is_own else new_id(),
            member_id,
            frozenset({role}),
            self.session_id if is_own else new_id(),
        )
        key = json.dumps(self.service.servers.key.as_dict(private=True))
        token = Signer(key, 900).sign(actor, self.service.clock())
        return {"Authorization": f"Bearer {token}"}


async def membership_world(service: Running) -> World:
    """A college, with a firm's agreement to be signed; a university looks on."""
    cluster = await Cluster(service).lay()
    signed_in = (await cluster.sign_in("college")).json()
    claims = signed_in["access_token"].split(".")[1]
    session = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["sid"]
    mentor = await cluster.register("mentor", cluster.college, Role.MENTOR)
    agreement = (await cluster.make(valid_to=cluster.day(30))).json()["id"]
    newcomer = {name: getattr(CARDS["vyazma"], name) for name in Card.__dataclass_fields__}
    file = csv_of(table(MEMBERS_SHEET, written("roslavl")))
    administrator = service.as_(cluster.college, Role.ADMINISTRATOR)
    imported = await Importing(service, administrator).ready("members", file)
    joining = await joining_world(cluster)
    recovering = await recovery_world(cluster)
    people = await persons_world(cluster)
    return World(
        service=service,
        own=cluster.college,
        party=cluster.firm,
        other=cluster.university,
        things={
            "member": cluster.college,
            "agreement": UUID(agreement),
            "person": mentor,
            "import": imported,
            "session": recovering["session"],
            **joining.things,
            **people.things,
        },
        bodies={
            **joining.bodies,
            **people.bodies,
            **recovering["bodies"],
            "sign in": {"email": "college@artel.demo", "password": PASSWORD},
            "refresh": {"refresh_token": signed_in["refresh_token"]},
            "join": newcomer,
            "withdraw": {"effective_on": cluster.day(60)},
            "agree": agreement_body(cluster) | {"valid_to": cluster.day(30)},
            "account": {
                "email": "new@artel.demo",
                "password": "another battery staple",
                "family_name": "Петров",
                "given_name": "Пётр",
                "member_id": str(cluster.college),
                "roles": ["mentor"],
            },
            "roles": {"roles": ["mentor", "expert"], "member_id": str(cluster.college)},
            "file": file,
            "import": {"kind": "members", "file_name": "участники.csv"},
        },
        secrets=frozenset(
            {
                agreement,
                str(mentor),
                str(imported),
                "college@artel.demo",
                "mentor@artel.demo",
                joining.bodies["contact"],
            }
        ),
        person_id=cluster.people["college"],
        session_id=UUID(session),
    )


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


async def finance_world(service: Running) -> World:
    """What a firm owes a college; a stranger looks on."""
    known = await finance_facts.Known(service).lay()
    things = {"read": await known.charge(), "reverse": await known.charge()}
    return World(
        service=service,
        own=known.college,
        party=known.firm,
        other=known.stranger,
        things=things,
        bodies={"reason": {"reason": "Ошибка в часах."}},
        secrets=frozenset({*map(str, things.values()), str(known.firm), str(known.college)}),
    )


WORLDS: dict[str, Callable[[Running], Any]] = {
    "membership": membership_world,
    "workshops": workshops_world,
    "finance": finance_world,
}


@asynccontextmanager
async def world_of(servers: Servers, name: str) -> AsyncIterator[World]:
    """The service in a fresh database, with everything that the walk asks for."""
    async with running(
        servers, name, Moment(), demo=True, requests_per_10_seconds=1_000_000
    ) as service:
        yield await WORLDS[name](service)


# --- the table ---------------------------------------------------------------------------------


TABLE: dict[str, dict[str, Visit]] = {
    "membership": {
        "POST /api/membership/sessions": Visit(EVERYBODY, body="sign in"),
        "POST /api/membership/sessions/refresh": Visit(EVERYBODY, body="refresh"),
        "GET /api/membership/sessions": Visit(SIGNED_IN),
        "DELETE /api/membership/sessions/{session_id}": Visit(
            SIGNED_IN, {"session_id": "session"}, others=404
        ),
        "POST /api/membership/password-resets": Visit(EVERYBODY, body="forgotten"),
        "POST /api/membership/password-resets/finish": Visit(EVERYBODY, body="reset"),
        "POST /api/membership/accounts/current/email": Visit(SIGNED_IN, body="address"),
        "POST /api/membership/email-changes/confirm": Visit(EVERYBODY, body="confirm address"),
        "GET /api/membership/sessions/current": Visit(SIGNED_IN),
        "DELETE /api/membership/sessions/current": Visit(SIGNED_IN),
        "GET /api/membership/members": Visit(EVERYBODY),
        "GET /api/membership/members/{member_id}": Visit(EVERYBODY, {"member_id": "member"}),
        "GET /api/membership/members/{member_id}/requisites": Visit(
            PAYING, {"member_id": "member"}
        ),
        "POST /api/membership/members": Visit(ADMINISTRATOR, body="join"),
        "POST /api/membership/members/{member_id}/withdraw": Visit(
            COORDINATOR, {"member_id": "member"}, body="withdraw", others=404, party=404
        ),
        "POST /api/membership/agreements": Visit(COORDINATOR, body="agree", others=422),
        "POST /api/membership/agreements/{agreement_id}/sign": Visit(
            COORDINATOR, {"agreement_id": "agreement"}, others=404
        ),
        "GET /api/membership/agreements": Visit(PARTIES),
        "GET /api/membership/agreements/{agreement_id}": Visit(
            PARTIES, {"agreement_id": "agreement"}, others=404
        ),
        "POST /api/membership/accounts": Visit(
            NAMING, body="account", others=404, party=404, reaches_all=ADMINISTRATOR
        ),
        "GET /api/membership/accounts": Visit(COORDINATOR),
        "POST /api/membership/accounts/{person_id}/roles": Visit(
            NAMING,
            {"person_id": "person"},
            body="roles",
            others=404,
            party=404,
            reaches_all=ADMINISTRATOR,
        ),
        "POST /api/membership/accounts/current/password": Visit(SIGNED_IN, body="password"),
        **{
            f"POST /api/membership/applications{path}": Visit(EVERYBODY, body=body)
            for path, body in {
                "": "apply",
                "/confirm": "confirm",
                "/look": "look",
                "/mend": "mend",
                "/sign": "sign",
                "/open-account": "first account",
            }.items()
        },
        "GET /api/membership/applications": Visit(SECRETARIAT),
        "GET /api/membership/applications/{application_id}": Visit(
            SECRETARIAT, {"application_id": "to reject"}, reaches_all=SECRETARIAT
        ),
        **{
            f"POST /api/membership/applications/{{application_id}}/{step}": Visit(
                SECRETARIAT, {"application_id": thing}, body=body, reaches_all=SECRETARIAT
            )
            for step, thing, body in (
                ("check", "to check", None),
                ("return", "to return", "why"),
                ("reject", "to reject", "why"),
                ("put-on-agenda", "to the agenda", None),
            )
        },
        "GET /api/membership/letters": Visit(ADMINISTRATOR, reaches_all=ADMINISTRATOR),
        "POST /api/membership/members/{member_id}/cases": Visit(
            SECRETARIAT, {"member_id": "accused"}, body="case", reaches_all=SECRETARIAT
        ),
        "GET /api/membership/cases": Visit(PAYING),
        "GET /api/membership/cases/{case_id}": Visit(
            PAYING, {"case_id": "to answer"}, others=404, party=404, reaches_all=SECRETARIAT
        ),
        "POST /api/membership/cases/{case_id}/answer": Visit(
            COORDINATOR, {"case_id": "to answer"}, body="answer", others=404, party=404
        ),
        "POST /api/membership/cases/{case_id}/close": Visit(
            SECRETARIAT, {"case_id": "to close"}, body="why", reaches_all=SECRETARIAT
        ),
        "POST /api/membership/members/{member_id}/end": Visit(
            SECRETARIAT, {"member_id": "gone"}, body="end", reaches_all=SECRETARIAT
        ),
        **{
            f"GET /api/membership/members/{{member_id}}/{name}": Visit(
                PARTIES, {"member_id": "member"}, others=404, party=404
            )
            for name in ("open-matters", "log")
        },
        **PERSONS,
        **imports_of("membership", ADMINISTRATOR, "members"),
    },
    "workshops": {
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
        "GET /api/workshops/bookings/{booking_id}": Visit(
            DEALERS, {"booking_id": "read"}, others=404
        ),
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
    },
    "finance": {
        "GET /api/finance/obligations": Visit(DEALERS),
        "GET /api/finance/obligations/{obligation_id}": Visit(
            DEALERS, {"obligation_id": "read"}, others=404
        ),
        "POST /api/finance/obligations/{obligation_id}/reverse": Visit(
            TREASURER, {"obligation_id": "reverse"}, body="reason", others=404, party=403
        ),
        "GET /api/finance/balances": Visit(DEALERS),
    },
}
"""Every route of every service; one that is missing here, or too many, fails the walk."""
