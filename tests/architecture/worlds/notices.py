"""The routes of notices with those who may, and a world to ask in."""

from typing import Any

from shared.identity import Role
from tests.architecture.visits import ADMINISTRATOR, COORDINATOR, SIGNED_IN, Visit, World
from tests.harness import Running
from tests.notices.facts import API, Known


async def notices_world(service: Running) -> World:
    """A person of a college with a request in the inbox; a firm and a stranger look on."""
    known = await Known(service).lay()
    booking_id = await known.request()
    [notice] = await known.inbox(known.approver)
    webhook = {"url": "https://program.example/artel", "kinds": ["booking_requested"]}
    made = [await _program(known, webhook) for _ in range(2)]
    return World(
        service=service,
        own=known.college,
        party=known.firm,
        other=known.stranger,
        things={"notice": notice["id"], "webhook": made[0]["id"], "removed": made[1]["id"]},
        bodies={
            "webhook": webhook,
            "preferences": {
                "language": "ru",
                "digest_hour": 9,
                "groups": [{"group": "money", "way": "inbox"}],
            },
        },
        secrets=frozenset({notice["id"], str(booking_id), *(each["id"] for each in made)}),
        person_id=known.approver,
    )


async def _program(known: Known, body: Any) -> dict[str, Any]:
    headers = known.service.as_(known.college, Role.COORDINATOR)
    answer = await known.service.client.post(f"{API}/webhooks", headers=headers, json=body)
    found: dict[str, Any] = answer.json()
    return found


TABLE: dict[str, Visit] = {
    "GET /api/notices/notices": Visit(SIGNED_IN),
    "GET /api/notices/notices/counts": Visit(SIGNED_IN),
    "GET /api/notices/notices/{notice_id}": Visit(
        SIGNED_IN, {"notice_id": "notice"}, others=404, party=404
    ),
    "POST /api/notices/notices/{notice_id}/read": Visit(
        SIGNED_IN, {"notice_id": "notice"}, others=404, party=404
    ),
    "POST /api/notices/notices/read-all": Visit(SIGNED_IN),
    "GET /api/notices/webhooks": Visit(COORDINATOR),
    "POST /api/notices/webhooks": Visit(COORDINATOR, body="webhook"),
    "DELETE /api/notices/webhooks/{webhook_id}": Visit(
        COORDINATOR, {"webhook_id": "removed"}, others=404, party=404
    ),
    "GET /api/notices/webhooks/{webhook_id}/deliveries": Visit(
        COORDINATOR, {"webhook_id": "webhook"}, others=404, party=404
    ),
    "GET /api/notices/mailbox": Visit(ADMINISTRATOR, reaches_all=ADMINISTRATOR),
    "GET /api/notices/preferences": Visit(SIGNED_IN),
    "GET /api/notices/deeds": Visit(SIGNED_IN),
    "PUT /api/notices/preferences": Visit(SIGNED_IN, body="preferences"),
}
