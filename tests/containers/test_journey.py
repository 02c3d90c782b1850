"""The main job through the edge, and what restarts, kills and replicas do to it: nothing."""

import re
from typing import Any

import httpx
import pytest

from contracts.topology import SERVICES
from tests.containers.conftest import Composition
from tests.containers.load import WORKSHOP, load, use
from tests.people import Person, eventually


@pytest.fixture
def firm(composition: Composition) -> Person:
    return composition.person("coordinator@stankoservis")


@pytest.fixture
def owner(composition: Composition) -> Person:
    return composition.person("coordinator@smolapo")


def day(firm: Person, number: int) -> Any:
    """The body of a booking on a day that is free."""
    return firm.ask(WORKSHOP, firm.free(WORKSHOP, number=number))


def test_a_booking_becomes_an_obligation_through_the_edge_with_tls(
    composition: Composition, firm: Person, owner: Person
) -> None:
    booking = use(firm, owner, day(firm, 0))
    obligations = eventually(lambda: firm.obligations_of(booking))
    assert [item["amount_kopecks"] for item in obligations] == [54_900]
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(composition.base_url, trust_env=False)
    plain = f"http://localhost:{composition.environment['ARTEL_HTTP_PORT']}/"
    assert httpx.get(plain, trust_env=False).headers["location"].startswith("https://localhost")


def test_the_edge_answers_everything_in_its_own_words(composition: Composition) -> None:
    with httpx.Client(base_url=composition.base_url, verify=composition.trust()) as client:
        for path in ("/api/nobody/things", "/api", "/api/portal/things"):
            nothing = client.get(path)
            assert (nothing.status_code, nothing.json()["code"]) == (404, "not-found")
        for service in SERVICES:
            assert client.get(f"/api/{service}/openapi.json").status_code == 200


def test_the_pages_pass_the_edge_as_the_portal_made_them(composition: Composition) -> None:
    with httpx.Client(base_url=composition.base_url, verify=composition.trust()) as client:
        first = client.get("/")
        assert (first.status_code, first.headers["location"]) == (303, "/sign-in")
        page = client.get("/sign-in")
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert "script-src 'self'" in page.headers["content-security-policy"]
        assert page.headers["content-encoding"] == "gzip"
        assert "coordinator@vyazma.demo" in page.text
        for address in set(re.findall(r'"(/assets/[^"]+)"', page.text)):
            asset = client.get(address)
            assert asset.status_code == 200, address
            assert "immutable" in asset.headers["cache-control"], address
    owner = composition.visitor("approver@smolapo.demo")
    (cookie,) = owner.cookies.jar
    assert cookie.name == "__Host-artel"
    assert cookie.secure
    assert owner.get("/").status_code == 200


def test_an_open_page_hears_of_a_request_without_asking(
    composition: Composition, firm: Person
) -> None:
    page = composition.visitor("approver@smolapo.demo")
    with page.stream("GET", "/live", headers={"Accept": "text/event-stream"}) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert "content-encoding" not in answer.headers
        lines = answer.iter_lines()
        while not next(lines).startswith("id:"):
            pass
        assert firm.book(day(firm, 3)).status_code == 201
        while next(lines) != "event: bookings":
            pass


def test_the_portal_reaches_no_database_and_brings_no_tools(composition: Composition) -> None:
    tried = composition.compose(
        "exec", "-T", "portal", "python", "-c",
        "import socket\n"
        "for name, port in (('nats', 4222), ('workshops', 8000), ('postgres', 5432)):\n"
        "    try: socket.create_connection((name, port), 3); print(name)\n"
        "    except OSError: pass",
    )  # fmt: skip
    assert tried.split() == ["nats", "workshops"]
    files = composition.compose(
        "exec", "-T", "portal", "find", "services/portal/node_modules", "/venv/bin", "-type", "f"
    ).split()
    assert not [
        file for file in files if re.search(r"(/node|/npm|/npx|\.map|\.ts|package\.json)$", file)
    ]
    assert any(file.endswith("htmx.min.js") for file in files)


def test_a_portal_that_is_gone_is_said_to_people_as_a_page(composition: Composition) -> None:
    composition.compose("stop", "portal")
    try:
        with httpx.Client(
            base_url=composition.base_url, verify=composition.trust(), timeout=30
        ) as client:
            page = client.get("/", headers={"Accept": "text/html"})
            assert page.status_code == 503
            assert page.headers["refresh"] == "3"
            assert "Страница сейчас не открывается" in page.text
            assert client.get("/").json()["code"] == "unavailable"
            assert client.get("/api/workshops/openapi.json").status_code == 200
    finally:
        composition.compose("up", "--wait", "--no-recreate")


def test_every_container_runs_with_the_least_it_needs(composition: Composition) -> None:
    for service in (*SERVICES, "portal", "edge", "nats", "postgres", "provisioner"):
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
    files = composition.compose("exec", "-T", "portal", "find", "/run/artel", "-type", "f")
    assert {file.rsplit("/", 1)[1] for file in files.split()} == {"api_url", "nats_url", "demo"}


@pytest.mark.parametrize(
    "service", [*SERVICES, "nats", "postgres", "provisioner", "portal", "edge"]
)
def test_a_restart_under_load_loses_nothing_and_doubles_nothing(
    composition: Composition, service: str
) -> None:
    with load(composition) as going:
        openings = going.page.openings
        composition.compose("restart", service)
        going.goes_on()
        composition.compose("up", "--wait", "--no-recreate")  # the next test finds it healthy
        going.goes_on()
    if service in ("portal", "edge"):
        assert going.page.openings > openings


def test_two_replicas_of_each_change_no_result_also_when_one_is_killed(
    composition: Composition,
) -> None:
    composition.compose(
        "up", "--wait", "--no-recreate", "--scale", "workshops=2", "--scale", "finance=2"
    )
    try:
        both = composition.containers("workshops")
        assert len(both) == 2
        with load(composition) as going:
            for service in ("workshops", "finance"):
                composition.crash(service, 1)
                going.goes_on()
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
    booking = use(firm, owner, day(firm, 4))
    assert len(eventually(lambda: firm.obligations_of(booking), 60)) == 1


def test_down_and_up_again_keep_what_was_done(
    composition: Composition, firm: Person, owner: Person
) -> None:
    booking = use(firm, owner, day(firm, 0))
    eventually(lambda: firm.obligations_of(booking))
    trusted = composition.trust()
    composition.compose("down")
    composition.compose("up", "--wait")
    again = Person(composition.base_url, "coordinator@stankoservis", verify=trusted)
    assert len(again.obligations_of(booking)) == 1
