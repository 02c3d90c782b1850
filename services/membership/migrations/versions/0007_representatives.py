"""People are invited, sign by powers with a term, and hand over when they leave."""

from shared.migrations import grant, run

revision = "0007"
down_revision = "0006"

_TABLES = """
ALTER TABLE members ADD COLUMN powers_required_from date;;
CREATE TABLE invitations (
    id uuid PRIMARY KEY,
    member_id uuid NOT NULL REFERENCES members,
    email text,
    roles text[] NOT NULL CHECK (cardinality(roles) > 0),
    invited_by uuid NOT NULL,
    invited_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    accepted_at timestamptz,
    accepted_by uuid REFERENCES persons,
    cancelled_at timestamptz,
    CHECK (accepted_at IS NULL OR cancelled_at IS NULL)
);;
CREATE UNIQUE INDEX invitations_waiting ON invitations (member_id, email)
    WHERE accepted_at IS NULL AND cancelled_at IS NULL;;
CREATE INDEX invitations_by_expiry ON invitations (expires_at) WHERE email IS NOT NULL;;
CREATE TABLE powers (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES persons,
    member_id uuid NOT NULL REFERENCES members,
    kind text NOT NULL CHECK (kind IN ('charter', 'power_of_attorney')),
    number text,
    issued_on date,
    valid_from date NOT NULL,
    valid_to date CHECK (valid_to >= valid_from),
    recorded_at timestamptz NOT NULL,
    recorded_by uuid NOT NULL,
    revoked_at timestamptz,
    CHECK (kind = 'charter'
        OR (number IS NOT NULL AND issued_on IS NOT NULL AND valid_to IS NOT NULL))
);;
CREATE INDEX powers_by_member ON powers (member_id, id);;
CREATE TABLE handovers (
    id uuid PRIMARY KEY,
    member_id uuid NOT NULL REFERENCES members,
    from_id uuid NOT NULL REFERENCES persons,
    to_id uuid NOT NULL REFERENCES persons CHECK (to_id <> from_id),
    from_on date NOT NULL,
    power jsonb,
    made_at timestamptz NOT NULL,
    made_by uuid NOT NULL,
    outcome text CHECK (outcome IN ('done', 'called_off', 'lapsed')),
    closed_at timestamptz,
    CHECK ((outcome IS NULL) = (closed_at IS NULL))
);;
CREATE UNIQUE INDEX handovers_planned ON handovers (member_id, from_id) WHERE outcome IS NULL;;
CREATE INDEX handovers_by_member ON handovers (member_id, id);;
CREATE INDEX handovers_waiting ON handovers (from_on) WHERE outcome IS NULL
"""


def upgrade() -> None:
    """Makes the tables; what they say of the past stays, but for an address that was invited."""
    run(_TABLES)
    grant("UPDATE (powers_required_from)", "members")
    grant("SELECT, INSERT", "invitations", "powers", "handovers")
    grant(
        "UPDATE (email, roles, invited_by, invited_at, expires_at, accepted_at, accepted_by,"
        " cancelled_at)",
        "invitations",
    )
    grant("UPDATE (valid_to, revoked_at)", "powers")
    grant("UPDATE (outcome, closed_at)", "handovers")
