"""Applications, cases of exclusion, decisions of the council, ends of members, open matters."""

from shared.migrations import grant, make_immutable, run

revision = "0004"
down_revision = "0003"

_TABLES = """
ALTER TABLE members
    ADD COLUMN end_kind text CHECK (end_kind IN
        ('withdrawn', 'excluded', 'reorganised', 'liquidated', 'cluster_ended')),
    ADD COLUMN end_decision_id uuid,
    ADD COLUMN exclusion_ground text CHECK (exclusion_ground IN ('a', 'b')),
    ADD COLUMN successor_id uuid REFERENCES members,
    ADD COLUMN suspended_on date,
    ADD COLUMN suspended_until date,
    ADD CHECK (end_kind IS NULL OR leaving_on IS NOT NULL),
    ADD CHECK (coalesce(end_kind, '') <> 'excluded'
        OR (exclusion_ground IS NOT NULL AND end_decision_id IS NOT NULL)),
    ADD CHECK ((coalesce(end_kind, '') = 'reorganised') = (successor_id IS NOT NULL)),
    ADD CHECK (suspended_until IS NULL OR suspended_on <= suspended_until);;
UPDATE members SET end_kind = 'withdrawn' WHERE leaving_on IS NOT NULL;;

CREATE TABLE applications (
    id uuid PRIMARY KEY,
    status text NOT NULL CHECK (status IN ('draft', 'submitted', 'returned', 'checked',
        'on_agenda', 'admitted', 'agreement_signed', 'active', 'rejected')),
    name text NOT NULL,
    search_key text NOT NULL,
    kind text NOT NULL,
    inn text NOT NULL,
    kpp text,
    ogrn text NOT NULL,
    card jsonb NOT NULL,
    email text NOT NULL,
    made_at timestamptz NOT NULL,
    submitted_at timestamptz,
    reason text,
    decision_id uuid,
    admitted_on date,
    accession text,
    signed_at timestamptz,
    signer jsonb,
    member_id uuid REFERENCES members,
    version integer NOT NULL,
    CHECK ((status = 'draft') = (submitted_at IS NULL)),
    CHECK ((status IN ('admitted', 'agreement_signed', 'active')) <=
        (decision_id IS NOT NULL AND accession IS NOT NULL AND admitted_on IS NOT NULL)),
    CHECK ((status IN ('agreement_signed', 'active')) <=
        (signed_at IS NOT NULL AND signer IS NOT NULL)),
    CHECK ((status = 'active') = (member_id IS NOT NULL))
);;
CREATE INDEX applications_by_status ON applications (status, id);;
CREATE INDEX applications_by_email ON applications (email) WHERE status = 'draft';;
CREATE INDEX applications_by_inn ON applications (inn);;
CREATE INDEX applications_by_member ON applications (member_id);;
CREATE UNIQUE INDEX applications_checked ON applications (inn, kpp) NULLS NOT DISTINCT
    WHERE status IN ('checked', 'on_agenda', 'admitted', 'agreement_signed');;

CREATE TABLE links (
    token_hash bytea PRIMARY KEY,
    purpose text NOT NULL,
    about_id uuid NOT NULL,
    made_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);;
CREATE INDEX links_by_thing ON links (about_id, purpose);;
CREATE INDEX links_by_expiry ON links (expires_at);;
CREATE TABLE letters (
    id uuid PRIMARY KEY,
    address text NOT NULL,
    kind text NOT NULL,
    about_id uuid NOT NULL,
    token text,
    words text,
    written_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);;
CREATE INDEX letters_by_expiry ON letters (expires_at);;

CREATE TABLE cases (
    id uuid PRIMARY KEY,
    member_id uuid NOT NULL REFERENCES members,
    ground text NOT NULL CHECK (ground IN ('a', 'b')),
    initiative text NOT NULL CHECK (initiative IN ('member', 'head')),
    initiator_id uuid REFERENCES members,
    evidence text NOT NULL,
    opened_at timestamptz NOT NULL,
    opened_by uuid NOT NULL,
    answer_until_on date NOT NULL,
    answer text,
    answered_at timestamptz,
    answered_by uuid,
    closed_at timestamptz,
    decision_id uuid,
    version integer NOT NULL,
    CHECK ((answer IS NULL) = (answered_at IS NULL)),
    CHECK ((initiative = 'member') = (initiator_id IS NOT NULL)),
    CHECK (decision_id IS NULL OR closed_at IS NOT NULL)
);;
CREATE UNIQUE INDEX cases_open ON cases (member_id) WHERE closed_at IS NULL;;
CREATE INDEX cases_by_member ON cases (member_id, id);;

CREATE TABLE decisions (
    decision_id uuid PRIMARY KEY,
    kind text NOT NULL,
    subject_id uuid,
    heard_at timestamptz NOT NULL,
    reason_code text
);;
CREATE TABLE parameters (
    name text NOT NULL,
    decision_id uuid NOT NULL,
    value integer NOT NULL,
    valid_from date NOT NULL,
    PRIMARY KEY (name, decision_id)
);;
CREATE TABLE cluster_end (
    decision_id uuid PRIMARY KEY,
    is_only boolean NOT NULL UNIQUE CHECK (is_only),
    ends_on date NOT NULL
);;

CREATE TABLE open_matters (
    matter_id uuid NOT NULL,
    member_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('request', 'booking', 'obligation')),
    side text NOT NULL,
    since_at timestamptz NOT NULL,
    PRIMARY KEY (member_id, matter_id, side)
);;
CREATE INDEX open_matters_by_matter ON open_matters (matter_id)
"""


def upgrade() -> None:
    """Makes the tables; a decision and a parameter are written once and never changed."""
    run(_TABLES)
    make_immutable("decisions", "parameters", "cluster_end")
    grant(
        "UPDATE (end_kind, end_decision_id, exclusion_ground, successor_id, suspended_on,"
        " suspended_until)",
        "members",
    )
    grant("SELECT, INSERT, DELETE", "applications", "letters")
    grant(
        "UPDATE (status, name, search_key, kind, inn, kpp, ogrn, card, email, submitted_at,"
        " reason, decision_id, admitted_on, accession, signed_at, signer, member_id, version)",
        "applications",
    )
    grant("SELECT, INSERT, UPDATE (used_at), DELETE", "links")
    grant(
        "SELECT, INSERT, UPDATE (answer, answered_at, answered_by, closed_at, decision_id, version)",
        "cases",
    )
    grant("SELECT, INSERT", "decisions", "parameters", "cluster_end")
    grant("SELECT, INSERT, UPDATE (kind), DELETE", "open_matters")
