"""The council of the demo, or one that a test founds, and what it does through the services."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.membership.demo import MEMBERS
from tests.people import Person, eventually
from tests.portal.deeds import MOSCOW, person
from tests.portal.platform import Platform

SLUGS = tuple(card.slug for card in MEMBERS)


@dataclass(frozen=True)
class Council:
    """Who sits: accounts such as `coordinator@vyazma`, by the id of their seat."""

    head: str
    secretary: str
    members: dict[str, str]
    """The seats of those with a vote, by account."""


def council_of(platform: Platform) -> Council:
    """The council as it sits today; founded first where the demo has none."""
    admin = person(platform, "admin@artel")
    coordinators = {slug: person(platform, f"coordinator@{slug}") for slug in SLUGS}
    accounts = {
        each["person_id"]: str(each["email"]).removesuffix(".demo")
        for known in coordinators.values()
        for each in known.items("/membership/accounts")
    }
    found = admin.get("/council/composition").json()
    if not found["is_founded"]:
        found = eventually(lambda: _found(admin, coordinators))
    seats = {accounts[each["person_id"]]: each for each in found["seats"]}
    council = Council(
        head=_with_duty(seats, "head"),
        secretary=_with_duty(seats, "secretary"),
        members={name: each["id"] for name, each in seats.items() if each["has_vote"]},
    )
    eventually(lambda: "council_secretary" in person(platform, council.secretary).session["roles"])
    eventually(lambda: "council_head" in person(platform, council.head).session["roles"])
    return council


def _found(admin: Person, coordinators: dict[str, Person]) -> Any:
    seats = []
    for place, (slug, known) in enumerate(coordinators.items()):
        card = known.get(f"/membership/members/{known.member_id}").json()
        me = known.get("/membership/sessions/current").json()["person"]["person_id"]
        duty = {0: "head", 1: "secretary"}.get(place, "member")
        seats.append(
            {"person_id": me, "member_id": known.member_id, "quota": card["kind"], "duty": duty}
        )
        assert slug
    answer = admin.post(
        "/council/composition",
        {"basis": "Приказ № 1", "from_on": "2027-02-02", "seats": seats},
    )
    assert answer.status_code == 201, answer.text
    return answer.json()


def _with_duty(seats: dict[str, Any], duty: str) -> str:
    return next(name for name, each in seats.items() if each["duty"] == duty)


def done(answer: Any, status: int = 200) -> Any:
    """The answer of a step that was taken."""
    assert answer.status_code == status, answer.text
    return answer.json()


def meeting_with(
    platform: Platform, council: Council, *items: dict[str, Any], days: int = 14
) -> dict[str, Any]:
    """A meeting in person that is planned so many days ahead, with these items on its agenda."""
    secretary = person(platform, council.secretary)
    starts_at = platform.clock().astimezone(MOSCOW).replace(hour=14, minute=0) + timedelta(
        days=days
    )
    made = done(
        secretary.post(
            "/council/meetings",
            {
                "form": "in_person",
                "starts_at": starts_at.isoformat(),
                "place": "Смоленск, Ленина, 1",
            },
        ),
        201,
    )
    for item in items:
        done(secretary.post(f"/council/meetings/{made['id']}/items", item), 201)
    return dict(done(secretary.get(f"/council/meetings/{made['id']}")))


def advice(title: str = "О мастерских", **more: Any) -> dict[str, Any]:
    """An item that recommends something."""
    return {
        "title": title,
        "kind": "decision",
        "decision_kind": "recommend",
        "force": "recommendation",
        "draft_text": f"Рекомендовать участникам: {title.lower()}.",
        **more,
    }


def open_meeting(platform: Platform, council: Council, *items: dict[str, Any]) -> dict[str, Any]:
    """A meeting under way, to which everybody with a vote has come."""
    secretary = person(platform, council.secretary)
    made = meeting_with(platform, council, *items)
    path = f"/council/meetings/{made['id']}"
    done(secretary.post(f"{path}/announce"))
    platform.clock.set(datetime.fromisoformat(made["starts_at"]) + timedelta(minutes=5))
    secretary = person(platform, council.secretary)
    for seat_id in council.members.values():
        done(secretary.post(f"{path}/register", {"way": "in_person", "seat_id": seat_id}))
    opened = done(secretary.post(f"{path}/open", {"chair_seat_id": None}))
    assert opened["status"] == "open"
    return dict(opened)
