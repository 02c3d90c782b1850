"""`up` and its end: real processes, with stand-ins for the services."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from contracts.topology import PORTAL
from deploy.local.installation import Installation
from deploy.local.ports import free_port, is_free
from deploy.local.process import CannotStart
from deploy.local.program import Program
from deploy.local.together import asked_of, nothing_here
from tests.deploy.run import ROOT, Run, command, eventually, left_of
from tests.deploy.standin import SERVICES


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """One run that several tests look at."""
    with Run(tmp_path_factory.mktemp("first") / "data").ready() as run:
        yield run


def _ignore_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def test_a_signal_to_the_group_stops_everything_whatever_was_inherited(data: Path) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        with Run(data, before=_ignore_interrupts).ready() as run:
            answers = {run.get(f"/api/{name}/x").json()["service"] for name in SERVICES}
            assert answers == set(SERVICES)
            assert run.get("/").json()["service"] == PORTAL
            run.signal(number)
            run.signal(number)
            assert run.ended(30) == 0
            assert left_of(data) == []
            assert run.state() == {}
    log = (data / "logs" / "services.log").read_text()
    assert log.index('"finance"') < log.index('"workshops"') < log.index('"membership"')


def test_a_signal_in_the_middle_of_the_start_leaves_nothing(data: Path) -> None:
    with Run(data) as run:
        eventually(lambda: left_of(data / "postgres"))
        run.signal(signal.SIGHUP)
        assert run.ended(30) == 0
        assert left_of(data) == []


def test_status_says_where_it_is(first: Run) -> None:
    said = command(first.data, "status").stdout
    assert f":{first.port}" in said
    assert "  portal: process" in said


def test_a_second_up_on_the_same_data_fails_at_once_and_the_first_goes_on(first: Run) -> None:
    began = time.monotonic()
    with Run(first.data) as second:
        assert second.ended(10) == 1
    assert time.monotonic() - began < 20
    assert "already runs" in second.output[-1]
    assert first.get("/api/finance/x").status_code == 200


def test_a_taken_port_is_said_at_once(first: Run, data: Path) -> None:
    with Run(data, ARTEL_PORT=str(first.port)) as second:
        assert second.ended(10) == 1
        assert "ARTEL_PORT" in second.output[-1]


def test_what_is_private_is_readable_by_its_owner_alone(first: Run) -> None:
    assert first.data.stat().st_mode & 0o777 == 0o700
    for name in ("secrets.json", "state.json", "nats/nats.conf"):
        assert (first.data / name).stat().st_mode & 0o777 == 0o600


def test_killed_servers_and_services_come_back_on_the_same_ports(first: Run) -> None:
    before = first.state()
    for name in ("postgres", "nats"):
        os.kill(before[name]["pid"], signal.SIGKILL)
    os.kill(before["services"]["finance"]["pid"], signal.SIGKILL)
    assert eventually(lambda: first.get("/api/finance/x").status_code == 200)

    def all_new() -> bool:
        now = first.state()
        return all(
            now[name]["pid"] not in (None, before[name]["pid"])
            and now[name]["port"] == before[name]["port"]
            for name in ("postgres", "nats")
        )

    assert eventually(all_new)


def test_after_a_kill_of_the_runner_the_next_start_takes_over(data: Path) -> None:
    with Run(data).ready() as run:
        before = run.state()
        stopped = [before[name]["pid"] for name in ("postgres", "nats")]
        stopped.append(before["services"]["finance"]["pid"])
        for pid in stopped:  # they cannot hear that their runner is gone
            os.kill(pid, signal.SIGSTOP)
        run.signal(signal.SIGKILL)
        run.ended(10)
        assert {process.pid for process in left_of(data)} >= set(stopped)
        began = time.monotonic()
        with Run(data, ARTEL_PORT=str(run.port)).ready() as successor:
            assert time.monotonic() - began < 60
            assert successor.get("/api/finance/x").status_code == 200
            assert not any(psutil.pid_exists(pid) and _lives(pid) for pid in stopped)


def test_down_stops_what_a_kill_left_and_does_not_mind_when_nothing_runs(data: Path) -> None:
    assert command(data, "down").returncode == 0
    with Run(data).ready() as run:
        os.kill(run.state()["postgres"]["pid"], signal.SIGSTOP)
        run.signal(signal.SIGKILL)
        run.ended(10)
        assert command(data, "down").returncode == 0
        assert left_of(data) == []


def test_resetting_a_demo_stops_it_and_wipes_what_its_servers_hold(data: Path) -> None:
    with Run(data).ready() as run:
        address = f"http://127.0.0.1:{run.port}"
        wanted = f"Open {address} and sign in as coordinator@smolapo.demo, password demo"
        assert any(wanted in line for line in run.output)
        assert command(data, "reset-demo").returncode == 0
        assert run.ended(1) == 0
    assert left_of(data) == []
    assert not (data / "postgres").exists()
    assert not (data / "nats").exists()


def test_an_installation_without_demo_stays_so_and_cannot_be_wiped(data: Path) -> None:
    installation = Installation(data)
    with installation.held():
        assert installation.make("0") is False
        assert installation.make(None) is False
        with pytest.raises(CannotStart, match="without demo data"):
            installation.make("1")
    refused = command(data, "reset-demo")
    assert refused.returncode == 1
    assert "not wiped" in refused.stderr


def test_a_python_that_is_too_old_is_refused_in_a_sentence(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    told = subprocess.run(
        ["make", "install-venv", f"PYTHON={old}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode != 0
    assert "3.11 or newer" in told.stderr


def _lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize(
    "path", ["/api", "/api/", "/api/nobody/x", "/api/financex", "/api/portal/x", "*"]
)
def test_what_is_nobodys_is_a_problem(path: str) -> None:
    assert asked_of(path, dict.fromkeys((*SERVICES, PORTAL))) is None
    answer = nothing_here()
    assert answer.status_code == 404
    assert answer.media_type == "application/problem+json"


@pytest.mark.parametrize("path", ["/", "/bookings", "//", "/apis/finance", "/assets/api/finance"])
def test_what_is_no_interface_of_a_service_is_a_page(path: str) -> None:
    assert asked_of(path, dict.fromkeys((*SERVICES, PORTAL))) == PORTAL


@pytest.mark.parametrize("is_let_go", [True, False])
def test_a_program_that_waits_serves_when_it_is_let_go_and_never_without(
    is_let_go: bool, tmp_path: Path
) -> None:
    port = free_port()
    program = Program(
        name="membership",
        command=[
            *(sys.executable, "-m", "deploy.local.serve", "tests.deploy.standin:membership"),
            *("--port", str(port)),
        ],
        environment=dict(os.environ),
        installation=tmp_path,
        logs=tmp_path,
        waits=True,
    )
    asyncio.run(program.start())
    assert program.process is not None
    assert program.process.stdin is not None
    try:
        time.sleep(1)
        assert program.pid is not None
        assert is_free("127.0.0.1", port)
        if is_let_go:
            program.let_go()
            assert eventually(lambda: httpx.get(f"http://127.0.0.1:{port}/api/membership/x"))
        else:
            program.process.stdin.close()  # as the kernel does when the runner is gone
            assert program.process.wait(10) == 0
    finally:
        asyncio.run(program.stop())
