"""What was told to one id of a person goes over to the other."""

from shared.migrations import grant

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Lets the service change whose a notice and a mail is."""
    grant("UPDATE (person_id)", "notices", "mailings")
