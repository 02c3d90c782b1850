"""Log files of the services: written by them, kept small by the runner."""

import contextlib
import os
import shutil
from pathlib import Path
from typing import IO

BYTES_MAX = 10 * 1024 * 1024


def opened(folder: Path, name: str) -> IO[bytes]:
    """The log of that name, for a process to write at its end."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = path_of(folder, name)
    file.touch(mode=0o600)
    return file.open("ab")


def path_of(folder: Path, name: str) -> Path:
    """Where the log of that name lies."""
    return folder / f"{name}.log"


def bound(folder: Path) -> None:
    """Moves what a grown log holds aside, over what was set aside before.

    Its writer appends, so it goes on at the start of the emptied file.
    """
    for file in folder.glob("*.log"):
        with contextlib.suppress(OSError):
            if file.stat().st_size > BYTES_MAX:
                shutil.copyfile(file, file.with_suffix(".log.old"))
                os.truncate(file, 0)
