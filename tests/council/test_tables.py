"""The database: what the tables are said to be is what the migrations made, with least rights."""

from typing import Any

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Table, pool
from sqlalchemy.ext.asyncio import create_async_engine

from services.council.tables import metadata
from tests.harness import Running


def is_compared(thing: Any, name: str | None, kind: str, *_: Any) -> bool:
    table = thing if isinstance(thing, Table) else getattr(thing, "table", None)
    is_partition = table is not None and table.name.startswith("outbox_")
    return not is_partition and name != "alembic_version"


def differences(connection: Connection) -> list[Any]:
    context = MigrationContext.configure(
        connection, opts={"include_object": is_compared, "compare_type": True}
    )
    return list(compare_metadata(context, metadata))


async def test_the_tables_are_what_the_migrations_make(council: Running) -> None:
    url = council.servers.owner_url("council", council.database_name)
    engine = create_async_engine(
        url.replace("postgresql://", "postgresql+asyncpg://"), poolclass=pool.NullPool
    )
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await engine.dispose()


async def test_the_service_can_neither_delete_nor_rewrite_what_happened(council: Running) -> None:
    for statement in (
        "DELETE FROM seats",
        "DELETE FROM proposals",
        "DELETE FROM meetings",
        "DELETE FROM attendances",
        "UPDATE seats SET person_id = person_id",
        "UPDATE parameters SET value = '0'",
        "UPDATE proposals SET member_id = member_id",
        "UPDATE proposal_remarks SET words = ''",
        "UPDATE attendances SET registered_at = registered_at",
        "UPDATE duties SET decision_id = decision_id",
        "CREATE TABLE mine ()",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await council.runtime.database.fetch(statement)
