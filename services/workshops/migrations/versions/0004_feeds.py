"""Calendar feeds; of the secret in a feed's address only its digest is kept."""

from shared.migrations import grant, run

revision = "0004"
down_revision = "0003"

_FEEDS = """
CREATE TABLE feeds (
    id uuid PRIMARY KEY,
    member_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('member', 'workshop')),
    workshop_id uuid REFERENCES workshops,
    secret_sha256 bytea NOT NULL UNIQUE CHECK (length(secret_sha256) = 32),
    made_by uuid NOT NULL,
    made_at timestamptz NOT NULL,
    revoked_at timestamptz,
    CHECK ((kind = 'workshop') = (workshop_id IS NOT NULL))
);;
CREATE INDEX feeds_by_member ON feeds (member_id, id)
"""


def upgrade() -> None:
    """Makes the feeds; the service's role may make and revoke them, and change nothing else."""
    run(_FEEDS)
    grant("SELECT, INSERT, UPDATE (revoked_at)", "feeds")
