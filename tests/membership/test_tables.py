"""The database: what the tables are said to be is what the migrations made, with least rights."""

from typing import Any

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Table, pool
from sqlalchemy.ext.asyncio import create_async_engine

from services.membership.tables import metadata
from shared.ids import new_id
from tests.harness import Running
from tests.membership.cluster import Cluster


def is_compared(thing: Any, name: str | None, kind: str, *_: Any) -> bool:
    table = thing if isinstance(thing, Table) else getattr(thing, "table", None)
    is_partition = table is not None and table.name.startswith("outbox_")
    return not is_partition and name != "alembic_version"


def differences(connection: Connection) -> list[Any]:
    context = MigrationContext.configure(
        connection, opts={"include_object": is_compared, "compare_type": True}
    )
    return list(compare_metadata(context, metadata))


async def test_the_tables_are_what_the_migrations_make(membership: Running) -> None:
    url = membership.servers.owner_url("membership", membership.database_name)
    engine = create_async_engine(
        url.replace("postgresql://", "postgresql+asyncpg://"), poolclass=pool.NullPool
    )
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await engine.dispose()


async def test_the_service_can_neither_delete_nor_rewrite_what_happened(cluster: Cluster) -> None:
    await cluster.active()
    database = cluster.service.runtime.database
    for statement in (
        "DELETE FROM members",
        "DELETE FROM agreements",
        "DELETE FROM agreement_parties",
        "DELETE FROM roles",
        "DELETE FROM persons",
        "DELETE FROM accounts",
        "DELETE FROM audit",
        "UPDATE members SET inn = '7707083893'",
        "UPDATE agreements SET valid_to = 'infinity'",
        "UPDATE agreement_parties SET member_id = member_id",
        "UPDATE roles SET role = 'administrator'",
        "UPDATE accounts SET person_id = person_id",
        "UPDATE outbox SET body = ''",
        "TRUNCATE sessions",
        "CREATE TABLE mine ()",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await database.fetch(statement)


async def test_i1_i7_the_database_itself_refuses_what_cannot_be(cluster: Cluster) -> None:
    agreement_id = await cluster.active()
    for statement, *values in (
        ("UPDATE members SET kind = 'cluster'",),
        ("UPDATE members SET inn = NULL",),
        ("UPDATE members SET inn = ''",),
        ("UPDATE members SET kpp = NULL",),
        ("UPDATE members SET inn = '6799000010'",),
        ("UPDATE members SET bank_account = NULL",),
        ("UPDATE roles SET member_id = NULL",),
        ("UPDATE agreements SET kind = 'partnership'",),
        ("UPDATE agreements SET valid_to = valid_from - 1",),
        (
            "INSERT INTO agreement_parties VALUES ($1, $2, 3)",
            agreement_id,
            new_id(),
        ),
    ):
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            await cluster.service.sql(statement, *values)
