"""Seats, duties, proposals, meetings, agendas: what the walk asks of how the council works."""

from typing import Any
from uuid import UUID

from services.council.commands import heard
from shared.identity import Role
from shared.ids import new_id
from tests.architecture.visits import ADMINISTRATOR, COORDINATOR, PARTIES, SIGNED_IN, Visit
from tests.council.chamber import ADVICE, INFO, Chamber

MATERIAL = "Справка о загрузке мастерских".encode()
LINK = "https://video.example/room-of-the-council"
GUEST = "Приглашённый эксперт отрасли"
SEATED = frozenset({Role.COUNCIL_MEMBER, Role.COUNCIL_HEAD, Role.COUNCIL_SECRETARY})
COUNCIL = SEATED | {Role.ADMINISTRATOR}
OFFICE = frozenset({Role.COUNCIL_SECRETARY, Role.COUNCIL_HEAD, Role.ADMINISTRATOR})


async def assembling(
    chamber: Chamber,
) -> tuple[dict[str, UUID | str], dict[str, Any], frozenset[str]]:
    """Things, bodies and secrets of this part of the council."""
    founded = chamber.composition()  # as it was recorded, before time passes
    stranger = new_id()
    async with chamber.service.runtime.database.transaction() as tx:
        await heard.know_person(tx, stranger, chamber.members[9], acts_for_it=True)
    leader = {
        "person_id": str(chamber.people[1]),
        "member_id": str(chamber.members[1]),
        "part": "leader",
    }
    group = {
        "title": "Расписание",
        "purpose": "Сетка звонков",
        "basis": "Решение 1",
        "people": [leader],
    }
    groups = [(await chamber.post("/groups", **group)).json()["id"] for _ in range(2)]
    proposal = {"title": "Сетка звонков", "body": "Общая для мастерских"}
    own = chamber.service.as_(chamber.members[0], Role.COORDINATOR, person_id=chamber.people[0])
    to_discuss, to_refuse, to_withdraw = [
        (await chamber.post("/proposals", own, **proposal)).json()["id"] for _ in range(3)
    ]
    await chamber.post(f"/proposals/{to_discuss}/remarks", own, words="За")
    met = await _meetings(chamber)
    things: dict[str, UUID | str] = {
        "seat": chamber.seat(3),
        "group": groups[0],
        "group to close": groups[1],
        "person in group": chamber.people[1],
        "to discuss": to_discuss,
        "to refuse": to_refuse,
        "to withdraw": to_withdraw,
        **met,
    }
    bodies = {
        "composition": founded,
        "seat": {
            "person_id": str(stranger),
            "member_id": str(chamber.members[9]),
            "quota": "employer",
            "from_on": chamber.day(1),
            "basis": "Решение 4",
        },
        "last day": {"until_on": chamber.day(9), "reason": "Перевод"},
        "group": group,
        "person": {"person_id": str(stranger), "member_id": str(chamber.members[9])},
        "proposal": proposal,
        "remark": {"words": "Поддерживаем"},
        "reason": {"reason": "Не относится к работе совета"},
        "meeting": chamber.call(20, kind="regular"),
        "call": chamber.call(25),
        "item": ADVICE,
        "order": {"item_ids": [met["item"], met["second item"]]},
        "opening": {"chair_seat_id": None},
        "registration": {"way": "video"},
        "leaving": {"seat_id": None},
        "invitation": {"words": "Эксперт"},
        "material": MATERIAL,
        "material's place": {"item_id": met["item"], "file_name": "Справка.txt"},
    }
    return things, bodies, frozenset({LINK, GUEST})


async def _meetings(chamber: Chamber) -> dict[str, UUID | str]:
    """Meetings at every step: those that begin now, and those for which there is time."""
    now = {"form": "mixed", "link": LINK}
    to_open, to_come, to_leave, to_close = [await chamber.announced(INFO, **now) for _ in range(4)]
    later = {**now, "working_days": 20}
    planned = await chamber.planned(ADVICE, INFO, **later)
    ordered = await chamber.planned(ADVICE, INFO, **later)
    to_announce, to_cancel = [await chamber.planned(INFO, **later) for _ in range(2)]
    shorter = await chamber.planned(INFO, **later)
    to_move = await chamber.announced(INFO, **later)
    invited = await chamber.post(f"/meetings/{planned}/invitations", words=GUEST)
    called = await chamber.post("/calls", chamber.as_seated(4), reason="Срочный вопрос")
    await chamber.gathered(to_open, *range(9))
    await chamber.gathered(to_leave, 0)
    await chamber.gathered(to_close, *range(9))
    assert (await chamber.post(f"/meetings/{to_close}/open", chair_seat_id=None)).json()[
        "status"
    ] == "open"

    async def items_of(meeting_id: str) -> list[str]:
        found = (await chamber.get(f"/meetings/{meeting_id}")).json()["items"]
        return [item["id"] for item in found]

    item, second_item = await items_of(ordered)

    async def material_of(item_id: str) -> str:
        answer = await chamber.service.client.post(
            "/api/council/materials",
            params={"item_id": item_id, "file_name": "Справка.txt"},
            content=MATERIAL,
            headers=chamber.as_secretary(),
        )
        return str(answer.json()["materials"][0]["id"])

    return {
        "planned": planned,
        "to announce": to_announce,
        "to cancel": to_cancel,
        "to move": to_move,
        "to open": to_open,
        "to come": to_come,
        "to leave": to_leave,
        "to close": to_close,
        "item": item,
        "second item": second_item,
        "material": await material_of(item),
        "material to remove": await material_of(second_item),
        "to order": ordered,
        "shorter": shorter,
        "item to remove": (await items_of(shorter))[0],
        "invitation": invited.json()["invitations"][0]["id"],
        "call": called.json()["id"],
    }


ASSEMBLING: dict[str, Visit] = {
    "GET /api/council/composition": Visit(SIGNED_IN),
    "POST /api/council/composition": Visit(ADMINISTRATOR, body="composition"),
    "GET /api/council/seats": Visit(SIGNED_IN),
    "GET /api/council/seats/{seat_id}": Visit(SIGNED_IN, {"seat_id": "seat"}),
    "POST /api/council/seats": Visit(OFFICE, body="seat"),
    "POST /api/council/seats/{seat_id}/vacate": Visit(OFFICE, {"seat_id": "seat"}, "last day"),
    "GET /api/council/parameters": Visit(SIGNED_IN),
    "GET /api/council/parameters/history": Visit(SIGNED_IN),
    "GET /api/council/duties": Visit(SIGNED_IN),
    "GET /api/council/groups": Visit(SIGNED_IN),
    "GET /api/council/groups/{group_id}": Visit(SIGNED_IN, {"group_id": "group"}),
    "POST /api/council/groups": Visit(OFFICE, body="group"),
    "POST /api/council/groups/{group_id}/people": Visit(OFFICE, {"group_id": "group"}, "person"),
    "DELETE /api/council/groups/{group_id}/people/{person_id}": Visit(
        OFFICE, {"group_id": "group", "person_id": "person in group"}
    ),
    "POST /api/council/groups/{group_id}/close": Visit(OFFICE, {"group_id": "group to close"}),
    "GET /api/council/proposals": Visit(SIGNED_IN),
    "POST /api/council/proposals": Visit(COORDINATOR, body="proposal"),
    "GET /api/council/proposals/{proposal_id}": Visit(SIGNED_IN, {"proposal_id": "to discuss"}),
    "GET /api/council/proposals/{proposal_id}/remarks": Visit(
        SIGNED_IN, {"proposal_id": "to discuss"}
    ),
    "POST /api/council/proposals/{proposal_id}/remarks": Visit(
        PARTIES, {"proposal_id": "to discuss"}, "remark"
    ),
    "POST /api/council/proposals/{proposal_id}/refuse": Visit(
        OFFICE, {"proposal_id": "to refuse"}, "reason"
    ),
    "POST /api/council/proposals/{proposal_id}/withdraw": Visit(
        COORDINATOR, {"proposal_id": "to withdraw"}, others=404, party=404
    ),
    "GET /api/council/matters": Visit(COUNCIL),
    "GET /api/council/meetings": Visit(SIGNED_IN),
    "POST /api/council/meetings": Visit(OFFICE, body="meeting"),
    "GET /api/council/meetings/{meeting_id}": Visit(SIGNED_IN, {"meeting_id": "planned"}),
    "PUT /api/council/meetings/{meeting_id}": Visit(OFFICE, {"meeting_id": "planned"}, "call"),
    **{
        f"POST /api/council/meetings/{{meeting_id}}/{step}": Visit(may, {"meeting_id": thing}, body)
        for step, may, thing, body in (
            ("announce", OFFICE, "to announce", None),
            ("open", OFFICE, "to open", "opening"),
            ("close", OFFICE, "to close", None),
            ("move", OFFICE, "to move", "call"),
            ("cancel", OFFICE, "to cancel", "reason"),
            ("register", COUNCIL, "to come", "registration"),
            ("leave", COUNCIL, "to leave", "leaving"),
            ("invitations", OFFICE, "planned", "invitation"),
            ("items", OFFICE, "planned", "item"),
        )
    },
    "POST /api/council/meetings/{meeting_id}/order": Visit(
        OFFICE, {"meeting_id": "to order"}, "order"
    ),
    "GET /api/council/meetings/{meeting_id}/attendance": Visit(COUNCIL, {"meeting_id": "planned"}),
    "DELETE /api/council/meetings/{meeting_id}/invitations/{invitation_id}": Visit(
        OFFICE, {"meeting_id": "planned", "invitation_id": "invitation"}
    ),
    "GET /api/council/items/{item_id}": Visit(SIGNED_IN, {"item_id": "item"}),
    "PUT /api/council/items/{item_id}": Visit(OFFICE, {"item_id": "item"}, "item"),
    "DELETE /api/council/meetings/{meeting_id}/items/{item_id}": Visit(
        OFFICE, {"meeting_id": "shorter", "item_id": "item to remove"}
    ),
    "POST /api/council/materials": Visit(OFFICE, body="material", query="material's place"),
    "DELETE /api/council/items/{item_id}/materials/{material_id}": Visit(
        OFFICE, {"item_id": "second item", "material_id": "material to remove"}
    ),
    "GET /api/council/materials/{material_id}/content": Visit(
        SIGNED_IN, {"material_id": "material"}
    ),
    "GET /api/council/calls": Visit(COUNCIL),
    "POST /api/council/calls": Visit(SEATED, body="reason"),
    "POST /api/council/calls/{call_id}/support": Visit(SEATED, {"call_id": "call"}),
}
