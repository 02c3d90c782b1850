"""What tables.py says is stored is what the migrations make."""

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from services.finance.tables import TransactionNumber, metadata
from tests.harness import Running


def _is_ours(name: str | None, kind: str, _: Any) -> bool:
    """The months of the outbox and Alembic's own table are nobody's to declare."""
    is_month = kind == "table" and (name or "").startswith("outbox_")
    return not is_month and name != "alembic_version"


async def test_the_migrations_make_exactly_what_the_tables_say(
    finance: Running, monkeypatch: Any
) -> None:
    monkeypatch.setitem(ischema_names, "xid8", TransactionNumber)
    url = finance.servers.owner_url("finance", finance.database_name)
    engine = create_async_engine(
        url.replace("postgresql://", "postgresql+asyncpg://"), poolclass=NullPool
    )

    def differences(connection: Connection) -> list[Any]:
        options = {"compare_type": True, "include_name": _is_ours}
        context = MigrationContext.configure(connection, opts=options)
        return list(compare_metadata(context, metadata))

    async with engine.connect() as connection:
        found = await connection.run_sync(differences)
    await engine.dispose()

    assert found == []
