"""What council stores; constraints that only the database can keep stand in the migrations."""

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
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from services.council.tables.votes import vote_tables
from shared.tables import (
    chassis_tables,
    file_tables,
    import_tables,
    instant,
    signing_tables,
)

metadata = MetaData()
chassis_tables(metadata)
import_tables(metadata)
file_tables(metadata)
signing_tables(metadata)

members = Table(
    "members",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("joined_on", Date, nullable=False),
    Column("withdrawn_on", Date),
    Column("kind", Text),
    Column("slug", Text),
)

people = Table(
    "people",
    metadata,
    Column("person_id", Uuid, primary_key=True),
    Column("member_id", Uuid, primary_key=True),
)

seats = Table(
    "seats",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("person_id", Uuid, nullable=False),
    Column("member_id", Uuid, nullable=False),
    Column("quota", Text),
    Column("duty", Text, nullable=False),
    Column("has_vote", Boolean, nullable=False),
    Column("from_on", Date, nullable=False),
    Column("until_on", Date),
    Column("basis", Text, nullable=False),
    Column("taken_at", instant(), nullable=False),
    Column("vacated_at", instant()),
    Index("seats_by_person", "person_id"),
    Index("seats_by_member", "member_id"),
    Index(
        "seats_untold",
        "until_on",
        postgresql_where=text("until_on IS NOT NULL AND vacated_at IS NULL"),
    ),
)

parameters = Table(
    "parameters",
    metadata,
    Column("name", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("decision_id", Uuid),
    UniqueConstraint(
        "name",
        "decision_id",
        name="a_decision_sets_a_parameter_once",
        postgresql_nulls_not_distinct=True,
    ),
)

duties = Table(
    "duties",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("member_id", Uuid, nullable=False),
    Column("words", Text, nullable=False),
    Column("from_on", Date, nullable=False),
    Column("until_on", Date),
    Column("decision_id", Uuid, nullable=False),
    UniqueConstraint("decision_id", "member_id"),
    Index("duties_by_member", "member_id"),
)

groups = Table(
    "groups",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("title", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("basis", Text, nullable=False),
    Column("formed_on", Date, nullable=False),
    Column("closed_on", Date),
    Column("version", Integer, nullable=False),
)

group_people = Table(
    "group_people",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("group_id", ForeignKey("groups.id"), nullable=False),
    Column("person_id", Uuid, nullable=False),
    Column("member_id", Uuid, nullable=False),
    Column("part", Text, nullable=False),
    Column("from_on", Date, nullable=False),
    Column("until_on", Date),
    Index("group_people_by_person", "person_id"),
    Index("group_people_by_member", "member_id"),
)

proposals = Table(
    "proposals",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("member_id", Uuid, nullable=False),
    Column("person_id", Uuid, nullable=False),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("draft_text", Text),
    Column("decision_kind", Text),
    Column("parameter", Text),
    Column("value", Text),
    Column("status", Text, nullable=False),
    Column("reason", Text),
    Column("submitted_at", instant(), nullable=False),
    Column("answered_at", instant()),
    Column("version", Integer, nullable=False),
    Index("proposals_by_member", "member_id", "id"),
    Index("proposals_by_status", "status", "id"),
)

proposal_remarks = Table(
    "proposal_remarks",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("proposal_id", ForeignKey("proposals.id"), nullable=False),
    Column("member_id", Uuid, nullable=False),
    Column("person_id", Uuid, nullable=False),
    Column("words", Text, nullable=False),
    Column("made_at", instant(), nullable=False),
    Index("proposal_remarks_by_proposal", "proposal_id", "id"),
)

matters = Table(
    "matters",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("member_id", Uuid),
    Column("ground", Text),
    Column("ready_on", Date, nullable=False),
    Column("heard_at", instant(), nullable=False),
    Column("closed_at", instant()),
    Index("matters_open", "ready_on", "id", postgresql_where=text("closed_at IS NULL")),
    Index("matters_by_member", "member_id"),
)

meetings = Table(
    "meetings",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("year", SmallInteger),
    Column("number", Integer),
    Column("kind", Text, nullable=False),
    Column("form", Text, nullable=False),
    Column("starts_at", instant(), nullable=False),
    Column("absentee_until", instant()),
    Column("place", Text),
    Column("link", Text),
    Column("status", Text, nullable=False),
    Column("reason", Text),
    Column("planned_at", instant(), nullable=False),
    Column("announced_at", instant()),
    Column("opened_at", instant()),
    Column("closed_at", instant()),
    Column("successor_id", ForeignKey("meetings.id")),
    Column("chair_seat_id", ForeignKey("seats.id")),
    Column("secretary_seat_id", ForeignKey("seats.id")),
    Column("seats_total", Integer),
    Column("seats_present", Integer),
    Column("version", Integer, nullable=False),
    UniqueConstraint("year", "number", name="a_number_of_a_year_is_given_once"),
    Index("meetings_by_start", "starts_at", "id"),
    Index(
        "meetings_absentee",
        "absentee_until",
        postgresql_where=text("form = 'absentee' AND status IN ('announced', 'open')"),
    ),
)

calls = Table(
    "calls",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("made_at", instant(), nullable=False),
    Column("meeting_id", ForeignKey("meetings.id"), unique=True),
)

call_supporters = Table(
    "call_supporters",
    metadata,
    Column("call_id", ForeignKey("calls.id"), primary_key=True),
    Column("seat_id", ForeignKey("seats.id"), primary_key=True),
    Column("supported_at", instant(), nullable=False),
    Index("call_supporters_by_seat", "seat_id"),
)

items = Table(
    "items",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("meeting_id", ForeignKey("meetings.id"), nullable=False),
    Column("position", SmallInteger, nullable=False),
    Column("title", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("proposal_id", ForeignKey("proposals.id")),
    Column("matter_id", ForeignKey("matters.id")),
    Column("speaker", Text),
    Column("minutes", SmallInteger),
    Column("draft_text", Text),
    Column("decision_kind", Text),
    Column("force", Text, nullable=False),
    Column("subject_id", Uuid),
    Column("ground", Text),
    Column("parameter", Text),
    Column("value", Text),
    Column("addressee_ids", ARRAY(Uuid), nullable=False),
    Column("responsible_member_id", Uuid),
    Column("due_on", Date),
    Column("outcome", Text),
    Column("carried_from_id", ForeignKey("items.id")),
    UniqueConstraint(
        "meeting_id", "position", name="a_place_of_an_agenda_is_one_items", deferrable=True
    ),
    Index("items_by_proposal", "proposal_id"),
    Index("items_by_matter", "matter_id"),
)

materials = Table(
    "materials",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("item_id", ForeignKey("items.id"), nullable=False),
    Column("file_id", ForeignKey("files.id"), nullable=False),
    Column("added_at", instant(), nullable=False),
    UniqueConstraint("item_id", "file_id"),
    Index("materials_by_file", "file_id"),
)

attendances = Table(
    "attendances",
    metadata,
    Column("meeting_id", ForeignKey("meetings.id"), primary_key=True),
    Column("seat_id", ForeignKey("seats.id"), primary_key=True),
    Column("registered_at", instant(), primary_key=True),
    Column("left_at", instant()),
    Column("way", Text, nullable=False),
    Index("attendances_by_seat", "seat_id"),
)

invitations = Table(
    "invitations",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("meeting_id", ForeignKey("meetings.id"), nullable=False),
    Column("person_id", Uuid),
    Column("words", Text),
    Column("item_id", ForeignKey("items.id")),
    Column("invited_at", instant(), nullable=False),
    UniqueConstraint("meeting_id", "person_id"),
    Index("invitations_by_person", "person_id"),
)

plans = Table(
    "plans",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("year", SmallInteger, nullable=False, unique=True),
    Column("opened_at", instant(), nullable=False),
    Column("opened_by", Uuid, nullable=False),
    Column("reported_at", instant()),
    Column("archived_at", instant()),
    Column("version", Integer, nullable=False),
)

plan_versions = Table(
    "plan_versions",
    metadata,
    Column("plan_id", ForeignKey("plans.id"), primary_key=True),
    Column("number", SmallInteger, primary_key=True),
    Column("reason", Text),
    Column("opened_at", instant(), nullable=False),
    Column("opened_by", Uuid, nullable=False),
    Column("collecting_at", instant()),
    Column("collect_until", Date),
    Column("agreed_at", instant()),
    Column("agreed_by", Uuid),
    Column("agreed_sha256", Text),
    Column("decision_id", Uuid, unique=True),
    Column("approved_on", Date),
    Column("in_force_on", Date),
    Column("entered_at", instant()),
    Column("dropped_at", instant()),
    Index(
        "plan_versions_open",
        "plan_id",
        unique=True,
        postgresql_where=text("decision_id IS NULL AND dropped_at IS NULL"),
    ),
    Index(
        "plan_versions_to_enter",
        "in_force_on",
        postgresql_where=text("in_force_on IS NOT NULL AND entered_at IS NULL"),
    ),
)

plan_items = Table(
    "plan_items",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("plan_id", ForeignKey("plans.id"), nullable=False),
    Column("proposed_by_member_id", Uuid),
    Column("proposed_by", Uuid, nullable=False),
    Column("proposed_at", instant(), nullable=False),
    Index("plan_items_by_plan", "plan_id"),
)

plan_lines = Table(
    "plan_lines",
    metadata,
    Column("item_id", ForeignKey("plan_items.id"), primary_key=True),
    Column("plan_id", Uuid, nullable=False),
    Column("number", SmallInteger, primary_key=True),
    Column("section", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("form", Text),
    Column("period", Text, nullable=False),
    Column("first_on", Date, nullable=False),
    Column("last_on", Date, nullable=False),
    Column("responsible_member_id", Uuid, nullable=False),
    Column("responsible_person_id", Uuid),
    Column("co_executor_ids", ARRAY(Uuid), nullable=False),
    Column("audience", Text),
    Column("planned_count", Integer),
    Column("place", Text),
    Column("result", Text, nullable=False),
    Column("indicator", Text),
    Column("unit", Text),
    Column("planned_value", Integer),
    Column("source", Text),
    Column("amount_kopecks", BigInteger),
    Column("payer_member_id", Uuid),
    Column("basis", Text),
    Column("refused_at", instant()),
    Column("refusal", Text),
    Column("revision", Integer, nullable=False),
    ForeignKeyConstraint(["plan_id", "number"], ["plan_versions.plan_id", "plan_versions.number"]),
    Index("plan_lines_by_version", "plan_id", "number"),
)

plan_consents = Table(
    "plan_consents",
    metadata,
    Column("item_id", Uuid, primary_key=True),
    Column("number", SmallInteger, primary_key=True),
    Column("member_id", Uuid, primary_key=True),
    Column("is_given", Boolean, nullable=False),
    Column("reason", Text),
    Column("answered_at", instant(), nullable=False),
    Column("answered_by", Uuid, nullable=False),
    ForeignKeyConstraint(["item_id", "number"], ["plan_lines.item_id", "plan_lines.number"]),
)

plan_reports = Table(
    "plan_reports",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("item_id", ForeignKey("plan_items.id"), nullable=False),
    Column("plan_id", ForeignKey("plans.id"), nullable=False),
    Column("outcome", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("reason", Text),
    Column("fact_value", Integer),
    Column("fact_count", Integer),
    Column("spent_kopecks", BigInteger),
    Column("moved_to", Text),
    Column("moved_until", Date),
    Column("reported_at", instant(), nullable=False),
    Column("reported_by", Uuid, nullable=False),
    Column("status", Text, nullable=False),
    Column("answered_at", instant()),
    Column("answered_by", Uuid),
    Column("answer", Text),
    Index("plan_reports_by_item", "item_id", "id"),
    Index("plan_reports_by_plan", "plan_id"),
    Index(
        "plan_reports_waiting",
        "item_id",
        unique=True,
        postgresql_where=text("status = 'submitted'"),
    ),
)

vote_tables(metadata)
