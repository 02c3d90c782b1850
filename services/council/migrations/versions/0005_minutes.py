"""Files, signatures, and the minutes that rest on them."""

from shared.migrations import files_1, grant, run, signing_1

revision = "0005"
down_revision = "0004"

_TABLES = """
CREATE TABLE minutes (
    id uuid PRIMARY KEY,
    meeting_id uuid NOT NULL REFERENCES meetings,
    corrects_id uuid UNIQUE REFERENCES minutes,
    correction text,
    year smallint,
    number integer CHECK (number > 0),
    texts jsonb NOT NULL,
    document jsonb,
    signing_id uuid REFERENCES signings,
    status text NOT NULL CHECK (status IN ('draft', 'fixed', 'signed', 'published')),
    made_at timestamptz NOT NULL,
    signed_at timestamptz,
    published_at timestamptz,
    version integer NOT NULL,
    UNIQUE (year, number),
    CHECK ((corrects_id IS NULL) = (correction IS NULL)),
    CHECK ((year IS NULL) = (number IS NULL)),
    CHECK ((status = 'draft') = (signing_id IS NULL)),
    CHECK ((status = 'draft') = (document IS NULL)),
    CHECK (status = 'draft' OR number IS NOT NULL),
    CHECK ((status IN ('signed', 'published')) = (signed_at IS NOT NULL)),
    CHECK ((status = 'published') = (published_at IS NOT NULL))
);;
CREATE UNIQUE INDEX minutes_first ON minutes (meeting_id) WHERE corrects_id IS NULL;;
CREATE INDEX minutes_by_meeting ON minutes (meeting_id, id);;
CREATE FUNCTION keep_minutes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'minutes are never deleted' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.status <> 'draft' AND NEW.status <> 'draft'
        AND (NEW.texts, NEW.document, NEW.signing_id) IS DISTINCT FROM
            (OLD.texts, OLD.document, OLD.signing_id) THEN
        RAISE EXCEPTION 'fixed minutes are never changed' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.signed_at IS NOT NULL AND (NEW.status IN ('draft', 'fixed')
        OR NEW.signed_at <> OLD.signed_at OR NEW.published_at IS DISTINCT FROM OLD.published_at
            AND OLD.published_at IS NOT NULL) THEN
        RAISE EXCEPTION 'signed minutes are never changed' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.number IS NOT NULL AND (NEW.year, NEW.number) IS DISTINCT FROM (OLD.year, OLD.number) THEN
        RAISE EXCEPTION 'a number is given once' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;;
CREATE TRIGGER minutes_stay BEFORE UPDATE OR DELETE ON minutes
    FOR EACH ROW EXECUTE FUNCTION keep_minutes()
"""


def upgrade() -> None:
    """Makes the tables; what is signed never changes, whoever asks."""
    files_1()
    signing_1()
    run(_TABLES)
    grant(
        "SELECT, INSERT, UPDATE (year, number, texts, document, signing_id, status, signed_at,"
        " published_at, version)",
        "minutes",
    )
