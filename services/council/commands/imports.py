"""Items of the annual plan from files: each row is put forward, or mends the item that it names."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from services.council.commands import plan_items
from services.council.domain.plan import NotCollecting, open_version
from services.council.domain.plan_items import (
    CO_EXECUTORS_MAX,
    COUNT_MAX,
    KOPECKS_MAX,
    Content,
    check_content,
)
from services.council.queries.plan_rows import lines_of, versions_of
from services.council.records.plan_words import SECTIONS, SOURCES, period_cell
from shared.database import Transaction
from shared.identity import Role
from shared.imports import cells
from shared.imports.cells import Cell
from shared.imports.faults import Complaint
from shared.imports.kinds import Effect, Imports, Job, Kind, Plan, row_by_row
from shared.imports.sheet import Column, Row, Sheet
from shared.imports.templates import Words
from shared.refusal import Invalid, NotFound
from shared.routes import roles
from shared.russia.calendar import moscow_date
from shared.russia.names import sort_key

MEMBER_UNKNOWN = Complaint("plan-member-unknown", "No member of the cluster has this code.")

_MEMBER: Cell = cells.pattern(r"[a-z0-9-]{2,40}", "код участника латиницей")

SHEET = Sheet(
    name="plan-items",
    title="План",
    key=("title", "responsible"),
    columns=(
        Column("section", "Раздел", cells.one_of(SECTIONS), ("мастерские", "события")),
        Column(
            "title",
            "Мероприятие",
            cells.words(500),
            ("Открыть мастерскую сварки (пример)", "Региональный чемпионат (пример)"),
        ),
        Column("form", "Форма", cells.words(), ("", "чемпионат"), is_required=False),
        Column("period", "Срок", period_cell(), ("II кв. 2027", "15.03.2027")),
        Column(
            "responsible",
            "Ответственный",
            _MEMBER,
            ("primer-college", "primer-college"),
            hint="Код участника; другого участника спросят о согласии",
        ),
        Column(
            "co_executors",
            "Соисполнители",
            cells.several(_MEMBER, "коды участников через точку с запятой", CO_EXECUTORS_MAX),
            ("", "primer-zavod"),
            is_required=False,
        ),
        Column("audience", "Для кого", cells.words(), ("мастера", "студенты"), is_required=False),
        Column(
            "planned_count",
            "Сколько человек",
            cells.whole(0, COUNT_MAX),
            ("", "120"),
            is_required=False,
        ),
        Column("place", "Место", cells.words(), ("Смоленск", "Вязьма"), is_required=False),
        Column(
            "result",
            "Ожидаемый результат",
            cells.words(2000),
            ("Мастерская доступна для записи", "Названы победители"),
        ),
        Column(
            "indicator",
            "Показатель",
            cells.words(),
            ("Рабочих мест", ""),
            is_required=False,
            hint="Вместе с единицей и планом",
        ),
        Column("unit", "Единица", cells.words(), ("шт.", ""), is_required=False),
        Column("planned_value", "План", cells.whole(0, COUNT_MAX), ("10", ""), is_required=False),
        Column(
            "source",
            "Источник средств",
            cells.one_of(SOURCES),
            ("средства колледжа", ""),
            is_required=False,
            hint="Вместе с суммой; пусто, если денег не нужно",
        ),
        Column(
            "amount_kopecks",
            "Сумма, руб.",
            cells.rubles(KOPECKS_MAX),
            ("450000,00", ""),
            is_required=False,
            hint="Намерение, а не долг",
        ),
        Column(
            "payer",
            "Чьи средства",
            _MEMBER,
            ("primer-college", ""),
            is_required=False,
            hint="Если пусто — ответственного",
        ),
        Column("basis", "Основание", cells.words(), ("п. 3.2", ""), is_required=False),
    ),
)


async def look(tx: Transaction, job: Job, rows: Sequence[Row]) -> list[Plan]:
    """Compares rows with the version on its way, by what is to be done and who answers for it."""
    assert job.target_id is not None
    plan_id = job.target_id
    year: int = await tx.value("SELECT year FROM plans WHERE id = $1", plan_id)
    version = open_version(await versions_of(tx, plan_id))
    known = await _members(tx)
    lines = await lines_of(tx, plan_id, version.number) if version else {}
    there = {_key(content): (item_id, content) for item_id, content in lines.items()}
    plans = []
    for row in rows:
        if version is None:
            row.complain(Complaint(NotCollecting.code, NotCollecting.title()))
            continue
        content = _content(row, known)
        if content is None:
            continue
        item_id, before = there.get(_key(content), (None, None))
        if before is not None:
            content = _with_person(content, before)
        try:
            check_content(content, year)
        except Invalid as refusal:
            row.complain_of(refusal)
            continue
        plans.append(_plan(row, plan_id, item_id, before, content))
    return plans


def _plan(
    row: Row, plan_id: UUID, item_id: UUID | None, before: Content | None, content: Content
) -> Plan:
    if item_id is None:
        return Plan(row, Effect.ADDED, lambda tx: plan_items.propose(tx, plan_id, content))
    if before == content:
        return Plan(row, Effect.UNCHANGED)
    return Plan(row, Effect.CHANGED, lambda tx: plan_items.edit(tx, item_id, content))


def _content(row: Row, known: dict[str, UUID]) -> Content | None:
    """What the row says; complains of members that nobody knows."""
    found: dict[str, Any] = {}
    for code in ("responsible", "payer"):
        found[code] = _member(row, code, row[code], known)
    helpers = [_member(row, "co_executors", slug, known) for slug in row["co_executors"] or ()]
    if row.faults:
        return None
    return Content(
        section=row["section"],
        title=row["title"],
        form=row["form"],
        period=row["period"],
        responsible_member_id=found["responsible"],
        responsible_person_id=None,
        co_executor_ids=tuple(helper for helper in helpers if helper is not None),
        audience=row["audience"],
        planned_count=row["planned_count"],
        place=row["place"],
        result=row["result"],
        indicator=row["indicator"],
        unit=row["unit"],
        planned_value=row["planned_value"],
        source=row["source"],
        amount_kopecks=row["amount_kopecks"],
        payer_member_id=found["payer"],
        basis=row["basis"],
    )


def _member(row: Row, code: str, slug: str | None, known: dict[str, UUID]) -> UUID | None:
    if slug is None:
        return None
    if slug not in known:
        row.complain(MEMBER_UNKNOWN, code)
    return known.get(slug)


def _with_person(content: Content, before: Content) -> Content:
    """A file names no people: who was named stays, as long as the same member answers."""
    return replace(content, responsible_person_id=before.responsible_person_id)


def _key(content: Content) -> tuple[str, UUID]:
    return sort_key(content.title), content.responsible_member_id


async def _members(tx: Transaction) -> dict[str, UUID]:
    rows = await tx.fetch(
        "SELECT slug, id FROM members WHERE slug IS NOT NULL AND joined_on <= $1"
        " AND (withdrawn_on IS NULL OR withdrawn_on > $1)",
        moscow_date(tx.now),
    )
    return {row["slug"]: row["id"] for row in rows}


async def require_plan(tx: Transaction, plan_id: UUID) -> None:
    """Raises NotFound unless there is such a plan."""
    if not await tx.value("SELECT true FROM plans WHERE id = $1", plan_id):
        raise NotFound


async def words(tx: Transaction) -> Words:
    """The codes of all members that take part."""
    slugs = tuple(sorted(await _members(tx)))
    return (("responsible", slugs), ("co_executors", slugs), ("payer", slugs))


imports = Imports(
    may=roles(Role.COORDINATOR),
    kinds=(
        Kind(
            sheet=SHEET,
            look=look,
            write=row_by_row(look),
            require_target=require_plan,
            words=words,
        ),
    ),
    target="plan_id",
)
