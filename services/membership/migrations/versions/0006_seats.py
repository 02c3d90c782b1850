"""The council's seats give roles on their days."""

from shared.migrations import grant, run

revision = "0006"
down_revision = "0005"

_TABLES = """
CREATE TABLE seats (
    seat_id uuid NOT NULL,
    person_id uuid NOT NULL,
    from_on date NOT NULL,
    member_id uuid NOT NULL,
    duty text NOT NULL CHECK (duty IN ('head', 'deputy', 'secretary', 'member')),
    until_on date CHECK (until_on >= from_on),
    turns_on date,
    PRIMARY KEY (seat_id, person_id, from_on)
);;
CREATE INDEX seats_by_person ON seats (person_id, member_id);;
CREATE INDEX seats_turning ON seats (turns_on) WHERE turns_on IS NOT NULL
"""


def upgrade() -> None:
    """Makes the table; people of seats may be unknown here, so nothing refers to persons."""
    run(_TABLES)
    grant("SELECT, INSERT, UPDATE (turns_on), DELETE", "seats")
