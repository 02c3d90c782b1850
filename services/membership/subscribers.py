"""What membership hears: the council's seats and decisions, and what is still open between members."""

from contracts import council, finance, workshops
from contracts.asked import AddressAsked, Contact, LetterAsked, LetterContents
from services.membership.commands import council as seats
from services.membership.commands.decisions import carry_out
from services.membership.commands.matters import close_matter, open_matter
from services.membership.domain.agreements import day_after
from services.membership.domain.council import Duty, Seat
from services.membership.domain.decisions import Decision
from services.membership.queries import contacts
from shared.asking import Answers
from shared.database import Transaction
from shared.listener import Hear

hear = Hear("membership")
answers = Answers("membership")


@hear.on(council.DecisionAdopted)
async def on_decision_adopted(event: council.DecisionAdopted, tx: Transaction) -> None:
    """What is membership's to carry out is carried out or not, and answered."""
    due_on = event.due_on
    if event.kind == "end_cluster" and due_on is not None:
        due_on = day_after(due_on)  # told is the last day, asked for the first without a cluster
    decision = Decision(
        id=event.decision_id,
        kind=event.kind,
        is_binding=event.force == "binding",
        subject_id=event.subject_id,
        due_on=due_on,
        ground=event.ground,
        parameter=event.parameter,
        value=event.value,
        adopted_on=event.adopted_on,
    )
    await carry_out(tx, decision)


@hear.on(council.SeatTaken)
async def on_seat_taken(event: council.SeatTaken, tx: Transaction) -> None:
    """A person acts in the council on these days (R4.2)."""
    seat = Seat(
        event.seat_id,
        event.person_id,
        event.member_id,
        Duty(event.duty),
        event.from_on,
        event.until_on,
    )
    await seats.take(tx, seat)


@hear.on(council.SeatVacated)
async def on_seat_vacated(event: council.SeatVacated, tx: Transaction) -> None:
    """A person acts in the council no more."""
    await seats.vacate(tx, event.seat_id, event.person_id, event.until_on)


@hear.on(workshops.BookingRequested)
async def on_booking_requested(event: workshops.BookingRequested, tx: Transaction) -> None:
    """A request waits for an answer."""
    sides = {"booker": event.booker_id, "owner": event.owner_id}
    await open_matter(tx, "request", event.booking_id, sides)


@hear.on(workshops.BookingConfirmed)
async def on_booking_confirmed(event: workshops.BookingConfirmed, tx: Transaction) -> None:
    """What is confirmed lives on, whoever leaves (R5.1)."""
    sides = {"booker": event.booker_id, "owner": event.owner_id}
    await open_matter(tx, "booking", event.booking_id, sides)


@hear.on(workshops.BookingDeclined)
async def on_booking_declined(event: workshops.BookingDeclined, tx: Transaction) -> None:
    """Nothing comes of the request."""
    await close_matter(tx, event.booking_id)


@hear.on(workshops.BookingCancelled)
async def on_booking_cancelled(event: workshops.BookingCancelled, tx: Transaction) -> None:
    """One side called it off."""
    await close_matter(tx, event.booking_id)


@hear.on(workshops.BookingLapsed)
async def on_booking_lapsed(event: workshops.BookingLapsed, tx: Transaction) -> None:
    """Nobody answered in time."""
    await close_matter(tx, event.booking_id)


@hear.on(workshops.BookingCompleted)
async def on_booking_completed(event: workshops.BookingCompleted, tx: Transaction) -> None:
    """The use is over; what is owed for it is finance's to tell."""
    await close_matter(tx, event.booking_id)


@hear.on(finance.ObligationIncurred)
async def on_obligation_incurred(event: finance.ObligationIncurred, tx: Transaction) -> None:
    """One member owes another."""
    sides = {"debtor": event.debtor_id, "creditor": event.creditor_id}
    await open_matter(tx, "obligation", event.obligation_id, sides)


@hear.on(finance.ObligationReversed)
async def on_obligation_reversed(event: finance.ObligationReversed, tx: Transaction) -> None:
    """The creditor took it back."""
    await close_matter(tx, event.obligation_id)


@answers.on(AddressAsked)
async def say_address(question: AddressAsked, tx: Transaction) -> Contact | None:
    """Where the person reads mail; nothing for one who has no account."""
    found = await contacts.contact(tx, question.person_id, question.member_ids)
    return None if found is None else Contact.model_validate(found)


@answers.on(LetterAsked)
async def say_letter(question: LetterAsked, tx: Transaction) -> LetterContents | None:
    """What stands in the letter; nothing for one whose time is over."""
    found = await contacts.letter(tx, question.letter_id)
    return None if found is None else LetterContents.model_validate(found)
