"""Programs of members that are told facts, and what is to be told to them."""

from shared.migrations import grant, run

revision = "0004"
down_revision = "0003"

_TABLES = """
CREATE TABLE webhooks (
    id uuid PRIMARY KEY,
    member_id uuid NOT NULL,
    url text NOT NULL,
    secret text NOT NULL,
    kinds text[] NOT NULL,
    made_by uuid NOT NULL,
    made_at timestamptz NOT NULL,
    disabled_at timestamptz,
    removed_at timestamptz
);;
CREATE INDEX webhooks_by_member ON webhooks (member_id, id);;
CREATE TABLE deliveries (
    id uuid PRIMARY KEY,
    webhook_id uuid NOT NULL REFERENCES webhooks,
    kind text NOT NULL,
    body text NOT NULL,
    made_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    tries integer NOT NULL,
    answer integer,
    reason_code text,
    ended_at timestamptz
);;
CREATE INDEX deliveries_due ON deliveries (due_at) WHERE ended_at IS NULL;;
CREATE INDEX deliveries_by_webhook ON deliveries (webhook_id, id);;
CREATE INDEX deliveries_by_age ON deliveries (made_at)
"""


def upgrade() -> None:
    """Makes the tables, and gives the service's role the least it needs."""
    run(_TABLES)
    grant("SELECT, INSERT, UPDATE (disabled_at, removed_at)", "webhooks")
    grant(
        "SELECT, INSERT, UPDATE (due_at, tries, answer, reason_code, ended_at), DELETE",
        "deliveries",
    )
