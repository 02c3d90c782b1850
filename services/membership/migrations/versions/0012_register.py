"""The register of agreements: all kinds, many parties, exact bytes signed, prolonged, ended by notice."""

from shared.migrations import documents_1, files_1, grant, run, signing_1

revision = "0012"
down_revision = "0011"

_TABLES = """
ALTER TABLE agreements DROP CONSTRAINT agreements_kind_check;;
ALTER TABLE agreements
    ADD CONSTRAINT agreements_kind_check CHECK (kind IN ('network_form', 'services', 'lease',
        'free_use', 'practical_training', 'targeted_training', 'teacher_internship', 'donation',
        'exam_site', 'netting', 'accession')),
    ADD COLUMN number text,
    ADD COLUMN place text,
    ADD COLUMN in_order boolean NOT NULL DEFAULT false,
    ADD COLUMN prolongs_months smallint CHECK (prolongs_months > 0),
    ADD COLUMN refusal_days smallint CHECK (refusal_days > 0),
    ADD COLUMN notice_days smallint CHECK (notice_days >= 0),
    ADD COLUMN is_free boolean,
    ADD COLUMN tariffs jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN reminder_days smallint[] NOT NULL DEFAULT '{30,7}',
    ADD COLUMN last_on date,
    ADD COLUMN declined_at timestamptz,
    ADD COLUMN declined_by uuid REFERENCES members,
    ADD COLUMN noticed_at timestamptz,
    ADD COLUMN noticed_by uuid REFERENCES members,
    ADD COLUMN reminded_to date,
    ADD COLUMN reminded_days smallint,
    ADD CHECK ((prolongs_months IS NULL) = (refusal_days IS NULL)),
    ADD CHECK (is_free IS NOT TRUE OR tariffs = '[]'),
    ADD CHECK (kind NOT IN ('free_use', 'donation') OR (is_free IS NOT FALSE AND tariffs = '[]')),
    ADD CHECK ((declined_at IS NULL) = (declined_by IS NULL)),
    ADD CHECK ((noticed_at IS NULL) = (noticed_by IS NULL)),
    ADD CHECK (noticed_at IS NULL OR notice_days IS NOT NULL),
    ADD CHECK (last_on >= valid_to OR noticed_at IS NOT NULL);;
UPDATE agreements SET last_on = valid_to;;
ALTER TABLE agreements ALTER COLUMN last_on SET NOT NULL;;
DROP INDEX agreements_running;;
CREATE INDEX agreements_running ON agreements (last_on)
    WHERE activated_at IS NOT NULL AND ended_at IS NULL;;
CREATE TRIGGER agreements_stay
    BEFORE UPDATE OF id, kind, subject, valid_from, valid_to, made_at, number, place, in_order,
        prolongs_months, refusal_days, notice_days, is_free, tariffs, reminder_days
    OR DELETE OR TRUNCATE
    ON agreements FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change();;
ALTER TABLE agreement_parties
    ADD COLUMN method text CHECK (method IN ('system', 'detached', 'paper'));;
CREATE TRIGGER agreement_parties_stay
    BEFORE UPDATE OF agreement_id, member_id, place OR DELETE OR TRUNCATE
    ON agreement_parties FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change();;
CREATE FUNCTION keep_signature() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what a party has signed stays signed' USING ERRCODE = 'restrict_violation';
END $$;;
CREATE TRIGGER agreement_parties_signed BEFORE UPDATE ON agreement_parties
    FOR EACH ROW WHEN (OLD.signed_at IS NOT NULL) EXECUTE FUNCTION keep_signature()
"""


def upgrade() -> None:
    """Makes the tables; what is agreed and signed is changed by nobody."""
    files_1()
    documents_1()
    signing_1()
    run(_TABLES)
    grant(
        "UPDATE (last_on, declined_at, declined_by, noticed_at, noticed_by, reminded_to,"
        " reminded_days)",
        "agreements",
    )
    grant("UPDATE (method)", "agreement_parties")
