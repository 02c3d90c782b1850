"""The demo's council: how it was founded, met and decided, made by the same commands as everybody's.

What happened in the past is done with the moment of then; names are those of membership's demo.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from services.council import demo_plan
from services.council.commands import (
    agenda,
    attendance,
    ballots,
    composition,
    groups,
    meetings,
    minutes,
    plans,
    proposals,
    votes,
)
from services.council.domain.agenda import Item, ItemKind
from services.council.domain.composition import Duty, Person
from services.council.domain.duties import GroupPerson, Part
from services.council.domain.kinds import DecisionKind, Force
from services.council.domain.meetings import Call, MeetingForm, MeetingKind, Way
from services.council.domain.minutes import Attendee, ItemTexts, Texts
from services.council.domain.voting import Choice
from shared.database import Transaction
from shared.identity import Actor, Role
from shared.russia.calendar import MOSCOW, add_working_days, moscow_date
from shared.service import Runtime

FOUNDED_DAYS_AGO = 180
PLACE = "Смоленск, ул. Николаева, 12а, зал заседаний"
MILESTONE = "demo-laid"

NAMES = (
    "Иванова А. П.",
    "Кузнецова А. П.",
    "Лебедева А. П.",
    "Новикова А. П.",
    "Соколова А. П.",
    "Морозова А. П.",
    "Волкова А. П.",
    "Павлова А. П.",
    "Зайцева А. П.",
    "Орлова А. П.",
    "Белова А. П.",
    "Тихонова А. П.",
    "Крылова А. П.",
    "Громова А. П.",
    "Образцова А. П.",
)
"""The coordinators of the demo's members, in the order in which these joined."""
SECRETARY = "Воробьёв С. Н."
HEAD, DEPUTY = 13, 7
"""The ministry's and an employer's place in that order."""

_OFFICE = frozenset({Role.COUNCIL_SECRETARY})
_SEATED = frozenset({Role.COUNCIL_MEMBER, Role.COUNCIL_HEAD, Role.COORDINATOR})


async def lay(runtime: Runtime) -> None:
    """Waits until membership's demo is known here, then lays the council's, whole or not at all."""
    while not await runtime.database.fetch("SELECT FROM milestones WHERE name = 'demo-heard'"):
        await asyncio.sleep(0.2)
    while not await runtime.database.fetch("SELECT FROM milestones WHERE name = $1", MILESTONE):
        async with runtime.database.transaction() as tx:
            if await _is_alone(tx):
                await _Stage(tx).play()
        await asyncio.sleep(0.2)


async def _is_alone(tx: Transaction) -> bool:
    """Whether no other replica lays the demo, or has laid it; none waits for another's rows."""
    if not await tx.value("SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0))", MILESTONE):
        return False
    is_first = await tx.value(
        "INSERT INTO milestones (name, reached_at) VALUES ($1, $2)"
        " ON CONFLICT DO NOTHING RETURNING true",
        MILESTONE,
        tx.now,
    )
    return bool(is_first)


class _Stage:
    """Who does what when, in one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self.tx = tx
        self.now = tx.now
        self.today = moscow_date(tx.now)
        self.members: list[UUID] = []
        self.people: list[UUID] = []
        self.secretary = (tx.new_id(), tx.new_id())
        self.seats: dict[UUID, UUID] = {}

    async def play(self) -> None:
        """Everything, in the order in which it happened."""
        await self._cast()
        await self._found()
        await self._form_group()
        plan_id = await self._plan()
        await self._first_meeting(plan_id)
        await self._second_meeting()
        await self._next_meeting()
        await self._report_on_the_plan(plan_id)
        self.tx.now = self.now

    # --- who and when ----------------------------------------------------------------------------

    async def _cast(self) -> None:
        """The first person of each member sits for it; the head's colleague is the secretary."""
        rows = await self.tx.fetch(
            "SELECT p.member_id, m.slug, array_agg(p.person_id ORDER BY p.person_id) AS people"
            " FROM people p JOIN members m ON m.id = p.member_id"
            " GROUP BY p.member_id, m.slug ORDER BY p.member_id"
        )
        self.members = [row["member_id"] for row in rows]
        self.people = [row["people"][0] for row in rows]
        self.secretary = (rows[HEAD]["people"][1], self.members[HEAD])
        coordinators = {
            row["slug"]: demo_plan.Person(row["people"][0], row["member_id"]) for row in rows
        }
        self.cast = demo_plan.Cast(
            head=demo_plan.Person(self.people[HEAD], self.members[HEAD]),
            secretary=demo_plan.Person(*self.secretary),
            coordinators=coordinators,
        )

    def _at(self, working_days: int, hour: int = 11) -> datetime:
        day = add_working_days(self.today, working_days)
        return datetime.combine(day, time(hour), MOSCOW).astimezone(UTC)

    def _be(self, working_days: int, hour: int = 11) -> None:
        """It is that hour of that working day, counted from today."""
        self.tx.now = self._at(working_days, hour)

    def _act(self, person_id: UUID, member_id: UUID, roles: frozenset[Role]) -> None:
        self.tx.actor = Actor(person_id, member_id, roles, self.tx.new_id("session"))
        self.tx.allowed = roles

    def _as_secretary(self) -> None:
        self._act(*self.secretary, _OFFICE)

    def _as_seated(self, place: int) -> None:
        self._act(self.people[place], self.members[place], _SEATED)

    # --- composition -----------------------------------------------------------------------------

    async def _found(self) -> None:
        from_on = self.today - timedelta(days=FOUNDED_DAYS_AGO)
        self._act(self.people[0], self.members[0], frozenset({Role.ADMINISTRATOR}))
        duties = {HEAD: Duty.HEAD, DEPUTY: Duty.DEPUTY}
        seated = [
            Person(person_id, member_id, None, duties.get(place, Duty.MEMBER), True, None)
            for place, (person_id, member_id) in enumerate(
                zip(self.people, self.members, strict=True)
            )
        ]
        secretary = Person(*self.secretary, None, Duty.SECRETARY, False, None)
        await composition.found_council(
            self.tx,
            [*seated, secretary],
            from_on=from_on,
            basis=f"Приказ Министерства образования и науки области (демо) от {from_on:%d.%m.%Y} № 14-ОК",
        )
        rows = await self.tx.fetch("SELECT id, person_id FROM seats")
        self.seats = {row["person_id"]: row["id"] for row in rows}

    async def _form_group(self) -> None:
        self._be(-70)
        self._as_secretary()
        parts = {0: Part.LEADER, 6: Part.SPECIALIST}
        await groups.form_group(
            self.tx,
            title="Единое расписание мастерских",
            purpose="Согласовать сетку звонков и порядок заявок на мастерские участников.",
            basis="Поручение руководителя совета",
            people=[
                GroupPerson(self.people[place], self.members[place], parts.get(place, Part.MEMBER))
                for place in (0, 3, 6, 9)
            ],
        )

    # --- meetings --------------------------------------------------------------------------------

    async def _plan(self) -> UUID:
        """The plan of the year: put forward by all, agreed by the head (R6.3), to be approved."""
        self._be(-100)
        return await demo_plan.lay_plan(self.tx, self.cast, self.today.year)

    async def _report_on_the_plan(self, plan_id: UUID) -> None:
        """The plan has come into force; what is past is reported on, the next one collected."""
        self._be(-1, 15)
        await plans.enter_force(self.tx)
        await demo_plan.lay_reports(self.tx, self.cast, plan_id)
        await demo_plan.lay_next_plan(self.tx, self.cast, self.today.year + 1)

    async def _first_meeting(self, plan_id: UUID) -> None:
        """Held in time, with a quorum; its minutes are signed and published."""
        self._be(-95)
        meeting_id = await self._announce(
            -85,
            _item("Об итогах совместного использования мастерских", ItemKind.INFO),
            _item(
                "О сводном расписании мастерских",
                ItemKind.DECISION,
                decision_kind=DecisionKind.SHARE_DUTIES,
                force=Force.BINDING,
                draft_text="Поручить участнику вести сводное расписание мастерских кластера.",
                addressee_ids=(self.members[0],),
            ),
            _item(
                "О наставниках на производстве",
                ItemKind.DECISION,
                decision_kind=DecisionKind.RECOMMEND,
                draft_text="Рекомендовать работодателям назначить наставников для каждой группы.",
                addressee_ids=tuple(self.members[7:13]),
                responsible_member_id=self.members[DEPUTY],
                due_on=add_working_days(self.today, -15),
            ),
            _item(
                "Об утверждении годового плана",
                ItemKind.APPROVAL,
                decision_kind=DecisionKind.APPROVE_PLAN,
                force=Force.BINDING,
                draft_text="Утвердить годовой план, согласованный руководителем совета.",
                subject_id=plan_id,
            ),
        )
        there = [*range(12), HEAD]
        await self._hold(
            meeting_id,
            there,
            {2: "fffffffffff-f", 3: "ffffffffaof-f", 4: "fffffffffffff"},
        )
        self._be(-81)
        await self._publish_minutes(meeting_id, there)

    async def _second_meeting(self) -> None:
        """Without a quorum on its day, so that it took place on another one."""
        self._be(-60)
        self._as_seated(1)
        proposal_id = await proposals.submit(
            self.tx,
            proposals.Words(
                title="Извещать о заседаниях раньше",
                body="За пять рабочих дней не успеваем собрать мнения отделений.",
                draft_text="Извещать участников не менее чем за семь рабочих дней.",
                decision_kind=DecisionKind.SET_PARAMETER,
                parameter="council.notice_working_days",
                value="7",
            ),
        )
        self._be(-58, 15)
        self._as_seated(9)
        await proposals.remark(self.tx, proposal_id, "Поддерживаем: график смен верстаем заранее.")
        self._be(-50)
        meeting_id = await self._announce(
            -40,
            _item(
                "О сроке извещения о заседаниях",
                ItemKind.DECISION,
                decision_kind=DecisionKind.SET_PARAMETER,
                force=Force.BINDING,
                draft_text="Извещать участников не менее чем за семь рабочих дней.",
                parameter="council.notice_working_days",
                value="7",
            ),
            _item(
                "О проверке оборудования мастерских",
                ItemKind.DECISION,
                decision_kind=DecisionKind.RECOMMEND,
                draft_text="Рекомендовать владельцам мастерских проверить оборудование к новому семестру.",
                addressee_ids=tuple(self.members[:6]),
                responsible_member_id=self.members[3],
                due_on=add_working_days(self.today, 25),
            ),
            on_proposals={0: proposal_id},
        )
        await self._register(meeting_id, [0, 1, 2, 3, HEAD])
        self._as_secretary()
        await meetings.open_meeting(self.tx, meeting_id)
        call = _call(self._at(-30))
        moved = await meetings.move(self.tx, meeting_id, call, "Кворума не было.")
        there = [*range(10), HEAD]
        await self._hold(moved, there, {1: "ffffffffafo", 2: "fffffffffff"})
        self._be(-27)
        await minutes.make(self.tx, moved)

    async def _next_meeting(self) -> None:
        """Proposals at every step, and the meeting to which the council is called."""
        said = (
            (
                2,
                "Закупать расходные материалы вместе",
                "Электроды и реактивы каждый заказывает отдельно и дороже.",
            ),
            (
                10,
                "Провести день открытых мастерских",
                "Пригласить школьников в мастерские всех участников в один день.",
            ),
            (
                14,
                "Повысить стипендии",
                "Студентам не хватает стипендии на проезд до базы практики.",
            ),
        )
        ids = []
        for days, (place, title, body) in zip((-12, -8, -6), said, strict=True):
            self._be(days)
            self._as_seated(place)
            words = proposals.Words(
                title=title,
                body=body,
                draft_text=None,
                decision_kind=DecisionKind.RECOMMEND,
                parameter=None,
                value=None,
            )
            ids.append(await proposals.submit(self.tx, words))
        self._be(-5)
        self._as_seated(5)
        await proposals.remark(self.tx, ids[1], "Готовы принять две группы.")
        self._as_secretary()
        reason = "Размер стипендий определяет учредитель: это не вопрос совета."
        await proposals.refuse(self.tx, ids[2], reason)
        self._be(-1)
        matter_id = await self.tx.value("SELECT id FROM matters WHERE kind = 'application'")
        admission = _item(
            "О приёме ООО «Рославльагро» (демо) в участники",
            ItemKind.DECISION,
            decision_kind=DecisionKind.ADMIT,
            force=Force.BINDING,
            draft_text="Принять ООО «Рославльагро» (демо) в участники кластера.",
        )
        await self._announce(
            9,
            admission,
            _item("О подготовке к экзаменационной сессии", ItemKind.INFO),
            _item(
                "О совместной закупке расходных материалов",
                ItemKind.DECISION,
                decision_kind=DecisionKind.RECOMMEND,
                draft_text="Рекомендовать участникам собрать общую заявку на квартал.",
                responsible_member_id=self.members[2],
                due_on=add_working_days(self.today, 40),
            ),
            on_proposals={2: ids[0]},
            on_matters={0: matter_id},
        )

    # --- how a meeting goes ----------------------------------------------------------------------

    async def _announce(
        self,
        day: int,
        *items: Item,
        on_proposals: dict[int, UUID] | None = None,
        on_matters: dict[int, UUID] | None = None,
    ) -> UUID:
        self._as_secretary()
        meeting_id = await meetings.plan(self.tx, MeetingKind.REGULAR, _call(self._at(day)))
        for place, item in enumerate(items):
            await agenda.add_item(
                self.tx,
                meeting_id,
                item,
                proposal_id=(on_proposals or {}).get(place),
                matter_id=(on_matters or {}).get(place),
            )
        await meetings.announce(self.tx, meeting_id)
        return meeting_id

    async def _register(self, meeting_id: UUID, places: Sequence[int]) -> None:
        self.tx.now = await self.tx.value(
            "SELECT starts_at FROM meetings WHERE id = $1", meeting_id
        )
        self._as_secretary()
        for place in places:
            seat_id = self.seats[self.people[place]]
            await attendance.register(self.tx, meeting_id, Way.IN_PERSON, seat_id)

    async def _hold(
        self, meeting_id: UUID, places: Sequence[int], ballots_on: dict[int, str]
    ) -> None:
        """Opened, voted on at these positions (one letter for each who is there), and closed."""
        await self._register(meeting_id, places)
        self._as_secretary()
        await meetings.open_meeting(self.tx, meeting_id)
        for position, letters in ballots_on.items():
            self.tx.now += timedelta(minutes=20)
            await self._vote(meeting_id, position, dict(zip(places, letters, strict=True)))
        self.tx.now += timedelta(minutes=20)
        self._as_secretary()
        await meetings.close(self.tx, meeting_id)

    async def _vote(self, meeting_id: UUID, position: int, letters: dict[int, str]) -> None:
        item_id = await self.tx.value(
            "SELECT id FROM items WHERE meeting_id = $1 AND position = $2", meeting_id, position
        )
        self._as_secretary()
        ballot_id = await ballots.open_ballot(self.tx, item_id)
        words = {"f": Choice.FOR, "a": Choice.AGAINST, "o": Choice.ABSTAIN}
        for place, letter in letters.items():
            if letter in words:
                self._as_seated(place)
                await votes.cast_vote(self.tx, ballot_id, words[letter], None)
        self._as_secretary()
        await ballots.close_ballot(self.tx, ballot_id)

    async def _publish_minutes(self, meeting_id: UUID, places: Sequence[int]) -> None:
        self._as_secretary()
        minutes_id = await minutes.make(self.tx, meeting_id)
        items: Sequence[Any] = await self.tx.fetch(
            "SELECT id, title FROM items WHERE meeting_id = $1 ORDER BY position", meeting_id
        )
        texts = Texts(
            chair=NAMES[HEAD],
            secretary=SECRETARY,
            attendees=tuple(
                Attendee(seat_id=self.seats[self.people[place]], name=NAMES[place])
                for place in places
            ),
            invited=(),
            items=tuple(
                ItemTexts(item_id=row["id"], heard=f"{NAMES[HEAD]}: «{row['title']}».")
                for row in items
            ),
        )
        await minutes.write(self.tx, minutes_id, texts)
        await minutes.fix(self.tx, minutes_id)
        sha256 = await self.tx.value(
            "SELECT encode(s.sha256, 'hex') FROM minutes m JOIN signings s ON s.id = m.signing_id"
            " WHERE m.id = $1",
            minutes_id,
        )
        await minutes.sign(self.tx, minutes_id, sha256)
        self._as_seated(HEAD)
        await minutes.sign(self.tx, minutes_id, sha256)
        self._as_secretary()
        await minutes.publish(self.tx, minutes_id)


def _call(starts_at: datetime) -> Call:
    return Call(
        form=MeetingForm.IN_PERSON,
        starts_at=starts_at,
        absentee_until=None,
        place=PLACE,
        link=None,
    )


def _item(title: str, kind: ItemKind, **more: Any) -> Item:
    said: dict[str, Any] = {
        "speaker": None,
        "minutes": 15,
        "draft_text": None,
        "decision_kind": None,
        "force": Force.RECOMMENDATION,
        "subject_id": None,
        "ground": None,
        "parameter": None,
        "value": None,
        "addressee_ids": (),
        "responsible_member_id": None,
        "due_on": None,
        **more,
    }
    return Item(title=title, kind=kind, **said)
