"""Alembic's entry to the migrations of this service."""

from services.notices.tables import metadata
from shared.migrate import run_migrations

run_migrations(metadata)
