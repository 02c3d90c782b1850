"""A council with an annual plan for the pages: founded and laid where the demo has none yet."""

import base64
import json
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from services.council.commands import plans
from services.council.demo_plan import Cast, lay_next_plan, lay_plan, lay_reports
from services.council.demo_plan import Person as Player
from services.membership.demo import MEMBERS
from shared.database import Transaction
from shared.ids import new_id
from shared.russia.calendar import moscow_date
from tests.people import Person, eventually
from tests.portal.deeds import person
from tests.portal.platform import Platform

SLUGS = tuple(card.slug for card in MEMBERS)
AUTHORITY, HEAD, SECRETARY = "ministry", "coordinator@ministry", "approver@ministry"
QUOTAS = {"authority": "authority", "college": "college", "university": "university"}


@dataclass
class Planners:
    """Who sits in the council, by account, and the plans there are."""

    platform: Platform
    head: str = HEAD
    secretary: str = SECRETARY
    people: dict[str, Person] = field(default_factory=dict)
    """Coordinators by the short name of their member."""

    def __post_init__(self) -> None:
        self.people = {slug: person(self.platform, f"coordinator@{slug}") for slug in SLUGS}
        self.found()
        if not self.plans():
            self.lay()

    def plans(self) -> list[dict[str, Any]]:
        """All plans, the latest year first."""
        return self.people["smolapo"].items("/council/plans")

    def in_force(self) -> dict[str, Any]:
        """The plan in force."""
        return next(plan for plan in self.plans() if plan["status"] == "in_force")

    def items(self, plan_id: str, **query: Any) -> list[dict[str, Any]]:
        """Items of a plan."""
        return self.people["smolapo"].items(f"/council/plans/{plan_id}/items", limit=200, **query)

    def found(self) -> None:
        """Notes who sits, and founds the council if nobody does."""
        known = self.people["smolapo"].get("/council/composition").json()
        if not known["is_founded"]:
            answer = person(self.platform, "admin@artel").post("/council/composition", self.body())
            assert answer.status_code == 201, answer.text
            known = answer.json()
        duties = {seat["duty"]: seat["person_id"] for seat in known["seats"]}
        self.head = self.account_of(duties["head"])
        self.secretary = self.account_of(duties["secretary"])
        self.secretary_seat = next(s for s in known["seats"] if s["duty"] == "secretary")
        for account, role in ((self.head, "council_head"), (self.secretary, "council_secretary")):
            eventually(lambda a=account, r=role: r in roles_of(self.platform, a))

    def account_of(self, person_id: str) -> str:
        """The account of somebody of the demo."""
        posts = ("coordinator", "approver", "finance")
        for account in [SECRETARY, *(f"{post}@{slug}" for post in posts for slug in SLUGS)]:
            if person_of(person(self.platform, account)) == person_id:
                return account
        raise AssertionError("nobody of the demo sits there")

    def body(self) -> dict[str, Any]:
        """The first composition: a coordinator of each member, and a secretary without a vote."""
        kinds = {card.slug: str(card.kind) for card in MEMBERS}
        seats: list[dict[str, Any]] = [
            {
                "person_id": person_of(somebody),
                "member_id": somebody.member_id,
                "quota": QUOTAS.get(kinds[slug], "employer"),
                "duty": "head" if slug == AUTHORITY else "member",
            }
            for slug, somebody in self.people.items()
        ]
        secretary = person(self.platform, SECRETARY)
        seats.append(
            {
                "person_id": person_of(secretary),
                "member_id": secretary.member_id,
                "duty": "secretary",
                "has_vote": False,
            }
        )
        today = moscow_date(self.platform.clock()).isoformat()
        return {"basis": "Приказ от 12.01.2027 № 14", "from_on": today, "seats": seats}

    def lay(self) -> None:
        """The demo's plans, as the council's demo lays them."""
        cast = Cast(
            head=player(self.people[AUTHORITY]),
            secretary=Player(
                UUID(self.secretary_seat["person_id"]), UUID(self.secretary_seat["member_id"])
            ),
            coordinators={slug: player(somebody) for slug, somebody in self.people.items()},
        )

        async def play(tx: Transaction) -> None:
            year = moscow_date(tx.now).year
            plan_id = await lay_plan(tx, cast, year)
            await plans.carry_out_approval(tx, plan_id=plan_id, decision_id=new_id())
            await lay_reports(tx, cast, plan_id)
            await lay_next_plan(tx, cast, year + 1)

        self.platform.do("council", play)

    def approve(self, plan_id: str) -> None:
        """The council has decided, and its decision is carried out."""

        async def decide(tx: Transaction) -> None:
            await plans.carry_out_approval(tx, plan_id=UUID(plan_id), decision_id=new_id())

        self.platform.do("council", decide)


def person_of(somebody: Person) -> str:
    """Who is signed in, by id, as the access token says."""
    claims = somebody.session["access_token"].split(".")[1]
    found: str = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["sub"]
    return found


def player(somebody: Person) -> Player:
    """Somebody of the demo, as its plan casts them."""
    return Player(UUID(person_of(somebody)), UUID(somebody.member_id))


def roles_of(platform: Platform, account: str) -> set[str]:
    """In which roles a new session of the account acts."""
    return set(person(platform, account).session["roles"])
