"""The routes of notices with those who may, and a world to ask in."""

from tests.architecture.visits import ADMINISTRATOR, SIGNED_IN, Visit, World
from tests.harness import Running
from tests.notices.facts import Known


async def notices_world(service: Running) -> World:
    """A person of a college with a request in the inbox; a firm and a stranger look on."""
    known = await Known(service).lay()
    booking_id = await known.request()
    [notice] = await known.inbox(known.approver)
    return World(
        service=service,
        own=known.college,
        party=known.firm,
        other=known.stranger,
        things={"notice": notice["id"]},
        bodies={
            "preferences": {
                "language": "ru",
                "digest_hour": 9,
                "groups": [{"group": "money", "way": "inbox"}],
            }
        },
        secrets=frozenset({notice["id"], str(booking_id)}),
        person_id=known.approver,
    )


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
    "GET /api/notices/mailbox": Visit(ADMINISTRATOR, reaches_all=ADMINISTRATOR),
    "GET /api/notices/preferences": Visit(SIGNED_IN),
    "GET /api/notices/deeds": Visit(SIGNED_IN),
    "PUT /api/notices/preferences": Visit(SIGNED_IN, body="preferences"),
}
