"""What people of the demo do through the services, so that pages have something to show."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from contracts.council import DecisionAdopted
from services.portal.pages import card
from shared.ids import new_id
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


def decide(platform: Platform, kind: str, subject_id: str, **other: Any) -> None:
    """The council has decided, and those who carry it out hear of it."""
    facts: dict[str, Any] = {
        "decision_id": new_id(),
        "meeting_id": None,
        "item_id": None,
        "kind": kind,
        "force": "binding",
        "subject_id": subject_id,
        "addressee_ids": (),
        "due_on": None,
        "ground": None,
        "parameter": None,
        "value": None,
        "adopted_on": platform.clock().astimezone(MOSCOW).date(),
        **other,
    }
    platform.tell(DecisionAdopted.model_validate(facts))


def letter(platform: Platform, address: str, kind: str) -> str:
    """The token of the newest letter of the kind to the address, once it is written."""
    admin = person(platform, "admin@artel")

    def token() -> Any:
        for each in admin.items("/membership/letters", limit=200):
            if (each["address"], each["kind"]) == (address, kind):
                return each["token"]
        return None

    return str(eventually(token))


def application_form(**changes: str) -> dict[str, str]:
    """A form of an application as it would be sent, by an organisation that nobody knows yet."""
    return {
        "kind": "employer",
        "town": "Десногорск",
        "name": "ООО «Десна» (демо)",
        "full_name": "Общество с ограниченной ответственностью «Десна» (демо)",
        "legal_form": "12300",
        "inn": "6799000902",
        "kpp": "679901001",
        "ogrn": "1206700000011",
        "ogrn_on": "2020-03-02",
        "okved": "28.41",
        "oktmo": "66710000",
        "vat_regime": "general",
        "legal_address": "216400, Смоленская область, Десногорск, ул. Заводская, 1",
        "postal_address": "216400, Смоленская область, Десногорск, ул. Заводская, 1",
        "accounts": "1",
        "head.family_name": "Рогова",
        "head.given_name": "Инна",
        "head.post": "директор",
        "head.basis": "charter",
        "contact.family_name": "Седов",
        "contact.given_name": "Пётр",
        "contact.email": "hr@desna.demo",
        "contact.phones": "+7 48153 0-00-01, +7 48153 0-00-02",
        **changes,
    }


def applied(platform: Platform, email: str, **changes: str) -> str:
    """The id of an application that was sent from this address, and confirmed."""
    _, typed = card.read(application_form(**{"contact.email": email, **changes}))
    admin = person(platform, "admin@artel")
    made = admin.post("/membership/applications", card.body_of(typed))
    assert made.status_code == 201, made.text
    token = letter(platform, email, "confirm")
    sent = admin.post("/membership/applications/confirm", {"token": token})
    assert sent.status_code == 200, sent.text
    return str(sent.json()["id"])


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
