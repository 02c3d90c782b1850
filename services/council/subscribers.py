"""What council hears: who takes part in the cluster."""

from contracts import membership
from services.council.commands import heard
from shared.database import Transaction
from shared.listener import Hear

hear = Hear("council")


@hear.on(membership.MemberJoined)
async def on_member_joined(event: membership.MemberJoined, tx: Transaction) -> None:
    """The member takes part from that day on."""
    await heard.know_member(tx, event.member_id, event.joined_on, event.slug)


@hear.on(membership.MemberWithdrawn)
async def on_member_withdrawn(event: membership.MemberWithdrawn, tx: Transaction) -> None:
    """The member takes no part from that day on."""
    await heard.see_member_off(tx, event.member_id, event.withdrawn_on)


@hear.on(membership.DemoLaid)
async def on_demo_laid(event: membership.DemoLaid, tx: Transaction) -> None:
    """All demo members are known here."""
    await heard.reach(tx, "demo-heard")
