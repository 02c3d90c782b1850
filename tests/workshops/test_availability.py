"""What is shown free can be booked, and what is not cannot."""

import random
from datetime import datetime, timedelta
from typing import Any

import pytest

from services.workshops import records
from services.workshops.commands import catalogue
from services.workshops.domain.facts import Approval, Hours
from shared.ids import new_id
from tests.harness import Running
from tests.workshops.facts import Known, check_counts

GRAIN = timedelta(minutes=5)


def read(moment: str) -> datetime:
    return datetime.fromisoformat(moment)


async def test_a_free_day_is_one_window_and_a_booking_parts_it(known: Known) -> None:
    (whole,) = await known.windows()
    assert whole == {
        "workshop_id": str(known.workshop),
        "starts_at": known.at("08:30").replace("+00:00", "Z"),
        "ends_at": known.at("19:20").replace("+00:00", "Z"),
        "workplaces_free": 8,
    }
    await known.book(workplaces=5)
    (least,) = await known.windows()
    assert least == {**whole, "workplaces_free": 3}
    before, after = await known.windows(workplaces=4)
    assert (read(before["ends_at"]), read(after["starts_at"])) == (
        known.moment("12:30"),
        known.moment("14:05"),
    )
    assert [before["workplaces_free"], after["workplaces_free"]] == [8, 8]
    assert await known.windows(workplaces=4, minutes=241) == [after]
    assert await known.windows(workplaces=9) == []


async def test_a_competence_shows_all_its_workshops_and_no_other(known: Known) -> None:
    query: dict[str, Any] = {"from": known.at("00:00"), "to": known.at("23:55")}

    async def shown(competence: str) -> set[str]:
        answer = await known.service.client.get(
            "/api/workshops/availability", params={**query, "competence": competence}
        )
        return {item["workshop_id"] for item in answer.json()["items"]}

    async with known.as_owner() as tx:
        second = await catalogue.open_workshop(
            tx,
            site_id=known.site,
            name="Второй",
            workplaces=2,
            approval=Approval.INSTANT,
            competences=["cnc-milling", "welding"],
            net_kopecks=1,
        )
    assert await shown("cnc-milling") == {str(known.workshop), str(second)}
    assert await shown("welding") == {str(second)}
    assert await shown("cooking") == set()


async def test_nothing_is_shown_of_the_past_beyond_the_horizon_or_after_the_owner_left(
    known: Known,
) -> None:
    """R5.1."""
    now = known.service.clock()
    last = (known.moment("00:00") - timedelta(days=20)).isoformat()
    assert all(read(window["starts_at"]) > now for window in await known.windows(**{"from": last}))
    known.service.clock.set(known.moment("12:32"))
    (rest,) = await known.windows()
    assert read(rest["starts_at"]) == known.moment("12:35")
    known.service.clock.set(known.moment("12:30") + timedelta(microseconds=1))
    (rest,) = await known.windows()
    assert read(rest["starts_at"]) == known.moment("12:35")
    known.service.clock.set(known.moment("12:32") - timedelta(days=365))
    (rest,) = await known.windows()
    assert read(rest["ends_at"]) == known.moment("12:30")
    known.service.clock.set(known.moment("12:32") - timedelta(days=5))
    await known.leave(known.owner, known.day())
    assert await known.windows() == []
    await known.leave(known.owner, known.day() + timedelta(days=1))
    assert len(await known.windows()) == 1


async def test_nothing_is_free_at_a_suspended_owners_until_it_is_restored_r5_3(
    known: Known,
) -> None:
    assert await known.windows()
    await known.suspend(known.owner, known.day() - timedelta(days=60))
    assert await known.windows() == []
    refused = await known.book()
    assert (refused.status_code, refused.json()["code"]) == (409, "member-suspended")
    await known.suspend(known.owner, None)
    assert await known.windows()
    with pytest.raises(LookupError):
        await known.suspend(new_id(), None)


@pytest.mark.parametrize("zone", ["Europe/Moscow", "Asia/Vladivostok"])
async def test_what_is_shown_can_be_booked_and_nothing_beside_it(
    workshops: Running, zone: str
) -> None:
    """I8: random bookings and cancels; then each window is booked at its start and at its end,
    and neither one place more nor one slice outside. In Vladivostok UTC midnight is at 10:00.
    """
    known = await Known(workshops).lay(Approval.INSTANT, workplaces=4)
    async with known.as_owner() as tx:
        site = await catalogue.open_site(
            tx,
            name="Дальний",
            town="Владивосток",
            time_zone=zone,
            hours=[Hours(weekday, 480, 780) for weekday in range(7)]
            + [Hours(weekday, 840, 1200) for weekday in range(7)],
        )
        known.workshop = await catalogue.open_workshop(
            tx,
            site_id=site,
            name="Дальний цех",
            workplaces=4,
            approval=Approval.INSTANT,
            competences=[],
            net_kopecks=100,
        )
    dice = random.Random(20270220)
    start = known.moment("00:00") - timedelta(hours=7 if zone == "Asia/Vladivostok" else 0)
    within = {"from": start.isoformat(), "to": (start + timedelta(hours=26)).isoformat()}
    held: list[str] = []
    for _ in range(40):
        if held and dice.random() < 0.3:
            await known.decide(held.pop(dice.randrange(len(held))), "cancel", reason="x")
            continue
        begins = start + dice.randrange(93, 243) * GRAIN
        booked = await known.book(
            workplaces=dice.randint(1, 3),
            starts_at=begins.isoformat(),
            ends_at=(begins + dice.randint(1, 24) * GRAIN).isoformat(),
        )
        assert booked.status_code == 201 or booked.json()["code"] in ("slot-taken", "not-open")
        held += [booked.json()["id"]] if booked.status_code == 201 else []
    await check_counts(workshops)
    assert len(held) > 8

    async def outcome(begins: datetime, ends: datetime, workplaces: int) -> str:
        body = {"starts_at": begins.isoformat(), "ends_at": ends.isoformat()}
        quote = (await known.quote(workplaces=workplaces, **body)).json()
        booked = await known.book(workplaces=workplaces, **body)
        if booked.status_code == 201:
            await known.decide(booked.json()["id"], "cancel", reason="x")
        code = None if booked.status_code == 201 else booked.json()["code"]
        assert (quote["bookable"], quote["refusal"]) == (code is None, code)
        return code or "booked"

    for workplaces, minutes in ((1, 45), (2, 30), (3, 5), (4, 5)):
        length = timedelta(minutes=minutes)
        shown = await known.windows(workplaces=workplaces, minutes=minutes, **within)
        assert shown
        for window in shown:
            begins, ends = read(window["starts_at"]), read(window["ends_at"])
            free = window["workplaces_free"]
            assert await outcome(begins, ends, free) == "booked"
            assert await outcome(begins, begins + length, workplaces) == "booked"
            assert await outcome(ends - length, ends, workplaces) == "booked"
            assert await outcome(begins, ends, free + 1) == "slot-taken"
            beside = [
                (begins - GRAIN, begins - GRAIN + length),
                (ends + GRAIN - length, ends + GRAIN),
            ]
            for edge in beside:
                if start <= edge[0] and edge[1] <= start + timedelta(hours=26):
                    assert await outcome(*edge, workplaces) in ("slot-taken", "not-open")


async def test_days_that_were_looked_at_are_remembered_and_only_so_many(
    known: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "DAYS_REMEMBERED", 2)
    monkeypatch.setattr(records, "_remembered", {})
    for ahead in range(4):
        body = {"starts_at": known.at("12:30", ahead), "ends_at": known.at("14:05", ahead)}
        assert (await known.book(**body)).status_code == 201
    within = {"from": known.at("00:00"), "to": known.at("23:55", 3)}
    first = await known.windows(workplaces=8, **within)
    assert 0 < len(records._remembered) <= 2
    assert await known.windows(workplaces=8, **within) == first
    body = {"starts_at": known.at("16:00", 3), "ends_at": known.at("17:00", 3)}
    assert (await known.book(**body)).status_code == 201
    assert await known.windows(workplaces=8, **within) != first
