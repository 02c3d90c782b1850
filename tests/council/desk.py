"""What lies before the secretary after a meeting, for tests of its minutes."""

from typing import Any

from tests.council.room import Room

PRESENT = 9


class Desk:
    """What lies before the secretary after a meeting with one decision and one thing heard."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.chamber = room.chamber
        self.id = ""
        self.items: list[str] = []

    async def lay(self) -> "Desk":
        """The meeting is held and closed."""
        decided = await self.room.item(draft_text="Вести общий календарь мастерских.")
        heard = await self.room.item("info")
        ballot = await self.room.started(decided)
        await self.room.votes(ballot, "ffffffffa")
        await self.room.close(ballot)
        dissent = await self.chamber.post(
            f"/ballots/{ballot}/dissents", self.chamber.as_seated(8), words="Рано: нет людей."
        )
        assert dissent.status_code == 201, dissent.text
        await self.room.set_status("closed")
        self.items = [str(decided), str(heard)]
        return self

    async def drafted(self) -> "Desk":
        """The secretary has made a draft."""
        answer = await self.chamber.post(f"/meetings/{self.room.meeting}/minutes")
        assert answer.status_code == 201, answer.text
        self.id = answer.json()["id"]
        return self

    def texts(self, **other: Any) -> dict[str, Any]:
        """All names and words, as a body."""
        return {
            "chair": "Смирнов А. А.",
            "secretary": "Ёлкина Е. Е.",
            "attendees": [
                {"seat_id": str(self.chamber.seat(place)), "name": f"Участник {place + 1}"}
                for place in range(PRESENT)
            ],
            "invited": ["Гостев Г. Г., эксперт"],
            "items": [
                {
                    "item_id": self.items[0],
                    "heard": "Смирнова А. А. о календаре.",
                    "spoke": ["Участник 2 поддержал."],
                    "responsible": "Вяземский политехнический техникум",
                },
                {"item_id": self.items[1], "heard": "Отчёт за квартал."},
            ],
            **other,
        }

    async def written(self) -> "Desk":
        """Everything is entered."""
        await self.drafted()
        answer = await self.chamber.put(f"/minutes/{self.id}", **self.texts())
        assert answer.status_code == 200, answer.text
        return self

    async def fixed(self) -> dict[str, Any]:
        """The bytes lie ready to be signed."""
        await self.written()
        answer = await self.chamber.post(f"/minutes/{self.id}/fix")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def signed(self) -> dict[str, Any]:
        """Both have signed."""
        sha256 = (await self.fixed())["sha256"]
        for headers in (self.chamber.as_secretary(), self.chamber.as_head()):
            answer = await self.chamber.post(f"/minutes/{self.id}/sign", headers, sha256=sha256)
            assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def content(self, path: str = "document.pdf", *, of: str | None = None) -> bytes:
        """A document of these minutes."""
        answer = await self.chamber.get(f"/minutes/{of or self.id}/{path}")
        assert answer.status_code == 200, answer.text
        return answer.content
