"""Brings a service's database to its newest shape: `python -m shared.migrate <service>`.

What migrates is imported when it is needed: every service asks here what the newest shape is, and
Alembic with SQLAlchemy would be a quarter of its start.
"""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection, MetaData

SERVICES = Path(__file__).resolve().parent.parent / "services"
_LOCK = 7_002


def upgrade(service: str, url: str) -> None:
    """Runs the service's migrations as the owner of its database; does nothing when at head."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(SERVICES / service / "migrations"))
    config.attributes["url"] = url
    command.upgrade(config, "head")


def run_migrations(metadata: "MetaData") -> None:
    """What a service's `migrations/env.py` calls."""
    from alembic import context

    if context.is_offline_mode():
        raise RuntimeError("migrations of Artel are run against a database")
    asyncio.run(_run(context.config.attributes["url"], metadata))


async def _run(url: str, metadata: "MetaData") -> None:
    from sqlalchemy import pool
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine(
        url.replace("postgresql://", "postgresql+asyncpg://"), poolclass=pool.NullPool
    )
    async with engine.connect() as connection:
        await connection.run_sync(_migrate, metadata)
    await engine.dispose()


def _migrate(connection: "Connection", metadata: "MetaData") -> None:
    from alembic import context
    from sqlalchemy import text

    connection.execute(text("SET lock_timeout = '10s'"))
    connection.execute(text(f"SELECT pg_advisory_lock({_LOCK})"))
    connection.commit()
    context.configure(connection=connection, target_metadata=metadata)
    with context.begin_transaction():
        context.run_migrations()
    connection.execute(text(f"SELECT pg_advisory_unlock({_LOCK})"))
    connection.commit()


def head_of(service: str) -> str:
    """The newest revision that stands in the service's folder of migrations."""
    files = sorted((SERVICES / service / "migrations" / "versions").glob("[0-9]*.py"))
    return files[-1].stem.split("_", 1)[0]


def main() -> None:
    """Reads the service from the command line and the address from the environment."""
    from shared.settings import variable

    service = sys.argv[1]
    name = f"ARTEL_{service.upper()}_MIGRATION_URL"
    url = variable(name)
    if url is None:
        sys.exit(f"{name} is missing: where the owner of the database connects.")
    upgrade(service, url)


if __name__ == "__main__":
    main()
