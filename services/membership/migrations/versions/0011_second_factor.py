"""A second factor at sign-in, and codes for a lost telephone."""

from shared.migrations import grant, run

revision = "0011"
down_revision = "0010"

_TABLES = """
CREATE TABLE second_factors (
    person_id uuid PRIMARY KEY REFERENCES accounts,
    secret bytea NOT NULL,
    made_at timestamptz NOT NULL,
    confirmed_at timestamptz,
    last_step bigint
);;
CREATE TABLE recovery_codes (
    person_id uuid NOT NULL REFERENCES second_factors,
    code_hash bytea NOT NULL,
    used_at timestamptz,
    PRIMARY KEY (person_id, code_hash)
)
"""


def upgrade() -> None:
    """Makes the tables; a secret lies in them sealed, a code as its hash."""
    run(_TABLES)
    grant("SELECT, INSERT, DELETE", "second_factors", "recovery_codes")
    grant("UPDATE (secret, made_at, confirmed_at, last_step)", "second_factors")
    grant("UPDATE (used_at)", "recovery_codes")
