"""Secret ballots: one paper each, found again by its receipt, and nothing that leads to the voter."""

from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from tests.council.chamber import refused
from tests.council.room import Room
from tests.harness import Running


@pytest_asyncio.fixture(loop_scope="session")
async def room(council: Running) -> Room:
    return await Room.of(council)


async def test_a_secret_vote_is_final_and_its_receipt_finds_the_paper(room: Room) -> None:
    ballot = await room.started(is_secret=True)
    answers = await room.votes(ballot, "ffffffaao")
    receipts = [answer.json()["receipts"] for answer in answers]
    assert [len(each) for each in receipts] == [1] * 9
    assert refused(await room.vote(ballot, 0, "against")) == (409, "vote-cast")
    shown = (await room.chamber.get(f"/ballots/{ballot}", room.chamber.as_seated(0))).json()
    assert (shown["own"][0]["has_voted"], shown["own"][0]["choice"]) == (True, None)
    result = await room.close(ballot)
    assert (result["votes_for"], result["against"], result["abstained"]) == (6, 2, 7)
    papers = (await room.chamber.get(f"/ballots/{ballot}/papers")).json()["items"]
    found = {paper["receipt"]: paper["choice"] for paper in papers}
    assert found[receipts[0][0]] == "for"
    assert found[receipts[7][0]] == "against"
    assert [paper["receipt"] for paper in papers] == sorted(found)
    lines = (await room.chamber.get(f"/ballots/{ballot}/roll")).json()["items"]
    assert {line["choice"] for line in lines} == {None}
    assert sum(line["has_voted"] for line in lines) == 9


async def test_a_heavy_vote_is_as_many_papers_so_that_none_stands_out(room: Room) -> None:
    decision = await room.decided(
        decision_kind="set_parameter", parameter="council.university_weight", value="3"
    )
    assert decision["status"] == "executed"
    ballot = await room.started(is_secret=True)
    answers = await room.votes(ballot, "f" * 8)  # the eighth sits for the only university
    assert [len(answer.json()["receipts"]) for answer in answers] == [1] * 7 + [3]
    result = await room.close(ballot)
    assert (result["votes_for"], result["counted"]) == (10, 17)


async def test_a_secret_ballot_with_fewer_than_three_voters_is_refused(room: Room) -> None:
    item = await room.item()
    for place in range(13):
        await room.chamber.post(
            f"/items/{item}/recusals", room.chamber.as_seated(place), reason="Конфликт."
        )
    assert refused(await room.start(item, is_secret=True)) == (409, "too-few-for-secrecy")


async def test_at_a_tie_in_secret_the_chair_decides_nothing(council: Running) -> None:
    room = await Room.of(council, present=8)
    ballot = await room.started(is_secret=True)
    await room.votes(ballot, "ffffaaaa")
    assert (await room.close(ballot))["outcome"] == "not_carried"


async def test_who_has_put_a_paper_into_the_box_cannot_stand_aside(room: Room) -> None:
    item = await room.item()
    ballot = await room.started(item, is_secret=True)
    await room.votes(ballot, "f")
    answer = await room.chamber.post(
        f"/items/{item}/recusals", room.chamber.as_seated(0), reason="Конфликт."
    )
    assert refused(answer) == (409, "vote-cast")
    other = await room.chamber.post(
        f"/items/{item}/recusals", room.chamber.as_seated(1), reason="Конфликт."
    )
    assert other.status_code == 201


# --- what could lead from a paper to its voter ---------------------------------------------------


async def rows_of(room: Room, table: str) -> list[Any]:
    """The rows as they lie on the disk, with the transaction that wrote each."""
    return list(await room.service.sql(f"SELECT ctid, xmin::text, * FROM {table} ORDER BY ctid"))


async def test_the_two_tables_have_neither_moment_nor_id_nor_number(room: Room) -> None:
    columns = await room.service.sql(
        "SELECT table_name, column_name, data_type FROM information_schema.columns"
        " WHERE table_name IN ('secret_casts', 'secret_papers') ORDER BY 1, ordinal_position"
    )
    assert [tuple(row.values()) for row in columns] == [
        ("secret_casts", "ballot_id", "uuid"),
        ("secret_casts", "seat_id", "uuid"),
        ("secret_papers", "ballot_id", "uuid"),
        ("secret_papers", "receipt", "text"),
        ("secret_papers", "choice", "text"),
    ]


async def test_after_the_close_the_rows_lie_in_no_order_of_voting(room: Room) -> None:
    ballot = await room.started(is_secret=True)
    for place in (8, 3, 11, 0, 14, 5, 2, 9, 1):
        await room.vote(ballot, place, "for" if place % 2 else "against")
    before = {row["xmin"] for row in await rows_of(room, "secret_papers")}
    assert len(before) == 9
    await room.close(ballot)
    papers, casts = await rows_of(room, "secret_papers"), await rows_of(room, "secret_casts")
    assert [row["receipt"] for row in papers] == sorted(row["receipt"] for row in papers)
    assert [row["seat_id"] for row in casts] == sorted(row["seat_id"] for row in casts)
    assert len({row["xmin"] for row in (*papers, *casts)}) == 1
    assert not before & {row["xmin"] for row in papers}


async def test_a_secret_vote_stands_in_no_audit_row_and_no_kept_answer(room: Room) -> None:
    ballot = await room.started(is_secret=True)
    count = len(await room.service.sql("SELECT FROM audit"))
    headers = {**room.chamber.as_seated(0), "Idempotency-Key": "once"}
    answer = await room.chamber.post(f"/ballots/{ballot}/vote", headers, choice="for")
    assert answer.status_code == 200, answer.text
    assert len(await room.service.sql("SELECT FROM audit")) == count
    assert await room.service.sql("SELECT FROM idempotency") == []
    again = await room.chamber.post(f"/ballots/{ballot}/vote", headers, choice="for")
    assert refused(again) == (409, "vote-cast")


async def test_receipts_are_random_and_do_not_sort_by_the_moment(room: Room) -> None:
    ballot = await room.started(is_secret=True)
    answers = await room.votes(ballot, "f" * 15)
    receipts = [answer.json()["receipts"][0] for answer in answers]
    assert len(set(receipts)) == 15
    assert receipts != sorted(receipts)
    assert {len(receipt) for receipt in receipts} == {26}


async def test_nobody_puts_a_paper_into_a_closed_box_or_takes_one_out(room: Room) -> None:
    ballot = await room.started(is_secret=True)
    await room.votes(ballot, "ffff")
    await room.close(ballot)
    for statement in (
        "DELETE FROM secret_papers",
        "UPDATE secret_papers SET choice = 'against'",
        "DELETE FROM secret_casts",
        f"INSERT INTO secret_papers VALUES ('{ballot}', '{'A' * 26}', 'for')",
    ):
        with pytest.raises(asyncpg.RestrictViolationError):
            await room.service.sql(statement)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await room.service.runtime.database.fetch("UPDATE secret_papers SET choice = 'for'")


async def test_the_voter_is_told_what_the_operator_could_still_see(room: Room) -> None:
    described = (await room.service.client.get("/api/council/openapi.json")).json()
    words = described["paths"]["/api/council/ballots/{ballot_id}/vote"]["post"]["description"]
    assert "whoever runs the server" in words
    assert "receipts" in words
