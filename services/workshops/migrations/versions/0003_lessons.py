"""The owner's own lessons take places of a workshop, in the same counts as the bookings."""

from shared.migrations import grant, run

revision = "0003"
down_revision = "0002"

_LESSONS = """
CREATE TABLE lessons (
    id uuid PRIMARY KEY,
    workshop_id uuid NOT NULL REFERENCES workshops,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    workplaces smallint NOT NULL CHECK (workplaces > 0),
    title text NOT NULL,
    added_at timestamptz NOT NULL,
    released_at timestamptz,
    CHECK (starts_at < ends_at)
);;
CREATE INDEX lessons_by_workshop ON lessons (workshop_id, starts_at) WHERE released_at IS NULL;;
CREATE FUNCTION slices_added(taken smallint[], more smallint[]) RETURNS smallint[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT array_agg((slice + change)::smallint ORDER BY place)
    FROM unnest(taken, more) WITH ORDINALITY AS s (slice, change, place)
$$
"""


def upgrade() -> None:
    """Makes the lessons; the service's role may add and release them, and change nothing else."""
    run(_LESSONS)
    grant("SELECT, INSERT, UPDATE (released_at)", "lessons")
