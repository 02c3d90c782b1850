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


def deeds_1() -> None:
    """The audit is looked up by person, for services that show people what they did."""
    run("CREATE INDEX audit_by_person ON audit (person_id, id) WHERE person_id IS NOT NULL")


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


def files_1() -> None:
    """Files, for services that keep some; what refers to one says `REFERENCES files`."""
    run(_FILES_1)
    grant("SELECT, INSERT, UPDATE (used_at), DELETE", "files")


_FILES_1 = """
CREATE TABLE files (
    id uuid PRIMARY KEY,
    member_id uuid,
    made_by uuid,
    made_at timestamptz NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    size integer NOT NULL CHECK (size = octet_length(content) AND size > 0),
    sha256 bytea NOT NULL CHECK (sha256 = sha256(content)),
    content bytea NOT NULL,
    used_at timestamptz,
    CONSTRAINT files_by_content UNIQUE (id, sha256)
);;
ALTER TABLE files ALTER COLUMN content SET STORAGE EXTERNAL;;
CREATE INDEX files_unused ON files (made_at) WHERE used_at IS NULL;;
CREATE TRIGGER files_stay
    BEFORE UPDATE OF id, member_id, made_by, made_at, name, kind, size, sha256, content OR TRUNCATE
    ON files FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change()
"""


def documents_1() -> None:
    """Templates that members put in place of those of the service, which has files (`files_1`)."""
    run(_DOCUMENTS_1)
    grant("SELECT, INSERT, DELETE, UPDATE (file_id, made_at, made_by)", "document_templates")


_DOCUMENTS_1 = """
CREATE TABLE document_templates (
    member_id uuid NOT NULL,
    name text NOT NULL,
    made_as text NOT NULL CHECK (made_as IN ('docx', 'pdf')),
    file_id uuid NOT NULL REFERENCES files,
    made_at timestamptz NOT NULL,
    made_by uuid NOT NULL,
    PRIMARY KEY (member_id, name, made_as)
)
"""


def signing_1() -> None:
    """Signings, for services in which something is signed, which have files (`files_1`).

    Nobody changes or deletes what was signed, whoever asks; a signing is completed or cancelled
    once; in a given order nobody signs before his turn; and nobody signs what is over.
    """
    run(_SIGNING_1)
    make_immutable("signing_parties", "signatures")
    grant("SELECT, INSERT, UPDATE (completed_at, cancelled_at)", "signings")
    grant("SELECT, INSERT", "signing_parties", "signatures")


_SIGNING_1 = """
CREATE TABLE signings (
    id uuid PRIMARY KEY,
    about_id uuid NOT NULL,
    file_id uuid NOT NULL,
    sha256 bytea NOT NULL,
    in_order boolean NOT NULL,
    opened_at timestamptz NOT NULL,
    completed_at timestamptz,
    cancelled_at timestamptz,
    FOREIGN KEY (file_id, sha256) REFERENCES files (id, sha256),
    CHECK (completed_at IS NULL OR cancelled_at IS NULL)
);;
CREATE INDEX signings_by_thing ON signings (about_id, opened_at);;
CREATE TABLE signing_parties (
    signing_id uuid NOT NULL REFERENCES signings,
    party_id uuid NOT NULL,
    place smallint NOT NULL,
    PRIMARY KEY (signing_id, party_id),
    UNIQUE (signing_id, place)
);;
CREATE TABLE signatures (
    signing_id uuid NOT NULL,
    party_id uuid NOT NULL,
    method text NOT NULL CHECK (method IN ('system', 'detached', 'paper')),
    signed_at timestamptz NOT NULL,
    signed_on date NOT NULL,
    person_id uuid NOT NULL,
    session_id uuid NOT NULL,
    accepted_by text NOT NULL,
    file_id uuid REFERENCES files,
    certificate jsonb,
    PRIMARY KEY (signing_id, party_id),
    FOREIGN KEY (signing_id, party_id) REFERENCES signing_parties (signing_id, party_id),
    CHECK ((method = 'system') = (file_id IS NULL)),
    CHECK ((method = 'detached') = (certificate IS NOT NULL))
);;
CREATE FUNCTION keep_signing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.completed_at IS NOT NULL OR OLD.cancelled_at IS NOT NULL
        OR (NEW.completed_at IS NOT NULL AND EXISTS (
            SELECT FROM signing_parties p LEFT JOIN signatures s USING (signing_id, party_id)
            WHERE p.signing_id = OLD.id AND s.signing_id IS NULL))
    THEN
        RAISE EXCEPTION 'a signing is completed by all its parties, and over once'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;;
CREATE TRIGGER signings_end BEFORE UPDATE ON signings
    FOR EACH ROW EXECUTE FUNCTION keep_signing();;
CREATE TRIGGER signings_stay
    BEFORE UPDATE OF id, about_id, file_id, sha256, in_order, opened_at OR DELETE OR TRUNCATE
    ON signings FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change();;
CREATE FUNCTION keep_the_order() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    signing signings;
BEGIN
    SELECT * INTO signing FROM signings WHERE id = NEW.signing_id FOR UPDATE;
    IF signing.completed_at IS NOT NULL OR signing.cancelled_at IS NOT NULL OR (
        signing.in_order AND EXISTS (
            SELECT FROM signing_parties p LEFT JOIN signatures s USING (signing_id, party_id)
            WHERE p.signing_id = NEW.signing_id AND s.signing_id IS NULL AND p.place < (
                SELECT place FROM signing_parties
                WHERE signing_id = NEW.signing_id AND party_id = NEW.party_id)))
    THEN
        RAISE EXCEPTION 'it is not this party''s turn to sign' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;;
CREATE TRIGGER signatures_in_order BEFORE INSERT ON signatures
    FOR EACH ROW EXECUTE FUNCTION keep_the_order();;
CREATE FUNCTION keep_the_parties() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM signatures WHERE signing_id = NEW.signing_id) THEN
        RAISE EXCEPTION 'nobody joins what others have signed' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;;
CREATE TRIGGER signing_parties_first BEFORE INSERT ON signing_parties
    FOR EACH ROW EXECUTE FUNCTION keep_the_parties()
"""
