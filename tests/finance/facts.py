"""What tests of finance stand on: members that are known there, and uses that are told to it."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from contracts.event import Event, Header
from contracts.membership import MemberJoined
from contracts.workshops import BookingCompleted
from shared.ids import new_id
from shared.inbox import Message
from tests.harness import Running


def message_of(event: Event, event_id: UUID | None = None) -> Message:
    """The event as it comes off the bus."""
    headers = {
        Header.ID: str(event_id or new_id()),
        Header.SUBJECT: str(event.aggregate_id),
        Header.TYPE: event.subject,
    }
    return Message.of(event.subject, event.model_dump_json().encode(), headers, "TEST/1")


def joined(member_id: UUID) -> MemberJoined:
    """A member takes part."""
    return MemberJoined(
        member_id=member_id,
        slug="member",
        kind="college",
        is_state=True,
        vat_regime="general",
        joined_on=date(2026, 1, 1),
    )


def completed(*, booker_id: UUID, owner_id: UUID, **changes: Any) -> BookingCompleted:
    """A use is over: two places for an hour and a half, at 22 % VAT unless told otherwise."""
    return BookingCompleted.model_validate(
        {
            "booking_id": new_id(),
            "workshop_id": new_id(),
            "owner_id": owner_id,
            "booker_id": booker_id,
            "agreement_id": new_id(),
            "agreement_kind": "services",
            "used_at": datetime(2026, 9, 1, 9, tzinfo=UTC),
            "completed_at": datetime(2026, 9, 1, 11, tzinfo=UTC),
            "workplaces": 2,
            "actual_minutes": 90,
            "net_kopecks": 135_000,
            "vat_kopecks": 29_700,
            "amount_kopecks": 164_700,
            "vat_rate_percent": 22,
            "vat_reason": "НДС 22 %",
            **changes,
        }
    )


FREE = {"net_kopecks": 0, "vat_kopecks": 0, "amount_kopecks": 0, "vat_rate_percent": None}
"""The sums of a use in network form of state property."""


def of_amount(kopecks: int) -> dict[str, Any]:
    """Sums without VAT."""
    return {**FREE, "net_kopecks": kopecks, "amount_kopecks": kopecks}


class Known:
    """A firm that uses, a college that owns, and a stranger to both."""

    def __init__(self, service: Running) -> None:
        self.service = service
        self.firm, self.college, self.stranger = (new_id() for _ in range(3))

    async def lay(self) -> "Known":
        """All three are known."""
        for member_id in (self.firm, self.college, self.stranger):
            await self.hear(joined(member_id))
        return self

    async def hear(self, event: Event, event_id: UUID | None = None) -> None:
        """Finance hears the event."""
        await self.service.runtime.inbox.take(message_of(event, event_id))

    async def charge(
        self, *, booker_id: UUID | None = None, owner_id: UUID | None = None, **changes: Any
    ) -> UUID:
        """A use of the college's workshop by the firm is over; returns the obligation's id."""
        event = completed(
            booker_id=booker_id or self.firm, owner_id=owner_id or self.college, **changes
        )
        await self.hear(event)
        rows = await self.service.sql(
            "SELECT id FROM obligations WHERE basis_id = $1", event.booking_id
        )
        assert len(rows) == 1, await self.service.sql("SELECT error FROM parked")
        obligation_id: UUID = rows[0]["id"]
        return obligation_id
