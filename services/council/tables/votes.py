"""What council stores of powers, ballots, decisions and minutes."""

from sqlalchemy import (
    ARRAY,
    Boolean,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from shared.tables import instant

_OF_A_VOTER = (["ballot_voters.ballot_id", "ballot_voters.seat_id"],)


def vote_tables(metadata: MetaData) -> None:
    """Adds the tables to those of the council."""
    Table(
        "powers",
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("from_seat_id", ForeignKey("seats.id"), nullable=False),
        Column("to_seat_id", ForeignKey("seats.id"), nullable=False),
        Column("number", Text, nullable=False),
        Column("given_on", Date, nullable=False),
        Column("valid_from", Date, nullable=False),
        Column("valid_until", Date, nullable=False),
        Column("registered_at", instant(), nullable=False),
        Column("revoked_at", instant()),
        Index("powers_by_delegate", "to_seat_id"),
    )

    Table(
        "ballots",
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("meeting_id", ForeignKey("meetings.id"), nullable=False),
        Column("item_id", ForeignKey("items.id"), nullable=False),
        Column("question", Text, nullable=False),
        Column("is_secret", Boolean, nullable=False),
        Column("is_absentee", Boolean, nullable=False),
        Column("decision_kind", Text, nullable=False),
        Column("force", Text, nullable=False),
        Column("subject_id", Uuid),
        Column("ground", Text),
        Column("parameter", Text),
        Column("value", Text),
        Column("addressee_ids", ARRAY(Uuid), nullable=False),
        Column("responsible_member_id", Uuid),
        Column("due_on", Date),
        Column("vote_unit", Text, nullable=False),
        Column("quorum_percent", SmallInteger, nullable=False),
        Column("majority", Text, nullable=False),
        Column("tie", Text, nullable=False),
        Column("chair_seat_id", ForeignKey("seats.id")),
        Column("listed", Integer, nullable=False),
        Column("opened_at", instant(), nullable=False),
        Column("closes_at", instant()),
        Column("closed_at", instant()),
        Column("present", Integer),
        Column("recused", Integer),
        Column("counted", Integer),
        Column("votes_for", Integer),
        Column("against", Integer),
        Column("abstained", Integer),
        Column("outcome", Text),
        Index("ballots_open", "item_id", unique=True, postgresql_where=text("closed_at IS NULL")),
        Index("ballots_by_item", "item_id", "id"),
        Index("ballots_by_meeting", "meeting_id", "id"),
        Index("ballots_to_close", "closes_at", postgresql_where=text("closed_at IS NULL")),
    )

    Table(
        "ballot_voters",
        metadata,
        Column("ballot_id", ForeignKey("ballots.id"), primary_key=True),
        Column("seat_id", ForeignKey("seats.id"), primary_key=True),
        Column("member_id", Uuid, nullable=False),
        Column("person_id", Uuid, nullable=False),
        Column("weight", SmallInteger, nullable=False),
        Column("power_id", ForeignKey("powers.id")),
        Column("is_recused", Boolean, nullable=False),
        Index("ballot_voters_by_person", "person_id"),
    )

    Table(
        "recusals",
        metadata,
        Column("item_id", ForeignKey("items.id"), primary_key=True),
        Column("seat_id", ForeignKey("seats.id"), primary_key=True),
        Column("reason", Text, nullable=False),
        Column("recorded_at", instant(), nullable=False),
    )

    Table(
        "votes",
        metadata,
        Column("ballot_id", Uuid, primary_key=True),
        Column("seat_id", Uuid, primary_key=True),
        Column("choice", Text, nullable=False),
        Column("cast_at", instant(), nullable=False),
        ForeignKeyConstraint(["ballot_id", "seat_id"], *_OF_A_VOTER),
    )

    Table(
        "secret_casts",
        metadata,
        Column("ballot_id", Uuid, primary_key=True),
        Column("seat_id", Uuid, primary_key=True),
        ForeignKeyConstraint(["ballot_id", "seat_id"], *_OF_A_VOTER),
    )

    Table(
        "secret_papers",
        metadata,
        Column("ballot_id", ForeignKey("ballots.id"), primary_key=True),
        Column("receipt", Text, primary_key=True),
        Column("choice", Text, nullable=False),
    )

    Table(
        "dissents",
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("ballot_id", Uuid, nullable=False),
        Column("seat_id", Uuid, nullable=False),
        Column("words", Text, nullable=False),
        Column("filed_at", instant(), nullable=False),
        UniqueConstraint("ballot_id", "seat_id"),
        ForeignKeyConstraint(["ballot_id", "seat_id"], *_OF_A_VOTER),
    )

    Table(
        "numbers",
        metadata,
        Column("kind", Text, primary_key=True),
        Column("year", SmallInteger, primary_key=True),
        Column("last", Integer, nullable=False),
    )

    Table(
        "decisions",
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("year", SmallInteger, nullable=False),
        Column("number", Integer, nullable=False),
        Column("meeting_id", ForeignKey("meetings.id"), nullable=False),
        Column("item_id", ForeignKey("items.id"), nullable=False),
        Column("ballot_id", ForeignKey("ballots.id"), nullable=False, unique=True),
        Column("text", Text, nullable=False),
        Column("kind", Text, nullable=False),
        Column("force", Text, nullable=False),
        Column("competence_clause", Text, nullable=False),
        Column("subject_id", Uuid),
        Column("ground", Text),
        Column("parameter", Text),
        Column("value", Text),
        Column("addressee_ids", ARRAY(Uuid), nullable=False),
        Column("responsible_member_id", Uuid),
        Column("due_on", Date),
        Column("adopted_on", Date, nullable=False),
        Column("adopted_at", instant(), nullable=False),
        Column("status", Text, nullable=False),
        Column("answered_at", instant()),
        Column("reason_code", Text),
        Column("cancelled_by_id", ForeignKey("decisions.id")),
        Column("version", Integer, nullable=False),
        UniqueConstraint("year", "number"),
        Index("decisions_by_item", "item_id"),
        Index("decisions_by_meeting", "meeting_id", "id"),
        Index("decisions_by_member", "responsible_member_id", "id"),
        Index("decisions_by_status", "status", "id"),
        Index(
            "an_item_has_one_decision_that_stands",
            "item_id",
            unique=True,
            postgresql_where=text("status <> ALL (ARRAY['failed'::text, 'cancelled'::text])"),
        ),
    )

    Table(
        "reports",
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("decision_id", ForeignKey("decisions.id"), nullable=False),
        Column("member_id", Uuid, nullable=False),
        Column("person_id", Uuid, nullable=False),
        Column("words", Text, nullable=False),
        Column("made_at", instant(), nullable=False),
        Column("verdict", Text),
        Column("verdict_words", Text),
        Column("verdict_at", instant()),
        Index("reports_by_decision", "decision_id", "id"),
        Index(
            "reports_waiting",
            "decision_id",
            unique=True,
            postgresql_where=text("verdict IS NULL"),
        ),
    )

    Table(
        "minutes",
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("meeting_id", ForeignKey("meetings.id"), nullable=False),
        Column("corrects_id", ForeignKey("minutes.id"), unique=True),
        Column("correction", Text),
        Column("year", SmallInteger),
        Column("number", Integer),
        Column("texts", JSONB, nullable=False),
        Column("document", JSONB),
        Column("signing_id", ForeignKey("signings.id")),
        Column("status", Text, nullable=False),
        Column("made_at", instant(), nullable=False),
        Column("signed_at", instant()),
        Column("published_at", instant()),
        Column("version", Integer, nullable=False),
        UniqueConstraint("year", "number"),
        Index(
            "minutes_first",
            "meeting_id",
            unique=True,
            postgresql_where=text("corrects_id IS NULL"),
        ),
        Index("minutes_by_meeting", "meeting_id", "id"),
    )
