"""Bookings: one member uses another's workshop under their agreement (R3.2), step by step."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.workshops.domain.facts import (
    Agreement,
    Approval,
    Ask,
    Booking,
    Member,
    Span,
    Status,
    Workshop,
)
from services.workshops.domain.opening import is_open
from services.workshops.domain.places import GRAIN
from services.workshops.domain.price import Price, price_of_use, tariff_at
from shared.refusal import Invalid, NotFound, Refusal, RoleIsMissing, WrongStatus
from shared.russia.calendar import add_working_days, end_of_day, moscow_date


@dataclass(frozen=True, slots=True)
class Regulation:
    """What is fixed for now; the council's dated parameters will stand here."""

    answer_working_days: int = 3
    horizon: timedelta = timedelta(days=365)
    longest: timedelta = timedelta(hours=24)


REGULATION = Regulation()
HELD = frozenset({Status.REQUESTED, Status.CONFIRMED, Status.CHECKED_IN, Status.COMPLETED})
"""The statuses in which a booking has its places."""


class MemberIsNotActive(Refusal):
    """One of the two members takes no part in the cluster on these dates."""

    code = "member-not-active"
    clause = "R5.1"


class MemberIsSuspended(Refusal):
    """By decision of the council one of the two members takes on nothing new for now."""

    code = "member-suspended"
    clause = "R5.3"


class NoAgreementCoversIt(Refusal):
    """The two members have no active agreement that covers these dates."""

    code = "no-agreement"
    clause = "R3.2"


class SeveralAgreementsCoverIt(Invalid):
    """Several agreements cover these dates; say which one the booking stands on."""

    code = "agreement-ambiguous"


class WorkshopIsClosed(Refusal):
    """The workshop is not open, or not open for booking, at this time."""

    code = "not-open"


class StartHasPassed(Refusal):
    """This time has begun already."""

    code = "too-late"


class SlotIsTaken(Refusal):
    """Not enough workplaces, or a machine that was asked for is taken, at this time."""

    code = "slot-taken"


class OnlyTheOwner(RoleIsMissing):
    """Only the member who owns the workshop decides this."""

    code = "only-the-owner"


class ItHasNotBegun(Refusal):
    """Check-in and completion are possible from the start of the booking on."""

    code = "too-early"


@dataclass(frozen=True, slots=True)
class Booked:
    """The decision that a booking may stand, if its places can be had."""

    status: Status
    workplaces: int
    agreement: Agreement | None
    answer_due_at: datetime | None
    net_per_workplace_hour_kopecks: int
    price: Price


def check_times(span: Span) -> None:
    """Raises Invalid unless the span is a sensible one on five-minute bounds."""
    if span.ends_at <= span.starts_at:
        raise Invalid("The end has to be after the start.", at="body.ends_at")
    if span.ends_at - span.starts_at > REGULATION.longest:
        raise Invalid("A booking is at most 24 hours long.", at="body.ends_at")
    for moment, field in ((span.starts_at, "starts_at"), (span.ends_at, "ends_at")):
        if moment.timestamp() % GRAIN.total_seconds():
            raise Invalid("Start and end stand on five minutes.", at=f"body.{field}")


def require_known(ask: Ask, workshop: Workshop, agreements: list[Agreement]) -> None:
    """Raises SeveralAgreementsCoverIt, or NotFound for what is not the booker's to know.

    To be asked before the booker's role is: 422 and 404 come before 403.
    """
    _covering(ask, workshop, agreements)
    known = {machine.id for machine in workshop.machines}
    if not known.issuperset(ask.machine_ids):
        raise NotFound("The workshop has no such equipment.")
    if ask.agreement_id is not None and not any(a.id == ask.agreement_id for a in agreements):
        raise NotFound("There is no such agreement, or it is not yours to know.")


def book(
    ask: Ask,
    workshop: Workshop,
    owner: Member | None,
    booker: Member | None,
    agreements: list[Agreement],
    now: datetime,
) -> Booked:
    """What becomes of the ask; whether its places are free, only the database can say.

    `agreements` are those to which the booker is a party. Raises, in this order, MemberIsNotActive,
    NoAgreementCoversIt, WorkshopIsClosed, StartHasPassed, SlotIsTaken.
    """
    require_active(owner, ask.span, now)
    require_active(booker, ask.span, now)
    agreement = agreement_for(ask, workshop, agreements)
    if ask.span.ends_at > now + REGULATION.horizon:
        raise WorkshopIsClosed("Bookings are taken up to a year ahead.")
    if not is_open(workshop.hours, workshop.time_zone, ask.span):
        raise WorkshopIsClosed
    if ask.span.starts_at <= now:
        raise StartHasPassed
    workplaces = places_needed(ask, workshop)
    if workplaces > workshop.workplaces:
        raise SlotIsTaken(
            f"The workshop has {workshop.workplaces} workplaces.",
            workplaces=workshop.workplaces,
        )
    assert owner is not None
    is_own = ask.booker_id == workshop.owner_id
    waits = workshop.approval is Approval.MANUAL and not is_own
    return Booked(
        status=Status.REQUESTED if waits else Status.CONFIRMED,
        workplaces=workplaces,
        agreement=agreement,
        answer_due_at=answer_due_at(ask.span, now) if waits else None,
        net_per_workplace_hour_kopecks=tariff_at(workshop.tariffs, ask.span.starts_at),
        price=price_of_ask(ask, workshop, owner, agreement),
    )


def places_needed(ask: Ask, workshop: Workshop) -> int:
    """How many workplaces the ask takes: a machine that stands at one takes that one too."""
    at_workplaces = sum(
        machine.is_at_workplace for machine in workshop.machines if machine.id in ask.machine_ids
    )
    return max(ask.workplaces, at_workplaces)


def price_of_ask(ask: Ask, workshop: Workshop, owner: Member, agreement: Agreement | None) -> Price:
    """What the ask costs on this agreement, by the tariff of its start."""
    return price_of_use(
        kind=agreement.kind if agreement else None,
        is_free=agreement is not None and agreement.is_free,
        owner=owner,
        net_per_workplace_hour_kopecks=tariff_at(workshop.tariffs, ask.span.starts_at),
        workplaces=places_needed(ask, workshop),
        minutes=ask.span.minutes,
        used_on=moscow_date(ask.span.starts_at),
    )


def is_active(member: Member, on: date) -> bool:
    """Whether the member takes part on a date: up to the day before its withdrawal (R5.1)."""
    return member.leaving_on is None or on < member.leaving_on


def is_suspended(member: Member, on: date) -> bool:
    """Whether by decision of the council the member takes on nothing new that day (R5.3)."""
    if member.suspended_on is None or on < member.suspended_on:
        return False
    return member.suspended_until is None or on <= member.suspended_until


def require_active(member: Member | None, span: Span, now: datetime) -> None:
    """Raises unless the member takes part today and through the whole span.

    MemberIsNotActive where it does not (R5.1), MemberIsSuspended while it takes on nothing new.
    """
    last_on = moscow_date(span.ends_at - timedelta(microseconds=1))
    if member is None or not (is_active(member, moscow_date(now)) and is_active(member, last_on)):
        raise MemberIsNotActive
    if is_suspended(member, moscow_date(now)):
        raise MemberIsSuspended


def agreement_for(ask: Ask, workshop: Workshop, agreements: list[Agreement]) -> Agreement | None:
    """The one active agreement of the two members that covers the dates; the owner needs none."""
    if ask.booker_id == workshop.owner_id:
        return None
    covering = _covering(ask, workshop, agreements)
    if not covering:
        raise NoAgreementCoversIt
    return covering[0]


def _covering(ask: Ask, workshop: Workshop, agreements: list[Agreement]) -> list[Agreement]:
    """The agreement that covers the ask, or none; raises SeveralAgreementsCoverIt."""
    if ask.booker_id == workshop.owner_id:
        return []
    found = [
        agreement
        for agreement in agreements
        if ask.agreement_id in (None, agreement.id)
        and agreement.party_ids >= {ask.booker_id, workshop.owner_id}
        and covers(agreement, ask.span)
    ]
    if len(found) > 1:
        raise SeveralAgreementsCoverIt(
            SeveralAgreementsCoverIt.title(),
            at="body.agreement_id",
            agreement_ids=sorted(str(agreement.id) for agreement in found),
        )
    return found


def covers(agreement: Agreement, span: Span) -> bool:
    """Whether the agreement binds on every date of the span."""
    first = moscow_date(span.starts_at)
    last = moscow_date(span.ends_at - timedelta(microseconds=1))
    is_within = agreement.valid_from <= first and last <= agreement.valid_to
    return is_within and (agreement.ended_on is None or last < agreement.ended_on)


def answer_due_at(span: Span, now: datetime) -> datetime:
    """Until when the owner may answer: the end of the third working day, or the start if earlier.

    A term of days may be kept until 24:00 of its last day (Civil Code art. 191, 194).
    """
    last_on = add_working_days(moscow_date(now), REGULATION.answer_working_days)
    return min(end_of_day(last_on), span.starts_at)


def approve(booking: Booking, owner: Member | None, booker: Member | None, now: datetime) -> Status:
    """The owner says yes. Raises WrongStatus, MemberIsNotActive, NoAgreementCoversIt."""
    _require_unanswered(booking, now)
    require_active(owner, booking.span, now)
    require_active(booker, booking.span, now)
    if booking.agreement is not None and not covers(booking.agreement, booking.span):
        raise NoAgreementCoversIt
    return Status.CONFIRMED


def decline(booking: Booking, now: datetime) -> Status:
    """The owner says no. Raises WrongStatus."""
    _require_unanswered(booking, now)
    return Status.DECLINED


def cancel(booking: Booking, now: datetime) -> Status:
    """Either side may cancel until the check-in, free of charge. Raises WrongStatus."""
    if booking.status is Status.REQUESTED:
        _require_unanswered(booking, now)
    elif booking.status is not Status.CONFIRMED:
        raise _wrong(booking)
    return Status.CANCELLED


def lapses(booking: Booking, owner: Member | None, booker: Member | None, now: datetime) -> bool:
    """Whether a request has lapsed: nobody answered in time, or one side takes no part any more."""
    if booking.status is not Status.REQUESTED:
        return False
    today = moscow_date(now)
    is_left = any(member is None or not is_active(member, today) for member in (owner, booker))
    return is_left or _is_overdue(booking, now)


def check_in(booking: Booking, now: datetime, *, at_any_time: bool = False) -> Status:
    """The use begins. Raises WrongStatus, ItHasNotBegun."""
    if booking.status is not Status.CONFIRMED:
        raise _wrong(booking)
    _require_begun(booking, now, at_any_time=at_any_time)
    return Status.CHECKED_IN


def complete(
    booking: Booking,
    owner: Member,
    actual_minutes: int,
    now: datetime,
    *,
    at_any_time: bool = False,
) -> Price:
    """The use is over: what was used is charged. Raises Invalid, WrongStatus, ItHasNotBegun."""
    if not 0 <= actual_minutes <= booking.span.minutes:
        raise Invalid(
            f"The use was at most {booking.span.minutes} minutes long, as booked.",
            at="body.actual_minutes",
        )
    if booking.status is not Status.CHECKED_IN:
        raise _wrong(booking)
    _require_begun(booking, now, at_any_time=at_any_time)
    return price_of_use(
        kind=booking.agreement.kind if booking.agreement else None,
        is_free=booking.agreement is not None and booking.agreement.is_free,
        owner=owner,
        net_per_workplace_hour_kopecks=booking.net_per_workplace_hour_kopecks,
        workplaces=booking.workplaces,
        minutes=actual_minutes,
        used_on=moscow_date(booking.span.starts_at),
    )


def _is_overdue(booking: Booking, now: datetime) -> bool:
    return booking.answer_due_at is not None and booking.answer_due_at <= now


def _require_unanswered(booking: Booking, now: datetime) -> None:
    if booking.status is not Status.REQUESTED:
        raise _wrong(booking)
    if _is_overdue(booking, now):
        raise WrongStatus(
            "The time to answer is over: the request lapses.", booking_status="lapsed"
        )


def _require_begun(booking: Booking, now: datetime, *, at_any_time: bool) -> None:
    if not at_any_time and now < booking.span.starts_at:
        raise ItHasNotBegun(starts_at=booking.span.starts_at)


def _wrong(booking: Booking) -> WrongStatus:
    return WrongStatus(f"The booking is {booking.status}.", booking_status=str(booking.status))
