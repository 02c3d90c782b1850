"""What was done with a booking, and the lists in which bookings are looked up."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from shared.identity import Role
from shared.ids import new_id
from tests.workshops.facts import Known

REASON = "Станок на ремонте"


async def history(known: Known, booking_id: str, member_id: UUID | None = None) -> Any:
    answer = await known.read(f"bookings/{booking_id}/history", member_id)
    assert answer.status_code == 200, answer.text
    assert answer.json()["next_cursor"] is None
    return answer.json()["items"]


async def test_the_history_tells_both_sides_who_did_what_in_order(known: Known) -> None:
    booker, approver = new_id(), new_id()
    as_booker = known.service.as_(known.firm, Role.COORDINATOR, person_id=booker)
    as_owner = known.service.as_(known.owner, *known.DECIDES, person_id=approver)
    client = known.service.client
    asked_at = known.service.clock()
    booked = await client.post(
        "/api/workshops/bookings",
        json=known.ask(),
        headers={**as_booker, "Idempotency-Key": "one"},
    )
    path = f"/api/workshops/bookings/{booked.json()['id']}"
    await client.post(f"{path}/approve", headers=as_owner)
    known.service.clock.set(known.moment("12:31"))
    as_owner = known.service.as_(known.owner, *known.DECIDES, person_id=approver)
    await client.post(f"{path}/check-in", headers=as_owner)
    await client.post(f"{path}/complete", json={"actual_minutes": 5}, headers=as_owner)
    told = await history(known, booked.json()["id"])
    assert told == await history(known, booked.json()["id"], known.firm)
    assert [(item["action"], item["member_id"], item["person_id"]) for item in told] == [
        ("requested", str(known.firm), str(booker)),
        ("confirmed", str(known.owner), str(approver)),
        ("checked_in", str(known.owner), str(approver)),
        ("completed", str(known.owner), str(approver)),
    ]
    moments = [datetime.fromisoformat(item["at"]) for item in told]
    assert moments == sorted(moments)
    assert moments[0] - asked_at < timedelta(minutes=1)
    assert all(item.keys() == {"at", "action", "member_id", "person_id", "reason"} for item in told)


async def test_the_history_tells_the_reason_and_a_lapse_without_anybody(known: Known) -> None:
    declined = (await known.book()).json()["id"]
    await known.decide(declined, "decline", reason=REASON)
    assert [(item["action"], item["reason"]) for item in await history(known, declined)] == [
        ("requested", None),
        ("declined", REASON),
    ]
    lapsed = (await known.book()).json()["id"]
    known.service.clock.set(known.moment("12:30"))
    await known.service.due()
    last = (await history(known, lapsed))[-1]
    assert (last["action"], last["member_id"], last["person_id"]) == ("lapsed", None, None)


async def test_the_history_of_anothers_booking_is_unknown(known: Known) -> None:
    booking_id = (await known.book()).json()["id"]
    for member_id, path, status in (
        (known.firm, booking_id, 404),
        (known.owner, str(new_id()), 404),
        (known.owner, "x", 422),
    ):
        answer = await known.read(f"bookings/{path}/history", member_id)
        assert answer.status_code == status
    student = await known.service.client.get(
        f"/api/workshops/bookings/{booking_id}/history",
        headers=known.service.as_(known.owner, Role.STUDENT),
    )
    assert student.status_code == 403


async def test_bookings_are_listed_by_several_statuses_and_by_workshop(known: Known) -> None:
    ids = {
        step: (
            await known.book(starts_at=known.at("08:30", ahead), ends_at=known.at("10:05", ahead))
        ).json()["id"]
        for ahead, step in enumerate(("wait", "approve", "decline"))
    }
    await known.decide(ids["approve"], "approve")
    await known.decide(ids["decline"], "decline", reason=REASON)
    first = known.workshop
    await known.open_round_the_clock(2)
    ids["other"] = (await known.book(workplaces=1)).json()["id"]

    async def listed(**query: Any) -> set[str]:
        answer = await known.read("bookings", **query)
        assert answer.status_code == 200, answer.text
        named = {booking_id: step for step, booking_id in ids.items()}
        return {named[item["id"]] for item in answer.json()["items"]}

    assert await listed() == {"wait", "approve", "decline", "other"}
    assert await listed(status="requested") == {"wait", "other"}
    assert await listed(status=["requested", "declined"]) == {"wait", "decline", "other"}
    assert await listed(status=["confirmed", "completed"]) == {"approve"}
    assert await listed(workshop_id=str(first)) == {"wait", "approve", "decline"}
    assert await listed(workshop_id=str(first), status=["requested"], side="owner") == {"wait"}
    assert await listed(workshop_id=str(first), side="booker") == set()
    assert await listed(workshop_id=str(new_id())) == set()
    for bad in ({"status": ["requested", "open"]}, {"status": ["requested"] * 10}):
        assert (await known.read("bookings", **bad)).status_code == 422
    assert (await known.read("bookings", workshop_id="x")).status_code == 422
