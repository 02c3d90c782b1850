"""The demo's plan: laid by the same commands, in force after both steps, with reports."""

import pytest_asyncio

from services.council.commands import plans
from services.council.demo_plan import ITEMS, Cast, Person, lay_next_plan, lay_plan, lay_reports
from services.membership.demo import MEMBERS
from shared.ids import new_id
from tests.council.chamber import Chamber
from tests.council.planning import Planning
from tests.harness import Running


@pytest_asyncio.fixture(loop_scope="session")
async def planning(council: Running) -> Planning:
    """A council of fifteen that has no plan yet."""
    return Planning(await Chamber(council).lay())


def cast_of(chamber: Chamber) -> Cast:
    """The people of the demo's members: the first member's person is the head."""
    slugs = ["ministry", *(card.slug for card in MEMBERS if card.slug != "ministry")]
    people = zip(slugs, chamber.people, chamber.members, strict=True)
    return Cast(
        head=Person(chamber.people[0], chamber.members[0]),
        secretary=Person(chamber.secretary, chamber.members[0]),
        coordinators={slug: Person(person, member) for slug, person, member in people},
    )


async def test_r4_3_r6_2_the_demo_works_by_a_plan_of_all_directions(planning: Planning) -> None:
    chamber = planning.chamber
    cast = cast_of(chamber)
    assert 20 <= len(ITEMS) <= 30
    async with chamber.service.runtime.database.transaction() as tx:
        plan_id = await lay_plan(tx, cast, planning.year)
        tx.actor = tx.allowed = None
        await plans.carry_out_approval(tx, plan_id=plan_id, decision_id=new_id())
        await lay_reports(tx, cast, plan_id)
        await lay_next_plan(tx, cast, planning.year + 1)
    planning.plan_id = str(plan_id)
    now = await planning.plan()
    assert (now["status"], now["items"], now["items_without_consent"]) == (
        "in_force",
        len(ITEMS),
        0,
    )
    listed = (await chamber.get("/plans")).json()["items"]
    assert [plan["status"] for plan in listed] == ["collecting", "in_force"]
    totals = (await chamber.get(f"/plans/{plan_id}/totals")).json()
    assert len(totals["by_section"]) == 11
    assert {total["of"] for total in totals["by_source"]} == {"F1", "F2", "F3", "F4", "F5"}
