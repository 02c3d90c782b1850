"""What the walk asks of representatives: invitations, powers, the rule of signing, handovers."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared.identity import Role
from tests.architecture.visits import (
    ADMINISTRATOR,
    COORDINATOR,
    EVERYBODY,
    NAMING,
    PARTIES,
    Visit,
)
from tests.membership.cluster import Cluster
from tests.membership.letters import newest_token

INVITED = "invited@artel.demo"


@dataclass
class People:
    """Invitations that wait, powers and handovers, and the bodies that go with them."""

    things: dict[str, UUID | str]
    bodies: dict[str, Any]
    secrets: frozenset[str]


async def people_world(cluster: Cluster) -> People:
    """People of the college who were invited, sign for it, and hand over."""
    college, firm = cluster.as_college(), cluster.as_firm()
    offered = {"email": "newcomer@artel.demo", "roles": ["mentor"]}
    await made(cluster, "/invitations", firm, **offered)
    token = await newest_token(cluster, "invite")
    waiting = await made(cluster, "/invitations", college, email=INVITED, roles=["mentor"])
    leaving = await cluster.register("leaving", cluster.college, Role.MENTOR)
    retiring = await cluster.register("retiring", cluster.college, Role.MENTOR)
    follower = str(await cluster.register("follower", cluster.college, Role.EXPERT))
    paper = {
        "kind": "power_of_attorney",
        "number": "12-Д",
        "issued_on": cluster.day(-1),
        "valid_from": cluster.day(0),
        "valid_to": cluster.day(300),
    }
    power = await made(cluster, "/powers", college, person_id=follower, **paper)
    await made(cluster, "/powers", college, person_id=follower, **paper)
    handing = {"to_person_id": follower, "from_on": cluster.day(10)}
    key = {"name": "1С", "roles": ["coordinator"], "expires_on": cluster.day(30)}
    shown = (await cluster.post("/api-keys", college, **key)).json()
    used = (await cluster.post("/api-keys", college, **key)).json()
    handover = await made(cluster, "/handovers", college, from_person_id=str(retiring), **handing)
    return People(
        things={
            "invitation": waiting,
            "power": power,
            "handover": handover,
            "key": UUID(shown["item"]["id"]),
        },
        bodies={
            "invite": {**offered, "member_id": str(cluster.college)},
            "offer": {"token": token},
            "accept": {
                "token": token,
                "password": "another battery staple",
                "family_name": "Сомов",
                "given_name": "Лев",
            },
            "key": key,
            "by key": {"key": used["key"]},
            "power": {"person_id": follower, **paper},
            "rule": {"powers_required_from": cluster.day(30)},
            "hand over": {"from_person_id": str(leaving), **handing},
        },
        secrets=frozenset(
            {INVITED, str(waiting), str(power), str(handover), "12-Д", shown["item"]["id"]}
        ),
    )


async def made(cluster: Cluster, path: str, headers: dict[str, str], /, **body: Any) -> UUID:
    """The id of what was made."""
    answer = await cluster.post(path, headers, **body)
    assert answer.status_code == 201, answer.text
    return UUID(answer.json()["id"])


_RULE = "/api/membership/members/{member_id}/signing-rule"

TABLE: dict[str, Visit] = {
    "POST /api/membership/invitations": Visit(
        NAMING, body="invite", others=404, party=404, reaches_all=ADMINISTRATOR
    ),
    "GET /api/membership/invitations": Visit(COORDINATOR),
    "DELETE /api/membership/invitations/{invitation_id}": Visit(
        NAMING, {"invitation_id": "invitation"}, others=404, party=404, reaches_all=ADMINISTRATOR
    ),
    "POST /api/membership/invitations/look": Visit(EVERYBODY, body="offer"),
    "POST /api/membership/invitations/accept": Visit(EVERYBODY, body="accept"),
    "POST /api/membership/api-keys": Visit(COORDINATOR, body="key"),
    "GET /api/membership/api-keys": Visit(COORDINATOR),
    "DELETE /api/membership/api-keys/{key_id}": Visit(
        COORDINATOR, {"key_id": "key"}, others=404, party=404
    ),
    "POST /api/membership/tokens": Visit(EVERYBODY, body="by key"),
    "POST /api/membership/powers": Visit(COORDINATOR, body="power", others=404, party=404),
    "GET /api/membership/powers": Visit(PARTIES),
    "POST /api/membership/powers/{power_id}/revoke": Visit(
        COORDINATOR, {"power_id": "power"}, others=404, party=404
    ),
    f"GET {_RULE}": Visit(PARTIES, {"member_id": "member"}, others=404, party=404),
    f"PUT {_RULE}": Visit(COORDINATOR, {"member_id": "member"}, body="rule", others=404, party=404),
    "POST /api/membership/handovers": Visit(COORDINATOR, body="hand over", others=404, party=404),
    "GET /api/membership/handovers": Visit(COORDINATOR),
    "POST /api/membership/handovers/{handover_id}/call-off": Visit(
        COORDINATOR, {"handover_id": "handover"}, others=404, party=404
    ),
}
