"""Ballots, powers, decisions, minutes: what the walk asks of how the council decides."""

from typing import Any
from uuid import UUID

from shared.identity import Role
from shared.ids import new_id
from tests.architecture.visits import ADMINISTRATOR, COORDINATOR, SIGNED_IN, Visit
from tests.council.chamber import Chamber
from tests.council.desk import Desk
from tests.council.room import Room

SEATED = frozenset({Role.COUNCIL_MEMBER, Role.COUNCIL_HEAD, Role.COUNCIL_SECRETARY})
COUNCIL = SEATED | {Role.ADMINISTRATOR}
OFFICE = frozenset({Role.COUNCIL_SECRETARY, Role.COUNCIL_HEAD, Role.ADMINISTRATOR})
REPORT = "Календарь ведём сами"
CONFLICT = "Мы поставляем это оборудование"
OPINION = "Решение не обеспечено людьми"


async def deciding(
    chamber: Chamber,
) -> tuple[dict[str, UUID | str], dict[str, Any], frozenset[str]]:
    """Things, bodies and secrets of this part of the council."""
    minutes = await _minutes(chamber)
    room = Room(chamber)
    await room.open(number=190)
    for place in range(10):
        await room.register(place)
    closed = await room.started()
    await room.votes(closed, "fffffffff")
    await room.close(closed)
    await chamber.post(f"/ballots/{closed}/dissents", chamber.as_seated(3), words=OPINION)
    in_conflict = await room.item()
    await chamber.post(f"/items/{in_conflict}/recusals", chamber.as_seated(3), reason=CONFLICT)
    given = await chamber.post("/powers", **_power(chamber, 12, 3))
    things: dict[str, UUID | str] = {
        "item to vote on": await room.item(),
        "item in conflict": in_conflict,
        "ballot": await room.started(),
        "ballot to close": await room.started(),
        "closed ballot": closed,
        "power": given.json()["id"],
        "to start": await _assigned(room),
        "to report": await _assigned(room),
        "to accept": await _assigned(room, is_reported=True),
        "to return": await _assigned(room, is_reported=True),
        "to take back": await _assigned(room),
        **minutes,
    }
    later = await room.decided()
    bodies = {
        "ballot": {"question": "Одобрить?", "is_secret": False, "closes_at": None},
        "vote": {"choice": "for", "seat_id": None},
        "conflict": {"reason": "Конфликт интересов"},
        "opinion": {"words": "Против"},
        "power": _power(chamber, 13, 4),
        "report": {"words": "Сделано"},
        "taken back": {"by_decision_id": later["id"]},
        "texts": {"chair": "Смирнов", "secretary": None, "attendees": [], "items": []},
        "bytes": {"sha256": minutes["sha256"]},
        "published": {"is_published": True},
    }
    del things["sha256"]
    return things, bodies, frozenset({REPORT, CONFLICT, OPINION})


def _power(chamber: Chamber, giver: int, taker: int) -> dict[str, str]:
    return {
        "from_seat_id": str(chamber.seat(giver)),
        "to_seat_id": str(chamber.seat(taker)),
        "number": "17",
        "given_on": chamber.day(-3),
        "valid_from": chamber.day(0),
        "valid_until": chamber.day(30),
    }


async def _assigned(room: Room, *, is_reported: bool = False) -> str:
    """A decision that the member whose things are asked for carries out."""
    decision = await room.decided(responsible_member_id=room.chamber.members[0])
    if is_reported:
        own = room.service.as_(room.chamber.members[0], Role.COORDINATOR, person_id=new_id())
        path = f"/decisions/{decision['id']}/report"
        assert (await room.chamber.post(path, own, words=REPORT)).status_code == 200
    return str(decision["id"])


async def _minutes(chamber: Chamber) -> dict[str, UUID | str]:
    """Minutes at every step, each of a meeting of its own."""
    desks = []
    for number in range(170, 178):
        room = Room(chamber)
        await room.open(number=number)
        for place in range(9):
            await room.register(place)
        desks.append(await Desk(room).lay())
    fixed = await desks[3].fixed()
    for desk in desks[1:3]:
        await desk.written()
    await desks[4].fixed()
    for desk in desks[5:]:
        await desk.signed()
    assert (await chamber.post(f"/minutes/{desks[7].id}/publish")).status_code == 200
    return {
        "meeting held": desks[0].room.meeting,
        "minutes to write": desks[1].id,
        "minutes to fix": desks[2].id,
        "minutes to sign": desks[3].id,
        "minutes to reopen": desks[4].id,
        "minutes to publish": desks[5].id,
        "minutes to correct": desks[6].id,
        "minutes": desks[7].id,
        "minuted item": desks[7].items[0],
        "sha256": fixed["sha256"],
    }


def _of_council(may: frozenset[Role], thing: dict[str, str], body: str | None = None) -> Visit:
    """What those who sit do among themselves: a token alone lets nobody in."""
    return Visit(may, thing, body, others=403, party=403, reaches_all=ADMINISTRATOR)


BALLOT = {"ballot_id": "closed ballot"}
MINUTES = {"minutes_id": "minutes"}
EXTRACT = {**MINUTES, "item_id": "minuted item"}

DECIDING: dict[str, Visit] = {
    "POST /api/council/items/{item_id}/ballots": _of_council(
        COUNCIL, {"item_id": "item to vote on"}, "ballot"
    ),
    "GET /api/council/ballots": _of_council(COUNCIL, {}),
    "GET /api/council/ballots/waiting": _of_council(SEATED, {}),
    "GET /api/council/ballots/{ballot_id}": _of_council(COUNCIL, BALLOT),
    "POST /api/council/ballots/{ballot_id}/vote": _of_council(
        SEATED, {"ballot_id": "ballot"}, "vote"
    ),
    "POST /api/council/ballots/{ballot_id}/close": _of_council(
        COUNCIL, {"ballot_id": "ballot to close"}
    ),
    "GET /api/council/ballots/{ballot_id}/roll": _of_council(COUNCIL, BALLOT),
    "GET /api/council/ballots/{ballot_id}/papers": _of_council(COUNCIL, BALLOT),
    "POST /api/council/ballots/{ballot_id}/dissents": _of_council(SEATED, BALLOT, "opinion"),
    "GET /api/council/ballots/{ballot_id}/dissents": _of_council(COUNCIL, BALLOT),
    "POST /api/council/items/{item_id}/recusals": _of_council(
        SEATED, {"item_id": "item in conflict"}, "conflict"
    ),
    "GET /api/council/items/{item_id}/recusals": _of_council(
        COUNCIL, {"item_id": "item in conflict"}
    ),
    "POST /api/council/powers": _of_council(COUNCIL, {}, "power"),
    "GET /api/council/powers": _of_council(COUNCIL, {}),
    "POST /api/council/powers/{power_id}/revoke": _of_council(COUNCIL, {"power_id": "power"}),
    "GET /api/council/decisions": Visit(SIGNED_IN),
    "GET /api/council/decisions/{decision_id}": Visit(SIGNED_IN, {"decision_id": "to start"}),
    "GET /api/council/decisions/{decision_id}/reports": _of_council(
        SIGNED_IN, {"decision_id": "to accept"}
    ),
    **{
        f"POST /api/council/decisions/{{decision_id}}/{step}": Visit(
            COORDINATOR, {"decision_id": f"to {step}"}, body, others=403, party=403
        )
        for step, body in (("start", None), ("report", "report"))
    },
    **{
        f"POST /api/council/decisions/{{decision_id}}/{step}": _of_council(
            OFFICE, {"decision_id": thing}, body
        )
        for step, thing, body in (
            ("accept", "to accept", None),
            ("return", "to return", "reason"),
            ("cancel", "to take back", "taken back"),
        )
    },
    "POST /api/council/meetings/{meeting_id}/minutes": _of_council(
        OFFICE, {"meeting_id": "meeting held"}
    ),
    "GET /api/council/minutes": Visit(SIGNED_IN, query="published"),
    "GET /api/council/minutes/{minutes_id}": Visit(SIGNED_IN, MINUTES),
    "PUT /api/council/minutes/{minutes_id}": _of_council(
        OFFICE, {"minutes_id": "minutes to write"}, "texts"
    ),
    **{
        f"POST /api/council/minutes/{{minutes_id}}/{step}": _of_council(
            may, {"minutes_id": f"minutes to {step}"}, body
        )
        for step, may, body in (
            ("fix", OFFICE, None),
            ("reopen", OFFICE, None),
            ("sign", SEATED, "bytes"),
            ("publish", OFFICE, None),
            ("correct", OFFICE, "reason"),
        )
    },
    **{
        f"GET /api/council/minutes/{{minutes_id}}/document.{made_as}": Visit(SIGNED_IN, MINUTES)
        for made_as in ("pdf", "docx")
    },
    **{
        f"GET /api/council/minutes/{{minutes_id}}/extracts/{{item_id}}/document.{made_as}": Visit(
            SIGNED_IN, EXTRACT
        )
        for made_as in ("pdf", "docx")
    },
}
