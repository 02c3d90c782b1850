"""One unit of work: a change, its event and its audit row stand together or not at all."""

from collections.abc import Sequence
from typing import Any

import pytest

from shared.database import Database
from shared.ids import new_id
from shared.refusal import Refusal
from tests.shared.conftest import Wire, completed

MILESTONE = "INSERT INTO milestones (name, reached_at) VALUES ($1, $2) RETURNING name"
ALL = ("milestones", "outbox", "audit")


class NotThisTime(Refusal):
    """The change cannot be made."""

    code = "not-this-time"


async def counts(database: Database) -> list[int]:
    rows: Sequence[Any] = await database.fetch(
        "SELECT " + ", ".join(f"(SELECT count(*) FROM {table}) AS {table}" for table in ALL)
    )
    return list(rows[0].values())


async def test_a_last_change_its_event_and_its_audit_row_are_one_transaction(wire: Wire) -> None:
    async with wire.teller.transaction() as tx:
        tx.change_last(f"done AS ({MILESTONE})", "whole", tx.now, refusal=NotThisTime)
        tx.record(completed(new_id(), 0, tx))
    written = [await wire.teller.fetch(f"SELECT xmin::text FROM {table}") for table in ALL]
    assert [len(rows) for rows in written] == [1, 1, 1]
    assert len({rows[0]["xmin"] for rows in written}) == 1


async def test_a_last_change_that_is_made_in_part_is_refused_and_undone(wire: Wire) -> None:
    async def half() -> None:
        async with wire.teller.transaction() as tx:
            change = f"half AS ({MILESTONE}), done AS (SELECT FROM half WHERE name = 'other')"
            tx.change_last(change, "half", tx.now, refusal=NotThisTime)
            tx.record(completed(new_id(), 0, tx))

    with pytest.raises(NotThisTime):
        await half()
    assert await counts(wire.teller) == [0, 0, 0]


async def test_a_last_change_that_is_refused_undoes_what_was_written_before(wire: Wire) -> None:
    async def write_and_fail() -> None:
        async with wire.teller.transaction() as tx:
            await tx.execute(MILESTONE, "before", tx.now)
            tx.change_last("done AS (SELECT WHERE false)", refusal=NotThisTime)
            tx.record(completed(new_id(), 0, tx))

    with pytest.raises(NotThisTime):
        await write_and_fail()
    assert await counts(wire.teller) == [0, 0, 0]


async def test_a_fault_after_the_last_change_was_asked_for_leaves_nothing(wire: Wire) -> None:
    async def ask_and_fail() -> None:
        async with wire.teller.transaction() as tx:
            tx.change_last(f"done AS ({MILESTONE})", "never", tx.now, refusal=NotThisTime)
            tx.record(completed(new_id(), 0, tx))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await ask_and_fail()
    assert await counts(wire.teller) == [0, 0, 0]


async def test_a_look_begins_no_transaction_and_a_change_after_it_does(wire: Wire) -> None:
    state = "SELECT state FROM pg_stat_activity WHERE pid = $1"
    async with wire.teller.transaction() as tx:
        [mine] = await tx.look("SELECT pg_backend_pid() AS pid")
        assert [row["state"] for row in await wire.teller.fetch(state, mine["pid"])] == ["idle"]
        await tx.execute(MILESTONE, "later", tx.now)
        [row] = await wire.teller.fetch(state, mine["pid"])
        assert row["state"] == "idle in transaction"
    assert await counts(wire.teller) == [1, 0, 0]
