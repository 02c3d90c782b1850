"""Persons of a file: what the columns are, and what each row does to a member's people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from email_validator import EmailNotValidError, validate_email

from services.membership.commands import persons
from services.membership.commands.persons import Belonging, key_of
from services.membership.domain.accounts import PersonName, normal_email
from services.membership.domain.persons import (
    Affiliation,
    AffiliationKind,
    AffiliationOverlaps,
    PersonIsAmbiguous,
    change,
    check_term,
)
from services.membership.records import affiliation_of
from shared.database import Transaction
from shared.identity import Role
from shared.imports import cells, faults
from shared.imports.faults import CellIsWrong
from shared.imports.kinds import Effect, Imports, Job, Kind, Plan, row_by_row
from shared.imports.sheet import Column, Row, Sheet
from shared.refusal import Refusal
from shared.routes import roles
from shared.russia.calendar import moscow_date

KINDS = {
    "студент": AffiliationKind.STUDENT,
    "преподаватель": AffiliationKind.TEACHER,
    "мастер": AffiliationKind.INSTRUCTOR,
    "эксперт": AffiliationKind.EXPERT,
    "наставник": AffiliationKind.MENTOR,
    "представитель": AffiliationKind.REPRESENTATIVE,
}


def _email() -> cells.Cell:
    def read(text: str) -> str:
        try:
            validate_email(text, check_deliverability=False)
        except EmailNotValidError:
            raise CellIsWrong(faults.CELL_MALFORMED) from None
        return normal_email(text)

    return cells.Cell(read, "адрес, например ivanov@example.ru")


SHEET = Sheet(
    name="persons",
    title="Люди",
    key=("family_name", "given_name", "patronymic", "email", "kind", "from_on"),
    columns=(
        Column("family_name", "Фамилия", cells.words(100), ("Примеров", "Образцова")),
        Column("given_name", "Имя", cells.words(100), ("Пётр", "Анна")),
        Column(
            "patronymic",
            "Отчество",
            cells.words(100),
            ("Петрович", ""),
            is_required=False,
            hint="Если есть",
        ),
        Column(
            "email",
            "Электронная почта",
            _email(),
            ("", "obraztsova@example.ru"),
            is_required=False,
            hint="Отличает тёзок друг от друга",
        ),
        Column("kind", "Кто это", cells.one_of(KINDS), ("студент", "преподаватель")),
        Column(
            "unit",
            "Группа, отделение или должность",
            cells.words(100),
            ("ОС-21", "Отделение машиностроения"),
            is_required=False,
        ),
        Column(
            "from_on",
            "С какого дня",
            cells.day(),
            ("01.09.2026", ""),
            is_required=False,
            hint="Если пусто — со дня загрузки",
        ),
        Column(
            "to_on",
            "По какой день",
            cells.day(),
            ("30.06.2030", ""),
            is_required=False,
            hint="Последний день; если пусто — без срока",
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class _Known:
    """A person of the member, as far as a row asks."""

    id: UUID
    key: str
    email: str | None
    affiliations: tuple[Affiliation, ...]


async def look(tx: Transaction, job: Job, rows: Sequence[Row]) -> list[Plan]:
    """Compares rows with the persons of the member, by name and e-mail."""
    known = await _known(tx, job.member_id, [key_of(_name(row)) for row in rows])
    today = moscow_date(tx.now)
    plans = []
    for row in rows:
        effect = _effect(row, known, today)
        if not row.faults:
            write = None if effect is Effect.UNCHANGED else _writing(job, row)
            plans.append(Plan(row, effect, write))
    return plans


def _writing(job: Job, row: Row) -> Any:
    """Looks once more when it writes: an earlier row of the file may have entered the person."""

    async def write(tx: Transaction) -> None:
        known = await _known(tx, job.member_id, [key_of(_name(row))])
        person = _person(row, known)
        belonging = Belonging(row["kind"], row["unit"], row["from_on"], row["to_on"])
        if person is None:
            await persons.add_person(tx, _name(row), row["email"], belonging)
            return
        if row["email"] is not None and person.email is None:
            await persons.correct(tx, person.id, _name(row), row["email"])
        before = _meant(row, person, moscow_date(tx.now))
        if before is None:
            await persons.affiliate(tx, person.id, belonging)
            return
        after = _changed(row, before, moscow_date(tx.now))
        if after != before:
            await persons.change_affiliation(
                tx, before.id, unit=after.unit, from_on=after.from_on, to_on=after.to_on
            )

    return write


def _effect(row: Row, known: Sequence[_Known], today: date) -> Effect:
    try:
        check_term(row["from_on"] or today, row["to_on"], today)
        person = _person(row, known)
        if person is None:
            return Effect.ADDED
        before = _meant(row, person, today)
        if before is None:
            return Effect.ADDED
        is_same = _changed(row, before, today) == before
    except Refusal as refusal:
        row.complain_of(refusal)
    else:
        is_found = row["email"] is None or person.email is not None
        return Effect.UNCHANGED if is_same and is_found else Effect.CHANGED
    return Effect.UNCHANGED


def _person(row: Row, known: Sequence[_Known]) -> _Known | None:
    """Who is meant: by e-mail where there is one, else by name alone; None for somebody new.

    Raises PersonIsAmbiguous.
    """
    called = [each for each in known if each.key == key_of(_name(row))]
    if row["email"] is not None:
        by_address = [each for each in called if each.email == row["email"]]
        called = by_address or [each for each in called if each.email is None]
    if len(called) > 1:
        raise PersonIsAmbiguous
    return called[0] if called else None


def _meant(row: Row, person: _Known, today: date) -> Affiliation | None:
    """The affiliation that the row speaks of; None for a new one. Raises AffiliationOverlaps."""
    first, last = row["from_on"] or today, row["to_on"] or date.max
    meant = [
        each
        for each in person.affiliations
        if each.kind is row["kind"]
        and each.from_on <= last
        and (each.to_on is None or first <= each.to_on)
    ]
    if len(meant) > 1:
        raise AffiliationOverlaps
    return meant[0] if meant else None


def _changed(row: Row, before: Affiliation, today: date) -> Affiliation:
    """The affiliation as the file has it; what it leaves empty stays. Raises AffiliationIsOver."""
    unit = row["unit"] or before.unit
    from_on = row["from_on"] or before.from_on
    to_on = row["to_on"] or before.to_on
    if (unit, from_on, to_on) == (before.unit, before.from_on, before.to_on):
        return before
    return change(before, unit, from_on, to_on, today)


def _name(row: Row) -> PersonName:
    return PersonName(row["family_name"], row["given_name"], row["patronymic"])


async def _known(tx: Transaction, member_id: UUID | None, keys: Sequence[str]) -> list[_Known]:
    rows = await tx.fetch(
        "SELECT p.id, p.name_key, coalesce(a.email, p.email) AS email FROM persons p"
        " LEFT JOIN accounts a ON a.person_id = p.id WHERE p.name_key = ANY ($2)"
        " AND p.merged_into IS NULL"
        " AND (EXISTS (SELECT FROM affiliations k WHERE k.person_id = p.id AND k.member_id = $1)"
        "  OR EXISTS (SELECT FROM roles k WHERE k.person_id = p.id AND k.member_id = $1))",
        member_id,
        list(keys),
    )
    found: dict[UUID, list[Affiliation]] = {row["id"]: [] for row in rows}
    for row in await tx.fetch(
        "SELECT * FROM affiliations WHERE member_id = $1 AND person_id = ANY ($2)",
        member_id,
        list(found),
    ):
        found[row["person_id"]].append(affiliation_of(row))
    return [
        _Known(row["id"], row["name_key"], row["email"], tuple(found[row["id"]])) for row in rows
    ]


imports = Imports(
    may=roles(Role.COORDINATOR),
    kinds=(Kind(sheet=SHEET, look=look, write=row_by_row(look)),),
    path="/person-imports",
)
"""Apart from the imports of members: whoever runs the installation sees no personal data."""
