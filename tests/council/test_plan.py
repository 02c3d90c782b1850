"""The annual plan through HTTP: both steps (R6.2, R6.3, I4), free will (R7.2), amendments."""

import asyncio
import json
from typing import Any
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio

from shared.identity import Role
from shared.ids import new_id
from tests.council.chamber import Chamber, refused, why
from tests.council.planning import Planning
from tests.harness import Running


@pytest_asyncio.fixture(loop_scope="session")
async def planning(council: Running) -> Planning:
    """A council of fifteen that has no plan yet."""
    return Planning(await Chamber(council).lay())


# --- collecting ----------------------------------------------------------------------------------


async def test_r6_2_the_secretary_opens_one_plan_for_each_year(planning: Planning) -> None:
    chamber = planning.chamber
    await planning.opened()
    now = await planning.plan()
    assert (now["status"], now["who_acts"], now["shown_number"]) == ("draft", "secretary", 1)
    assert refused(await chamber.post("/plans", year=planning.year)) == (409, "plan-exists")
    for year in (planning.year - 1, planning.year + 6):
        assert why(await chamber.post("/plans", year=year)) == ("body.year", "plan-year-wrong")
    assert refused(await chamber.post("/plans", chamber.as_seated(4), year=2030)) == (
        403,
        "role-missing",
    )
    stranger = chamber.service.as_(chamber.members[3], Role.COUNCIL_SECRETARY)
    refusal = await chamber.post("/plans", stranger, year=planning.year + 1)
    assert refusal.status_code == 403
    await planning.opened(planning.year + 1)
    listed = (await chamber.get("/plans", limit=1)).json()
    assert [plan["year"] for plan in listed["items"]] == [planning.year + 1]
    rest = (await chamber.get("/plans", cursor=listed["next_cursor"])).json()
    assert [plan["year"] for plan in rest["items"]] == [planning.year]


async def test_r6_2_any_member_puts_items_forward_while_they_are_collected(
    planning: Planning,
) -> None:
    chamber = planning.chamber
    await planning.opened()
    path = f"/plans/{planning.plan_id}/items"
    early = await chamber.post(path, chamber.as_seated(2), **planning.body())
    assert refused(early) == (409, "wrong-status")
    await chamber.post(path, **planning.body())  # the secretary may at any time
    past = await chamber.post(f"/plans/{planning.plan_id}/collect", until_on=chamber.day(-1))
    assert why(past) == ("body.until_on", "plan-last-day-past")
    await planning.step("collect", until_on=chamber.day(3))
    item = await planning.proposed(5)
    outsider = await chamber.post(path, chamber.as_outsider(), **planning.body(14))
    assert outsider.status_code == 201
    chamber.service.clock.pass_(days=4)
    late = await chamber.post(path, chamber.as_seated(2), **planning.body())
    assert refused(late) == (409, "plan-collecting-over")
    assert (await chamber.post(path, **planning.body())).status_code == 201
    await planning.step("collect", until_on=chamber.day(9))
    await planning.proposed(6)
    assert [found["label"] for found in await planning.items()] == [f"4.{n}" for n in range(1, 6)]
    own = await planning.items(member_id=str(chamber.members[5]))
    assert [found["id"] for found in own] == [item["id"]]
    assert await chamber.told("plan.collecting") == ["plan.collecting"] * 2


async def test_an_item_is_checked_field_by_field_and_names_members_alone(
    planning: Planning,
) -> None:
    chamber = planning.chamber
    await planning.collecting()
    path, asking = f"/plans/{planning.plan_id}/items", chamber.as_seated(2)
    for wrong, field, code in (
        ({"period": "весной"}, "body.period", "plan-period-wrong"),
        ({"period": str(planning.year + 1)}, "body.period", "plan-period-outside"),
        ({"amount_kopecks": 5}, "body.amount_kopecks", "plan-funding-wrong"),
        ({"unit": "чел."}, "body.planned_value", "plan-indicator-wrong"),
        (
            {"co_executor_ids": [str(chamber.members[2])]},
            "body.co_executor_ids",
            "plan-member-twice",
        ),
    ):
        answer = await chamber.post(path, asking, **planning.body(**wrong))
        assert (answer.status_code, why(answer)) == (422, (field, code))
    answer = await chamber.post(path, asking, **planning.body(responsible_member_id=str(new_id())))
    assert refused(answer) == (409, "plan-member-not-active")


async def test_the_secretary_leaves_an_item_out_and_the_reason_is_kept(planning: Planning) -> None:
    chamber = planning.chamber
    await planning.collecting()
    item = await planning.proposed(3)
    path = f"/plan-items/{item['id']}"
    asking = chamber.as_seated(3)
    assert refused(await chamber.post(f"{path}/refuse", asking, reason="Нет")) == (
        403,
        "role-missing",
    )
    reason = "Уже стоит в плане колледжа."
    left_out = await chamber.post(f"{path}/refuse", reason=reason)
    assert (left_out.status_code, left_out.json()["refusal"]) == (200, reason)
    assert refused(await chamber.post(f"{path}/refuse", reason=reason)) == (409, "wrong-status")
    answer = await chamber.post(f"{path}/consent", asking)
    assert refused(answer) == (409, "wrong-status")  # ItemIsRefused
    assert await planning.items() == []
    [kept] = await planning.items(is_refused=True)
    assert (kept["refusal"], kept["label"]) == (reason, None)
    told = await chamber.service.told("council.plan_item.refused.v1")
    assert json.loads(told[0]["body"])["proposed_by_member_id"] == str(chamber.members[3])
    assert reason not in json.dumps([dict(row) for row in told], default=str)
    mended = await chamber.service.client.put(
        f"/api/council{path}", json=planning.body(3, title="Иначе"), headers=asking
    )
    assert (mended.status_code, mended.json()["refusal"]) == (200, None)
    assert [found["title"] for found in await planning.items()] == ["Иначе"]


async def test_a_plan_takes_a_thousand_items_and_no_more(planning: Planning) -> None:
    await planning.collecting()
    await planning.proposed(2)
    await planning.chamber.service.sql(
        "WITH made AS (INSERT INTO plan_items SELECT gen_random_uuid(), plan_id,"
        "  proposed_by_member_id, proposed_by, proposed_at FROM plan_items,"
        "  generate_series(1, 999) RETURNING id, plan_id)"
        " INSERT INTO plan_lines (item_id, plan_id, number, section, title, period, first_on,"
        "  last_on, responsible_member_id, co_executor_ids, result, revision)"
        " SELECT made.id, made.plan_id, 1, section, title, period, first_on, last_on,"
        "  responsible_member_id, co_executor_ids, result, 1 FROM made, plan_lines"
    )
    full = await planning.chamber.post(f"/plans/{planning.plan_id}/items", **planning.body())
    assert refused(full) == (409, "plan-full")
    page = await planning.chamber.get(f"/plans/{planning.plan_id}/items", limit=200)
    second = await planning.chamber.get(
        f"/plans/{planning.plan_id}/items", limit=200, cursor=page.json()["next_cursor"]
    )
    labels = [found["label"] for found in (*page.json()["items"], *second.json()["items"])]
    assert labels == [f"4.{number}" for number in range(1, 401)]


# --- R7.2 ----------------------------------------------------------------------------------------


async def test_r7_2_nobody_commits_another_member_or_its_money(planning: Planning) -> None:
    chamber = planning.chamber
    await planning.collecting()
    item = await planning.proposed(
        2,
        source="F2",
        amount_kopecks=5_000_000,
        payer_member_id=str(chamber.members[9]),
        co_executor_ids=[str(chamber.members[3])],
    )
    said = {found["member_id"]: found["status"] for found in item["consents"]}
    assert said == {
        str(chamber.members[2]): "given",
        str(chamber.members[3]): "asked",
        str(chamber.members[9]): "asked",
    }
    [named] = await chamber.service.told("council.plan_item.named.v1")
    asked = {str(chamber.members[3]), str(chamber.members[9])}
    assert set(json.loads(named["body"])["member_ids"]) == asked
    now = await planning.plan()
    assert (now["items_without_consent"], now["who_acts"]) == (1, "named_members")
    agree = f"/plans/{planning.plan_id}/agree"
    early = await chamber.post(agree, chamber.as_head(), sha256=now["sha256"])
    assert refused(early) == (409, "plan-consent-missing")
    path = f"/plan-items/{item['id']}"
    nobody = await chamber.post(f"{path}/consent", chamber.as_seated(4))
    assert refused(nobody) == (409, "plan-not-named")
    assert (await planning.items(waits_for=str(chamber.members[9])))[0]["id"] == item["id"]
    for place in (3, 9):
        answer = await chamber.post(f"{path}/consent", chamber.as_seated(place))
        assert answer.status_code == 200
    assert await planning.items(waits_for=str(chamber.members[9])) == []
    assert (await planning.plan())["who_acts"] == "head"


async def test_r7_2_a_change_of_what_was_promised_asks_anew(planning: Planning) -> None:
    chamber = planning.chamber
    await planning.collecting()
    item = await planning.proposed(2, source="F3", amount_kopecks=100)
    path = f"/api/council/plan-items/{item['id']}"

    async def put(**other: Any) -> dict[str, Any]:
        answer = await chamber.service.client.put(
            path, json=planning.body(2, **other), headers=chamber.as_secretary()
        )
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    better = await put(source="F3", amount_kopecks=100, place="Смоленск")
    assert better["consents"][0]["status"] == "given"
    dearer = await put(source="F3", amount_kopecks=200, place="Смоленск")
    assert dearer["consents"][0]["status"] == "asked"
    yes = await chamber.post(f"/plan-items/{item['id']}/consent", chamber.as_seated(2))
    assert yes.json()["consents"][0]["status"] == "given"
    no = await chamber.post(
        f"/plan-items/{item['id']}/decline", chamber.as_seated(2), reason="Нет средств."
    )
    assert no.json()["consents"][0] == {
        "member_id": str(chamber.members[2]),
        "status": "declined",
        "reason": "Нет средств.",
    }
    assert (await planning.plan())["items_without_consent"] == 1


async def test_an_item_is_mended_by_its_own_people_and_never_over_anothers_change(
    planning: Planning,
) -> None:
    chamber = planning.chamber
    await planning.collecting()
    item = await planning.proposed(2)
    client, path = chamber.service.client, f"/api/council/plan-items/{item['id']}"
    body = planning.body(2, place="Вязьма")
    others = await client.put(path, json=body, headers=chamber.as_seated(3))
    assert refused(others) == (403, "plan-not-yours")
    tag = {"If-Match": f'"{item["version"]}"'}
    mended = await client.put(path, json=body, headers={**chamber.as_seated(2), **tag})
    assert (mended.status_code, mended.json()["place"]) == (200, "Вязьма")
    stale = await client.put(path, json=body, headers={**chamber.as_seated(2), **tag})
    assert refused(stale) == (412, "changed-meanwhile")
    assert (await client.put(f"/api/council/plan-items/{new_id()}", json=body)).status_code == 401


# --- both steps ----------------------------------------------------------------------------------


async def test_i4_a_plan_is_in_force_after_both_the_head_and_the_council(
    planning: Planning,
) -> None:
    """R6.3, then R6.2: neither is enough."""
    chamber = planning.chamber
    await planning.collecting()
    assert await planning.approve() == "plan-not-agreed"
    empty = await planning.plan()
    agree = f"/plans/{planning.plan_id}/agree"
    for headers, code in ((chamber.as_deputy(), 403), (chamber.as_secretary(), 403)):
        answer = await chamber.post(agree, headers, sha256=empty["sha256"])
        assert answer.status_code == code
    nothing = await chamber.post(agree, chamber.as_head(), sha256=empty["sha256"])
    assert refused(nothing) == (409, "plan-empty")
    item = await planning.proposed(2, source="F1", amount_kopecks=100)
    stale = await chamber.post(agree, chamber.as_head(), sha256=empty["sha256"])
    assert refused(stale) == (409, "plan-changed")
    assert await planning.approve() == "plan-not-agreed"
    agreed = await planning.agreed()
    assert (agreed["status"], agreed["who_acts"]) == ("agreed_by_head", "council")
    assert agreed["in_force_number"] is None
    assert await planning.approve(sha256="0" * 64) == "plan-changed"
    assert await planning.approve(str(new_id())) == "unknown-plan"
    assert await planning.approve("") == "unknown-plan"
    decision_id = new_id()
    assert await planning.approve(sha256=agreed["sha256"], decision_id=decision_id) is None
    now = await planning.plan()
    assert (now["status"], now["in_force_number"]) == ("in_force", 1)
    assert now["versions"][0]["decision_id"] == str(decision_id)
    assert await planning.approve() == "unknown-plan"
    assert await chamber.told() == [
        "seat.taken",
        *["seat.taken"] * 15,
        "plan.collecting",
        "plan.agreed",
        "plan.approved",
        "plan.entered_force",
        "plan_item.scheduled",
    ]
    [told] = await chamber.service.told("council.plan_item.scheduled.v1")
    body = json.loads(told["body"])
    assert (body["item_id"], body["amount_kopecks"]) == (item["id"], 100)
    assert body["payer_member_id"] == str(chamber.members[2])
    late = await chamber.post(
        f"/plan-items/{item['id']}/decline", chamber.as_seated(2), reason="Передумали"
    )
    assert refused(late) == (409, "wrong-status")


async def test_i4_the_database_itself_keeps_a_plan_out_of_force_without_both(
    planning: Planning,
) -> None:
    await planning.collecting()
    item = await planning.proposed(2)
    sql = planning.chamber.service.sql
    decided = "decision_id = gen_random_uuid(), approved_on = '2027-01-01'"
    for wrong in (
        "in_force_on = '2027-01-01'",
        decided,
        f"{decided}, in_force_on = '2027-01-01'",
    ):
        with pytest.raises(asyncpg.CheckViolationError):
            await sql(f"UPDATE plan_versions SET {wrong}")
    await planning.agreed()
    with pytest.raises(asyncpg.CheckViolationError):
        await sql("UPDATE plan_versions SET in_force_on = '2027-01-01'")
    for change in (
        "UPDATE plan_lines SET amount_kopecks = 1, source = 'F1'",
        "UPDATE plan_lines SET refused_at = opened_at, refusal = '' FROM plans",
        "DELETE FROM plan_lines",
    ):
        with pytest.raises((asyncpg.RestrictViolationError, asyncpg.ForeignKeyViolationError)):
            await sql(change)
    assert (await planning.items())[0]["id"] == item["id"]


async def test_r6_3_what_is_changed_after_the_agreement_needs_it_anew(planning: Planning) -> None:
    chamber = planning.chamber
    await planning.collecting()
    item = await planning.proposed(2)
    await planning.proposed(3)
    changes: list[Any] = [
        lambda: chamber.post(f"/plans/{planning.plan_id}/items", **planning.body(4)),
        lambda: chamber.service.client.put(
            f"/api/council/plan-items/{item['id']}",
            json=planning.body(2, place="Рославль"),
            headers=chamber.as_secretary(),
        ),
        lambda: chamber.post(
            f"/plan-items/{item['id']}/decline", chamber.as_seated(2), reason="Нет людей."
        ),
        lambda: chamber.post(f"/plan-items/{item['id']}/refuse", reason="Не согласен исполнитель."),
    ]
    for number, change in enumerate(changes):
        for found in await planning.items():
            place = chamber.members.index(UUID(found["responsible_member_id"]))
            await chamber.post(f"/plan-items/{found['id']}/consent", chamber.as_seated(place))
        await planning.agreed()
        answer = await change()
        assert answer.status_code in (200, 201), answer.text
        now = await planning.plan()
        assert (now["status"], now["versions"][0]["agreed_by"]) == ("collecting", None)
        assert await planning.approve() == "plan-not-agreed"
        told = await chamber.told("plan.reopened")
        assert len(told) == number + 1
    late = await chamber.post(
        f"/plans/{planning.plan_id}/items", chamber.as_seated(5), **planning.body(5)
    )
    assert late.status_code == 201


async def test_the_head_agrees_to_nothing_that_names_one_who_has_left(planning: Planning) -> None:
    chamber = planning.chamber
    await planning.collecting()
    await planning.proposed(4)
    await chamber.service.sql(
        "UPDATE members SET withdrawn_on = $2 WHERE id = $1", chamber.members[4], chamber.today
    )
    now = await planning.plan()
    answer = await chamber.post(
        f"/plans/{planning.plan_id}/agree", chamber.as_head(), sha256=now["sha256"]
    )
    assert refused(answer) == (409, "plan-member-not-active")


async def test_a_plan_for_next_year_enters_force_on_its_first_day_and_is_told_once(
    planning: Planning,
) -> None:
    chamber = planning.chamber
    await planning.collecting(planning.year + 1)
    await planning.proposed(2, period=str(planning.year + 1))
    await planning.agreed()
    assert await planning.approve() is None
    assert (await planning.plan())["status"] == "approved"
    assert await chamber.service.due() == 0
    year = planning.year + 1
    days = (chamber.today.replace(year=year, month=1, day=1) - chamber.today).days
    chamber.service.clock.pass_(days=days)
    assert (await planning.plan())["status"] == "in_force"
    assert await chamber.service.due() == 1
    assert await chamber.service.due() == 0
    assert (await chamber.told())[-2:] == ["plan.entered_force", "plan_item.scheduled"]


async def test_two_who_change_a_plan_at_once_come_one_after_the_other(planning: Planning) -> None:
    await planning.collecting()
    await planning.proposed(2)
    now = await planning.plan()
    head = planning.chamber.as_head()
    path = f"/plans/{planning.plan_id}/agree"
    answers = await asyncio.gather(
        *(planning.chamber.post(path, head, sha256=now["sha256"]) for _ in range(5)),
        *(planning.proposed(place) for place in range(3, 6)),
        return_exceptions=True,
    )
    assert len(answers) == 8
    after = await planning.plan()
    [version] = after["versions"]
    assert version["agreed_sha256"] in (None, after["sha256"])


# --- amendments ----------------------------------------------------------------------------------


async def test_an_amendment_goes_the_same_two_steps_and_its_history_is_readable(
    planning: Planning,
) -> None:
    chamber = planning.chamber
    first, second = await planning.in_force(2, 3)
    amend = f"/plans/{planning.plan_id}/amend"
    opened = await chamber.post(amend, reason="Станки придут позже.")
    assert (opened.json()["status"], opened.json()["waiting_number"]) == ("in_force", 2)
    assert opened.json()["who_acts"] == "head"
    assert refused(await chamber.post(amend, reason="Ещё")) == (409, "plan-amendment-open")
    later = f"{planning.year}-12"
    answer = await chamber.service.client.put(
        f"/api/council/plan-items/{first['id']}",
        json=planning.body(2, period=later),
        headers=chamber.as_seated(2),
    )
    assert answer.status_code == 200, answer.text
    await chamber.post(f"/plan-items/{second['id']}/refuse", reason="Снято.")
    third = await planning.proposed(4)
    in_force = await planning.items(number=1)
    assert {found["id"] for found in in_force} == {first["id"], second["id"]}
    assert await planning.approve() == "plan-not-agreed"
    await planning.agreed()
    assert (await planning.plan())["in_force_number"] == 1
    assert await planning.approve() is None
    now = await planning.plan()
    assert (now["in_force_number"], [v["status"] for v in now["versions"]]) == (
        2,
        ["superseded", "in_force"],
    )
    changes = await chamber.get(f"/plans/{planning.plan_id}/changes", number=2)
    told = {(found["item_id"], found["change"]) for found in changes.json()["items"]}
    assert told == {
        (first["id"], "changed"),
        (second["id"], "removed"),
        (third["id"], "added"),
    }
    [changed] = [found for found in changes.json()["items"] if found["change"] == "changed"]
    assert changed["fields"] == ["period"]
    assert (changed["before"], changed["after"]) == (
        {"period": str(planning.year)},
        {"period": later},
    )
    begun = await chamber.get(f"/plans/{planning.plan_id}/changes", number=1)
    assert {found["change"] for found in begun.json()["items"]} == {"added"}
    unknown = await chamber.get(f"/plans/{planning.plan_id}/changes", number=9)
    assert unknown.status_code == 404
    assert (await chamber.told())[-5:] == [
        "plan.entered_force",
        "plan.amended",
        "plan_item.scheduled",
        "plan_item.scheduled",
        "plan_item.dropped",
    ]


async def test_an_amendment_may_be_given_up_and_a_plan_may_not(planning: Planning) -> None:
    chamber = planning.chamber
    await planning.collecting()
    drop = f"/plans/{planning.plan_id}/drop-amendment"
    assert refused(await chamber.post(drop)) == (409, "wrong-status")
    amend = f"/plans/{planning.plan_id}/amend"
    assert refused(await chamber.post(amend, reason="Рано")) == (409, "wrong-status")
    await planning.proposed(2)
    await planning.agreed()
    await planning.approve()
    assert refused(await chamber.post(drop)) == (409, "wrong-status")  # NoAmendment
    await planning.step("amend", reason="Уточнение")
    dropped = await planning.step("drop-amendment")
    assert (dropped["waiting_number"], dropped["in_force_number"]) == (None, 1)
    assert [version["status"] for version in dropped["versions"]] == ["in_force", "dropped"]
    again = await planning.step("amend", reason="Другое уточнение")
    assert again["waiting_number"] == 3
