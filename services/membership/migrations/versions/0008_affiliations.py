"""Persons belong to members from a day on, and are found by their names."""

from shared.migrations import grant, run

revision = "0008"
down_revision = "0007"

_CAPITALS = "АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯІЇЄҐЎӘӨҮҖҢҺABCDEFGHIJKLMNOPQRSTUVWXYZё"
_SMALL = "абвгдеежзийклмнопрстуфхцчшщъыьэюяіїєґўәөүҗңһabcdefghijklmnopqrstuvwxyzе"

_TABLES = f"""
ALTER TABLE persons ADD COLUMN email text;;
ALTER TABLE persons ADD COLUMN version integer NOT NULL DEFAULT 1;;
ALTER TABLE persons ADD COLUMN name_key text GENERATED ALWAYS AS (translate(
    family_name || ' ' || given_name || coalesce(' ' || patronymic, ''),
    '{_CAPITALS}', '{_SMALL}')) STORED;;
CREATE TABLE affiliations (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES persons,
    member_id uuid NOT NULL REFERENCES members,
    kind text NOT NULL CHECK (kind IN
        ('student', 'teacher', 'instructor', 'expert', 'mentor', 'representative')),
    unit text,
    from_on date NOT NULL,
    to_on date,
    ended_at timestamptz,
    version integer NOT NULL,
    CHECK (from_on <= to_on),
    CHECK (ended_at IS NULL OR to_on IS NOT NULL),
    CONSTRAINT affiliations_once EXCLUDE USING gist (
        person_id WITH =, member_id WITH =, kind WITH =, daterange(from_on, to_on, '[]') WITH &&)
);;
CREATE INDEX affiliations_by_member ON affiliations (member_id, person_id);;
CREATE INDEX affiliations_running ON affiliations (to_on)
    WHERE to_on IS NOT NULL AND ended_at IS NULL;;
CREATE INDEX persons_by_email ON persons (email) WHERE email IS NOT NULL
"""


def upgrade() -> None:
    """Makes the table; an affiliation ends, and is never deleted.

    The key of a name is made by the database itself, letter by letter, so that it is the same on
    builds with and without ICU.
    """
    run(_TABLES)
    grant("UPDATE (family_name, given_name, patronymic, email, version)", "persons")
    grant("SELECT, INSERT", "affiliations")
    grant("UPDATE (person_id, unit, from_on, to_on, ended_at, version)", "affiliations")
