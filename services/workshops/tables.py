"""What workshops stores; constraints that only the database can keep stand in the migrations."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
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
from sqlalchemy.dialects.postgresql import TSTZRANGE

from shared.tables import chassis_tables, deed_tables, import_tables, instant

metadata = MetaData()
chassis_tables(metadata)
deed_tables(metadata)
import_tables(metadata)

members = Table(
    "members",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("slug", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("is_state", Boolean, nullable=False),
    Column("vat_regime", Text, nullable=False),
    Column("leaving_on", Date),
    Column("suspended_on", Date),
    Column("suspended_until", Date),
)

agreements = Table(
    "agreements",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("party_ids", ARRAY(Uuid), nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date, nullable=False),
    Column("ended_on", Date),
    Column("is_free", Boolean, nullable=False),
    Index("agreements_by_party", "party_ids", postgresql_using="gin"),
)

competences = Table(
    "competences",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("sort_key", Text, nullable=False),
)

sites = Table(
    "sites",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("owner_id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("town", Text, nullable=False),
    Column("town_key", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("opened_at", instant(), nullable=False),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Index("sites_by_owner", "owner_id", "id"),
)

site_hours = Table(
    "site_hours",
    metadata,
    Column("site_id", Uuid, ForeignKey("sites.id"), primary_key=True),
    Column("weekday", SmallInteger, primary_key=True),
    Column("opens", SmallInteger, primary_key=True),
    Column("closes", SmallInteger, nullable=False),
)

site_bells = Table(
    "site_bells",
    metadata,
    Column("site_id", Uuid, ForeignKey("sites.id"), primary_key=True),
    Column("pair", SmallInteger, primary_key=True),
    Column("opens", SmallInteger, nullable=False),
    Column("closes", SmallInteger, nullable=False),
)

workshops = Table(
    "workshops",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("site_id", Uuid, ForeignKey("sites.id"), nullable=False),
    Column("owner_id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("sort_key", Text, nullable=False),
    Column("approval", Text, nullable=False),
    Column("competences", ARRAY(Text), nullable=False),
    Column("opened_at", instant(), nullable=False),
    Column("version", Integer, nullable=False),
    Index("workshops_by_name", "sort_key", "id"),
    Index("workshops_by_owner", "owner_id"),
)

pools = Table(
    "pools",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("workshop_id", Uuid, ForeignKey("workshops.id"), nullable=False),
    Column("workplaces", SmallInteger, nullable=False),
    UniqueConstraint("id", "workplaces"),
    Index("pools_by_workshop", "workshop_id"),
)

equipment = Table(
    "equipment",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("workshop_id", Uuid, ForeignKey("workshops.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("sort_key", Text, nullable=False),
    Column("competences", ARRAY(Text), nullable=False),
    Column("is_at_workplace", Boolean, nullable=False),
    Column("installed_at", instant(), nullable=False),
    Index("equipment_by_workshop", "workshop_id"),
)

tariffs = Table(
    "tariffs",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("workshop_id", Uuid, ForeignKey("workshops.id"), nullable=False),
    Column("net_kopecks", BigInteger, nullable=False),
    Column("valid_from_at", instant(), nullable=False),
    Index("tariffs_by_workshop", "workshop_id", "valid_from_at", unique=True),
)

pool_days = Table(
    "pool_days",
    metadata,
    Column("pool_id", Uuid, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("places", SmallInteger, nullable=False),
    Column("taken", ARRAY(SmallInteger), nullable=False),
    ForeignKeyConstraint(
        ["pool_id", "places"], ["pools.id", "pools.workplaces"], onupdate="CASCADE"
    ),
)

lessons = Table(
    "lessons",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("workshop_id", Uuid, ForeignKey("workshops.id"), nullable=False),
    Column("starts_at", instant(), nullable=False),
    Column("ends_at", instant(), nullable=False),
    Column("workplaces", SmallInteger, nullable=False),
    Column("title", Text, nullable=False),
    Column("added_at", instant(), nullable=False),
    Column("released_at", instant()),
    Index(
        "lessons_by_workshop",
        "workshop_id",
        "starts_at",
        postgresql_where=text("released_at IS NULL"),
    ),
)

occupations = Table(
    "occupations",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("resource_id", Uuid, nullable=False),
    Column("booking_id", Uuid, nullable=False),
    Column("during", TSTZRANGE, nullable=False),
    Column("released_at", instant()),
    Index("occupations_by_booking", "booking_id"),
)

bookings = Table(
    "bookings",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("workshop_id", Uuid, ForeignKey("workshops.id"), nullable=False),
    Column("pool_id", Uuid, ForeignKey("pools.id"), nullable=False),
    Column("owner_id", Uuid, nullable=False),
    Column("booker_id", Uuid, nullable=False),
    Column("booked_by", Uuid, nullable=False),
    Column("agreement_id", Uuid),
    Column("status", Text, nullable=False),
    Column("starts_at", instant(), nullable=False),
    Column("ends_at", instant(), nullable=False),
    Column("workplaces", SmallInteger, nullable=False),
    Column("equipment_ids", ARRAY(Uuid), nullable=False),
    Column("group_size", SmallInteger),
    Column("purpose", Text, nullable=False),
    Column("net_per_workplace_hour_kopecks", BigInteger, nullable=False),
    Column("price_kopecks", BigInteger, nullable=False),
    Column("vat_kopecks", BigInteger, nullable=False),
    Column("vat_rate", SmallInteger),
    Column("price_reason", Text, nullable=False),
    Column("price_reason_ru", Text, nullable=False),
    Column("answer_due_at", instant()),
    Column("requested_at", instant(), nullable=False),
    Column("answer_reason", Text),
    Column("checked_in_at", instant()),
    Column("completed_at", instant()),
    Column("actual_minutes", SmallInteger),
    Column("charged_kopecks", BigInteger),
    Column("charged_vat_kopecks", BigInteger),
    Column("version", Integer, nullable=False),
    Index("bookings_by_booker", "booker_id", "starts_at", "id"),
    Index("bookings_by_owner", "owner_id", "starts_at", "id"),
    Index("bookings_unanswered", "answer_due_at", postgresql_where=text("status = 'requested'")),
)

feeds = Table(
    "feeds",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("member_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("workshop_id", Uuid, ForeignKey("workshops.id")),
    Column("secret_sha256", LargeBinary, nullable=False, unique=True),
    Column("made_by", Uuid, nullable=False),
    Column("made_at", instant(), nullable=False),
    Column("revoked_at", instant()),
    Index("feeds_by_member", "member_id", "id"),
)
