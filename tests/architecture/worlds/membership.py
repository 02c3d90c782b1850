"""Membership's routes with those who may, and a world to ask in."""

import base64
import json
from uuid import UUID

from services.membership.commands.imports import SHEET as MEMBERS_SHEET
from services.membership.domain.members import Card
from shared.identity import Role
from tests.architecture import factors, people
from tests.architecture.joining import joining_world
from tests.architecture.persons import PERSONS, persons_world
from tests.architecture.recovery import recovery_world
from tests.architecture.register import REGISTER_TABLE, register_world
from tests.architecture.visits import (
    ADMINISTRATOR,
    COORDINATOR,
    DECIDING,
    EVERYBODY,
    NAMING,
    PARTIES,
    PAYING,
    SECRETARIAT,
    SIGNED_IN,
    Visit,
    World,
    imports_of,
)
from tests.harness import Running
from tests.imports import Importing, csv_of, table
from tests.membership.cluster import CARDS, PASSWORD, Cluster, written
from tests.membership.cluster import agreement as agreement_body


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
    register = await register_world(cluster)
    representatives = await people.people_world(cluster)
    guarded = await factors.factors_world(cluster)
    affiliated = await persons_world(cluster)
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
            **register["things"],
            **representatives.things,
            **affiliated.things,
        },
        bodies={
            **joining.bodies,
            **affiliated.bodies,
            **recovering["bodies"],
            **register["bodies"],
            **representatives.bodies,
            **guarded.bodies,
            "sign in": {"email": "college@artel.demo", "password": PASSWORD},
            "refresh": {"refresh_token": signed_in["refresh_token"]},
            "join": newcomer,
            "withdraw": {"effective_on": cluster.day(60)},
            "agree": agreement_body(cluster) | {"valid_to": cluster.day(30)} | register["agree"],
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
                *register["secrets"],
                *representatives.secrets,
                *guarded.secrets,
            }
        ),
        person_id=cluster.people["college"],
        session_id=UUID(session),
    )


TABLE: dict[str, Visit] = {
    **people.TABLE,
    **factors.TABLE,
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
    "GET /api/membership/members/{member_id}/requisites": Visit(PAYING, {"member_id": "member"}),
    "POST /api/membership/members": Visit(ADMINISTRATOR, body="join"),
    "POST /api/membership/members/{member_id}/withdraw": Visit(
        COORDINATOR, {"member_id": "member"}, body="withdraw", others=404, party=404
    ),
    "POST /api/membership/agreements": Visit(COORDINATOR, body="agree", others=422),
    "POST /api/membership/agreements/{agreement_id}/sign": Visit(
        COORDINATOR, {"agreement_id": "agreement"}, others=404
    ),
    **REGISTER_TABLE,
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
    "POST /api/membership/applications/documents": Visit(
        EVERYBODY, body="document", query="document's name", headers="link"
    ),
    "GET /api/membership/applications/documents/{file_id}": Visit(
        EVERYBODY, {"file_id": "document"}, headers="link"
    ),
    "DELETE /api/membership/applications/documents/{file_id}": Visit(
        EVERYBODY, {"file_id": "document to take back"}, headers="link"
    ),
    "GET /api/membership/applications/{application_id}/documents/{file_id}": Visit(
        SECRETARIAT,
        {"application_id": "documented", "file_id": "document"},
        reaches_all=SECRETARIAT,
    ),
    "GET /api/membership/letters": Visit(ADMINISTRATOR, reaches_all=ADMINISTRATOR),
    "POST /api/membership/members/{member_id}/cases": Visit(
        SECRETARIAT, {"member_id": "accused"}, body="case", reaches_all=SECRETARIAT
    ),
    "GET /api/membership/cases": Visit(PAYING),
    "GET /api/membership/cases/{case_id}": Visit(
        PAYING, {"case_id": "to answer"}, others=404, party=404, reaches_all=DECIDING
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
    "GET /api/membership/council-people": Visit(SIGNED_IN),
    "GET /api/membership/members/{member_id}/representatives": Visit(
        SECRETARIAT, {"member_id": "member"}, reaches_all=SECRETARIAT
    ),
    **imports_of("membership", ADMINISTRATOR, "members"),
}
