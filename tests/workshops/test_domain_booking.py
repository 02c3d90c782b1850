"""Bookings: who may book what, when, and on which ground."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from services.workshops.domain.booking import (
    Booked,
    MemberIsNotActive,
    MemberIsSuspended,
    NoAgreementCoversIt,
    SeveralAgreementsCoverIt,
    SlotIsTaken,
    StartHasPassed,
    WorkshopIsClosed,
    answer_due_at,
    book,
    check_times,
    require_known,
)
from services.workshops.domain.facts import (
    Agreement,
    AgreementKind,
    Approval,
    Ask,
    Machine,
    Member,
    Span,
    Status,
    Workshop,
)
from shared.ids import new_id
from shared.refusal import Invalid, NotFound
from tests.workshops.rules import (
    AGREEMENT,
    AT_PLACE,
    BESIDE,
    BOOKER,
    NOW,
    OTHER,
    OWNER,
    PAIR,
    WORKSHOP,
    agreement,
    member,
    moscow,
    span,
)


def decide(
    *,
    span: Span = PAIR,
    workplaces: int = 2,
    booker_id: Any = BOOKER,
    machine_ids: tuple[Any, ...] = (),
    agreement_id: Any = None,
    workshop: Workshop = WORKSHOP,
    owner: Member | None = None,
    booker: Member | None = None,
    agreements: list[Agreement] | None = None,
    now: datetime = NOW,
    **unknown: bool,
) -> Booked:
    return book(
        Ask(booker_id, span, workplaces, machine_ids, agreement_id),
        workshop,
        None if unknown.get("without_owner") else owner or member(OWNER),
        None if unknown.get("without_booker") else booker or member(booker_id),
        [AGREEMENT] if agreements is None else agreements,
        now,
    )


def test_a_manual_workshop_takes_a_request_and_an_instant_one_confirms() -> None:
    asked = decide()
    assert asked.status is Status.REQUESTED
    assert asked.answer_due_at == moscow("2026-10-07T00:00")
    assert asked.agreement == AGREEMENT
    assert asked.price.amount_kopecks == 192_150  # 7 quarters of 2 places and 22 %
    assert asked.net_per_workplace_hour_kopecks == 45_000
    at_once = decide(workshop=replace(WORKSHOP, approval=Approval.INSTANT))
    assert (at_once.status, at_once.answer_due_at) == (Status.CONFIRMED, None)
    assert at_once.price == asked.price


def test_the_owner_books_its_own_without_agreement_and_pays_nothing() -> None:
    booked = decide(booker_id=OWNER, booker=member(OWNER), agreements=[])
    assert booked.status is Status.CONFIRMED
    assert (booked.agreement, booked.price.amount_kopecks) == (None, 0)


# Each is wrong in all the ways that come after it too, so the first one is what is said.
FAULTS: dict[str, dict[str, Any]] = {
    "member-not-active": {"booker": member(BOOKER, date(2026, 10, 12))},
    "no-agreement": {"agreements": []},
    "not-open": {"span": span("2026-09-27T12:00", "2026-09-27T13:00")},  # a Sunday, and past
    "too-late": {"span": span("2026-09-26T12:00", "2026-09-26T13:00")},
    "slot-taken": {"workplaces": 9},
}


@pytest.mark.parametrize("code", FAULTS)
def test_refusals_come_in_the_order_of_the_interface(code: str) -> None:
    """The issue: member-not-active, no-agreement, not-open, too-late, slot-taken."""
    codes = list(FAULTS)
    faults: dict[str, Any] = {}
    for later in reversed(codes[codes.index(code) :]):
        faults |= FAULTS[later]
    if code == "member-not-active":
        faults["booker"] = member(BOOKER, date(2026, 9, 1))
    with pytest.raises(
        (MemberIsNotActive, NoAgreementCoversIt, WorkshopIsClosed, StartHasPassed, SlotIsTaken)
    ) as said:
        decide(**faults)
    assert said.value.code == code


@pytest.mark.parametrize(
    ("side", "leaving_on", "asked", "may"),
    [
        pytest.param("booker", date(2026, 10, 13), PAIR, True, id="the last day before"),
        pytest.param("booker", date(2026, 10, 12), PAIR, False, id="the day of leaving"),
        pytest.param("owner", date(2026, 10, 13), PAIR, True, id="the owner's last day before"),
        pytest.param("owner", date(2026, 10, 12), PAIR, False, id="the owner's day of leaving"),
        pytest.param("owner", date(2026, 10, 1), PAIR, False, id="left today"),
        pytest.param(
            "booker", date(2026, 10, 13), span("2026-10-12T23:00", "2026-10-13T00:00"), True,
            id="up to its midnight",
        ),
        pytest.param(
            "booker", date(2026, 10, 13), span("2026-10-12T23:00", "2026-10-13T00:05"), False,
            id="over its midnight",
        ),
        pytest.param(
            "booker", date(2026, 10, 13), span("2026-10-13T00:00", "2026-10-13T01:00"), False,
            id="from midnight on, though it is the day before in UTC",
        ),
    ],
)  # fmt: skip
def test_a_leaving_member_books_and_is_booked_up_to_the_last_day_before(
    side: str, leaving_on: date, asked: Span, may: bool
) -> None:
    """R5.1."""
    sides = {"booker": member(BOOKER), "owner": member(OWNER)}
    sides[side] = replace(sides[side], leaving_on=leaving_on)
    if may:
        decide(span=asked, **sides)
    else:
        with pytest.raises(MemberIsNotActive):
            decide(span=asked, **sides)


@pytest.mark.parametrize("side", ["booker", "owner"])
@pytest.mark.parametrize(
    ("suspended_on", "suspended_until", "may"),
    [
        pytest.param(date(2026, 10, 1), None, False, id="until the case is over"),
        pytest.param(date(2026, 9, 1), date(2026, 10, 1), False, id="its last day"),
        pytest.param(date(2026, 9, 1), date(2026, 9, 30), True, id="the day after"),
        pytest.param(date(2026, 10, 2), None, True, id="the day before"),
    ],
)
def test_a_suspended_member_neither_books_nor_is_booked_meanwhile(
    side: str, suspended_on: date, suspended_until: date | None, may: bool
) -> None:
    """R5.3: access in between is suspended by decision alone; NOW is the 1st of October."""
    sides = {"booker": member(BOOKER), "owner": member(OWNER)}
    sides[side] = replace(sides[side], suspended_on=suspended_on, suspended_until=suspended_until)
    if may:
        decide(**sides)
    else:
        with pytest.raises(MemberIsSuspended):
            decide(**sides)


@pytest.mark.parametrize("unknown", ["without_owner", "without_booker"])
def test_a_member_who_is_not_known_takes_no_part(unknown: str) -> None:
    with pytest.raises(MemberIsNotActive):
        decide(**{unknown: True})


NIGHT = span("2026-10-12T23:00", "2026-10-13T01:00")
UP_TO_MIDNIGHT = span("2026-10-12T23:00", "2026-10-13T00:00")


@pytest.mark.parametrize(
    ("asked", "terms", "covers"),
    [
        pytest.param(PAIR, {"valid_from": date(2026, 10, 12)}, True, id="from its first date"),
        pytest.param(PAIR, {"valid_from": date(2026, 10, 13)}, False, id="a day too early"),
        pytest.param(PAIR, {"valid_to": date(2026, 10, 12)}, True, id="to its last date"),
        pytest.param(PAIR, {"valid_to": date(2026, 10, 11)}, False, id="a day too late"),
        pytest.param(NIGHT, {"valid_to": date(2026, 10, 12)}, False, id="not the second date"),
        pytest.param(NIGHT, {"valid_from": date(2026, 10, 13)}, False, id="not the first date"),
        pytest.param(
            UP_TO_MIDNIGHT, {"valid_to": date(2026, 10, 12)}, True, id="midnight is within"
        ),
        pytest.param(PAIR, {"ended_on": date(2026, 10, 13)}, True, id="ends the day after"),
        pytest.param(PAIR, {"ended_on": date(2026, 10, 12)}, False, id="ended that day"),
        pytest.param(
            PAIR, {"party_ids": frozenset({BOOKER, OTHER})}, False, id="with another owner"
        ),
    ],
)
def test_the_agreement_covers_the_first_and_the_last_date(
    asked: Span, terms: dict[str, Any], covers: bool
) -> None:
    """R3.2, in dates of Moscow."""
    found = agreement(**terms)
    for agreement_id in (None, found.id):
        if covers:
            assert decide(
                span=asked, agreements=[found], agreement_id=agreement_id
            ).agreement == found  # fmt: skip
        else:
            with pytest.raises(NoAgreementCoversIt):
                decide(span=asked, agreements=[found], agreement_id=agreement_id)


def test_several_agreements_are_named_and_one_has_to_be_chosen() -> None:
    first, second = agreement(), agreement(AgreementKind.NETWORK_FORM)
    over = agreement(valid_to=date(2026, 10, 11))
    with pytest.raises(SeveralAgreementsCoverIt) as said:
        decide(agreements=[first, second, over])
    assert said.value.status == 422
    assert said.value.code == "agreement-ambiguous"
    assert said.value.facts["agreement_ids"] == sorted([str(first.id), str(second.id)])
    assert decide(agreements=[first, second], agreement_id=second.id).agreement == second
    assert decide(agreements=[first, over]).agreement == first


@pytest.mark.parametrize(
    ("machine_ids", "agreement_id", "is_known"),
    [
        pytest.param((), None, True, id="nothing by name"),
        pytest.param((AT_PLACE.id, BESIDE.id), AGREEMENT.id, True, id="all by name"),
        pytest.param((AT_PLACE.id, new_id()), None, False, id="another's machine"),
        pytest.param((), new_id(), False, id="another's agreement"),
    ],
)
def test_what_is_not_the_bookers_to_know_is_not_found(
    machine_ids: tuple[Any, ...], agreement_id: Any, is_known: bool
) -> None:
    ask = Ask(BOOKER, PAIR, 1, machine_ids, agreement_id)
    if is_known:
        require_known(ask, WORKSHOP, [AGREEMENT])
    else:
        with pytest.raises(NotFound):
            require_known(ask, WORKSHOP, [AGREEMENT])


@pytest.mark.parametrize(
    ("workplaces", "machines", "takes"),
    [
        pytest.param(1, (), 1, id="places only"),
        pytest.param(1, (AT_PLACE,), 1, id="a machine stands at one of them"),
        pytest.param(1, (BESIDE,), 1, id="a machine beside them takes none"),
        pytest.param(3, (AT_PLACE, BESIDE), 3, id="more places than machines"),
        pytest.param(8, (AT_PLACE,), 8, id="the whole workshop"),
    ],
)
def test_a_machine_at_a_workplace_takes_that_place(
    workplaces: int, machines: tuple[Machine, ...], takes: int
) -> None:
    found = decide(workplaces=workplaces, machine_ids=tuple(machine.id for machine in machines))
    assert found.workplaces == takes


def test_more_machines_than_places_asked_for_take_a_place_each() -> None:
    three = tuple(Machine(new_id(), is_at_workplace=True) for _ in range(3))
    shop = replace(WORKSHOP, machines=three, workplaces=3)
    found = decide(workshop=shop, workplaces=1, machine_ids=tuple(machine.id for machine in three))
    assert (found.workplaces, found.price.net_kopecks) == (3, 3 * 78_750)
    with pytest.raises(SlotIsTaken):
        decide(
            workshop=replace(shop, workplaces=2),
            workplaces=1,
            machine_ids=tuple(machine.id for machine in three),
        )


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        pytest.param(Span(NOW, NOW + timedelta(hours=1)), StartHasPassed, id="at this moment"),
        pytest.param(
            Span(NOW + timedelta(minutes=5), NOW + timedelta(hours=1)), None, id="in 5 minutes"
        ),
        pytest.param(
            span("2027-10-01T10:00", "2027-10-01T12:00"), None, id="up to the horizon of a year"
        ),
        pytest.param(
            span("2027-10-01T10:00", "2027-10-01T12:05"), WorkshopIsClosed, id="beyond the horizon"
        ),
    ],
)
def test_bookings_are_taken_from_now_to_a_year_ahead(
    asked: Span, refusal: type[Exception] | None
) -> None:
    term = [agreement(valid_to=date(2030, 1, 1))]
    if refusal is None:
        decide(span=asked, agreements=term)
    else:
        with pytest.raises(refusal):
            decide(span=asked, agreements=term)


@pytest.mark.parametrize(
    ("start", "minutes", "is_sensible"),
    [
        pytest.param("2026-10-12T12:30", 95, True, id="a pair"),
        pytest.param("2026-10-12T12:30", 5, True, id="five minutes"),
        pytest.param("2026-10-12T12:30", 1440, True, id="24 hours"),
        pytest.param("2026-10-12T12:30", 1445, False, id="more than 24 hours"),
        pytest.param("2026-10-12T12:30", 0, False, id="empty"),
        pytest.param("2026-10-12T12:30", -5, False, id="backward"),
        pytest.param("2026-10-12T12:31", 95, False, id="off the five minutes"),
        pytest.param("2026-10-12T12:30", 92, False, id="ends off them"),
        pytest.param("2026-10-12T12:30:01", 95, False, id="a second off"),
        pytest.param("2026-10-12T12:30:00.000001", 95, False, id="a microsecond off"),
    ],
)
def test_start_and_end_stand_on_five_minutes(start: str, minutes: int, is_sensible: bool) -> None:
    asked = Span(moscow(start), moscow(start) + timedelta(minutes=minutes))
    if is_sensible:
        check_times(asked)
    else:
        with pytest.raises(Invalid):
            check_times(asked)


FAR = span("2027-06-01T10:00", "2027-06-01T12:00")


@pytest.mark.parametrize(
    ("asked_on", "due"),
    [
        pytest.param("2026-10-01T12:00", "2026-10-07T00:00", id="over a weekend"),
        pytest.param("2027-02-19T12:00", "2027-02-26T00:00", id="I27 19.02.2027, with 20.02"),
        pytest.param("2027-02-18T12:00", "2027-02-25T00:00", id="18.02.2027: 19, 20, 24"),
        pytest.param("2027-03-05T12:00", "2027-03-12T00:00", id="05.03.2027, after 8 March"),
        pytest.param("2027-04-30T12:00", "2027-05-07T00:00", id="I27 30.04.2027: 4, 5, 6 May"),
        pytest.param("2026-12-29T12:00", "2027-01-13T00:00", id="over New Year"),
        pytest.param("2026-10-04T12:00", "2026-10-08T00:00", id="asked on a Sunday"),
        pytest.param("2026-10-01T00:00", "2026-10-07T00:00", id="the day begins in Moscow"),
        pytest.param("2026-09-30T23:59", "2026-10-06T00:00", id="a minute before it does"),
    ],
)
def test_an_answer_is_due_at_the_end_of_the_third_working_day(asked_on: str, due: str) -> None:
    """I27; Civil Code art. 191, 194."""
    assert answer_due_at(FAR, moscow(asked_on)) == moscow(due)


@pytest.mark.parametrize(
    ("start", "due"),
    [
        pytest.param("2026-10-06T23:55", "2026-10-06T23:55", id="the start is earlier"),
        pytest.param("2026-10-07T00:00", "2026-10-07T00:00", id="both at once"),
        pytest.param("2026-10-07T00:05", "2026-10-07T00:00", id="the third day is earlier"),
    ],
)
def test_an_answer_is_due_at_the_start_if_that_is_earlier(start: str, due: str) -> None:
    asked = Span(moscow(start), moscow(start) + timedelta(hours=1))
    assert answer_due_at(asked, NOW) == moscow(due)
