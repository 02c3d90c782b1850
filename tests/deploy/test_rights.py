"""The rights of the services on the bus and in the database, tried with real clients."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import asyncpg
import nats
import pytest
from nats.aio.client import Client
from nats.js.api import AckPolicy, ConsumerConfig

from contracts.asked import AddressAsked
from contracts.provisioning import provision
from contracts.topology import (
    PORTAL,
    SERVICES,
    WATCHED,
    filter_of_watcher,
    publishers_heard_by,
    stream_of,
)
from deploy.local.nats import Nats
from deploy.local.postgres import Postgres
from deploy.nats.config import PROVISIONER, USERS, authorization, inbox_prefix
from deploy.postgres.bootstrap import bootstrap, database_of, owner_role_of, roles, runtime_role_of


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Nats]:
    server = Nats(tmp_path / "nats", authorization({user: f"of-{user}" for user in USERS}))
    await server.start()
    try:
        client = await _client(server, PROVISIONER)
        await provision(client)
        await client.close()
        yield server
    finally:
        await server.stop()


async def test_a_service_tells_its_own_facts_and_hears_those_it_listens_to(server: Nats) -> None:
    workshops, finance = await _client(server, "workshops"), await _client(server, "finance")
    ack = await workshops.jetstream().publish("workshops.booking.completed.v1", b"{}")
    assert ack.stream == "WORKSHOPS"
    hears = await finance.jetstream().pull_subscribe_bind("finance", "WORKSHOPS")
    message = (await hears.fetch(1, timeout=5))[0]
    await message.ack_sync(timeout=5)
    await workshops.close()
    await finance.close()


async def test_a_service_can_do_nothing_else(server: Nats) -> None:
    client = await _client(server, "workshops")
    js = client.jetstream(timeout=0.3)
    forbidden: dict[str, Callable[[], Awaitable[object]]] = {
        "speaking for another": lambda: js.publish("finance.obligation.incurred.v1", b"{}"),
        "a spying consumer": lambda: js.add_consumer("FINANCE", name="spy"),
        "its own consumer": lambda: js.add_consumer("MEMBERSHIP", durable_name="workshops"),
        "a consumer's end": lambda: js.delete_consumer("MEMBERSHIP", "workshops"),
        "a stream": lambda: js.add_stream(name="SPY", subjects=["spy.>"]),
        "a stream's end": lambda: js.delete_stream("WORKSHOPS"),
        "another's stream": lambda: js.stream_info("FINANCE"),
        "another's message": lambda: js.get_msg("MEMBERSHIP", 1),
        "another's consumer": lambda: _fetch(js, "finance", "MEMBERSHIP"),
    }
    for what, attempt in forbidden.items():
        with pytest.raises(nats.errors.TimeoutError):
            print(what, await attempt())
    await client.close()


async def test_the_portal_reads_what_it_watches_with_a_consumer_that_goes_with_it(
    server: Nats,
) -> None:
    services = {name: await _client(server, name) for name in WATCHED}
    portal = await _client(server, PORTAL)
    js = portal.jetstream(timeout=2)
    for service, client in services.items():
        stream = stream_of(service)
        await js.add_consumer(stream, _watcher(stream))
        await client.jetstream().publish(f"{service}.thing.happened.v1", b"{}")
        (message,) = await (await js.pull_subscribe_bind("portal-1", stream)).fetch(1, timeout=5)
        assert message.subject == f"{service}.thing.happened.v1"
        assert (await js.consumer_info(stream, "portal-1")).num_ack_pending == 0
        assert (await js.stream_info(stream)).state.messages == 1
        assert await js.delete_consumer(stream, "portal-1")
    for client in (portal, *services.values()):
        await client.close()


async def test_the_portal_can_do_nothing_else(server: Nats) -> None:
    workshops, admin = await _client(server, "workshops"), await _client(server, PROVISIONER)
    await workshops.jetstream().publish("workshops.booking.completed.v1", b"{}")
    portal = await _client(server, PORTAL)
    js = portal.jetstream(timeout=0.3)
    create = "$JS.API.CONSUMER.CREATE.WORKSHOPS"
    forbidden: dict[str, Callable[[], Awaitable[object]]] = {
        "speaking": lambda: js.publish("workshops.booking.completed.v1", b"{}"),
        "speaking to a listener": lambda: portal.request("_INBOX_finance.x", b"{}", timeout=0.3),
        "a consumer without a filter": lambda: js.add_consumer("WORKSHOPS", name="portal-1"),
        "the older request": lambda: js.add_consumer("WORKSHOPS", ack_policy=AckPolicy.NONE),
        "the older request with a service's name in its body": lambda: _asked(
            portal, create, {"name": "finance", "ack_policy": "explicit"}
        ),
        "a durable of the older kind": lambda: js.add_consumer("WORKSHOPS", durable_name="portal"),
        "a service's consumer changed": lambda: js.add_consumer(
            "WORKSHOPS", _watcher("WORKSHOPS", name="finance")
        ),
        "a service's consumer before it is there": lambda: js.add_consumer(
            "WORKSHOPS", _watcher("WORKSHOPS", name="workshops")
        ),
        "a service's consumer ended": lambda: js.delete_consumer("WORKSHOPS", "finance"),
        "a service's consumer looked at": lambda: js.consumer_info("WORKSHOPS", "finance"),
        "a service's message": lambda: _fetch(js, "finance", "WORKSHOPS"),
        "a service's consumer paused": lambda: _asked(
            portal, "$JS.API.CONSUMER.PAUSE.WORKSHOPS.finance", {}
        ),
        "a message by its number": lambda: js.get_msg("WORKSHOPS", 1),
        "an acknowledgement": lambda: portal.request(
            "$JS.ACK.WORKSHOPS.finance.1.1.1.1.0", b"+ACK", timeout=0.3
        ),
        "a stream": lambda: js.add_stream(name="SPY", subjects=["spy.>"]),
        "a stream changed": lambda: js.update_stream(name="WORKSHOPS", subjects=["spy.>"]),
        "a stream emptied": lambda: js.purge_stream("WORKSHOPS"),
        "a stream's end": lambda: js.delete_stream("WORKSHOPS"),
        "the list of streams": js.streams_info,
    }
    before = (await admin.jetstream().consumer_info("WORKSHOPS", "finance")).config
    for what, attempt in forbidden.items():
        with pytest.raises((nats.errors.TimeoutError, nats.errors.NoRespondersError)):
            print(what, await attempt())
    js = admin.jetstream()
    assert (await js.consumer_info("WORKSHOPS", "finance")).config == before
    listeners = [service for service in SERVICES if "workshops" in publishers_heard_by(service)]
    consumers = [found.name for found in await js.consumers_info("WORKSHOPS")]
    assert sorted(consumers) == sorted(listeners)
    assert (await js.stream_info("WORKSHOPS")).state.messages == 1
    for client in (workshops, portal, admin):
        await client.close()


async def test_the_name_in_a_request_of_the_portal_is_the_name_that_counts(server: Nats) -> None:
    """Rights see the subject of a request alone, so the server must not believe its body."""
    portal = await _client(server, PORTAL)
    subject = "$JS.API.CONSUMER.CREATE.WORKSHOPS.portal-1.workshops.>"
    filters = {"filter_subject": "workshops.>", "ack_policy": "none"}
    answers = [
        await _asked(portal, subject, {"ack_policy": "none", **body})
        for body in (
            {**filters, "durable_name": "finance"},
            {"filter_subject": "membership.>"},
            {"filter_subject": ""},
            {"filter_subjects": ["membership.>"]},
        )
    ]
    assert all(answer.get("error") for answer in answers), answers
    made = await _asked(portal, subject, {**filters, "name": "finance"})
    assert made["name"] == "portal-1"
    await portal.close()


async def test_facts_are_not_pushed_to_subjects_that_nobody_reads(server: Nats) -> None:
    """A consumer may name where its messages go; a stream's own subjects are no reader of them."""
    workshops, admin = await _client(server, "workshops"), await _client(server, PROVISIONER)
    await workshops.jetstream().publish("workshops.booking.completed.v1", b"{}")
    portal = await _client(server, PORTAL)
    for number, target in enumerate(
        ("finance.use.recorded.v1", "$JS.API.STREAM.DELETE.FINANCE", "_INBOX_finance.x")
    ):
        watcher = _watcher("WORKSHOPS", name=f"portal-{number}", deliver_subject=target)
        await portal.jetstream().add_consumer("WORKSHOPS", watcher)
    await asyncio.sleep(0.5)
    assert (await admin.jetstream().stream_info("FINANCE")).state.messages == 0
    for client in (workshops, portal, admin):
        await client.close()


async def test_a_fact_that_is_asked_into_another_stream_is_heard_by_nobody(server: Nats) -> None:
    """Rights do not see where an answer goes: a fact that goes astray keeps the subject it had."""
    workshops, admin = await _client(server, "workshops"), await _client(server, PROVISIONER)
    await workshops.jetstream().publish("workshops.booking.completed.v1", b"{}")
    portal = await _client(server, PORTAL)
    await portal.jetstream().add_consumer("WORKSHOPS", _watcher("WORKSHOPS"))
    ask = "$JS.API.CONSUMER.MSG.NEXT.WORKSHOPS.portal-1"
    await portal.publish(ask, b"", reply="membership.member.joined.v1")
    await portal.flush()
    await asyncio.sleep(0.5)
    js = admin.jetstream()
    assert (await js.get_msg("MEMBERSHIP", 1)).subject == "workshops.booking.completed.v1"
    for listener in ("finance", "workshops"):
        assert (await js.consumer_info("MEMBERSHIP", listener)).num_pending == 0
    for client in (workshops, portal, admin):
        await client.close()


async def test_a_question_is_put_by_its_asker_and_heard_by_its_answerer_alone(
    server: Nats,
) -> None:
    membership, notices = await _client(server, "membership"), await _client(server, "notices")
    heard = await membership.subscribe(AddressAsked.subject, queue="membership")
    await membership.flush()

    async def answer() -> None:
        await (await heard.next_msg(timeout=5)).respond(b"null")

    answering = asyncio.create_task(answer())
    assert (await notices.request(AddressAsked.subject, b"{}", timeout=5)).data == b"null"
    await answering
    for user in (*SERVICES, PORTAL):
        faults: list[Exception] = []
        client = await _client(server, user, faults)
        if user != "notices":
            with pytest.raises(nats.errors.TimeoutError):
                await client.request(AddressAsked.subject, b"{}", timeout=0.2)
        if user != "membership":
            await client.subscribe("asked.>")
            await client.subscribe(AddressAsked.subject)
            await client.flush()
            await asyncio.sleep(0.05)
            assert str(faults).lower().count("permissions violation for subscription") == 2
        await client.close()
    with pytest.raises(nats.errors.TimeoutError):
        await heard.next_msg(timeout=0.1)
    for client in (membership, notices):
        await client.close()


async def test_an_answerer_publishes_to_no_inbox_that_did_not_ask_it(server: Nats) -> None:
    faults: list[Exception] = []
    membership = await _client(server, "membership", faults)
    for subject in ("_INBOX_notices.x", "_INBOX_finance.x", "asked.membership.address"):
        await membership.publish(subject, b"{}")
    await membership.flush()
    await asyncio.sleep(0.05)
    assert str(faults).lower().count("permissions violation for publish") == 3
    await membership.close()


async def test_no_stream_keeps_a_question_or_its_answer(server: Nats) -> None:
    admin = await _client(server, PROVISIONER)
    streams = [info.config for info in await admin.jetstream().streams_info()]
    assert not [
        subject
        for config in streams
        for subject in config.subjects or ()
        if subject.split(".")[0] in {"asked", ">", "*"}
    ]
    await admin.close()


@pytest.mark.parametrize("subject", ["workshops.>", "_INBOX.>", "_INBOX_finance.>", "$JS.>", ">"])
async def test_the_portal_hears_nothing_past_its_consumers(server: Nats, subject: str) -> None:
    faults: list[Exception] = []
    client = await _client(server, PORTAL, faults)
    await client.subscribe(subject)
    await client.flush()
    await asyncio.sleep(0.05)
    assert "permissions violation" in str(faults).lower()
    await client.close()


@pytest.mark.parametrize("subject", ["finance.>", "membership.>", ">", "_INBOX_finance.>", "$JS.>"])
async def test_a_service_hears_nothing_past_its_consumers(server: Nats, subject: str) -> None:
    faults: list[Exception] = []
    client = await _client(server, "workshops", faults)
    await client.subscribe(subject)
    await client.flush()
    await asyncio.sleep(0.05)
    assert "permissions violation" in str(faults).lower()
    await client.close()


@pytest.mark.parametrize("user", ["", "finance:wrong@", "nobody:of-nobody@"])
async def test_strangers_are_refused(server: Nats, user: str) -> None:
    with pytest.raises(nats.errors.Error):
        await nats.connect(f"nats://{user}127.0.0.1:{server.port}", allow_reconnect=False)


async def test_a_role_enters_its_own_database_alone(tmp_path: Path) -> None:
    postgres = Postgres(tmp_path / "postgres", "p'ä s", fsync=False)
    passwords = {role: f"'{role}" for role in roles()}
    await postgres.start()
    try:
        await bootstrap(postgres.admin_url, passwords)
        await bootstrap(postgres.admin_url, passwords)  # again, to no effect
        for role in (runtime_role_of("finance"), owner_role_of("finance")):
            for database in (database_of("workshops"), "postgres", "template1"):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await asyncpg.connect(postgres.url(role, passwords[role], database))
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(
                postgres.url(runtime_role_of("finance"), "wrong", database_of("finance"))
            )
        own = await asyncpg.connect(
            postgres.url(
                runtime_role_of("finance"),
                passwords[runtime_role_of("finance")],
                database_of("finance"),
            )
        )
        for forbidden in ("CREATE TABLE t ()", "CREATE TEMP TABLE t ()", "CREATE ROLE r"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await own.execute(forbidden)
        settings = {
            name: await own.fetchval(f"SHOW {name}")
            for name in ("statement_timeout", "lock_timeout")
        }
        assert settings == {"statement_timeout": "5s", "lock_timeout": "3s"}
        await own.close()
    finally:
        await postgres.stop()


async def test_nothing_committed_is_lost_with_the_power(tmp_path: Path) -> None:
    postgres = Postgres(tmp_path / "postgres", "p")
    await postgres.start()
    try:
        admin = await asyncpg.connect(postgres.admin_url)
        for name in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums"):
            assert await admin.fetchval(f"SHOW {name}") == "on"
        assert await admin.fetchval("SHOW listen_addresses") == "127.0.0.1"
        await admin.close()
    finally:
        await postgres.stop()


def _watcher(stream: str, **more: Any) -> ConsumerConfig:
    """A consumer as the portal makes it."""
    wanted = {
        "name": "portal-1",
        "ack_policy": AckPolicy.NONE,
        "filter_subject": filter_of_watcher(stream),
        "inactive_threshold": 60,
        "mem_storage": True,
        **more,
    }
    return ConsumerConfig(**wanted)


async def _asked(client: Client, subject: str, config: dict[str, Any]) -> dict[str, Any]:
    body = json.dumps({"stream_name": "WORKSHOPS", "config": config}).encode()
    answer: dict[str, Any] = json.loads((await client.request(subject, body, timeout=0.3)).data)
    return answer


async def _fetch(js: nats.js.JetStreamContext, durable: str, stream: str) -> object:
    return await (await js.pull_subscribe_bind(durable, stream)).fetch(1, timeout=0.3)


async def _client(server: Nats, user: str, faults: list[Exception] | None = None) -> Client:
    async def on_error(error: Exception) -> None:
        if faults is not None:
            faults.append(error)

    prefix = b"_INBOX" if user == PROVISIONER else inbox_prefix(user).encode()
    url = server.url(user, f"of-{user}")
    return await nats.connect(url, inbox_prefix=prefix, error_cb=on_error, allow_reconnect=False)
