"""What people of the demo do through the services, so that pages have something to show."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.people import Person, eventually
from tests.portal.platform import Platform

MOSCOW = ZoneInfo("Europe/Moscow")
WEDNESDAY = datetime(2027, 2, 10, 8, 30, tzinfo=MOSCOW)


@dataclass(frozen=True)
class Used:
    """A use that is over: its booking, and what is owed for it."""

    booking: dict[str, Any]
    obligation: dict[str, Any]


def person(platform: Platform, account: str) -> Person:
    """Somebody of the demo, as a program sees them."""
    return Person(platform.url, account)


def agreement_with(one: Person, other: Person, **terms: Any) -> dict[str, Any]:
    """An agreement that one member has made, and the other has still to sign."""
    body = {
        "kind": "services",
        "party_ids": [one.member_id, other.member_id],
        "valid_from": "2027-02-01",
        "valid_to": "2027-08-31",
        "subject": "Услуги мастерских",
        **terms,
    }
    answer = one.post("/membership/agreements", body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def use(
    booker: Person, owner: Person, workshop: str, starts_at: datetime, minutes: int = 95, **ask: Any
) -> Used:
    """A booking that took place and was charged; the demo lets it be completed at once."""
    answer = booker.book(booker.ask(workshop, starts_at, minutes, **ask))
    assert answer.status_code == 201, answer.text
    path = f"/workshops/bookings/{answer.json()['id']}"
    if answer.json()["status"] == "requested":
        assert owner.post(f"{path}/approve").status_code == 200
    assert owner.post(f"{path}/check-in").status_code == 200
    done = owner.post(f"{path}/complete", {"actual_minutes": minutes})
    assert done.status_code == 200, done.text
    (obligation,) = eventually(lambda: booker.obligations_of(done.json()["id"]))
    return Used(done.json(), obligation)


def later(days: int, hours: int = 0) -> datetime:
    """A moment of a working day some days after the first one."""
    return WEDNESDAY + timedelta(days=days, hours=hours)
