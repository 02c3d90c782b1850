"""A whole composition of its own, up for these tests and thrown away after them.

They need a Docker engine: `make test-containers` runs them, `make test` leaves the folder out.
"""

import json
import os
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.local.ports import free_port
from tests.harness import in_containers
from tests.people import Person

ROOT = Path(__file__).resolve().parent.parent.parent
PROJECT = "artel-test"


def pytest_ignore_collect() -> bool | None:
    """Leaves the folder out where the run has no containers."""
    return None if in_containers() else True


class Composition:
    """The containers of the composition under another project's name, on free ports."""

    def __init__(self) -> None:
        self.port = free_port()
        self.base_url = f"https://localhost:{self.port}"
        self.environment = {
            **{name: text for name, text in os.environ.items() if not name.startswith("ARTEL_")},
            "ARTEL_DEMO": "1",
            "ARTEL_HTTP_PORT": str(free_port()),
            "ARTEL_HTTPS_PORT": str(self.port),
        }

    def compose(self, *words: str, seconds: float = 900) -> str:
        """Runs `docker compose`; returns what it printed."""
        done = subprocess.run(
            ["docker", "compose", "-p", PROJECT, *words],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def containers(self, service: str) -> list[str]:
        """The ids of the service's containers."""
        return self.compose("ps", "-q", service).split()

    def inspect(self, container: str) -> dict[str, Any]:
        """What Docker knows of a container."""
        answer = subprocess.run(
            ["docker", "inspect", container], capture_output=True, text=True, check=True
        )
        found: dict[str, Any] = json.loads(answer.stdout)[0]
        return found

    def crash(self, service: str, replica: int) -> None:
        """Kills everything in the container but its init, which then ends: Docker starts it again."""
        self.compose("exec", "-T", "--index", str(replica), service, "sh", "-c", "kill -9 -1")

    def sql(self, service: str, statement: str) -> list[str]:
        """Asks the service's database as the superuser; a line for each row."""
        words = ("psql", "-U", "artel", "-d", f"artel_{service}", "-Atc", statement)
        return self.compose("exec", "-T", "postgres", *words).split()

    def trust(self) -> ssl.SSLContext:
        """Trusts the edge's own authority, and no other."""
        root = "/data/caddy/pki/authorities/local/root.crt"
        return ssl.create_default_context(cadata=self.compose("exec", "-T", "edge", "cat", root))

    def person(self, account: str) -> Person:
        """Somebody of the demo, signed in through the edge."""
        return Person(self.base_url, account, verify=self.trust())

    def visitor(self, email: str) -> httpx.Client:
        """Somebody of the demo at the pages, signed in."""
        client = httpx.Client(
            base_url=self.base_url,
            verify=self.trust(),
            headers={"Origin": self.base_url},
            timeout=30,
        )
        answer = client.post("/sign-in", data={"email": email, "password": "demo"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/"), answer.text
        return client


@pytest.fixture(scope="session")
def composition() -> Iterator[Composition]:
    """`docker compose up --build --wait` from nothing, with demo data."""
    made = Composition()
    made.compose("down", "--volumes", "--timeout", "5")
    try:
        made.compose("up", "--build", "--wait")
        yield made
    finally:
        made.compose("down", "--volumes", "--timeout", "5")
