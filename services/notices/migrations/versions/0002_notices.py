"""Who holds which role, what waits at whom, notices and preferences, mail that is to go out."""

from shared.migrations import grant, run

revision = "0002"
down_revision = "0001"

_TABLES = """
CREATE TABLE roles (
    person_id uuid NOT NULL,
    member_id uuid,
    role text NOT NULL,
    CONSTRAINT a_role_is_held_once UNIQUE NULLS NOT DISTINCT (person_id, member_id, role)
);;
CREATE INDEX roles_by_member ON roles (member_id, role);;
CREATE TABLE agreements (
    id uuid PRIMARY KEY,
    party_ids uuid[] NOT NULL
);;
CREATE INDEX agreements_by_party ON agreements USING gin (party_ids);;
CREATE TABLE matters (
    kind text NOT NULL,
    about_id uuid NOT NULL,
    member_id uuid,
    facts jsonb NOT NULL,
    told_at timestamptz NOT NULL,
    due_at timestamptz,
    CONSTRAINT a_matter_waits_once UNIQUE NULLS NOT DISTINCT (about_id, kind, member_id)
);;
CREATE INDEX matters_by_member ON matters (member_id);;
CREATE TABLE notices (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL,
    member_id uuid,
    kind text NOT NULL,
    about_id uuid NOT NULL,
    facts jsonb NOT NULL,
    is_to_do boolean NOT NULL,
    is_for_digest boolean NOT NULL,
    told_at timestamptz NOT NULL,
    due_at timestamptz,
    read_at timestamptz,
    settled_at timestamptz
);;
CREATE INDEX notices_by_person ON notices (person_id, id);;
CREATE INDEX notices_by_thing ON notices (about_id, kind);;
CREATE INDEX notices_unread ON notices (person_id) WHERE read_at IS NULL AND settled_at IS NULL;;
CREATE INDEX notices_by_age ON notices (told_at);;
CREATE TABLE preferences (
    person_id uuid PRIMARY KEY,
    language text NOT NULL CHECK (language IN ('ru', 'en')),
    digest_hour smallint NOT NULL CHECK (digest_hour BETWEEN 0 AND 23),
    ways jsonb NOT NULL
);;
CREATE TABLE mailings (
    id uuid PRIMARY KEY,
    purpose text NOT NULL CHECK (purpose IN ('notice', 'reminder', 'digest', 'letter')),
    person_id uuid,
    notice_id uuid,
    letter_id uuid,
    made_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    tries integer NOT NULL,
    ended_at timestamptz,
    reason_code text,
    CONSTRAINT a_mailing_is_for_somebody CHECK ((purpose = 'letter') = (person_id IS NULL)),
    CONSTRAINT a_mailing_is_of_something CHECK
        ((purpose = 'letter') = (letter_id IS NOT NULL)
         AND (purpose IN ('notice', 'reminder')) = (notice_id IS NOT NULL))
);;
CREATE INDEX mailings_due ON mailings (due_at) WHERE ended_at IS NULL;;
CREATE UNIQUE INDEX one_digest_waits ON mailings (person_id)
    WHERE purpose = 'digest' AND ended_at IS NULL;;
CREATE INDEX mailings_by_age ON mailings (ended_at);;
CREATE TABLE mailbox (
    id uuid PRIMARY KEY,
    address text NOT NULL,
    subject text NOT NULL,
    body text NOT NULL,
    kept_at timestamptz NOT NULL
);;
CREATE INDEX mailbox_by_age ON mailbox (kept_at)
"""


def upgrade() -> None:
    """Makes the tables, and gives the service's role the least it needs."""
    run(_TABLES)
    grant("SELECT, INSERT, DELETE", "roles", "mailbox")
    grant("SELECT, INSERT, UPDATE, DELETE", "agreements", "matters", "preferences")
    grant(
        "SELECT, INSERT, UPDATE (is_for_digest, read_at, settled_at), DELETE",
        "notices",
    )
    grant("SELECT, INSERT, UPDATE (due_at, tries, ended_at, reason_code), DELETE", "mailings")
