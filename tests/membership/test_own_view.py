"""What a member sees of itself: what is still open elsewhere (R5.1, I2), and its log."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from contracts import finance, workshops
from shared.identity import Role
from shared.ids import new_id
from tests.finance.facts import completed, message_of
from tests.membership.cluster import Cluster
from tests.membership.newcomers import Newcomers

STARTS, ENDS = datetime(2027, 1, 12, 9, 30, tzinfo=UTC), datetime(2027, 1, 12, 11, tzinfo=UTC)


class Elsewhere:
    """What the other services tell of the firm's bookings at the college."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.sides = {"owner_id": cluster.college, "booker_id": cluster.firm}

    async def hear(self, *events: Any) -> None:
        """Hears the events, in order."""
        for event in events:
            await self.cluster.service.runtime.inbox.take(message_of(event))

    def requested(self, booking_id: UUID) -> workshops.BookingRequested:
        """A request waits."""
        return workshops.BookingRequested(
            **self._places(booking_id), agreement_id=None, answer_due_at=STARTS
        )

    def confirmed(self, booking_id: UUID) -> workshops.BookingConfirmed:
        """The places are the firm's."""
        return workshops.BookingConfirmed(**self._places(booking_id), agreement_id=None)

    def _places(self, booking_id: UUID) -> dict[str, Any]:
        return {
            "booking_id": booking_id,
            "workshop_id": new_id(),
            "starts_at": STARTS,
            "ends_at": ENDS,
            "workplaces": 1,
            "equipment_ids": (),
            **self.sides,
        }

    def over(self, event_class: Any, booking_id: UUID) -> Any:
        """The booking came to nothing."""
        more = {"by": "booker"} if event_class is workshops.BookingCancelled else {}
        return event_class(booking_id=booking_id, workshop_id=new_id(), **self.sides, **more)

    async def seen(self, headers: dict[str, str], member_id: UUID) -> dict[str, Any]:
        """How much a member sees."""
        answer = await self.cluster.get(f"/members/{member_id}/open-matters", headers)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body


def counts(body: dict[str, Any]) -> tuple[int, int, int]:
    return body["requests"], body["bookings"], body["obligations"]


async def test_i2_what_is_open_stays_visible_to_both_sides_when_one_leaves(
    cluster: Cluster,
) -> None:
    elsewhere = Elsewhere(cluster)
    booking, request, obligation = new_id(), new_id(), new_id()
    owed = finance.ObligationIncurred(
        obligation_id=obligation,
        debtor_id=cluster.firm,
        creditor_id=cluster.college,
        amount_kopecks=12_200,
        vat_kopecks=2_200,
        basis_kind="booking",
        basis_id=new_id(),
        incurred_on=date(2026, 11, 1),
    )
    await elsewhere.hear(
        elsewhere.requested(booking),
        elsewhere.requested(request),
        elsewhere.confirmed(booking),
        owed,
    )
    left = await cluster.post(
        f"/members/{cluster.firm}/withdraw", cluster.as_firm(), effective_on=cluster.day(0)
    )
    assert left.json()["status"] == "withdrawn", "nothing that is open keeps a member (R5.1)"
    seen = await elsewhere.seen(cluster.as_firm(), cluster.firm)
    assert counts(seen) == (1, 1, 1)
    assert {(item["kind"], item["id"], item["side"]) for item in seen["items"]} == {
        ("booking", str(booking), "booker"),
        ("request", str(request), "booker"),
        ("obligation", str(obligation), "debtor"),
    }
    other = await elsewhere.seen(cluster.as_college(), cluster.college)
    assert {item["side"] for item in other["items"]} == {"owner", "creditor"}
    assert counts(await elsewhere.seen(cluster.as_university(), cluster.university)) == (0, 0, 0)

    back = finance.ObligationReversed(
        obligation_id=obligation,
        debtor_id=cluster.firm,
        creditor_id=cluster.college,
        amount_kopecks=12_200,
        reversed_on=date(2026, 11, 2),
    )
    done = completed(**{**elsewhere.sides, "booking_id": booking})
    await elsewhere.hear(back, done, elsewhere.over(workshops.BookingLapsed, request))
    assert counts(await elsewhere.seen(cluster.as_firm(), cluster.firm)) == (0, 0, 0)


@pytest.mark.parametrize(
    "event_class",
    [workshops.BookingDeclined, workshops.BookingCancelled, workshops.BookingLapsed],
)
async def test_what_came_to_nothing_is_open_no_more(cluster: Cluster, event_class: Any) -> None:
    elsewhere = Elsewhere(cluster)
    booking = new_id()
    await elsewhere.hear(elsewhere.requested(booking))
    assert counts(await elsewhere.seen(cluster.as_firm(), cluster.firm)) == (1, 0, 0)
    await elsewhere.hear(elsewhere.over(event_class, booking))
    assert counts(await elsewhere.seen(cluster.as_firm(), cluster.firm)) == (0, 0, 0)


async def test_who_books_at_their_own_sees_one_booking_from_both_sides(cluster: Cluster) -> None:
    elsewhere = Elsewhere(cluster)
    elsewhere.sides = {"owner_id": cluster.firm, "booker_id": cluster.firm}
    await elsewhere.hear(elsewhere.confirmed(new_id()))
    seen = await elsewhere.seen(cluster.as_firm(), cluster.firm)
    assert counts(seen) == (0, 1, 0)
    assert len(seen["items"]) == 2


async def test_open_matters_are_read_page_by_page_by_own_people_alone(cluster: Cluster) -> None:
    elsewhere = Elsewhere(cluster)
    bookings = sorted(str(new_id()) for _ in range(3))
    await elsewhere.hear(*(elsewhere.confirmed(UUID(booking)) for booking in bookings))
    seen, cursor = [], ""
    for _ in range(3):
        path = f"/members/{cluster.firm}/open-matters?limit=1{cursor}"
        page = (await cluster.get(path, cluster.as_firm())).json()
        seen += [item["id"] for item in page["items"]]
        cursor = f"&cursor={page['next_cursor']}"
    assert (seen, page["next_cursor"]) == (bookings, None)
    for name in ("open-matters", "log"):
        path = f"/members/{cluster.firm}/{name}"
        assert (await cluster.get(path, cluster.as_college())).status_code == 404
        assert (await cluster.get(path, cluster.as_administrator())).status_code == 404
        student = cluster.service.as_(cluster.firm, Role.STUDENT)
        assert (await cluster.get(path, student)).status_code == 403


# --- the log -------------------------------------------------------------------------------------


async def test_the_log_shows_a_member_who_changed_what_when_and_why(cluster: Cluster) -> None:
    newcomers = Newcomers(cluster)
    agreement_id = await cluster.active()
    mentor = await cluster.register("mentor", cluster.firm, Role.MENTOR)
    opened = await newcomers.case(cluster.firm)
    await cluster.post(
        f"/cases/{opened['id']}/close", newcomers.as_secretary(), reason="Исправился."
    )
    await cluster.post(
        f"/members/{cluster.firm}/withdraw", cluster.as_firm(), effective_on=cluster.day(5)
    )
    read = await cluster.get(f"/members/{cluster.firm}/log", cluster.as_firm())
    assert read.status_code == 200, read.text
    lines = read.json()["items"]
    assert [line["action"] for line in lines] == [
        "withdrawal.announced",
        "case.closed",
        "case.opened",
        "roles.granted",
        "agreement.activated",
        "agreement.made",
        "roles.granted",
        "member.joined",
    ]
    assert lines[0] == {
        "id": lines[0]["id"],
        "at": lines[0]["at"],
        "action": "withdrawal.announced",
        "object_id": str(cluster.firm),
        "person_id": str(cluster.people["firm"]),
        "member_id": str(cluster.firm),
        "reason": None,
        "before": {"leaving_on": None},
        "after": {"leaving_on": cluster.day(5)},
    }
    assert lines[1]["reason"] == "Исправился."
    assert (lines[3]["object_id"], lines[4]["object_id"]) == (str(mentor), agreement_id)
    page = await cluster.get(f"/members/{cluster.firm}/log?limit=6", cluster.as_firm())
    cursor = page.json()["next_cursor"]
    rest = await cluster.get(
        f"/members/{cluster.firm}/log?limit=6&cursor={cursor}", cluster.as_firm()
    )
    assert [line["id"] for line in rest.json()["items"]] == [line["id"] for line in lines[6:]]


async def test_a_newcomer_sees_how_it_was_admitted(cluster: Cluster) -> None:
    member_id = await Newcomers(cluster).joined()
    own = cluster.service.as_(member_id, Role.COORDINATOR)
    read = await cluster.get(f"/members/{member_id}/log", own)
    assert [line["action"] for line in read.json()["items"]] == [
        "application.activated",
        "member.joined",
        "application.signed",
        "application.admitted",
        "application.checked",
        "application.submitted",
        "application.made",
    ]


async def test_the_log_shows_nothing_of_others(cluster: Cluster) -> None:
    await cluster.register("mentor", cluster.college, Role.MENTOR)
    await cluster.active()
    read = await cluster.get(f"/members/{cluster.university}/log", cluster.as_university())
    assert {line["action"] for line in read.json()["items"]} == {"member.joined", "roles.granted"}
    assert all(
        line["object_id"] in {str(cluster.university), str(cluster.people["university"])}
        for line in read.json()["items"]
    )


async def test_nobody_rewrites_the_log_or_what_was_decided(cluster: Cluster) -> None:
    newcomers = Newcomers(cluster)
    await newcomers.decide(
        "set_parameter", None, parameter="membership.answer_working_days", value="15"
    )
    for table in ("audit", "decisions", "parameters"):
        with pytest.raises(asyncpg.RestrictViolationError):
            await cluster.service.sql(f"DELETE FROM {table}")
