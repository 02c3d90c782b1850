"""What notices hears, and whom each fact concerns; the table of kinds says what is made of it."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from contracts import council, finance, membership, workshops
from services.notices.commands import heard
from services.notices.commands.telling import THE_COUNCIL, plan_letter, settle, tell, tell_people
from services.notices.domain.kinds import Kind
from shared.database import Transaction
from shared.listener import Hear

hear = Hear("notices")

MOSCOW = ZoneInfo("Europe/Moscow")


# --- who there is --------------------------------------------------------------------------------


@hear.on(membership.MemberJoined)
async def on_member_joined(event: membership.MemberJoined, tx: Transaction) -> None:
    """The member takes part from that day on."""
    await heard.know_member(tx, event.member_id, event.joined_on)
    others = await heard.other_members(tx, event.member_id)
    facts = {"member_id": event.member_id, "joined_on": event.joined_on}
    await tell(tx, Kind.MEMBER_JOINED, event.member_id, others, facts)


@hear.on(membership.WithdrawalAnnounced)
async def on_withdrawal_announced(event: membership.WithdrawalAnnounced, tx: Transaction) -> None:
    """A member leaves (R5.1): those who have an agreement with it are to know."""
    partners = await heard.partners_of(tx, event.member_id)
    facts = {"member_id": event.member_id, "effective_on": event.effective_on}
    await tell(tx, Kind.PARTNER_LEAVES, event.member_id, partners, facts)


@hear.on(membership.MemberWithdrawn)
async def on_member_withdrawn(event: membership.MemberWithdrawn, tx: Transaction) -> None:
    """The member takes no part from that day on."""
    await heard.see_member_off(tx, event.member_id, event.withdrawn_on)
    partners = await heard.partners_of(tx, event.member_id)
    facts = {"member_id": event.member_id, "withdrawn_on": event.withdrawn_on}
    await tell(tx, Kind.PARTNER_LEFT, event.member_id, partners, facts)


@hear.on(membership.RolesGranted)
async def on_roles_granted(event: membership.RolesGranted, tx: Transaction) -> None:
    """A person may act for a member in these roles; this is how notices knows whom to tell."""
    await heard.know_roles(tx, event.person_id, event.member_id, frozenset(event.roles))


@hear.on(membership.PersonsMerged)
async def on_persons_merged(event: membership.PersonsMerged, tx: Transaction) -> None:
    """What was told to one of the ids is the other's to read."""
    await heard.merge_persons(tx, event.kept_id, event.merged_id)


@hear.on(membership.PersonErased)
async def on_person_erased(event: membership.PersonErased, tx: Transaction) -> None:
    """Nobody is told anything under this id any more, and what was told is gone."""
    await heard.forget_person(tx, event.person_id)


@hear.on(membership.DemoLaid)
async def on_demo_laid(event: membership.DemoLaid, tx: Transaction) -> None:
    """All demo members are known here."""
    await heard.reach(tx, "demo-heard")


@hear.on(membership.LetterWritten)
async def on_letter_written(event: membership.LetterWritten, tx: Transaction) -> None:
    """The letter goes out as soon as it may; what stands in it is asked for then."""
    await plan_letter(tx, event.letter_id)


# --- agreements ----------------------------------------------------------------------------------


Made = membership.AgreementMade | membership.AgreementMadeV2
Activated = membership.AgreementActivated | membership.AgreementActivatedV2


@hear.on(membership.AgreementMade)
async def on_agreement_made(event: membership.AgreementMade, tx: Transaction) -> None:
    """Whoever has not signed is asked to."""
    await _ask_to_sign(event, tx)


@hear.on(membership.AgreementMadeV2)
async def on_agreement_made_v2(event: membership.AgreementMadeV2, tx: Transaction) -> None:
    """The same, for the kinds that version 1 does not know."""
    await _ask_to_sign(event, tx)


async def _ask_to_sign(event: Made, tx: Transaction) -> None:
    if event.maker_id is not None:
        others = [party_id for party_id in event.party_ids if party_id != event.maker_id]
        facts = {"maker_id": event.maker_id, **_term(event)}
        await tell(tx, Kind.AGREEMENT_TO_SIGN, event.agreement_id, others, facts)


@hear.on(membership.AgreementActivated)
async def on_agreement_activated(event: membership.AgreementActivated, tx: Transaction) -> None:
    """All have signed."""
    await _know_active(event, tx)


@hear.on(membership.AgreementActivatedV2)
async def on_agreement_activated_v2(
    event: membership.AgreementActivatedV2, tx: Transaction
) -> None:
    """The same, for the kinds that version 1 does not know."""
    await _know_active(event, tx)


async def _know_active(event: Activated, tx: Transaction) -> None:
    await heard.know_agreement(tx, event.agreement_id, event.party_ids)
    await settle(tx, event.agreement_id, Kind.AGREEMENT_TO_SIGN)
    await tell(tx, Kind.AGREEMENT_ACTIVE, event.agreement_id, event.party_ids, _term(event))


@hear.on(membership.AgreementEndingSoon)
async def on_agreement_ending_soon(event: membership.AgreementEndingSoon, tx: Transaction) -> None:
    """The parties are reminded in time, also that they may still say no."""
    facts = {"valid_to_on": event.valid_to, "say_no_until_on": event.say_no_until_on}
    goes_on = event.say_no_until_on is not None
    kind = Kind.AGREEMENT_GOING_ON if goes_on else Kind.AGREEMENT_ENDING_SOON
    await tell(tx, kind, event.agreement_id, event.party_ids, facts)


@hear.on(membership.AgreementProlonged)
async def on_agreement_prolonged(event: membership.AgreementProlonged, tx: Transaction) -> None:
    """A further term has begun to be certain."""
    facts = {"valid_to_on": event.valid_to}
    await tell(tx, Kind.AGREEMENT_PROLONGED, event.agreement_id, event.party_ids, facts)


@hear.on(membership.AgreementProlongationDeclined)
async def on_agreement_prolongation_declined(
    event: membership.AgreementProlongationDeclined, tx: Transaction
) -> None:
    """The others are told who said no."""
    others = [party_id for party_id in event.party_ids if party_id != event.by_id]
    facts = {"by_id": event.by_id, "valid_to_on": event.valid_to}
    await tell(tx, Kind.AGREEMENT_DECLINED, event.agreement_id, others, facts)


@hear.on(membership.AgreementNoticeGiven)
async def on_agreement_notice_given(
    event: membership.AgreementNoticeGiven, tx: Transaction
) -> None:
    """The others are told who ends it, and when."""
    others = [party_id for party_id in event.party_ids if party_id != event.by_id]
    facts = {"by_id": event.by_id, "ends_on": event.ends_on}
    await tell(tx, Kind.AGREEMENT_NOTICE, event.agreement_id, others, facts)


@hear.on(membership.AgreementEnded)
async def on_agreement_ended(event: membership.AgreementEnded, tx: Transaction) -> None:
    """The agreement binds nobody any more."""
    parties = await heard.forget_agreement(tx, event.agreement_id)
    facts = {"ended_on": event.ended_on}
    await tell(tx, Kind.AGREEMENT_ENDED, event.agreement_id, parties, facts)


# --- joining and exclusion -----------------------------------------------------------------------


@hear.on(membership.ApplicationSubmitted)
async def on_application_submitted(event: membership.ApplicationSubmitted, tx: Transaction) -> None:
    """The secretary is to check the application."""
    await tell(tx, Kind.APPLICATION_SUBMITTED, event.application_id, THE_COUNCIL, {})


@hear.on(membership.ApplicationReturned)
async def on_application_returned(event: membership.ApplicationReturned, tx: Transaction) -> None:
    """It is the applicant's turn, who got a letter."""
    await settle(tx, event.application_id, Kind.APPLICATION_SUBMITTED, Kind.APPLICATION_CHECKED)


@hear.on(membership.ApplicationChecked)
async def on_application_checked(event: membership.ApplicationChecked, tx: Transaction) -> None:
    """The application is to be put before the council."""
    await settle(tx, event.application_id, Kind.APPLICATION_SUBMITTED)
    await tell(tx, Kind.APPLICATION_CHECKED, event.application_id, THE_COUNCIL, {})


@hear.on(membership.ApplicationRejected)
async def on_application_rejected(event: membership.ApplicationRejected, tx: Transaction) -> None:
    """Nothing comes of the application."""
    await settle(tx, event.application_id, Kind.APPLICATION_SUBMITTED, Kind.APPLICATION_CHECKED)


@hear.on(membership.CaseOpened)
async def on_case_opened(event: membership.CaseOpened, tx: Transaction) -> None:
    """The member is given notice of the case against it, and time to answer (R5.3)."""
    facts = {"answer_until_on": event.answer_until_on}
    due_at = _end_of(event.answer_until_on)
    await tell(tx, Kind.CASE_OPENED, event.case_id, [event.member_id], facts, due_at)


@hear.on(membership.CaseAnswered)
async def on_case_answered(event: membership.CaseAnswered, tx: Transaction) -> None:
    """The answer is on the file; the council may take the case."""
    await settle(tx, event.case_id, Kind.CASE_OPENED)
    facts = {"member_id": event.member_id}
    await tell(tx, Kind.CASE_ANSWERED, event.case_id, THE_COUNCIL, facts)


@hear.on(membership.CaseClosed)
async def on_case_closed(event: membership.CaseClosed, tx: Transaction) -> None:
    """The case was dropped."""
    await settle(tx, event.case_id, Kind.CASE_OPENED, Kind.CASE_ANSWERED)
    await tell(tx, Kind.CASE_CLOSED, event.case_id, [event.member_id], {})


@hear.on(membership.MemberSuspended)
async def on_member_suspended(event: membership.MemberSuspended, tx: Transaction) -> None:
    """By decision the member takes on nothing new."""
    facts = {"suspended_on": event.suspended_on}
    await tell(tx, Kind.MEMBER_SUSPENDED, event.member_id, [event.member_id], facts)


@hear.on(membership.MemberRestored)
async def on_member_restored(event: membership.MemberRestored, tx: Transaction) -> None:
    """The member takes part as before."""
    facts = {"restored_on": event.restored_on}
    await tell(tx, Kind.MEMBER_RESTORED, event.member_id, [event.member_id], facts)


@hear.on(membership.MemberExcluded)
async def on_member_excluded(event: membership.MemberExcluded, tx: Transaction) -> None:
    """The council excluded the member (R5.3)."""
    facts = {"excluded_on": event.excluded_on}
    await tell(tx, Kind.MEMBER_EXCLUDED, event.member_id, [event.member_id], facts)


# --- the council ---------------------------------------------------------------------------------


@hear.on(council.SeatTaken)
async def on_seat_taken(event: council.SeatTaken, tx: Transaction) -> None:
    """A person sits in the council."""
    facts = {"from_on": event.from_on}
    await tell_people(
        tx, Kind.SEAT_TAKEN, event.seat_id, [event.person_id], facts, member_id=event.member_id
    )


@hear.on(council.MeetingAnnounced)
async def on_meeting_announced(event: council.MeetingAnnounced, tx: Transaction) -> None:
    """Those who sit or are invited are called to the meeting."""
    facts = {"starts_at": event.starts_at}
    if event.starts_at > tx.now:
        await tell_people(tx, Kind.MEETING_ANNOUNCED, event.meeting_id, event.person_ids, facts)


@hear.on(council.MeetingMoved)
async def on_meeting_moved(event: council.MeetingMoved, tx: Transaction) -> None:
    """They are called to the other meeting instead."""
    facts = {"starts_at": event.starts_at}
    await settle(tx, event.meeting_id, Kind.MEETING_ANNOUNCED)
    if event.starts_at > tx.now:
        await tell_people(tx, Kind.MEETING_MOVED, event.successor_id, event.person_ids, facts)


@hear.on(council.MeetingCancelled)
async def on_meeting_cancelled(event: council.MeetingCancelled, tx: Transaction) -> None:
    """Nobody need come."""
    await settle(tx, event.meeting_id, Kind.MEETING_ANNOUNCED, Kind.MEETING_MOVED)
    await tell_people(tx, Kind.MEETING_CANCELLED, event.meeting_id, event.person_ids, {})


@hear.on(council.BallotOpened)
async def on_ballot_opened(event: council.BallotOpened, tx: Transaction) -> None:
    """Those who may vote are to know; who has voted is told to nobody, so nobody is reminded."""
    await tell_people(
        tx, Kind.BALLOT_OPENED, event.ballot_id, event.voter_ids, {}, due_at=event.closes_at
    )


@hear.on(council.BallotClosed)
async def on_ballot_closed(event: council.BallotClosed, tx: Transaction) -> None:
    """There is nothing to vote on any more."""
    await settle(tx, event.ballot_id, Kind.BALLOT_OPENED)


@hear.on(council.ProposalSubmitted)
async def on_proposal_submitted(event: council.ProposalSubmitted, tx: Transaction) -> None:
    """The secretary is to take the proposal to an agenda, or to refuse it with a reason (R5.1)."""
    facts = {"member_id": event.member_id}
    await tell(tx, Kind.PROPOSAL_SUBMITTED, event.proposal_id, THE_COUNCIL, facts)


@hear.on(council.ProposalTabled)
async def on_proposal_tabled(event: council.ProposalTabled, tx: Transaction) -> None:
    """Whoever put the proposal is to know."""
    await settle(tx, event.proposal_id, Kind.PROPOSAL_SUBMITTED)
    await tell_people(tx, Kind.PROPOSAL_TABLED, event.proposal_id, [event.person_id], {})


@hear.on(council.ProposalRefused)
async def on_proposal_refused(event: council.ProposalRefused, tx: Transaction) -> None:
    """Whoever put the proposal is to know."""
    await settle(tx, event.proposal_id, Kind.PROPOSAL_SUBMITTED)
    await tell_people(tx, Kind.PROPOSAL_REFUSED, event.proposal_id, [event.person_id], {})


@hear.on(council.ProposalWithdrawn)
async def on_proposal_withdrawn(event: council.ProposalWithdrawn, tx: Transaction) -> None:
    """Nothing is to be done with the proposal any more."""
    await settle(tx, event.proposal_id, Kind.PROPOSAL_SUBMITTED)


@hear.on(council.DecisionAdopted)
async def on_decision_adopted(event: council.DecisionAdopted, tx: Transaction) -> None:
    """Those to whom the decision is addressed are to know; what was to be decided waits no more."""
    if event.subject_id is not None:
        await settle(tx, event.subject_id, Kind.APPLICATION_CHECKED)
    facts = {"adopted_on": event.adopted_on}
    await tell(tx, Kind.DECISION_ADOPTED, event.decision_id, event.addressee_ids, facts)


@hear.on(membership.DecisionFailed)
async def on_decision_failed(event: membership.DecisionFailed, tx: Transaction) -> None:
    """Membership could not carry a decision of the council out."""
    await tell(tx, Kind.DECISION_FAILED, event.decision_id, THE_COUNCIL, {})


# --- bookings ------------------------------------------------------------------------------------


@hear.on(workshops.BookingRequested)
async def on_booking_requested(event: workshops.BookingRequested, tx: Transaction) -> None:
    """The owner is to answer."""
    await tell(
        tx,
        Kind.BOOKING_REQUESTED,
        event.booking_id,
        [event.owner_id],
        _use(event),
        event.answer_due_at,
    )


@hear.on(workshops.BookingConfirmed)
async def on_booking_confirmed(event: workshops.BookingConfirmed, tx: Transaction) -> None:
    """The places are the booker's; the owner is told where nobody was asked before."""
    was_asked = await settle(tx, event.booking_id, Kind.BOOKING_REQUESTED)
    facts = _use(event)
    await tell(tx, Kind.BOOKING_CONFIRMED, event.booking_id, [event.booker_id], facts)
    if not was_asked and event.owner_id != event.booker_id:
        await tell(tx, Kind.BOOKING_RECEIVED, event.booking_id, [event.owner_id], facts)


@hear.on(workshops.BookingDeclined)
async def on_booking_declined(event: workshops.BookingDeclined, tx: Transaction) -> None:
    """The booker is to look for another place."""
    await settle(tx, event.booking_id, Kind.BOOKING_REQUESTED)
    await tell(tx, Kind.BOOKING_DECLINED, event.booking_id, [event.booker_id], _sides(event))


@hear.on(workshops.BookingCancelled)
async def on_booking_cancelled(event: workshops.BookingCancelled, tx: Transaction) -> None:
    """The other side is told."""
    await settle(tx, event.booking_id, Kind.BOOKING_REQUESTED)
    if event.owner_id == event.booker_id:
        return
    kind, whom = (
        (Kind.BOOKING_CANCELLED_BY_OWNER, event.booker_id)
        if event.by == "owner"
        else (Kind.BOOKING_CANCELLED_BY_BOOKER, event.owner_id)
    )
    await tell(tx, kind, event.booking_id, [whom], _sides(event))


@hear.on(workshops.BookingLapsed)
async def on_booking_lapsed(event: workshops.BookingLapsed, tx: Transaction) -> None:
    """Nobody answered in time."""
    await settle(tx, event.booking_id, Kind.BOOKING_REQUESTED)
    await tell(tx, Kind.BOOKING_LAPSED, event.booking_id, [event.booker_id], _sides(event))
    if event.owner_id != event.booker_id:
        await tell(tx, Kind.BOOKING_UNANSWERED, event.booking_id, [event.owner_id], _sides(event))


# --- money ---------------------------------------------------------------------------------------


@hear.on(finance.ObligationIncurred)
async def on_obligation_incurred(event: finance.ObligationIncurred, tx: Transaction) -> None:
    """One member owes another (R7.2)."""
    facts = _owed(event)
    await tell(tx, Kind.OBLIGATION_INCURRED, event.obligation_id, [event.debtor_id], facts)
    await tell(tx, Kind.OBLIGATION_RECEIVED, event.obligation_id, [event.creditor_id], facts)


@hear.on(finance.ObligationReversed)
async def on_obligation_reversed(event: finance.ObligationReversed, tx: Transaction) -> None:
    """The creditor took it back."""
    facts = _owed(event)
    await tell(tx, Kind.OBLIGATION_REVERSED, event.obligation_id, [event.debtor_id], facts)


def _term(event: Made | Activated) -> dict[str, date]:
    return {"valid_from_on": event.valid_from, "valid_to_on": event.valid_to}


def _sides(event: Any) -> dict[str, UUID]:
    return {
        "owner_id": event.owner_id,
        "booker_id": event.booker_id,
        "workshop_id": event.workshop_id,
    }


def _use(event: workshops.BookingRequested | workshops.BookingConfirmed) -> dict[str, Any]:
    return {**_sides(event), "starts_at": event.starts_at, "workplaces": event.workplaces}


def _owed(event: finance.ObligationIncurred | finance.ObligationReversed) -> dict[str, Any]:
    return {
        "debtor_id": event.debtor_id,
        "creditor_id": event.creditor_id,
        "amount_kopecks": event.amount_kopecks,
    }


def _end_of(day: date) -> datetime:
    """The instant at which that day is over in Moscow."""
    return datetime.combine(day + timedelta(days=1), time(), MOSCOW).astimezone(UTC)
