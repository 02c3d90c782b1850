"""A notary's office: a service that keeps files, makes documents and has them signed, of the chassis alone."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx
import pytest
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy.ext.asyncio import create_async_engine

from deploy.postgres.bootstrap import runtime_role_of
from shared.database import Transaction
from shared.documents.plain import docx_of
from shared.documents.render import Format
from shared.documents.resource import add_template_routes
from shared.documents.templates import Template, Templates
from shared.files import records
from shared.files.resource import add_file_routes
from shared.files.types import FileType
from shared.identity import Actor, Role
from shared.ids import new_id
from shared.listener import Hear
from shared.migrations import documents_1, files_1, signing_1
from shared.routes import Routes, roles
from shared.service import Service, create_app
from tests.harness import Moment, Running, Servers

CLERKS = roles(Role.COORDINATOR)
SAMPLE = {"title": "Образец", "people": [{"name": "Иванова М. П."}], "place": None}
DEED_DOCX = """# {{ title }}
> Смоленск
{%p for person in people %}
- {{ person.name }}
{%p endfor %}
| Сторона | Подпись |
| {{ people[0].name }} | ____ |"""
DEED_PDF = """#let d = json(bytes(sys.inputs.data))
#set text(lang: "ru")
= #d.title
#for person in d.people [- #person.name]
"""
TEMPLATES = Templates(
    may=CLERKS,
    known=(
        Template("deed", Format.DOCX, lambda: docx_of(DEED_DOCX), SAMPLE),
        Template("deed", Format.PDF, DEED_PDF.encode, SAMPLE),
    ),
)


@dataclass
class Office:
    """The service, and somebody who works with it."""

    service: Running
    member_id: UUID = field(default_factory=new_id)
    person_id: UUID = field(default_factory=new_id)

    @property
    def headers(self) -> dict[str, str]:
        """The clerk of the first member."""
        return self.by(self.member_id)

    def by(self, member_id: UUID | None, *allowed: Role) -> dict[str, str]:
        """Somebody of a member."""
        return self.service.as_(
            member_id, *(allowed or (Role.COORDINATOR,)), person_id=self.person_id
        )

    def actor(self, member_id: UUID | None = None) -> Actor:
        """The clerk, for a transaction without a request."""
        return Actor(
            self.person_id, member_id or self.member_id, frozenset({Role.COORDINATOR}), new_id()
        )

    def tx(self, member_id: UUID | None = None) -> Any:
        """A transaction of the clerk."""
        return self.service.runtime.database.transaction(
            actor=self.actor(member_id), allowed=CLERKS.roles
        )

    async def ask(
        self, method: str, path: str, headers: dict[str, str] | None = None, **options: Any
    ) -> httpx.Response:
        """Asks a route of the office."""
        return await self.service.client.request(
            method, f"/api/workshops{path}", headers=headers or self.headers, **options
        )

    async def bring(self, content: bytes, name: str = "бумага") -> UUID:
        """Brings in a file; returns its id."""
        made = await self.ask("POST", "/files", content=content, params={"file_name": name})
        assert made.status_code == 201, made.text
        return UUID(made.json()["id"])


async def _migrate(servers: Servers, name: str) -> None:
    url = servers.owner_url("workshops", name).replace("postgresql://", "postgresql+asyncpg://")
    engine = create_async_engine(url)

    def steps(connection: Any) -> None:
        with Operations.context(MigrationContext.configure(connection)):
            files_1()
            documents_1()
            signing_1()

    try:
        async with engine.begin() as connection:
            await connection.run_sync(steps)
    finally:
        await engine.dispose()


@pytest.fixture
def settings() -> dict[str, Any]:
    """What a test sets besides."""
    return {}


@pytest.fixture
async def office(
    servers: Servers, clock: Moment, settings: dict[str, Any]
) -> AsyncIterator[Office]:
    """An office that is open."""
    name = await servers.new_database("workshops")
    # the helpers give rights to the role that bears the name of the database
    await servers.admin(
        f'CREATE ROLE "{name}"; GRANT "{name}" TO {runtime_role_of("workshops")} WITH INHERIT TRUE'
    )
    await _migrate(servers, name)
    routes = Routes("workshops")
    add_file_routes(routes, CLERKS, frozenset(FileType))
    add_template_routes(routes, TEMPLATES)
    service = Service(
        name="workshops", routes=routes, hear=Hear("workshops"), due=(records.forget_unused,)
    )
    app = create_app(service, servers.settings("workshops", name, **settings), clock)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    await app.state.runtime.database.open()
    try:
        async with httpx.AsyncClient(
            transport=transport, base_url="http://artel.test", timeout=60
        ) as client:
            yield Office(Running(servers, app, client, clock, name))
    finally:
        await app.state.runtime.database.close()
        await servers.drop_database(name)
        await servers.admin(f'DROP ROLE "{name}"')


async def kept(tx: Transaction, content: bytes) -> UUID:
    """A file that the service made itself."""
    from shared.files.uploads import upload_of

    return await records.keep(tx, upload_of(content, "deed", FileType.PDF))
