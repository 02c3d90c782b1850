"""Machines of a file, each in a workshop that is there already."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from services.workshops.commands import catalogue
from services.workshops.commands.imports.own import (
    COMPETENCES_MAX,
    SITE_UNKNOWN,
    Competences,
    Own,
    OwnWorkshop,
    competence_words,
    competences_known,
    own_of,
)
from shared.database import Transaction
from shared.imports import cells, faults
from shared.imports.faults import Complaint
from shared.imports.kinds import Effect, Job, Kind, Plan, row_by_row
from shared.imports.sheet import Column, Row, Sheet
from shared.russia.names import sort_key

EQUIPMENT_DIFFERS = Complaint(
    "equipment-differs", "This machine is known, and otherwise: it is not changed by an import."
)

SHEET = Sheet(
    name="equipment",
    title="Оборудование",
    key=("site", "workshop", "name"),
    columns=(
        Column(
            "site",
            "Площадка",
            cells.words(),
            ("Учебный корпус (пример)", ""),
            is_required=False,
            hint="Нужна, если мастерских с таким названием несколько",
        ),
        Column(
            "workshop",
            "Мастерская",
            cells.words(),
            ("Станки с ЧПУ (пример)", "Станки с ЧПУ (пример)"),
            hint="Ваша мастерская, которая уже есть в системе",
        ),
        Column(
            "name",
            "Оборудование",
            cells.words(),
            ("Токарный станок с ЧПУ № 1 (пример)", "Измерительная машина (пример)"),
            hint="У каждой единицы своё название: добавьте номер",
        ),
        Column(
            "competences",
            "Компетенции",
            cells.several(cells.words(), "через точку с запятой", COMPETENCES_MAX),
            ("Токарные работы на станках с ЧПУ", ""),
            is_required=False,
        ),
        Column(
            "is_at_workplace",
            "Стоит на рабочем месте",
            cells.yes_or_no(),
            ("да", "нет"),
            is_required=False,
            hint="Бронь такого оборудования занимает и место; если пусто — да",
        ),
    ),
)


async def look(tx: Transaction, job: Job, rows: Sequence[Row]) -> list[Plan]:
    """Compares rows with the machines of the member's workshops, by name."""
    own = await own_of(tx, job.member_id)
    known = await competences_known(tx)
    workshops = {row.line: _workshop_of(row, own) for row in rows}
    machines = await _machines(tx, [found.id for found in workshops.values() if found])
    lines: dict[tuple[UUID, str], int] = {}
    plans = []
    for row in rows:
        competences = known.of(row)
        workshop = workshops[row.line]
        if workshop is None:
            continue
        key = (workshop.id, sort_key(row["name"]))
        first_line = lines.setdefault(key, row.line)
        if first_line != row.line:
            row.complain(faults.ROW_TWICE, first_line=first_line)
        plan = _plan(row, workshop, machines.get(key), known, competences)
        if not row.faults:
            plans.append(plan)
    return plans


def _workshop_of(row: Row, own: Own) -> OwnWorkshop | None:
    if row["site"] is None:
        return own.workshop(row, None)
    site = own.site(row)
    if site is None:
        if not row.faults:
            row.complain(SITE_UNKNOWN, "site")
        return None
    return own.workshop(row, site.id)


async def _machines(
    tx: Transaction, workshop_ids: Sequence[UUID]
) -> Mapping[tuple[UUID, str], Mapping[str, Any]]:
    rows = await tx.fetch(
        "SELECT workshop_id, name, competences, is_at_workplace FROM equipment"
        " WHERE workshop_id = ANY ($1::uuid[]) ORDER BY id DESC",
        workshop_ids,
    )
    return {(row["workshop_id"], sort_key(row["name"])): row for row in rows}


def _plan(
    row: Row,
    workshop: OwnWorkshop,
    machine: Mapping[str, Any] | None,
    known: Competences,
    competences: tuple[str, ...],
) -> Plan:
    if machine is not None:
        if row["competences"] and set(competences) != set(machine["competences"]):
            row.complain(
                EQUIPMENT_DIFFERS, "competences", known=known.words(machine["competences"])
            )
        if row["is_at_workplace"] not in (None, machine["is_at_workplace"]):
            row.complain(
                EQUIPMENT_DIFFERS,
                "is_at_workplace",
                known="да" if machine["is_at_workplace"] else "нет",
            )
        return Plan(row, Effect.UNCHANGED)

    async def write(tx: Transaction) -> None:
        await catalogue.install_equipment(
            tx,
            workshop_id=workshop.id,
            name=row["name"],
            competences=competences,
            is_at_workplace=row["is_at_workplace"] is not False,
        )

    return Plan(row, Effect.ADDED, write)


KIND = Kind(sheet=SHEET, look=look, write=row_by_row(look), words=competence_words)
