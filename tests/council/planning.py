"""What tests of the annual plan stand on: items, and the way of a plan through HTTP."""

from typing import Any
from uuid import UUID

from services.council.commands import plans
from services.council.domain.plan_items import Content, Section
from shared.ids import new_id
from shared.refusal import Refusal
from tests.council.chamber import Chamber


def content(**other: Any) -> Content:
    """What an item says that costs nothing and names one member."""
    said: dict[str, Any] = {
        "section": Section.WORKSHOPS,
        "title": "Открыть мастерскую сварки для всех участников",
        "form": None,
        "period": "2027-Q2",
        "responsible_member_id": other.get("responsible_member_id") or new_id(),
        "responsible_person_id": None,
        "co_executor_ids": (),
        "audience": None,
        "planned_count": None,
        "place": None,
        "result": "Мастерская доступна для записи",
        "indicator": None,
        "unit": None,
        "planned_value": None,
        "source": None,
        "amount_kopecks": None,
        "payer_member_id": None,
        "basis": None,
    }
    return Content(**{**said, **other})


class Planning:
    """A council with a plan for this year, and the steps of it."""

    def __init__(self, chamber: Chamber) -> None:
        self.chamber = chamber
        self.year = chamber.today.year
        self.plan_id = ""

    def body(self, place: int = 2, /, **other: Any) -> dict[str, Any]:
        """An item that names the member of that place alone."""
        return {
            "section": "workshops",
            "title": "Открыть мастерскую сварки",
            "period": str(self.year),
            "responsible_member_id": str(self.chamber.members[place]),
            "result": "Мастерская доступна для записи",
            **other,
        }

    async def opened(self, year: int | None = None) -> str:
        """The id of a plan that is a draft."""
        answer = await self.chamber.post("/plans", year=year or self.year)
        assert answer.status_code == 201, answer.text
        self.plan_id = answer.json()["id"]
        return self.plan_id

    async def collecting(self, year: int | None = None) -> str:
        """The id of a plan for which items are collected."""
        await self.opened(year)
        await self.step("collect", until_on=None)
        return self.plan_id

    async def step(self, step: str, headers: dict[str, str] | None = None, /, **body: Any) -> Any:
        """A step of the plan, which is taken; the plan after it."""
        answer = await self.chamber.post(f"/plans/{self.plan_id}/{step}", headers, **body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def plan(self) -> Any:
        """The plan as it is now."""
        answer = await self.chamber.get(f"/plans/{self.plan_id}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def proposed(self, place: int = 2, /, **other: Any) -> dict[str, Any]:
        """An item that the member of that place has put forward for itself."""
        answer = await self.chamber.post(
            f"/plans/{self.plan_id}/items",
            self.chamber.as_seated(place),
            **self.body(place, **other),
        )
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def agreed(self) -> Any:
        """The plan after the head has agreed to what it says now."""
        now = await self.plan()
        return await self.step("agree", self.chamber.as_head(), sha256=now["sha256"])

    async def approve(
        self, plan_id: str | None = None, sha256: str | None = None, decision_id: UUID | None = None
    ) -> str | None:
        """Carries out the council's decision; the code of the refusal, if it was refused."""
        wanted = self.plan_id if plan_id is None else plan_id
        try:
            async with self.chamber.service.runtime.database.transaction() as tx:
                await plans.carry_out_approval(
                    tx,
                    plan_id=UUID(wanted) if wanted else None,
                    decision_id=decision_id or new_id(),
                    sha256=sha256,
                )
        except Refusal as refusal:
            return refusal.code
        return None

    async def in_force(self, *places: int, **other: Any) -> list[dict[str, Any]]:
        """The items of a plan in force, one for each of these members."""
        await self.collecting()
        items = [await self.proposed(place, **other) for place in places]
        await self.agreed()
        assert await self.approve() is None
        return items

    async def items(self, **query: Any) -> list[dict[str, Any]]:
        """The items of the plan."""
        answer = await self.chamber.get(f"/plans/{self.plan_id}/items", **query)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["items"]
        return found
