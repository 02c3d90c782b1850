"""What membership stores of persons: what binds them to members."""

from sqlalchemy import (
    Column,
    Computed,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    Uuid,
    text,
)

from shared.tables import instant


def person_tables(metadata: MetaData) -> None:
    """Adds the tables to those of membership."""
    Table(
        "persons",
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("family_name", Text, nullable=False),
        Column("given_name", Text, nullable=False),
        Column("patronymic", Text),
        Column("email", Text),
        Column("version", Integer, nullable=False, server_default=text("1")),
        Column("name_key", Text, Computed("translate(family_name, '', '')", persisted=True)),
        Index("persons_by_email", "email", postgresql_where=text("email IS NOT NULL")),
    )
    Table(
        "affiliations",
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("person_id", ForeignKey("persons.id"), nullable=False),
        Column("member_id", ForeignKey("members.id"), nullable=False),
        Column("kind", Text, nullable=False),
        Column("unit", Text),
        Column("from_on", Date, nullable=False),
        Column("to_on", Date),
        Column("ended_at", instant()),
        Column("version", Integer, nullable=False),
        Index("affiliations_by_member", "member_id", "person_id"),
        Index(
            "affiliations_running",
            "to_on",
            postgresql_where=text("to_on IS NOT NULL AND ended_at IS NULL"),
        ),
    )
