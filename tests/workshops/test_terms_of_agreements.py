"""What workshops concludes when an agreement goes on, is ended by notice, or is free of charge."""

from datetime import date, timedelta
from typing import Any

import pytest

from contracts import membership
from contracts.event import Event
from services.workshops.subscribers import (
    on_agreement_activated,
    on_agreement_notice_given,
    on_agreement_prolonged,
)
from shared.ids import new_id
from tests.workshops.facts import Known


async def hears(known: Known, handler: Any, event: Event) -> None:
    """Workshops takes a message."""
    async with known.service.runtime.database.transaction() as tx:
        await handler(event, tx)


async def test_a_booking_stands_on_a_term_that_has_gone_on(known: Known) -> None:
    agreement_id = await known.agree(
        "network_form", known.stranger, valid_to=known.day() - timedelta(days=1)
    )
    refused = await known.book(known.stranger)
    assert refused.json()["code"] == "no-agreement"
    event = membership.AgreementProlonged(
        agreement_id=agreement_id,
        party_ids=(known.owner, known.stranger),
        valid_to=known.day() + timedelta(days=300),
    )
    await hears(known, on_agreement_prolonged, event)
    await hears(known, on_agreement_prolonged, event)
    assert (await known.book(known.stranger)).status_code == 201


async def test_from_the_day_that_notice_names_nothing_new_stands_on_the_agreement(
    known: Known,
) -> None:
    stood = await known.book()
    assert stood.status_code == 201, stood.text
    event = membership.AgreementNoticeGiven(
        agreement_id=known.network_form,
        party_ids=(known.owner, known.college),
        by_id=known.owner,
        ends_on=known.day(),
    )
    await hears(known, on_agreement_notice_given, event)
    refused = await known.book(starts_at=known.at("14:15"), ends_at=known.at("15:50"))
    assert refused.json()["code"] == "no-agreement"
    seen = await known.read(f"bookings/{stood.json()['id']}", known.college)
    assert seen.json()["status"] == "requested", "what was asked before is the owner's to answer"


@pytest.mark.parametrize(("is_free", "costs"), [(True, False), (False, True)])
async def test_what_is_agreed_to_be_free_costs_nothing(
    known: Known, is_free: bool, costs: bool
) -> None:
    event = membership.AgreementActivated(
        agreement_id=new_id(),
        kind="services",
        party_ids=(known.owner, known.stranger),
        valid_from=date(2020, 1, 1),
        valid_to=known.day() + timedelta(days=400),
        is_free=is_free,
    )
    await hears(known, on_agreement_activated, event)
    booked = (await known.book(known.stranger)).json()
    assert (booked["price_kopecks"] > 0) is costs, booked
