"""Sessions whose refresh token is not spent by use, as a portal keeps them in a cookie."""

from shared.migrations import run

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Adds what a session's token is like; until now every token was spent by use."""
    run("ALTER TABLE sessions ADD COLUMN is_lasting boolean NOT NULL DEFAULT false")
