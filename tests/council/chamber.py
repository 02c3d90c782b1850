"""What tests of the council stand on: members, their people, and a council of fifteen."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import httpx

from services.council.commands import heard
from shared.identity import Role
from shared.ids import new_id
from shared.russia.calendar import MOSCOW, add_working_days, moscow_date
from tests.harness import Running

API = "/api/council"
ROLES = {
    "head": (Role.COUNCIL_HEAD, Role.COUNCIL_MEMBER),
    "deputy": (Role.COUNCIL_MEMBER,),
    "secretary": (Role.COUNCIL_SECRETARY,),
    "member": (Role.COUNCIL_MEMBER,),
}
QUOTAS = ("authority", *["college"] * 6, "university", *["employer"] * 7)
"""The groups of the fifteen members; the first one's person is the head."""

INFO = {"title": "О ходе практики", "kind": "info"}
ADVICE = {
    "title": "О графике мастерских",
    "kind": "decision",
    "decision_kind": "recommend",
    "force": "recommendation",
    "draft_text": "Рекомендовать участникам согласовать графики до 1 сентября.",
}


class Chamber:
    """Fifteen members, one person of each in the council, and a secretary without a vote."""

    def __init__(self, service: Running) -> None:
        self.service = service
        self.members = [new_id() for _ in QUOTAS]
        self.people = [new_id() for _ in QUOTAS]
        self.secretary = new_id()
        self.outsider = new_id()
        """Somebody of the last member who does not sit."""
        self.seats: dict[UUID, UUID] = {}
        """The seat of each person."""

    async def lay(self, *, is_founded: bool = True) -> "Chamber":
        """The members, as they were heard of, and the council as an administrator records it."""
        async with self.service.runtime.database.transaction() as tx:
            for member_id, person_id in zip(self.members, self.people, strict=True):
                await heard.know_member(tx, member_id, self.today - timedelta(days=400))
                await heard.know_person(tx, person_id, member_id, acts_for_it=True)
            for person_id, member_id in (
                (self.secretary, self.members[0]),
                (self.outsider, self.members[-1]),
            ):
                await heard.know_person(tx, person_id, member_id, acts_for_it=True)
        if is_founded:
            founded = await self.found()
            assert founded.status_code == 201, founded.text
            self.seats = {
                UUID(seat["person_id"]): UUID(seat["id"]) for seat in founded.json()["seats"]
            }
        return self

    def composition(self, **other: Any) -> dict[str, Any]:
        """The first composition, as a body."""
        seats = [
            {
                "person_id": str(person_id),
                "member_id": str(member_id),
                "quota": quota,
                "duty": {0: "head", 1: "deputy"}.get(place, "member"),
            }
            for place, (person_id, member_id, quota) in enumerate(
                zip(self.people, self.members, QUOTAS, strict=True)
            )
        ]
        secretary = {
            "person_id": str(self.secretary),
            "member_id": str(self.members[0]),
            "duty": "secretary",
            "has_vote": False,
        }
        return {
            "basis": "Приказ от 12.01.2026 № 14",
            "from_on": self.day(-60),
            "seats": [*seats, secretary],
            **other,
        }

    async def found(self, **other: Any) -> httpx.Response:
        """An administrator records the first composition."""
        return await self.post("/composition", self.as_administrator(), **self.composition(**other))

    # --- when ------------------------------------------------------------------------------------

    @property
    def today(self) -> date:
        """Today in Moscow."""
        return moscow_date(self.service.clock())

    def day(self, days: int) -> str:
        """The day so many days from today, as it is written."""
        return (self.today + timedelta(days=days)).isoformat()

    def at(self, working_days: int, hour: int = 11) -> datetime:
        """That hour in Moscow, so many working days from today."""
        day = add_working_days(self.today, working_days)
        return datetime.combine(day, time(hour), MOSCOW)

    # --- who -------------------------------------------------------------------------------------

    def as_head(self) -> dict[str, str]:
        """The headers of the head."""
        return self.as_seated(0)

    def as_deputy(self) -> dict[str, str]:
        """The headers of the deputy."""
        return self.as_seated(1)

    def as_seated(self, place: int) -> dict[str, str]:
        """The headers of the person who sits for the member of that place."""
        duty = {0: "head", 1: "deputy"}.get(place, "member")
        return self.service.as_(
            self.members[place], *ROLES[duty], Role.COORDINATOR, person_id=self.people[place]
        )

    def as_secretary(self) -> dict[str, str]:
        """The headers of the secretary, who has no vote."""
        return self.service.as_(self.members[0], Role.COUNCIL_SECRETARY, person_id=self.secretary)

    def as_administrator(self) -> dict[str, str]:
        """The headers of an administrator."""
        return self.service.as_(None, Role.ADMINISTRATOR)

    def as_outsider(self, *roles: Role) -> dict[str, str]:
        """The headers of a coordinator of the last member who does not sit."""
        return self.service.as_(
            self.members[-1], *(roles or (Role.COORDINATOR,)), person_id=self.outsider
        )

    def seat(self, place: int) -> UUID:
        """The seat of the person who sits for the member of that place."""
        return self.seats[self.people[place]]

    # --- asking ----------------------------------------------------------------------------------

    async def get(
        self, path: str, headers: dict[str, str] | None = None, **query: Any
    ) -> httpx.Response:
        """Looks something up; as the secretary, unless told otherwise."""
        return await self.service.client.get(
            f"{API}{path}", headers=headers or self.as_secretary(), params=query
        )

    async def post(
        self, path: str, headers: dict[str, str] | None = None, /, **body: Any
    ) -> httpx.Response:
        """Asks for something; as the secretary, unless told otherwise."""
        return await self.service.client.post(
            f"{API}{path}", json=body, headers=headers or self.as_secretary()
        )

    async def put(
        self, path: str, headers: dict[str, str] | None = None, /, **body: Any
    ) -> httpx.Response:
        """Sets something; as the secretary, unless told otherwise."""
        return await self.service.client.put(
            f"{API}{path}", json=body, headers=headers or self.as_secretary()
        )

    async def delete(self, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
        """Takes something away; as the secretary, unless told otherwise."""
        return await self.service.client.delete(
            f"{API}{path}", headers=headers or self.as_secretary()
        )

    # --- meetings --------------------------------------------------------------------------------

    def call(self, working_days: int = 6, **other: Any) -> dict[str, Any]:
        """A regular meeting in person, as a body."""
        return {
            "form": "in_person",
            "starts_at": self.at(working_days).isoformat(),
            "place": "Смоленск, ул. Ленина, 1",
            **other,
        }

    async def planned(self, *items: dict[str, Any], **other: Any) -> str:
        """The id of a meeting that is planned with these items on its agenda."""
        answer = await self.post("/meetings", **self.call(**other))
        assert answer.status_code == 201, answer.text
        meeting_id: str = answer.json()["id"]
        for item in items:
            added = await self.post(f"/meetings/{meeting_id}/items", **item)
            assert added.status_code == 201, added.text
        return meeting_id

    async def announced(self, *items: dict[str, Any], **other: Any) -> str:
        """The id of a meeting to which the council was called."""
        meeting_id = await self.planned(*(items or (INFO,)), **other)
        answer = await self.post(f"/meetings/{meeting_id}/announce")
        assert answer.status_code == 200, answer.text
        return meeting_id

    async def begin(self, meeting_id: str) -> None:
        """It is the moment at which the meeting starts."""
        starts_at = (await self.get(f"/meetings/{meeting_id}")).json()["starts_at"]
        self.service.clock.set(datetime.fromisoformat(starts_at))

    async def gathered(self, meeting_id: str, *places: int, way: str = "in_person") -> None:
        """It begins, and the people who sit at these places are there."""
        await self.begin(meeting_id)
        for place in places:
            answer = await self.post(
                f"/meetings/{meeting_id}/register", self.as_seated(place), way=way
            )
            assert answer.status_code == 200, answer.text

    async def opened(self, *items: dict[str, Any], places: int = 10, **other: Any) -> str:
        """The id of a meeting that is open, with the people of so many first places there."""
        meeting_id = await self.announced(*items, **other)
        await self.gathered(meeting_id, *range(places))
        answer = await self.post(f"/meetings/{meeting_id}/open", chair_seat_id=None)
        assert answer.json()["status"] == "open", answer.text
        return meeting_id

    async def told(self, *subjects: str) -> list[str]:
        """What was told of these subjects, or all, in order, in short: `seat.taken`."""
        rows = await self.service.told(*(f"council.{subject}.v1" for subject in subjects))
        return [row["subject"].removeprefix("council.").removesuffix(".v1") for row in rows]


def refused(answer: httpx.Response) -> tuple[int, str]:
    """With what status and code a request was refused."""
    return answer.status_code, answer.json()["code"]


def why(answer: httpx.Response) -> tuple[str, str]:
    """Where the input is wrong, and why."""
    [fault] = answer.json()["errors"]
    return fault["at"], fault["code"]
