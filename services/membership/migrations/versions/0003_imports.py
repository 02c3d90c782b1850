"""Members may be imported from files."""

from shared.migrations import imports_1

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Makes the table of imports."""
    imports_1()
