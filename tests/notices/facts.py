"""What tests of notices stand on: two members with their people, and facts that are told to it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx

from contracts import membership, workshops
from contracts.event import Event, Header, instant_text
from shared.identity import Role
from shared.ids import new_id
from tests.finance.facts import joined, message_of
from tests.harness import Running

API = "/api/notices"
BOOKING = {
    "starts_at": datetime(2027, 1, 14, 9, 30, tzinfo=UTC),
    "ends_at": datetime(2027, 1, 14, 11, 5, tzinfo=UTC),
    "workplaces": 2,
    "equipment_ids": (),
    "agreement_id": None,
}


class Known:
    """A college that owns workshops, a firm that books them, their people, and a stranger to both."""

    def __init__(self, service: Running) -> None:
        self.service = service
        self.college, self.firm, self.stranger = (new_id() for _ in range(3))
        self.approver, self.coordinator, self.treasurer, self.administrator, self.secretary = (
            new_id() for _ in range(5)
        )

    async def lay(self) -> "Known":
        """The members take part, and the people act for them."""
        for member_id in (self.college, self.firm, self.stranger):
            await self.hear(joined(member_id))
        await self.grant(self.approver, self.college, "approver")
        await self.grant(self.coordinator, self.firm, "coordinator")
        await self.grant(self.treasurer, self.firm, "finance")
        await self.grant(self.administrator, None, "administrator")
        return self

    async def hear(self, event: Event, told_at: datetime | None = None) -> None:
        """Notices hears the event; one that cannot be taken fails the test."""
        message = message_of(event)
        if told_at is not None:
            headers = {**message.headers, Header.TIME: instant_text(told_at)}
            message = replace(message, headers=headers)
        await self.service.runtime.inbox.take(message)
        assert await self.service.sql("SELECT error FROM parked") == []

    async def grant(self, person_id: UUID, member_id: UUID | None, *roles: str) -> None:
        """The person acts for the member in exactly these roles."""
        event = membership.RolesGranted(person_id=person_id, member_id=member_id, roles=roles)
        await self.hear(event)

    async def request(self, told_at: datetime | None = None, **changes: Any) -> UUID:
        """The firm asks for a workshop of the college, which has two days to answer."""
        event = workshops.BookingRequested.model_validate(
            {
                **BOOKING,
                "booking_id": new_id(),
                "workshop_id": new_id(),
                "owner_id": self.college,
                "booker_id": self.firm,
                "answer_due_at": self.service.clock() + timedelta(days=2),
                **changes,
            }
        )
        await self.hear(event, told_at)
        return event.booking_id

    async def confirm(self, booking_id: UUID, told_at: datetime | None = None) -> None:
        """The booking is confirmed."""
        event = workshops.BookingConfirmed.model_validate(
            {**BOOKING, **self._sides(booking_id), "workshop_id": new_id()}
        )
        await self.hear(event, told_at)

    async def decline(self, booking_id: UUID) -> None:
        """The request is declined."""
        await self.hear(workshops.BookingDeclined(**self._sides(booking_id), workshop_id=new_id()))

    def _sides(self, booking_id: UUID) -> dict[str, UUID]:
        return {"booking_id": booking_id, "owner_id": self.college, "booker_id": self.firm}

    async def activate(self, *party_ids: UUID) -> UUID:
        """An agreement binds these members."""
        event = membership.AgreementActivated(
            agreement_id=new_id(),
            kind="services",
            party_ids=party_ids,
            valid_from=date(2026, 1, 1),
            valid_to=date(2030, 1, 1),
        )
        await self.hear(event)
        return event.agreement_id

    def as_(self, person_id: UUID, member_id: UUID | None = None) -> dict[str, str]:
        """The headers of the person, whatever the roles: the inbox is asked by person."""
        role = Role.ADMINISTRATOR if member_id is None else Role.COORDINATOR
        return self.service.as_(member_id, role, person_id=person_id)

    async def get(self, person_id: UUID, path: str, **query: Any) -> httpx.Response:
        """The person looks something up."""
        return await self.service.client.get(
            f"{API}{path}", headers=self.as_(person_id), params=query
        )

    async def post(self, person_id: UUID, path: str) -> httpx.Response:
        """The person asks for something."""
        return await self.service.client.post(f"{API}{path}", headers=self.as_(person_id))

    async def inbox(self, person_id: UUID, **query: Any) -> list[dict[str, Any]]:
        """What stands in the person's inbox."""
        answer = await self.get(person_id, "/notices", **query)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    async def kinds(self, person_id: UUID, **query: Any) -> list[str]:
        """The kinds of what stands in the person's inbox."""
        return [item["kind"] for item in await self.inbox(person_id, **query)]

    async def mailings(self, purpose: str | None = None, of: UUID | None = None) -> list[Any]:
        """What is to be mailed, in the order of its time."""
        return list(
            await self.service.sql(
                "SELECT * FROM mailings WHERE ended_at IS NULL AND ($1::text IS NULL"
                " OR purpose = $1) AND ($2::uuid IS NULL OR person_id = $2) ORDER BY due_at, id",
                purpose,
                of,
            )
        )
