"""Imports in the chassis: made, checked in bites, applied whole or not at all, and forgotten."""

import asyncio
from typing import Any

import asyncpg
import pytest

from contracts.workshops import SiteOpened
from shared.database import Transaction
from shared.identity import Role
from shared.ids import new_id
from shared.imports.kinds import BITE
from shared.imports.records import FAULTS_MAX, WAITING_MAX
from tests.harness import until
from tests.imports import CSV, ICS, XLSX, Importing, csv_of, places
from tests.shared.imports.conftest import Shop
from tests.shared.imports.sample import EXAMPLE, HEADER


def shoes(*names: str, size: Any = 42) -> bytes:
    """A file of shoes of these names."""
    rows = [[name, f"{number:04}", size, "", "", ""] for number, name in enumerate(names, 1000)]
    return csv_of([HEADER, *rows])


MANY = [f"пара {number}" for number in range(2 * BITE + 100)]


# --- checking ----------------------------------------------------------------------------------


async def test_a_file_is_checked_in_bites_and_its_progress_is_seen(
    shop: Shop, clerk: Importing
) -> None:
    made = await clerk.post("shoes", shoes(*MANY), file_name="обувь.csv")
    assert made.status_code == 201
    body = made.json()
    assert made.headers["Location"] == f"/api/workshops/imports/{body['id']}"
    assert (body["status"], body["rows_total"], body["rows_done"]) == ("checking", 600, 0)
    assert (body["kind"], body["file_name"], body["target_id"]) == ("shoes", "обувь.csv", None)
    seen = []
    while await shop.service.due():
        found = await clerk.read(body["id"])
        seen.append((found["rows_done"], found["summary"]["added"], found["status"]))
    assert seen == [(250, 250, "checking"), (500, 500, "checking"), (600, 600, "checked")]
    assert await shop.names() == [], "a check writes nothing"


async def test_all_faults_are_counted_and_the_first_are_kept(clerk: Importing) -> None:
    found = await clerk.checked("shoes", shoes(*MANY, size="семь"))
    assert (found["status"], found["faults_total"]) == ("refused", 600)
    assert len(found["faults"]) == FAULTS_MAX
    assert found["faults"][0] == {
        "line": 2,
        "column": "C",
        "header": "Размер",
        "code": "cell-not-a-number",
        "message": "This is no whole number.",
        "value": "семь",
        "facts": {},
    }
    assert found["faults"][-1]["line"] == FAULTS_MAX + 1


async def test_a_wrong_header_is_refused_at_once(clerk: Importing) -> None:
    made = await clerk.post("shoes", csv_of([["Название", "Цвет"], ["Сапог", "белый"]]))
    assert made.status_code == 201
    found = made.json()
    assert found["status"] == "refused"
    assert places(found) == [
        (1, "B", "column-unknown"),
        (1, None, "column-missing"),
        (1, None, "column-missing"),
    ]


async def test_a_round_that_meets_another_is_done_again(shop: Shop, clerk: Importing) -> None:
    made = (await clerk.post("shoes", shoes("сапог"))).json()
    shop.fails.append(asyncpg.DeadlockDetectedError("met"))
    with pytest.raises(asyncpg.DeadlockDetectedError):
        await shop.service.due()
    assert (await clerk.read(made["id"]))["status"] == "checking"
    await clerk.work()
    assert (await clerk.read(made["id"]))["status"] == "checked"


async def test_a_fault_of_ours_refuses_the_import_and_holds_up_no_other(
    shop: Shop, clerk: Importing
) -> None:
    first = (await clerk.post("shoes", shoes("сапог"))).json()
    second = (await clerk.post("shoes", shoes("туфля"))).json()
    shop.fails.append(ValueError("a bug"))
    await clerk.work()
    found = await clerk.read(first["id"])
    assert (found["status"], places(found)) == ("refused", [(None, None, "import-failed")])
    assert (await clerk.read(second["id"]))["status"] == "checked"


async def test_a_kind_that_a_newer_release_dropped_is_refused(shop: Shop, clerk: Importing) -> None:
    made = (await clerk.post("shoes", shoes("сапог"))).json()
    await shop.service.sql("UPDATE imports SET kind = 'boots'")
    await clerk.work()
    assert places(await clerk.read(made["id"])) == [(None, None, "import-failed")]


async def test_two_replicas_do_not_take_the_same_import(shop: Shop, clerk: Importing) -> None:
    first = (await clerk.post("shoes", shoes(*MANY))).json()
    second = (await clerk.post("shoes", shoes("туфля"))).json()
    command = shop.service.runtime.service.lengthy[0]
    database = shop.service.runtime.database
    async with database.transaction() as one, database.transaction() as other:
        assert await command(one) == await command(other) == 1
    assert (await clerk.read(first["id"]))["rows_done"] == BITE
    assert (await clerk.read(second["id"]))["status"] == "checked"


# --- applying ----------------------------------------------------------------------------------


async def test_a_checked_file_is_applied_once_and_told(shop: Shop, clerk: Importing) -> None:
    found = await clerk.applied("shoes", shoes("сапог", "туфля"))
    assert (found["status"], found["rows_done"]) == ("applied", 2)
    assert found["summary"] == {"added": 2, "changed": 0, "unchanged": 0, "removed": 0}
    assert found["applied_at"] is not None
    assert await shop.names() == ["сапог", "туфля"]
    assert len(await shop.service.told()) == 2
    audit = await shop.service.sql("SELECT * FROM audit WHERE action = 'import.applied'")
    assert [row["member_id"] for row in audit] == [shop.member_id]
    kept = await shop.service.sql("SELECT content FROM imports")
    assert kept[0]["content"] is None, "what the file said is forgotten"

    again = await clerk.applied("shoes", shoes("сапог", "туфля"))
    assert again["summary"] == {"added": 0, "changed": 0, "unchanged": 2, "removed": 0}
    assert len(await shop.service.told()) == 2, "the same file twice changes nothing"


async def test_a_row_that_is_refused_at_the_last_moment_undoes_all_before_it(
    shop: Shop, clerk: Importing
) -> None:
    found = await clerk.checked("shoes", shoes(*MANY, "продан", "тапок"))
    await clerk.apply(found["id"])
    await clerk.work()
    refused = await clerk.read(found["id"])
    assert refused["status"] == "refused"
    assert refused["faults"] == [
        {
            "line": 602,
            "column": None,
            "header": None,
            "code": "shoe-sold",
            "message": "This shoe was sold a moment ago.",
            "value": None,
            "facts": {"size": 42},
        }
    ]
    assert await shop.names() == []
    assert await shop.service.told() == []


async def test_a_fault_of_ours_while_applying_writes_nothing(shop: Shop, clerk: Importing) -> None:
    found = await clerk.checked("shoes", shoes("сапог", "ошибка"))
    await clerk.apply(found["id"])
    await clerk.work()
    assert places(await clerk.read(found["id"])) == [(None, None, "import-failed")]
    assert await shop.names() == []


async def test_progress_is_seen_while_nothing_is_committed_yet(
    shop: Shop, clerk: Importing
) -> None:
    found = await clerk.checked("shoes", shoes(*MANY[:BITE], "ждёт"))
    ordered = await clerk.apply(found["id"])
    assert (ordered.json()["status"], ordered.json()["rows_done"]) == ("applying", 0)
    applying = asyncio.create_task(shop.service.due())

    async def is_halfway() -> bool:
        return bool((await clerk.read(found["id"]))["rows_done"] == BITE)

    await until(is_halfway)
    assert (await clerk.read(found["id"]))["status"] == "applying"
    assert await shop.names() == []
    assert await shop.service.due() == 0, "another replica leaves it alone"
    shop.gate.set()
    await applying
    assert (await clerk.read(found["id"]))["status"] == "applied"
    assert len(await shop.names()) == BITE + 1


async def test_what_changed_since_the_check_is_seen_before_anything_is_written(
    shop: Shop, clerk: Importing
) -> None:
    first = await clerk.checked("shoes", shoes("сапог"))
    second = await clerk.checked("shoes", shoes("сапог", "туфля"))
    for found in (first, second):
        await clerk.apply(found["id"])
    await clerk.work()
    summary = (await clerk.read(second["id"]))["summary"]
    assert (summary["added"], summary["unchanged"]) == (1, 1)
    assert await shop.names() == ["сапог", "туфля"]


async def test_only_what_is_checked_is_applied_and_only_as_it_was_read(clerk: Importing) -> None:
    made = (await clerk.post("shoes", shoes("сапог"))).json()
    early = await clerk.apply(made["id"])
    assert (early.status_code, early.json()["code"]) == (409, "wrong-status")
    assert early.json()["import_status"] == "checking"
    await clerk.work()
    stale = await clerk.apply(made["id"], **{"If-Match": f'"{made["version"]}"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "changed-meanwhile")
    version = (await clerk.read(made["id"]))["version"]
    assert (await clerk.apply(made["id"], **{"If-Match": f'"{version}"'})).status_code == 200
    assert (await clerk.apply(made["id"])).json()["code"] == "wrong-status"
    await clerk.work()
    assert (await clerk.apply(made["id"])).json()["code"] == "wrong-status"


# --- forgetting --------------------------------------------------------------------------------


async def test_what_nobody_applies_is_forgotten_after_a_day(shop: Shop, clerk: Importing) -> None:
    found = await clerk.checked("shoes", shoes("сапог"))
    shop.service.clock.pass_(hours=23, minutes=59)
    assert await shop.service.due() == 0
    shop.service.clock.pass_(minutes=2)
    clerk.headers = shop.service.as_(shop.member_id, Role.COORDINATOR)
    await clerk.work()
    assert (await clerk.read(found["id"]))["status"] == "expired"
    assert (await clerk.apply(found["id"])).json()["code"] == "wrong-status"
    kept = await shop.service.sql("SELECT content FROM imports")
    assert kept[0]["content"] is None


async def test_an_import_is_forgotten_after_a_month(shop: Shop, clerk: Importing) -> None:
    found = await clerk.applied("shoes", shoes("сапог"))
    shop.service.clock.pass_(days=31)
    clerk.headers = shop.service.as_(shop.member_id, Role.COORDINATOR)
    assert (await clerk.read(found["id"]))["status"] == "applied"
    await clerk.post("shoes", shoes("туфля"))
    gone = await shop.service.client.get(
        f"/api/workshops/imports/{found['id']}", headers=clerk.headers
    )
    assert gone.status_code == 404


async def test_no_more_imports_wait_than_one_can_look_through(clerk: Importing) -> None:
    for _ in range(WAITING_MAX):
        assert (await clerk.post("shoes", shoes("сапог"))).status_code == 201
    refused = await clerk.post("shoes", shoes("сапог"))
    assert (refused.status_code, refused.json()["code"]) == (409, "too-many-imports")
    await clerk.work()


# --- who and what ------------------------------------------------------------------------------


async def test_an_import_is_its_members_alone(shop: Shop, clerk: Importing) -> None:
    found = await clerk.checked("shoes", shoes("сапог"))
    colleague = shop.by(shop.member_id, Role.COORDINATOR)
    assert (await colleague.read(found["id"]))["id"] == found["id"]
    for stranger in (shop.by(new_id(), Role.COORDINATOR), shop.by(None, Role.COORDINATOR)):
        read = await shop.service.client.get(
            f"{clerk.path}/{found['id']}", headers=stranger.headers
        )
        assert (read.status_code, read.json()["code"]) == (404, "not-found")
        assert (await stranger.apply(found["id"])).status_code == 404
    listed = await shop.service.client.get(
        clerk.path, headers=shop.by(new_id(), Role.COORDINATOR).headers
    )
    assert listed.json()["items"] == []
    unskilled = shop.by(shop.member_id, Role.AUDITOR)
    assert (await unskilled.post("shoes", shoes("сапог"))).status_code == 403
    assert (await unskilled.apply(found["id"])).json()["code"] == "role-missing"
    assert (await shop.by(None).post("shoes", shoes("сапог"))).status_code == 403


async def test_imports_are_listed_the_newest_first(shop: Shop, clerk: Importing) -> None:
    ids = [(await clerk.post("shoes", shoes("сапог"))).json()["id"] for _ in range(3)]
    shop.shelves[shelf := new_id()] = shop.member_id
    of_shelf = await clerk.post("shelf", shoes("сапог"), shelf_id=str(shelf))
    assert of_shelf.json()["target_id"] == str(shelf)

    async def listed(**query: Any) -> Any:
        answer = await shop.service.client.get(clerk.path, headers=clerk.headers, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    first = await listed(kind="shoes", limit=2)
    assert [item["id"] for item in first["items"]] == ids[:0:-1]
    assert "faults" not in first["items"][0]
    rest = await listed(kind="shoes", limit=2, cursor=first["next_cursor"])
    assert [item["id"] for item in rest["items"]] == ids[:1]
    assert len((await listed())["items"]) == 4


async def test_rows_of_some_kinds_belong_to_a_thing_of_ones_own(
    shop: Shop, clerk: Importing
) -> None:
    shop.shelves[mine := new_id()] = shop.member_id
    shop.shelves[others := new_id()] = new_id()
    for target, status, code in (
        ({"shelf_id": str(mine)}, 201, None),
        ({"shelf_id": str(others)}, 404, "not-found"),
        ({"shelf_id": str(new_id())}, 404, "not-found"),
        ({}, 422, "invalid"),
    ):
        answer = await clerk.post("shelf", shoes("сапог"), **target)
        assert (answer.status_code, answer.json().get("code")) == (status, code)
    needless = await clerk.post("shoes", shoes("сапог"), shelf_id=str(mine))
    assert needless.json()["errors"][0]["at"] == "query.shelf_id"


@pytest.mark.parametrize(
    ("kind", "data", "media_type", "status", "code"),
    [
        ("boots", shoes("сапог"), CSV, 422, "invalid"),
        ("shoes", b"", CSV, 422, "file-empty"),
        ("shoes", shoes("сапог"), XLSX, 422, "file-type-differs"),
        ("shoes", shoes("сапог"), "application/json", 422, "file-type-unknown"),
        ("shoes", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", ICS, 422, "file-type-unknown"),
        ("shoes", b"PK\x03\x04nonsense", XLSX, 422, "file-not-readable"),
        ("shoes", b"\xd0\xcf\x11\xe0", "application/vnd.ms-excel", 422, "file-old-excel"),
        ("shoes", shoes("сапог").decode().encode("utf-16"), CSV, 422, "file-encoding-unknown"),
        ("shoes", b"a" * 5_000_001, CSV, 413, "too-large"),
    ],
)
async def test_a_file_that_cannot_be_taken_is_refused_by_name(
    shop: Shop, clerk: Importing, kind: str, data: bytes, media_type: str, status: int, code: str
) -> None:
    answer = await clerk.post(kind, data, media_type)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert await shop.service.sql("SELECT FROM imports") == []


async def test_a_file_may_be_larger_than_other_bodies(shop: Shop, clerk: Importing) -> None:
    data = shoes("сапог") + b"\r\n" * 2_000_000
    assert (await clerk.post("shoes", data)).status_code == 201
    other = await shop.service.client.post(
        "/api/workshops/other", content=data, headers=clerk.headers
    )
    assert other.status_code == 413


async def test_the_same_key_makes_one_import_of_the_same_file_and_kind(
    shop: Shop, clerk: Importing
) -> None:
    first = await clerk.post("shoes", shoes("сапог"), key="once")
    again = await clerk.post("shoes", shoes("сапог"), key="once")
    assert first.json() == again.json()
    for other in (
        await clerk.post("shoes", shoes("туфля"), key="once"),
        await clerk.post("shoes", shoes("сапог"), key="once", file_name="другой"),
    ):
        assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
    assert len(await shop.service.sql("SELECT FROM imports")) == 1


async def test_a_template_is_for_everybody_to_download(shop: Shop) -> None:
    for ending, media_type in (("csv", "text/csv; charset=utf-8"), ("xlsx", XLSX)):
        answer = await shop.service.client.get(f"/api/workshops/import-templates/shoes.{ending}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)
        assert answer.headers["content-disposition"] == (
            f'attachment; filename="shoes.{ending}";'
            f" filename*=UTF-8''%D0%9E%D0%B1%D1%83%D0%B2%D1%8C.{ending}"
        )
        if ending == "csv":
            assert answer.content == csv_of([HEADER, EXAMPLE])
    missing = await shop.service.client.get("/api/workshops/import-templates/shoes.pdf")
    assert missing.status_code == 404


async def test_part_of_a_transaction_can_be_undone_alone(shop: Shop) -> None:
    async def write(tx: Transaction, name: str) -> None:
        await tx.execute("INSERT INTO milestones (name, reached_at) VALUES ($1, $2)", name, tx.now)
        tx.record(SiteOpened(site_id=new_id(), owner_id=new_id()))

    database = shop.service.runtime.database
    async with database.transaction() as tx:
        await write(tx, "before")
        for names in (["tried", "before"], ["kept"]):
            try:
                async with tx.attempt():
                    for name in names:
                        await write(tx, name)
            except asyncpg.UniqueViolationError:
                continue
    assert await shop.names() == ["before", "kept"]
    assert len(await shop.service.told()) == 2
