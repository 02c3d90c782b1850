"""`make up` as a newcomer types it, with the real services."""

import signal
from pathlib import Path

import httpx
import pytest

from contracts.topology import SERVICES
from deploy.local.installation import Installation
from tests.deploy.run import ROOT, Run, left_of


@pytest.mark.skipif(
    not (ROOT / ".venv" / "runtime.lock").exists(), reason="make has not set itself up here"
)
def test_make_up_serves_the_demo_and_returns_when_no_process_is_left(data: Path) -> None:
    with Run(data, command=("make", "up")).ready(120) as run:
        for service in SERVICES:
            described = run.get(f"/api/{service}/openapi.json").json()
            assert all(path.startswith(f"/api/{service}/") for path in described["paths"])
        credentials = {"email": "coordinator@smolapo.demo", "password": "demo"}
        signed_in = run.get("/api/membership/sessions", method="POST", json=credentials)
        assert signed_in.status_code == 201
        base = f"http://127.0.0.1:{run.port}"
        with httpx.Client(base_url=base, headers={"Origin": base}, trust_env=False) as browser:
            assert "password" in browser.get("/sign-in").text
            assert browser.post("/sign-in", data=credentials).headers["location"] == "/"
            assert browser.get("/").status_code == 200
            with browser.stream("GET", "/live", timeout=40) as page:
                events = page.iter_raw()
                assert next(events).startswith(b"retry:")
                run.signal(signal.SIGINT)
                for _ in events:  # it is ended in order: one that is broken off would raise here
                    pass
        run.ended(40)
        assert left_of(data) == []
    migrated = {
        log: log.stat().st_mtime_ns for log in Installation(data).logs.glob("migrate-*.log")
    }
    assert {log.stem for log in migrated} == {f"migrate-{service}" for service in SERVICES}
    with Run(data, command=("make", "up")).ready(120):
        assert {log: log.stat().st_mtime_ns for log in migrated} == migrated  # nothing was to do
