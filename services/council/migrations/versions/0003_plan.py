"""The annual plan: its versions, their items, who consented to them, reports, imports."""

from shared.migrations import grant, imports_1, make_immutable, run

revision = "0003"
down_revision = "0002"

_TABLES = """
CREATE TABLE plans (
    id uuid PRIMARY KEY,
    year smallint NOT NULL UNIQUE CHECK (year BETWEEN 2000 AND 2200),
    opened_at timestamptz NOT NULL,
    opened_by uuid NOT NULL,
    reported_at timestamptz,
    archived_at timestamptz,
    version integer NOT NULL,
    CHECK (archived_at IS NULL OR reported_at IS NOT NULL)
);;
CREATE TABLE plan_versions (
    plan_id uuid NOT NULL REFERENCES plans,
    number smallint NOT NULL CHECK (number > 0),
    reason text,
    opened_at timestamptz NOT NULL,
    opened_by uuid NOT NULL,
    collecting_at timestamptz,
    collect_until date,
    agreed_at timestamptz,
    agreed_by uuid,
    agreed_sha256 text,
    decision_id uuid UNIQUE,
    approved_on date,
    in_force_on date,
    entered_at timestamptz,
    dropped_at timestamptz,
    PRIMARY KEY (plan_id, number),
    CHECK ((number = 1) = (reason IS NULL)),
    CHECK (agreed_at IS NULL OR collecting_at IS NOT NULL),
    CHECK ((agreed_at IS NULL) = (agreed_by IS NULL)
        AND (agreed_at IS NULL) = (agreed_sha256 IS NULL)),
    CHECK ((decision_id IS NULL) = (approved_on IS NULL)),
    CONSTRAINT in_force_only_agreed_by_the_head_and_approved_by_the_council CHECK
        (in_force_on IS NULL OR (agreed_at IS NOT NULL AND decision_id IS NOT NULL)),
    CONSTRAINT approved_only_what_the_head_has_agreed_to CHECK
        (decision_id IS NULL OR (agreed_at IS NOT NULL AND in_force_on IS NOT NULL)),
    CHECK (entered_at IS NULL OR in_force_on IS NOT NULL),
    CHECK (dropped_at IS NULL OR decision_id IS NULL)
);;
CREATE UNIQUE INDEX plan_versions_open ON plan_versions (plan_id)
    WHERE decision_id IS NULL AND dropped_at IS NULL;;
CREATE INDEX plan_versions_to_enter ON plan_versions (in_force_on)
    WHERE in_force_on IS NOT NULL AND entered_at IS NULL;;
CREATE TABLE plan_items (
    id uuid PRIMARY KEY,
    plan_id uuid NOT NULL REFERENCES plans,
    proposed_by_member_id uuid,
    proposed_by uuid NOT NULL,
    proposed_at timestamptz NOT NULL
);;
CREATE INDEX plan_items_by_plan ON plan_items (plan_id);;
CREATE TABLE plan_lines (
    item_id uuid NOT NULL REFERENCES plan_items,
    plan_id uuid NOT NULL,
    number smallint NOT NULL,
    section text NOT NULL CHECK (section IN ('governance', 'forecast', 'programmes', 'workshops',
        'practice', 'assessment', 'teachers', 'guidance', 'events', 'information', 'finance')),
    title text NOT NULL,
    form text,
    period text NOT NULL,
    first_on date NOT NULL,
    last_on date NOT NULL,
    responsible_member_id uuid NOT NULL,
    responsible_person_id uuid,
    co_executor_ids uuid[] NOT NULL,
    audience text,
    planned_count integer CHECK (planned_count >= 0),
    place text,
    result text NOT NULL,
    indicator text,
    unit text,
    planned_value integer CHECK (planned_value >= 0),
    source text CHECK (source IN ('F1', 'F2', 'F3', 'F4', 'F5')),
    amount_kopecks bigint CHECK (amount_kopecks >= 0),
    payer_member_id uuid,
    basis text,
    refused_at timestamptz,
    refusal text,
    revision integer NOT NULL,
    PRIMARY KEY (item_id, number),
    FOREIGN KEY (plan_id, number) REFERENCES plan_versions,
    CHECK (first_on <= last_on),
    CHECK ((source IS NULL) = (amount_kopecks IS NULL)),
    CHECK (payer_member_id IS NULL OR amount_kopecks IS NOT NULL),
    CHECK ((unit IS NULL) = (planned_value IS NULL)),
    CHECK ((refused_at IS NULL) = (refusal IS NULL))
);;
CREATE INDEX plan_lines_by_version ON plan_lines (plan_id, number);;
CREATE FUNCTION refuse_to_change_what_is_agreed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE line plan_lines;
BEGIN
    IF TG_OP = 'DELETE' THEN line := OLD; ELSE line := NEW; END IF;
    IF EXISTS (SELECT FROM plan_versions version WHERE version.plan_id = line.plan_id
        AND version.number = line.number AND version.agreed_at IS NOT NULL) THEN
        RAISE EXCEPTION 'what the head has agreed to is not changed under him'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN line;
END $$;;
CREATE TRIGGER plan_lines_stay_when_agreed BEFORE INSERT OR UPDATE OR DELETE ON plan_lines
    FOR EACH ROW EXECUTE FUNCTION refuse_to_change_what_is_agreed();;
CREATE TABLE plan_consents (
    item_id uuid NOT NULL,
    number smallint NOT NULL,
    member_id uuid NOT NULL,
    is_given boolean NOT NULL,
    reason text,
    answered_at timestamptz NOT NULL,
    answered_by uuid NOT NULL,
    PRIMARY KEY (item_id, number, member_id),
    FOREIGN KEY (item_id, number) REFERENCES plan_lines,
    CHECK (is_given = (reason IS NULL))
);;
CREATE TABLE plan_reports (
    id uuid PRIMARY KEY,
    item_id uuid NOT NULL REFERENCES plan_items,
    plan_id uuid NOT NULL REFERENCES plans,
    outcome text NOT NULL CHECK (outcome IN ('done', 'partly', 'not_done', 'moved')),
    words text NOT NULL,
    reason text,
    fact_value integer CHECK (fact_value >= 0),
    fact_count integer CHECK (fact_count >= 0),
    spent_kopecks bigint CHECK (spent_kopecks >= 0),
    moved_to text,
    moved_until date,
    reported_at timestamptz NOT NULL,
    reported_by uuid NOT NULL,
    status text NOT NULL CHECK (status IN ('submitted', 'accepted', 'returned')),
    answered_at timestamptz,
    answered_by uuid,
    answer text,
    CHECK ((outcome = 'done') <= (moved_to IS NULL)),
    CHECK (outcome = 'done' OR reason IS NOT NULL),
    CHECK ((outcome = 'moved') = (moved_until IS NOT NULL)),
    CHECK ((moved_to IS NULL) = (moved_until IS NULL)),
    CHECK ((status = 'submitted') = (answered_at IS NULL)),
    CHECK ((status = 'returned') = (answer IS NOT NULL))
);;
CREATE INDEX plan_reports_by_item ON plan_reports (item_id, id);;
CREATE INDEX plan_reports_by_plan ON plan_reports (plan_id);;
CREATE UNIQUE INDEX plan_reports_waiting ON plan_reports (item_id) WHERE status = 'submitted';;
ALTER TABLE members ADD COLUMN slug text
"""


def upgrade() -> None:
    """Makes the tables: a plan is in force with both steps only, and what is agreed stays (I4)."""
    run(_TABLES)
    imports_1()
    make_immutable("plan_items")
    grant("SELECT, INSERT, UPDATE (reported_at, archived_at, version)", "plans")
    grant(
        "SELECT, INSERT, UPDATE (collecting_at, collect_until, agreed_at, agreed_by,"
        " agreed_sha256, decision_id, approved_on, in_force_on, entered_at, dropped_at)",
        "plan_versions",
    )
    grant("SELECT, INSERT", "plan_items")
    grant(
        "SELECT, INSERT, UPDATE (section, title, form, period, first_on, last_on,"
        " responsible_member_id, responsible_person_id, co_executor_ids, audience, planned_count,"
        " place, result, indicator, unit, planned_value, source, amount_kopecks,"
        " payer_member_id, basis, refused_at, refusal, revision)",
        "plan_lines",
    )
    grant("SELECT, INSERT, UPDATE, DELETE", "plan_consents")
    grant("SELECT, INSERT, UPDATE (status, answered_at, answered_by, answer)", "plan_reports")
