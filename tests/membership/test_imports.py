"""Members from files: every row is checked first, and all of them are written or none."""

import pytest

from services.membership.commands import members
from services.membership.commands.imports import MEMBER_DIFFERS, SHEET, imports
from shared.identity import Actor, Role
from shared.ids import new_id
from tests.imports import CSV, XLSX, Importing, csv_of, places, table, xlsx_of
from tests.membership.cluster import ADMINISTRATOR, CARDS, Cluster, card, written

KIND = imports.kinds[0]
LETTERS = {column.code: chr(ord("A") + index) for index, column in enumerate(SHEET.columns)}


NEW = ("vyazma", "roslavl", "promsvar")


@pytest.fixture
def importing(cluster: Cluster) -> Importing:
    """The administrator."""
    return Importing(cluster.service, cluster.as_administrator())


async def count(cluster: Cluster, of: str = "members") -> int:
    rows = await cluster.service.sql(f"SELECT count(*) AS n FROM {of}")
    found: int = rows[0]["n"]
    return found


FILES = {
    "utf-8 with a mark": (csv_of, {"encoding": "utf-8-sig"}, CSV),
    "utf-8 with commas": (csv_of, {"encoding": "utf-8", "delimiter": ","}, CSV),
    "windows-1251": (csv_of, {"encoding": "cp1251"}, CSV),
    "windows-1251 with tabs": (csv_of, {"encoding": "cp1251", "delimiter": "\t"}, CSV),
    "a workbook": (xlsx_of, {}, XLSX),
    "as browsers with Excel say": (csv_of, {}, "application/vnd.ms-excel"),
}


@pytest.mark.parametrize("name", FILES)
async def test_members_join_from_a_file_of_any_kind_and_once(
    cluster: Cluster, importing: Importing, name: str
) -> None:
    make, options, media_type = FILES[name]
    rows = table(SHEET, *(written(slug) for slug in NEW))
    data = make(rows, **options)  # type: ignore[operator]
    before = await count(cluster)

    found = await importing.applied("members", data, media_type)
    assert (found["status"], found["rows_done"], found["rows_total"]) == ("applied", 3, 3)
    assert found["summary"] == {"added": 3, "changed": 0, "unchanged": 0, "removed": 0}
    assert await count(cluster) == before + 3
    listed = await cluster.get("/members?q=Вяземский")
    assert [item["slug"] for item in listed.json()["items"]] == ["vyazma"]

    told, audited = await count(cluster, "outbox"), await count(cluster, "audit")
    again = await importing.applied("members", data, media_type)
    assert again["summary"] == {"added": 0, "changed": 0, "unchanged": 3, "removed": 0}
    assert await count(cluster) == before + 3
    assert await count(cluster, "outbox") == told, "the same file twice tells nothing"
    assert await count(cluster, "audit") == audited + 4, "its own: made, checked, ordered, applied"


async def test_numbers_that_excel_keeps_as_numbers_are_read_as_they_look(
    cluster: Cluster, importing: Importing
) -> None:
    given = written("vyazma", inn=6799000042, legal_form=75203, ogrn=1996700000042, kpp=679901001)
    given |= {"bank_account": "'40702810600000000004", "bik": 46699901}
    rows = table(SHEET, given)
    data = xlsx_of(rows, {f"{LETTERS['bik']}2": "000000000"})
    found = await importing.applied("members", data, XLSX)
    assert found["summary"]["added"] == 1
    stored = await cluster.service.sql("SELECT * FROM members WHERE slug = 'vyazma'")
    assert [stored[0][name] for name in ("inn", "kpp", "ogrn", "bik", "bank_account")] == [
        "6799000042",
        "679901001",
        "1996700000042",
        "046699901",
        "40702810600000000004",
    ]


async def test_a_long_number_that_excel_has_rounded_is_refused(importing: Importing) -> None:
    rows = table(SHEET, written("vyazma", bank_account=40702810600000000004))
    found = await importing.checked("members", xlsx_of(rows), XLSX)
    assert places(found) == [(2, LETTERS["bank_account"], "cell-lost-digits")]
    rows = table(SHEET, written("vyazma", bank_account="4,07028E+19"))
    found = await importing.checked("members", csv_of(rows))
    assert places(found) == [(2, LETTERS["bank_account"], "cell-lost-digits")]


BAD_CELLS = {
    "name": ("", "cell-missing"),
    "full_name": ("я" * 501, "cell-too-long"),
    "slug": ("Вязьма", "cell-malformed"),
    "kind": ("кооператив", "cell-not-in-list"),
    "is_state": ("может быть", "cell-not-in-list"),
    "legal_form": ("752", "cell-malformed"),
    "inn": ("6799000043", "inn-wrong-check-digit"),
    "kpp": ("67990100", "kpp-wrong-length"),
    "ogrn": ("1996700000043", "ogrn-wrong-check-digit"),
    "town": ("#ССЫЛКА!", "cell-broken-formula"),
    "vat_regime": ("ЕНВД", "cell-not-in-list"),
    "bank_account": ("407", "account-wrong-length"),
    "bik": ("04669990x", "bik-not-digits"),
    "joined_on": ("31.02.2026", "cell-not-a-date"),
}


@pytest.mark.parametrize("code", BAD_CELLS)
async def test_a_bad_cell_is_told_by_line_and_column(
    cluster: Cluster, importing: Importing, code: str
) -> None:
    value, fault_code = BAD_CELLS[code]
    rows = table(SHEET, written("roslavl"), written("vyazma", **{code: value}))
    found = await importing.checked("members", csv_of(rows))
    assert (found["status"], found["faults_total"]) == ("refused", 1)
    assert places(found) == [(3, LETTERS[code], fault_code)]
    fault = found["faults"][0]
    assert fault["header"] == next(c.header for c in SHEET.columns if c.code == code)
    assert (fault["value"] or "") == (value if len(value) <= 60 else value[:59] + "…")
    assert fault["message"].endswith(".")
    assert (await importing.apply(found["id"])).json()["code"] == "wrong-status"
    assert await count(cluster) == 3


BAD_CARDS = {
    "inn-of-another-form": ("inn", {"legal_form": "50102"}),
    "kpp-of-another-form": ("kpp", {"kpp": ""}),
    "account-without-bank": ("bik", {"bik": ""}),
    "account-wrong-check-digit": ("bank_account", {"bank_account": "40702810600000000005"}),
    "joined-in-the-future": ("joined_on", {"joined_on": "01.01.2199"}),
    "slug-taken": ("slug", {"slug": "smolapo"}),
}


@pytest.mark.parametrize("fault_code", BAD_CARDS)
async def test_a_card_that_cannot_be_right_is_told_at_its_column(
    importing: Importing, fault_code: str
) -> None:
    code, changes = BAD_CARDS[fault_code]
    found = await importing.checked("members", csv_of(table(SHEET, written("vyazma", **changes))))
    assert places(found) == [(2, LETTERS[code], fault_code)]


async def test_i7_the_same_taxpayer_stands_in_a_file_once(importing: Importing) -> None:
    rows = table(
        SHEET,
        written("vyazma"),
        written("vyazma", inn="'6799 000042", slug="another"),
        written("roslavl", slug="vyazma"),
    )
    found = await importing.checked("members", csv_of(rows))
    assert places(found) == [(3, None, "row-twice"), (4, LETTERS["slug"], "cell-twice")]
    assert [fault["facts"] for fault in found["faults"]] == [{"first_line": 2}] * 2


async def test_a_member_that_takes_part_is_not_changed_by_a_file(
    cluster: Cluster, importing: Importing
) -> None:
    """The university is there already; what the file leaves out may be anything."""
    same = written("university", joined_on="", bank_account="", bik="")
    other = written("university", town="Вязьма", kind="колледж")
    rows = table(SHEET, same)
    assert (await importing.checked("members", csv_of(rows)))["summary"]["unchanged"] == 1
    found = await importing.checked("members", csv_of(table(SHEET, other)))
    assert places(found) == [
        (2, LETTERS["kind"], MEMBER_DIFFERS.code),
        (2, LETTERS["town"], "member-differs"),
    ]
    assert [fault["facts"] for fault in found["faults"]] == [
        {"known": "вуз"},
        {"known": "Смоленск"},
    ]


async def test_who_joins_between_check_and_apply_refuses_the_whole_file(
    cluster: Cluster, importing: Importing
) -> None:
    rows = table(SHEET, written("vyazma"), written("roslavl"))
    found = await importing.checked("members", csv_of(rows))
    assert found["status"] == "checked"
    actor = Actor(cluster.administrator, None, ADMINISTRATOR, new_id())
    async with cluster.service.runtime.database.transaction(
        actor=actor, allowed=ADMINISTRATOR
    ) as tx:
        await members.join(tx, CARDS["roslavl"])
    await importing.apply(found["id"])
    await importing.work()
    same = await importing.read(found["id"])
    assert same["summary"] == {"added": 1, "changed": 0, "unchanged": 1, "removed": 0}, (
        "one who joined as the file says is no hindrance"
    )
    before = await count(cluster)

    rows = table(SHEET, written("safonovo"), written("promsvar"))
    found = await importing.checked("members", csv_of(rows))
    joined = await cluster.post(
        "/members", cluster.as_administrator(), **card("promsvar", town="Ярцево")
    )
    assert joined.status_code == 201, joined.text
    await importing.apply(found["id"])
    await importing.work()
    refused = await importing.read(found["id"])
    assert (refused["status"], places(refused)) == (
        "refused",
        [(3, LETTERS["town"], "member-differs")],
    )
    assert await count(cluster) == before + 1, "the row before it was not written either"


async def test_only_administrators_import_members(cluster: Cluster) -> None:
    data = csv_of(table(SHEET, written("vyazma")))
    for headers in (cluster.as_college(), cluster.service.as_(cluster.firm, Role.AUDITOR)):
        answer = await Importing(cluster.service, headers).post("members", data)
        assert (answer.status_code, answer.json()["code"]) == (403, "role-missing")
    nobody = await Importing(cluster.service, {}).post("members", data)
    assert nobody.status_code == 401
