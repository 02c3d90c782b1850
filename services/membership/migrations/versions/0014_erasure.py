"""A person may be erased, sees all that they did, and who else was told their name."""

from shared.migrations import deeds_1, grant, run

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Who is erased has no name, and keeps the id that others know them by."""
    deeds_1()
    run(
        "ALTER TABLE persons ADD COLUMN erased_at timestamptz,"
        " ADD CHECK (erased_at IS NULL OR (family_name = '' AND given_name = ''"
        " AND patronymic IS NULL AND email IS NULL))"
    )
    run(
        "ALTER TABLE disclosures ALTER COLUMN to_member_id DROP NOT NULL,"
        " DROP CONSTRAINT disclosures_ground_check,"
        " ADD CONSTRAINT disclosures_ground_check"
        " CHECK (ground IN ('consent', 'acts_for', 'seat', 'secretariat')),"
        " ADD CHECK (to_member_id IS NOT NULL OR ground IN ('seat', 'secretariat'))"
    )
    grant("UPDATE (erased_at)", "persons")
    grant("UPDATE (reference)", "consents")
