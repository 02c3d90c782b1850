"""`up --split`: each service a process of its own behind the edge."""

import os
import signal
import socket
from collections.abc import Iterator

import pytest

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


def test_failpoints_reach_the_services_and_the_front_page_names_them(run: Run) -> None:
    assert set(run.get("/").json()["services"]) == set(SERVICES)
    assert run.get("/nothing").status_code == 404


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
