"""Membership that says addresses, and notices that mails to a real server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from contracts import membership
from contracts.asked import AddressAsked, Contact
from contracts.event import Event
from services.membership.subscribers import answers
from shared import bus
from shared.asking import Asker, Unanswered, answer
from tests.finance.facts import message_of
from tests.harness import Moment, Running, Servers, running, until
from tests.membership.cluster import Cluster
from tests.notices.facts import Known
from tests.notices.mailserver import MailServer


@dataclass
class Office:
    """A college and a firm with people who have addresses, notices, and the mail server."""

    cluster: Cluster
    known: Known
    server: MailServer

    @property
    def notices(self) -> Running:
        """The service that mails."""
        return self.known.service

    async def send(self) -> int:
        """Sends what is due; returns how many mails were tried."""
        tried = 0
        while await self.notices.due():
            tried += 1
            assert tried < 100, await self.notices.sql("SELECT * FROM mailings")
        return tried

    async def hear(self, event: Event) -> None:
        """Notices hears the event."""
        await self.notices.runtime.inbox.take(message_of(event))

    async def ended(self) -> list[Any]:
        """Mailings that are over, with the reason."""
        rows = await self.notices.sql("SELECT * FROM mailings WHERE ended_at IS NOT NULL")
        return [(row["purpose"], row["reason_code"]) for row in rows]


@asynccontextmanager
async def office_of(
    servers: Servers, clock: Moment, server: MailServer, **settings: Any
) -> AsyncIterator[Office]:
    """Both services; membership answers what it is asked, notices does what it is told to."""
    await servers.fresh_streams()
    async with (
        running(servers, "membership", clock) as first,
        running(servers, "notices", clock, **settings) as second,
    ):
        cluster, known = await Cluster(first).lay(), Known(second)
        known.college, known.firm = cluster.college, cluster.firm
        known.approver, known.coordinator = cluster.people["college"], cluster.people["firm"]
        known.administrator = cluster.administrator
        office = Office(cluster, known, server)
        for person_id, member_id, role in (
            (known.approver, known.college, "approver"),
            (known.coordinator, known.firm, "coordinator"),
        ):
            await office.hear(
                membership.RolesGranted(person_id=person_id, member_id=member_id, roles=(role,))
            )
        client = await bus.connect("membership", servers.nats_url("membership"))
        answering = asyncio.create_task(answer(first.runtime.database, client, answers))
        await until(lambda: _is_answered(second.app.state.post.asker, known))
        try:
            yield office
        finally:
            answering.cancel()
            await asyncio.wait([answering])
            await client.close()
            await second.app.state.post.close()


async def _is_answered(asker: Asker, known: Known) -> bool:
    try:
        return await asker.ask(AddressAsked(person_id=known.approver), Contact) is not None
    except Unanswered:
        return False
