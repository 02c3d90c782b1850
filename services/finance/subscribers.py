"""What finance hears: who can owe, and what was used."""

from contracts import membership, workshops
from services.finance import commands
from shared.database import Transaction
from shared.listener import Hear

hear = Hear("finance")


@hear.on(membership.MemberJoined)
async def on_member_joined(event: membership.MemberJoined, tx: Transaction) -> None:
    """A member can owe and be owed from now on."""
    await commands.know_member(tx, event.member_id)


@hear.on(workshops.BookingCompleted)
async def on_booking_completed(event: workshops.BookingCompleted, tx: Transaction) -> None:
    """The booker owes the owner what was charged for the use."""
    await commands.charge(tx, event)


@hear.on(membership.DemoLaid)
async def on_demo_laid(event: membership.DemoLaid, tx: Transaction) -> None:
    """All demo members are known here."""
    await commands.reach(tx, "demo-heard")
