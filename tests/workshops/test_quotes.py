"""A quote says what a booking would say, and stores nothing."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from services.workshops.domain.facts import Approval
from shared.identity import Role
from shared.ids import new_id
from shared.russia.calendar import is_working_day
from tests.harness import Running
from tests.workshops.facts import Known

TABLES = ("bookings", "pool_days", "occupations", "outbox", "audit", "idempotency")


async def rows(service: Running) -> list[int]:
    (counts,) = await service.sql(
        "SELECT " + ", ".join(f"(SELECT count(*) FROM {table}) AS {table}" for table in TABLES)
    )
    return list(counts.values())


def _begun(known: Known) -> dict[str, Any]:
    days = -11
    while not is_working_day(known.stands_on + timedelta(days=days)):
        days -= 1
    return _moved(known, days=days - (known.day() - known.stands_on).days)


def _moved(known: Known, *, days: int) -> dict[str, Any]:
    return {
        "starts_at": (known.moment("12:30") + timedelta(days=days)).isoformat(),
        "ends_at": (known.moment("14:05") + timedelta(days=days)).isoformat(),
    }


Ask = Callable[[Known], dict[str, Any]]
ASKS: dict[str, Ask] = {
    "free of charge": lambda known: {},
    "for a sum": lambda known: {"member_id": known.firm},
    "by the quarter": lambda known: {"member_id": known.firm, "ends_at": known.at("12:50")},
    "one's own": lambda known: {"member_id": known.owner},
    "all places": lambda known: {"workplaces": 8},
    "a machine": lambda known: {"equipment_ids": [str(known.machines[0])]},
    "an agreement by name": lambda known: {"agreement_id": str(known.network_form)},
}
REFUSED: dict[str, tuple[int, str, Ask]] = {
    "nothing agreed": (409, "no-agreement", lambda known: {"member_id": known.stranger}),
    "not known": (409, "member-not-active", lambda known: {"member_id": new_id()}),
    "too many": (409, "slot-taken", lambda known: {"workplaces": 9}),
    "beside what is taken": (
        409,
        "slot-taken",
        lambda known: {"starts_at": known.at("16:00"), "ends_at": known.at("17:00")},
    ),
    "at night": (
        409,
        "not-open",
        lambda known: {"starts_at": known.at("02:00"), "ends_at": known.at("04:00")},
    ),
    "over a year ahead": (409, "not-open", lambda known: _moved(known, days=366)),
    "begun": (409, "too-late", _begun),
    "long ago": (409, "no-agreement", lambda known: _moved(known, days=-9000)),
    "no such workshop": (404, "not-found", lambda known: {"workshop_id": str(new_id())}),
    "no such agreement": (404, "not-found", lambda known: {"agreement_id": str(new_id())}),
    "another's agreement": (
        404,
        "not-found",
        lambda known: {"agreement_id": str(known.services_agreement)},
    ),
    "no such machine": (404, "not-found", lambda known: {"equipment_ids": [str(new_id())]}),
    "off the grain": (422, "invalid", lambda known: {"ends_at": known.at("12:32")}),
}


async def test_quote_and_booking_agree_and_a_quote_stores_nothing(workshops: Running) -> None:
    known = await Known(workshops).lay(Approval.INSTANT)
    start, end = known.at("15:00"), known.at("19:00")
    assert (await known.book(workplaces=7, starts_at=start, ends_at=end)).status_code == 201
    for name, ask in ASKS.items():
        before = await rows(workshops)
        quote = await known.quote(**ask(known))
        assert (quote.status_code, await rows(workshops)) == (200, before), name
        said = quote.json()
        assert (said["bookable"], said["refusal"], said["refusal_detail"]) == (True, None, None)
        booked = await known.book(**ask(known))
        assert booked.status_code == 201, f"{name}: {booked.text}"
        done = booked.json()
        assert [said[part] for part in ("price_kopecks", "vat_kopecks", "vat_rate")] == [
            done[part] for part in ("price_kopecks", "vat_kopecks", "vat_rate")
        ], name
        assert (said["reason"], said["reason_ru"]) == (
            done["price_reason"],
            done["price_reason_ru"],
        )
        await known.decide(done["id"], "cancel", reason="x")
    for name, (status, code, ask) in REFUSED.items():
        before = await rows(workshops)
        quote, booked = await known.quote(**ask(known)), await known.book(**ask(known))
        assert (booked.status_code, booked.json()["code"]) == (status, code), name
        if status == 409:
            said = quote.json()
            assert (said["bookable"], said["refusal"]) == (False, code), name
            assert said["refusal_detail"] == booked.json()["detail"], name
        else:
            assert (quote.status_code, quote.json()["code"]) == (status, code), name
        assert await rows(workshops) == before, name


async def test_what_is_refused_for_another_reason_still_has_its_price(known: Known) -> None:
    night = {"starts_at": known.at("02:00"), "ends_at": known.at("04:00")}
    assert (await known.quote(known.firm, **night)).json()["price_kopecks"] == 219_600
    assert (await known.quote(known.stranger)).json()["price_kopecks"] is None


async def test_a_quote_for_a_time_before_the_rates_of_vat_has_no_price(known: Known) -> None:
    await known.agree("services", known.stranger, date(2001, 1, 1), date(2030, 1, 1))
    past = {"starts_at": "2012-03-14T12:00:00+03:00", "ends_at": "2012-03-14T13:00:00+03:00"}
    quote = await known.quote(known.stranger, **past)
    assert quote.status_code == 200, quote.text
    assert (quote.json()["refusal"], quote.json()["price_kopecks"]) == ("too-late", None)


async def test_several_agreements_are_named_until_one_is_chosen(known: Known) -> None:
    second = await known.agree("lease", known.college)
    for answer in (await known.quote(), await known.book()):
        assert (answer.status_code, answer.json()["code"]) == (422, "agreement-ambiguous")
        assert answer.json()["agreement_ids"] == sorted([str(second), str(known.network_form)])
    chosen = (await known.book(agreement_id=str(second))).json()
    assert (chosen["agreement_id"], chosen["price_kopecks"]) == (str(second), 192_150)


async def test_an_agreement_that_has_ended_bears_no_booking_and_no_approval(known: Known) -> None:
    asked = (await known.book()).json()
    await known.end_agreement(known.network_form, known.day())
    assert (await known.decide(asked["id"], "approve")).json()["code"] == "no-agreement"
    assert (await known.book()).json()["code"] == "no-agreement"
    assert (await known.quote()).json()["refusal"] == "no-agreement"
    assert (await known.read(f"bookings/{asked['id']}")).json()["status"] == "requested"


@pytest.mark.parametrize("leaver", ["owner", "college"])
async def test_a_leaving_member_books_and_is_booked_only_up_to_the_last_day_before(
    known: Known, leaver: str
) -> None:
    """R5.1."""
    await known.leave(getattr(known, leaver), known.day() + timedelta(days=1))
    assert (await known.book()).status_code == 201
    await known.leave(getattr(known, leaver), known.day())
    assert (await known.book()).json()["code"] == "member-not-active"
    assert (await known.quote()).json()["refusal"] == "member-not-active"
    own = await known.book(known.owner)
    assert own.status_code == (409 if leaver == "owner" else 201)


async def test_what_is_not_yours_is_unknown_before_a_missing_role_is_said(known: Known) -> None:
    """The issue: 401, 422, 404, 403, then 409."""
    as_finance = known.service.as_(known.college, Role.FINANCE)
    client, url = known.service.client, "/api/workshops/bookings"
    wrong = {"ends_at": known.at("12:30")}
    cases: list[tuple[dict[str, str], dict[str, Any], int]] = [
        ({}, wrong, 401),
        (as_finance, wrong, 422),
        (as_finance, {"workshop_id": str(new_id())}, 404),
        (as_finance, {"agreement_id": str(known.services_agreement)}, 404),
        (as_finance, {"equipment_ids": [str(new_id())]}, 404),
        (as_finance, {}, 403),
        (as_finance, {"workplaces": 9}, 403),
    ]
    for path in (url, "/api/workshops/quotes"):
        for headers, changes, status in cases:
            answer = await client.post(
                path, json=known.ask(**changes), headers={**headers, "Idempotency-Key": "k"}
            )
            assert answer.status_code == status, (path, changes, answer.text)


async def test_the_short_way_through_a_route_answers_as_fastapi_does(known: Known) -> None:
    headers = known.service.as_(known.college, Role.COORDINATOR)
    client, body = known.service.client, json.dumps(known.ask()).encode()
    # a charset is as good, and takes the long way
    kinds = ("application/json", "application/json; charset=utf-8")
    for path in ("/api/workshops/quotes", "/api/workshops/bookings"):
        short, long = [
            await client.post(
                path,
                content=body,
                headers={**headers, "Content-Type": kind, "Idempotency-Key": str(new_id())},
            )
            for kind in kinds
        ]
        assert short.status_code == long.status_code
        assert {*short.headers} == {*long.headers}
        assert short.headers["content-type"] == long.headers["content-type"]
        own = {"id": None, "requested_at": None}  # of each booking
        assert {**short.json(), **own} == {**long.json(), **own}
