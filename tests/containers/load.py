"""What goes on while containers are restarted: people book against each other, bookings are used, a page is open."""

import collections
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import httpx

from shared.ids import new_id
from tests.containers.conftest import Composition
from tests.people import Person, eventually, persistently

WORKSHOP = "Станки с ЧПУ"
BOOKERS = 4
HELD_MAX = 8
CONTESTED_HOURS = 3
"""The bookers want to hold more than these hours have places, so somebody is always refused."""

PATIENCE_SECONDS = 90


class Worker:
    """Somebody who does one thing after the other until told to stop."""

    pause_seconds = 0.02

    def __init__(self) -> None:
        self.problems: list[str] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Begins."""
        self._thread.start()

    def end(self) -> None:
        """Ends after what is in hand."""
        self._over.set()
        self._thread.join(PATIENCE_SECONDS + 10)
        assert not self._thread.is_alive()

    def once(self) -> None:
        """One thing."""
        raise NotImplementedError

    def _run(self) -> None:
        while not self._over.wait(self.pause_seconds):
            try:
                self.once()
            except Exception as error:
                self.problems.append(repr(error))
                return


class Booker(Worker):
    """Books contested hours with a key each, repeats what was answered, and gives some back."""

    def __init__(self, person: Person, number: int, hours: list[datetime]) -> None:
        super().__init__()
        self.acknowledged: dict[str, str] = {}
        self.refused = 0
        self._person = person
        self._number = number
        self._hours = hours
        self._workshop = person.workshop(WORKSHOP)["id"]
        self._held: collections.deque[str] = collections.deque()
        self._dice = random.Random(number)

    def once(self) -> None:
        """A booking, its repetition, and when enough is held or nothing is free, a cancellation."""
        key = f"load-{self._number}-{new_id()}"
        starts_at = self._dice.choice(self._hours)
        body = booking(self._workshop, starts_at, key)
        answer = persistently(lambda: self._person.book(body, key), PATIENCE_SECONDS)
        if answer.status_code == 201:
            self.acknowledged[key] = answer.json()["id"]
            self._held.append(answer.json()["id"])
            if self._dice.random() < 0.3:
                self._repeat(body, key, answer)
        elif answer.json().get("code") == "slot-taken":
            self.refused += 1
        else:
            self.problems.append(answer.text)
        if self._held and (answer.status_code != 201 or len(self._held) > HELD_MAX):
            path = f"/workshops/bookings/{self._held.popleft()}/cancel"
            persistently(lambda: self._person.post(path, {"reason": "нагрузка"}), PATIENCE_SECONDS)

    def _repeat(self, body: Any, key: str, answer: httpx.Response) -> None:
        again = persistently(lambda: self._person.book(body, key), PATIENCE_SECONDS)
        if (again.status_code, again.json()["id"]) != (201, answer.json()["id"]):
            self.problems.append(f"another answer to the same key: {again.text}")


class User(Worker):
    """Books free hours, which the owner approves, and has them used."""

    pause_seconds = 0.25

    def __init__(self, firm: Person, owner: Person, days: list[datetime]) -> None:
        super().__init__()
        self.completed: list[str] = []
        self._firm = firm
        self._owner = owner
        self._workshop = firm.workshop(WORKSHOP)["id"]
        self._slots = (
            day + timedelta(hours=hour) for day in days for hour in range(8) for _ in range(6)
        )

    def once(self) -> None:
        """A booking from the request to its completion."""
        self.completed.append(
            use(self._firm, self._owner, booking(self._workshop, next(self._slots), "use"))
        )


class OpenPage(Worker):
    """A page of the owner's that stays open: it listens to events and comes again when they end."""

    def __init__(self, composition: Composition, email: str) -> None:
        super().__init__()
        self.events: list[str] = []
        self.openings = 0
        self._client = composition.visitor(email)

    def once(self) -> None:
        """Listens until the events end."""
        headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": "1"} if self.events else {})
        timeout = httpx.Timeout(10, read=20)
        try:
            with self._client.stream("GET", "/live", headers=headers, timeout=timeout) as answer:
                if answer.status_code != 200:
                    time.sleep(0.2)
                    return
                self.openings += 1
                for line in answer.iter_lines():
                    if line.startswith("event: "):
                        self.events.append(line.removeprefix("event: "))
                    if self._over.is_set():
                        return
        except httpx.TransportError:
            time.sleep(0.2)


def booking(workshop_id: str, starts_at: datetime, purpose: str) -> dict[str, Any]:
    """An hour for one."""
    return {
        "workshop_id": workshop_id,
        "starts_at": starts_at.isoformat(),
        "ends_at": (starts_at + timedelta(hours=1)).isoformat(),
        "workplaces": 1,
        "purpose": purpose,
    }


def use(firm: Person, owner: Person, body: Any) -> str:
    """A booking from the request to its completion; its id."""
    key = str(new_id())
    answer = persistently(lambda: firm.book(body, key), PATIENCE_SECONDS)
    assert answer.status_code == 201, answer.text
    path = f"/workshops/bookings/{answer.json()['id']}"
    minutes = {"actual_minutes": 60}
    for step, told in (("approve", None), ("check-in", None), ("complete", minutes)):
        done = persistently(
            lambda step=step, told=told: owner.post(f"{path}/{step}", told),  # type: ignore[misc]
            PATIENCE_SECONDS,
        )
        # who was stopped before the answer came finds the step done
        assert done.status_code == 200 or done.json()["code"] == "wrong-status", done.text
    return str(answer.json()["id"])


class Load:
    """All who are busy."""

    def __init__(self, composition: Composition) -> None:
        firm = composition.person("coordinator@stankoservis")
        days = [firm.free(WORKSHOP, number=number) for number in range(6)]
        hours = [days[0] + timedelta(hours=hour) for hour in range(CONTESTED_HOURS)]
        people = [composition.person("coordinator@stankoservis") for _ in range(BOOKERS)]
        self.bookers = [Booker(person, n, hours) for n, person in enumerate(people)]
        self.user = User(firm, composition.person("coordinator@smolapo"), days[1:])
        self.page = OpenPage(composition, "approver@smolapo.demo")
        self.workers: list[Worker] = [*self.bookers, self.user, self.page]

    def goes_on(self, seconds: float = PATIENCE_SECONDS) -> None:
        """Returns once everybody has got something done since now; fails when somebody has not."""
        watched: list[Callable[[], int]] = [
            *(lambda booker=booker: len(booker.acknowledged) for booker in self.bookers),  # type: ignore[misc]
            lambda: len(self.user.completed),
            lambda: len(self.page.events),
        ]
        before = [count() for count in watched]

        def all_went_on() -> bool:
            self.fail_on_problems()
            return all(count() > n + 2 for count, n in zip(watched, before, strict=True))

        eventually(all_went_on, seconds)

    def fail_on_problems(self) -> None:
        """Fails when somebody was told something that should not be."""
        problems = [problem for worker in self.workers for problem in worker.problems]
        if problems:
            raise RuntimeError("\n".join(problems))


@contextmanager
def load(composition: Composition) -> Iterator[Load]:
    """People book and use all the while; afterwards the books are looked through."""
    made = Load(composition)
    for worker in made.workers:
        worker.start()
    try:
        made.goes_on()
        yield made
    finally:
        for worker in made.workers:
            worker.end()
    made.fail_on_problems()
    look_through(composition, made)


def look_through(composition: Composition, made: Load) -> None:
    """No acknowledged booking is lost or doubled, no place given twice, all use charged once."""
    acknowledged = {
        key: found for booker in made.bookers for key, found in booker.acknowledged.items()
    }
    refused = sum(booker.refused for booker in made.bookers)
    print(f"{len(acknowledged)} acknowledged, {refused} refused, {len(made.user.completed)} used")
    assert len(acknowledged) > 10
    assert refused > 0, "nothing was contested"
    rows = composition.sql(
        "workshops", "SELECT purpose || '|' || id FROM bookings WHERE purpose LIKE 'load-%'"
    )
    kept = collections.Counter(row.split("|")[0] for row in rows)
    assert {key: count for key, count in kept.items() if count > 1} == {}
    assert {key for key, found in acknowledged.items() if f"{key}|{found}" not in rows} == set()
    assert composition.sql("workshops", OVERBOOKED) == []
    completed = set(composition.sql("workshops", COMPLETED))
    assert set(made.user.completed) <= completed

    def charged() -> bool:
        return collections.Counter(composition.sql("finance", CHARGED)) == collections.Counter(
            completed
        )

    eventually(charged, PATIENCE_SECONDS)
    assert composition.sql("finance", "SELECT coalesce(sum(amount_kopecks), 0) FROM postings") == [
        "0"
    ]


OVERBOOKED = """
SELECT moments.pool_id || '|' || extract(epoch FROM moments.at)
FROM (SELECT DISTINCT pool_id, starts_at AS at FROM bookings) AS moments
JOIN bookings ON bookings.pool_id = moments.pool_id
 AND starts_at <= moments.at AND moments.at < ends_at
 AND status NOT IN ('cancelled', 'declined', 'lapsed')
JOIN pools ON pools.id = moments.pool_id
GROUP BY moments.pool_id, moments.at, pools.workplaces
HAVING sum(bookings.workplaces) > pools.workplaces
"""
"""Moments at which more places are taken than there are; the most are taken when somebody begins."""

COMPLETED = "SELECT id FROM bookings WHERE status = 'completed'"
CHARGED = "SELECT basis_id FROM obligations WHERE basis_kind = 'booking'"
