"""Databases and roles: each service has its own, and none can enter another's."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from contracts.topology import SERVICES

RUNTIME_SETTINGS = {
    "statement_timeout": "5s",
    "lock_timeout": "3s",
    "idle_in_transaction_session_timeout": "15s",
}
SERVER_DATABASES = ("postgres", "template1")


def database_of(service: str) -> str:
    """The database that the service owns."""
    return f"artel_{service}"


def runtime_role_of(service: str) -> str:
    """The role that the service connects as; what it may do with tables its migrations say."""
    return f"artel_{service}"


def owner_role_of(service: str) -> str:
    """The role that owns the database and runs the migrations."""
    return f"artel_{service}_owner"


def roles(services: Sequence[str] = SERVICES) -> tuple[str, ...]:
    """Every role that needs a password."""
    return tuple(
        role for service in services for role in (owner_role_of(service), runtime_role_of(service))
    )


async def bootstrap(
    admin_url: str, passwords: Mapping[str, str], services: Sequence[str] = SERVICES
) -> dict[str, str | None]:
    """Makes what is missing and sets the rest right; `passwords` has one for each role.

    Returns the revision to which each service's database is migrated, None where it never was.
    Idempotent, and safe to be cut off at any point.
    """
    server = await asyncpg.connect(admin_url)
    try:
        for role in roles(services):
            await _role(server, role, passwords[role])
        for database in SERVER_DATABASES:
            await server.execute(f"REVOKE ALL ON DATABASE {database} FROM PUBLIC")
        for service in services:
            await _database(server, service)
    finally:
        await server.close()
    revisions = {}
    for service in services:
        inside = await asyncpg.connect(_within(admin_url, database_of(service)))
        try:
            await _schema(inside, service)
            revisions[service] = await _revision(inside)
        finally:
            await inside.close()
    return revisions


async def _role(server: asyncpg.Connection, role: str, password: str) -> None:
    if not await server.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", role):
        await server.execute(f"CREATE ROLE {role}")
    await server.execute(
        f"ALTER ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT NOREPLICATION"
        f" NOBYPASSRLS PASSWORD {_literal(password)}"
    )


async def _database(server: asyncpg.Connection, service: str) -> None:
    database, owner, runtime = (
        database_of(service),
        owner_role_of(service),
        runtime_role_of(service),
    )
    if not await server.fetchval("SELECT true FROM pg_database WHERE datname = $1", database):
        await server.execute(f"CREATE DATABASE {database} OWNER {owner} TEMPLATE template0")
    await server.execute(f"ALTER DATABASE {database} OWNER TO {owner}")
    await server.execute(f"REVOKE ALL ON DATABASE {database} FROM PUBLIC")
    await server.execute(f"GRANT CONNECT ON DATABASE {database} TO {owner}, {runtime}")
    for name, value in RUNTIME_SETTINGS.items():
        await server.execute(f"ALTER ROLE {runtime} SET {name} = '{value}'")


async def _schema(inside: asyncpg.Connection, service: str) -> None:
    async with inside.transaction():
        await inside.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
        await inside.execute(f"ALTER SCHEMA public OWNER TO {owner_role_of(service)}")
        await inside.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
        await inside.execute(f"GRANT USAGE ON SCHEMA public TO {runtime_role_of(service)}")


async def _revision(inside: asyncpg.Connection) -> str | None:
    if await inside.fetchval("SELECT to_regclass('public.alembic_version')") is None:
        return None
    revision: str | None = await inside.fetchval("SELECT version_num FROM public.alembic_version")
    return revision


def _within(admin_url: str, database: str) -> str:
    return urlunsplit(urlsplit(admin_url)._replace(path=f"/{database}"))


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
