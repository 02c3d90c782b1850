"""The rights of the services on the bus and in the database, tried with real clients."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import asyncpg
import nats
import pytest
from nats.aio.client import Client

from contracts.provisioning import provision
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


async def _fetch(js: nats.js.JetStreamContext, durable: str, stream: str) -> object:
    return await (await js.pull_subscribe_bind(durable, stream)).fetch(1, timeout=0.3)


async def _client(server: Nats, user: str, faults: list[Exception] | None = None) -> Client:
    async def on_error(error: Exception) -> None:
        if faults is not None:
            faults.append(error)

    prefix = b"_INBOX" if user == PROVISIONER else inbox_prefix(user).encode()
    url = server.url(user, f"of-{user}")
    return await nats.connect(url, inbox_prefix=prefix, error_cb=on_error, allow_reconnect=False)
