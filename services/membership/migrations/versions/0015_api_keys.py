"""Members' own programs ask by keys with a scope and a term."""

from shared.migrations import grant, run

revision = "0015"
down_revision = "0014"

_TABLES = """
CREATE TABLE api_keys (
    id uuid PRIMARY KEY,
    member_id uuid NOT NULL REFERENCES members,
    name text NOT NULL,
    key_hash bytea NOT NULL,
    roles text[] NOT NULL CHECK (cardinality(roles) > 0),
    made_by uuid NOT NULL REFERENCES persons,
    made_at timestamptz NOT NULL,
    expires_on date NOT NULL,
    last_used_on date,
    revoked_at timestamptz,
    revoked_by uuid,
    CHECK ((revoked_at IS NULL) = (revoked_by IS NULL))
);;
CREATE UNIQUE INDEX api_keys_by_hash ON api_keys (key_hash);;
CREATE INDEX api_keys_by_member ON api_keys (member_id, id)
"""


def upgrade() -> None:
    """Makes the table; of a key its hash alone lies in it, and the past of keys stays known."""
    run(_TABLES)
    grant("SELECT, INSERT, UPDATE (last_used_on, revoked_at, revoked_by)", "api_keys")
