"""An agreement may say that what is used on it costs nothing."""

from shared.migrations import run

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Adds the column; agreements from before say nothing of it."""
    run("ALTER TABLE agreements ADD COLUMN is_free boolean NOT NULL DEFAULT false")
    run("ALTER TABLE agreements ALTER COLUMN is_free DROP DEFAULT")
