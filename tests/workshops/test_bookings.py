"""Bookings from the ask to the charge, through HTTP on a real PostgreSQL."""

import json
from typing import Any

import pytest

from services.workshops.domain.facts import Approval
from shared.ids import new_id
from tests.harness import Running
from tests.workshops.facts import Known, check_counts, check_told

PURPOSE = "Демонстрационный экзамен группы 21"
REASON = "Станок сдан в ремонт"


async def test_a_firm_books_the_owner_approves_and_what_was_used_is_charged(known: Known) -> None:
    """R3.2: the whole journey to the kopeck."""
    asked = await known.book(known.firm, group_size=12, purpose=f"  {PURPOSE} 🔧 ")
    assert asked.status_code == 201, asked.text
    booking = asked.json()
    assert asked.headers["Location"] == f"/api/workshops/bookings/{booking['id']}"
    assert booking == {
        **dict.fromkeys(("answer_reason", "checked_in_at", "completed_at", "actual_minutes"), None),
        **dict.fromkeys(("charged_kopecks", "charged_vat_kopecks"), None),
        "id": booking["id"],
        "status": "requested",
        "workshop_id": str(known.workshop),
        "owner_id": str(known.owner),
        "booker_id": str(known.firm),
        "agreement_id": str(known.services_agreement),
        "starts_at": known.at("12:30").replace("+00:00", "Z"),
        "ends_at": known.at("14:05").replace("+00:00", "Z"),
        "workplaces": 2,
        "equipment_ids": [],
        "group_size": 12,
        "purpose": f"{PURPOSE} 🔧",
        "price_kopecks": 192_150,
        "vat_kopecks": 34_650,
        "vat_rate": 22,
        "price_reason": booking["price_reason"],
        "price_reason_ru": booking["price_reason_ru"],
        "answer_due_at": booking["answer_due_at"],
        "requested_at": booking["requested_at"],
    }
    assert "НДС 22 %" in booking["price_reason_ru"]
    approved = await known.decide(booking["id"], "approve")
    assert approved.json() == {**booking, "status": "confirmed"}
    early = await known.decide(booking["id"], "check-in")
    assert (early.status_code, early.json()["code"]) == (409, "too-early")
    known.service.clock.set(known.moment("12:40"))
    inside = await known.decide(booking["id"], "check-in")
    assert inside.json()["status"] == "checked_in"
    too_long = await known.decide(booking["id"], "complete", actual_minutes=96)
    assert too_long.status_code == 422
    done = (await known.decide(booking["id"], "complete", actual_minutes=60)).json()
    assert (done["status"], done["actual_minutes"]) == ("completed", 60)
    assert (done["charged_kopecks"], done["charged_vat_kopecks"]) == (109_800, 19_800)
    assert (done["price_kopecks"], done["vat_kopecks"]) == (192_150, 34_650)
    for member_id in (known.firm, known.owner):
        assert (await known.read(f"bookings/{done['id']}", member_id)).json() == done
    told = [json.loads(row["body"]) for row in await known.service.told()][-4:]
    assert told[-1] == {
        "booking_id": done["id"],
        "workshop_id": str(known.workshop),
        "owner_id": str(known.owner),
        "booker_id": str(known.firm),
        "agreement_id": str(known.services_agreement),
        "agreement_kind": "services",
        "used_at": done["starts_at"],
        "completed_at": told[-1]["completed_at"],
        "workplaces": 2,
        "actual_minutes": 60,
        "net_kopecks": 90_000,
        "vat_kopecks": 19_800,
        "amount_kopecks": 109_800,
        "vat_rate_percent": 22,
        "vat_reason": booking["price_reason_ru"],
    }
    await check_counts(known.service)
    await check_told(known.service)


async def test_network_form_of_state_property_is_free_and_says_why(known: Known) -> None:
    """I13."""
    booking = (await known.book()).json()
    assert (booking["price_kopecks"], booking["vat_kopecks"], booking["vat_rate"]) == (0, 0, None)
    assert booking["agreement_id"] == str(known.network_form)
    assert "273-ФЗ" in booking["price_reason_ru"]
    await known.decide(booking["id"], "approve")
    known.service.clock.set(known.moment("12:30"))
    await known.decide(booking["id"], "check-in")
    done = (await known.decide(booking["id"], "complete", actual_minutes=0)).json()
    assert (done["status"], done["charged_kopecks"]) == ("completed", 0)


async def test_an_instant_workshop_confirms_at_once_and_tells_it_once(workshops: Running) -> None:
    known = await Known(workshops).lay(Approval.INSTANT)
    booking = (await known.book()).json()
    assert (booking["status"], booking["answer_due_at"]) == ("confirmed", None)
    assert (await known.decide(booking["id"], "approve")).json()["code"] == "wrong-status"
    told = await workshops.told("workshops.booking.requested.v1", "workshops.booking.confirmed.v1")
    assert [row["subject"] for row in told] == ["workshops.booking.confirmed.v1"]


async def test_the_owner_books_its_own_without_agreement_or_approval(known: Known) -> None:
    booking = (await known.book(known.owner, workplaces=8)).json()
    assert (booking["status"], booking["agreement_id"]) == ("confirmed", None)
    assert (booking["price_kopecks"], booking["price_reason_ru"]) == (
        0,
        "Собственная мастерская, без оплаты.",
    )
    assert (await known.book()).json()["code"] == "slot-taken"


STEPS: dict[str, dict[str, Any]] = {
    "approve": {},
    "decline": {"reason": REASON},
    "cancel": {"reason": REASON},
    "check-in": {},
    "complete": {"actual_minutes": 95},
}
WAYS = {
    "requested": (),
    "confirmed": ("approve",),
    "declined": ("decline",),
    "cancelled": ("cancel",),
    "checked_in": ("approve", "check-in"),
    "completed": ("approve", "check-in", "complete"),
}
ALLOWED = {
    ("requested", "approve"): "confirmed",
    ("requested", "decline"): "declined",
    ("requested", "cancel"): "cancelled",
    ("confirmed", "cancel"): "cancelled",
    ("confirmed", "check-in"): "checked_in",
    ("checked_in", "complete"): "completed",
}


async def test_every_step_in_every_status_is_taken_or_the_wrong_status(known: Known) -> None:
    async def booking_that_is(status: str) -> str:
        known.service.clock.set(known.moment("08:00"))
        start = {"starts_at": known.at("08:30"), "ends_at": known.at("10:05"), "workplaces": 1}
        asked = (await known.book(**start)).json()
        for step in WAYS[status]:
            if step == "check-in":
                known.service.clock.set(known.moment("08:30"))
            assert (await known.decide(asked["id"], step, **STEPS[step])).status_code == 200
        return str(asked["id"])

    for status in WAYS:
        booking_id = await booking_that_is(status)
        before = await known.read(f"bookings/{booking_id}")
        assert before.json()["status"] == status
        for step in STEPS:
            if (status, step) in ALLOWED:
                continue
            answer = await known.decide(booking_id, step, **STEPS[step])
            assert (answer.status_code, answer.json()["code"]) == (409, "wrong-status")
        after = await known.read(f"bookings/{booking_id}")
        assert (after.json(), after.headers["ETag"]) == (before.json(), before.headers["ETag"])
    for (status, step), becomes in ALLOWED.items():
        booking_id = await booking_that_is(status)
        known.service.clock.set(known.moment("08:30" if status != "requested" else "08:29"))
        answer = await known.decide(booking_id, step, **STEPS[step])
        assert (answer.status_code, answer.json()["status"]) == (200, becomes)
    await check_counts(known.service)
    await check_told(known.service)


@pytest.mark.parametrize("step", ["decline", "cancel"])
async def test_what_was_given_back_can_be_booked_again(known: Known, step: str) -> None:
    machine = [str(known.machines[0])]
    first = (await known.book(workplaces=8, equipment_ids=machine)).json()
    assert (await known.book(known.firm)).json()["code"] == "slot-taken"
    ended = (await known.decide(first["id"], step, reason=REASON)).json()
    assert ended["answer_reason"] == REASON
    await check_counts(known.service)
    again = await known.book(known.firm, workplaces=8, equipment_ids=machine)
    assert again.status_code == 201, again.text
    await check_counts(known.service)


async def test_either_side_cancels_and_the_event_says_which(known: Known) -> None:
    for member_id, by in ((known.college, "booker"), (known.owner, "owner")):
        booking = (await known.book()).json()
        await known.decide(booking["id"], "approve")
        answer = await known.decide(booking["id"], "cancel", member_id, reason=REASON)
        assert answer.json()["status"] == "cancelled"
        (*_, told) = await known.service.told("workshops.booking.cancelled.v1")
        assert json.loads(told["body"])["by"] == by


async def test_the_steps_of_the_owner_are_not_the_bookers_and_a_strangers_booking_is_unknown(
    known: Known,
) -> None:
    """R3.2: the owner decides; nobody else learns that there is a booking."""
    booking = (await known.book()).json()
    for step, body in STEPS.items():
        foreign = await known.decide(booking["id"], step, known.stranger, **body)
        assert (foreign.status_code, foreign.json()["code"]) == (404, "not-found")
        unknown = await known.decide(str(new_id()), step, known.stranger, **body)
        assert {**unknown.json(), "trace_id": ""} == {**foreign.json(), "trace_id": ""}
        if step != "cancel":
            answer = await known.decide(booking["id"], step, known.college, **body)
            assert (answer.status_code, answer.json()["code"]) == (403, "only-the-owner")
    assert (await known.read(f"bookings/{booking['id']}", known.stranger)).status_code == 404
    assert (await known.read("bookings", known.stranger)).json()["items"] == []
    assert (await known.read(f"bookings/{booking['id']}")).json()["status"] == "requested"


async def test_a_decision_on_an_old_version_is_refused(known: Known) -> None:
    asked = await known.book()
    path = f"/api/workshops/bookings/{asked.json()['id']}"
    old = asked.headers["ETag"]

    async def step(name: str, tag: str) -> Any:
        headers = known.service.as_(known.owner, *known.DECIDES)
        return await known.service.client.post(
            f"{path}/{name}", json=STEPS[name], headers={**headers, "If-Match": tag}
        )

    approved = await step("approve", old)
    assert approved.status_code == 200
    late = await step("cancel", old)
    assert (late.status_code, late.json()["code"]) == (412, "changed-meanwhile")
    assert (await step("cancel", "3")).status_code == 422
    assert (await step("cancel", f'"0", {approved.headers["ETag"]}')).status_code == 200


async def test_every_change_has_one_event_and_one_audit_row_in_its_own_transaction(
    known: Known,
) -> None:
    laid = len(await known.service.told())
    steps = [("approve", {}), ("check-in", {}), ("complete", {"actual_minutes": 5})]
    booking = (await known.book(known.firm, purpose=PURPOSE)).json()
    for number, (step, body) in enumerate([("book", {}), *steps], start=1):
        if step != "book":
            if step == "check-in":
                known.service.clock.set(known.moment("12:30"))
            assert (await known.decide(booking["id"], step, **body)).status_code == 200
        assert len(await known.service.told()) == laid + number
        (same,) = await known.service.sql(
            """
            SELECT b.xmin = o.xmin AND o.xmin = a.xmin AS is_one_transaction, a.*
            FROM bookings b JOIN outbox o ON o.aggregate_id = b.id JOIN audit a USING (event_id)
            WHERE b.id = $1 ORDER BY o.seq DESC LIMIT 1
            """,
            booking["id"],
        )
        assert same["is_one_transaction"]
        assert str(same["object_id"]) == booking["id"]
        assert same["member_id"] in (known.owner, known.firm)
    await check_told(known.service)


async def test_without_its_event_or_its_audit_row_nothing_is_changed(known: Known) -> None:
    for table in ("outbox", "audit"):
        await known.service.sql(
            f"ALTER TABLE {table} ADD CONSTRAINT broken CHECK (false) NOT VALID"
        )
        answer = await known.book()
        assert (answer.status_code, answer.json()["code"]) == (500, "fault")
        assert await known.service.sql("SELECT 1 FROM bookings") == []
        assert await known.service.sql("SELECT 1 FROM pool_days") == []
        await known.service.sql(f"ALTER TABLE {table} DROP CONSTRAINT broken")
    assert (await known.book()).status_code == 201


async def test_no_words_of_people_travel_in_events(known: Known) -> None:
    for step in ("decline", "cancel"):
        booking = (await known.book(purpose=PURPOSE)).json()
        await known.decide(booking["id"], step, reason=REASON)
    bodies = "".join(row["body"] for row in await known.service.told())
    assert PURPOSE not in bodies
    assert REASON not in bodies
    noted = await known.service.sql("SELECT reason FROM audit WHERE reason IS NOT NULL")
    assert [row["reason"] for row in noted] == [REASON, REASON]


async def test_lists_are_by_side_status_and_time_and_paged_without_gap(known: Known) -> None:
    made = []
    for number in range(7):
        booker = (known.college, known.firm, known.owner)[number % 3]
        start = f"{9 + number // 2}:{30 * (number % 2):02}"
        made.append(
            (await known.book(booker, workplaces=1, starts_at=known.at(start))).json()["id"]
        )

    async def ids(member_id: Any, **query: Any) -> list[str]:
        found: list[str] = []
        cursor: dict[str, str] = {}
        while True:
            answer = (await known.read("bookings", member_id, **query, **cursor)).json()
            found += [item["id"] for item in answer["items"]]
            if answer["next_cursor"] is None:
                return found
            assert len(answer["items"]) == query["limit"]
            cursor = {"cursor": answer["next_cursor"]}

    for limit in (1, 2, 3, 7, 200):
        assert await ids(known.owner, limit=limit) == made
        assert await ids(known.owner, limit=limit, side="booker") == made[2::3]
        assert await ids(known.college, limit=limit) == made[0::3]
        assert await ids(known.firm, limit=limit, side="owner") == []
    assert await ids(known.owner, side="owner", status="confirmed", limit=9) == made[2::3]
    bounds = {"from": known.at("9:30"), "to": known.at("11:00")}
    assert await ids(known.owner, limit=9, **bounds) == made[1:4]
