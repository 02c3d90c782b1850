"""Processes that the runner starts: each in a session of its own, none outliving its starter."""

import asyncio
import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

import psutil

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


class CannotStart(Exception):
    """A server cannot be started here; the sentence says why and what to do."""


def spawn(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str],
    folder: Path,
    output: IO[bytes] | int,
    dies_by: signal.Signals,
    become: Callable[[], None] | None = None,
    keep: Sequence[int] = (),
    stdin: int = subprocess.DEVNULL,
) -> subprocess.Popen[bytes]:
    """Starts a program in its own session; if its starter dies, the kernel sends it `dies_by`.

    The kernel watches the thread that called, so call from one that lives as long as the program.
    """
    starter = os.getpid()

    def prepare() -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        if become is not None:
            become()  # first: a change of credentials forgets the death signal
        die_with(starter, dies_by)

    return subprocess.Popen(
        [str(word) for word in command],
        env=dict(env),
        cwd=folder,
        stdin=stdin,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        pass_fds=keep,
        preexec_fn=prepare,
    )


def die_with(starter: int, dies_by: signal.Signals) -> None:
    """Asks the kernel to send this process `dies_by` when its parent is gone."""
    if sys.platform != "linux":
        return
    _libc.prctl(PR_SET_PDEATHSIG, int(dies_by), 0, 0, 0)
    if os.getppid() != starter:  # it was gone before we asked
        os.kill(os.getpid(), dies_by)


async def has_ended(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Waits for the process, at most that long; True once it has ended."""
    deadline = time.monotonic() + seconds
    pause = 0.005
    while process.poll() is None:
        if time.monotonic() >= deadline:
            return False
        await asyncio.sleep(pause)
        pause = min(pause * 2, 0.05)
    return True


async def end(process: subprocess.Popen[bytes], *steps: tuple[signal.Signals, float]) -> None:
    """Sends each signal in turn and gives it its seconds; SIGKILL comes last."""
    for number, seconds in steps:
        if process.poll() is not None:
            return
        process.send_signal(number)
        process.send_signal(signal.SIGCONT)  # a stopped one would not hear the other
        if await has_ended(process, seconds):
            return
    if process.poll() is None:
        process.kill()
        await has_ended(process, 30)


async def end_others(
    found: Sequence[psutil.Process], *, politely: signal.Signals | None, seconds: float = 15
) -> None:
    """Ends processes that somebody else had started, the polite way first when there is one."""
    waits = [(politely, seconds)] if politely else []
    alive = list(found)
    for number, patience in [*waits, (signal.SIGKILL, 10.0)]:
        for process in alive:
            with contextlib.suppress(psutil.Error):
                process.send_signal(number)
                process.send_signal(signal.SIGCONT)  # a stopped one would not hear the other
        deadline = time.monotonic() + patience
        while alive and time.monotonic() < deadline:
            alive = [process for process in alive if is_alive(process)]
            await asyncio.sleep(0.02 if alive else 0)
    if alive:
        raise CannotStart(f"Process {alive[0].pid} is left from an earlier run and does not end.")


def is_alive(process: psutil.Process) -> bool:
    """Whether it still runs: neither gone nor a zombie nor another process with its number."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def plain_environment() -> dict[str, str]:
    """The few variables a server needs; nothing of the caller's leaks into it."""
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
    return {**kept, "LC_ALL": "C", "TZ": "UTC"}


def last_lines(file: Path, count: int = 5) -> str:
    """The end of a log, for an error's sentence."""
    try:
        with file.open("rb") as log:
            log.seek(0, os.SEEK_END)
            log.seek(max(0, log.tell() - 4096))
            lines = log.read().decode(errors="replace").splitlines()
    except OSError:
        return ""
    return " / ".join(line.strip() for line in lines[-count:] if line.strip())
