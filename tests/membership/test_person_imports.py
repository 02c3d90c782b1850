"""Persons from files: every row is checked first, and all of them are written or none."""

from typing import Any

import pytest

from services.membership.commands.person_imports import SHEET
from tests.imports import XLSX, Importing, csv_of, places, table, xlsx_of
from tests.membership.cluster import API, Cluster
from tests.membership.persons import added, enrolled, student

LETTERS = {column.code: chr(ord("A") + index) for index, column in enumerate(SHEET.columns)}


def row(**other: Any) -> dict[str, Any]:
    """A student as an office writes one down."""
    return {
        "family_name": "Семёнов",
        "given_name": "Пётр",
        "patronymic": "Ильич",
        "kind": "Студент",
        "unit": "ОС-21",
        "from_on": "01.09.2026",
        "to_on": "30.06.2030",
        **other,
    }


FILE = (
    row(),
    row(family_name="Белова", given_name="Анна", patronymic="", email="Belova@artel.demo"),
    row(family_name="Юдин", kind="мастер", unit="", from_on="", to_on=""),
)


@pytest.fixture
def importing(cluster: Cluster) -> Importing:
    """The college's coordinator."""
    return Importing(cluster.service, cluster.as_college(), "/person-imports")


async def names(cluster: Cluster) -> list[tuple[Any, ...]]:
    listed = (await cluster.get("/persons", cluster.as_college())).json()["items"]
    return [
        (each["family_name"], each["email"], affiliation["kind"], affiliation["unit"])
        for each in listed
        for affiliation in each["affiliations"]
    ]


@pytest.mark.parametrize("media_type", ["text/csv", XLSX])
async def test_persons_are_entered_from_a_file_and_once(
    cluster: Cluster, importing: Importing, media_type: str
) -> None:
    rows = table(SHEET, *FILE)
    data = xlsx_of(rows) if media_type == XLSX else csv_of(rows)
    found = await importing.applied("persons", data, media_type)
    assert found["summary"] == {"added": 3, "changed": 0, "unchanged": 0, "removed": 0}
    assert await names(cluster) == [
        ("Белова", "belova@artel.demo", "student", "ОС-21"),
        ("Семёнов", None, "student", "ОС-21"),
        ("Юдин", None, "instructor", None),
    ]
    told = len(await cluster.service.told())
    cluster.service.clock.pass_(days=1)
    importing.headers = cluster.as_college()
    again = await importing.applied("persons", data, media_type)
    assert again["summary"] == {"added": 0, "changed": 0, "unchanged": 3, "removed": 0}
    assert len(await cluster.service.told()) == told, "the same file twice tells nothing"


async def test_a_file_with_other_days_changes_them_and_leaves_what_it_does_not_say(
    cluster: Cluster, importing: Importing
) -> None:
    await importing.applied("persons", csv_of(table(SHEET, row())))
    later = row(family_name="Семенов", unit="", to_on="31.08.2030", email="s@artel.demo")
    found = await importing.applied("persons", csv_of(table(SHEET, later)))
    assert found["summary"]["changed"] == 1
    listed = (await cluster.get("/persons", cluster.as_college())).json()["items"]
    [person] = [each for each in listed if each["affiliations"]]
    assert (person["email"], person["version"]) == ("s@artel.demo", 2)
    [affiliation] = person["affiliations"]
    assert (affiliation["unit"], affiliation["to_on"]) == ("ОС-21", "2030-08-31")


async def test_one_file_tells_two_things_of_one_person(
    cluster: Cluster, importing: Importing
) -> None:
    both = (row(), row(kind="наставник", unit="", to_on=""))
    found = await importing.applied("persons", csv_of(table(SHEET, *both)))
    assert found["summary"]["added"] == 2
    listed = (await cluster.get("/persons", cluster.as_college())).json()["items"]
    kinds = [sorted(a["kind"] for a in each["affiliations"]) for each in listed]
    assert ["mentor", "student"] in kinds


async def test_namesakes_are_told_apart_by_address_alone(
    cluster: Cluster, importing: Importing
) -> None:
    await enrolled(cluster, email="one@artel.demo")
    await enrolled(cluster, email="two@artel.demo")
    found = await importing.checked("persons", csv_of(table(SHEET, row())))
    assert places(found) == [(2, None, "person-ambiguous")]
    found = await importing.applied(
        "persons", csv_of(table(SHEET, row(to_on="", email="two@artel.demo")))
    )
    assert found["summary"]["unchanged"] == 1
    fresh = (row(family_name="Ли", email="a@artel.demo"), row(family_name="Ли", kind="эксперт"))
    third = row(family_name="Ли", email="b@artel.demo")
    checked = await importing.checked("persons", csv_of(table(SHEET, fresh[0], third, fresh[1])))
    assert checked["status"] == "checked"
    await importing.apply(checked["id"])
    await importing.work()
    refused = await importing.read(checked["id"])
    assert (refused["status"], places(refused)) == ("refused", [(4, None, "person-ambiguous")])
    assert "Ли" not in {each[0] for each in await names(cluster)}, "all of it, or nothing"


@pytest.mark.parametrize(
    ("code", "value", "fault"),
    [
        ("family_name", "", "cell-missing"),
        ("given_name", "я" * 101, "cell-too-long"),
        ("email", "почта", "cell-malformed"),
        ("kind", "гость", "cell-not-in-list"),
        ("from_on", "31.02.2026", "cell-not-a-date"),
        ("to_on", "01.08.2026", "affiliation-term"),
        ("from_on", "01.09.2199", "affiliation-term"),
    ],
)
async def test_a_bad_cell_of_a_person_is_told_by_line_and_column(
    importing: Importing, code: str, value: str, fault: str
) -> None:
    extra = {"to_on": ""} if code == "from_on" else {}
    bad = row(family_name="Белова", **extra) | {code: value}
    found = await importing.checked("persons", csv_of(table(SHEET, row(), bad)))
    assert found["status"] == "refused"
    assert places(found) == [(3, LETTERS[code], fault)]


async def test_what_is_over_or_runs_into_another_is_told_by_its_row(
    cluster: Cluster, importing: Importing
) -> None:
    over = {"kind": "student", "from_on": "2025-09-01", "to_on": "2025-12-31"}
    made = await added(cluster, student(affiliation=over))
    body = {"kind": "student", "from_on": "2026-03-01"}
    path = f"/persons/{made['person_id']}/affiliations"
    assert (await cluster.post(path, cluster.as_college(), **body)).status_code == 201
    for from_on, to_on, code in (
        ("01.10.2025", "01.11.2025", "affiliation-over"),
        ("01.10.2025", "01.11.2027", "affiliation-overlaps"),
    ):
        data = csv_of(table(SHEET, row(from_on=from_on, to_on=to_on)))
        found = await importing.checked("persons", data)
        assert places(found) == [(2, None, code)]


async def test_persons_are_brought_by_coordinators_and_seen_by_no_administrator(
    cluster: Cluster, importing: Importing
) -> None:
    found = await importing.ready("persons", csv_of(table(SHEET, row())))
    administrator = Importing(cluster.service, cluster.as_administrator(), "/person-imports")
    assert (await administrator.post("persons", csv_of(table(SHEET, row())))).status_code == 403
    for path in ("person-imports", "imports"):
        read = await cluster.get(f"/{path}/{found}", cluster.as_administrator())
        assert read.status_code == 404
    template = await cluster.service.client.get(f"{API}/import-templates/persons.csv")
    assert "Фамилия" in template.content.decode("utf-8-sig")
