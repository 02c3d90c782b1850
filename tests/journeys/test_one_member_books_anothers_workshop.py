"""The main job, from the sign-in to the obligation, and what withdrawal does to it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.ids import new_id
from shared.russia.calendar import moscow_date
from tests.harness import until
from tests.journeys.conftest import Platform, Somebody

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def free_day(somebody: Somebody, workshop: dict[str, Any], number: int = 0) -> datetime:
    now = somebody.platform.clock()
    answer = await somebody.ask(
        "GET",
        "/workshops/availability",
        params={
            "workshop_id": workshop["id"],
            "from": (now + timedelta(days=14)).isoformat(),
            "to": (now + timedelta(days=40)).isoformat(),
            "workplaces": workshop["workplaces"],
            "minutes": 600,
        },
    )
    return datetime.fromisoformat(answer.json()["items"][number]["starts_at"])


async def workshop_of(somebody: Somebody, name: str) -> dict[str, Any]:
    answer = await somebody.ask("GET", "/workshops/workshops", params={"q": name})
    found: dict[str, Any] = answer.json()["items"][0]
    return found


async def book(somebody: Somebody, workshop: dict[str, Any], starts_at: datetime) -> Any:
    body = {
        "workshop_id": workshop["id"],
        "starts_at": starts_at.isoformat(),
        "ends_at": (starts_at + timedelta(hours=3)).isoformat(),
        "workplaces": 1,
        "purpose": "Практика на станках",
    }
    return await somebody.ask(
        "POST", "/workshops/bookings", json=body, headers={"Idempotency-Key": str(new_id())}
    )


async def owed_for(somebody: Somebody, booking: Any) -> Any:
    items = (await somebody.ask("GET", "/finance/obligations")).json()["items"]
    return [item for item in items if item["basis"]["id"] == booking["id"]]


async def test_a_firm_books_a_colleges_machine_and_what_it_used_stands_in_finance(
    platform: Platform,
) -> None:
    firm = await platform.sign_in("coordinator@stankoservis.demo")
    owner = await platform.sign_in("approver@smolapo.demo")
    accountant = await platform.sign_in("finance@smolapo.demo")
    workshop = await workshop_of(firm, "Станки с ЧПУ")
    starts_at = await free_day(firm, workshop)
    booking = (await book(firm, workshop, starts_at)).json()
    assert (booking["status"], booking["price_kopecks"]) == ("requested", 164_700)
    path = f"/workshops/bookings/{booking['id']}"
    for step, body in (("approve", None), ("check-in", None), ("complete", {"actual_minutes": 80})):
        answer = await owner.ask("POST", f"{path}/{step}", json=body)
        assert answer.status_code == 200, answer.text

    (owed,) = await until(lambda: owed_for(firm, booking))
    # six started quarters of an hour at 450 roubles, and 22 % on top
    assert (owed["amount_kopecks"], owed["vat_kopecks"]) == (82_350, 14_850)
    assert owed["basis"] == {"kind": "booking", "id": booking["id"]}
    assert (owed["debtor_id"], owed["creditor_id"]) == (firm.member_id, owner.member_id)
    assert owed["incurred_on"] == moscow_date(starts_at).isoformat()
    reverse = f"/finance/obligations/{owed['id']}/reverse"
    taken_back = await accountant.ask("POST", reverse, json={"reason": "Ошибка в минутах"})
    assert taken_back.status_code == 200
    again = await accountant.ask("POST", reverse, json={"reason": "Ещё раз"})
    assert (again.status_code, again.json()["code"]) == (409, "wrong-status")


async def test_colleges_under_a_network_form_use_state_property_free_of_charge_i13(
    platform: Platform,
) -> None:
    guest = await platform.sign_in("coordinator@verhnedneprovsk.demo")
    owner = await platform.sign_in("coordinator@smolapo.demo")
    workshop = await workshop_of(guest, "Промышленная автоматика")
    booking = (await book(guest, workshop, await free_day(guest, workshop))).json()
    assert booking["price_kopecks"] == 0
    path = f"/workshops/bookings/{booking['id']}"
    for step, body in (("approve", None), ("check-in", None), ("complete", {"actual_minutes": 90})):
        await owner.ask("POST", f"{path}/{step}", json=body)

    (use,) = await until(lambda: owed_for(owner, booking))
    assert use["amount_kopecks"] == 0
    assert use["debtor_id"] == guest.member_id


async def test_an_agreement_signed_by_both_lets_them_book(
    platform: Platform,
) -> None:
    one = await platform.sign_in("coordinator@vyazma.demo")
    other = await platform.sign_in("coordinator@smolgrad.demo")
    workshop = await workshop_of(one, "Кирпичная кладка")
    starts_at = await free_day(one, workshop)
    refused = await book(one, workshop, starts_at)
    assert (refused.status_code, refused.json()["code"]) == (409, "no-agreement")
    today = moscow_date(platform.clock())
    made = await one.ask(
        "POST",
        "/membership/agreements",
        json={
            "kind": "network_form",
            "party_ids": [one.member_id, other.member_id],
            "valid_from": today.isoformat(),
            "valid_to": (today + timedelta(days=200)).isoformat(),
            "subject": "Сетевая программа",
        },
    )
    assert (made.status_code, made.json()["status"]) == (201, "signing")
    signed = await other.ask("POST", f"/membership/agreements/{made.json()['id']}/sign")
    assert signed.json()["status"] == "active"

    async def booked() -> Any:
        answer = await book(one, workshop, starts_at)
        return answer.status_code == 201 and answer.json()

    booking = await until(booked)
    assert booking["status"] == "confirmed"


async def test_the_demo_is_what_the_platform_promises_to_strangers(platform: Platform) -> None:
    stranger = await platform.sign_in("admin@artel.demo")
    members = (await stranger.ask("GET", "/membership/members")).json()["items"]
    assert {member["slug"] for member in members} == set(
        [
            "smolapo",
            "smolgrad",
            "verhnedneprovsk",
            "vyazma",
            "roslavl",
            "safonovo",
            "university",
            "aviapribor",
            "dneprochem",
            "stankoservis",
            "promsvar",
            "energoseti",
            "agrovyazma",
            "ministry",
            "obraztsov",
        ]
    )
    slugs = {member["id"]: member["slug"] for member in members}
    workshops = (await stranger.ask("GET", "/workshops/workshops")).json()["items"]
    table = {
        (w["name"], slugs[w["owner_id"]], w["site"]["town"], w["workplaces"], w["approval"])
        for w in workshops
    }
    assert table == {
        ("Станки с ЧПУ", "smolapo", "Смоленск", 8, "manual"),
        ("Промышленная автоматика", "smolapo", "Смоленск", 6, "manual"),
        ("Кирпичная кладка", "smolgrad", "Смоленск", 10, "instant"),
        ("Мехатроника", "university", "Смоленск", 6, "manual"),
        ("Лабораторный химический анализ", "verhnedneprovsk", "Верхнеднепровский", 10, "instant"),
        ("Веб-технологии", "vyazma", "Вязьма", 14, "instant"),
        ("Поварское дело", "vyazma", "Вязьма", 6, "instant"),
        ("Электромонтаж", "roslavl", "Рославль", 10, "instant"),
        ("Эксплуатация сельхозмашин", "roslavl", "Рославль", 6, "manual"),
        ("Сварочные технологии", "safonovo", "Сафоново", 10, "manual"),
    }
    prices = {
        w["name"]: (await stranger.ask("GET", f"/workshops/workshops/{w['id']}")).json()["tariff"][
            "net_kopecks_per_workplace_hour"
        ]
        for w in workshops
    }
    assert sorted(prices.values()) == [
        12_000, 18_000, 22_000, 25_000, 38_000, 40_000, 42_000, 45_000, 52_000, 60_000,
    ]  # fmt: skip


async def test_who_leaves_keeps_what_is_confirmed_and_gets_nothing_new_r5_1_i2(
    platform: Platform,
) -> None:
    firm = await platform.sign_in("coordinator@stankoservis.demo")
    owner = await platform.sign_in("coordinator@smolapo.demo")
    workshop = await workshop_of(firm, "Станки с ЧПУ")
    starts_at = await free_day(firm, workshop, 3)
    confirmed = (await book(firm, workshop, starts_at)).json()
    await owner.ask("POST", f"/workshops/bookings/{confirmed['id']}/approve")
    waiting = (await book(firm, workshop, starts_at)).json()
    today = moscow_date(platform.clock())
    left = await firm.ask(
        "POST",
        f"/membership/members/{firm.member_id}/withdraw",
        json={"effective_on": today.isoformat()},
    )
    assert (left.status_code, left.json()["status"]) == (200, "withdrawn")

    async def lapsed() -> bool:
        answer = await firm.ask("GET", f"/workshops/bookings/{waiting['id']}")
        return bool(answer.json()["status"] == "lapsed")

    await until(lapsed)
    refused = await book(firm, workshop, starts_at)
    assert refused.json()["code"] == "member-not-active"
    path = f"/workshops/bookings/{confirmed['id']}"
    for step, body in (("check-in", None), ("complete", {"actual_minutes": 60})):
        answer = await owner.ask("POST", f"{path}/{step}", json=body)
        assert answer.status_code == 200, answer.text

    (owed,) = await until(lambda: owed_for(firm, confirmed))
    assert owed["amount_kopecks"] == 54_900


async def test_in_any_month_each_demo_workshop_has_ten_wholly_free_days_soon(
    platform: Platform,
) -> None:
    stranger = await platform.sign_in("admin@artel.demo")
    workshops = (await stranger.ask("GET", "/workshops/workshops")).json()["items"]
    for month in range(12):
        year, number = divmod(platform.clock().month + month, 12)
        platform.clock.set(datetime(platform.clock().year + year, number + 1, 20, 9, tzinfo=UTC))
        for workshop in workshops[:2]:
            now = platform.clock()
            answer = await stranger.ask(
                "GET",
                "/workshops/availability",
                params={
                    "workshop_id": workshop["id"],
                    "from": (now + timedelta(days=14)).isoformat(),
                    "to": (now + timedelta(days=40)).isoformat(),
                    "workplaces": workshop["workplaces"],
                    "minutes": 650,
                },
            )
            assert len(answer.json()["items"]) >= 10, (now, workshop["name"])
