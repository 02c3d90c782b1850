"""What the rules are asked about: members, agreements, workshops, bookings."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from shared.russia.vat import VatRegime

WORKPLACES_MAX = 1000
"""The most workplaces that a workshop has."""


class Span(NamedTuple):
    """A stretch of time, `[starts_at, ends_at)`, in UTC."""

    starts_at: datetime
    ends_at: datetime

    @property
    def minutes(self) -> int:
        """Its length in whole minutes."""
        return int((self.ends_at - self.starts_at) / timedelta(minutes=1))


class AgreementKind(StrEnum):
    """On what legal ground a member uses another's equipment (domain.md 2)."""

    NETWORK_FORM = "network_form"
    SERVICES = "services"
    LEASE = "lease"
    FREE_USE = "free_use"


class Approval(StrEnum):
    """How a booking of the workshop is confirmed: at once, or by its owner."""

    INSTANT = "instant"
    MANUAL = "manual"


class Status(StrEnum):
    """What has become of a booking."""

    REQUESTED = "requested"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    LAPSED = "lapsed"
    CHECKED_IN = "checked_in"
    COMPLETED = "completed"
    NO_SHOW = "no_show"
    DISPLACED = "displaced"


@dataclass(frozen=True, slots=True)
class Member:
    """A member as membership told of it; from `leaving_on` on it takes no part (R5.1)."""

    id: UUID
    is_state: bool
    vat_regime: VatRegime
    leaving_on: date | None
    suspended_on: date | None = None
    """From this day to `suspended_until`, both included, it takes on nothing new (R5.3)."""
    suspended_until: date | None = None


@dataclass(frozen=True, slots=True)
class Agreement:
    """An agreement that all its parties signed; both dates are included."""

    id: UUID
    kind: AgreementKind
    party_ids: frozenset[UUID]
    valid_from: date
    valid_to: date
    ended_on: date | None = None
    is_free: bool = False
    """The parties agreed that what is used on it costs nothing."""


@dataclass(frozen=True, slots=True)
class Hours:
    """One weekday's opening, in minutes of the local day; Monday is 0, midnight at its end 1440."""

    weekday: int
    opens: int
    closes: int


@dataclass(frozen=True, slots=True)
class Bell:
    """One pair of a site's day, in minutes of the local day, from its first bell to its last."""

    pair: int
    opens: int
    closes: int


@dataclass(frozen=True, slots=True)
class Tariff:
    """What a workplace-hour costs before VAT, in kopecks, from an instant on."""

    net_kopecks: int
    valid_from_at: datetime


@dataclass(frozen=True, slots=True)
class Machine:
    """A named machine; one that stands at a workplace takes that place when it is booked."""

    id: UUID
    is_at_workplace: bool


@dataclass(frozen=True, slots=True)
class Workshop:
    """What can be booked, and when."""

    id: UUID
    owner_id: UUID
    pool_id: UUID
    workplaces: int
    approval: Approval
    time_zone: str
    hours: tuple[Hours, ...]
    tariffs: tuple[Tariff, ...]
    machines: tuple[Machine, ...] = ()


@dataclass(frozen=True, slots=True)
class Ask:
    """What a member asks for."""

    booker_id: UUID
    span: Span
    workplaces: int
    machine_ids: tuple[UUID, ...] = ()
    agreement_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Booking:
    """A booking as the rules see it."""

    id: UUID
    owner_id: UUID
    booker_id: UUID
    status: Status
    span: Span
    workplaces: int
    answer_due_at: datetime | None
    agreement: Agreement | None
    net_per_workplace_hour_kopecks: int
