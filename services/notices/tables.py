"""What notices stores: ids, facts and moments; no name, no address, nothing that people wrote."""

from sqlalchemy import (
    ARRAY,
    Boolean,
    Column,
    Date,
    ForeignKey,
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

from shared.tables import chassis_tables, instant

metadata = MetaData()
chassis_tables(metadata)

members = Table(
    "members",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("joined_on", Date, nullable=False),
    Column("withdrawn_on", Date),
)

roles = Table(
    "roles",
    metadata,
    Column("person_id", Uuid, nullable=False),
    Column("member_id", Uuid),
    Column("role", Text, nullable=False),
    UniqueConstraint(
        "person_id",
        "member_id",
        "role",
        name="a_role_is_held_once",
        postgresql_nulls_not_distinct=True,
    ),
    Index("roles_by_member", "member_id", "role"),
)

agreements = Table(
    "agreements",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("party_ids", ARRAY(Uuid), nullable=False),
    Index("agreements_by_party", "party_ids", postgresql_using="gin"),
)

matters = Table(
    "matters",
    metadata,
    Column("kind", Text, nullable=False),
    Column("about_id", Uuid, nullable=False),
    Column("member_id", Uuid),
    Column("facts", JSONB, nullable=False),
    Column("told_at", instant(), nullable=False),
    Column("due_at", instant()),
    UniqueConstraint(
        "about_id",
        "kind",
        "member_id",
        name="a_matter_waits_once",
        postgresql_nulls_not_distinct=True,
    ),
    Index("matters_by_member", "member_id"),
)

notices = Table(
    "notices",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("person_id", Uuid, nullable=False),
    Column("member_id", Uuid),
    Column("kind", Text, nullable=False),
    Column("about_id", Uuid, nullable=False),
    Column("facts", JSONB, nullable=False),
    Column("is_to_do", Boolean, nullable=False),
    Column("is_for_digest", Boolean, nullable=False),
    Column("told_at", instant(), nullable=False),
    Column("due_at", instant()),
    Column("read_at", instant()),
    Column("settled_at", instant()),
    Index("notices_by_person", "person_id", "id"),
    Index("notices_by_thing", "about_id", "kind"),
    Index(
        "notices_unread",
        "person_id",
        postgresql_where=text("read_at IS NULL AND settled_at IS NULL"),
    ),
    Index("notices_by_age", "told_at"),
)

preferences = Table(
    "preferences",
    metadata,
    Column("person_id", Uuid, primary_key=True),
    Column("language", Text, nullable=False),
    Column("digest_hour", SmallInteger, nullable=False),
    Column("ways", JSONB, nullable=False),
)

mailings = Table(
    "mailings",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("purpose", Text, nullable=False),
    Column("person_id", Uuid),
    Column("notice_id", Uuid),
    Column("letter_id", Uuid),
    Column("made_at", instant(), nullable=False),
    Column("due_at", instant(), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("ended_at", instant()),
    Column("reason_code", Text),
    Index("mailings_due", "due_at", postgresql_where=text("ended_at IS NULL")),
    Index(
        "one_digest_waits",
        "person_id",
        unique=True,
        postgresql_where=text("purpose = 'digest' AND ended_at IS NULL"),
    ),
    Index("mailings_by_age", "ended_at"),
)

mailbox = Table(
    "mailbox",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("address", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("kept_at", instant(), nullable=False),
    Index("mailbox_by_age", "kept_at"),
)

webhooks = Table(
    "webhooks",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("member_id", Uuid, nullable=False),
    Column("url", Text, nullable=False),
    Column("secret", Text, nullable=False),
    Column("kinds", ARRAY(Text), nullable=False),
    Column("made_by", Uuid, nullable=False),
    Column("made_at", instant(), nullable=False),
    Column("disabled_at", instant()),
    Column("removed_at", instant()),
    Index("webhooks_by_member", "member_id", "id"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("webhook_id", Uuid, ForeignKey("webhooks.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("made_at", instant(), nullable=False),
    Column("due_at", instant(), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("answer", Integer),
    Column("reason_code", Text),
    Column("ended_at", instant()),
    Index("deliveries_due", "due_at", postgresql_where=text("ended_at IS NULL")),
    Index("deliveries_by_webhook", "webhook_id", "id"),
    Index("deliveries_by_age", "made_at"),
)
