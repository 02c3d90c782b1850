"""Idempotency keys: the same request twice is one booking and one answer."""

import asyncio
from typing import Any

import pytest

from shared.ids import new_id
from tests.workshops.facts import Known, check_counts, check_told


async def kept(known: Known) -> int:
    (row,) = await known.service.sql("SELECT count(*) FROM idempotency")
    return int(row["count"])


async def bookings(known: Known) -> int:
    (row,) = await known.service.sql("SELECT count(*) FROM bookings")
    return int(row["count"])


async def test_the_same_key_and_body_give_the_same_answer_and_one_booking(known: Known) -> None:
    first = await known.book(key="one")
    await known.decide(first.json()["id"], "approve")
    again = await known.book(key="one")
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.json()["status"] == "requested"
    assert await bookings(known) == 1
    assert len(await known.service.told("workshops.booking.requested.v1")) == 1
    await check_counts(known.service)
    await check_told(known.service)


async def test_another_body_under_the_key_is_refused(known: Known) -> None:
    await known.book(key="one")
    for changes in ({"workplaces": 3}, {"purpose": "другое"}, {"ends_at": known.at("15:00")}):
        answer = await known.book(key="one", **changes)
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency-key-reused")
    assert await bookings(known) == 1


async def test_a_key_is_of_one_member_and_of_all_its_people(known: Known) -> None:
    mine, theirs = await known.book(key="one"), await known.book(known.firm, key="one")
    assert (mine.status_code, theirs.status_code) == (201, 201)
    assert mine.json()["id"] != theirs.json()["id"]
    colleague = await known.book(key="one")
    assert colleague.json()["id"] == mine.json()["id"]


@pytest.mark.parametrize(
    ("key", "message"),
    [
        pytest.param(None, "missing", id="missing"),
        pytest.param("", "visible ASCII", id="empty"),
        pytest.param("a b", "visible ASCII", id="with a space"),
        pytest.param("ключ", "visible ASCII", id="not ASCII"),
        pytest.param("k" * 256, "visible ASCII", id="too long"),
    ],
)
async def test_a_booking_without_a_proper_key_is_not_understood(
    known: Known, key: str | None, message: str
) -> None:
    headers: dict[str, Any] = known.service.as_(known.college, *known.DECIDES)
    if key is not None:
        headers["Idempotency-Key"] = key.encode()
    answer = await known.service.client.post(
        "/api/workshops/bookings", json=known.ask(), headers=headers
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert message in answer.json()["detail"]
    assert await kept(known) == 0


async def test_a_key_may_have_255_characters(known: Known) -> None:
    assert (await known.book(key="~" * 255)).status_code == 201


async def test_the_key_of_a_refused_request_is_free_again(known: Known) -> None:
    refused = [
        (409, await known.book(key="one", workplaces=9)),
        (422, await known.book(key="one", workplaces=0)),
        (404, await known.book(key="one", workshop_id=str(new_id()))),
    ]
    for status, answer in refused:
        assert answer.status_code == status
    assert await kept(known) == 0
    assert (await known.book(key="one")).status_code == 201


async def test_the_same_key_at_the_same_time_is_one_booking(known: Known) -> None:
    answers = await asyncio.gather(*(known.book(key="one") for _ in range(30)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert await bookings(known) == 1
    await check_counts(known.service)


async def test_the_same_key_with_other_bodies_at_the_same_time_is_one_booking(
    known: Known,
) -> None:
    answers = await asyncio.gather(
        *(known.book(key="one", workplaces=1 + number % 2) for number in range(20))
    )
    codes = {answer.status_code for answer in answers}
    assert codes == {201, 422}
    assert await bookings(known) == 1


async def test_a_step_with_a_key_is_taken_once_and_answered_alike(known: Known) -> None:
    booking_id = (await known.book()).json()["id"]
    headers = known.service.as_(known.owner, *known.DECIDES)
    answers = [
        await known.service.client.post(
            f"/api/workshops/bookings/{booking_id}/approve",
            headers={**headers, "Idempotency-Key": "yes"},
        )
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].content == answers[1].content
    assert len(await known.service.told("workshops.booking.confirmed.v1")) == 1
