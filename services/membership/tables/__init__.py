"""What membership stores; constraints that only the database can keep stand in the migrations."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from services.membership.tables.persons import consent_tables, person_tables
from shared.tables import (
    chassis_tables,
    deed_tables,
    file_tables,
    import_tables,
    instant,
    signing_tables,
    template_tables,
)

metadata = MetaData()
chassis_tables(metadata)
deed_tables(metadata)
import_tables(metadata)
file_tables(metadata)
template_tables(metadata)
signing_tables(metadata)
person_tables(metadata)
consent_tables(metadata)

members = Table(
    "members",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("slug", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("full_name", Text, nullable=False),
    Column("sort_key", Text, nullable=False),
    Column("search_key", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("is_state", Boolean, nullable=False),
    Column("legal_form", Text, nullable=False),
    Column("inn", Text, nullable=False),
    Column("kpp", Text),
    Column("ogrn", Text, nullable=False),
    Column("town", Text, nullable=False),
    Column("vat_regime", Text, nullable=False),
    Column("bank_account", Text),
    Column("bik", Text),
    Column("joined_on", Date, nullable=False),
    Column("leaving_on", Date),
    Column("withdrawn_at", instant()),
    Column("version", Integer, nullable=False),
    Column("end_kind", Text),
    Column("end_decision_id", Uuid),
    Column("exclusion_ground", Text),
    Column("successor_id", ForeignKey("members.id")),
    Column("suspended_on", Date),
    Column("suspended_until", Date),
    Column("powers_required_from", Date),
    Index("members_by_slug", "slug", unique=True),
    Index(
        "members_by_taxpayer",
        "inn",
        "kpp",
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where=text("withdrawn_at IS NULL"),
    ),
    Index("members_by_name", "sort_key", "id"),
    Index(
        "members_leaving",
        "leaving_on",
        postgresql_where=text("leaving_on IS NOT NULL AND withdrawn_at IS NULL"),
    ),
)

accounts = Table(
    "accounts",
    metadata,
    Column("person_id", ForeignKey("persons.id"), primary_key=True),
    Column("email", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Index("accounts_by_email", "email", unique=True),
)

roles = Table(
    "roles",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("person_id", ForeignKey("persons.id"), nullable=False),
    Column("member_id", ForeignKey("members.id")),
    Column("role", Text, nullable=False),
    Column("granted_at", instant(), nullable=False),
    Column("granted_by", Uuid),
    Column("ended_at", instant()),
    Column("ended_by", Uuid),
    Index(
        "roles_held",
        "person_id",
        "member_id",
        "role",
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where=text("ended_at IS NULL"),
    ),
    Index("roles_by_member", "member_id", "person_id"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("person_id", ForeignKey("accounts.person_id"), nullable=False),
    Column("member_id", ForeignKey("members.id")),
    Column("family_hash", LargeBinary, nullable=False),
    Column("refresh_hash", LargeBinary, nullable=False),
    Column("is_lasting", Boolean, nullable=False, server_default=text("false")),
    Column("device", Text),
    Column("created_at", instant(), nullable=False),
    Column("last_used_at", instant(), nullable=False),
    Column("expires_at", instant(), nullable=False),
    Column("ended_at", instant()),
    Index("sessions_by_family", "family_hash", unique=True),
    Index("sessions_by_person", "person_id"),
    Index("sessions_by_expiry", "expires_at"),
)

sign_in_failures = Table(
    "sign_in_failures",
    metadata,
    Column("email_hash", LargeBinary, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("began_at", instant(), nullable=False),
    Index("sign_in_failures_by_age", "began_at"),
)

reset_wishes = Table(
    "reset_wishes",
    metadata,
    Column("email", Text, primary_key=True),
    Column("wished_at", instant(), nullable=False),
)

address_changes = Table(
    "address_changes",
    metadata,
    Column("person_id", ForeignKey("accounts.person_id"), primary_key=True),
    Column("email", Text, nullable=False),
    Column("asked_at", instant(), nullable=False),
)

agreements = Table(
    "agreements",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date, nullable=False),
    Column("made_at", instant(), nullable=False),
    Column("activated_at", instant()),
    Column("ended_at", instant()),
    Column("version", Integer, nullable=False),
    Column("number", Text),
    Column("place", Text),
    Column("in_order", Boolean, nullable=False),
    Column("prolongs_months", SmallInteger),
    Column("refusal_days", SmallInteger),
    Column("notice_days", SmallInteger),
    Column("is_free", Boolean),
    Column("tariffs", JSONB, nullable=False),
    Column("reminder_days", ARRAY(SmallInteger), nullable=False),
    Column("last_on", Date, nullable=False),
    Column("declined_at", instant()),
    Column("declined_by", ForeignKey("members.id")),
    Column("noticed_at", instant()),
    Column("noticed_by", ForeignKey("members.id")),
    Column("reminded_to", Date),
    Column("reminded_days", SmallInteger),
    Index(
        "agreements_running",
        "last_on",
        postgresql_where=text("activated_at IS NOT NULL AND ended_at IS NULL"),
    ),
)

agreement_parties = Table(
    "agreement_parties",
    metadata,
    Column("agreement_id", ForeignKey("agreements.id"), primary_key=True),
    Column("member_id", ForeignKey("members.id"), primary_key=True),
    Column("place", SmallInteger, nullable=False),
    Column("signed_at", instant()),
    Column("signed_by", ForeignKey("persons.id")),
    Column("method", Text),
    Index("agreement_parties_by_member", "member_id", "agreement_id"),
)

applications = Table(
    "applications",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("status", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("search_key", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("inn", Text, nullable=False),
    Column("kpp", Text),
    Column("ogrn", Text, nullable=False),
    Column("card", JSONB, nullable=False),
    Column("email", Text, nullable=False),
    Column("made_at", instant(), nullable=False),
    Column("submitted_at", instant()),
    Column("reason", Text),
    Column("decision_id", Uuid),
    Column("admitted_on", Date),
    Column("accession", Text),
    Column("signed_at", instant()),
    Column("signer", JSONB),
    Column("member_id", ForeignKey("members.id")),
    Column("version", Integer, nullable=False),
    Index("applications_by_status", "status", "id"),
    Index("applications_by_email", "email", postgresql_where=text("status = 'draft'")),
    Index("applications_by_inn", "inn"),
    Index("applications_by_member", "member_id"),
    Index(
        "applications_checked",
        "inn",
        "kpp",
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where=text("status IN ('checked', 'on_agenda', 'admitted', 'agreement_signed')"),
    ),
)

application_documents = Table(
    "application_documents",
    metadata,
    Column("file_id", ForeignKey("files.id"), primary_key=True),
    Column("application_id", ForeignKey("applications.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("added_at", instant(), nullable=False),
    Index("application_documents_by_application", "application_id"),
)

links = Table(
    "links",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("purpose", Text, nullable=False),
    Column("about_id", Uuid, nullable=False),
    Column("made_at", instant(), nullable=False),
    Column("expires_at", instant(), nullable=False),
    Column("used_at", instant()),
    Index("links_by_thing", "about_id", "purpose"),
    Index("links_by_expiry", "expires_at"),
)

letters = Table(
    "letters",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("address", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("about_id", Uuid, nullable=False),
    Column("token", Text),
    Column("words", Text),
    Column("written_at", instant(), nullable=False),
    Column("expires_at", instant(), nullable=False),
    Index("letters_by_expiry", "expires_at"),
    Index("letters_by_thing", "about_id", "kind"),
)

cases = Table(
    "cases",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("member_id", ForeignKey("members.id"), nullable=False),
    Column("ground", Text, nullable=False),
    Column("initiative", Text, nullable=False),
    Column("initiator_id", ForeignKey("members.id")),
    Column("evidence", Text, nullable=False),
    Column("opened_at", instant(), nullable=False),
    Column("opened_by", Uuid, nullable=False),
    Column("answer_until_on", Date, nullable=False),
    Column("answer", Text),
    Column("answered_at", instant()),
    Column("answered_by", Uuid),
    Column("closed_at", instant()),
    Column("decision_id", Uuid),
    Column("version", Integer, nullable=False),
    Index("cases_open", "member_id", unique=True, postgresql_where=text("closed_at IS NULL")),
    Index("cases_by_member", "member_id", "id"),
)

decisions = Table(
    "decisions",
    metadata,
    Column("decision_id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("subject_id", Uuid),
    Column("heard_at", instant(), nullable=False),
    Column("reason_code", Text),
)

parameters = Table(
    "parameters",
    metadata,
    Column("name", Text, primary_key=True),
    Column("decision_id", Uuid, primary_key=True),
    Column("value", Integer, nullable=False),
    Column("valid_from", Date, nullable=False),
)

cluster_end = Table(
    "cluster_end",
    metadata,
    Column("decision_id", Uuid, primary_key=True),
    Column("is_only", Boolean, nullable=False, unique=True),
    Column("ends_on", Date, nullable=False),
)

open_matters = Table(
    "open_matters",
    metadata,
    Column("member_id", Uuid, primary_key=True),
    Column("matter_id", Uuid, primary_key=True),
    Column("side", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("since_at", instant(), nullable=False),
    Index("open_matters_by_matter", "matter_id"),
)

seats = Table(
    "seats",
    metadata,
    Column("seat_id", Uuid, primary_key=True),
    Column("person_id", Uuid, primary_key=True),
    Column("from_on", Date, primary_key=True),
    Column("member_id", Uuid, nullable=False),
    Column("duty", Text, nullable=False),
    Column("until_on", Date),
    Column("turns_on", Date),
    Index("seats_by_person", "person_id", "member_id"),
    Index("seats_turning", "turns_on", postgresql_where=text("turns_on IS NOT NULL")),
)

invitations = Table(
    "invitations",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("member_id", ForeignKey("members.id"), nullable=False),
    Column("email", Text),
    Column("roles", ARRAY(Text), nullable=False),
    Column("invited_by", Uuid, nullable=False),
    Column("invited_at", instant(), nullable=False),
    Column("expires_at", instant(), nullable=False),
    Column("accepted_at", instant()),
    Column("accepted_by", ForeignKey("persons.id")),
    Column("cancelled_at", instant()),
    Index(
        "invitations_waiting",
        "member_id",
        "email",
        unique=True,
        postgresql_where=text("accepted_at IS NULL AND cancelled_at IS NULL"),
    ),
    Index("invitations_by_expiry", "expires_at", postgresql_where=text("email IS NOT NULL")),
)

powers = Table(
    "powers",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("person_id", ForeignKey("persons.id"), nullable=False),
    Column("member_id", ForeignKey("members.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("number", Text),
    Column("issued_on", Date),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    Column("recorded_at", instant(), nullable=False),
    Column("recorded_by", Uuid, nullable=False),
    Column("revoked_at", instant()),
    Index("powers_by_member", "member_id", "id"),
)

handovers = Table(
    "handovers",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("member_id", ForeignKey("members.id"), nullable=False),
    Column("from_id", ForeignKey("persons.id"), nullable=False),
    Column("to_id", ForeignKey("persons.id"), nullable=False),
    Column("from_on", Date, nullable=False),
    Column("power", JSONB),
    Column("made_at", instant(), nullable=False),
    Column("made_by", Uuid, nullable=False),
    Column("outcome", Text),
    Column("closed_at", instant()),
    Index(
        "handovers_planned",
        "member_id",
        "from_id",
        unique=True,
        postgresql_where=text("outcome IS NULL"),
    ),
    Index("handovers_by_member", "member_id", "id"),
    Index("handovers_waiting", "from_on", postgresql_where=text("outcome IS NULL")),
)

second_factors = Table(
    "second_factors",
    metadata,
    Column("person_id", ForeignKey("accounts.person_id"), primary_key=True),
    Column("secret", LargeBinary, nullable=False),
    Column("made_at", instant(), nullable=False),
    Column("confirmed_at", instant()),
    Column("last_step", BigInteger),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("person_id", ForeignKey("second_factors.person_id"), primary_key=True),
    Column("code_hash", LargeBinary, primary_key=True),
    Column("used_at", instant()),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("member_id", ForeignKey("members.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("key_hash", LargeBinary, nullable=False),
    Column("roles", ARRAY(Text), nullable=False),
    Column("made_by", ForeignKey("persons.id"), nullable=False),
    Column("made_at", instant(), nullable=False),
    Column("expires_on", Date, nullable=False),
    Column("last_used_on", Date),
    Column("revoked_at", instant()),
    Column("revoked_by", Uuid),
    Index("api_keys_by_hash", "key_hash", unique=True),
    Index("api_keys_by_member", "member_id", "id"),
)
