"""Annual plans at every step: what the walk asks of planning and reporting."""

from typing import Any
from uuid import UUID

from services.council.commands.imports import SHEET
from shared.identity import Role
from tests.architecture.visits import COORDINATOR, SIGNED_IN, Visit, imports_of
from tests.council.chamber import Chamber
from tests.council.planning import Planning
from tests.imports import Importing, csv_of, table

HEAD = frozenset({Role.COUNCIL_HEAD})
OFFICE = frozenset({Role.COUNCIL_SECRETARY, Role.COUNCIL_HEAD, Role.ADMINISTRATOR})
PROPOSERS = OFFICE | COORDINATOR
DONE = {"outcome": "done", "words": "Сделано"}


async def planning(chamber: Chamber) -> tuple[dict[str, UUID | str], dict[str, Any]]:
    """Things and bodies of this part of the council."""
    work = Planning(chamber)
    year = work.year
    await chamber.service.sql("UPDATE members SET slug = 'own' WHERE id = $1", chamber.members[0])
    to_close = await _in_force(work, year - 1, is_reported=True)
    to_archive = await _in_force(work, year - 2, is_reported=False)
    await chamber.service.sql(
        "UPDATE plans SET reported_at = opened_at WHERE id = $1", UUID(to_archive)
    )
    to_amend = await _in_force(work, year - 3, is_reported=False)
    to_drop = await _in_force(work, year - 4, is_reported=False)
    await work.step("amend", reason="Уточнение сроков")
    to_report, to_accept, to_return = await work.in_force(0, 0, 0)
    for item in (to_accept, to_return):
        await _report(chamber, item["id"])
    await work.collecting(year + 2)
    to_edit, to_refuse, to_answer = [await work.proposed(0, period=str(year + 2)) for _ in range(3)]
    collecting = await work.plan()
    row = {"section": "мастерские", "title": "Из файла", "period": str(year + 2)}
    file = csv_of(table(SHEET, {**row, "responsible": "own", "result": "Сделано"}))
    own = chamber.service.as_(chamber.members[0], Role.COORDINATOR)
    made = await Importing(chamber.service, own).checked(
        "plan-items", file, plan_id=collecting["id"]
    )
    things: dict[str, UUID | str] = {
        "plan": collecting["id"],
        "plan to close": to_close,
        "plan to archive": to_archive,
        "plan to amend": to_amend,
        "plan to drop": to_drop,
        "item to edit": to_edit["id"],
        "item to refuse": to_refuse["id"],
        "item to answer": to_answer["id"],
        "item to report": to_report["id"],
        "item to accept": to_accept["id"],
        "item to return": to_return["id"],
        "import": made["id"],
    }
    bodies = {
        "year": {"year": year + 1},
        "until": {"until_on": None},
        "amendment": {"reason": "Уточнение сроков", "until_on": None},
        "agreement": {"sha256": collecting["sha256"]},
        "plan item": work.body(0, period=str(year + 2)),
        "why not": {"reason": "Так вышло"},
        "plan report": DONE,
        "file": file,
        "import": {"kind": "plan-items", "file_name": "план.csv", "plan_id": collecting["id"]},
    }
    return things, bodies


async def _in_force(work: Planning, year: int, *, is_reported: bool) -> str:
    """The id of a plan in force of a year that is over; nobody opens one, so it is moved there."""
    await work.collecting(work.year + 1)
    item = await work.proposed(0, period=str(work.year + 1))
    await work.agreed()
    assert await work.approve() is None
    sql = work.chamber.service.sql
    await sql("UPDATE plans SET year = $2 WHERE id = $1", UUID(work.plan_id), year)
    await sql(
        "UPDATE plan_versions SET in_force_on = approved_on WHERE plan_id = $1",
        UUID(work.plan_id),
    )
    if is_reported:
        await _report(work.chamber, item["id"])
        accepted = await work.chamber.post(f"/plan-items/{item['id']}/accept-report")
        assert accepted.status_code == 200, accepted.text
    return work.plan_id


async def _report(chamber: Chamber, item_id: str) -> None:
    path = f"/plan-items/{item_id}/report"
    answer = await chamber.post(path, chamber.as_seated(0), **DONE)
    assert answer.status_code == 200, answer.text


def _plan(thing: str = "plan") -> dict[str, str]:
    return {"plan_id": thing}


def _item(thing: str) -> dict[str, str]:
    return {"item_id": f"item to {thing}"}


PLANS, ITEMS = "/api/council/plans", "/api/council/plan-items"
PLANNING: dict[str, Visit] = {
    f"POST {PLANS}": Visit(OFFICE, body="year"),
    f"GET {PLANS}": Visit(SIGNED_IN),
    f"GET {PLANS}/{{plan_id}}": Visit(SIGNED_IN, _plan()),
    f"GET {PLANS}/{{plan_id}}/items": Visit(SIGNED_IN, _plan()),
    f"GET {PLANS}/{{plan_id}}/totals": Visit(SIGNED_IN, _plan()),
    f"GET {PLANS}/{{plan_id}}/changes": Visit(SIGNED_IN, _plan()),
    f"GET {PLANS}/{{plan_id}}/plan.xlsx": Visit(SIGNED_IN, _plan()),
    f"GET {PLANS}/{{plan_id}}/report.xlsx": Visit(SIGNED_IN, _plan()),
    f"POST {PLANS}/{{plan_id}}/collect": Visit(OFFICE, _plan(), "until"),
    f"POST {PLANS}/{{plan_id}}/agree": Visit(HEAD, _plan(), "agreement"),
    f"POST {PLANS}/{{plan_id}}/amend": Visit(OFFICE, _plan("plan to amend"), "amendment"),
    f"POST {PLANS}/{{plan_id}}/drop-amendment": Visit(OFFICE, _plan("plan to drop")),
    f"POST {PLANS}/{{plan_id}}/close": Visit(OFFICE, _plan("plan to close")),
    f"POST {PLANS}/{{plan_id}}/archive": Visit(OFFICE, _plan("plan to archive")),
    f"POST {PLANS}/{{plan_id}}/items": Visit(PROPOSERS, _plan(), "plan item"),
    f"GET {ITEMS}/{{item_id}}": Visit(SIGNED_IN, _item("edit")),
    f"PUT {ITEMS}/{{item_id}}": Visit(PROPOSERS, _item("edit"), "plan item"),
    f"POST {ITEMS}/{{item_id}}/refuse": Visit(OFFICE, _item("refuse"), "why not"),
    f"POST {ITEMS}/{{item_id}}/consent": Visit(COORDINATOR, _item("answer")),
    f"POST {ITEMS}/{{item_id}}/decline": Visit(COORDINATOR, _item("answer"), "why not"),
    f"POST {ITEMS}/{{item_id}}/report": Visit(COORDINATOR, _item("report"), "plan report"),
    f"POST {ITEMS}/{{item_id}}/accept-report": Visit(OFFICE, _item("accept")),
    f"POST {ITEMS}/{{item_id}}/return-report": Visit(OFFICE, _item("return"), "why not"),
    **imports_of("council", COORDINATOR, "plan-items"),
}
