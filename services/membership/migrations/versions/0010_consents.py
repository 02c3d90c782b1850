"""Consents of persons, one purpose each, and what of them was disclosed to whom."""

from shared.migrations import grant, make_immutable, run

revision = "0010"
down_revision = "0009"

_TABLES = """
CREATE TABLE consent_texts (
    id uuid PRIMARY KEY,
    member_id uuid NOT NULL REFERENCES members,
    purpose text NOT NULL CHECK (purpose IN
        ('name_in_dealings', 'contact_in_dealings', 'practice', 'assessment')),
    version integer NOT NULL,
    words text NOT NULL,
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    published_at timestamptz NOT NULL,
    published_by uuid NOT NULL,
    UNIQUE (id, member_id, purpose)
);;
CREATE UNIQUE INDEX consent_texts_by_member ON consent_texts (member_id, purpose, version);;
CREATE TABLE consents (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES persons,
    member_id uuid NOT NULL,
    purpose text NOT NULL,
    text_id uuid NOT NULL,
    manner text NOT NULL CHECK (manner IN ('signed_in', 'paper')),
    signatory text NOT NULL CHECK (signatory IN ('person', 'representative')),
    given_on date NOT NULL,
    reference text,
    recorded_at timestamptz NOT NULL,
    recorded_by uuid NOT NULL,
    revoked_at timestamptz,
    revoked_by uuid,
    FOREIGN KEY (text_id, member_id, purpose) REFERENCES consent_texts (id, member_id, purpose),
    CHECK ((revoked_at IS NULL) = (revoked_by IS NULL)),
    CHECK (manner = 'paper' OR (signatory = 'person' AND reference IS NULL))
);;
CREATE UNIQUE INDEX consents_in_force ON consents (person_id, member_id, purpose)
    WHERE revoked_at IS NULL;;
CREATE INDEX consents_by_person ON consents (person_id, id);;
CREATE TABLE disclosures (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    person_id uuid NOT NULL REFERENCES persons,
    to_member_id uuid NOT NULL REFERENCES members,
    seen_by uuid,
    purpose text,
    what text[] NOT NULL,
    ground text NOT NULL CHECK (ground IN ('consent', 'acts_for', 'seat')),
    consent_id uuid REFERENCES consents,
    CHECK ((ground = 'consent') = (consent_id IS NOT NULL)),
    CHECK ((ground = 'consent') <= (purpose IS NOT NULL))
);;
CREATE INDEX disclosures_by_person ON disclosures (person_id, id)
"""


def upgrade() -> None:
    """Makes the tables; texts and disclosures are written once and never changed.

    A consent has a member for its operator and the purpose of its text, by a foreign key.
    """
    run(_TABLES)
    make_immutable("consent_texts", "disclosures")
    grant("SELECT, INSERT", "consent_texts", "disclosures", "consents")
    grant("UPDATE (person_id, revoked_at, revoked_by)", "consents")
