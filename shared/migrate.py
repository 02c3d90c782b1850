"""Brings a service's database to its newest shape: `python -m shared.migrate <service>`."""

import asyncio
import sys
from pathlib import Path

from alembic import command, context
from alembic.config import Config
from sqlalchemy import Connection, MetaData, pool, text
from sqlalchemy.ext.asyncio import create_async_engine

from shared.settings import variable

SERVICES = Path(__file__).resolve().parent.parent / "services"
_LOCK = 7_002


def upgrade(service: str, url: str) -> None:
    """Runs the service's migrations as the owner of its database; does nothing when at head."""
    config = Config()
    config.set_main_option("script_location", str(SERVICES / service / "migrations"))
    config.attributes["url"] = url
    command.upgrade(config, "head")


def run_migrations(metadata: MetaData) -> None:
    """What a service's `migrations/env.py` calls."""
    if context.is_offline_mode():
        raise RuntimeError("migrations of Artel are run against a database")
    asyncio.run(_run(context.config.attributes["url"], metadata))


async def _run(url: str, metadata: MetaData) -> None:
    engine = create_async_engine(
        url.replace("postgresql://", "postgresql+asyncpg://"), poolclass=pool.NullPool
    )
    async with engine.connect() as connection:
        await connection.run_sync(_migrate, metadata)
    await engine.dispose()


def _migrate(connection: Connection, metadata: MetaData) -> None:
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
    service = sys.argv[1]
    name = f"ARTEL_{service.upper()}_MIGRATION_URL"
    url = variable(name)
    if url is None:
        sys.exit(f"{name} is missing: where the owner of the database connects.")
    upgrade(service, url)


if __name__ == "__main__":
    main()
