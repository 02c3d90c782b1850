"""The chassis's share of a service's migrations, one function a step; a step never changes."""

from alembic import op


def runtime_role() -> str:
    """The role that the service runs as: it bears the name of its database."""
    name = op.get_bind().exec_driver_sql("SELECT current_database()").scalar_one()
    return f'"{name}"'


def run(statements: str) -> None:
    """Runs statements that are parted by `;;`, as they stand."""
    for statement in statements.split(";;"):
        op.get_bind().exec_driver_sql(statement)


def grant(rights: str, *tables: str) -> None:
    """Gives the service's role these rights on the tables, and no others."""
    for table in tables:
        run(f"GRANT {rights} ON {table} TO {runtime_role()}")


def make_immutable(*tables: str) -> None:
    """Refuses to change, delete or truncate rows of the tables, whoever asks."""
    for table in tables:
        run(
            f"CREATE TRIGGER {table}_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change()"
        )


def chassis_1() -> None:
    """Outbox, inbox, parked messages, audit, idempotency keys, milestones."""
    run(_CHASSIS_1)
    run("SELECT make_outbox_partitions(3)")
    run(f"GRANT EXECUTE ON FUNCTION make_outbox_partitions(int) TO {runtime_role()}")
    make_immutable("audit", "inbox")
    grant("SELECT, INSERT, UPDATE (published_at)", "outbox")
    grant("SELECT, INSERT", "inbox", "audit", "milestones")
    grant("SELECT, INSERT, UPDATE, DELETE", "parked", "relay_state")
    grant("SELECT, INSERT, DELETE", "idempotency")
    grant("SELECT", "alembic_version")


_CHASSIS_1 = """
CREATE FUNCTION refuse_to_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is written once and never changed', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;;
CREATE TABLE outbox (
    seq bigint GENERATED ALWAYS AS IDENTITY,
    recorded_at timestamptz NOT NULL,
    event_id uuid NOT NULL,
    aggregate_id uuid NOT NULL,
    subject text NOT NULL,
    body text NOT NULL,
    correlation_id uuid NOT NULL,
    causation_id uuid,
    traceparent text NOT NULL,
    published_at timestamptz,
    PRIMARY KEY (seq, recorded_at)
) PARTITION BY RANGE (recorded_at);;
CREATE INDEX outbox_unpublished ON outbox (seq) WHERE published_at IS NULL;;
CREATE TABLE outbox_rest PARTITION OF outbox DEFAULT;;
CREATE FUNCTION make_outbox_partitions(ahead int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    first date := date_trunc('month', now() AT TIME ZONE 'UTC');
    month date;
    name text;
BEGIN
    FOR step IN 0..least(ahead, 24) LOOP
        month := first + make_interval(months => step);
        name := 'outbox_' || to_char(month, 'YYYY_MM');
        IF to_regclass(name) IS NULL THEN
            BEGIN
                EXECUTE format(
                    'CREATE TABLE %I PARTITION OF outbox FOR VALUES FROM (%L) TO (%L)',
                    name, month::timestamp AT TIME ZONE 'UTC',
                    (month + interval '1 month') AT TIME ZONE 'UTC');
            EXCEPTION WHEN check_violation THEN
                NULL;  -- outbox_rest holds rows of this month already, and goes on doing so
            END;
        END IF;
    END LOOP;
END $$;;
REVOKE ALL ON FUNCTION make_outbox_partitions(int) FROM PUBLIC;;
CREATE TABLE relay_state (
    stream text PRIMARY KEY,
    stream_made_at text NOT NULL,
    last_seq bigint NOT NULL,
    tell_from timestamptz
);;
CREATE TABLE inbox (
    event_id uuid PRIMARY KEY,
    subject text NOT NULL,
    heard_at timestamptz NOT NULL
);;
CREATE TABLE parked (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id uuid NOT NULL UNIQUE,
    aggregate_id uuid NOT NULL,
    subject text NOT NULL,
    headers jsonb NOT NULL,
    body bytea NOT NULL,
    parked_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    tries integer NOT NULL,
    error text,
    given_up_at timestamptz
);;
CREATE INDEX parked_by_aggregate ON parked (aggregate_id, id);;
CREATE TABLE audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    person_id uuid,
    member_id uuid,
    action text NOT NULL,
    object_id uuid NOT NULL,
    before jsonb,
    after jsonb,
    reason text,
    event_id uuid,
    traceparent text NOT NULL
);;
CREATE INDEX audit_by_object ON audit (object_id, id);;
CREATE TABLE idempotency (
    scope uuid NOT NULL,
    key text NOT NULL,
    digest bytea NOT NULL,
    claimed_at timestamptz NOT NULL,
    status smallint NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (scope, key)
);;
CREATE INDEX idempotency_by_age ON idempotency (claimed_at);;
CREATE TABLE milestones (
    name text PRIMARY KEY,
    reached_at timestamptz NOT NULL
)
"""


def imports_1() -> None:
    """Imports, for services that take files."""
    run(_IMPORTS_1)
    grant("SELECT, INSERT, DELETE", "imports")
    grant(
        "UPDATE (status, content, first_on, last_on, rows_done, added, changed, unchanged, removed, faults,"
        " faults_total, applied_by, applied_at, version)",
        "imports",
    )


_IMPORTS_1 = """
CREATE TABLE imports (
    id uuid PRIMARY KEY,
    member_id uuid,
    made_by uuid NOT NULL,
    kind text NOT NULL,
    target_id uuid,
    first_on date,
    last_on date,
    file_name text NOT NULL,
    content bytea,
    status text NOT NULL CHECK (status IN
        ('checking', 'checked', 'applying', 'applied', 'refused', 'expired')),
    rows_total integer NOT NULL,
    rows_done integer NOT NULL CHECK (rows_done BETWEEN 0 AND rows_total),
    added integer NOT NULL,
    changed integer NOT NULL,
    unchanged integer NOT NULL,
    removed integer NOT NULL,
    faults jsonb NOT NULL,
    faults_total integer NOT NULL,
    made_at timestamptz NOT NULL,
    applied_by uuid,
    applied_at timestamptz,
    version integer NOT NULL,
    CHECK (first_on <= last_on),
    CHECK ((status IN ('checking', 'checked', 'applying')) = (content IS NOT NULL)),
    CHECK ((status = 'applied') = (applied_at IS NOT NULL)),
    CHECK ((status IN ('applying', 'applied')) <= (applied_by IS NOT NULL))
);;
CREATE INDEX imports_by_member ON imports (member_id, id);;
CREATE INDEX imports_waiting ON imports (made_at) WHERE content IS NOT NULL
"""
