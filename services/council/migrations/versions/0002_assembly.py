"""Composition, parameters, duties, groups, proposals, matters ready for an agenda, meetings."""

from shared.migrations import grant, make_immutable, run

revision = "0002"
down_revision = "0001"

_COMPOSITION = """
ALTER TABLE members
    ADD COLUMN kind text CHECK (kind IN ('authority', 'college', 'university', 'employer'));;
CREATE TABLE people (
    person_id uuid NOT NULL,
    member_id uuid NOT NULL,
    PRIMARY KEY (person_id, member_id)
);;
CREATE TABLE seats (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL,
    member_id uuid NOT NULL,
    quota text CHECK (quota IN ('authority', 'college', 'university', 'employer')),
    duty text NOT NULL CHECK (duty IN ('head', 'deputy', 'secretary', 'member')),
    has_vote boolean NOT NULL,
    from_on date NOT NULL,
    until_on date,
    basis text NOT NULL,
    taken_at timestamptz NOT NULL,
    vacated_at timestamptz,
    CHECK (until_on IS NULL OR until_on >= from_on - 1),
    CHECK (vacated_at IS NULL OR until_on IS NOT NULL),
    CHECK (has_vote OR duty = 'secretary'),
    CHECK (quota IS NOT NULL OR duty = 'secretary'),
    CONSTRAINT a_person_has_one_seat_at_a_time EXCLUDE USING gist
        (person_id WITH =, daterange(from_on, until_on + 1, '[)') WITH &&),
    CONSTRAINT one_head_at_a_time EXCLUDE USING gist
        (daterange(from_on, until_on + 1, '[)') WITH &&) WHERE (duty = 'head'),
    CONSTRAINT one_secretary_at_a_time EXCLUDE USING gist
        (daterange(from_on, until_on + 1, '[)') WITH &&) WHERE (duty = 'secretary')
);;
CREATE INDEX seats_by_person ON seats (person_id);;
CREATE INDEX seats_by_member ON seats (member_id);;
CREATE INDEX seats_untold ON seats (until_on) WHERE until_on IS NOT NULL AND vacated_at IS NULL;;
CREATE TABLE parameters (
    name text NOT NULL,
    value text NOT NULL,
    valid_from date NOT NULL,
    decision_id uuid,
    CONSTRAINT a_decision_sets_a_parameter_once UNIQUE NULLS NOT DISTINCT (name, decision_id)
);;
CREATE TABLE duties (
    id uuid PRIMARY KEY,
    member_id uuid NOT NULL,
    words text NOT NULL,
    from_on date NOT NULL,
    until_on date,
    decision_id uuid NOT NULL,
    CHECK (until_on IS NULL OR until_on >= from_on - 1),
    UNIQUE (decision_id, member_id)
);;
CREATE INDEX duties_by_member ON duties (member_id);;
CREATE TABLE groups (
    id uuid PRIMARY KEY,
    title text NOT NULL,
    purpose text NOT NULL,
    basis text NOT NULL,
    formed_on date NOT NULL,
    closed_on date,
    version integer NOT NULL,
    CHECK (closed_on IS NULL OR closed_on >= formed_on)
);;
CREATE TABLE group_people (
    id uuid PRIMARY KEY,
    group_id uuid NOT NULL REFERENCES groups,
    person_id uuid NOT NULL,
    member_id uuid NOT NULL,
    part text NOT NULL CHECK (part IN ('leader', 'member', 'specialist')),
    from_on date NOT NULL,
    until_on date,
    CHECK (until_on IS NULL OR until_on >= from_on - 1),
    CONSTRAINT a_person_is_in_a_group_once_at_a_time EXCLUDE USING gist
        (group_id WITH =, person_id WITH =, daterange(from_on, until_on + 1, '[)') WITH &&),
    CONSTRAINT a_group_has_one_leader_at_a_time EXCLUDE USING gist
        (group_id WITH =, daterange(from_on, until_on + 1, '[)') WITH &&) WHERE (part = 'leader')
);;
CREATE INDEX group_people_by_person ON group_people (person_id);;
CREATE INDEX group_people_by_member ON group_people (member_id)
"""

_PROPOSALS = """
CREATE TABLE proposals (
    id uuid PRIMARY KEY,
    member_id uuid NOT NULL,
    person_id uuid NOT NULL,
    title text NOT NULL,
    body text NOT NULL,
    draft_text text,
    decision_kind text CHECK (decision_kind IN
        ('set_parameter', 'share_duties', 'recommend', 'end_cluster')),
    parameter text,
    value text,
    status text NOT NULL CHECK (status IN
        ('submitted', 'tabled', 'refused', 'withdrawn', 'decided')),
    reason text,
    submitted_at timestamptz NOT NULL,
    answered_at timestamptz,
    version integer NOT NULL,
    CHECK ((status = 'refused') = (reason IS NOT NULL)),
    CHECK ((coalesce(decision_kind, '') = 'set_parameter')
        = (parameter IS NOT NULL AND value IS NOT NULL))
);;
CREATE INDEX proposals_by_member ON proposals (member_id, id);;
CREATE INDEX proposals_by_status ON proposals (status, id);;
CREATE TABLE proposal_remarks (
    id uuid PRIMARY KEY,
    proposal_id uuid NOT NULL REFERENCES proposals,
    member_id uuid NOT NULL,
    person_id uuid NOT NULL,
    words text NOT NULL,
    made_at timestamptz NOT NULL
);;
CREATE INDEX proposal_remarks_by_proposal ON proposal_remarks (proposal_id, id);;
CREATE TABLE matters (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('application', 'case')),
    member_id uuid,
    ground text CHECK (ground IN ('a', 'b')),
    ready_on date NOT NULL,
    heard_at timestamptz NOT NULL,
    closed_at timestamptz,
    CHECK ((kind = 'case') = (member_id IS NOT NULL AND ground IS NOT NULL))
);;
CREATE INDEX matters_open ON matters (ready_on, id) WHERE closed_at IS NULL;;
CREATE INDEX matters_by_member ON matters (member_id)
"""

_MEETINGS = """
CREATE TABLE meetings (
    id uuid PRIMARY KEY,
    year smallint,
    number integer CHECK (number > 0),
    kind text NOT NULL CHECK (kind IN ('regular', 'extraordinary')),
    form text NOT NULL CHECK (form IN ('in_person', 'video', 'mixed', 'absentee')),
    starts_at timestamptz NOT NULL,
    absentee_until timestamptz,
    place text,
    link text,
    status text NOT NULL CHECK (status IN
        ('planned', 'announced', 'open', 'closed', 'no_quorum', 'rescheduled', 'cancelled')),
    reason text,
    planned_at timestamptz NOT NULL,
    announced_at timestamptz,
    opened_at timestamptz,
    closed_at timestamptz,
    successor_id uuid REFERENCES meetings,
    chair_seat_id uuid REFERENCES seats,
    secretary_seat_id uuid REFERENCES seats,
    seats_total integer,
    seats_present integer,
    version integer NOT NULL,
    CONSTRAINT a_number_of_a_year_is_given_once UNIQUE (year, number),
    CHECK ((year IS NULL) = (number IS NULL)),
    CHECK ((form = 'absentee') = (absentee_until IS NOT NULL)),
    CHECK (absentee_until > starts_at),
    CHECK ((status = 'rescheduled') = (successor_id IS NOT NULL)),
    CHECK ((status IN ('open', 'closed')) = (opened_at IS NOT NULL AND number IS NOT NULL)),
    CHECK ((status = 'closed') = (closed_at IS NOT NULL)),
    CHECK ((status = 'planned') <= (announced_at IS NULL)),
    CHECK ((status IN ('announced', 'open', 'closed', 'no_quorum')) <= (announced_at IS NOT NULL)),
    CHECK (seats_present <= seats_total)
);;
CREATE INDEX meetings_by_start ON meetings (starts_at, id);;
CREATE INDEX meetings_absentee ON meetings (absentee_until)
    WHERE form = 'absentee' AND status IN ('announced', 'open');;
CREATE TABLE calls (
    id uuid PRIMARY KEY,
    reason text NOT NULL,
    made_at timestamptz NOT NULL,
    meeting_id uuid UNIQUE REFERENCES meetings
);;
CREATE TABLE call_supporters (
    call_id uuid NOT NULL REFERENCES calls,
    seat_id uuid NOT NULL REFERENCES seats,
    supported_at timestamptz NOT NULL,
    PRIMARY KEY (call_id, seat_id)
);;
CREATE INDEX call_supporters_by_seat ON call_supporters (seat_id);;
CREATE TABLE items (
    id uuid PRIMARY KEY,
    meeting_id uuid NOT NULL REFERENCES meetings,
    position smallint NOT NULL CHECK (position BETWEEN 1 AND 100),
    title text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('info', 'decision', 'approval', 'election', 'exclusion')),
    proposal_id uuid REFERENCES proposals,
    matter_id uuid REFERENCES matters,
    speaker text,
    minutes smallint CHECK (minutes BETWEEN 1 AND 600),
    draft_text text,
    decision_kind text CHECK (decision_kind IN ('admit', 'exclude', 'suspend', 'set_parameter',
        'approve_plan', 'share_duties', 'recommend', 'end_cluster')),
    force text NOT NULL CHECK (force IN ('binding', 'recommendation')),
    subject_id uuid,
    ground text CHECK (ground IN ('a', 'b')),
    parameter text,
    value text,
    addressee_ids uuid[] NOT NULL,
    responsible_member_id uuid,
    due_on date,
    outcome text CHECK (outcome IN ('heard', 'decided', 'rejected', 'postponed')),
    carried_from_id uuid REFERENCES items,
    CONSTRAINT a_place_of_an_agenda_is_one_items UNIQUE (meeting_id, position)
        DEFERRABLE INITIALLY IMMEDIATE,
    CHECK ((kind = 'info') = (decision_kind IS NULL)),
    CHECK ((kind = 'exclusion') = (coalesce(decision_kind, '') IN ('exclude', 'suspend'))),
    CHECK ((coalesce(decision_kind, '') IN ('exclude', 'suspend'))
        <= (subject_id IS NOT NULL AND ground IS NOT NULL)),
    CHECK ((coalesce(decision_kind, '') IN ('admit', 'approve_plan')) <= (subject_id IS NOT NULL)),
    CHECK ((coalesce(decision_kind, '') = 'set_parameter')
        = (parameter IS NOT NULL AND value IS NOT NULL))
);;
CREATE INDEX items_by_proposal ON items (proposal_id);;
CREATE INDEX items_by_matter ON items (matter_id);;
CREATE TABLE attendances (
    meeting_id uuid NOT NULL REFERENCES meetings,
    seat_id uuid NOT NULL REFERENCES seats,
    registered_at timestamptz NOT NULL,
    left_at timestamptz,
    way text NOT NULL CHECK (way IN ('in_person', 'video')),
    PRIMARY KEY (meeting_id, seat_id, registered_at),
    CHECK (left_at >= registered_at),
    CONSTRAINT a_seat_is_present_once_at_a_time EXCLUDE USING gist (meeting_id WITH =,
        seat_id WITH =, tstzrange(registered_at, left_at) WITH &&)
);;
CREATE INDEX attendances_by_seat ON attendances (seat_id);;
CREATE TABLE invitations (
    id uuid PRIMARY KEY,
    meeting_id uuid NOT NULL REFERENCES meetings,
    person_id uuid,
    words text,
    item_id uuid REFERENCES items,
    invited_at timestamptz NOT NULL,
    CHECK ((person_id IS NULL) <> (words IS NULL)),
    UNIQUE (meeting_id, person_id)
);;
CREATE INDEX invitations_by_person ON invitations (person_id)
"""

_DEFAULTS = """
INSERT INTO parameters (name, value, valid_from) VALUES
    ('council.seats_min', '11', '2000-01-01'),
    ('council.seats_max', '25', '2000-01-01'),
    ('council.employers_share_min', '1/3', '2000-01-01'),
    ('council.authority_seats_max', '25', '2000-01-01'),
    ('council.college_seats_max', '25', '2000-01-01'),
    ('council.university_seats_max', '25', '2000-01-01'),
    ('council.employer_seats_max', '25', '2000-01-01'),
    ('council.vote_unit', 'seat', '2000-01-01'),
    ('council.extraordinary_share', '1/3', '2000-01-01'),
    ('council.notice_working_days', '5', '2000-01-01'),
    ('council.materials_working_days', '3', '2000-01-01'),
    ('council.absentee_working_days', '5', '2000-01-01'),
    ('council.quorum_percent', '50', '2000-01-01'),
    ('council.special_quorum_percent', '50', '2000-01-01'),
    ('council.majority_percent', '50', '2000-01-01'),
    ('council.exclusion_majority', '2/3', '2000-01-01'),
    ('council.tie', 'chair', '2000-01-01'),
    ('council.dissent_working_days', '3', '2000-01-01'),
    ('council.minutes_working_days', '5', '2000-01-01')
"""


def upgrade() -> None:
    """Makes the tables; what a decision has set as a parameter is never changed."""
    run(_COMPOSITION)
    run(_PROPOSALS)
    run(_MEETINGS)
    run(_DEFAULTS)
    make_immutable("parameters", "proposal_remarks")
    grant("SELECT, INSERT, DELETE", "people", "items", "invitations")
    grant("SELECT, INSERT", "parameters", "proposal_remarks")
    grant("SELECT, INSERT, UPDATE (until_on, vacated_at)", "seats")
    grant("SELECT, INSERT, UPDATE (until_on)", "duties", "group_people")
    grant("SELECT, INSERT, UPDATE (title, purpose, closed_on, version)", "groups")
    grant(
        "SELECT, INSERT, UPDATE (status, reason, answered_at, version)",
        "proposals",
    )
    grant("SELECT, INSERT, UPDATE (ready_on, closed_at)", "matters")
    grant(
        "SELECT, INSERT, UPDATE (year, number, kind, form, starts_at, absentee_until, place, link,"
        " status, reason, announced_at, opened_at, closed_at, successor_id, chair_seat_id,"
        " secretary_seat_id, seats_total, seats_present, version)",
        "meetings",
    )
    grant("SELECT, INSERT, UPDATE (meeting_id)", "calls")
    grant("SELECT, INSERT", "call_supporters")
    grant(
        "UPDATE (position, title, kind, speaker, minutes, draft_text, decision_kind, force,"
        " subject_id, ground, parameter, value, addressee_ids, responsible_member_id, due_on,"
        " outcome)",
        "items",
    )
    grant("SELECT, INSERT, UPDATE (left_at)", "attendances")
    grant("UPDATE (item_id)", "invitations")
