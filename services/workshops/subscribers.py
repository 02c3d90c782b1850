"""What workshops hears: who takes part, and which agreements bind whom."""

from contracts import membership
from services.workshops.commands import heard
from shared.database import Transaction
from shared.listener import Hear

hear = Hear("workshops")


@hear.on(membership.MemberJoined)
async def on_member_joined(event: membership.MemberJoined, tx: Transaction) -> None:
    """A member can book and be booked from now on."""
    await heard.know_member(tx, event)


@hear.on(membership.WithdrawalAnnounced)
async def on_withdrawal_announced(event: membership.WithdrawalAnnounced, tx: Transaction) -> None:
    """Nothing new is booked for the day of the withdrawal or later (R5.1)."""
    await heard.know_withdrawal(tx, event.member_id, event.effective_on)


@hear.on(membership.MemberWithdrawn)
async def on_member_withdrawn(event: membership.MemberWithdrawn, tx: Transaction) -> None:
    """Its requests and those at its workshops lapse; what is confirmed lives on."""
    await heard.know_withdrawal(tx, event.member_id, event.withdrawn_on)


@hear.on(membership.MemberSuspended)
async def on_member_suspended(event: membership.MemberSuspended, tx: Transaction) -> None:
    """Nothing new is booked by it or at it meanwhile; what stands lives on (R5.3)."""
    await heard.know_suspension(tx, event.member_id, event.suspended_on, event.suspended_until)


@hear.on(membership.MemberRestored)
async def on_member_restored(event: membership.MemberRestored, tx: Transaction) -> None:
    """The member books, and is booked, as before."""
    await heard.know_suspension(tx, event.member_id, None, None)


@hear.on(membership.AgreementActivated)
async def on_agreement_activated(event: membership.AgreementActivated, tx: Transaction) -> None:
    """Bookings may stand on the agreement from now on."""
    await heard.know_agreement(tx, event)


@hear.on(membership.AgreementProlonged)
async def on_agreement_prolonged(event: membership.AgreementProlonged, tx: Transaction) -> None:
    """Bookings may stand on the agreement for longer."""
    await heard.know_longer_term(tx, event.agreement_id, event.valid_to)


@hear.on(membership.AgreementNoticeGiven)
async def on_agreement_notice_given(
    event: membership.AgreementNoticeGiven, tx: Transaction
) -> None:
    """No booking may stand on the agreement from a day on."""
    await heard.know_end_of_agreement(tx, event.agreement_id, event.ends_on)


@hear.on(membership.AgreementEnded)
async def on_agreement_ended(event: membership.AgreementEnded, tx: Transaction) -> None:
    """No booking may stand on the agreement any more."""
    await heard.know_end_of_agreement(tx, event.agreement_id, event.ended_on)


@hear.on(membership.PersonErased)
async def on_person_erased(event: membership.PersonErased, tx: Transaction) -> None:
    """The calendars that the person made lead nowhere any more; bookings stay by id."""
    await heard.forget_person(tx, event.person_id)


@hear.on(membership.DemoLaid)
async def on_demo_laid(event: membership.DemoLaid, tx: Transaction) -> None:
    """All demo members and agreements are known here."""
    await heard.reach(tx, "demo-heard")
