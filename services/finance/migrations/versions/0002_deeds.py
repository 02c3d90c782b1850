"""People see all that they did here."""

from shared.migrations import deeds_1

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """The audit is looked up by person."""
    deeds_1()
