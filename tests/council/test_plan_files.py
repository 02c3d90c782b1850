"""The plan as a file, out and in again: no formula, no loss, and nobody's consent but one's own."""

import io
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from openpyxl import load_workbook

from services.council.commands.imports import SHEET
from services.council.records.plan_words import period_cell, period_words
from shared.ids import new_id
from shared.imports.faults import CellIsWrong
from tests.council.chamber import Chamber
from tests.council.planning import Planning
from tests.harness import Running
from tests.imports import XLSX, Importing, csv_of, places, table, xlsx_of


@pytest_asyncio.fixture(loop_scope="session")
async def planning(council: Running) -> Planning:
    """A plan for which items are collected; files call the members m0, m1, m2 …"""
    planning = Planning(await Chamber(council).lay())
    for place, member_id in enumerate(planning.chamber.members):
        await council.sql("UPDATE members SET slug = $2 WHERE id = $1", member_id, f"m{place}")
    await planning.collecting()
    return planning


def row(planning: Planning, **other: Any) -> dict[str, Any]:
    return {
        "section": "мастерские",
        "title": "Открыть мастерскую сварки",
        "period": f"II кв. {planning.year}",
        "responsible": "m2",
        "result": "Мастерская доступна",
        **other,
    }


def importing(planning: Planning, place: int = 2) -> Importing:
    return Importing(planning.chamber.service, planning.chamber.as_seated(place))


async def sheet_of(planning: Planning, path: str, **query: Any) -> list[list[Any]]:
    answer = await planning.chamber.get(f"/plans/{planning.plan_id}/{path}", **query)
    assert (answer.status_code, answer.headers["content-type"]) == (200, XLSX)
    assert "attachment" in answer.headers["content-disposition"]
    page = load_workbook(io.BytesIO(answer.content)).active
    assert page is not None
    return [list(cells) for cells in page.iter_rows(values_only=True)]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("15.03.2027", "2027-03-15"),
        ("март 2027", "2027-03"),
        ("Март 2027 г.", "2027-03"),
        ("I кв. 2027", "2027-Q1"),
        ("4 квартал 2027 года", "2027-Q4"),
        ("в течение 2027 года", "2027"),
        ("2027-Q2", "2027-Q2"),
    ],
)
def test_a_period_is_read_as_people_write_it(said: str, meant: str) -> None:
    assert period_cell().read(said) == meant
    assert period_cell().read(period_words(meant)) == meant


@pytest.mark.parametrize("said", ["весной", "мартобрь 2027", "32.01.2027", "V кв. 2027"])
def test_what_is_no_period_is_a_fault_of_its_cell(said: str) -> None:
    with pytest.raises(CellIsWrong):
        period_cell().read(said)


async def test_items_come_from_a_file_and_the_same_file_twice_changes_nothing(
    planning: Planning,
) -> None:
    given = row(
        planning,
        co_executors="m3; m4",
        source="перечисления работодателей",
        amount_kopecks="1500,50",
        payer="m9",
        planned_count="20",
    )
    data = csv_of(table(SHEET, given, row(planning, title="Второе", period=str(planning.year))))
    found = await importing(planning).applied("plan-items", data, plan_id=planning.plan_id)
    assert found["summary"] == {"added": 2, "changed": 0, "unchanged": 0, "removed": 0}
    [second, first] = sorted(await planning.items(), key=lambda item: item["title"])
    assert (first["amount_kopecks"], first["period"]) == (150_050, f"{planning.year}-Q2")
    said = {consent["member_id"]: consent["status"] for consent in first["consents"]}
    assert said[str(planning.chamber.members[2])] == "given"
    assert said[str(planning.chamber.members[9])] == "asked"  # R7.2
    assert second["consents"][0]["status"] == "given"
    again = await importing(planning).applied("plan-items", data, plan_id=planning.plan_id)
    assert again["summary"]["unchanged"] == 2
    changed = csv_of(table(SHEET, row(planning, result="Работают две мастерские")))
    third = await importing(planning).applied("plan-items", changed, plan_id=planning.plan_id)
    assert third["summary"]["changed"] == 1


async def test_what_is_wrong_in_a_file_is_told_by_line_and_column(planning: Planning) -> None:
    data = xlsx_of(
        table(
            SHEET,
            row(planning, responsible="nobody"),
            row(planning, title="2", period="весной"),
            row(planning, title="3", period=str(planning.year + 1)),
            row(planning, title="4", amount_kopecks="100"),
            row(planning, title="5", section="прочее"),
        )
    )
    found = await importing(planning).checked("plan-items", data, XLSX, plan_id=planning.plan_id)
    assert found["status"] == "refused"
    assert {(line, code) for line, _, code in places(found)} == {
        (2, "plan-member-unknown"),
        (3, "plan-period-wrong"),
        (4, "plan-period-outside"),
        (5, "plan-funding-wrong"),
        (6, "cell-not-in-list"),
    }
    assert await planning.items() == []


async def test_a_file_may_not_do_what_its_bringer_may_not(planning: Planning) -> None:
    await planning.proposed(2, title="Открыть мастерскую сварки", period=str(planning.year))
    data = csv_of(table(SHEET, row(planning, responsible="m2")))
    found = await importing(planning, 5).checked("plan-items", data, plan_id=planning.plan_id)
    ordered = await importing(planning, 5).apply(found["id"])
    assert ordered.status_code == 200
    await importing(planning, 5).work()
    refused = await importing(planning, 5).read(found["id"])
    assert (refused["status"], refused["faults"][0]["code"]) == ("refused", "plan-not-yours")
    nothing = await importing(planning).post("plan-items", data, plan_id=str(new_id()))
    assert nothing.status_code == 404
    await planning.agreed()
    await planning.approve()
    late = await importing(planning).checked("plan-items", data, plan_id=planning.plan_id)
    assert (late["status"], late["faults"][0]["code"]) == ("refused", "wrong-status")


async def test_the_plan_as_a_file_has_no_formula_and_can_be_brought_again(
    planning: Planning,
) -> None:
    evil = '=HYPERLINK("http://evil.example","x")'
    paid = {"source": "F2", "amount_kopecks": 150_050, "payer_member_id": None}
    await planning.proposed(2, title=evil, place="+7 4812", **paid)
    await planning.proposed(2, title="Второе", period=f"{planning.year}-03-15")
    rows = await sheet_of(planning, "plan.xlsx")
    assert rows[0] == [column.header for column in SHEET.columns]
    assert {line[1] for line in rows[1:]} == {evil, "Второе"}
    answer = await planning.chamber.get(f"/plans/{planning.plan_id}/plan.xlsx")
    book = load_workbook(io.BytesIO(answer.content))
    assert all(cell.data_type != "f" for line in book.active.iter_rows() for cell in line)
    found = await importing(planning).checked(
        "plan-items", answer.content, XLSX, plan_id=planning.plan_id
    )
    assert (found["status"], found["summary"]["unchanged"]) == ("checked", 2), found["faults"]


async def test_the_report_as_a_file_has_plan_and_fact_side_by_side(planning: Planning) -> None:
    item = await planning.proposed(
        2, indicator="Групп", unit="шт.", planned_value=10, source="F3", amount_kopecks=1_000
    )
    await planning.agreed()
    await planning.approve()
    said = {"outcome": "done", "words": "Сделано", "fact_value": 12, "spent_kopecks": 900}
    made = await planning.chamber.post(
        f"/plan-items/{item['id']}/report", planning.chamber.as_seated(2), **said
    )
    assert made.status_code == 200, made.text
    head, line = await sheet_of(planning, "report.xlsx")
    told = dict(zip(head, line, strict=True))
    assert (told["План"], told["Факт"], told["Намечено, руб."], told["Потрачено, руб."]) == (
        10,
        12,
        10,
        9,
    )
    assert (told["Состояние"], told["Ответственный"]) == ("отчёт на проверке", "m2")
    missing = await planning.chamber.get(f"/plans/{UUID(int=0)}/report.xlsx")
    assert missing.status_code == 404
