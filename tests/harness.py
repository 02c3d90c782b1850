"""Real parts for tests: a PostgreSQL and a NATS server for the run, fresh databases for each test."""

import asyncio
import importlib
import itertools
import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import nats
from fastapi import FastAPI
from joserfc.jwk import OKPKey
from pydantic import SecretStr

from contracts.provisioning import provision
from contracts.topology import SERVICES, stream_of
from deploy.local.nats import Nats
from deploy.local.postgres import Postgres
from deploy.nats.config import USERS, authorization
from deploy.postgres.bootstrap import bootstrap, database_of, owner_role_of, roles, runtime_role_of
from shared.clock import now as real_now
from shared.identity import Actor, Role
from shared.ids import new_id
from shared.migrate import upgrade
from shared.service import Runtime
from shared.settings import Settings
from shared.tokens import Signer

_numbers = itertools.count(1)


class Moment:
    """A clock that a test moves; it runs on from where it was set."""

    def __init__(self) -> None:
        self._shift = timedelta()

    def __call__(self) -> datetime:
        return real_now() + self._shift

    def set(self, moment: datetime) -> None:
        """It is this moment now."""
        self._shift = moment.astimezone(UTC) - real_now()

    def pass_(self, **units: float) -> None:
        """Some time passes."""
        self._shift += timedelta(**units)


def in_containers() -> bool:
    """Whether the servers run in containers (`make test-containers`), not from their wheels."""
    return os.environ.get("ARTEL_TEST_SERVERS") == "containers"


def kinds_of_servers() -> tuple[type[Postgres], type[Nats]]:
    """What starts the servers of this run."""
    if not in_containers():
        return Postgres, Nats
    from tests.containers.servers import ContainerNats, ContainerPostgres

    return ContainerPostgres, ContainerNats


@dataclass
class Servers:
    """The servers of this run."""

    postgres: Postgres
    nats: Nats
    passwords: dict[str, str]
    key: OKPKey
    _migrated: set[str] = field(default_factory=set)

    @classmethod
    def start(cls, folder: Path) -> "Servers":
        """Starts both; a service's database is migrated when it is first asked for, then copied."""
        users = (*roles(), *USERS)
        passwords = {user: secrets.token_hex(8) for user in users}
        key = OKPKey.generate_key("Ed25519", {"kid": "test"}, private=True)
        postgres_class, nats_class = kinds_of_servers()
        servers = cls(
            postgres=postgres_class(folder / "postgres", secrets.token_hex(8), fsync=False),
            nats=nats_class(folder / "nats", authorization(passwords)),
            passwords=passwords,
            key=key,
        )
        asyncio.run(servers._start())
        return servers

    async def _start(self) -> None:
        await asyncio.gather(self.postgres.start(), self.nats.start())
        await bootstrap(self.postgres.admin_url, self.passwords)

    def stop(self) -> None:
        """Stops both."""
        asyncio.run(self._stop())

    async def _stop(self) -> None:
        await asyncio.gather(self.postgres.stop(), self.nats.stop())

    def owner_url(self, service: str, database: str | None = None) -> str:
        """Where the owner of a service's database connects."""
        role = owner_role_of(service)
        return self.postgres.url(role, self.passwords[role], database or database_of(service))

    def runtime_url(self, service: str, database: str | None = None) -> str:
        """Where a service connects."""
        role = runtime_role_of(service)
        return self.postgres.url(role, self.passwords[role], database or database_of(service))

    def nats_url(self, user: str) -> str:
        """Where that user of the bus connects."""
        return self.nats.url(user, self.passwords[user])

    async def admin(self, statement: str) -> None:
        """Runs a statement as the superuser."""
        connection = await asyncpg.connect(self.postgres.admin_url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    async def new_database(self, service: str) -> str:
        """A fresh copy of the service's migrated database; returns its name."""
        if service not in self._migrated:
            await asyncio.to_thread(upgrade, service, self.owner_url(service))
            self._migrated.add(service)
        name = f"test_{service}_{os.getpid()}_{next(_numbers)}"
        await self.admin(
            f'CREATE DATABASE "{name}" TEMPLATE "{database_of(service)}"'
            f' STRATEGY FILE_COPY OWNER "{owner_role_of(service)}"'
        )
        return name

    async def drop_database(self, name: str) -> None:
        """Drops a copy, whoever is connected to it."""
        await self.admin(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def settings(self, service: str, database: str, **more: Any) -> Settings:
        """The settings of a service on a copy of its database."""
        public = {"keys": [self.key.as_dict(private=False)]}
        options: dict[str, Any] = {
            "database_url": SecretStr(self.runtime_url(service, database)),
            "nats_url": SecretStr(self.nats_url(service)),
            "token_public_keys": _json(public),
            "token_private_key": SecretStr(_json(self.key.as_dict(private=True))),
            "log_level": "warning",
            **more,
        }
        return Settings.model_validate(options)

    async def fresh_streams(self) -> None:
        """Forgets everything that was told, and provisions anew."""
        client = await nats.connect(
            self.nats_url("provisioner"), inbox_prefix=b"_INBOX_provisioner"
        )
        try:
            for service in SERVICES:
                try:
                    await client.jetstream().delete_stream(stream_of(service))
                except nats.js.errors.NotFoundError:
                    continue
            await provision(client)
        finally:
            await client.close()

    def token(
        self,
        member_id: UUID | None,
        *allowed: Role,
        person_id: UUID | None = None,
        now: datetime | None = None,
    ) -> str:
        """An access token as membership would make it."""
        actor = Actor(person_id or new_id(), member_id, frozenset(allowed), new_id())
        signer = Signer(_json(self.key.as_dict(private=True)), 900)
        return signer.sign(actor, now or real_now())


@dataclass
class Running:
    """A service in this process, on a database of its own."""

    servers: Servers
    app: FastAPI
    client: httpx.AsyncClient
    clock: Moment
    database_name: str
    _admin: Any = field(default=None)

    @property
    def runtime(self) -> Runtime:
        """The service while it runs."""
        runtime: Runtime = self.app.state.runtime
        return runtime

    def as_(
        self, member_id: UUID | None, *allowed: Role, person_id: UUID | None = None
    ) -> dict[str, str]:
        """The headers of a person who acts for the member in these roles."""
        token = self.servers.token(member_id, *allowed, person_id=person_id, now=self.clock())
        return {"Authorization": f"Bearer {token}"}

    async def sql(self, statement: str, *values: Any) -> list[Mapping[str, Any]]:
        """Runs a statement as the superuser, past all rights."""
        url = self.servers.postgres.url("artel", self.servers.postgres.password, self.database_name)
        connection = await asyncpg.connect(url)
        try:
            rows: list[Mapping[str, Any]] = await connection.fetch(statement, *values)
            return rows
        finally:
            await connection.close()

    async def told(self, *subjects: str) -> list[Mapping[str, Any]]:
        """What stands in the outbox, in order; of these subjects, or all."""
        return await self.sql(
            "SELECT * FROM outbox WHERE cardinality($1::text[]) = 0 OR subject = ANY ($1)"
            " ORDER BY seq",
            list(subjects),
        )

    async def due(self) -> int:
        """Does once what has fallen due."""
        taken = 0
        for command in (*self.runtime.service.due, *self.runtime.service.lengthy):
            async with self.runtime.database.transaction() as tx:
                taken += await command(tx)
        return taken


@asynccontextmanager
async def running(
    servers: Servers, service: str, clock: Moment, *, with_duties: bool = False, **settings: Any
) -> AsyncIterator[Running]:
    """Runs a service: its HTTP, and with its duties also relay, listener and what falls due."""
    module = importlib.import_module(f"services.{service}.main")
    name = await servers.new_database(service)
    app: FastAPI = module.create_app(servers.settings(service, name, **settings), clock)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    client = httpx.AsyncClient(transport=transport, base_url="http://artel.test", timeout=30)
    runtime: Runtime = app.state.runtime
    try:
        if with_duties:
            async with app.router.lifespan_context(app):
                yield Running(servers, app, client, clock, name)
        else:
            await runtime.database.open()
            try:
                yield Running(servers, app, client, clock, name)
            finally:
                await runtime.database.close()
    finally:
        await client.aclose()
        await servers.drop_database(name)


async def until(
    question: Callable[[], Awaitable[Any]], seconds: float = 10.0, pause: float = 0.02
) -> Any:
    """Asks until the answer is true, and returns it; fails when the time is over."""
    deadline = asyncio.get_running_loop().time() + seconds
    while True:
        answer = await question()
        if answer:
            return answer
        if asyncio.get_running_loop().time() > deadline:
            raise AssertionError(f"not within {seconds} s: {question}")
        await asyncio.sleep(pause)


def _json(value: Any) -> str:
    import json

    return json.dumps(value)
