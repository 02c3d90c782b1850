"""Members that the council has suspended take on no new bookings."""

from shared.migrations import grant, run

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Adds the days of a suspension; until now nobody was suspended."""
    run(
        "ALTER TABLE members ADD COLUMN suspended_on date, ADD COLUMN suspended_until date,"
        " ADD CHECK (suspended_until IS NULL OR suspended_on <= suspended_until)"
    )
    grant("UPDATE (suspended_on, suspended_until)", "members")
