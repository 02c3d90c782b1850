"""Sites and their bell plans: what an owner opens, sees and replaces, and what is refused."""

import asyncio
import json
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from alembic import command
from alembic.config import Config

from deploy.postgres.bootstrap import bootstrap, database_of, owner_role_of, roles
from services.workshops.domain import bells
from services.workshops.domain.facts import Bell
from shared.identity import Role
from shared.ids import new_id
from shared.migrate import SERVICES, upgrade
from tests.harness import Servers
from tests.workshops.facts import Known, check_told

SAMPLE = [
    {"pair": 1, "starts_at": "08:30", "ends_at": "10:05"},
    {"pair": 2, "starts_at": "10:15", "ends_at": "11:50"},
    {"pair": 3, "starts_at": "12:30", "ends_at": "14:05"},
    {"pair": 4, "starts_at": "14:15", "ends_at": "15:50"},
    {"pair": 5, "starts_at": "16:00", "ends_at": "17:35"},
    {"pair": 6, "starts_at": "17:45", "ends_at": "19:20"},
]
OWN = [
    {"pair": 1, "starts_at": "00:00", "ends_at": "01:30"},
    {"pair": 3, "starts_at": "01:30", "ends_at": "24:00"},
]
HOURS = [{"weekday": 0, "opens_at": "09:00", "closes_at": "18:00"}]


async def put(
    known: Known, plan: Any, site: UUID | str | None = None, *, tag: str | None = None, **who: Any
) -> Any:
    headers = known.service.as_(
        who.get("member_id", known.owner), who.get("role", Role.COORDINATOR)
    )
    if tag:
        headers["If-Match"] = tag
    return await known.service.client.put(
        f"/api/workshops/sites/{site or known.site}/bells", json={"bells": plan}, headers=headers
    )


async def test_a_site_has_the_usual_six_pairs_unless_it_names_its_own(known: Known) -> None:
    headers = known.service.as_(known.owner, Role.COORDINATOR)
    body = {"name": "Второй корпус", "town": "Вязьма", "opening_hours": HOURS}
    made = [
        await known.service.client.post(
            "/api/workshops/sites", json={**body, **more}, headers=headers
        )
        for more in ({}, {"bells": OWN})
    ]
    listed = (await known.read("sites")).json()
    assert listed["next_cursor"] is None
    first, *others = listed["items"]
    assert (first["id"], first["bells"]) == (str(known.site), SAMPLE)
    assert [(site["id"], site["bells"]) for site in others] == [
        (made[0].json()["id"], SAMPLE),
        (made[1].json()["id"], OWN),
    ]
    assert others[1] == {
        "id": made[1].json()["id"],
        "owner_id": str(known.owner),
        "name": "Второй корпус",
        "town": "Вязьма",
        "time_zone": "Europe/Moscow",
        "opening_hours": HOURS,
        "bells": OWN,
        "version": 1,
    }
    assert (await known.read("sites", known.firm)).json()["items"] == []


async def test_sites_come_a_page_at_a_time_to_whoever_acts_for_the_member(known: Known) -> None:
    headers = known.service.as_(known.owner, Role.COORDINATOR)
    body = {"name": "Корпус", "town": "Вязьма", "opening_hours": HOURS}
    for _ in range(4):
        await known.service.client.post("/api/workshops/sites", json=body, headers=headers)
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 2}
    while True:
        page = await known.service.client.get(
            "/api/workshops/sites",
            params=query,
            headers=known.service.as_(known.owner, Role.STUDENT),
        )
        seen += [site["id"] for site in page.json()["items"]]
        query["cursor"] = page.json()["next_cursor"]
        if query["cursor"] is None:
            break
    assert len(seen) == len(set(seen)) == 5
    nobody = await known.service.client.get("/api/workshops/sites")
    assert nobody.status_code == 401


async def test_the_owner_replaces_the_bell_plan_and_everybody_sees_it(known: Known) -> None:
    answer = await put(known, OWN)
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"'), answer.text
    assert (answer.json()["bells"], answer.json()["version"]) == (OWN, 2)
    card = await known.service.client.get(f"/api/workshops/workshops/{known.workshop}")
    assert card.json()["site"]["bells"] == OWN
    listed = await known.service.client.get("/api/workshops/workshops")
    assert listed.json()["items"][0]["site"]["bells"] == OWN
    (told,) = await known.service.told("workshops.bells.set.v1")
    assert json.loads(told["body"]) == {"site_id": str(known.site), "owner_id": str(known.owner)}
    (audit,) = await known.service.sql("SELECT * FROM audit WHERE action = 'bells.set'")
    assert json.loads(audit["after"]) == [[1, 0, 90], [3, 90, 1440]]
    await check_told(known.service)


async def test_the_same_bell_plan_once_more_changes_and_tells_nothing(known: Known) -> None:
    answer = await put(known, SAMPLE)
    assert (answer.status_code, answer.json()["version"]) == (200, 1)
    assert await known.service.told("workshops.bells.set.v1") == []


async def test_a_bell_plan_is_not_overwritten_unseen(known: Known) -> None:
    assert (await put(known, OWN, tag='"1"')).status_code == 200
    late = await put(known, SAMPLE, tag='"1"')
    assert (late.status_code, late.json()["code"]) == (412, "changed-meanwhile")
    both = await asyncio.gather(
        *(put(known, plan, tag='"2"') for plan in (SAMPLE, SAMPLE[:1])), put(known, OWN[:1])
    )
    assert sorted(answer.status_code for answer in both)[0] == 200
    assert {answer.status_code for answer in both} <= {200, 412}
    (site,) = (await known.read("sites")).json()["items"]
    assert site["bells"] in (SAMPLE, SAMPLE[:1], OWN[:1])


async def test_only_the_owners_coordinator_replaces_bells_and_a_site_of_another_is_unknown(
    known: Known,
) -> None:
    table: list[tuple[dict[str, Any], int]] = [
        ({"member_id": known.college}, 404),
        ({"member_id": known.college, "role": Role.FINANCE}, 404),
        ({"role": Role.APPROVER}, 403),
        ({"site": new_id()}, 404),
    ]
    for who, status in table:
        answer = await put(known, OWN, **who)
        assert answer.status_code == status, (who, answer.text)


def bell(pair: Any, starts_at: Any, ends_at: Any) -> dict[str, Any]:
    return {"pair": pair, "starts_at": starts_at, "ends_at": ends_at}


NO_PLANS: dict[str, Any] = {
    "none": [],
    "nothing": None,
    "no list": {"1": "08:30"},
    "a pair without its end": [{"pair": 1, "starts_at": "08:30"}],
    "pair nought": [bell(0, "08:30", "10:05")],
    "pair thirteen": [bell(13, "08:30", "10:05")],
    "a pair in words": [bell("1", "08:30", "10:05")],
    "a pair as a yes": [bell(True, "08:30", "10:05")],
    "ends as it starts": [bell(1, "08:30", "08:30")],
    "ends before it starts": [bell(1, "10:05", "08:30")],
    "not on five minutes": [bell(1, "08:31", "10:05")],
    "its end not on five minutes": [bell(1, "08:30", "10:06")],
    "no time": [bell(1, "8:30", "10:05")],
    "starts at midnight's end": [bell(1, "24:00", "24:00")],
    "ends after midnight": [bell(1, "23:00", "24:05")],
    "a pair twice": [bell(1, "08:30", "10:05"), bell(1, "10:15", "11:50")],
    "not in order": [bell(2, "08:30", "10:05"), bell(1, "10:15", "11:50")],
    "rung in another order": [bell(1, "10:15", "11:50"), bell(2, "08:30", "10:05")],
    "overlapping": [bell(1, "08:30", "10:05"), bell(2, "10:00", "11:50")],
    "thirteen pairs": [
        bell(min(number, 12), f"{number:02}:00", f"{number:02}:30") for number in range(1, 14)
    ],
}


@pytest.mark.parametrize("name", NO_PLANS)
async def test_a_bell_plan_that_makes_no_sense_is_a_clear_refusal(known: Known, name: str) -> None:
    answer = await put(known, NO_PLANS[name])
    assert (answer.status_code, answer.json()["title"] != "") == (422, True), answer.text
    body = {"name": "Корпус", "town": "Вязьма", "opening_hours": HOURS, "bells": NO_PLANS[name]}
    made = await known.service.client.post(
        "/api/workshops/sites",
        json=body,
        headers=known.service.as_(known.owner, Role.COORDINATOR),
    )
    assert made.status_code == (201 if name == "nothing" else 422), made.text
    (site, *_) = (await known.read("sites")).json()["items"]
    assert (site["bells"], site["version"]) == (SAMPLE, 1)


async def test_a_site_that_was_there_before_bells_has_the_usual_six_pairs(servers: Servers) -> None:
    name = "before_bells"
    passwords = {role: "p" for role in roles([name])}
    await bootstrap(servers.postgres.admin_url, passwords, [name])
    url = servers.postgres.url(owner_role_of(name), "p", database_of(name))
    config = Config()
    config.set_main_option("script_location", str(SERVICES / "workshops" / "migrations"))
    config.attributes["url"] = url
    try:
        await asyncio.to_thread(command.upgrade, config, "0001")
        connection = await asyncpg.connect(url)
        await connection.execute(
            "INSERT INTO sites (id, owner_id, name, town, town_key, time_zone, opened_at)"
            " VALUES ($1, $1, 'Корпус', 'Вязьма', 'вязьма', 'Europe/Moscow', now())",
            new_id(),
        )
        await asyncio.to_thread(upgrade, "workshops", url)
        rows = await connection.fetch("SELECT pair, opens, closes FROM site_bells ORDER BY pair")
        await connection.close()
        assert [Bell(**row) for row in rows] == list(bells.SAMPLE)
    finally:
        await servers.drop_database(database_of(name))
        for role in passwords:
            await servers.admin(f"DROP ROLE {role}")
