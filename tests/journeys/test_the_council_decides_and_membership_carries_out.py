"""Decisions of the council travel over the bus, are carried out where they belong, and are answered."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from shared.ids import new_id
from tests.council.room import Room
from tests.harness import Moment, Running, Servers, running, until
from tests.membership.cluster import Cluster
from tests.membership.newcomers import Newcomers

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Both:
    """Membership and the council on one bus, with an application that is ready."""

    def __init__(self, membership: Running, council: Running) -> None:
        self.membership, self.council = membership, council
        self.application = ""

    async def lay(self) -> "Both":
        """A cluster, an application that was checked, and the council in its room."""
        cluster = await Cluster(self.membership).lay()
        self.application = await Newcomers(cluster).checked()
        self.room = await Room.of(self.council)
        return self

    async def answered(self, decision: dict[str, Any]) -> dict[str, Any]:
        """The decision, once the answer to it has come."""

        async def look() -> Any:
            found = await self.room.decision(decision["id"])
            return found if found["status"] in {"executed", "failed"} else None

        found: dict[str, Any] = await until(look, 30)
        return found

    async def status_of_application(self) -> str:
        """Where the application stands at membership."""
        [row] = await self.membership.sql(
            "SELECT status FROM applications WHERE id = $1", UUID(self.application)
        )
        status: str = row["status"]
        return status


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def both(servers: Servers) -> AsyncIterator[Both]:
    """Both services with their relays and listeners, on empty streams."""
    await servers.fresh_streams()
    clock = Moment()
    async with (
        running(servers, "membership", clock, with_duties=True) as membership,
        running(servers, "council", clock, with_duties=True) as council,
    ):
        yield await Both(membership, council).lay()


async def test_an_admission_is_carried_out_by_membership_and_the_council_sees_it(
    both: Both,
) -> None:
    decision = await both.room.decided(decision_kind="admit", subject_id=UUID(both.application))
    assert decision["status"] == "adopted"
    assert (await both.answered(decision))["status"] == "executed"
    assert await both.status_of_application() == "admitted"


async def test_what_fails_says_why_and_can_be_decided_anew(both: Both) -> None:
    decision = await both.room.decided(decision_kind="admit", subject_id=new_id())
    failed = await both.answered(decision)
    assert (failed["status"], failed["reason_code"]) == ("failed", "unknown-application")
    ballot = await both.room.started(UUID(decision["item_id"]))
    await both.room.votes(ballot, "ffffffffff")
    again = await both.room.decision((await both.room.close(ballot))["decision_id"])
    assert again["number"] == decision["number"] + 1
    assert (await both.answered(again))["reason_code"] == "unknown-application"


async def test_a_parameter_of_membership_is_set_by_the_council_or_refused(both: Both) -> None:
    wanted = {"decision_kind": "set_parameter", "parameter": "membership.answer_working_days"}
    taken = await both.answered(await both.room.decided(value="20", **wanted))
    assert taken["status"] == "executed"
    refused = await both.answered(await both.room.decided(value="9999", **wanted))
    assert (refused["status"], refused["reason_code"]) == ("failed", "parameter-wrong")
    [row] = await both.membership.sql("SELECT value FROM parameters")
    assert row["value"] == 20


async def test_a_recommendation_is_carried_out_by_nobody_r4_2(both: Both) -> None:
    advice = await both.room.decided(
        decision_kind="set_parameter",
        force="recommendation",
        parameter="membership.answer_working_days",
        value="30",
    )
    marker = await both.room.decided(
        decision_kind="set_parameter", parameter="membership.answer_working_days", value="21"
    )
    assert (await both.answered(marker))["status"] == "executed"
    assert (await both.room.decision(advice["id"]))["status"] == "adopted"
    values = await both.membership.sql("SELECT value FROM parameters")
    assert 30 not in {row["value"] for row in values}
