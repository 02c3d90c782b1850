"""Pages that are open hear what happens to their member, within a second, and nobody else's."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import httpx
import nats

from contracts.topology import PORTAL, WATCHED, stream_of
from tests.people import eventually
from tests.portal.conftest import Visitor
from tests.portal.deeds import later, person
from tests.portal.platform import Platform, Visit

WELDING = "Сварочные технологии"


@contextmanager
def listening(
    visit: Visit, path: str = "/live", **headers: str
) -> Iterator[list[tuple[float, str]]]:
    """The topics that an open page is told, each with the moment it came."""
    heard: list[tuple[float, str]] = []
    is_open = threading.Event()
    over = threading.Event()

    def read() -> None:
        with (
            suppress(httpx.HTTPError),
            visit.client.stream("GET", path, headers=headers, timeout=60) as answer,
        ):
            assert answer.headers["content-type"].startswith("text/event-stream")
            for line in answer.iter_lines():
                is_open.set()
                if over.is_set():
                    return
                if line.startswith("event: "):
                    heard.append((time.monotonic(), line.removeprefix("event: ")))

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    assert is_open.wait(10)
    try:
        yield heard
    finally:
        over.set()


def topics(heard: list[tuple[float, str]]) -> set[str]:
    return {topic for _, topic in heard}


def test_both_sides_hear_of_a_booking_within_a_second_and_strangers_only_of_the_grid(
    visitor: Visitor, platform: Platform
) -> None:
    booker = person(platform, "coordinator@vyazma")
    body = booker.ask(WELDING, later(30))
    with (
        listening(visitor("approver@safonovo")) as owner,
        listening(visitor("coordinator@vyazma")) as own,
        listening(visitor("coordinator@roslavl")) as stranger,
    ):
        begun = time.monotonic()
        assert booker.book(body).status_code == 201
        eventually(lambda: "bookings" in topics(owner) and "bookings" in topics(own), 5)
        moments = [at for at, topic in (*owner, *own) if topic == "bookings"]
        assert max(moments) - begun < 1
        eventually(lambda: "board" in topics(stranger), 5)
        assert "bookings" not in topics(stranger)


def test_a_page_hears_what_happened_while_it_was_being_made(
    visitor: Visitor, platform: Platform
) -> None:
    owner = visitor("approver@safonovo")
    since = int(platform.clock().timestamp() * 1000)
    booker = person(platform, "coordinator@vyazma")
    with listening(owner) as witness:
        assert booker.book(booker.ask(WELDING, later(31))).status_code == 201
        eventually(lambda: "bookings" in topics(witness), 5)
    with listening(visitor("approver@safonovo"), f"/live?since={since}") as heard:
        eventually(lambda: "bookings" in topics(heard), 5)


def test_a_page_that_comes_again_is_told_to_fetch_anew(visitor: Visitor) -> None:
    with listening(visitor("approver@safonovo"), **{"Last-Event-ID": "1"}) as heard:
        eventually(lambda: topics(heard) == {"resync"}, 5)


def test_nobody_listens_without_a_session(stranger: Visit) -> None:
    assert stranger.client.get("/live").status_code == 303


def test_facts_still_come_when_the_consumer_was_deleted_or_the_server_restarted(
    visitor: Visitor, platform: Platform
) -> None:
    booker = person(platform, "coordinator@vyazma")
    with listening(visitor("approver@safonovo")) as heard:
        asyncio.run(delete_consumers(platform))
        eventually(lambda: "resync" in topics(heard), 15)
        heard.clear()
        assert booker.book(booker.ask(WELDING, later(34))).status_code == 201
        eventually(lambda: "bookings" in topics(heard), 5)
        heard.clear()
        asyncio.run(restart(platform))
        eventually(lambda: "resync" in topics(heard), 15)
        assert booker.book(booker.ask(WELDING, later(35))).status_code == 201
        eventually(lambda: "bookings" in topics(heard), 5)


async def delete_consumers(platform: Platform) -> None:
    client = await nats.connect(
        platform.servers.nats_url("provisioner"), inbox_prefix=b"_INBOX_provisioner"
    )
    js = client.jetstream()
    for service in WATCHED:
        stream = stream_of(service)
        for consumer in await js.consumers_info(stream):
            if str(consumer.name).startswith(PORTAL):
                await js.delete_consumer(stream, str(consumer.name))
    await client.close()


async def restart(platform: Platform) -> None:
    await platform.servers.nats.kill()
    await platform.servers.nats.start()
