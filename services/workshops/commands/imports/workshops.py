"""Workshops of a file, with the sites at which they are."""

from collections.abc import Sequence
from uuid import UUID

from services.workshops.commands import catalogue
from services.workshops.commands.imports import hours
from services.workshops.commands.imports.own import (
    COMPETENCES_MAX,
    Competences,
    OwnSite,
    OwnWorkshop,
    competence_words,
    competences_known,
    own_of,
)
from services.workshops.domain.facts import WORKPLACES_MAX, Approval, Hours
from shared.database import Transaction
from shared.imports import cells
from shared.imports.faults import Complaint
from shared.imports.kinds import Effect, Job, Kind, Plan, row_by_row
from shared.imports.sheet import Column, Row, Sheet
from shared.refusal import Invalid
from shared.russia.names import search_key

NET_KOPECKS_MAX = 100_000_000
TIME_ZONE = "Europe/Moscow"

APPROVALS = {"вручную": Approval.MANUAL, "сразу": Approval.INSTANT}

SITE_DIFFERS = Complaint(
    "site-differs", "This site is known, and otherwise: it is not changed by an import."
)
WORKSHOP_DIFFERS = Complaint(
    "workshop-differs",
    "This workshop is known, and otherwise: an import changes nothing of it but the tariff.",
)

SHEET = Sheet(
    name="workshops",
    title="Мастерские",
    key=("site", "name"),
    columns=(
        Column(
            "site",
            "Площадка",
            cells.words(),
            ("Учебный корпус (пример)", "Учебный корпус (пример)"),
            hint="Новая площадка будет открыта, у известной город и часы должны совпасть",
        ),
        Column("town", "Город", cells.words(), ("Смоленск", "Смоленск")),
        Column(
            "opening_hours",
            "Часы работы",
            hours.opening_hours(),
            ("пн-сб 08:30-19:20", ""),
            is_required=False,
            hint="Если пусто, новая площадка открыта пн-сб 08:30-19:20",
        ),
        Column(
            "name",
            "Мастерская",
            cells.words(),
            ("Станки с ЧПУ (пример)", "Сварочные технологии (пример)"),
        ),
        Column("workplaces", "Рабочих мест", cells.whole(1, WORKPLACES_MAX), ("8", "10")),
        Column(
            "approval",
            "Подтверждение",
            cells.one_of(APPROVALS),
            ("вручную", ""),
            is_required=False,
            hint="Подтверждает ли брони владелец или они подтверждаются сразу; если пусто — вручную",
        ),
        Column(
            "competences",
            "Компетенции",
            cells.several(cells.words(), "через точку с запятой", COMPETENCES_MAX),
            ("Токарные работы на станках с ЧПУ; Фрезерные работы на станках с ЧПУ", ""),
            is_required=False,
        ),
        Column(
            "net_kopecks",
            "Тариф, руб. за место-час без НДС",
            cells.rubles(NET_KOPECKS_MAX),
            ("450,00", "0"),
            hint="Другой тариф известной мастерской будет установлен со дня загрузки",
        ),
    ),
)


async def look(tx: Transaction, job: Job, rows: Sequence[Row]) -> list[Plan]:
    """Compares rows with the member's workshops, by the names of site and workshop."""
    own = await own_of(tx, job.member_id)
    known = await competences_known(tx)
    opened: dict[str, Row] = {}
    made: dict[str, UUID] = {}
    plans = []
    for row in rows:
        site = own.site(row)
        competences = known.of(row)
        if site is not None:
            _require_same_site(row, site.town, site.hours)
        else:
            first = opened.setdefault(search_key(row["site"]), row)
            _require_sense(row)
            _require_same_site(row, first["town"], first["opening_hours"] or hours.USUAL)
        found = own.workshops(row["name"], site.id) if site is not None else []
        plan = (
            _compare(row, found, known, competences)
            if found
            else _open(row, site, opened, made, competences)
        )
        if not row.faults:
            plans.append(plan)
    return plans


def _require_sense(row: Row) -> None:
    try:
        catalogue.check_hours(row["opening_hours"] or ())
    except Invalid as refusal:
        row.complain_of(refusal)


def _require_same_site(row: Row, town: str, opens: tuple[Hours, ...]) -> None:
    if search_key(row["town"]) != search_key(town):
        row.complain(SITE_DIFFERS, "town", known=town)
    if row["opening_hours"] not in (None, opens):
        row.complain(SITE_DIFFERS, "opening_hours", known=hours.said(opens))


def _compare(
    row: Row, found: Sequence[OwnWorkshop], known: Competences, competences: tuple[str, ...]
) -> Plan:
    """What the row does to the workshop of its name; of two alike, the first one is meant."""
    workshop = found[0]
    words = {value: word for word, value in APPROVALS.items()}
    if row["workplaces"] != workshop.workplaces:
        row.complain(WORKSHOP_DIFFERS, "workplaces", known=workshop.workplaces)
    if row["approval"] not in (None, workshop.approval):
        row.complain(WORKSHOP_DIFFERS, "approval", known=words[workshop.approval])
    if row["competences"] and frozenset(competences) != workshop.competences:
        row.complain(WORKSHOP_DIFFERS, "competences", known=known.words(workshop.competences))
    if row["net_kopecks"] == workshop.net_kopecks:
        return Plan(row, Effect.UNCHANGED)

    async def write(tx: Transaction) -> None:
        await catalogue.set_tariff(
            tx, workshop_id=workshop.id, net_kopecks=row["net_kopecks"], valid_from_at=tx.now
        )

    return Plan(row, Effect.CHANGED, write)


def _open(
    row: Row,
    site: OwnSite | None,
    opened: dict[str, Row],
    made: dict[str, UUID],
    competences: tuple[str, ...],
) -> Plan:
    async def write(tx: Transaction) -> None:
        key = search_key(row["site"])
        if site is None and key not in made:
            first = opened[key]
            made[key] = await catalogue.open_site(
                tx,
                name=first["site"],
                town=first["town"],
                time_zone=TIME_ZONE,
                hours=first["opening_hours"] or hours.USUAL,
            )
        await catalogue.open_workshop(
            tx,
            site_id=site.id if site is not None else made[key],
            name=row["name"],
            workplaces=row["workplaces"],
            approval=row["approval"] or Approval.MANUAL,
            competences=competences,
            net_kopecks=row["net_kopecks"],
        )

    return Plan(row, Effect.ADDED, write)


KIND = Kind(sheet=SHEET, look=look, write=row_by_row(look), words=competence_words)
