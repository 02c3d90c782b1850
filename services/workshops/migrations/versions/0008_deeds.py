"""People see all that they did here."""

from shared.migrations import deeds_1

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """The audit is looked up by person."""
    deeds_1()
