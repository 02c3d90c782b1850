"""Machines by name: one use of a machine at a time, and each at a workplace takes that place."""

from typing import Any

import pytest

from services.workshops.commands import catalogue
from services.workshops.domain.facts import Approval
from tests.workshops.facts import Known, check_counts


def by_name(known: Known, *numbers: int) -> dict[str, Any]:
    return {"equipment_ids": [str(known.machines[number]) for number in numbers]}


async def test_an_occupied_machine_is_taken_and_its_neighbour_is_free(known: Known) -> None:
    """I8."""
    first = await known.book(workplaces=1, **by_name(known, 0))
    assert first.status_code == 201
    taken = await known.book(known.firm, workplaces=1, **by_name(known, 0))
    assert (taken.status_code, taken.json()["code"]) == (409, "slot-taken")
    assert (await known.quote(workplaces=1, **by_name(known, 0))).json()["refusal"] == "slot-taken"
    assert (await known.book(known.firm, workplaces=1, **by_name(known, 1))).status_code == 201
    at_once = {"starts_at": known.at("14:05"), "ends_at": known.at("15:00")}
    assert (await known.book(workplaces=1, **at_once, **by_name(known, 0))).status_code == 201
    over = {"starts_at": known.at("14:00"), "ends_at": known.at("14:10")}
    assert (await known.book(workplaces=1, **over, **by_name(known, 0))).status_code == 409
    await check_counts(known.service)


async def test_a_bundle_is_taken_whole_or_not_at_all(known: Known) -> None:
    """I9: one machine of three is taken, so neither the other two nor any place is."""
    await known.book(workplaces=1, **by_name(known, 1))
    before = await known.windows()
    refused = await known.book(known.firm, workplaces=3, **by_name(known, 0, 1, 2))
    assert refused.json()["code"] == "slot-taken"
    assert await known.windows() == before
    assert (await known.book(workplaces=1, **by_name(known, 0, 2))).status_code == 201
    await check_counts(known.service)


async def test_machines_at_workplaces_count_in_their_pool(known: Known) -> None:
    booked = (await known.book(known.firm, workplaces=1, **by_name(known, 0, 1, 2))).json()
    assert (booked["workplaces"], booked["price_kopecks"]) == (3, 288_225)
    (window,) = await known.windows()
    assert window["workplaces_free"] == 5
    assert (await known.book(workplaces=6)).json()["code"] == "slot-taken"
    assert (await known.book(workplaces=5)).status_code == 201


async def test_a_machine_beside_the_workplaces_is_taken_by_name_only(known: Known) -> None:
    async with known.as_owner() as tx:
        saw = await catalogue.install_equipment(
            tx, workshop_id=known.workshop, name="Пила", competences=[], is_at_workplace=False
        )
    assert (await known.book(workplaces=8)).status_code == 201
    later = {"starts_at": known.at("15:00"), "ends_at": known.at("16:00")}
    named = {"equipment_ids": [str(saw)], "workplaces": 1}
    assert (await known.book(**later, **named)).json()["workplaces"] == 1
    assert (await known.book(**later, **named)).json()["code"] == "slot-taken"
    assert (await known.book(**later, workplaces=7)).status_code == 201
    await check_counts(known.service)


@pytest.mark.parametrize("way", ["decline", "cancel", "cancel when confirmed", "lapse"])
async def test_machines_and_places_come_free_together(known: Known, way: str) -> None:
    body = {"workplaces": 8, **by_name(known, 0, 1)}
    booking_id = (await known.book(**body)).json()["id"]
    if way == "lapse":
        known.service.clock.set(known.moment("08:00"))
        assert await known.service.due() == 1
    else:
        if way == "cancel when confirmed":
            await known.decide(booking_id, "approve")
        step = way.partition(" ")[0]
        assert (await known.decide(booking_id, step, reason="x")).status_code == 200
    await check_counts(known.service)
    assert (await known.book(known.firm, **body)).status_code == 201
    await check_counts(known.service)


async def test_a_machine_of_another_workshop_is_not_found_there(known: Known) -> None:
    async with known.as_owner() as tx:
        other = await catalogue.open_workshop(
            tx,
            site_id=known.site,
            name="Другая",
            workplaces=2,
            approval=Approval.INSTANT,
            competences=[],
            net_kopecks=0,
        )
    answer = await known.book(workshop_id=str(other), **by_name(known, 0))
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
    assert await known.service.sql("SELECT 1 FROM occupations") == []
