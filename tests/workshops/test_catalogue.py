"""The catalogue: what is found and how, and what owners open, install and price."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.workshops.domain.facts import Approval
from shared.identity import Role
from shared.ids import new_id
from shared.russia.calendar import moscow_date
from tests.harness import Running
from tests.workshops.facts import Known, check_told
from tests.workshops.test_sites import SAMPLE

HOURS = [
    {"weekday": 0, "opens_at": "08:30", "closes_at": "12:00"},
    {"weekday": 0, "opens_at": "12:45", "closes_at": "24:00"},
    {"weekday": 5, "opens_at": "00:00", "closes_at": "05:00"},
]


async def post(known: Known, path: str, member_id: UUID | None = None, **body: Any) -> Any:
    headers = known.service.as_(member_id or known.owner, Role.COORDINATOR)
    return await known.service.client.post(f"/api/workshops/{path}", json=body, headers=headers)


async def open_site(known: Known, town: str, member_id: UUID | None = None) -> str:
    answer = await post(
        known, "sites", member_id, name=f"Корпус в {town}", town=town, opening_hours=HOURS
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def open_workshop(
    known: Known, site_id: str, name: str, member_id: UUID | None = None, *competences: str
) -> str:
    answer = await post(
        known,
        "workshops",
        member_id,
        site_id=site_id,
        name=name,
        workplaces=5,
        approval="instant",
        competences=list(competences),
        net_kopecks_per_workplace_hour=100,
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def found(known: Known, **query: Any) -> list[str]:
    answer = await known.service.client.get("/api/workshops/workshops", params=query)
    assert answer.status_code == 200, answer.text
    return [item["name"] for item in answer.json()["items"]]


async def test_workshops_are_found_by_competence_town_owner_and_words(known: Known) -> None:
    site = await open_site(known, "Дорогобуж-Ёлкино")
    await open_workshop(known, site, "Ёлочный цех «Старт»", None, "welding", "cooking")
    other = await open_site(known, "Вязьма", known.firm)
    await open_workshop(known, other, "100% сварка_1", known.firm, "welding")
    everything = ["100% сварка_1", "Ёлочный цех «Старт»", "Станки с ЧПУ"]
    table: list[tuple[dict[str, Any], list[int]]] = [
        ({}, [0, 1, 2]),
        ({"competence": "welding"}, [0, 1]),
        ({"competence": "cooking"}, [1]),
        ({"competence": "car-repair"}, []),
        ({"town": "дорогобуж-елкино"}, [1]),
        ({"town": "ДОРОГОБУЖ–ЁЛКИНО"}, [1]),
        ({"town": "дорогобуж"}, []),
        ({"town": " вязьма "}, [0]),
        ({"owner_id": str(known.owner)}, [1, 2]),
        ({"owner_id": str(new_id())}, []),
        ({"owner_id": str(known.owner), "competence": "welding"}, [1]),
        ({"q": "чпу"}, [2]),
        ({"q": "ЕЛОЧНЫЙ"}, [1]),
        ({"q": "цех старт"}, [1]),
        ({"q": '"СТАРТ"'}, [1]),
        ({"q": "вязьм"}, [0]),
        ({"q": "елкин"}, [1]),
        ({"q": "%"}, [0]),
        ({"q": "_"}, [0]),
        ({"q": "100%"}, [0]),
        ({"q": "'; DROP TABLE workshops; --"}, []),
        ({"q": "\\"}, []),
        ({"q": "я" * 200}, []),
        ({"q": "чпу", "town": "Вязьма"}, []),
        ({"colour": "red"}, [0, 1, 2]),
    ]
    for query, places in table:
        assert await found(known, **query) == [everything[place] for place in places], query


async def test_pages_are_stable_and_complete_also_among_equal_names(known: Known) -> None:
    site = await open_site(known, "Смоленск")
    for number in range(9):
        await open_workshop(known, site, f"Цех {number // 4}")
    for limit in (1, 2, 4, 10, 200):
        names: list[str] = []
        ids: list[str] = []
        cursor: str | None = None
        while True:
            query = {"limit": limit} | ({"cursor": cursor} if cursor else {})
            page = (await known.service.client.get("/api/workshops/workshops", params=query)).json()
            names += [item["name"] for item in page["items"]]
            ids += [item["id"] for item in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
            assert len(page["items"]) == limit
            assert cursor.isascii()
        assert names == ["Станки с ЧПУ", *(f"Цех {number // 4}" for number in range(9))]
        assert len(set(ids)) == 10


async def test_workshops_of_a_member_who_has_left_are_not_listed(known: Known) -> None:
    """R5.1."""
    today = moscow_date(known.service.clock())
    await known.leave(known.owner, today + timedelta(days=1))
    assert await found(known) == ["Станки с ЧПУ"]
    await known.leave(known.owner, today)
    assert await found(known) == []
    page = await known.service.client.get(f"/api/workshops/workshops/{known.workshop}")
    assert page.status_code == 200
    assert await known.windows() == []


async def test_a_workshop_shows_hours_equipment_and_tariff_to_everybody(known: Known) -> None:
    site = await open_site(known, "Смоленск")
    workshop = await open_workshop(known, site, "Цех", None, "welding", "cooking", "welding")
    made = await post(
        known, f"workshops/{workshop}/equipment", name="Пост 2", competences=["welding"]
    )
    second = await post(
        known, f"workshops/{workshop}/equipment", name="Ёмкость", is_at_workplace=False
    )
    answer = await known.service.client.get(f"/api/workshops/workshops/{workshop}")
    assert answer.headers["ETag"]
    item = {
        "id": workshop,
        "name": "Цех",
        "owner_id": str(known.owner),
        "site": {
            "id": site,
            "name": "Корпус в Смоленск",
            "town": "Смоленск",
            "bells": SAMPLE,
        },
        "competences": ["welding", "cooking"],
        "workplaces": 5,
        "approval": "instant",
        "time_zone": "Europe/Moscow",
    }
    assert answer.json() == {
        **item,
        "opening_hours": HOURS,
        "equipment": [
            {
                "id": second.json()["id"],
                "name": "Ёмкость",
                "competences": [],
                "is_at_workplace": False,
            },
            {
                "id": made.json()["id"],
                "name": "Пост 2",
                "competences": ["welding"],
                "is_at_workplace": True,
            },
        ],
        "tariff": {"net_kopecks_per_workplace_hour": 100},
    }
    listed = await known.service.client.get("/api/workshops/workshops", params={"q": "цех"})
    assert listed.json() == {"items": [item], "next_cursor": None}
    unknown = await known.service.client.get(f"/api/workshops/workshops/{new_id()}")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not-found")
    competences = (await known.service.client.get("/api/workshops/competences")).json()["items"]
    assert {"id": "welding", "name": "Сварочные технологии"} in competences
    assert [item["name"] for item in competences] == sorted(item["name"] for item in competences)
    await check_told(known.service)


async def test_a_tariff_prices_bookings_by_their_start_from_its_moment_on(known: Known) -> None:
    path = f"workshops/{known.workshop}/tariffs"
    from_two = {"net_kopecks_per_workplace_hour": 90_000, "valid_from_at": known.at("14:00")}
    answer = await post(known, path, **from_two)
    assert answer.status_code == 201, answer.text
    assert answer.json()["tariff"] == {"net_kopecks_per_workplace_hour": 45_000}

    async def price(start: str, end: str) -> int:
        booked = await known.book(
            known.firm, workplaces=1, starts_at=known.at(start), ends_at=known.at(end)
        )
        return int(booked.json()["price_kopecks"])

    assert await price("13:00", "14:00") == 54_900
    assert await price("13:55", "14:55") == 54_900
    assert await price("14:00", "15:00") == 109_800
    booked = (await known.book(known.firm, workplaces=1)).json()
    now_on = await post(known, path, net_kopecks_per_workplace_hour=1_000)
    assert now_on.json()["tariff"] == {"net_kopecks_per_workplace_hour": 1_000}
    assert await price("12:00", "13:00") == 1_220
    await known.decide(booked["id"], "approve")
    known.service.clock.set(known.moment("12:30"))
    await known.decide(booked["id"], "check-in")
    done = (await known.decide(booked["id"], "complete", actual_minutes=95)).json()
    assert done["charged_kopecks"] == booked["price_kopecks"] == 96_075


async def test_a_second_tariff_from_the_same_moment_is_refused(known: Known) -> None:
    path = f"workshops/{known.workshop}/tariffs"
    body = {"net_kopecks_per_workplace_hour": 1, "valid_from_at": known.at("14:00")}
    assert (await post(known, path, **body)).status_code == 201
    again = await post(known, path, **{**body, "net_kopecks_per_workplace_hour": 2})
    assert (again.status_code, again.json()["code"]) == (409, "tariff-stands")
    assert len(await known.service.told("workshops.tariff.set.v1")) == 2


@pytest.mark.parametrize("body", [{"competences": ["no-such-thing"]}, {"competences": ["Ы"]}])
async def test_a_competence_that_nobody_knows_is_refused(
    known: Known, body: dict[str, Any]
) -> None:
    for path in (f"workshops/{known.workshop}/equipment", "workshops"):
        answer = await post(
            known,
            path,
            name="Цех",
            site_id=str(known.site),
            workplaces=1,
            net_kopecks_per_workplace_hour=0,
            **body,
        )
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


async def test_only_the_owner_opens_installs_and_prices(known: Known) -> None:
    """What is another's is unknown, before a missing role and after bad input are said."""
    offers: list[tuple[str, dict[str, Any]]] = [
        (
            "workshops",
            {
                "site_id": str(known.site),
                "name": "Цех",
                "workplaces": 1,
                "competences": [],
                "net_kopecks_per_workplace_hour": 0,
            },
        ),
        (f"workshops/{known.workshop}/equipment", {"name": "Станок"}),
        (f"workshops/{known.workshop}/tariffs", {"net_kopecks_per_workplace_hour": 0}),
    ]
    bad: dict[str, dict[str, Any]] = {
        "workshops": {"competences": ["no-such-thing"]},
        f"workshops/{known.workshop}/equipment": {"competences": ["no-such-thing"]},
        f"workshops/{known.workshop}/tariffs": {"valid_from_at": "2020-01-01T00:00:00Z"},
    }
    before = await known.service.told()
    for path, body in offers:
        for member_id, role, more, status in (
            (known.college, Role.COORDINATOR, {}, 404),
            (known.college, Role.FINANCE, {}, 404),
            (known.owner, Role.FINANCE, {}, 403),
            (known.owner, Role.FINANCE, bad[path], 422),
            (known.college, Role.COORDINATOR, bad[path], 422),
        ):
            answer = await known.service.client.post(
                f"/api/workshops/{path}",
                json={**body, **more},
                headers=known.service.as_(member_id, role),
            )
            assert answer.status_code == status, (path, role, more, answer.text)
    site = {"name": "Корпус", "town": "Смоленск", "opening_hours": HOURS}
    as_finance = known.service.as_(known.owner, Role.FINANCE)
    for changes, status in (({}, 403), ({"time_zone": "Mars/Base"}, 422)):
        answer = await known.service.client.post(
            "/api/workshops/sites", json={**site, **changes}, headers=as_finance
        )
        assert answer.status_code == status
    assert len(await known.service.told()) == len(before)


async def test_a_key_opens_a_workshop_once(known: Known) -> None:
    headers = known.service.as_(known.owner, Role.COORDINATOR)
    body = {"name": "Корпус", "town": "Вязьма", "opening_hours": HOURS}
    made = [
        await known.service.client.post(
            "/api/workshops/sites", json=body, headers={**headers, "Idempotency-Key": "one"}
        )
        for _ in range(2)
    ]
    assert made[0].json() == made[1].json()
    assert len(await known.service.sql("SELECT 1 FROM sites")) == 2


async def test_a_site_keeps_its_own_time(workshops: Running) -> None:
    known = await Known(workshops).lay(Approval.INSTANT)
    answer = await post(
        known,
        "sites",
        name="Дальний",
        town="Владивосток",
        time_zone="Asia/Vladivostok",
        opening_hours=[
            {"weekday": day, "opens_at": "09:00", "closes_at": "18:00"} for day in range(7)
        ],
    )
    workshop = await open_workshop(known, answer.json()["id"], "Дальний")
    (window,) = await known.windows(workshop_id=workshop)
    assert window["starts_at"] == known.at("02:00").replace("+00:00", "Z")
    early = {"starts_at": known.at("01:55"), "ends_at": known.at("03:00")}
    assert (await known.book(workshop_id=workshop, **early)).json()["code"] == "not-open"
    over_utc_midnight = {"starts_at": known.at("02:30"), "ends_at": known.at("03:30")}
    assert (await known.book(workshop_id=workshop, **over_utc_midnight)).status_code == 201
