"""A whole installation in split mode, whose processes are killed at named points."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.run import Run
from tests.people import Person, eventually


class Installation:
    """An installation that runs, the folder that arms its failpoints, and its people."""

    def __init__(self, run: Run, failpoints: Path) -> None:
        self.run = run
        self.failpoints = failpoints
        self.base_url = f"http://127.0.0.1:{run.port}"

    def person(self, account: str) -> Person:
        """Somebody of the demo, signed in."""
        return Person(self.base_url, account)

    def arm(self, service: str, point: str) -> Path:
        """The service kills itself when it next comes to the point."""
        armed = self.failpoints / f"{service}.{point}"
        armed.touch()
        return armed

    def was_killed(self, armed: Path) -> None:
        """Waits until the failpoint has fired."""
        eventually(lambda: not armed.exists())


@pytest.fixture(scope="package")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """`make up SPLIT=1` with demo data, once for all crash tests."""
    folder = tmp_path_factory.mktemp("split")
    failpoints = folder / "failpoints"
    failpoints.mkdir()
    with Run(
        folder / "data",
        "up",
        "--split",
        command=(sys.executable, "-m", "deploy.local"),
        ARTEL_FAILPOINTS=str(failpoints),
    ) as run:
        run.ready(120)
        yield Installation(run, failpoints)
