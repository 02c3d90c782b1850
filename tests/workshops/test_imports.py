"""Workshops and equipment from files: what is new is opened, what is the same is left alone."""

import asyncio
from typing import Any

import asyncpg
import pytest

from services.workshops.commands.imports import equipment, imports, workshops
from services.workshops.domain.facts import Approval
from shared.identity import Role
from shared.ids import new_id
from shared.imports.files import FileType
from shared.imports.templates import template
from tests.harness import Running
from tests.imports import CSV, XLSX, Importing, csv_of, places, table, xlsx_of
from tests.workshops.facts import Known

SHEET = workshops.SHEET
LETTERS = {column.code: chr(ord("A") + index) for index, column in enumerate(SHEET.columns)}
MACHINES = equipment.SHEET
MACHINE_LETTERS = {
    column.code: chr(ord("A") + index) for index, column in enumerate(MACHINES.columns)
}


@pytest.fixture
def importing(known: Known) -> Importing:
    """The owner's coordinator."""
    return Importing(known.service, known.service.as_(known.owner, Role.COORDINATOR))


def row(name: str, /, **other: Any) -> dict[str, Any]:
    """A new workshop of a new site."""
    return {
        "site": "Полигон",
        "town": "Вязьма",
        "name": name,
        "workplaces": 10,
        "net_kopecks": "380,00",
        **other,
    }


def known_row(**other: Any) -> dict[str, Any]:
    """The workshop that is known, as a file says it."""
    return row(
        "станки  с чпу",
        **{
            "site": "КОРПУС",
            "town": "смоленск",
            "workplaces": 8,
            "net_kopecks": 450,
            "competences": "Фрезерные работы на станках с ЧПУ",
            **other,
        },
    )


def machine(name: str, /, **other: Any) -> dict[str, Any]:
    """A new machine of the workshop that is known."""
    return {"workshop": "Станки с ЧПУ", "name": name, **other}


async def catalogue(service: Running) -> list[dict[str, Any]]:
    """All workshops with everything that can be known of them."""
    listed = await service.client.get("/api/workshops/workshops")
    found = []
    for item in listed.json()["items"]:
        read = await service.client.get(f"/api/workshops/workshops/{item['id']}")
        found.append(read.json())
    return found


async def test_workshops_are_opened_with_their_sites(known: Known, importing: Importing) -> None:
    rows = table(
        SHEET,
        row(
            "Сварка",
            opening_hours="пн-пт 8:30 – 19:20; Сб,вс 10:00-14:00; вс 15:00-24:00",
            approval="сразу",
            competences="Сварочные технологии; welding",
        ),
        row("Кладка", net_kopecks=0),
        row("Сварка", site="Корпус", town="Смоленск"),
    )
    found = await importing.applied("workshops", xlsx_of(rows), XLSX)
    assert found["summary"] == {"added": 3, "changed": 0, "unchanged": 0, "removed": 0}
    opened = {(item["site"]["name"], item["name"]): item for item in await catalogue(known.service)}
    welding = opened["Полигон", "Сварка"]
    assert (welding["workplaces"], welding["approval"]) == (10, "instant")
    assert welding["competences"] == ["welding"]
    assert welding["tariff"] == {"net_kopecks_per_workplace_hour": 38_000}
    assert welding["site"]["town"] == "Вязьма"
    assert welding["opening_hours"][5:] == [
        {"weekday": 5, "opens_at": "10:00", "closes_at": "14:00"},
        {"weekday": 6, "opens_at": "10:00", "closes_at": "14:00"},
        {"weekday": 6, "opens_at": "15:00", "closes_at": "24:00"},
    ]
    assert len(welding["site"]["bells"]) == 6, "the usual bell plan"
    assert opened["Полигон", "Кладка"]["site"]["id"] == welding["site"]["id"]
    assert opened["Полигон", "Кладка"]["approval"] == "manual"
    assert opened["Корпус", "Сварка"]["site"]["id"] == str(known.site)


async def test_a_site_without_hours_opens_as_the_usual_bells_ring(
    known: Known, importing: Importing
) -> None:
    await importing.applied("workshops", csv_of(table(SHEET, row("Сварка"))))
    opened = next(item for item in await catalogue(known.service) if item["name"] == "Сварка")
    assert opened["opening_hours"] == [
        {"weekday": weekday, "opens_at": "08:30", "closes_at": "19:20"} for weekday in range(6)
    ]


async def test_the_same_workshops_twice_change_nothing(known: Known, importing: Importing) -> None:
    data = csv_of(
        table(SHEET, known_row(), row("Сварка", opening_hours="пн 09:00-18:00")), "cp1251", "\t"
    )
    first = await importing.applied("workshops", data)
    assert first["summary"] == {"added": 1, "changed": 0, "unchanged": 1, "removed": 0}
    before = await known.service.told()
    again = await importing.applied("workshops", data)
    assert again["summary"] == {"added": 0, "changed": 0, "unchanged": 2, "removed": 0}
    assert await known.service.told() == before


async def test_another_tariff_is_set_and_nothing_else_is_changed(
    known: Known, importing: Importing
) -> None:
    found = await importing.applied("workshops", csv_of(table(SHEET, known_row(net_kopecks=500))))
    assert found["summary"] == {"added": 0, "changed": 1, "unchanged": 0, "removed": 0}
    (workshop,) = await catalogue(known.service)
    assert workshop["tariff"] == {"net_kopecks_per_workplace_hour": 50_000}

    other = known_row(
        net_kopecks=600,
        workplaces=9,
        approval="сразу",
        competences="Сварочные технологии",
        town="Вязьма",
        opening_hours="пн 09:00-18:00",
    )
    refused = await importing.checked("workshops", csv_of(table(SHEET, other)))
    assert refused["status"] == "refused"
    assert places(refused) == [
        (2, LETTERS["town"], "site-differs"),
        (2, LETTERS["opening_hours"], "site-differs"),
        (2, LETTERS["workplaces"], "workshop-differs"),
        (2, LETTERS["approval"], "workshop-differs"),
        (2, LETTERS["competences"], "workshop-differs"),
    ]
    assert [fault["facts"]["known"] for fault in refused["faults"]] == [
        "Смоленск",
        "пн 08:30-19:20; вт 08:30-19:20; ср 08:30-19:20; чт 08:30-19:20; пт 08:30-19:20;"
        " сб 08:30-19:20",
        8,
        "вручную",
        ["Фрезерные работы на станках с ЧПУ"],
    ]


BAD_WORKSHOPS = {
    "site": ("", "cell-missing"),
    "town": ("", "cell-missing"),
    "name": ("x" * 201, "cell-too-long"),
    "workplaces": ("1001", "cell-out-of-range"),
    "approval": ("потом", "cell-not-in-list"),
    "competences": ("Полёты", "competence-unknown"),
    "net_kopecks": ("1000000,01", "cell-out-of-range"),
}
BAD_HOURS = ("круглосуточно", "пн 8-17", "пт-пн 08:30-17:00", "пн 08:30-25:00", "xx 08:30-17:00")


@pytest.mark.parametrize("code", BAD_WORKSHOPS)
async def test_a_bad_cell_of_a_workshop_is_told_by_line_and_column(
    importing: Importing, code: str
) -> None:
    value, fault_code = BAD_WORKSHOPS[code]
    rows = table(SHEET, row("Сварка"), row("Кладка", **{code: value}))
    found = await importing.checked("workshops", csv_of(rows))
    assert places(found) == [(3, LETTERS[code], fault_code)]


async def test_hours_that_cannot_be_are_told_at_their_column(importing: Importing) -> None:
    rows = [
        row(f"Мастерская {number}", site=f"Корпус {number}", opening_hours=text)
        for number, text in enumerate((*BAD_HOURS, "пн 17:00-08:30", "пн 08:31-17:00"))
    ]
    found = await importing.checked("workshops", csv_of(table(SHEET, *rows)))
    assert [fault[:2] for fault in places(found)] == [
        (line, LETTERS["opening_hours"]) for line in range(2, 9)
    ]
    codes = [code for _, _, code in places(found)]
    assert codes == ["cell-malformed"] * 5 + ["opening-hours-wrong"] * 2


async def test_rows_of_a_new_site_agree_with_each_other(importing: Importing) -> None:
    rows = table(
        SHEET,
        row("Сварка", opening_hours="пн 09:00-18:00"),
        row("Кладка"),
        row("Печь", town="Рославль"),
        row("Клеть", opening_hours="вт 09:00-18:00"),
        row("СВАРКА"),
    )
    found = await importing.checked("workshops", csv_of(rows))
    assert places(found) == [
        (4, LETTERS["town"], "site-differs"),
        (5, LETTERS["opening_hours"], "site-differs"),
        (6, None, "row-twice"),
    ]


async def test_a_site_that_is_there_twice_is_ambiguous(known: Known, importing: Importing) -> None:
    await known.open_round_the_clock(workplaces=2)
    await known.open_round_the_clock(workplaces=2)
    rows = table(SHEET, row("Сварка", site="Круглосуточный", town="Смоленск"))
    found = await importing.checked("workshops", csv_of(rows))
    assert (2, LETTERS["site"], "site-ambiguous") in places(found)
    machines = table(
        MACHINES,
        {"workshop": "Круглые сутки", "name": "Пресс"},
        {"site": "Круглосуточный", "workshop": "Круглые сутки", "name": "Печь"},
    )
    of_machines = await importing.checked("equipment", csv_of(machines))
    assert places(of_machines) == [
        (2, MACHINE_LETTERS["workshop"], "workshop-ambiguous"),
        (3, MACHINE_LETTERS["site"], "site-ambiguous"),
    ]


async def test_another_members_site_is_none_of_ones_own(known: Known, importing: Importing) -> None:
    """A site of the same name is opened for whoever imports; the other's stays as it is."""
    stranger = Importing(known.service, known.service.as_(known.stranger, Role.COORDINATOR))
    found = await stranger.applied("workshops", csv_of(table(SHEET, known_row(workplaces=3))))
    assert found["summary"]["added"] == 1
    owners = {item["owner_id"]: item["workplaces"] for item in await catalogue(known.service)}
    assert owners == {str(known.owner): 8, str(known.stranger): 3}
    machines = csv_of(table(MACHINES, machine("Пресс", site="Полигон")))
    assert places(await stranger.checked("equipment", machines)) == [
        (2, MACHINE_LETTERS["site"], "site-unknown")
    ]


# --- equipment ---------------------------------------------------------------------------------


async def test_machines_are_installed_and_the_same_ones_left_alone(
    known: Known, importing: Importing
) -> None:
    rows = table(
        MACHINES,
        machine("Станок 0", competences="cnc-milling"),
        machine("Пресс № 1", site="корпус", competences="Токарные работы на станках с ЧПУ"),
        machine("Измеритель", is_at_workplace="нет"),
    )
    first = await importing.applied("equipment", csv_of(rows))
    assert first["summary"] == {"added": 2, "changed": 0, "unchanged": 1, "removed": 0}
    (workshop,) = await catalogue(known.service)
    machines = {item["name"]: item for item in workshop["equipment"]}
    assert machines["Пресс № 1"]["competences"] == ["cnc-turning"]
    assert machines["Пресс № 1"]["is_at_workplace"] is True
    assert machines["Измеритель"]["is_at_workplace"] is False
    before = await known.service.told()
    again = await importing.applied("equipment", csv_of(rows))
    assert again["summary"] == {"added": 0, "changed": 0, "unchanged": 3, "removed": 0}
    assert await known.service.told() == before


async def test_a_machine_that_is_known_otherwise_is_told(importing: Importing) -> None:
    rows = table(
        MACHINES,
        machine("СТАНОК 0", competences="Сварочные технологии", is_at_workplace="нет"),
        machine("Пресс", workshop="Кузница"),
        machine("Пресс", site="Полигон"),
        machine("Пила"),
        machine("пила", site="Корпус"),
        machine("", competences="нет такой"),
    )
    found = await importing.checked("equipment", csv_of(rows))
    assert places(found) == [
        (2, MACHINE_LETTERS["competences"], "equipment-differs"),
        (2, MACHINE_LETTERS["is_at_workplace"], "equipment-differs"),
        (3, MACHINE_LETTERS["workshop"], "workshop-unknown"),
        (4, MACHINE_LETTERS["site"], "site-unknown"),
        (6, None, "row-twice"),
        (7, MACHINE_LETTERS["name"], "cell-missing"),
    ]


# --- both --------------------------------------------------------------------------------------


async def test_a_tariff_that_is_set_meanwhile_refuses_the_whole_file(
    known: Known, importing: Importing
) -> None:
    """What nobody could see before: another transaction writes the very same moment's tariff."""
    rows = table(SHEET, row("Сварка"), known_row(net_kopecks=500))
    found = await importing.checked("workshops", csv_of(rows))
    await importing.apply(found["id"])
    postgres = known.service.servers.postgres
    other = await asyncpg.connect(
        postgres.url("artel", postgres.password, known.service.database_name)
    )
    moment = known.service.clock()
    known.service.runtime.database.clock = lambda: moment
    try:
        async with other.transaction():
            await other.execute(
                "INSERT INTO tariffs (id, workshop_id, net_kopecks, valid_from_at)"
                " VALUES ($1, $2, 1, $3)",
                known.network_form,
                known.workshop,
                moment,
            )
            applying = asyncio.create_task(importing.work())
            await asyncio.sleep(0.5)
            assert not applying.done(), "it waits for the other transaction"
        await applying
    finally:
        await other.close()
    refused = await importing.read(found["id"])
    assert (refused["status"], places(refused)) == ("refused", [(3, None, "tariff-stands")])
    assert [item["name"] for item in await catalogue(known.service)] == ["Станки с ЧПУ"]


async def test_only_coordinators_import_workshops(known: Known) -> None:
    data = csv_of(table(SHEET, row("Сварка")))
    for role in set(Role) - {Role.COORDINATOR}:
        someone = Importing(known.service, known.service.as_(known.owner, role))
        assert (await someone.post("workshops", data)).status_code == 403


@pytest.mark.parametrize("kind", imports.kinds, ids=lambda kind: kind.name)
async def test_a_template_is_understood_by_its_own_import(workshops: Running, kind: Any) -> None:
    """Whoever sends it back unfilled is told that it holds no rows."""
    service = workshops
    importing = Importing(service, service.as_(new_id(), Role.COORDINATOR))
    assert {len(column.examples) for column in kind.sheet.columns} == {2}
    for file_type, media_type in ((FileType.CSV, CSV), (FileType.XLSX, XLSX)):
        answer = await service.client.get(
            f"/api/workshops/import-templates/{kind.name}.{file_type}"
        )
        assert answer.status_code == 200
        target = {"site_id": str(new_id())} if kind.has_period else {}
        made = await importing.post(kind.name, answer.content, media_type, **target)
        assert made.json()["code"] == "file-empty", made.text
    template(kind.sheet, FileType.CSV).decode("utf-8-sig").encode("cp1251")


def test_the_words_of_a_file_cover_every_way_of_approval() -> None:
    assert set(workshops.APPROVALS.values()) == set(Approval)
