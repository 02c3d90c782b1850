"""Reports on items of the plan: plan and fact, totals, what is overdue, and the plan's end."""

from datetime import date
from typing import Any

import pytest_asyncio

from tests.council.chamber import Chamber, refused, why
from tests.council.planning import Planning
from tests.harness import Running

DONE = {"outcome": "done", "words": "Открыта, 12 групп записаны."}


@pytest_asyncio.fixture(loop_scope="session")
async def planning(council: Running) -> Planning:
    """A council of fifteen that has no plan yet."""
    return Planning(await Chamber(council).lay())


async def report(planning: Planning, item: dict[str, Any], place: int, **said: Any) -> Any:
    chamber = planning.chamber
    return await chamber.post(
        f"/plan-items/{item['id']}/report", chamber.as_seated(place), **(said or DONE)
    )


async def test_who_answers_reports_and_the_secretary_accepts_or_returns(
    planning: Planning,
) -> None:
    chamber = planning.chamber
    [item] = await planning.in_force(2, indicator="Записано групп", unit="шт.", planned_value=10)
    path = f"/plan-items/{item['id']}"
    assert refused(await report(planning, item, 3)) == (403, "plan-not-yours")
    assert why(await report(planning, item, 2)) == ("body.fact_value", "plan-fact-missing")
    early = await chamber.post(f"{path}/accept-report")
    assert refused(early) == (409, "wrong-status")  # NoReport
    said = {**DONE, "fact_value": 12, "fact_count": 240, "spent_kopecks": 100}
    made = await report(planning, item, 2, **said)
    assert (made.status_code, made.json()["status"]) == (200, "reported")
    assert made.json()["report"]["fact_value"] == 12
    assert refused(await report(planning, item, 2, **said)) == (409, "wrong-status")
    forbidden = await chamber.post(f"{path}/return-report", chamber.as_seated(2), reason="Нет")
    assert forbidden.status_code == 403
    returned = await chamber.post(f"{path}/return-report", reason="Нет приложения.")
    assert returned.json()["report"]["answer"] == "Нет приложения."
    assert (await report(planning, item, 2, **said)).status_code == 200
    accepted = await chamber.post(f"{path}/accept-report")
    assert (accepted.status_code, accepted.json()["status"]) == (200, "done")
    assert await chamber.told("plan_item.reported", "plan_item.returned", "plan_item.accepted") == [
        "plan_item.reported",
        "plan_item.returned",
        "plan_item.reported",
        "plan_item.accepted",
    ]


async def test_what_was_not_done_or_moved_says_why_and_until_when(planning: Planning) -> None:
    [item] = await planning.in_force(2, period=f"{planning.year}-Q1")
    for wrong, field, code in (
        ({"outcome": "partly"}, "body.reason", "plan-reason-missing"),
        ({"outcome": "moved", "reason": "Станок в пути"}, "body.moved_to", "plan-new-time-wrong"),
        (
            {"outcome": "done", "moved_to": f"{planning.year}-Q2"},
            "body.moved_to",
            "plan-new-time-wrong",
        ),
        ({"outcome": "done", "fact_value": 4}, "body.fact_value", "plan-fact-missing"),
    ):
        answer = await report(planning, item, 2, words="Отчёт", **wrong)
        assert why(answer) == (field, code)
    moved = {"outcome": "moved", "words": "Не успели", "reason": "Станок в пути"}
    made = await report(planning, item, 2, **moved, moved_to=f"{planning.year}-12-31")
    assert made.status_code == 200, made.text
    accepted = await planning.chamber.post(f"/plan-items/{item['id']}/accept-report")
    assert (accepted.json()["status"], accepted.json()["moved_until_on"]) == (
        "moved",
        f"{planning.year}-12-31",
    )
    assert (await report(planning, item, 2)).status_code == 200


async def test_nothing_is_reported_of_a_plan_that_is_not_in_force(planning: Planning) -> None:
    await planning.collecting()
    item = await planning.proposed(2)
    early = await report(planning, item, 2)
    assert refused(early) == (409, "wrong-status")  # NothingIsInForce
    await planning.agreed()
    await planning.approve()
    await planning.step("amend", reason="Новое")
    late = await planning.proposed(3)
    assert refused(await report(planning, late, 3)) == (409, "wrong-status")
    assert (await report(planning, item, 2)).status_code == 200


async def test_overdue_items_and_totals_are_known_as_of_any_day(planning: Planning) -> None:
    chamber, year = planning.chamber, planning.year
    await planning.collecting()
    paid = {"source": "F2", "amount_kopecks": 70_000, "period": f"{year}-12"}
    first = await planning.proposed(2, **paid)
    await planning.proposed(3, section="events", source="F1", amount_kopecks=1, period=f"{year}-12")
    await planning.agreed()
    await planning.approve()
    await report(planning, first, 2, **DONE, spent_kopecks=65_000)
    await chamber.post(f"/plan-items/{first['id']}/accept-report")
    path = f"/plans/{planning.plan_id}/totals"
    now = (await chamber.get(path)).json()
    assert (now["overall"]["items"], now["overall"]["done"], now["overall"]["overdue"]) == (2, 1, 0)
    assert (now["overall"]["amount_kopecks"], now["overall"]["spent_kopecks"]) == (70_001, 65_000)
    assert {total["of"]: total["items"] for total in now["by_section"]} == {
        "workshops": 1,
        "events": 1,
    }
    assert {total["of"]: total["amount_kopecks"] for total in now["by_source"]} == {
        "F1": 1,
        "F2": 70_000,
    }
    later = date(year + 1, 1, 1).isoformat()
    then = (await chamber.get(path, on=later)).json()
    assert (then["on"], then["overall"]["overdue"]) == (later, 1)
    overdue = await planning.items(status="overdue", on=later)
    assert [found["section"] for found in overdue] == ["events"]
    assert await planning.items(status="overdue") == []


async def test_a_plan_is_closed_when_every_item_has_an_accepted_report(planning: Planning) -> None:
    chamber = planning.chamber
    first, second = await planning.in_force(2, 3)
    close = f"/plans/{planning.plan_id}/close"
    assert refused(await chamber.post(close)) == (409, "plan-items-open")
    archive = f"/plans/{planning.plan_id}/archive"
    assert refused(await chamber.post(archive)) == (409, "wrong-status")
    await report(planning, first, 2)
    await report(planning, second, 3, outcome="not_done", words="Нет", reason="Нет заявок")
    assert (await chamber.post(close)).json()["items"] == 2
    for item in (first, second):
        await chamber.post(f"/plan-items/{item['id']}/accept-report")
    await planning.step("amend", reason="Поздно")
    assert refused(await chamber.post(close)) == (409, "plan-amendment-open")
    await planning.step("drop-amendment")
    closed = await planning.step("close")
    assert (closed["status"], closed["who_acts"]) == ("reported", "secretary")
    assert refused(await chamber.post(close)) == (409, "wrong-status")
    amend = f"/plans/{planning.plan_id}/amend"
    assert refused(await chamber.post(amend, reason="Поздно")) == (409, "wrong-status")
    assert (await planning.step("archive"))["status"] == "archived"
    assert await chamber.told("plan.reported") == ["plan.reported"]
