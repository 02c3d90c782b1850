"""The demo's council at work through HTTP: it meets without a quorum, meets again, votes, decides."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from services.membership.demo import MEMBERS
from shared.russia.calendar import MOSCOW, add_working_days, moscow_date
from tests.harness import until
from tests.journeys.conftest import Platform, Somebody

HEAD, SECRETARY = "coordinator@ministry.demo", "approver@ministry.demo"


class Council:
    """Who sits in the demo's council, each by the account they sign in with."""

    def __init__(self, platform: Platform, seats: dict[str, str]) -> None:
        self.platform = platform
        self.seats = seats
        """The seats of those with a vote, by account."""

    @classmethod
    async def of(cls, platform: Platform) -> "Council":
        """Finds who sits where: the council knows people by their ids alone."""
        secretary = await platform.sign_in(SECRETARY)
        composition = (await secretary.ask("GET", "/council/composition")).json()
        seat_of = {each["person_id"]: each["id"] for each in composition["seats"]}
        seats = {}
        for card in MEMBERS:
            account = f"coordinator@{card.slug}.demo"
            somebody = await platform.sign_in(account)
            me = (await somebody.ask("GET", "/membership/sessions/current")).json()
            seats[account] = seat_of[me["person"]["person_id"]]
        return cls(platform, seats)

    async def secretary(self) -> Somebody:
        """The secretary, signed in anew: the days between meetings outlive every token."""
        return await self.platform.sign_in(SECRETARY)

    async def matter(self, about: str) -> str:
        """What membership made ready for an agenda, once the council has heard of it."""

        async def heard() -> Any:
            secretary = await self.secretary()
            found = (await secretary.ask("GET", "/council/matters")).json()["items"]
            return about in {each["id"] for each in found}

        await until(heard)
        return about

    async def announced(self, *items: dict[str, Any]) -> dict[str, Any]:
        """A meeting that was planned and announced in time, with these items."""
        secretary = await self.secretary()
        body = {"form": "in_person", "place": "Смоленск", "starts_at": self._after(8).isoformat()}
        planned = await done(secretary.ask("POST", "/council/meetings", json=body), 201)
        path = f"/council/meetings/{planned['id']}"
        for item in items:
            await done(secretary.ask("POST", f"{path}/items", json=item), 201)
        return await done(secretary.ask("POST", f"{path}/announce"))

    async def moved(self, meeting: dict[str, Any]) -> dict[str, Any]:
        """The meeting takes place on another day."""
        secretary = await self.secretary()
        body = {"form": "in_person", "place": "Смоленск", "starts_at": self._after(8).isoformat()}
        path = f"/council/meetings/{meeting['id']}/move"
        why = {"reason": "Кворума нет"}
        return await done(secretary.ask("POST", path, json=body | why), 201)

    async def convened(self, meeting: dict[str, Any], present: int = 15) -> dict[str, Any]:
        """The day has come, so many register, and the meeting is opened as far as it can be."""
        starts_at = datetime.fromisoformat(meeting["starts_at"])
        self.platform.clock.set(starts_at + timedelta(minutes=5))
        secretary = await self.secretary()
        path = f"/council/meetings/{meeting['id']}"
        for seat_id in list(self.seats.values())[:present]:
            came = {"way": "in_person", "seat_id": seat_id}
            await done(secretary.ask("POST", f"{path}/register", json=came))
        return await done(secretary.ask("POST", f"{path}/open", json={"chair_seat_id": None}))

    async def decided(self, item_id: str, *, against: Sequence[str] = ()) -> dict[str, Any]:
        """Everybody votes on the item; the decision, once its owner has carried it out."""
        secretary = await self.secretary()
        path = f"/council/items/{item_id}/ballots"
        ballot = await done(secretary.ask("POST", path, json={"is_secret": False}), 201)
        path = f"/council/ballots/{ballot['id']}"
        for account in self.seats:
            voter = await self.platform.sign_in(account)
            choice = {"choice": "against" if account in against else "for"}
            await done(voter.ask("POST", f"{path}/vote", json=choice))
        closed = await done(secretary.ask("POST", f"{path}/close"))
        assert closed["result"]["votes_for"] == len(self.seats) - len(against)

        async def answered() -> Any:
            path = f"/council/decisions/{closed['result']['decision_id']}"
            found = (await secretary.ask("GET", path)).json()
            return found if found["status"] in {"executed", "failed"} else None

        decision: dict[str, Any] = await until(answered)
        return decision

    async def carried(self, item: dict[str, Any]) -> dict[str, Any]:
        """A meeting decides on one item alone, and the decision is carried out."""
        meeting = await self.convened(await self.announced(item))
        decision = await self.decided(meeting["items"][0]["id"])
        secretary = await self.secretary()
        await done(secretary.ask("POST", f"/council/meetings/{meeting['id']}/close"))
        return decision

    def _after(self, working_days: int) -> datetime:
        """Two in the afternoon, so many working days from now."""
        day = add_working_days(moscow_date(self.platform.clock()), working_days)
        return datetime(day.year, day.month, day.day, 14, tzinfo=MOSCOW)


async def done(asked: Any, status: int = 200) -> Any:
    """The answer of a step that was taken."""
    answer = await asked
    assert answer.status_code == status, answer.text
    return answer.json()
