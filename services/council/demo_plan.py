"""The demo's annual plan: put forward by all members, agreed, and after the decision reported on."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from services.council.commands import plan_items, plan_reports, plans
from services.council.domain.plan import digest
from services.council.domain.plan_items import (
    Content,
    FundingSource,
    Section,
    named_members,
    read_period,
)
from services.council.domain.plan_reports import Fact, Outcome
from services.council.queries.plan_rows import lines_of
from shared.database import Transaction
from shared.identity import Actor, Role
from shared.russia.calendar import moscow_date


@dataclass(frozen=True)
class Person:
    """Somebody of the demo, and the member acted for."""

    person_id: UUID
    member_id: UUID


@dataclass(frozen=True)
class Cast:
    """Who does what in the demo: coordinators by the short name of their member."""

    head: Person
    secretary: Person
    coordinators: Mapping[str, Person]


@dataclass(frozen=True)
class Item:
    """An item of the demo; `when` is a part of the year, such as Q1, 04 or 09-15."""

    section: Section
    title: str
    when: str
    owner: str
    result: str
    helpers: tuple[str, ...] = ()
    form: str | None = None
    audience: str | None = None
    count: int | None = None
    place: str | None = None
    measure: tuple[str, str, int] | None = None
    """What is counted, its unit, how much is planned."""
    money: tuple[FundingSource, int] | None = None
    """The source, and rubles."""
    payer: str | None = None
    basis: str | None = None
    came: tuple[Outcome, int | None] = (Outcome.DONE, None)
    """What came of it once its time has passed, and the value that was counted."""


S, F = Section, FundingSource

ITEMS = (
    Item(S.GOVERNANCE, "Заседания координационного совета", "", "ministry", "Приняты решения по всем вопросам повесток", form="заседание", audience="члены совета", count=15, measure=("Заседаний", "шт.", 4), basis="п. 4.1"),
    Item(S.GOVERNANCE, "Распределение обязанностей между участниками в сетевом взаимодействии", "Q1", "ministry", "Обязанности закреплены решением совета", helpers=("smolapo", "smolgrad"), basis="п. 4.4"),
    Item(S.FORECAST, "Сбор кадровой потребности работодателей на пять лет", "Q1", "aviapribor", "Сводная потребность по профессиям", helpers=("dneprochem", "stankoservis", "promsvar", "energoseti"), form="анкета", measure=("Анкет собрано", "шт.", 40), came=(Outcome.DONE, 46), basis="п. 3.1"),
    Item(S.FORECAST, "Предложения по контрольным цифрам приёма", "04", "ministry", "Предложения согласованы с работодателями", helpers=("smolapo", "safonovo"), came=(Outcome.DONE, None), basis="п. 3.1"),
    Item(S.PROGRAMMES, "Сетевая программа по станкам с числовым управлением", "Q2", "smolapo", "Программа утверждена и открыт набор", helpers=("verhnedneprovsk", "stankoservis"), measure=("Обучающихся", "чел.", 48), came=(Outcome.DONE, 52), basis="п. 3.2"),
    Item(S.PROGRAMMES, "Дуальная модель в подготовке аппаратчиков", "Q3", "verhnedneprovsk", "Подписаны договоры с предприятием", helpers=("dneprochem",), measure=("Договоров", "шт.", 24), came=(Outcome.PARTLY, 17), basis="п. 3.3"),
    Item(S.WORKSHOPS, "Модернизация мастерской сварочных технологий", "Q2", "safonovo", "Мастерская на десять постов принимает группы участников", helpers=("promsvar",), place="Сафоново", measure=("Постов", "шт.", 10), money=(F.F2, 3_600_000), payer="promsvar", came=(Outcome.DONE, 10), basis="п. 3.2"),
    Item(S.WORKSHOPS, "Общий график загрузки мастерских на учебный год", "08", "smolapo", "График опубликован для всех участников", helpers=("smolgrad", "vyazma", "roslavl", "safonovo"), came=(Outcome.DONE, None)),
    Item(S.WORKSHOPS, "Закупка расходных материалов для лаборатории химического анализа", "Q3", "verhnedneprovsk", "Лаборатория обеспечена на год", money=(F.F3, 480_000), came=(Outcome.DONE, None)),
    Item(S.PRACTICE, "Распределение студентов на производственную практику", "03", "smolapo", "Каждый студент имеет место практики", helpers=("aviapribor", "stankoservis", "energoseti"), audience="студенты 3 курса", count=420, measure=("Мест практики", "шт.", 420), came=(Outcome.DONE, 438), basis="п. 3.3"),
    Item(S.PRACTICE, "Школа наставников на производстве", "Q2", "aviapribor", "Наставники обучены работе со студентами", form="курс", audience="наставники", count=60, measure=("Обучено", "чел.", 60), money=(F.F2, 240_000), came=(Outcome.DONE, 64)),
    Item(S.PRACTICE, "Стажировка мастеров на предприятиях", "06", "energoseti", "Мастера освоили новое оборудование", helpers=("roslavl", "vyazma"), audience="мастера", count=18, measure=("Стажировок", "чел.", 18), came=(Outcome.PARTLY, 13)),
    Item(S.ASSESSMENT, "Демонстрационный экзамен выпускников", "06", "smolgrad", "Экзамены проведены на площадках участников", helpers=("smolapo", "safonovo", "vyazma"), audience="выпускники", count=780, measure=("Сдали", "чел.", 740), came=(Outcome.DONE, 752), basis="п. 3.2"),
    Item(S.ASSESSMENT, "Региональный чемпионат профессионального мастерства", "Q1", "smolapo", "Названы победители и команда области", form="чемпионат", audience="студенты", count=260, place="Смоленск", measure=("Компетенций", "шт.", 24), money=(F.F1, 1_850_000), payer="ministry", helpers=("smolgrad", "university"), came=(Outcome.DONE, 26), basis="п. 3.4"),
    Item(S.TEACHERS, "Повышение квалификации преподавателей специальных дисциплин", "Q4", "university", "Выданы удостоверения", form="курс", audience="преподаватели", count=75, measure=("Обучено", "чел.", 75), money=(F.F4, 600_000), basis="п. 3.2"),
    Item(S.TEACHERS, "Методическая мастерская по оценочным материалам", "10", "smolgrad", "Банк оценочных материалов пополнен", form="семинар", helpers=("university",), measure=("Комплектов", "шт.", 12), came=(Outcome.DONE, 12)),
    Item(S.GUIDANCE, "Дни открытых дверей на предприятиях", "04", "dneprochem", "Школьники увидели рабочие места", helpers=("aviapribor", "promsvar", "agrovyazma"), audience="школьники 8–9 классов", count=900, measure=("Гостей", "чел.", 900), came=(Outcome.DONE, 1040), basis="п. 3.4"),
    Item(S.GUIDANCE, "Профессиональные пробы в мастерских колледжей", "Q4", "roslavl", "Каждый участник получил сертификат", helpers=("vyazma",), audience="школьники", count=300, measure=("Проб", "шт.", 300), basis="п. 3.4"),
    Item(S.EVENTS, "Форум «Кадры для промышленности области»", "11-12", "ministry", "Принята резолюция, подписаны соглашения", form="форум", audience="работодатели и колледжи", count=250, place="Смоленск", money=(F.F5, 420_000), payer="dneprochem", helpers=("university", "dneprochem")),
    Item(S.EVENTS, "Конкурс «Лучший молодой рабочий»", "09", "agrovyazma", "Названы победители по пяти профессиям", form="конкурс", place="Вязьма", helpers=("vyazma",), measure=("Участников", "чел.", 50), money=(F.F2, 150_000), came=(Outcome.NOT_DONE, None)),
    Item(S.INFORMATION, "Единый каталог мастерских и программ участников", "05", "smolapo", "Каталог открыт и пополняется участниками", helpers=("university",), came=(Outcome.DONE, None), basis="п. 3.4"),
    Item(S.INFORMATION, "Справочник профессий и потребностей предприятий", "10", "obraztsov", "Справочник разослан школам", measure=("Экземпляров", "шт.", 200), money=(F.F4, 90_000)),
    Item(S.FINANCE, "Отчёт участников о средствах на мероприятия", "12", "ministry", "Сведения приняты к сведению советом", helpers=("smolapo", "aviapribor"), basis="п. 7.2"),
    Item(S.FINANCE, "Заявки работодателей на развитие мастерских", "Q4", "stankoservis", "Заявки рассмотрены советом", helpers=("promsvar", "energoseti"), measure=("Заявок", "шт.", 5), basis="п. 7.1"),
)  # fmt: skip
"""What each title says is done; in the demo, by members whose names say that they are the demo's."""

WORDS = {
    Outcome.DONE: ("Выполнено в срок.", None),
    Outcome.PARTLY: ("Выполнено частично.", "Не хватило мест у части участников."),
    Outcome.NOT_DONE: ("Не проведено.", "Не набралось заявок, перенесено на следующий год."),
    Outcome.MOVED: ("Перенесено.", "Поставка оборудования задержана."),
}
UNREPORTED = 2
"""So many of the items whose time has passed wait for a report still."""


async def lay_plan(tx: Transaction, cast: Cast, year: int) -> UUID:
    """The plan of a year up to the head's agreement: it waits for the council. Returns its id."""
    _as_secretary(tx, cast)
    plan_id = await plans.open_plan(tx, year)
    await plans.collect_items(tx, plan_id, None)
    for item in ITEMS:
        await _propose(tx, cast, plan_id, year, item)
    sha256 = digest(await lines_of(tx, plan_id, 1))
    _act(tx, cast.head, Role.COUNCIL_HEAD, Role.COUNCIL_MEMBER)
    await plans.agree_to_plan(tx, plan_id, sha256)
    return plan_id


async def lay_reports(tx: Transaction, cast: Cast, plan_id: UUID) -> None:
    """Reports on what is past, once the plan is in force: most accepted, one waits, two are missing."""
    today = moscow_date(tx.now)
    by_title = {item.title: item for item in ITEMS}
    lines = await lines_of(tx, plan_id, 1)
    past = [
        (item_id, by_title[content.title])
        for item_id, content in lines.items()
        if read_period(content.period).last_on < today
    ]
    for place, (item_id, item) in enumerate(past[: len(past) - UNREPORTED]):
        _as_coordinator(tx, cast, item.owner)
        await plan_reports.report(tx, item_id, _fact(item))
        if place:
            _as_secretary(tx, cast)
            await plan_reports.accept_report(tx, item_id)


async def lay_next_plan(tx: Transaction, cast: Cast, year: int) -> UUID:
    """The plan of the coming year, for which items are collected, and one member is asked."""
    _as_secretary(tx, cast)
    plan_id = await plans.open_plan(tx, year)
    await plans.collect_items(tx, plan_id, None)
    for item in ITEMS[4:10]:
        _as_coordinator(tx, cast, item.owner)
        await plan_items.propose(tx, plan_id, _content(cast, year, item))
    return plan_id


async def _propose(tx: Transaction, cast: Cast, plan_id: UUID, year: int, item: Item) -> None:
    """Who answers puts it forward, and everybody else who is named consents for itself (R7.2)."""
    content = _content(cast, year, item)
    _as_coordinator(tx, cast, item.owner)
    item_id = await plan_items.propose(tx, plan_id, content)
    others = named_members(content) - {content.responsible_member_id}
    for slug, person in cast.coordinators.items():
        if person.member_id in others:
            _as_coordinator(tx, cast, slug)
            await plan_items.consent(tx, item_id)


def _content(cast: Cast, year: int, item: Item) -> Content:
    indicator, unit, value = item.measure or (None, None, None)
    source, rubles = item.money or (None, None)
    owner = cast.coordinators[item.owner]
    return Content(
        section=item.section,
        title=item.title,
        form=item.form,
        period=f"{year}-{item.when}" if item.when else str(year),
        responsible_member_id=owner.member_id,
        responsible_person_id=owner.person_id,
        co_executor_ids=tuple(cast.coordinators[slug].member_id for slug in item.helpers),
        audience=item.audience,
        planned_count=item.count,
        place=item.place,
        result=item.result,
        indicator=indicator,
        unit=unit,
        planned_value=value,
        source=source,
        amount_kopecks=None if rubles is None else rubles * 100,
        payer_member_id=cast.coordinators[item.payer].member_id if item.payer else None,
        basis=item.basis,
    )


def _fact(item: Item) -> Fact:
    outcome, value = item.came
    said, reason = WORDS[outcome]
    is_measured = item.measure is not None and outcome in (Outcome.DONE, Outcome.PARTLY)
    planned = item.measure[2] if item.measure else None
    return Fact(
        outcome=outcome,
        words=said,
        reason=reason,
        fact_value=(planned if value is None else value) if is_measured else None,
        fact_count=item.count if outcome is Outcome.DONE else None,
        spent_kopecks=item.money[1] * 95 if item.money and outcome is Outcome.DONE else None,
        moved_to=None,
    )


def _as_secretary(tx: Transaction, cast: Cast) -> None:
    _act(tx, cast.secretary, Role.COUNCIL_SECRETARY)


def _as_coordinator(tx: Transaction, cast: Cast, slug: str) -> None:
    _act(tx, cast.coordinators[slug], Role.COORDINATOR)


def _act(tx: Transaction, person: Person, *roles: Role) -> None:
    """What follows is done by this person; the commands ask who it is, as they ask everybody."""
    tx.actor = Actor(person.person_id, person.member_id, frozenset(roles), tx.new_id("session"))
    tx.allowed = frozenset(roles)
