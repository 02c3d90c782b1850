"""What workshops tells: what can be booked, and what became of each booking."""

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from contracts.event import Event, Instant
from contracts.membership import AgreementKind


class SiteOpened(Event):
    """A member offers a place with opening hours, at which workshops can be opened."""

    subject: ClassVar[str] = "workshops.site.opened.v1"
    aggregate: ClassVar[str] = "site_id"

    site_id: UUID
    owner_id: UUID


class BellsSet(Event):
    """The site has another bell plan from now on; bookings keep their times."""

    subject: ClassVar[str] = "workshops.bells.set.v1"
    aggregate: ClassVar[str] = "site_id"

    site_id: UUID
    owner_id: UUID


class WorkshopOpened(Event):
    """A workshop can be booked from now on, up to `workplaces` people at a time."""

    subject: ClassVar[str] = "workshops.workshop.opened.v1"
    aggregate: ClassVar[str] = "workshop_id"

    workshop_id: UUID
    site_id: UUID
    owner_id: UUID
    workplaces: int
    approval: Literal["instant", "manual"]


class EquipmentInstalled(Event):
    """A named machine stands in the workshop and can be booked by name."""

    subject: ClassVar[str] = "workshops.equipment.installed.v1"
    aggregate: ClassVar[str] = "workshop_id"

    workshop_id: UUID
    equipment_id: UUID
    owner_id: UUID


class TariffSet(Event):
    """From `valid_from_at` on a workplace-hour costs `net_kopecks`, before VAT."""

    subject: ClassVar[str] = "workshops.tariff.set.v1"
    aggregate: ClassVar[str] = "workshop_id"

    workshop_id: UUID
    owner_id: UUID
    net_kopecks: int
    valid_from_at: Instant


class TimetableReplaced(Event):
    """The owner's own lessons at the site, from `first_on` to `last_on`, are others from now on.

    Said when something came or went. The lessons take workplaces as bookings do; which they are
    is the owner's to know.
    """

    subject: ClassVar[str] = "workshops.timetable.replaced.v1"
    aggregate: ClassVar[str] = "site_id"

    site_id: UUID
    owner_id: UUID
    first_on: date
    last_on: date
    added: int
    removed: int
    unchanged: int


class BookingRequested(Event):
    """A member asks for places and holds them until the owner answers or `answer_due_at`."""

    subject: ClassVar[str] = "workshops.booking.requested.v1"
    aggregate: ClassVar[str] = "booking_id"

    booking_id: UUID
    workshop_id: UUID
    owner_id: UUID
    booker_id: UUID
    agreement_id: UUID | None
    starts_at: Instant
    ends_at: Instant
    workplaces: int
    equipment_ids: tuple[UUID, ...]
    answer_due_at: Instant


class BookingConfirmed(Event):
    """The places are the booker's. Said once per booking, at once or when the owner approves."""

    subject: ClassVar[str] = "workshops.booking.confirmed.v1"
    aggregate: ClassVar[str] = "booking_id"

    booking_id: UUID
    workshop_id: UUID
    owner_id: UUID
    booker_id: UUID
    agreement_id: UUID | None
    starts_at: Instant
    ends_at: Instant
    workplaces: int
    equipment_ids: tuple[UUID, ...]


class BookingDeclined(Event):
    """The owner declined a request; its places are free again."""

    subject: ClassVar[str] = "workshops.booking.declined.v1"
    aggregate: ClassVar[str] = "booking_id"

    booking_id: UUID
    workshop_id: UUID
    owner_id: UUID
    booker_id: UUID


class BookingCancelled(Event):
    """One side cancelled a request or a confirmed booking; its places are free again."""

    subject: ClassVar[str] = "workshops.booking.cancelled.v1"
    aggregate: ClassVar[str] = "booking_id"

    booking_id: UUID
    workshop_id: UUID
    owner_id: UUID
    booker_id: UUID
    by: Literal["booker", "owner"]


class BookingLapsed(Event):
    """A request was not answered in time, or one side left (R5.1); its places are free again."""

    subject: ClassVar[str] = "workshops.booking.lapsed.v1"
    aggregate: ClassVar[str] = "booking_id"

    booking_id: UUID
    workshop_id: UUID
    owner_id: UUID
    booker_id: UUID


class BookingCheckedIn(Event):
    """The booker's people are there and the use has begun."""

    subject: ClassVar[str] = "workshops.booking.checked_in.v1"
    aggregate: ClassVar[str] = "booking_id"

    booking_id: UUID
    workshop_id: UUID
    owner_id: UUID
    booker_id: UUID
    checked_in_at: Instant


class BookingCompleted(Event):
    """The use is over, and this is what is owed for it. Said once per booking.

    Sums are kopecks: `net` + `vat` = `amount`. `vat_rate_percent` is empty where no VAT is
    charged; `vat_reason` says why in Russian, as it is printed on documents. `used_at` is the
    start of the use: its Moscow date is the date of the service. Who hears this never computes
    VAT again. Booker and owner may be one member, who then owes nothing.
    """

    subject: ClassVar[str] = "workshops.booking.completed.v1"
    aggregate: ClassVar[str] = "booking_id"

    booking_id: UUID
    workshop_id: UUID
    owner_id: UUID
    booker_id: UUID
    agreement_id: UUID | None
    agreement_kind: AgreementKind | None
    used_at: Instant
    completed_at: Instant
    workplaces: int
    actual_minutes: int
    net_kopecks: int
    vat_kopecks: int
    amount_kopecks: int
    vat_rate_percent: int | None
    vat_reason: str


class DemoLaid(Event):
    """All demo data of workshops have been told before this. Said once, in demo mode only."""

    subject: ClassVar[str] = "workshops.demo.laid.v1"
    aggregate: ClassVar[str] = "demo_id"

    demo_id: UUID
