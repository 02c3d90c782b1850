"""A person may be erased, and sees all that they did."""

from shared.migrations import deeds_1, grant, run

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Who is erased has no name, and keeps the id that others know them by."""
    deeds_1()
    run(
        "ALTER TABLE persons ADD COLUMN erased_at timestamptz,"
        " ADD CHECK (erased_at IS NULL OR (family_name = '' AND given_name = ''"
        " AND patronymic IS NULL AND email IS NULL))"
    )
    grant("UPDATE (erased_at)", "persons")
    grant("UPDATE (reference)", "consents")
