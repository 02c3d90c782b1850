"""The demo's workshops, opened by the same commands as everybody's, once membership has told its demo."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from contracts.workshops import DemoLaid
from services.workshops.commands import catalogue, heard
from services.workshops.domain.facts import Approval, Hours
from shared.database import Transaction
from shared.identity import Actor, Role
from shared.service import Runtime

OPENS, CLOSES = 8 * 60 + 30, 19 * 60 + 20
HOURS = tuple(Hours(weekday, OPENS, CLOSES) for weekday in range(6))
"""Six days a week, from the first pair's bell to the last one's."""


@dataclass(frozen=True)
class DemoWorkshop:
    """A workshop of the demo; machines are name and competences, each at a workplace."""

    name: str
    workplaces: int
    approval: Approval
    net_kopecks: int
    competences: tuple[str, ...]
    machines: tuple[tuple[str, tuple[str, ...]], ...] = ()


def _machines(name: str, count: int, *competences: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((f"{name} № {number}", competences) for number in range(1, count + 1))


DEMO: dict[str, tuple[str, str, tuple[DemoWorkshop, ...]]] = {
    "smolapo": (
        "Корпус мастерских машиностроения",
        "Смоленск",
        (
            DemoWorkshop(
                "Станки с ЧПУ",
                8,
                Approval.MANUAL,
                45_000,
                ("cnc-milling", "cnc-turning"),
                _machines("Фрезерный станок с ЧПУ", 3, "cnc-milling")
                + _machines("Токарный станок с ЧПУ", 3, "cnc-turning")
                + _machines("Симулятор станка", 2, "cnc-milling", "cnc-turning"),
            ),
            DemoWorkshop(
                "Промышленная автоматика",
                6,
                Approval.MANUAL,
                40_000,
                ("industrial-automation",),
                _machines("Стенд ПЛК и пневматики", 6, "industrial-automation"),
            ),
        ),
    ),
    "smolgrad": (
        "Учебный полигон",
        "Смоленск",
        (DemoWorkshop("Кирпичная кладка", 10, Approval.INSTANT, 18_000, ("bricklaying",)),),
    ),
    "university": (
        "Инженерный корпус",
        "Смоленск",
        (
            DemoWorkshop(
                "Мехатроника",
                6,
                Approval.MANUAL,
                52_000,
                ("mechatronics",),
                _machines("Мехатронная станция", 6, "mechatronics"),
            ),
        ),
    ),
    "verhnedneprovsk": (
        "Лабораторный корпус",
        "Верхнеднепровский",
        (
            DemoWorkshop(
                "Лабораторный химический анализ",
                10,
                Approval.INSTANT,
                42_000,
                ("chemical-analysis",),
                _machines("Спектрофотометр", 2, "chemical-analysis")
                + _machines("Хроматограф", 1, "chemical-analysis"),
            ),
        ),
    ),
    "vyazma": (
        "Главный корпус",
        "Вязьма",
        (
            DemoWorkshop("Веб-технологии", 14, Approval.INSTANT, 12_000, ("web",)),
            DemoWorkshop("Поварское дело", 6, Approval.INSTANT, 22_000, ("cooking",)),
        ),
    ),
    "roslavl": (
        "Учебно-производственный корпус",
        "Рославль",
        (
            DemoWorkshop(
                "Электромонтаж", 10, Approval.INSTANT, 25_000, ("electrical-installation",)
            ),
            DemoWorkshop(
                "Эксплуатация сельхозмашин",
                6,
                Approval.MANUAL,
                60_000,
                ("agricultural-machinery",),
                _machines("Трактор", 2, "agricultural-machinery")
                + _machines("Симулятор комбайна", 1, "agricultural-machinery"),
            ),
        ),
    ),
    "safonovo": (
        "Сварочный корпус",
        "Сафоново",
        (
            DemoWorkshop(
                "Сварочные технологии",
                10,
                Approval.MANUAL,
                38_000,
                ("welding",),
                _machines("Сварочный пост MIG/TIG", 4, "welding"),
            ),
        ),
    ),
}


async def lay(runtime: Runtime) -> None:
    """Waits until membership's demo is known here, then opens the demo's workshops, once."""
    while not await _is_known(runtime, "demo-heard"):
        await asyncio.sleep(0.2)
    if await _is_known(runtime, "demo-laid"):
        return
    members = await runtime.database.fetch("SELECT id, slug FROM members")
    ids = {row["slug"]: row["id"] for row in members}
    for slug in DEMO:
        await _open_site(runtime, ids[slug], slug)
    async with runtime.database.transaction() as tx:
        demo_id = tx.new_id()
        await heard.reach(tx, "demo-laid")
        tx.record(DemoLaid(demo_id=demo_id))


async def _is_known(runtime: Runtime, milestone: str) -> bool:
    rows: Sequence[Any] = await runtime.database.fetch(
        "SELECT name FROM milestones WHERE name = $1", milestone
    )
    return bool(rows)


async def _open_site(runtime: Runtime, owner_id: UUID, slug: str) -> None:
    """One transaction for a site and its workshops, so a start that was cut short goes on."""
    actor = Actor(owner_id, owner_id, frozenset({Role.COORDINATOR}), owner_id)
    async with runtime.database.transaction(actor=actor, allowed=actor.roles) as tx:
        if await tx.value("SELECT EXISTS (SELECT FROM sites WHERE owner_id = $1)", owner_id):
            return
        name, town, workshops = DEMO[slug]
        site_id = await catalogue.open_site(
            tx, name=name, town=town, time_zone="Europe/Moscow", hours=HOURS
        )
        for workshop in workshops:
            await _open_workshop(tx, site_id, workshop)


async def _open_workshop(tx: Transaction, site_id: UUID, workshop: DemoWorkshop) -> None:
    workshop_id = await catalogue.open_workshop(
        tx,
        site_id=site_id,
        name=workshop.name,
        workplaces=workshop.workplaces,
        approval=workshop.approval,
        competences=workshop.competences,
        net_kopecks=workshop.net_kopecks,
    )
    for name, competences in workshop.machines:
        await catalogue.install_equipment(
            tx,
            workshop_id=workshop_id,
            name=name,
            competences=competences,
            is_at_workplace=True,
        )
