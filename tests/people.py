"""People of the demo who use Artel through HTTP, as programs outside do."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx

from shared.ids import new_id

GONE = (httpx.TransportError,)


class Person:
    """A signed-in person of a demo member, e.g. `coordinator@vyazma`."""

    def __init__(
        self, base_url: str, account: str, password: str = "demo", verify: Any = True
    ) -> None:
        self.client = httpx.Client(
            base_url=f"{base_url}/api", timeout=30, trust_env=False, verify=verify
        )
        email = account if account.count(".") else f"{account}.demo"
        answer = self.client.post(
            "/membership/sessions", json={"email": email, "password": password}
        )
        assert answer.status_code == 201, answer.text
        self.session = answer.json()
        self.client.headers["Authorization"] = f"Bearer {self.session['access_token']}"

    @property
    def member_id(self) -> str:
        """The member acted for."""
        return str(self.session["member_id"])

    def get(self, path: str, **query: Any) -> httpx.Response:
        """Looks something up."""
        return self.client.get(path, params=query)

    def post(self, path: str, body: Any = None, key: str | None = None) -> httpx.Response:
        """Asks for something."""
        headers = {"Idempotency-Key": key} if key else {}
        return self.client.post(path, json=body, headers=headers)

    def items(self, path: str, **query: Any) -> list[dict[str, Any]]:
        """All items of a list's first page, also while a service is being started again."""
        answer = persistently(lambda: self.get(path, **query))
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["items"]
        return found

    def workshop(self, name: str) -> dict[str, Any]:
        """The workshop of that name."""
        return self.items("/workshops/workshops", q=name)[0]

    def free(self, workshop: str, minutes: int = 180, number: int = 0) -> datetime:
        """The start of a wholly free day of the workshop, two weeks ahead or later."""
        found = self.workshop(workshop)
        now = datetime.now(UTC)  # noqa: TID251 - the client's own clock
        windows = self.items(
            "/workshops/availability",
            workshop_id=found["id"],
            **{
                "from": (now + timedelta(days=14)).isoformat(),
                "to": (now + timedelta(days=70)).isoformat(),
            },
            workplaces=found["workplaces"],
            minutes=600,
        )
        return datetime.fromisoformat(windows[number]["starts_at"])

    def ask(self, workshop: str, starts_at: datetime, minutes: int = 180, **more: Any) -> Any:
        """The body of a booking."""
        return {
            "workshop_id": self.workshop(workshop)["id"],
            "starts_at": starts_at.isoformat(),
            "ends_at": (starts_at + timedelta(minutes=minutes)).isoformat(),
            "workplaces": 1,
            "purpose": "Практика",
            **more,
        }

    def book(self, body: Any, key: str | None = None) -> httpx.Response:
        """Books."""
        return self.post("/workshops/bookings", body, key or str(new_id()))

    def obligations_of(self, booking_id: str) -> list[dict[str, Any]]:
        """What finance knows of a booking."""
        return [
            item
            for item in self.items("/finance/obligations", limit=200)
            if item["basis"]["id"] == booking_id
        ]


def persistently(ask: Callable[[], httpx.Response], seconds: float = 30) -> httpx.Response:
    """Repeats the request, as a client with a key may, until it is really answered."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            answer = ask()
            if answer.status_code not in (502, 503, 504):
                return answer
            assert answer.headers.get("retry-after"), answer.text
        except GONE:
            pass
        assert time.monotonic() < deadline, "no answer"
        time.sleep(0.1)


def eventually(question: Callable[[], Any], seconds: float = 30) -> Any:
    """Asks until the answer is true."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            answer = question()
        except (*GONE, AssertionError, KeyError):
            answer = None
        if answer:
            return answer
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.05)


def id_of(answer: httpx.Response) -> UUID:
    """The id of what was made."""
    return UUID(answer.json()["id"])
