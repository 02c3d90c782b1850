"""Workshops, equipment and timetables may be imported from files."""

from shared.migrations import imports_1

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Makes the table of imports."""
    imports_1()
