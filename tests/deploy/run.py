"""A run of the installation with stand-in services, as a process of its own."""

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import psutil

from deploy.local.environment import MARK
from deploy.local.installation import Installation
from deploy.local.ports import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
STANDIN = (sys.executable, "-m", "tests.deploy.standin")


class Run:
    """`up` on a data folder; its signals go to its process group, as a terminal's do."""

    def __init__(
        self,
        data: Path,
        *arguments: str,
        command: Sequence[str] = STANDIN,
        before: Callable[[], None] | None = None,
        **variables: str,
    ) -> None:
        self.data = data
        self.port = int(variables.get("ARTEL_PORT", free_port()))
        self.output: list[str] = []
        self._lines: queue.Queue[str | None] = queue.Queue()
        self.process = subprocess.Popen(
            [*command, *arguments],
            cwd=ROOT,
            env={**environment(data), "ARTEL_PORT": str(self.port), **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=before,
            text=True,
        )
        threading.Thread(target=self._read, daemon=True).start()

    def __enter__(self) -> "Run":
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
            self.ended(60)
        for process in left_of(self.data):
            process.kill()

    def ready(self, seconds: float = 60) -> "Run":
        """Waits for the address."""
        deadline = time.monotonic() + seconds
        while not any("Ctrl-C stops" in line for line in self.output):
            line = self._lines.get(timeout=max(0.1, deadline - time.monotonic()))
            if line is None:
                raise AssertionError("".join(self.output))
            self.output.append(line)
        return self

    def ended(self, seconds: float) -> int:
        """Waits for the end; the status."""
        status = self.process.wait(seconds)
        while (line := self._lines.get(timeout=10)) is not None:
            self.output.append(line)
        return status

    def signal(self, number: signal.Signals) -> None:
        """Sends it to the whole process group."""
        os.killpg(self.process.pid, number)

    def get(self, path: str, **more: Any) -> httpx.Response:
        """Asks through the public port."""
        url = f"http://127.0.0.1:{self.port}{path}"
        return httpx.request(more.pop("method", "GET"), url, trust_env=False, timeout=20, **more)

    @contextmanager
    def stream(self, path: str) -> Iterator[httpx.Response]:
        """Opens an answer that goes on, as a page does that listens to events."""
        url = f"http://127.0.0.1:{self.port}{path}"
        headers = {"Accept": "text/event-stream"}
        with (
            httpx.Client(trust_env=False, timeout=20) as client,
            client.stream("GET", url, headers=headers) as answer,
        ):
            yield answer

    def state(self) -> dict[str, Any]:
        """What it wrote down of itself."""
        return Installation(self.data).state()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put(None)


def environment(data: Path) -> dict[str, str]:
    """The caller's, without anything that another installation set."""
    kept = {
        name: text for name, text in os.environ.items() if not name.startswith(("ARTEL_", "MAKE"))
    }
    return {**kept, "ARTEL_DATA": str(data)}


def command(data: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """One of the short commands, done."""
    return subprocess.run(
        [sys.executable, "-m", "deploy.local", *words],
        cwd=ROOT,
        env={**environment(data), **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def left_of(data: Path) -> list[psutil.Process]:
    """Every living process of the installation: by its mark, its folder or its configuration."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.status() != psutil.STATUS_ZOMBIE and (
                process.environ().get(MARK) == str(data)
                or process.cwd().startswith(str(data))
                or any(word.startswith(str(data)) for word in process.cmdline())
            ):
                found.append(process)
        except psutil.Error:
            continue
    return found


def eventually(ask: Callable[[], Any], seconds: float = 20) -> Any:
    """Asks until the answer is true and nothing is raised."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            answer = ask()
        except (OSError, httpx.HTTPError, asyncpg.PostgresError, KeyError, TypeError):
            answer = None
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError("it did not come true")
        time.sleep(0.05)
