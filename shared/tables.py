"""The tables that every service has: outbox, inbox, parked messages, audit, idempotency keys."""

from sqlalchemy import (
    TIMESTAMP,
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB


def instant() -> TIMESTAMP:
    """The column type of an instant."""
    return TIMESTAMP(timezone=True)


def chassis_tables(metadata: MetaData) -> None:
    """Adds the chassis's tables to the metadata of a service."""
    Table(
        "outbox",
        metadata,
        Column("seq", BigInteger, Identity(always=True), primary_key=True),
        Column("recorded_at", instant(), primary_key=True),
        Column("event_id", Uuid, nullable=False),
        Column("aggregate_id", Uuid, nullable=False),
        Column("subject", Text, nullable=False),
        Column("body", Text, nullable=False),
        Column("correlation_id", Uuid, nullable=False),
        Column("causation_id", Uuid),
        Column("traceparent", Text, nullable=False),
        Column("published_at", instant()),
        Index("outbox_unpublished", "seq", postgresql_where=text("published_at IS NULL")),
        postgresql_partition_by="RANGE (recorded_at)",
    )
    Table(
        "relay_state",
        metadata,
        Column("stream", Text, primary_key=True),
        Column("stream_made_at", Text, nullable=False),
        Column("last_seq", BigInteger, nullable=False),
        Column("tell_from", instant()),
    )
    Table(
        "inbox",
        metadata,
        Column("event_id", Uuid, primary_key=True),
        Column("subject", Text, nullable=False),
        Column("heard_at", instant(), nullable=False),
    )
    Table(
        "parked",
        metadata,
        Column("id", BigInteger, Identity(always=True), primary_key=True),
        Column("event_id", Uuid, nullable=False, unique=True),
        Column("aggregate_id", Uuid, nullable=False),
        Column("subject", Text, nullable=False),
        Column("headers", JSONB, nullable=False),
        Column("body", LargeBinary, nullable=False),
        Column("parked_at", instant(), nullable=False),
        Column("due_at", instant(), nullable=False),
        Column("tries", Integer, nullable=False),
        Column("error", Text),
        Column("given_up_at", instant()),
        Index("parked_by_aggregate", "aggregate_id", "id"),
    )
    Table(
        "audit",
        metadata,
        Column("id", BigInteger, Identity(always=True), primary_key=True),
        Column("at", instant(), nullable=False),
        Column("person_id", Uuid),
        Column("member_id", Uuid),
        Column("action", Text, nullable=False),
        Column("object_id", Uuid, nullable=False),
        Column("before", JSONB),
        Column("after", JSONB),
        Column("reason", Text),
        Column("event_id", Uuid),
        Column("traceparent", Text, nullable=False),
        Index("audit_by_object", "object_id", "id"),
    )
    Table(
        "idempotency",
        metadata,
        Column("scope", Uuid, primary_key=True),
        Column("key", Text, primary_key=True),
        Column("digest", LargeBinary, nullable=False),
        Column("claimed_at", instant(), nullable=False),
        Column("status", SmallInteger, nullable=False),
        Column("body", LargeBinary, nullable=False),
        Index("idempotency_by_age", "claimed_at"),
    )
    Table(
        "milestones",
        metadata,
        Column("name", Text, primary_key=True),
        Column("reached_at", instant(), nullable=False),
    )


def deed_tables(metadata: MetaData) -> None:
    """Adds what a service needs that shows people what they did."""
    audit = metadata.tables["audit"]
    Index(
        "audit_by_person",
        audit.c.person_id,
        audit.c.id,
        postgresql_where=text("person_id IS NOT NULL"),
    )


def import_tables(metadata: MetaData) -> None:
    """Adds the table of imports to the metadata of a service that takes files."""
    Table(
        "imports",
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("member_id", Uuid),
        Column("made_by", Uuid, nullable=False),
        Column("kind", Text, nullable=False),
        Column("target_id", Uuid),
        Column("first_on", Date),
        Column("last_on", Date),
        Column("file_name", Text, nullable=False),
        Column("content", LargeBinary),
        Column("status", Text, nullable=False),
        Column("rows_total", Integer, nullable=False),
        Column("rows_done", Integer, nullable=False),
        Column("added", Integer, nullable=False),
        Column("changed", Integer, nullable=False),
        Column("unchanged", Integer, nullable=False),
        Column("removed", Integer, nullable=False),
        Column("faults", JSONB, nullable=False),
        Column("faults_total", Integer, nullable=False),
        Column("made_at", instant(), nullable=False),
        Column("applied_by", Uuid),
        Column("applied_at", instant()),
        Column("version", Integer, nullable=False),
        Index("imports_by_member", "member_id", "id"),
        Index("imports_waiting", "made_at", postgresql_where=text("content IS NOT NULL")),
    )


def file_tables(metadata: MetaData) -> None:
    """Adds the table of files to the metadata of a service that keeps some."""
    Table(
        "files",
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("member_id", Uuid),
        Column("made_by", Uuid),
        Column("made_at", instant(), nullable=False),
        Column("name", Text, nullable=False),
        Column("kind", Text, nullable=False),
        Column("size", Integer, nullable=False),
        Column("sha256", LargeBinary, nullable=False),
        Column("content", LargeBinary, nullable=False),
        Column("used_at", instant()),
        UniqueConstraint("id", "sha256", name="files_by_content"),
        Index("files_unused", "made_at", postgresql_where=text("used_at IS NULL")),
    )


def template_tables(metadata: MetaData) -> None:
    """Adds the members' own templates to the metadata of a service; it has `file_tables` too."""
    Table(
        "document_templates",
        metadata,
        Column("member_id", Uuid, primary_key=True),
        Column("name", Text, primary_key=True),
        Column("made_as", Text, primary_key=True),
        Column("file_id", ForeignKey("files.id"), nullable=False),
        Column("made_at", instant(), nullable=False),
        Column("made_by", Uuid, nullable=False),
    )


def signing_tables(metadata: MetaData) -> None:
    """Adds signings to the metadata of a service in which something is signed; it has files too."""
    Table(
        "signings",
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("about_id", Uuid, nullable=False),
        Column("file_id", Uuid, nullable=False),
        Column("sha256", LargeBinary, nullable=False),
        Column("in_order", Boolean, nullable=False),
        Column("opened_at", instant(), nullable=False),
        Column("completed_at", instant()),
        Column("cancelled_at", instant()),
        ForeignKeyConstraint(["file_id", "sha256"], ["files.id", "files.sha256"]),
        Index("signings_by_thing", "about_id", "opened_at"),
    )
    Table(
        "signing_parties",
        metadata,
        Column("signing_id", ForeignKey("signings.id"), primary_key=True),
        Column("party_id", Uuid, primary_key=True),
        Column("place", SmallInteger, nullable=False),
        UniqueConstraint("signing_id", "place"),
    )
    Table(
        "signatures",
        metadata,
        Column("signing_id", Uuid, primary_key=True),
        Column("party_id", Uuid, primary_key=True),
        Column("method", Text, nullable=False),
        Column("signed_at", instant(), nullable=False),
        Column("signed_on", Date, nullable=False),
        Column("person_id", Uuid, nullable=False),
        Column("session_id", Uuid, nullable=False),
        Column("accepted_by", Text, nullable=False),
        Column("file_id", ForeignKey("files.id")),
        Column("certificate", JSONB),
        ForeignKeyConstraint(
            ["signing_id", "party_id"], ["signing_parties.signing_id", "signing_parties.party_id"]
        ),
    )
