"""Sessions have a device, passwords may be forgotten, and addresses change."""

from shared.migrations import grant, run

revision = "0005"
down_revision = "0004"

_TABLES = """
ALTER TABLE sessions ADD COLUMN device text CHECK (length(device) <= 60);;
CREATE TABLE reset_wishes (
    email text PRIMARY KEY,
    wished_at timestamptz NOT NULL
);;
CREATE TABLE address_changes (
    person_id uuid PRIMARY KEY REFERENCES accounts,
    email text NOT NULL,
    asked_at timestamptz NOT NULL
);;
CREATE INDEX letters_by_thing ON letters (about_id, kind)
"""


def upgrade() -> None:
    """Makes the tables; an account's address may change from now on."""
    run(_TABLES)
    grant("UPDATE (email)", "accounts")
    grant("SELECT, INSERT, UPDATE (wished_at), DELETE", "reset_wishes")  # rows are locked
    grant("SELECT, INSERT, UPDATE (email, asked_at), DELETE", "address_changes")
