"""The main job through the edge, and what restarts, kills and replicas do to it: nothing."""

import collections
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest

from contracts.topology import SERVICES
from shared.ids import new_id
from tests.containers.conftest import Composition
from tests.people import Person, eventually, persistently

WORKSHOP = "Станки с ЧПУ"


@pytest.fixture(scope="module")
def firm(composition: Composition) -> Person:
    return composition.person("coordinator@stankoservis")


@pytest.fixture(scope="module")
def owner(composition: Composition) -> Person:
    return composition.person("coordinator@smolapo")


def use(firm: Person, owner: Person, number: int) -> str:
    """A booking from the request to its completion; its id."""
    body = firm.ask(WORKSHOP, firm.free(WORKSHOP, number=number))
    key = str(new_id())
    answer = persistently(lambda: firm.book(body, key))
    assert answer.status_code == 201, answer.text
    path = f"/workshops/bookings/{answer.json()['id']}"
    for step, told in (("approve", None), ("check-in", None), ("complete", {"actual_minutes": 60})):
        done = persistently(lambda step=step, told=told: owner.post(f"{path}/{step}", told))  # type: ignore[misc]
        # who was stopped before the answer came finds the step done
        assert done.status_code == 200 or done.json()["code"] == "wrong-status", done.text
    return str(answer.json()["id"])


def test_a_booking_becomes_an_obligation_through_the_edge_with_tls(
    composition: Composition, firm: Person, owner: Person
) -> None:
    booking = use(firm, owner, 0)
    obligations = eventually(lambda: firm.obligations_of(booking))
    assert [item["amount_kopecks"] for item in obligations] == [54_900]
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(composition.base_url, trust_env=False)
    plain = f"http://localhost:{composition.environment['ARTEL_HTTP_PORT']}/"
    assert httpx.get(plain, trust_env=False).headers["location"].startswith("https://localhost")


def test_the_edge_answers_everything_in_its_own_words(composition: Composition) -> None:
    with httpx.Client(base_url=composition.base_url, verify=composition.trust()) as client:
        assert set(client.get("/").json()["services"]) == set(SERVICES)
        nothing = client.get("/api/nobody/things")
        assert (nothing.status_code, nothing.json()["code"]) == (404, "not-found")
        for service in SERVICES:
            assert client.get(f"/api/{service}/openapi.json").status_code == 200


def test_every_container_runs_with_the_least_it_needs(composition: Composition) -> None:
    for service in (*SERVICES, "edge", "nats", "postgres", "provisioner"):
        (container,) = composition.containers(service)
        found = composition.inspect(container)
        user = composition.compose("exec", "-T", service, "id", "-u").strip()
        assert user != "0", service
        assert found["HostConfig"]["ReadonlyRootfs"], service
        assert found["HostConfig"]["Memory"] > 0, service
        assert found["HostConfig"]["CapDrop"] == ["ALL"], service
        assert found["State"]["Health"]["Status"] == "healthy", service


def test_a_service_cannot_read_the_secrets_of_another(composition: Composition) -> None:
    kept = {
        service: composition.compose("exec", "-T", service, "cat", "/run/artel/database_url")
        for service in SERVICES
    }
    assert len(set(kept.values())) == len(SERVICES)
    for service in SERVICES:
        files = composition.compose("exec", "-T", service, "find", "/run/artel", "-type", "f")
        wanted = {"database_url", "nats_url", "token_public_keys", "demo"}
        if service == "membership":
            wanted.add("token_private_key")
        assert {file.rsplit("/", 1)[1] for file in files.split()} == wanted


class Load:
    """Bookings, one after the other, each repeated with its key until it is answered."""

    def __init__(self, person: Person, number: int, workshop: dict[str, Any]) -> None:
        self.answered: dict[str, str] = {}
        self.problems: list[str] = []
        self._person = person
        self._number = number
        self._workshop = workshop
        self._starts_at = person.free(WORKSHOP, number=5)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def start(self) -> None:
        """Begins."""
        self._thread.start()

    def end(self) -> None:
        """Ends after the booking in hand."""
        self._over.set()
        self._thread.join(60)

    def _run(self) -> None:
        while not self._over.wait(0.05):
            key = f"load-{self._number}-{new_id()}"
            try:
                self._once(key)
            except Exception as error:
                self.problems.append(repr(error))
                return

    def _once(self, key: str) -> None:
        body = {
            "workshop_id": self._workshop["id"],
            "starts_at": self._starts_at.isoformat(),
            "ends_at": (self._starts_at + timedelta(hours=1)).isoformat(),
            "workplaces": 1,
            "purpose": key,
        }
        answer = persistently(lambda: self._person.book(body, key), 60)
        if answer.status_code != 201:
            self.problems.append(answer.text)
            return
        self.answered[key] = answer.json()["id"]
        path = f"/workshops/bookings/{self.answered[key]}/cancel"
        persistently(lambda: self._person.post(path, {"reason": "нагрузка"}), 60)


@contextmanager
def load(composition: Composition, firm: Person) -> Iterator[list[Load]]:
    """Two people book all the while; afterwards every answer stands in the database, once."""
    workshop = firm.workshop(WORKSHOP)
    loads = [Load(composition.person("coordinator@stankoservis"), n, workshop) for n in range(2)]
    for one in loads:
        one.start()
    try:
        yield loads
    finally:
        for one in loads:
            one.end()
    assert [problem for one in loads for problem in one.problems] == []
    answered = {key: found for one in loads for key, found in one.answered.items()}
    assert len(answered) > 10
    rows = composition.sql(
        "workshops", "SELECT purpose || '|' || id FROM bookings WHERE purpose LIKE 'load-%'"
    )
    stand = collections.Counter(row.split("|")[0] for row in rows)
    assert {key: count for key, count in stand.items() if count > 1} == {}
    missing = {key for key, found in answered.items() if f"{key}|{found}" not in rows}
    assert missing == set()


@pytest.mark.parametrize(
    "service", ["workshops", "finance", "membership", "nats", "postgres", "provisioner", "edge"]
)
def test_a_restart_under_load_loses_nothing_and_doubles_nothing(
    composition: Composition, firm: Person, owner: Person, service: str
) -> None:
    with load(composition, firm) as loads:
        eventually(lambda: all(len(one.answered) > 3 for one in loads))
        composition.compose("restart", service)
        before = [len(one.answered) for one in loads]
        eventually(
            lambda: all(len(one.answered) > n + 3 for one, n in zip(loads, before, strict=True)), 60
        )
        booking = use(firm, owner, 1)
    assert len(eventually(lambda: firm.obligations_of(booking), 60)) == 1


def test_two_replicas_of_each_change_no_result_also_when_one_is_killed(
    composition: Composition, firm: Person, owner: Person
) -> None:
    composition.compose(
        "up", "--wait", "--no-recreate", "--scale", "workshops=2", "--scale", "finance=2"
    )
    try:
        both = composition.containers("workshops")
        assert len(both) == 2
        with load(composition, firm) as loads:
            first = use(firm, owner, 2)
            for service in ("workshops", "finance"):
                composition.crash(service, 1)
            before = sum(len(one.answered) for one in loads)
            eventually(lambda: sum(len(one.answered) for one in loads) > before + 20, 60)
            second = use(firm, owner, 3)
        for booking in (first, second):
            assert len(eventually(lambda booking=booking: firm.obligations_of(booking), 60)) == 1  # type: ignore[misc]
        leaders = composition.sql(
            "workshops", "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        )  # fmt: skip
        assert leaders == ["1"]
    finally:
        composition.compose("up", "--wait", "--no-recreate")


def test_streams_that_are_lost_come_back_within_seconds(
    composition: Composition, firm: Person, owner: Person
) -> None:
    composition.compose("exec", "-T", "nats", "rm", "-rf", "/data/store")
    composition.compose("restart", "nats")
    booking = use(firm, owner, 4)
    assert len(eventually(lambda: firm.obligations_of(booking), 60)) == 1


def test_down_and_up_again_keep_what_was_done(
    composition: Composition, firm: Person, owner: Person
) -> None:
    booking = use(firm, owner, 0)
    eventually(lambda: firm.obligations_of(booking))
    trusted = composition.trust()
    composition.compose("down")
    composition.compose("up", "--wait")
    again = Person(composition.base_url, "coordinator@stankoservis", verify=trusted)
    assert len(again.obligations_of(booking)) == 1
