"""`up --split`: each service a process of its own behind the edge."""

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.topology import PORTAL
from tests.deploy.run import Run, eventually
from tests.deploy.standin import SERVICES


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """One run that these tests share; each leaves it working."""
    data = tmp_path_factory.mktemp("split") / "data"
    with Run(data, "--split", ARTEL_FAILPOINTS="/nowhere").ready() as run:
        yield run


def test_each_service_is_a_process_that_holds_its_own_secrets_alone(run: Run) -> None:
    pids = set()
    for service in SERVICES:
        answer = run.get(f"/api/{service}/x").json()
        own = {f"ARTEL_{service.upper()}_DATABASE_URL", f"ARTEL_{service.upper()}_NATS_URL"}
        if service == "membership":
            own.add("ARTEL_MEMBERSHIP_TOKEN_PRIVATE_KEY")
        assert set(answer["secrets"]) == own
        assert answer["pid"] == run.state()["services"][service]["pid"]
        pids.add(answer["pid"])
    assert len(pids) == len(SERVICES)


def test_a_request_reaches_the_service_word_for_word(run: Run) -> None:
    headers = {
        "X-Forwarded-For": "6.6.6.6",
        "Idempotency-Key": "a",
        "Connection": "x-hop",
        "x-hop": "1",
    }
    answer = run.get("/api/workshops/a%2Fb/%D1%8F?q=%20&q=+", headers=headers).json()
    assert (answer["path"], answer["query"]) == ("/api/workshops/a%2Fb/%D1%8F", "q=%20&q=+")
    assert answer["headers"]["x-forwarded-for"] == "127.0.0.1"
    assert answer["headers"]["idempotency-key"] == "a"
    assert answer["headers"]["host"] == f"127.0.0.1:{run.port}"
    assert "x-hop" not in answer["headers"]


@pytest.mark.parametrize("is_chunked", [False, True])
def test_a_large_body_passes_and_a_larger_one_is_refused(run: Run, *, is_chunked: bool) -> None:
    def body(megabytes: int) -> bytes | Iterator[bytes]:
        piece = bytes(1024 * 1024)
        return (piece for _ in range(megabytes)) if is_chunked else piece * megabytes

    assert run.get("/api/finance/x", method="POST", content=body(50)).json()["size"] == 50 * 2**20
    refused = _status_of_large(run, is_chunked=is_chunked)
    assert refused.startswith(b"HTTP/1.1 413")
    assert b"application/problem+json" in refused


def test_a_killed_service_answers_503_until_it_is_back_and_the_others_go_on(run: Run) -> None:
    killed = run.state()["services"]["finance"]["pid"]
    os.kill(killed, signal.SIGKILL)
    answer = run.get("/api/finance/x")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert answer.headers["content-type"] == "application/problem+json"
    assert run.get("/api/workshops/x").status_code == 200
    assert eventually(lambda: run.get("/api/finance/x").status_code == 200)
    assert run.state()["services"]["finance"]["pid"] != killed


def test_the_edge_comes_back_too(run: Run) -> None:
    os.kill(run.state()["edge"]["pid"], signal.SIGKILL)
    assert eventually(lambda: run.get("/api/finance/x").status_code == 200)


def test_what_is_no_path_of_a_service_is_the_portals(run: Run) -> None:
    for path in ("/", "/board?week=3", "/%D1%8F/x", "/health/ready"):
        answer = run.get(path).json()
        assert (answer["service"], answer["path"]) == (PORTAL, path.partition("?")[0])
        assert answer["pid"] == run.state()[PORTAL]["pid"]
    for path in ("/api", "/api/", "/api/portal/x", "/api/nobody/x", "/api/financex"):
        assert run.get(path).status_code == 404


def test_the_portal_knows_the_public_door_and_its_own_user_of_the_bus_alone(run: Run) -> None:
    told = run.get("/").json()["told"]
    assert set(told) == {"ARTEL_PORTAL_API_URL", "ARTEL_PORTAL_NATS_URL"}
    assert told["ARTEL_PORTAL_API_URL"] == f"http://127.0.0.1:{run.port}"
    assert told["ARTEL_PORTAL_NATS_URL"].startswith(f"nats://{PORTAL}:")
    answer = run.get("/").json()
    assert set(answer["secrets"]) == set(told)


def test_events_come_as_they_are_told_and_end_when_the_reader_goes(run: Run) -> None:
    with run.stream("/live?pause=0.3") as answer:  # they would go on for minutes
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = answer.iter_lines()
        assert [next(lines) for _ in range(3)] == ["data: 0", "", "data: 1"]
        assert run.get("/").json()["open"] == 1
    assert eventually(lambda: run.get("/").json()["open"] == 0)


def test_a_portal_that_is_gone_is_said_to_people_as_a_page_and_comes_back(run: Run) -> None:
    reader = {"Accept": "text/html,*/*"}
    with run.stream("/live") as answer:
        os.kill(run.state()[PORTAL]["pid"], signal.SIGKILL)
        for _ in answer.iter_raw():  # it ends without an error, and the reader comes again
            pass
    page, problem = run.get("/", headers=reader), run.get("/", method="POST")
    assert (page.status_code, problem.status_code) == (503, 503)
    assert page.headers["refresh"] == "3"
    assert "Страница сейчас не открывается" in page.text
    assert problem.json()["code"] == "unavailable"
    assert "refresh" not in run.get("/", method="POST", headers=reader).headers
    assert run.get("/api/finance/x", headers=reader).status_code == 200
    assert eventually(lambda: run.get("/").status_code == 200)


def test_failpoints_reach_the_services(run: Run) -> None:
    assert run.get("/api/finance/x").json()["failpoints"] == "/nowhere"


def test_open_events_do_not_hold_up_the_end(data: Path) -> None:
    with Run(data, "--split").ready() as run, run.stream("/live") as answer:
        pieces = answer.iter_raw()
        next(pieces)
        run.signal(signal.SIGTERM)
        for _ in pieces:  # it is ended in order: one that is broken off would raise here
            pass
        assert run.ended(30) == 0


def _status_of_large(run: Run, *, is_chunked: bool) -> bytes:
    """The beginning of what is answered to 65 MB, whether or not all of it was taken."""
    length = "Transfer-Encoding: chunked" if is_chunked else f"Content-Length: {65 * 2**20}"
    with socket.create_connection(("127.0.0.1", run.port), timeout=20) as client:
        client.sendall(f"POST /api/finance/x HTTP/1.1\r\nHost: x\r\n{length}\r\n\r\n".encode())
        piece = bytes(2**20)
        for _ in range(65 if is_chunked else 1):
            try:
                client.sendall(b"%x\r\n%s\r\n" % (len(piece), piece) if is_chunked else piece)
            except OSError:
                break
        return client.recv(4096)
