"""Materials of an item, each a file."""

from shared.migrations import grant, run

revision = "0006"
down_revision = "0005"

_TABLES = """
CREATE TABLE materials (
    id uuid PRIMARY KEY,
    item_id uuid NOT NULL REFERENCES items,
    file_id uuid NOT NULL REFERENCES files,
    added_at timestamptz NOT NULL,
    UNIQUE (item_id, file_id)
);;
CREATE INDEX materials_by_file ON materials (file_id)
"""


def upgrade() -> None:
    """Makes the table; a meeting that is moved takes its materials along."""
    run(_TABLES)
    grant("SELECT, INSERT, DELETE", "materials")
