"""A council of two hundred votes within the same five seconds: no vote is lost, none counts twice."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
import uvicorn

from shared.identity import Role
from shared.ids import new_id
from tests.harness import Running

SEATS = 200
CHOICES = ("for", "for", "for", "against", "abstain")


@dataclass(frozen=True)
class Answer:
    """What the server answered."""

    status: int
    body: Any


class Assembly:
    """Two hundred seats, all of them present, and an item to vote on."""

    def __init__(self, service: Running, port: int) -> None:
        self.service = service
        self.port = port
        self.seats = [new_id() for _ in range(SEATS)]
        self.people = [new_id() for _ in range(SEATS)]
        self.members = [new_id() for _ in range(SEATS)]
        self.meeting, self.item = new_id(), new_id()

    async def lay(self) -> "Assembly":
        """Writes them as if they were seated and registered; the first one is the head."""
        now = self.service.clock()
        await self.service.sql(
            "INSERT INTO seats (id, person_id, member_id, quota, duty, has_vote, from_on, basis,"
            " taken_at) SELECT id, person, member, 'employer', CASE WHEN n = 1 THEN 'head' ELSE"
            " 'member' END, true, $4::date, 'Приказ', $5 FROM unnest($1::uuid[], $2::uuid[],"
            " $3::uuid[]) WITH ORDINALITY AS t (id, person, member, n)",
            self.seats,
            self.people,
            self.members,
            (now - timedelta(days=30)).date(),
            now,
        )
        await self.service.sql(
            "INSERT INTO meetings (id, year, number, kind, form, starts_at, status, planned_at,"
            " announced_at, opened_at, chair_seat_id, version)"
            " VALUES ($1, 2026, 1, 'regular', 'video', $2, 'open', $2, $2, $2, $3, 1)",
            self.meeting,
            now,
            self.seats[0],
        )
        await self.service.sql(
            "INSERT INTO attendances (meeting_id, seat_id, registered_at, way)"
            " SELECT $1, seat, $3, 'video' FROM unnest($2::uuid[]) AS seat",
            self.meeting,
            self.seats,
            now,
        )
        await self.service.sql(
            "INSERT INTO items (id, meeting_id, position, title, kind, decision_kind, force,"
            " addressee_ids) VALUES ($1, $2, 1, 'О плане', 'decision', 'recommend',"
            " 'recommendation', '{}')",
            self.item,
            self.meeting,
        )
        return self

    def as_(self, place: int) -> dict[str, str]:
        """The headers of the person in that seat."""
        return self.service.as_(
            self.members[place],
            Role.COUNCIL_HEAD if place == 0 else Role.COUNCIL_MEMBER,
            person_id=self.people[place],
        )

    async def post(self, path: str, place: int, **body: Any) -> Answer:
        """The person in that seat asks, over a connection of their own."""
        content = json.dumps(body).encode()
        head = [
            f"POST /api/council{path} HTTP/1.1",
            "Host: artel.test",
            "Connection: close",
            "Content-Type: application/json",
            f"Content-Length: {len(content)}",
            *(f"{name}: {value}" for name, value in self.as_(place).items()),
        ]
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write("\r\n".join([*head, "", ""]).encode() + content)
        answered, _, rest = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
        return Answer(int(answered.split()[1]), json.loads(rest))

    async def opened(self, *, is_secret: bool) -> str:
        """A ballot that is open."""
        answer = await self.post(f"/items/{self.item}/ballots", 0, is_secret=is_secret)
        assert answer.status == 201, answer.body
        assert answer.body["entitled"] == SEATS
        return str(answer.body["id"])

    async def vote(self, ballot: str, place: int) -> Answer:
        """The person in that seat votes."""
        return await self.post(
            f"/ballots/{ballot}/vote", place, choice=CHOICES[place % len(CHOICES)]
        )


@pytest_asyncio.fixture(loop_scope="session")
async def assembly(council: Running) -> AsyncIterator[Assembly]:
    """The council behind a real server, asked over real connections."""
    config = uvicorn.Config(council.app, port=0, lifespan="off", log_level="warning", backlog=1024)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    [socket] = server.servers[0].sockets
    try:
        yield await Assembly(council, socket.getsockname()[1]).lay()
    finally:
        server.should_exit = True
        await serving


@pytest.mark.parametrize("is_secret", [False, True])
async def test_two_hundred_who_vote_at_once_and_twice_each_are_counted_once_each(
    assembly: Assembly, is_secret: bool
) -> None:
    """Every request comes doubled, as when somebody clicks twice; all four hundred at once."""
    ballot = await assembly.opened(is_secret=is_secret)
    answers = await asyncio.gather(
        *(assembly.vote(ballot, place) for place in range(SEATS) for _ in range(2))
    )
    statuses = Counter(answer.status for answer in answers)
    assert statuses == ({200: SEATS, 409: SEATS} if is_secret else {200: 2 * SEATS})
    closed = await assembly.post(f"/ballots/{ballot}/close", 0)
    result = closed.body["result"]
    wanted = Counter(CHOICES[place % len(CHOICES)] for place in range(SEATS))
    assert (result["votes_for"], result["against"], result["abstained"]) == (
        wanted["for"],
        wanted["against"],
        wanted["abstain"],
    )
    assert (closed.body["cast"], result["counted"]) == (SEATS, SEATS)
    receipts = [each for a in answers if a.status == 200 for each in a.body["receipts"]]
    assert len(set(receipts)) == len(receipts) == (SEATS if is_secret else 0)


async def test_a_close_in_the_middle_counts_exactly_the_votes_that_were_confirmed(
    assembly: Assembly,
) -> None:
    """Whoever was answered 200 is counted, whoever was refused is not; nobody is in between."""
    ballot = await assembly.opened(is_secret=True)

    async def close() -> Answer:
        await asyncio.sleep(0.3)
        return await assembly.post(f"/ballots/{ballot}/close", 0)

    closed, *answers = await asyncio.gather(
        close(), *(assembly.vote(ballot, place) for place in range(SEATS))
    )
    confirmed = [place for place, answer in enumerate(answers) if answer.status == 200]
    assert {answer.status for answer in answers} <= {200, 409}
    assert closed.status == 200, closed.body
    assert closed.body["cast"] == len(confirmed)
    votes_for = sum(CHOICES[place % len(CHOICES)] == "for" for place in confirmed)
    assert closed.body["result"]["votes_for"] == votes_for
