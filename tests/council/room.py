"""A meeting that is open, with people registered and an agenda, for tests of what is voted there."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx

from shared.ids import new_id
from tests.council.chamber import Chamber
from tests.harness import Running


class Room:
    """An open meeting of the council of fifteen; who is present is written as if registered."""

    def __init__(self, chamber: Chamber) -> None:
        self.chamber = chamber
        self.service: Running = chamber.service
        self.meeting = new_id()

    @classmethod
    async def of(cls, service: Running, *, present: int = 15, form: str = "in_person") -> "Room":
        """The council, its meeting, and so many of its voting members in the room."""
        room = cls(await Chamber(service).lay())
        await room.open(form)
        for place in range(present):
            await room.register(place)
        return room

    @property
    def now(self) -> datetime:
        """The moment, as the service has it."""
        return self.service.clock()

    async def open(self, form: str = "in_person", *, number: int = 1) -> UUID:
        """Opens a meeting that the head chairs; an absentee one for five days."""
        self.meeting = new_id()
        await self.service.sql(
            "INSERT INTO meetings (id, year, number, kind, form, starts_at, absentee_until, status,"
            " planned_at, announced_at, opened_at, chair_seat_id, secretary_seat_id,"
            " seats_total, seats_present, version)"
            " VALUES ($1, $2, $3, 'regular', $4, $5, $6, 'open', $5, $5, $5, $7, $8,"
            " 15, 15, 1)",
            self.meeting,
            self.chamber.today.year,
            number,
            form,
            self.now,
            self.now + timedelta(days=5) if form == "absentee" else None,
            self.chamber.seat(0),
            self.chamber.seats[self.chamber.secretary],
        )
        return self.meeting

    async def set_status(self, status: str) -> None:
        """The meeting is closed, or was never opened."""
        await self.service.sql(
            "UPDATE meetings SET status = $2, closed_at = CASE WHEN $2 = 'closed' THEN $3::timestamptz END,"
            " opened_at = CASE WHEN $2 IN ('open', 'closed') THEN opened_at END WHERE id = $1",
            self.meeting,
            status,
            self.now,
        )

    async def register(self, place: int) -> None:
        """The person who sits for the member of that place is in the room."""
        await self.service.sql(
            "INSERT INTO attendances (meeting_id, seat_id, registered_at, way)"
            " VALUES ($1, $2, $3, 'in_person')",
            self.meeting,
            self.chamber.seat(place),
            self.now,
        )

    async def leave(self, place: int) -> None:
        """The person leaves the room."""
        await self.service.sql(
            "UPDATE attendances SET left_at = $3 WHERE meeting_id = $1 AND seat_id = $2",
            self.meeting,
            self.chamber.seat(place),
            self.now + timedelta(seconds=1),
        )

    async def item(self, kind: str = "decision", **more: Any) -> UUID:
        """An item of the agenda; what is decided is advice unless told otherwise."""
        item_id = new_id()
        values = {
            "decision_kind": None if kind == "info" else "recommend",
            "force": "binding",
            "subject_id": None,
            "ground": None,
            "parameter": None,
            "value": None,
            "addressee_ids": [],
            "responsible_member_id": None,
            "due_on": None,
            "draft_text": "Одобрить предложение.",
            **more,
        }
        await self.service.sql(
            "INSERT INTO items (id, meeting_id, position, title, kind, decision_kind, force,"
            " subject_id, ground, parameter, value, addressee_ids, responsible_member_id, due_on,"
            " draft_text) SELECT $1, $2, 1 + count(*), 'О предложении', $3, $4, $5, $6, $7, $8,"
            " $9, $10, $11, $12, $13 FROM items WHERE meeting_id = $2",
            item_id,
            self.meeting,
            kind,
            *values.values(),
        )
        return item_id

    # --- voting ----------------------------------------------------------------------------------

    async def start(self, item_id: UUID | None = None, **body: Any) -> httpx.Response:
        """The secretary opens a ballot, on a new item unless told otherwise."""
        item_id = item_id or await self.item()
        return await self.chamber.post(f"/items/{item_id}/ballots", **{"is_secret": False, **body})

    async def started(self, item_id: UUID | None = None, **body: Any) -> str:
        """A ballot that is open; its id."""
        answer = await self.start(item_id, **body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def vote(self, ballot: str, place: int, choice: str, **body: Any) -> httpx.Response:
        """The person of that place votes."""
        headers = self.chamber.as_seated(place)
        return await self.chamber.post(f"/ballots/{ballot}/vote", headers, choice=choice, **body)

    async def votes(self, ballot: str, choices: str) -> list[httpx.Response]:
        """The first places vote, one letter each: `f` for, `a` against, `o` abstaining, `-` not."""
        words = {"f": "for", "a": "against", "o": "abstain"}
        answers = [
            await self.vote(ballot, place, words[letter])
            for place, letter in enumerate(choices)
            if letter != "-"
        ]
        assert {answer.status_code for answer in answers} <= {200}, answers[-1].text
        return answers

    async def close(self, ballot: str) -> dict[str, Any]:
        """The secretary closes the ballot; its result."""
        answer = await self.chamber.post(f"/ballots/{ballot}/close")
        assert answer.status_code == 200, answer.text
        result: dict[str, Any] = answer.json()["result"]
        return result

    async def decided(self, choices: str = "fffffffff", **item: Any) -> dict[str, Any]:
        """An item is voted on; the decision that comes of it."""
        kind = "exclusion" if item.get("decision_kind") in {"exclude", "suspend"} else "decision"
        ballot = await self.started(await self.item(kind, **item))
        await self.votes(ballot, choices)
        result = await self.close(ballot)
        return await self.decision(result["decision_id"])

    async def decision(self, decision_id: str) -> dict[str, Any]:
        """A decision as everybody reads it."""
        answer = await self.chamber.get(f"/decisions/{decision_id}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found
