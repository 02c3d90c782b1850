"""The servers behind a running installation are killed: users wait at most, and nothing is lost."""

import asyncio
import os
import signal
import threading
import time
from typing import Any

import httpx
import nats
import pytest

from deploy.local.installation import Installation as Folder
from deploy.local.operations import environment_of
from tests.crashes.conftest import Installation
from tests.deploy.run import command
from tests.people import Person, eventually, persistently

WORKSHOP = "Кирпичная кладка"


@pytest.fixture(scope="module")
def college(installation: Installation) -> Person:
    """A college that has an agreement with the owner of an instant workshop."""
    one = installation.person("coordinator@roslavl")
    other = installation.person("coordinator@smolgrad")
    made = one.post(
        "/membership/agreements",
        {
            "kind": "services",
            "party_ids": [one.member_id, other.member_id],
            "valid_from": "2026-01-01",
            "valid_to": "2036-01-01",
            "subject": "Кладка",
        },
    )
    assert other.post(f"/membership/agreements/{made.json()['id']}/sign").status_code == 200
    ask = one.ask(WORKSHOP, one.free(WORKSHOP))
    eventually(lambda: one.post("/workshops/quotes", ask).json()["bookable"])
    return one


@pytest.fixture(scope="module")
def owner(installation: Installation) -> Person:
    return installation.person("coordinator@smolgrad")


def test_bookings_go_on_while_nats_is_dead_and_are_heard_when_it_is_back(
    installation: Installation, college: Person, owner: Person
) -> None:
    ask = college.ask(WORKSHOP, college.free(WORKSHOP, number=1))
    pid = installation.run.state()["nats"]["pid"]
    os.kill(pid, signal.SIGSTOP)  # worse than dead: connections stay open and nobody answers
    try:
        bookings = []
        for _ in range(5):
            answer = college.book(ask)
            assert answer.status_code == 201, answer.text
            bookings.append(answer.json()["id"])
        for booking in bookings:
            for step, body in (("check-in", None), ("complete", {"actual_minutes": 60})):
                assert owner.post(f"/workshops/bookings/{booking}/{step}", body).status_code == 200
        ready = college.get("/workshops/health/ready")
        assert ready.status_code == 200
    finally:
        os.kill(pid, signal.SIGKILL)
    for booking in bookings:
        obligations = eventually(lambda booking=booking: college.obligations_of(booking))
        assert len(obligations) == 1


def test_a_killed_postgresql_is_a_503_with_retry_after_and_then_goes_on(
    installation: Installation, college: Person
) -> None:
    ask = college.ask(WORKSHOP, college.free(WORKSHOP, number=2))
    seen: list[httpx.Response] = []
    stop = threading.Event()

    def go_on_asking() -> None:
        headers = dict(college.client.headers)
        with httpx.Client(
            base_url=college.client.base_url, headers=headers, trust_env=False, timeout=30
        ) as client:
            while not stop.is_set():
                seen.append(client.get("/workshops/workshops"))
                seen.append(client.post("/workshops/quotes", json=ask))
                time.sleep(0.02)

    asking = [threading.Thread(target=go_on_asking) for _ in range(4)]
    for thread in asking:
        thread.start()
    try:
        for number in range(3):
            time.sleep(0.5)
            os.kill(installation.run.state()["postgres"]["pid"], signal.SIGKILL)
            answer = persistently(lambda: college.book(ask))
            assert answer.status_code == 201, (number, answer.text)
    finally:
        stop.set()
        for thread in asking:
            thread.join()
    assert {answer.status_code for answer in seen} <= {200, 503}
    for answer in seen:
        if answer.status_code == 503:
            assert answer.headers["retry-after"]
            assert answer.headers["content-type"] == "application/problem+json"


def test_a_deleted_stream_and_a_deleted_consumer_are_mended_without_a_hand(
    installation: Installation, college: Person, owner: Person
) -> None:
    async def delete() -> None:
        environment = environment_of(Folder(installation.run.data))
        client = await nats.connect(
            environment["ARTEL_PROVISIONER_NATS_URL"], inbox_prefix=b"_INBOX_provisioner"
        )
        await client.jetstream().delete_consumer("WORKSHOPS", "finance")
        await client.jetstream().delete_stream("MEMBERSHIP")
        await client.jetstream().delete_stream("WORKSHOPS")
        await client.close()

    asyncio.run(delete())
    booking = college.book(college.ask(WORKSHOP, college.free(WORKSHOP, number=3))).json()["id"]
    for step, body in (("check-in", None), ("complete", {"actual_minutes": 90})):
        assert owner.post(f"/workshops/bookings/{booking}/{step}", body).status_code == 200
    obligations = eventually(lambda: college.obligations_of(booking))
    assert len(obligations) == 1


def test_finance_emptied_and_told_again_has_everything_back_with_its_ids(
    installation: Installation, college: Person, owner: Person
) -> None:
    before = college.items("/finance/obligations", limit=200)
    assert before
    environment = environment_of(Folder(installation.run.data))
    asyncio.run(_empty(environment["ARTEL_ADMIN_URL"]))
    done = command(installation.run.data, "replay", "--to", "finance")
    assert done.returncode == 0, done.stderr

    def all_back() -> bool:
        return len(college.items("/finance/obligations", limit=200)) == len(before)

    eventually(all_back)
    after = college.items("/finance/obligations", limit=200)
    assert [_fact(item) for item in after] == [_fact(item) for item in before]


def _fact(item: Any) -> Any:
    return {name: item[name] for name in ("id", "amount_kopecks", "basis", "incurred_on")}


async def _empty(admin_url: str) -> None:
    import asyncpg

    connection = await asyncpg.connect(admin_url)
    await connection.execute("DROP DATABASE artel_finance WITH (FORCE)")
    await connection.close()


def test_a_message_that_fails_is_listed_shown_mended_and_replayed(
    installation: Installation, college: Person
) -> None:
    data = installation.run.data
    assert command(data, "dead-letters").returncode == 0
    event_id = asyncio.run(_say_nonsense(environment_of(Folder(data))))
    eventually(lambda: event_id in command(data, "dead-letters").stdout, 20)
    shown = command(data, "dead-letters", "--id", event_id)
    assert shown.returncode == 0
    assert "workshops.booking.completed.v1" in shown.stdout
    replayed = command(data, "dead-letters", "--id", event_id, "--do", "replay")
    assert replayed.returncode == 0
    assert "failed again" in replayed.stdout
    assert command(data, "dead-letters", "--id", "nonsense").returncode == 1


async def _say_nonsense(environment: dict[str, str]) -> str:
    from shared.ids import new_id

    event_id = str(new_id())
    client = await nats.connect(
        environment["ARTEL_WORKSHOPS_NATS_URL"], inbox_prefix=b"_INBOX_workshops"
    )
    await client.jetstream().publish(
        "workshops.booking.completed.v1",
        b'{"booking_id": "no id"}',
        headers={"ce-id": event_id, "ce-subject": event_id},
    )
    await client.close()
    return event_id
