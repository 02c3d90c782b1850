"""What tests of workshops stand on: members, agreements and workshops that are known there."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from contracts import membership as told
from services.workshops.commands import catalogue, heard
from services.workshops.domain.facts import Approval, Hours, Span
from services.workshops.domain.places import slices_of
from shared.identity import Actor, Role
from shared.ids import new_id
from shared.russia.calendar import is_working_day, moscow_date
from tests.harness import Running

MOSCOW = ZoneInfo("Europe/Moscow")
HOURS = tuple(Hours(weekday, 8 * 60 + 30, 19 * 60 + 20) for weekday in range(6))


class Known:
    """A college that owns a CNC workshop of 8 places, another college and a firm that book."""

    DECIDES = (Role.COORDINATOR, Role.APPROVER)

    def __init__(self, service: Running) -> None:
        self.service = service
        self.stands_on = moscow_date(service.clock()) + timedelta(days=10)
        self.owner, self.college, self.firm, self.stranger = (new_id() for _ in range(4))
        self.network_form = self.services_agreement = self.workshop = self.site = new_id()
        self.machines: list[UUID] = []

    async def lay(
        self, approval: Approval = Approval.MANUAL, workplaces: int = 8, machines: int = 3
    ) -> "Known":
        """Everything that a booking needs."""
        for member_id, slug, is_state in (
            (self.owner, "owner", True),
            (self.college, "college", True),
            (self.firm, "firm", False),
            (self.stranger, "stranger", False),
        ):
            await self.join(member_id, slug, is_state=is_state)
        self.network_form = await self.agree("network_form", self.college)
        self.services_agreement = await self.agree("services", self.firm)
        async with self.as_owner() as tx:
            self.site = await catalogue.open_site(
                tx, name="Корпус", town="Смоленск", time_zone="Europe/Moscow", hours=HOURS
            )
            self.workshop = await catalogue.open_workshop(
                tx,
                site_id=self.site,
                name="Станки с ЧПУ",
                workplaces=workplaces,
                approval=approval,
                competences=["cnc-milling"],
                net_kopecks=45_000,
            )
            for number in range(machines):
                self.machines.append(
                    await catalogue.install_equipment(
                        tx,
                        workshop_id=self.workshop,
                        name=f"Станок {number}",
                        competences=["cnc-milling"],
                        is_at_workplace=True,
                    )
                )
        return self

    async def open_round_the_clock(self, workplaces: int, machines: int = 0) -> None:
        """From here on the workshop is one that never closes, so bookings may cross midnight."""
        async with self.as_owner() as tx:
            site = await catalogue.open_site(
                tx,
                name="Круглосуточный",
                town="Смоленск",
                time_zone="Europe/Moscow",
                hours=[Hours(weekday, 0, 1440) for weekday in range(7)],
            )
            self.workshop = await catalogue.open_workshop(
                tx,
                site_id=site,
                name="Круглые сутки",
                workplaces=workplaces,
                approval=Approval.MANUAL,
                competences=[],
                net_kopecks=0,
            )
            self.machines = [
                await catalogue.install_equipment(
                    tx,
                    workshop_id=self.workshop,
                    name=f"Станок {number}",
                    competences=[],
                    is_at_workplace=True,
                )
                for number in range(machines)
            ]

    async def join(self, member_id: UUID, slug: str, *, is_state: bool = False) -> None:
        """A member is known to workshops."""
        event = told.MemberJoined(
            member_id=member_id,
            slug=slug,
            kind="college",
            is_state=is_state,
            vat_regime="general",
            joined_on=date(2026, 1, 1),
        )
        async with self.service.runtime.database.transaction() as tx:
            await heard.know_member(tx, event)

    async def agree(
        self,
        kind: Any,
        other: UUID,
        valid_from: date = date(2020, 1, 1),
        valid_to: date = date(2035, 1, 1),
    ) -> UUID:
        """An active agreement of the owner and another member is known to workshops."""
        event = told.AgreementActivated(
            agreement_id=new_id(),
            kind=kind,
            party_ids=(self.owner, other),
            valid_from=valid_from,
            valid_to=valid_to,
        )
        async with self.service.runtime.database.transaction() as tx:
            await heard.know_agreement(tx, event)
        return event.agreement_id

    async def end_agreement(self, agreement_id: UUID, on: date) -> None:
        """Workshops knows the first day on which an agreement no longer binds."""
        async with self.service.runtime.database.transaction() as tx:
            await heard.know_end_of_agreement(tx, agreement_id, on)

    async def leave(self, member_id: UUID, on: date) -> None:
        """Workshops knows that a member leaves."""
        async with self.service.runtime.database.transaction() as tx:
            await heard.know_withdrawal(tx, member_id, on)

    async def suspend(self, member_id: UUID, on: date | None) -> None:
        """Workshops knows that a member is suspended from that day on, or is no more."""
        async with self.service.runtime.database.transaction() as tx:
            await heard.know_suspension(tx, member_id, on, None)

    def as_owner(self) -> Any:
        """A transaction of the owner's coordinator."""
        actor = Actor(new_id(), self.owner, frozenset({Role.COORDINATOR}), new_id())
        return self.service.runtime.database.transaction(actor=actor, allowed=actor.roles)

    def day(self, ahead: int = 0) -> date:
        """The working day that lies `ahead` working days after the ten days from the start on."""
        on = self.stands_on
        while not is_working_day(on) or ahead > 0:
            ahead -= is_working_day(on)
            on += timedelta(days=1)
        return on

    def moment(self, clock: str, ahead: int = 0) -> datetime:
        """A time of that day in Moscow."""
        hour, minute = map(int, clock.split(":"))
        return datetime.combine(self.day(ahead), time(hour, minute), MOSCOW).astimezone(UTC)

    def at(self, clock: str, ahead: int = 0) -> str:
        """A time of that day in Moscow, as RFC 3339."""
        return self.moment(clock, ahead).isoformat()

    def ask(self, **changes: Any) -> dict[str, Any]:
        """The body of a booking: two places for a pair."""
        return {
            "workshop_id": str(self.workshop),
            "starts_at": self.at("12:30"),
            "ends_at": self.at("14:05"),
            "workplaces": 2,
            "purpose": "Учебная практика",
            **changes,
        }

    async def book(
        self, member_id: UUID | None = None, key: str | None = None, **changes: Any
    ) -> Any:
        """Asks for a booking by HTTP as the coordinator of the college, or another member."""
        headers = self.service.as_(member_id or self.college, Role.COORDINATOR)
        return await self.service.client.post(
            "/api/workshops/bookings",
            json=self.ask(**changes),
            headers={**headers, "Idempotency-Key": key or str(new_id())},
        )

    async def quote(self, member_id: UUID | None = None, **changes: Any) -> Any:
        """Asks what a booking would cost."""
        headers = self.service.as_(member_id or self.college, Role.COORDINATOR)
        return await self.service.client.post(
            "/api/workshops/quotes", json=self.ask(**changes), headers=headers
        )

    async def windows(self, **changes: Any) -> list[dict[str, Any]]:
        """The windows of the workshop on the day, or as the changes have it."""
        query = {
            "workshop_id": str(self.workshop),
            "from": self.at("00:00"),
            "to": self.at("23:55"),
            **changes,
        }
        answer = await self.service.client.get("/api/workshops/availability", params=query)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    async def read(self, path: str, member_id: UUID | None = None, **query: Any) -> Any:
        """Looks something up as the owner, or another member."""
        headers = self.service.as_(member_id or self.owner, Role.COORDINATOR)
        return await self.service.client.get(
            f"/api/workshops/{path}", params=query, headers=headers
        )

    async def decide(
        self, booking_id: str, step: str, member_id: UUID | None = None, **body: Any
    ) -> Any:
        """Takes a step with a booking, as the owner unless another member is named."""
        headers = self.service.as_(member_id or self.owner, *self.DECIDES)
        return await self.service.client.post(
            f"/api/workshops/bookings/{booking_id}/{step}", json=body or None, headers=headers
        )


async def check_counts(service: Running) -> None:
    """I8: what the pools and machines hold is what bookings and lessons hold, and never over the cap."""
    held = await service.sql(
        "SELECT id, pool_id, starts_at, ends_at, workplaces, equipment_ids FROM bookings"
        " WHERE status IN ('requested', 'confirmed', 'checked_in', 'completed')"
        " UNION ALL SELECT l.id, p.id, starts_at, ends_at, l.workplaces, '{}'"
        " FROM lessons l JOIN pools p USING (workshop_id) WHERE released_at IS NULL"
    )
    taken: dict[tuple[UUID, date], list[int]] = {}
    machines: list[tuple[UUID, UUID]] = []
    for row in held:
        machines += [(row["id"], machine_id) for machine_id in row["equipment_ids"]]
        for part in slices_of(Span(row["starts_at"], row["ends_at"])):
            counts = taken.setdefault((row["pool_id"], part.day), [0] * 288)
            for slice_ in range(part.first, part.last + 1):
                counts[slice_ - 1] += row["workplaces"]
    days = await service.sql(
        "SELECT d.*, p.workplaces FROM pool_days d JOIN pools p ON p.id = d.pool_id"
    )
    counted = {(row["pool_id"], row["day"]): list(row["taken"]) for row in days}
    assert {day: row for day, row in counted.items() if any(row)} == taken
    assert all(max(row["taken"]) <= row["places"] == row["workplaces"] for row in days)
    occupied = await service.sql(
        "SELECT booking_id, resource_id FROM occupations WHERE released_at IS NULL"
    )
    assert sorted((row["booking_id"], row["resource_id"]) for row in occupied) == sorted(machines)


async def check_told(service: Running) -> None:
    """Every event has its audit row, and every audit row its event."""
    apart = await service.sql(
        "SELECT event_id FROM outbox o FULL JOIN audit a USING (event_id)"
        " WHERE o.event_id IS NULL OR a.event_id IS NULL OR o.aggregate_id <> a.object_id"
        " UNION ALL SELECT event_id FROM outbox GROUP BY 1 HAVING count(*) > 1"
        " UNION ALL SELECT event_id FROM audit GROUP BY 1 HAVING count(*) > 1"
    )
    assert apart == []
