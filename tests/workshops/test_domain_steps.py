"""Every step of a booking with every status, at every moment that matters."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from services.workshops.domain.booking import (
    ItHasNotBegun,
    MemberIsNotActive,
    NoAgreementCoversIt,
    approve,
    cancel,
    check_in,
    complete,
    decline,
    lapses,
)
from services.workshops.domain.facts import Booking, Member, Status
from shared.ids import new_id
from shared.refusal import Invalid, WrongStatus
from tests.workshops.rules import (
    AGREEMENT,
    BOOKER,
    NOW,
    OWNER,
    PAIR,
    member,
    moscow,
    span,
)

BOOKING = Booking(
    id=new_id(),
    owner_id=OWNER,
    booker_id=BOOKER,
    status=Status.REQUESTED,
    span=PAIR,
    workplaces=2,
    answer_due_at=moscow("2026-10-07T00:00"),
    agreement=AGREEMENT,
    net_per_workplace_hour_kopecks=45_000,
)
DUE = moscow("2026-10-07T00:00")
JUST_BEFORE = DUE - timedelta(microseconds=1)

Step = Callable[[Booking, datetime], Status]
STEPS: dict[str, tuple[Step, dict[Status, Status]]] = {
    "approve": (
        lambda booking, now: approve(booking, member(OWNER), member(BOOKER), now),
        {Status.REQUESTED: Status.CONFIRMED},
    ),
    "decline": (decline, {Status.REQUESTED: Status.DECLINED}),
    "cancel": (
        cancel,
        {Status.REQUESTED: Status.CANCELLED, Status.CONFIRMED: Status.CANCELLED},
    ),
    "check-in": (
        lambda booking, now: check_in(booking, now, at_any_time=True),
        {Status.CONFIRMED: Status.CHECKED_IN},
    ),
    "complete": (
        lambda booking, now: (
            complete(booking, member(OWNER), 95, now, at_any_time=True) and Status.COMPLETED
        ),
        {Status.CHECKED_IN: Status.COMPLETED},
    ),
}


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("step", STEPS)
def test_a_step_that_the_status_does_not_allow_is_the_wrong_status(
    step: str, status: Status
) -> None:
    take, allowed = STEPS[step]
    booking = replace(BOOKING, status=status)
    if status in allowed:
        assert take(booking, NOW) is allowed[status]
    else:
        with pytest.raises(WrongStatus) as said:
            take(booking, NOW)
        assert said.value.code == "wrong-status"
        assert said.value.facts == {"booking_status": str(status)}


@pytest.mark.parametrize("step", ["approve", "decline", "cancel"])
def test_a_request_can_be_answered_until_its_due_moment(step: str) -> None:
    take, _ = STEPS[step]
    take(BOOKING, JUST_BEFORE)
    with pytest.raises(WrongStatus):
        take(BOOKING, DUE)


def test_a_confirmed_booking_is_cancelled_whatever_was_due_before() -> None:
    booking = replace(BOOKING, status=Status.CONFIRMED)
    assert cancel(booking, PAIR.ends_at + timedelta(days=1)) is Status.CANCELLED


@pytest.mark.parametrize(
    ("owner", "booker", "terms", "refusal"),
    [
        pytest.param(member(OWNER), member(BOOKER), {}, None, id="both take part"),
        pytest.param(member(OWNER, date(2026, 10, 12)), member(BOOKER), {}, MemberIsNotActive, id="owner leaves"),
        pytest.param(member(OWNER), member(BOOKER, date(2026, 10, 12)), {}, MemberIsNotActive, id="booker leaves"),
        pytest.param(member(OWNER), member(BOOKER, date(2026, 10, 13)), {}, None, id="booker leaves after"),
        pytest.param(member(OWNER), member(BOOKER), {"ended_on": date(2026, 10, 12)}, NoAgreementCoversIt, id="agreement ended"),
    ],
)  # fmt: skip
def test_what_has_ended_since_the_request_is_not_approved(
    owner: Member, booker: Member, terms: dict[str, Any], refusal: type[Exception] | None
) -> None:
    booking = replace(BOOKING, agreement=replace(AGREEMENT, **terms))
    if refusal is None:
        assert approve(booking, owner, booker, NOW) is Status.CONFIRMED
    else:
        with pytest.raises(refusal):
            approve(booking, owner, booker, NOW)


@pytest.mark.parametrize(
    ("status", "owner", "booker", "now", "is_lapsed"),
    [
        pytest.param("requested", None, None, JUST_BEFORE, False, id="not yet due"),
        pytest.param("requested", None, None, DUE, True, id="due"),
        pytest.param("requested", date(2026, 10, 1), None, NOW, True, id="the owner has left"),
        pytest.param("requested", None, date(2026, 10, 1), NOW, True, id="the booker has left"),
        pytest.param("requested", None, date(2026, 10, 2), NOW, False, id="leaves tomorrow"),
        pytest.param("confirmed", date(2026, 10, 1), None, DUE, False, id="R5.1 what is confirmed"),
        pytest.param("checked_in", None, date(2026, 10, 1), DUE, False, id="what is in use"),
        pytest.param("cancelled", None, None, DUE, False, id="what is over"),
    ],
)
def test_only_requests_lapse(
    status: str, owner: date | None, booker: date | None, now: datetime, is_lapsed: bool
) -> None:
    booking = replace(BOOKING, status=Status(status))
    assert lapses(booking, member(OWNER, owner), member(BOOKER, booker), now) is is_lapsed


def test_check_in_and_completion_begin_with_the_booking_but_in_demo_mode() -> None:
    confirmed = replace(BOOKING, status=Status.CONFIRMED)
    inside = replace(BOOKING, status=Status.CHECKED_IN)
    early = PAIR.starts_at - timedelta(microseconds=1)
    with pytest.raises(ItHasNotBegun) as said:
        check_in(confirmed, early)
    assert said.value.code == "too-early"
    with pytest.raises(ItHasNotBegun):
        complete(inside, member(OWNER), 95, early)
    assert check_in(confirmed, early, at_any_time=True) is Status.CHECKED_IN
    assert check_in(confirmed, PAIR.starts_at) is Status.CHECKED_IN
    demo = complete(inside, member(OWNER), 95, early, at_any_time=True)
    assert demo == complete(inside, member(OWNER), 95, PAIR.starts_at)


@pytest.mark.parametrize(
    ("minutes", "net"),
    [
        pytest.param(-1, None, id="less than none"),
        pytest.param(0, 0, id="none"),
        pytest.param(1, 22_500, id="a started quarter of two places"),
        pytest.param(95, 157_500, id="all of it"),
        pytest.param(96, None, id="more than was booked"),
    ],
)
def test_what_was_used_is_charged_up_to_the_booked_length(minutes: int, net: int | None) -> None:
    booking = replace(BOOKING, status=Status.CHECKED_IN)
    if net is None:
        with pytest.raises(Invalid):
            complete(booking, member(OWNER), minutes, PAIR.ends_at)
    else:
        price = complete(booking, member(OWNER), minutes, PAIR.ends_at)
        assert (price.net_kopecks, price.vat_kopecks) == (net, (net * 22 + 50) // 100)


def test_the_charge_is_by_the_tariff_of_the_booking_and_vat_of_its_moscow_date() -> None:
    """I24: at 00:00 of 1 January 2026 in Moscow it is still 2025 in UTC."""
    first = replace(
        BOOKING,
        status=Status.CHECKED_IN,
        span=span("2026-01-01T00:00", "2026-01-01T01:00"),
        net_per_workplace_hour_kopecks=100,
    )
    last = replace(first, span=span("2025-12-31T23:00", "2026-01-01T00:00"))
    rates = [
        complete(booking, member(OWNER), 60, NOW).vat_rate_percent for booking in (last, first)
    ]
    assert rates == [20, 22]
    assert complete(first, member(OWNER), 60, NOW).net_kopecks == 200


def test_own_use_is_completed_for_nothing() -> None:
    own = replace(BOOKING, status=Status.CHECKED_IN, booker_id=OWNER, agreement=None)
    assert complete(own, member(OWNER), 95, PAIR.ends_at).amount_kopecks == 0
