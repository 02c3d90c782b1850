"""kill -9 at named points of a running installation: nothing is lost and nothing is done twice."""

from typing import Any

import pytest

from shared import failpoints
from shared.ids import new_id
from tests.crashes.conftest import Installation
from tests.people import Person, eventually, persistently

WORKSHOP = "Станки с ЧПУ"


@pytest.fixture(scope="module")
def firm(installation: Installation) -> Person:
    return installation.person("coordinator@stankoservis")


@pytest.fixture(scope="module")
def owner(installation: Installation) -> Person:
    return installation.person("coordinator@smolapo")


def bookings_for(person: Person, purpose: str) -> list[Any]:
    found = person.items("/workshops/bookings", side="booker", limit=200)
    return [item for item in found if item["purpose"] == purpose]


def use(firm: Person, owner: Person, number: int) -> str:
    """A booking that is approved and checked in; completing it is the test's."""
    body = firm.ask(WORKSHOP, firm.free(WORKSHOP, number=number))
    booking = persistently(lambda: firm.book(body)).json()
    for step in ("approve", "check-in"):
        answer = persistently(
            lambda step=step: owner.post(f"/workshops/bookings/{booking['id']}/{step}")  # type: ignore[misc]
        )
        assert answer.status_code == 200, answer.text
    return str(booking["id"])


@pytest.mark.parametrize("point", [failpoints.WRITE_BEFORE_COMMIT, failpoints.COMMIT_BEFORE_ANSWER])
def test_a_booking_repeated_with_its_key_after_a_kill_stands_once(
    installation: Installation, firm: Person, point: str
) -> None:
    key = str(new_id())
    body = firm.ask(WORKSHOP, firm.free(WORKSHOP, number=5), purpose=key)
    armed = installation.arm("workshops", point)
    first = firm.book(body, key)
    assert first.status_code == 503
    installation.was_killed(armed)
    again = persistently(lambda: firm.book(body, key))
    assert again.status_code == 201, again.text
    assert firm.book(body, key).json() == again.json()
    assert [item["id"] for item in bookings_for(firm, key)] == [again.json()["id"]]
    cancelled = firm.post(f"/workshops/bookings/{again.json()['id']}/cancel", {"reason": "тест"})
    assert cancelled.status_code == 200


@pytest.mark.parametrize(
    ("service", "point"),
    [
        ("workshops", failpoints.COMMIT_BEFORE_PUBLISH),
        ("workshops", failpoints.PUBLISH_BEFORE_MARK),
        ("finance", failpoints.WRITE_BEFORE_COMMIT),
        ("finance", failpoints.EFFECT_BEFORE_ACK),
    ],
)
def test_what_is_owed_stands_once_in_finance_whoever_is_killed_on_the_way(
    installation: Installation, firm: Person, owner: Person, service: str, point: str
) -> None:
    booking = use(firm, owner, number=1)
    armed = installation.arm(service, point)
    answer = persistently(
        lambda: owner.post(f"/workshops/bookings/{booking}/complete", {"actual_minutes": 60})
    )
    # whoever was killed before the answer came finds the step done
    assert answer.status_code == 200 or answer.json()["code"] == "wrong-status", answer.text
    installation.was_killed(armed)
    obligations = eventually(lambda: firm.obligations_of(booking))
    assert [item["amount_kopecks"] for item in obligations] == [54_900]
    # a later use is heard after it: the stream flows on, and the first was not taken twice
    later = use(firm, owner, number=2)
    done = owner.post(f"/workshops/bookings/{later}/complete", {"actual_minutes": 30})
    assert done.status_code == 200, done.text
    eventually(lambda: firm.obligations_of(later))
    assert len(firm.obligations_of(booking)) == 1


def test_an_agreement_signed_before_a_kill_is_known_to_workshops_after_it(
    installation: Installation, owner: Person
) -> None:
    welder = installation.person("coordinator@promsvar")
    body = {
        "kind": "lease",
        "party_ids": [welder.member_id, owner.member_id],
        "valid_from": "2026-01-01",
        "valid_to": "2036-01-01",
        "subject": "Аренда",
    }
    armed = installation.arm("membership", failpoints.COMMIT_BEFORE_PUBLISH)
    made = persistently(lambda: welder.post("/membership/agreements", body, key="once"))
    assert made.status_code == 201, made.text
    installation.was_killed(armed)
    signed = persistently(lambda: owner.post(f"/membership/agreements/{made.json()['id']}/sign"))
    assert signed.status_code == 200 or signed.json()["code"] == "wrong-status"
    ask = welder.ask(WORKSHOP, welder.free(WORKSHOP, number=8))
    eventually(lambda: welder.post("/workshops/quotes", ask).json()["bookable"])
