"""Written powers, ballots, votes and ballot papers, dissenting opinions, decisions and reports on them."""

from shared.migrations import grant, make_immutable, run

revision = "0004"
down_revision = "0003"

_POWERS = """
CREATE TABLE powers (
    id uuid PRIMARY KEY,
    from_seat_id uuid NOT NULL REFERENCES seats,
    to_seat_id uuid NOT NULL REFERENCES seats,
    number text NOT NULL,
    given_on date NOT NULL,
    valid_from date NOT NULL,
    valid_until date NOT NULL,
    registered_at timestamptz NOT NULL,
    revoked_at timestamptz,
    CHECK (from_seat_id <> to_seat_id),
    CHECK (valid_until >= valid_from - 1),
    CONSTRAINT a_seat_gives_one_power_at_a_time EXCLUDE USING gist
        (from_seat_id WITH =, daterange(valid_from, valid_until + 1, '[)') WITH &&)
);;
CREATE INDEX powers_by_delegate ON powers (to_seat_id)
"""

_BALLOTS = """
CREATE TABLE ballots (
    id uuid PRIMARY KEY,
    meeting_id uuid NOT NULL REFERENCES meetings,
    item_id uuid NOT NULL REFERENCES items,
    question text NOT NULL,
    is_secret boolean NOT NULL,
    is_absentee boolean NOT NULL,
    decision_kind text NOT NULL,
    force text NOT NULL CHECK (force IN ('binding', 'recommendation')),
    subject_id uuid,
    ground text,
    parameter text,
    value text,
    addressee_ids uuid[] NOT NULL,
    responsible_member_id uuid,
    due_on date,
    vote_unit text NOT NULL CHECK (vote_unit IN ('seat', 'member')),
    quorum_percent smallint NOT NULL CHECK (quorum_percent BETWEEN 0 AND 99),
    majority text NOT NULL,
    tie text NOT NULL CHECK (tie IN ('chair', 'rejected')),
    chair_seat_id uuid REFERENCES seats,
    listed integer NOT NULL CHECK (listed > 0),
    opened_at timestamptz NOT NULL,
    closes_at timestamptz CHECK (closes_at > opened_at),
    closed_at timestamptz CHECK (closed_at >= opened_at),
    present integer,
    recused integer,
    counted integer,
    votes_for integer,
    against integer,
    abstained integer,
    outcome text CHECK (outcome IN ('carried', 'not_carried', 'no_quorum')),
    CHECK (present <= listed AND recused <= present),
    CONSTRAINT votes_are_present_without_recused CHECK (votes_for + against + abstained = counted),
    CONSTRAINT a_closed_ballot_is_counted CHECK (num_nulls(closed_at, present, recused, counted,
        votes_for, against, abstained, outcome) IN (0, 8)),
    CHECK (NOT is_absentee OR closes_at IS NOT NULL)
);;
CREATE UNIQUE INDEX ballots_open ON ballots (item_id) WHERE closed_at IS NULL;;
CREATE INDEX ballots_by_item ON ballots (item_id, id);;
CREATE INDEX ballots_by_meeting ON ballots (meeting_id, id);;
CREATE INDEX ballots_to_close ON ballots (closes_at) WHERE closed_at IS NULL;;
CREATE TABLE ballot_voters (
    ballot_id uuid NOT NULL REFERENCES ballots,
    seat_id uuid NOT NULL REFERENCES seats,
    member_id uuid NOT NULL,
    person_id uuid NOT NULL,
    weight smallint NOT NULL CHECK (weight BETWEEN 1 AND 100),
    power_id uuid REFERENCES powers,
    is_recused boolean NOT NULL,
    PRIMARY KEY (ballot_id, seat_id)
);;
CREATE INDEX ballot_voters_by_person ON ballot_voters (person_id);;
CREATE TABLE recusals (
    item_id uuid NOT NULL REFERENCES items,
    seat_id uuid NOT NULL REFERENCES seats,
    reason text NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (item_id, seat_id)
);;
CREATE TABLE votes (
    ballot_id uuid NOT NULL,
    seat_id uuid NOT NULL,
    choice text NOT NULL CHECK (choice IN ('for', 'against', 'abstain')),
    cast_at timestamptz NOT NULL,
    PRIMARY KEY (ballot_id, seat_id),
    FOREIGN KEY (ballot_id, seat_id) REFERENCES ballot_voters
);;
CREATE TABLE secret_casts (
    ballot_id uuid NOT NULL,
    seat_id uuid NOT NULL,
    PRIMARY KEY (ballot_id, seat_id),
    FOREIGN KEY (ballot_id, seat_id) REFERENCES ballot_voters
);;
CREATE TABLE secret_papers (
    ballot_id uuid NOT NULL REFERENCES ballots,
    receipt text NOT NULL CHECK (length(receipt) = 26),
    choice text NOT NULL CHECK (choice IN ('for', 'against', 'abstain')),
    PRIMARY KEY (ballot_id, receipt)
);;
CREATE TABLE dissents (
    id uuid PRIMARY KEY,
    ballot_id uuid NOT NULL,
    seat_id uuid NOT NULL,
    words text NOT NULL,
    filed_at timestamptz NOT NULL,
    UNIQUE (ballot_id, seat_id),
    FOREIGN KEY (ballot_id, seat_id) REFERENCES ballot_voters
)
"""

_CLOSED = """
CREATE FUNCTION refuse_when_closed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ballot uuid := CASE WHEN TG_OP = 'DELETE' THEN OLD.ballot_id ELSE NEW.ballot_id END;
BEGIN
    IF EXISTS (SELECT 1 FROM ballots WHERE id = ballot AND closed_at IS NOT NULL) THEN
        RAISE EXCEPTION 'a closed ballot is never changed' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;;
CREATE FUNCTION refuse_to_reopen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.closed_at IS NOT NULL THEN
        RAISE EXCEPTION 'a closed ballot is never changed' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;;
CREATE TRIGGER ballots_stay_closed BEFORE UPDATE ON ballots
    FOR EACH ROW EXECUTE FUNCTION refuse_to_reopen()
"""

_DECISIONS = """
CREATE TABLE numbers (
    kind text NOT NULL CHECK (kind IN ('decision', 'minutes')),
    year smallint NOT NULL,
    last integer NOT NULL CHECK (last > 0),
    PRIMARY KEY (kind, year)
);;
CREATE TABLE decisions (
    id uuid PRIMARY KEY,
    year smallint NOT NULL,
    number integer NOT NULL CHECK (number > 0),
    meeting_id uuid NOT NULL REFERENCES meetings,
    item_id uuid NOT NULL REFERENCES items,
    ballot_id uuid NOT NULL UNIQUE REFERENCES ballots,
    text text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('admit', 'exclude', 'suspend', 'set_parameter',
        'approve_plan', 'share_duties', 'recommend', 'end_cluster')),
    force text NOT NULL CHECK (force IN ('binding', 'recommendation')),
    competence_clause text NOT NULL,
    subject_id uuid,
    ground text,
    parameter text,
    value text,
    addressee_ids uuid[] NOT NULL,
    responsible_member_id uuid,
    due_on date,
    adopted_on date NOT NULL,
    adopted_at timestamptz NOT NULL,
    status text NOT NULL CHECK (status IN ('adopted', 'executed', 'failed', 'assigned',
        'in_progress', 'reported', 'accepted', 'cancelled')),
    answered_at timestamptz,
    reason_code text,
    cancelled_by_id uuid REFERENCES decisions,
    version integer NOT NULL,
    UNIQUE (year, number),
    CHECK (force = 'recommendation' OR kind <> 'recommend'),
    CHECK ((status = 'cancelled') = (cancelled_by_id IS NOT NULL)),
    CHECK (status NOT IN ('executed', 'failed') OR answered_at IS NOT NULL),
    CHECK ((status = 'failed') <= (reason_code IS NOT NULL))
);;
CREATE INDEX decisions_by_item ON decisions (item_id);;
CREATE INDEX decisions_by_meeting ON decisions (meeting_id, id);;
CREATE INDEX decisions_by_member ON decisions (responsible_member_id, id);;
CREATE INDEX decisions_by_status ON decisions (status, id);;
CREATE UNIQUE INDEX an_item_has_one_decision_that_stands ON decisions (item_id)
    WHERE status NOT IN ('failed', 'cancelled');;
CREATE TABLE reports (
    id uuid PRIMARY KEY,
    decision_id uuid NOT NULL REFERENCES decisions,
    member_id uuid NOT NULL,
    person_id uuid NOT NULL,
    words text NOT NULL,
    made_at timestamptz NOT NULL,
    verdict text CHECK (verdict IN ('accepted', 'returned')),
    verdict_words text,
    verdict_at timestamptz,
    CHECK ((verdict IS NULL) = (verdict_at IS NULL))
);;
CREATE INDEX reports_by_decision ON reports (decision_id, id);;
CREATE UNIQUE INDEX reports_waiting ON reports (decision_id) WHERE verdict IS NULL
"""

_DEFAULTS = """
INSERT INTO parameters (name, value, valid_from) VALUES
    ('council.ending_majority', '2/3', '2000-01-01'),
    ('council.powers_per_delegate', '1', '2000-01-01'),
    ('council.authority_weight', '1', '2000-01-01'),
    ('council.college_weight', '1', '2000-01-01'),
    ('council.university_weight', '1', '2000-01-01'),
    ('council.employer_weight', '1', '2000-01-01')
"""


def upgrade() -> None:
    """Makes the tables; nothing of a closed ballot changes any more, whoever asks."""
    run(_POWERS)
    run(_BALLOTS)
    run(_CLOSED)
    for table in ("ballot_voters", "votes", "secret_casts", "secret_papers"):
        run(
            f"CREATE TRIGGER {table}_stay_closed BEFORE INSERT OR UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_when_closed()"
        )
    run(_DECISIONS)
    run(_DEFAULTS)
    make_immutable("dissents")
    grant("SELECT, INSERT, UPDATE (valid_until, revoked_at)", "powers")
    grant(
        "SELECT, INSERT, UPDATE (closed_at, present, recused, counted, votes_for, against,"
        " abstained, outcome)",
        "ballots",
    )
    grant("SELECT, INSERT, UPDATE (is_recused)", "ballot_voters")
    grant("SELECT, INSERT", "recusals", "dissents")
    grant("SELECT, INSERT, UPDATE (choice, cast_at), DELETE", "votes")  # a vote of one recused goes
    grant("SELECT, INSERT, DELETE", "secret_casts", "secret_papers")  # rewritten at the close
    grant("SELECT, INSERT, UPDATE (last)", "numbers")
    grant(
        "SELECT, INSERT, UPDATE (status, answered_at, reason_code, cancelled_by_id, version)",
        "decisions",
    )
    grant("SELECT, INSERT, UPDATE (verdict, verdict_words, verdict_at)", "reports")
