"""kill -9 while a file is checked and applied: it is imported once, whole, or as if never brought."""

from typing import Any

from services.workshops.commands.imports.workshops import SHEET
from shared import failpoints
from tests.crashes.conftest import Installation
from tests.imports import CSV, csv_of, table
from tests.people import Person, eventually, persistently

ROWS = 510
PATH = "/workshops/imports"
FILE = csv_of(
    table(
        SHEET,
        *(
            {
                "site": "Кузнечный корпус",
                "town": "Рославль",
                "name": f"Кузница {number:03}",
                "workplaces": 4,
                "net_kopecks": "100,00",
            }
            for number in range(ROWS)
        ),
    )
)


def bring(person: Person, key: str) -> str:
    """Brings the file, again and again until it is taken; the import's id."""
    answer = persistently(
        lambda: person.client.post(
            PATH,
            content=FILE,
            params={"kind": "workshops", "file_name": "кузницы.csv"},
            headers={"Content-Type": CSV, "Idempotency-Key": key},
        )
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def reaches(person: Person, import_id: str, status: str) -> dict[str, Any]:
    """The import, once it has this status."""

    def read() -> Any:
        answer = persistently(lambda: person.get(f"{PATH}/{import_id}"))
        assert answer.json()["status"] != "refused", answer.text
        return answer.json() if answer.json()["status"] == status else None

    found: dict[str, Any] = eventually(read, 60)
    return found


def order(person: Person, import_id: str) -> None:
    """Orders the import to be applied; a kill may have hidden that it was ordered already."""
    answer = persistently(lambda: person.post(f"{PATH}/{import_id}/apply"))
    assert answer.status_code == 200 or answer.json()["code"] == "wrong-status", answer.text


def test_a_file_is_imported_once_and_whole_whoever_is_killed_on_the_way(
    installation: Installation,
) -> None:
    owner = installation.person("coordinator@roslavl")
    taken = installation.arm("workshops", failpoints.WRITE_BEFORE_COMMIT)
    round_ = installation.arm("workshops", failpoints.ROUND_BEFORE_COMMIT)
    import_id = bring(owner, "forges")
    for armed in (taken, round_):
        installation.was_killed(armed)
    assert [item["id"] for item in owner.items(PATH)] == [import_id]

    round_ = installation.arm("workshops", failpoints.ROUND_BEFORE_COMMIT)
    eventually(lambda: not round_.exists() or reaches(owner, import_id, "checked"))
    round_.unlink(missing_ok=True)
    checked = reaches(owner, import_id, "checked")
    assert (checked["rows_done"], checked["summary"]["added"]) == (ROWS, ROWS)
    assert forges(owner) == 0

    armed = installation.arm("workshops", failpoints.ROUND_BEFORE_COMMIT)
    order(owner, import_id)
    installation.was_killed(armed)
    applied = reaches(owner, import_id, "applied")
    assert applied["summary"]["added"] == ROWS
    assert forges(owner) == ROWS

    again = bring(owner, "forges-again")
    unchanged = reaches(owner, again, "checked")["summary"]
    assert unchanged == {"added": 0, "changed": 0, "unchanged": ROWS, "removed": 0}


def forges(person: Person) -> int:
    """How many of the file's workshops there are."""
    count, cursor = 0, None
    while True:
        query = {"q": "Кузница", "limit": 200, **({"cursor": cursor} if cursor else {})}
        page = persistently(lambda query=query: person.get("/workshops/workshops", **query)).json()  # type: ignore[misc]
        count += len(page["items"])
        cursor = page["next_cursor"]
        if cursor is None:
            return count
