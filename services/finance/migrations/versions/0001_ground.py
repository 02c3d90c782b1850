"""Members, obligations, and the ledger: it always balances, and what is written in it stays."""

from shared.migrations import chassis_1, grant, make_immutable, run

revision = "0001"
down_revision = None

_TABLES = """
CREATE TABLE members (
    id uuid PRIMARY KEY
);;
CREATE TABLE obligations (
    id uuid PRIMARY KEY,
    debtor_id uuid NOT NULL REFERENCES members,
    creditor_id uuid NOT NULL REFERENCES members,
    net_kopecks bigint NOT NULL CHECK (net_kopecks >= 0),
    vat_kopecks bigint NOT NULL CHECK (vat_kopecks >= 0),
    amount_kopecks bigint NOT NULL,
    vat_rate_percent smallint CHECK (vat_rate_percent BETWEEN 0 AND 100),
    vat_reason text NOT NULL,
    basis_kind text NOT NULL CHECK (basis_kind IN ('booking')),
    basis_id uuid NOT NULL,
    agreement_id uuid,
    incurred_on date NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT nobody_owes_himself CHECK (debtor_id <> creditor_id),
    CONSTRAINT net_and_vat_are_the_amount CHECK (net_kopecks + vat_kopecks = amount_kopecks),
    CONSTRAINT no_vat_without_a_rate CHECK (vat_kopecks = 0 OR vat_rate_percent IS NOT NULL),
    CONSTRAINT a_basis_is_charged_once UNIQUE (basis_id, basis_kind)
);;
CREATE INDEX obligations_by_debtor ON obligations (debtor_id, incurred_on, id);;
CREATE INDEX obligations_by_creditor ON obligations (creditor_id, incurred_on, id);;
CREATE TABLE accounts (
    id uuid PRIMARY KEY,
    member_id uuid NOT NULL REFERENCES members,
    counterparty_id uuid NOT NULL REFERENCES members,
    kind text NOT NULL CHECK (kind IN ('receivable', 'payable')),
    CONSTRAINT an_account_is_between_two_members CHECK (member_id <> counterparty_id),
    CONSTRAINT one_account_for_each_purpose UNIQUE (member_id, counterparty_id, kind)
);;
CREATE TABLE entries (
    id uuid PRIMARY KEY,
    obligation_id uuid NOT NULL REFERENCES obligations,
    kind text NOT NULL CHECK (kind IN ('incurred', 'reversed')),
    made_at timestamptz NOT NULL,
    made_in xid8 NOT NULL DEFAULT pg_current_xact_id(),
    CONSTRAINT incurred_once_and_reversed_once UNIQUE (obligation_id, kind)
);;
CREATE TABLE postings (
    entry_id uuid NOT NULL REFERENCES entries,
    account_id uuid NOT NULL REFERENCES accounts,
    amount_kopecks bigint NOT NULL,
    PRIMARY KEY (entry_id, account_id),
    CONSTRAINT a_posting_is_of_something CHECK (amount_kopecks <> 0)
);;
CREATE INDEX postings_by_account ON postings (account_id) INCLUDE (amount_kopecks);;
CREATE TABLE reversals (
    obligation_id uuid PRIMARY KEY REFERENCES obligations,
    entry_id uuid NOT NULL UNIQUE REFERENCES entries DEFERRABLE INITIALLY DEFERRED,
    reason text NOT NULL,
    reversed_at timestamptz NOT NULL,
    reversed_by uuid NOT NULL
)
"""

# The functions name their schema search path so that nobody's temporary table of the same name
# is asked in place of the ledger.
_LEDGER = """
CREATE FUNCTION refuse(reason text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', reason USING ERRCODE = 'integrity_constraint_violation';
END $$;;
CREATE FUNCTION note_the_transaction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.made_in := pg_current_xact_id();
    RETURN NEW;
END $$;;
CREATE TRIGGER entries_note_their_transaction BEFORE INSERT ON entries
    FOR EACH ROW EXECUTE FUNCTION note_the_transaction();;
CREATE FUNCTION check_posting() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    entry record;
    account accounts;
BEGIN
    SELECT e.made_in, o.debtor_id, o.creditor_id INTO entry
    FROM entries e JOIN obligations o ON o.id = e.obligation_id WHERE e.id = NEW.entry_id;
    IF entry.made_in IS DISTINCT FROM pg_current_xact_id() THEN
        PERFORM refuse('an entry takes postings only in the transaction that makes it');
    END IF;
    SELECT * INTO account FROM accounts WHERE id = NEW.account_id;
    IF (account.member_id, account.counterparty_id, account.kind) IS DISTINCT FROM
           (entry.creditor_id, entry.debtor_id, 'receivable')
       AND (account.member_id, account.counterparty_id, account.kind) IS DISTINCT FROM
           (entry.debtor_id, entry.creditor_id, 'payable') THEN
        PERFORM refuse('a posting stands on an account of its obligation''s two members');
    END IF;
    RETURN NULL;
END $$;;
CREATE TRIGGER a_posting_belongs_to_its_entry AFTER INSERT ON postings
    FOR EACH ROW EXECUTE FUNCTION check_posting();;
CREATE FUNCTION check_entry(checked uuid) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    entry record;
    legs record;
BEGIN
    SELECT e.kind, e.obligation_id, o.amount_kopecks INTO entry
    FROM entries e JOIN obligations o ON o.id = e.obligation_id WHERE e.id = checked;
    SELECT count(*) AS number, sum(p.amount_kopecks) AS total,
           sum(p.amount_kopecks) FILTER (WHERE a.kind = 'receivable') AS claimed INTO legs
    FROM postings p JOIN accounts a ON a.id = p.account_id WHERE p.entry_id = checked;
    IF legs.number < 2 THEN
        PERFORM refuse('an entry has at least two postings');
    END IF;
    IF legs.total <> 0 THEN
        PERFORM refuse('an entry sums to zero');
    END IF;
    IF legs.claimed IS DISTINCT FROM
       (CASE entry.kind WHEN 'incurred' THEN 1 ELSE -1 END * entry.amount_kopecks) THEN
        PERFORM refuse('an entry is of its obligation''s amount');
    END IF;
    IF entry.kind = 'reversed' AND NOT EXISTS (
           SELECT FROM reversals
           WHERE entry_id = checked AND obligation_id = entry.obligation_id) THEN
        PERFORM refuse('an entry that reverses has its reversal');
    END IF;
END $$;;
CREATE FUNCTION check_new_entry() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM check_entry(NEW.id);
    RETURN NULL;
END $$;;
CREATE CONSTRAINT TRIGGER an_entry_balances AFTER INSERT ON entries
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_new_entry();;
CREATE FUNCTION check_entry_of_new_posting() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM check_entry(NEW.entry_id);
    RETURN NULL;
END $$;;
CREATE CONSTRAINT TRIGGER its_entry_balances AFTER INSERT ON postings
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_entry_of_new_posting();;
CREATE FUNCTION check_obligation() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.amount_kopecks > 0 AND NOT EXISTS (
           SELECT FROM entries WHERE obligation_id = NEW.id AND kind = 'incurred') THEN
        PERFORM refuse('an obligation stands in the ledger');
    END IF;
    RETURN NULL;
END $$;;
CREATE CONSTRAINT TRIGGER an_obligation_is_entered AFTER INSERT ON obligations
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_obligation();;
CREATE FUNCTION check_reversal() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
           SELECT FROM entries WHERE id = NEW.entry_id
           AND obligation_id = NEW.obligation_id AND kind = 'reversed') THEN
        PERFORM refuse('a reversal has its own entry');
    END IF;
    RETURN NULL;
END $$;;
CREATE CONSTRAINT TRIGGER a_reversal_is_entered AFTER INSERT ON reversals
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_reversal()
"""

_KEPT = ("members", "obligations", "accounts", "entries", "postings", "reversals")

# Triggers of the common kind sleep in a session that calls itself a replica, which the superuser
# may; these do not.
_ALWAYS = """
DO $$
DECLARE
    found record;
BEGIN
    FOR found IN SELECT tgrelid::regclass AS held, tgname FROM pg_trigger
                 WHERE NOT tgisinternal AND tgrelid = ANY ('{%s}'::regclass[])
    LOOP
        EXECUTE format('ALTER TABLE %%s ENABLE ALWAYS TRIGGER %%I', found.held, found.tgname);
    END LOOP;
END $$
"""


def upgrade() -> None:
    """Makes everything, and gives the service's role the least it needs."""
    chassis_1()
    run(_TABLES)
    run(_LEDGER)
    make_immutable(*_KEPT)
    run(_ALWAYS % ",".join(_KEPT))
    grant("SELECT, INSERT", *_KEPT)
