"""The council of the demo and its plans, as the pages of the plan are tried with them."""

import base64
import json
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from services.council.commands import plans
from services.membership.demo import MEMBERS
from shared.database import Transaction
from shared.ids import new_id
from tests.people import Person
from tests.portal.deeds import person
from tests.portal.platform import Platform

SLUGS = tuple(card.slug for card in MEMBERS)
HEAD, SECRETARY = "coordinator@ministry", "approver@ministry"


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
        known = self.people["smolapo"].get("/council/composition").json()
        duties = {seat["duty"]: seat["person_id"] for seat in known["seats"]}
        assert duties["head"] == person_of(person(self.platform, HEAD))
        assert duties["secretary"] == person_of(person(self.platform, SECRETARY))

    def plans(self) -> list[dict[str, Any]]:
        """All plans, the latest year first."""
        return self.people["smolapo"].items("/council/plans")

    def in_force(self) -> dict[str, Any]:
        """The plan in force."""
        return next(plan for plan in self.plans() if plan["status"] == "in_force")

    def items(self, plan_id: str, **query: Any) -> list[dict[str, Any]]:
        """Items of a plan."""
        return self.people["smolapo"].items(f"/council/plans/{plan_id}/items", limit=200, **query)

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
