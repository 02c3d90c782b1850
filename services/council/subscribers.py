"""What council hears: who takes part, who may sit for whom, and what is ready for an agenda."""

from contracts import membership
from services.council.commands import composition, decisions, heard, matters
from shared.database import Transaction
from shared.listener import Hear

hear = Hear("council")


@hear.on(membership.MemberJoined)
async def on_member_joined(event: membership.MemberJoined, tx: Transaction) -> None:
    """The member takes part from that day on."""
    await heard.know_member(tx, event.member_id, event.joined_on, event.kind, event.slug)


@hear.on(membership.MemberWithdrawn)
async def on_member_withdrawn(event: membership.MemberWithdrawn, tx: Transaction) -> None:
    """The member takes no part from that day on."""
    await heard.see_member_off(tx, event.member_id, event.withdrawn_on)
    await composition.vacate_seats_of(tx, event.member_id, event.withdrawn_on)
    await matters.close_matters_of(tx, event.member_id)


@hear.on(membership.RolesGranted)
async def on_roles_granted(event: membership.RolesGranted, tx: Transaction) -> None:
    """Who acts for a member may sit in the council for it."""
    if event.member_id is not None:
        await heard.know_person(tx, event.person_id, event.member_id, acts_for_it=bool(event.roles))


@hear.on(membership.ApplicationChecked)
async def on_application_checked(event: membership.ApplicationChecked, tx: Transaction) -> None:
    """An application is ready for an agenda."""
    await matters.ready_application(tx, event.application_id)


@hear.on(membership.ApplicationReturned)
async def on_application_returned(event: membership.ApplicationReturned, tx: Transaction) -> None:
    """An application is to be mended first."""
    await matters.close_matter(tx, event.application_id)


@hear.on(membership.ApplicationRejected)
async def on_application_rejected(event: membership.ApplicationRejected, tx: Transaction) -> None:
    """Nothing is decided on this application any more."""
    await matters.close_matter(tx, event.application_id)


@hear.on(membership.CaseOpened)
async def on_case_opened(event: membership.CaseOpened, tx: Transaction) -> None:
    """A member has time to answer; then its case is ready for an agenda (R5.3)."""
    await matters.open_case(tx, event.case_id, event.member_id, event.ground, event.answer_until_on)


@hear.on(membership.CaseAnswered)
async def on_case_answered(event: membership.CaseAnswered, tx: Transaction) -> None:
    """The member has answered: the case is ready."""
    await matters.ready_case(tx, event.case_id)


@hear.on(membership.CaseClosed)
async def on_case_closed(event: membership.CaseClosed, tx: Transaction) -> None:
    """The case was dropped."""
    await matters.close_matter(tx, event.case_id)


@hear.on(membership.DecisionExecuted)
async def on_decision_executed(event: membership.DecisionExecuted, tx: Transaction) -> None:
    """Membership has carried a decision out."""
    await decisions.hear_answer(tx, event.decision_id, None)


@hear.on(membership.DecisionFailed)
async def on_decision_failed(event: membership.DecisionFailed, tx: Transaction) -> None:
    """Membership could not carry a decision out, and has changed nothing."""
    await decisions.hear_answer(tx, event.decision_id, event.reason_code or "unknown")


@hear.on(membership.DemoLaid)
async def on_demo_laid(event: membership.DemoLaid, tx: Transaction) -> None:
    """All demo members are known here."""
    await heard.reach(tx, "demo-heard")
