"""Who takes part in the cluster, as it was heard."""

from shared.migrations import chassis_1, grant, run

revision = "0001"
down_revision = None

_TABLES = """
CREATE TABLE members (
    id uuid PRIMARY KEY,
    joined_on date NOT NULL,
    withdrawn_on date
)
"""


def upgrade() -> None:
    """Makes the tables, and gives the service's role the least it needs."""
    chassis_1()
    run(_TABLES)
    grant("SELECT, INSERT, UPDATE", "members")
