"""Members, agreements, persons, their accounts, roles and sessions."""

from alembic import op

from shared.migrations import chassis_1, grant

revision = "0001"
down_revision = None

_TABLES = """
CREATE TABLE members (
    id uuid PRIMARY KEY,
    slug text NOT NULL CHECK (slug ~ '^[a-z0-9-]{2,40}$'),
    name text NOT NULL,
    full_name text NOT NULL,
    sort_key text NOT NULL,
    search_key text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('college', 'university', 'employer', 'authority')),
    is_state boolean NOT NULL,
    legal_form text NOT NULL,
    inn text NOT NULL CHECK (inn ~ '^([0-9]{10}|[0-9]{12})$'),
    kpp text CHECK ((kpp IS NULL) = (length(inn) = 12)),
    ogrn text NOT NULL CHECK (ogrn ~ '^([0-9]{13}|[0-9]{15})$'),
    town text NOT NULL,
    vat_regime text NOT NULL,
    bank_account text,
    bik text,
    joined_on date NOT NULL,
    leaving_on date,
    withdrawn_at timestamptz,
    version integer NOT NULL,
    CHECK ((bank_account IS NULL) = (bik IS NULL)),
    CHECK (withdrawn_at IS NULL OR leaving_on IS NOT NULL)
);;
CREATE UNIQUE INDEX members_by_slug ON members (slug);;
CREATE UNIQUE INDEX members_by_taxpayer ON members (inn, kpp) NULLS NOT DISTINCT
    WHERE withdrawn_at IS NULL;;
CREATE INDEX members_by_name ON members (sort_key, id);;
CREATE INDEX members_leaving ON members (leaving_on)
    WHERE leaving_on IS NOT NULL AND withdrawn_at IS NULL;;

CREATE TABLE persons (
    id uuid PRIMARY KEY,
    family_name text NOT NULL,
    given_name text NOT NULL,
    patronymic text
);;
CREATE TABLE accounts (
    person_id uuid PRIMARY KEY REFERENCES persons,
    email text NOT NULL,
    password_hash text NOT NULL
);;
CREATE UNIQUE INDEX accounts_by_email ON accounts (email);;
CREATE TABLE roles (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES persons,
    member_id uuid REFERENCES members,
    role text NOT NULL,
    granted_at timestamptz NOT NULL,
    granted_by uuid,
    ended_at timestamptz,
    ended_by uuid,
    CHECK ((role = 'administrator') = (member_id IS NULL))
);;
CREATE UNIQUE INDEX roles_held ON roles (person_id, member_id, role) NULLS NOT DISTINCT
    WHERE ended_at IS NULL;;
CREATE INDEX roles_by_member ON roles (member_id, person_id);;
CREATE TABLE sessions (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES accounts,
    member_id uuid REFERENCES members,
    family_hash bytea NOT NULL,
    refresh_hash bytea NOT NULL,
    created_at timestamptz NOT NULL,
    last_used_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz
);;
CREATE UNIQUE INDEX sessions_by_family ON sessions (family_hash);;
CREATE INDEX sessions_by_person ON sessions (person_id);;
CREATE INDEX sessions_by_expiry ON sessions (expires_at);;
CREATE TABLE sign_in_failures (
    email_hash bytea PRIMARY KEY,
    count integer NOT NULL,
    began_at timestamptz NOT NULL
);;
CREATE INDEX sign_in_failures_by_age ON sign_in_failures (began_at);;

CREATE TABLE agreements (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('network_form', 'services', 'lease', 'free_use')),
    subject text NOT NULL,
    valid_from date NOT NULL,
    valid_to date NOT NULL,
    made_at timestamptz NOT NULL,
    activated_at timestamptz,
    ended_at timestamptz,
    version integer NOT NULL,
    CHECK (valid_from <= valid_to),
    CHECK (ended_at IS NULL OR activated_at IS NOT NULL)
);;
CREATE INDEX agreements_running ON agreements (valid_to)
    WHERE activated_at IS NOT NULL AND ended_at IS NULL;;
CREATE TABLE agreement_parties (
    agreement_id uuid NOT NULL REFERENCES agreements,
    member_id uuid NOT NULL REFERENCES members,
    place smallint NOT NULL,
    signed_at timestamptz,
    signed_by uuid REFERENCES persons,
    PRIMARY KEY (agreement_id, member_id),
    CHECK ((signed_at IS NULL) = (signed_by IS NULL))
);;
CREATE INDEX agreement_parties_by_member ON agreement_parties (member_id, agreement_id)
"""


def upgrade() -> None:
    """Makes the tables; the service may end roles and agreements, and delete neither."""
    chassis_1()
    for statement in _TABLES.split(";;"):
        op.execute(statement)
    grant("SELECT, INSERT", "persons")
    grant("SELECT, INSERT, UPDATE (leaving_on, withdrawn_at, version)", "members")
    grant("SELECT, INSERT, UPDATE (password_hash)", "accounts")
    grant("SELECT, INSERT, UPDATE (ended_at, ended_by)", "roles")
    grant("SELECT, INSERT, UPDATE, DELETE", "sessions", "sign_in_failures")
    grant("SELECT, INSERT, UPDATE (activated_at, ended_at, version)", "agreements")
    grant("SELECT, INSERT, UPDATE (signed_at, signed_by)", "agreement_parties")
