"""Facts of two streams are heard at once, and none of them misses the other."""

import asyncio

from services.notices.commands import telling
from services.notices.domain.kinds import Kind
from shared.closing import Cause
from shared.ids import new_id
from tests.notices.facts import Known


async def test_who_takes_a_role_over_misses_nothing_that_is_told_at_the_same_moment(
    known: Known,
) -> None:
    newcomer, booking_id = new_id(), new_id()
    database = known.service.runtime.database
    async with database.transaction(cause=Cause(new_id(), new_id())) as tx:
        await telling.tell(tx, Kind.BOOKING_REQUESTED, booking_id, [known.college], {})
        taking = asyncio.create_task(known.grant(newcomer, known.college, "approver"))
        await asyncio.sleep(0.3)
    await taking
    assert [each["about_id"] for each in await known.inbox(newcomer)] == [str(booking_id)]
