"""Two records of one person become one."""

from shared.migrations import grant, run

revision = "0009"
down_revision = "0008"

_TABLES = """
ALTER TABLE persons ADD COLUMN merged_into uuid REFERENCES persons CHECK (merged_into <> id);;
CREATE INDEX persons_merged ON persons (merged_into) WHERE merged_into IS NOT NULL;;
CREATE INDEX persons_by_name ON persons (name_key);;
CREATE TABLE not_doubles (
    member_id uuid NOT NULL REFERENCES members,
    first_id uuid NOT NULL REFERENCES persons,
    second_id uuid NOT NULL REFERENCES persons,
    noted_at timestamptz NOT NULL,
    PRIMARY KEY (member_id, first_id, second_id),
    CHECK (first_id < second_id)
)
"""


def upgrade() -> None:
    """Makes the table; a merged id stays, and answers for the one that was kept."""
    run(_TABLES)
    grant("UPDATE (merged_into)", "persons")
    grant("SELECT, INSERT", "not_doubles")
