"""The demo's council: laid once, after membership's demo, by the same commands as everybody's."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest_asyncio

from services.council.commands import heard, matters
from services.council.demo import NAMES
from services.membership.demo import MEMBERS
from shared.identity import Role
from shared.ids import new_id
from shared.russia.calendar import moscow_date
from tests.council.chamber import API
from tests.harness import Moment, Running, Servers, running


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def demo(servers: Servers) -> AsyncIterator[Running]:
    """The council with its demo, which two replicas laid at the same time."""
    async with running(servers, "council", Moment(), demo=True) as service:
        waiting = [asyncio.create_task(lay(service)) for _ in range(2)]
        joined_on = moscow_date(service.clock()) - timedelta(days=400)
        async with service.runtime.database.transaction() as tx:
            for card in MEMBERS:
                member_id = new_id()
                await heard.know_member(tx, member_id, joined_on, card.kind, card.slug)
                for _ in range(3):
                    await heard.know_person(tx, new_id(), member_id, acts_for_it=True)
            await matters.ready_application(tx, new_id())
            await heard.reach(tx, "demo-heard")
        await asyncio.gather(*waiting)
        yield service


async def lay(service: Running) -> None:
    assert service.runtime.service.demo is not None
    await service.runtime.service.demo(service.runtime)


async def get(service: Running, path: str, **query: Any) -> Any:
    headers = service.as_(new_id(), Role.AUDITOR)
    answer = await service.client.get(f"{API}{path}", headers=headers, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_the_demo_is_laid_once_also_by_two_replicas_and_makes_ready(demo: Running) -> None:
    told = await demo.told()
    await lay(demo)
    assert len(await demo.told()) == len(told)
    ready = await demo.client.get(f"{API}/health/ready")
    assert ready.status_code == 200, ready.text


async def test_the_council_of_the_demo_is_whole(demo: Running) -> None:
    composition = await get(demo, "/composition")
    assert (composition["votes"], composition["lacks"]) == (len(NAMES), [])
    assert [seat["duty"] for seat in composition["seats"][:3]] == ["head", "deputy", "secretary"]
    assert composition["seats"][0]["quota"] == "authority"
    parameters = {item["name"]: item for item in (await get(demo, "/parameters"))["items"]}
    assert parameters["council.notice_working_days"]["value"] == "7"
    assert len((await get(demo, "/duties"))["items"]) == 1
    assert len((await get(demo, "/groups"))["items"]) == 1


async def test_the_demo_has_a_plan_in_force_and_collects_the_next(demo: Running) -> None:
    plans = (await get(demo, "/plans"))["items"]
    assert [plan["status"] for plan in plans] == ["collecting", "in_force"]


async def test_meetings_of_the_demo_were_held_moved_and_called(demo: Running) -> None:
    meetings = (await get(demo, "/meetings"))["items"]
    assert [item["status"] for item in meetings] == [
        "announced",
        "closed",
        "rescheduled",
        "closed",
    ]
    assert [item["number"] for item in meetings[1::2]] in ([2, 1], [1, 1])
    proposals = (await get(demo, "/proposals"))["items"]
    assert [item["status"] for item in proposals] == [
        "refused",
        "submitted",
        "tabled",
        "decided",
    ]
    minutes = await demo.sql("SELECT status FROM minutes ORDER BY id")
    assert [row["status"] for row in minutes] == ["published", "draft"]
    decisions = (await get(demo, "/decisions"))["items"]
    assert len(decisions) == 5
