"""Stops an installation from outside, and wipes a demo."""

import asyncio
import shutil
import signal
import time

from deploy.local import nats, postgres, program
from deploy.local.installation import AlreadyRuns, Installation
from deploy.local.process import CannotStart, end_others
from deploy.local.state import runner_of

STOP_SECONDS = 90.0
LOCK_SECONDS = 10.0


async def down(installation: Installation) -> bool:
    """Ends the runner and whatever is left of it; False when nothing ran."""
    if not installation.folder.exists():
        return False
    deadline = time.monotonic() + LOCK_SECONDS
    ran = False
    while True:
        runner = runner_of(installation.state())
        if runner is not None:
            ran = True
            await end_others([runner], politely=signal.SIGTERM, seconds=STOP_SECONDS)
        try:
            with installation.held():
                await _end_leftovers(installation)
                installation.forget_state()
                return ran
        except AlreadyRuns:  # its runner has just begun and has not written itself down yet
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.1)


async def reset_demo(installation: Installation) -> None:
    """Stops a demo and wipes its data; raises CannotStart for an installation that is none."""
    if not installation.exists:
        raise CannotStart(f"There is no installation in {installation.folder}.")
    if not installation.was_made_with_demo:
        raise CannotStart(
            f"The installation in {installation.folder} was made without demo data: what it holds"
            " is real and is not wiped."
        )
    await down(installation)
    with installation.held():
        for folder in (installation.postgres, installation.nats, installation.logs):
            shutil.rmtree(folder, ignore_errors=True)


async def _end_leftovers(installation: Installation) -> None:
    await program.end_leftovers(installation.folder)
    await nats.end_leftovers(installation.nats)
    await postgres.end_leftovers(installation.postgres)
