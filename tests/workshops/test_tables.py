"""The tables as the code knows them, as the migrations make them, and what the service may do."""

from typing import Any

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, pool
from sqlalchemy.ext.asyncio import create_async_engine

from services.workshops.tables import metadata
from tests.harness import Running, Servers
from tests.workshops.facts import Known

CONSTRAINTS_ONLY = {"one_use_of_a_resource_at_a_time"}
"""What only the database can keep, and the tables of the code do not name."""


async def test_the_tables_of_the_code_are_those_of_the_migrations(
    servers: Servers, workshops: Running
) -> None:
    def is_told(_: Any, name: str | None, kind: str, *__: Any) -> bool:
        if kind == "table":
            return name != "alembic_version" and not str(name).startswith("outbox_")
        return name not in CONSTRAINTS_ONLY

    def differences(connection: Connection) -> list[Any]:
        options = {"include_object": is_told, "compare_type": True, "compare_server_default": True}
        return list(
            compare_metadata(MigrationContext.configure(connection, opts=options), metadata)
        )

    url = servers.owner_url("workshops", workshops.database_name)
    engine = create_async_engine(
        url.replace("postgresql://", "postgresql+asyncpg://"), poolclass=pool.NullPool
    )
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await engine.dispose()


RIGHTS: dict[str, set[str]] = {
    "alembic_version": set(),
    "competences": set(),
    "members": {"INSERT", "UPDATE"},
    "agreements": {"INSERT", "UPDATE"},
    "sites": {"INSERT"},
    "site_hours": {"INSERT"},
    "site_bells": {"INSERT", "DELETE"},
    "workshops": {"INSERT"},
    "pools": {"INSERT"},
    "equipment": {"INSERT"},
    "tariffs": {"INSERT"},
    "bookings": {"INSERT"},
    "lessons": {"INSERT"},
    "feeds": {"INSERT"},
    "imports": {"INSERT", "DELETE"},
    "pool_days": {"INSERT"},
    "occupations": {"INSERT"},
    "outbox": {"INSERT"},
    "audit": {"INSERT"},
    "inbox": {"INSERT"},
    "milestones": {"INSERT"},
    "parked": {"INSERT", "UPDATE", "DELETE"},
    "idempotency": {"INSERT", "DELETE"},
    "relay_state": {"INSERT", "UPDATE", "DELETE"},
}
COLUMNS: dict[str, set[str]] = {
    "bookings": {
        "status",
        "answer_due_at",
        "answer_reason",
        "checked_in_at",
        "completed_at",
        "actual_minutes",
        "charged_kopecks",
        "charged_vat_kopecks",
        "version",
    },
    "sites": {"version"},
    "pool_days": {"taken"},
    "lessons": {"released_at"},
    "feeds": {"revoked_at"},
    "imports": {
        "status",
        "content",
        "first_on",
        "last_on",
        "rows_done",
        "added",
        "changed",
        "unchanged",
        "removed",
        "faults",
        "faults_total",
        "applied_by",
        "applied_at",
        "version",
    },
    "occupations": {"released_at"},
    "outbox": {"published_at"},
}


async def test_the_service_may_write_just_this(servers: Servers, workshops: Running) -> None:
    connection = await asyncpg.connect(servers.runtime_url("workshops", workshops.database_name))
    try:
        tables = await connection.fetch(
            """
            SELECT relname AS name, (SELECT array_agg(right_) FROM
                unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER', 'REFERENCES'])
                AS right_ WHERE has_table_privilege(c.oid, right_)) AS rights
            FROM pg_class c WHERE relkind IN ('r', 'p', 'v', 'm', 'f')
              AND relnamespace = 'public'::regnamespace AND relname NOT LIKE 'outbox\\_%'
            """
        )
        columns = await connection.fetch(
            """
            SELECT c.relname AS name, array_agg(attname::text) AS columns
            FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
            WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace
              AND relname NOT LIKE 'outbox\\_%' AND attnum > 0 AND NOT attisdropped
              AND has_column_privilege(c.oid, attnum, 'UPDATE')
              AND NOT has_table_privilege(c.oid, 'UPDATE')
            GROUP BY 1
            """
        )
    finally:
        await connection.close()
    assert {row["name"]: set(row["rights"] or ()) for row in tables} == RIGHTS
    assert {row["name"]: set(row["columns"]) for row in columns} == COLUMNS


DENIED = [
    "UPDATE audit SET reason = 'x'",
    "DELETE FROM audit",
    "UPDATE inbox SET subject = 'x'",
    "DELETE FROM inbox",
    "UPDATE outbox SET body = '{}'",
    "DELETE FROM outbox",
    "UPDATE bookings SET price_kopecks = 0",
    "UPDATE bookings SET vat_kopecks = 0",
    "UPDATE bookings SET workplaces = 1",
    "UPDATE bookings SET starts_at = ends_at - interval '5 minutes'",
    "UPDATE bookings SET booker_id = owner_id",
    "UPDATE bookings SET net_per_workplace_hour_kopecks = 1",
    "DELETE FROM bookings",
    "UPDATE occupations SET during = 'empty'",
    "DELETE FROM occupations",
    "UPDATE pool_days SET places = 1000",
    "DELETE FROM pool_days",
    "UPDATE pools SET workplaces = 1000",
    "UPDATE tariffs SET net_kopecks = 0",
    "UPDATE competences SET name = 'x'",
    "UPDATE sites SET owner_id = id",
    "UPDATE site_bells SET pair = 12",
    "UPDATE lessons SET workplaces = 1",
    "UPDATE lessons SET starts_at = ends_at",
    "DELETE FROM lessons",
    "UPDATE feeds SET member_id = id",
    "UPDATE feeds SET secret_sha256 = ''",
    "DELETE FROM feeds",
    "TRUNCATE bookings",
    "ALTER TABLE pool_days DROP CONSTRAINT a_pool_is_never_over_its_cap",
    "CREATE TABLE own (id int)",
    "SET session_replication_role = replica",
]


async def test_the_service_cannot_change_what_it_has_told_or_promised(
    servers: Servers, known: Known
) -> None:
    assert (await known.book(known.firm)).status_code == 201
    connection = await asyncpg.connect(
        servers.runtime_url("workshops", known.service.database_name)
    )
    try:
        for statement in DENIED:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
    finally:
        await connection.close()


async def test_audit_and_inbox_stay_whoever_asks(known: Known) -> None:
    await known.book()
    for table in ("audit", "inbox"):
        for statement in (f"DELETE FROM {table}", f"TRUNCATE {table}"):
            with pytest.raises(asyncpg.RestrictViolationError):
                await known.service.sql(statement)
    with pytest.raises(asyncpg.RestrictViolationError):
        await known.service.sql("UPDATE audit SET reason = 'x'")


REFUSED_BY_A_CONSTRAINT: dict[str, str] = {
    "UPDATE pool_days SET taken = places_added(taken, 1, 288, 9)": "a_pool_is_never_over_its_cap",
    "UPDATE pool_days SET taken = places_added(taken, 288, 288, 9)": "a_pool_is_never_over_its_cap",
    "UPDATE pool_days SET taken = places_added(taken, 1, 1, -1)": (
        "nobody_gives_back_what_he_has_not"
    ),
    "UPDATE pool_days SET taken = taken[2:]": "a_day_has_288_slices",
    "INSERT INTO pool_days SELECT id, '2020-01-01', 9, array_fill(9::smallint, ARRAY[288])"
    " FROM pools": "pool_days_pool_id_places_fkey",
    "INSERT INTO occupations SELECT gen_random_uuid(), resource_id, gen_random_uuid(),"
    " tstzrange(upper(during) - interval '1 second', upper(during) + interval '1 hour')"
    " FROM occupations": "one_use_of_a_resource_at_a_time",
    "INSERT INTO occupations SELECT gen_random_uuid(), resource_id, booking_id, 'empty'"
    " FROM occupations": "occupations_during_check",
    "INSERT INTO occupations SELECT gen_random_uuid(), resource_id, booking_id, '(,)'"
    " FROM occupations": "occupations_during_check",
    "UPDATE bookings SET status = 'free'": "bookings_status_check",
    "UPDATE bookings SET status = 'completed'": "bookings_check4",
    "UPDATE bookings SET charged_kopecks = 1": "bookings_check4",
    "UPDATE bookings SET answer_due_at = NULL": "bookings_check3",
    "INSERT INTO tariffs SELECT gen_random_uuid(), workshop_id, net_kopecks, valid_from_at"
    " FROM tariffs": "tariffs_by_workshop",
}


async def test_the_database_refuses_by_itself_what_must_be_impossible(
    servers: Servers, known: Known
) -> None:
    """I8, I9: as the service's own role, past all of its code."""
    booked = await known.book(equipment_ids=[str(known.machines[0])])
    assert booked.status_code == 201
    connection = await asyncpg.connect(
        servers.runtime_url("workshops", known.service.database_name)
    )
    try:
        for statement, constraint in REFUSED_BY_A_CONSTRAINT.items():
            with pytest.raises(asyncpg.IntegrityConstraintViolationError) as refused:
                await connection.execute(statement)
            assert refused.value.constraint_name == constraint, statement
        await connection.execute("UPDATE occupations SET released_at = now()")
        await connection.execute(
            "INSERT INTO occupations SELECT gen_random_uuid(), resource_id, gen_random_uuid(),"
            " during FROM occupations"
        )
        with pytest.raises(asyncpg.ExclusionViolationError):
            await connection.execute("UPDATE occupations SET released_at = NULL")
    finally:
        await connection.close()
