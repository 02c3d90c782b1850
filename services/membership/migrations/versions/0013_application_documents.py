"""Documents are attached to an application for joining."""

from shared.migrations import grant, run

revision = "0013"
down_revision = "0012"

_TABLES = """
CREATE TABLE application_documents (
    file_id uuid PRIMARY KEY REFERENCES files,
    application_id uuid NOT NULL REFERENCES applications,
    kind text NOT NULL CHECK (kind IN
        ('charter', 'registration', 'licence', 'accreditation', 'power', 'other')),
    added_at timestamptz NOT NULL
);;
CREATE INDEX application_documents_by_application ON application_documents (application_id)
"""


def upgrade() -> None:
    """Makes the table; a document may be taken back while the application is not decided on."""
    run(_TABLES)
    grant("SELECT, INSERT, DELETE", "application_documents")
