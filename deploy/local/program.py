"""One of our own processes under the runner: a service, all of them, or the edge."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from deploy.local import logs
from deploy.local.environment import MARK
from deploy.local.process import end, end_others, is_alive, last_lines, spawn

ROOT = Path(__file__).resolve().parent.parent.parent
STOP_SECONDS = 15.0
LEFTOVER_SECONDS = 2.0
GO = b"go\n"


@dataclass
class Program:
    """A command that runs in the source folder and logs to a file of its own."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    installation: Path
    logs: Path
    fd: int | None = None
    """A socket that it inherits."""

    waits: bool = False
    """Whether it gets itself ready and then waits until it is let go; a restart does not wait."""

    process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Its number, as long as it lives."""
        return self.process.pid if self.process and self.process.poll() is None else None

    @property
    def has_died(self) -> bool:
        """Whether it was started and has ended since."""
        return self.process is not None and self.process.poll() is not None

    async def start(self) -> None:
        """Starts it; whether it is ready is another question."""
        with logs.opened(self.logs, self.name) as output:
            self.process = spawn(
                [*self.command, *(["--wait"] if self.waits else [])],
                env={**self.environment, MARK: str(self.installation)},
                folder=ROOT,
                output=output,
                dies_by=signal.SIGTERM,
                keep=() if self.fd is None else (self.fd,),
                stdin=subprocess.PIPE if self.waits else subprocess.DEVNULL,
            )

    def let_go(self) -> None:
        """Says to one that waits that what it needs is there now."""
        self.waits = False
        if self.process is not None and self.process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):  # it has ended, which its watch will see
                self.process.stdin.write(GO)
                self.process.stdin.close()

    async def stop(self) -> None:
        """Lets it finish what it has in hand, but not for ever."""
        if self.process is not None:
            await end(self.process, (signal.SIGTERM, STOP_SECONDS))
            self.process = None

    def last_words(self) -> str:
        """The end of its log."""
        return last_lines(logs.path_of(self.logs, self.name))


async def end_leftovers(installation: Path) -> None:
    """Ends programs of the installation that a runner left behind when it was killed."""
    found = [each for each in psutil.process_iter() if _belongs(each, installation)]
    await end_others(found, politely=signal.SIGTERM, seconds=LEFTOVER_SECONDS)


def _belongs(process: psutil.Process, installation: Path) -> bool:
    try:
        return (
            process.pid != os.getpid()
            and process.environ().get(MARK) == str(installation)
            and is_alive(process)
        )
    except (psutil.Error, OSError):
        return False
