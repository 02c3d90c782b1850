"""What membership stores of persons: what binds them to members, and what they consent to."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    Computed,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
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
        Column("merged_into", ForeignKey("persons.id")),
        Column("erased_at", instant()),
        Index("persons_by_name", "name_key"),
        Index("persons_merged", "merged_into", postgresql_where=text("merged_into IS NOT NULL")),
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
    Table(
        "not_doubles",
        metadata,
        Column("member_id", ForeignKey("members.id"), primary_key=True),
        Column("first_id", ForeignKey("persons.id"), primary_key=True),
        Column("second_id", ForeignKey("persons.id"), primary_key=True),
        Column("noted_at", instant(), nullable=False),
    )


def consent_tables(metadata: MetaData) -> None:
    """Adds consents, their texts, and what was disclosed to whom."""
    Table(
        "consent_texts",
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("member_id", ForeignKey("members.id"), nullable=False),
        Column("purpose", Text, nullable=False),
        Column("version", Integer, nullable=False),
        Column("words", Text, nullable=False),
        Column("sha256", Text, nullable=False),
        Column("published_at", instant(), nullable=False),
        Column("published_by", Uuid, nullable=False),
        UniqueConstraint("id", "member_id", "purpose"),
        Index("consent_texts_by_member", "member_id", "purpose", "version", unique=True),
    )
    Table(
        "consents",
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("person_id", ForeignKey("persons.id"), nullable=False),
        Column("member_id", Uuid, nullable=False),
        Column("purpose", Text, nullable=False),
        Column("text_id", Uuid, nullable=False),
        Column("manner", Text, nullable=False),
        Column("signatory", Text, nullable=False),
        Column("given_on", Date, nullable=False),
        Column("reference", Text),
        Column("recorded_at", instant(), nullable=False),
        Column("recorded_by", Uuid, nullable=False),
        Column("revoked_at", instant()),
        Column("revoked_by", Uuid),
        ForeignKeyConstraint(
            ["text_id", "member_id", "purpose"],
            ["consent_texts.id", "consent_texts.member_id", "consent_texts.purpose"],
        ),
        Index(
            "consents_in_force",
            "person_id",
            "member_id",
            "purpose",
            unique=True,
            postgresql_where=text("revoked_at IS NULL"),
        ),
        Index("consents_by_person", "person_id", "id"),
    )
    Table(
        "disclosures",
        metadata,
        Column("id", BigInteger, Identity(always=True), primary_key=True),
        Column("at", instant(), nullable=False),
        Column("person_id", ForeignKey("persons.id"), nullable=False),
        Column("to_member_id", ForeignKey("members.id")),
        Column("seen_by", Uuid),
        Column("purpose", Text),
        Column("what", ARRAY(Text), nullable=False),
        Column("ground", Text, nullable=False),
        Column("consent_id", ForeignKey("consents.id")),
        Index("disclosures_by_person", "person_id", "id"),
    )
