"""Keeps what was started running: whatever ends by itself is started again."""

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

from deploy.local.nats import Nats
from deploy.local.postgres import Postgres
from deploy.local.process import CannotStart

LOOK_SECONDS = 0.1
PAUSE_FIRST_SECONDS = 0.2
PAUSE_LAST_SECONDS = 2.0
STEADY_SECONDS = 10.0
"""Who has run that long is trusted again: its next restart comes at once."""

HEALTH_SECONDS = 3.0
FROZEN_AFTER = 5
"""So many times in a row unhealthy, and NATS is restarted: a full disk froze it."""

PRUNE_SECONDS = 60.0


class Watched(Protocol):
    """Something that runs as a process and can be started again after its end."""

    @property
    def has_died(self) -> bool:
        """Whether it was started and has ended since."""

    async def start(self) -> None:
        """Starts it; raises CannotStart."""


async def keep_running(
    name: str, thing: Watched, tell: Callable[[str], None], changed: Callable[[], None]
) -> None:
    """Starts the thing again each time it ends, at once at first, then with growing pauses."""
    pause = PAUSE_FIRST_SECONDS
    started = time.monotonic()
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        if not thing.has_died:
            continue
        if time.monotonic() - started > STEADY_SECONDS:
            pause = PAUSE_FIRST_SECONDS
        tell(f"{name} ended and is started again.")
        started = time.monotonic()
        try:
            await thing.start()
        except CannotStart as error:
            tell(str(error))
        changed()
        await asyncio.sleep(pause)
        pause = min(pause * 2, PAUSE_LAST_SECONDS)


async def keep_thawed(nats: Nats, tell: Callable[[str], None]) -> None:
    """Ends a server whose JetStream stays frozen; `keep_running` then starts it again."""
    unhealthy = 0
    while True:
        await asyncio.sleep(HEALTH_SECONDS)
        unhealthy = 0 if nats.pid is None or await nats.is_healthy() else unhealthy + 1
        if unhealthy >= FROZEN_AFTER:
            tell("NATS lives but does not work (a full disk does that): it is restarted.")
            await nats.kill()
            unhealthy = 0


async def keep_small(postgres: Postgres, bound_logs: Callable[[], None]) -> None:
    """Keeps the logs bounded."""
    while True:
        await asyncio.sleep(PRUNE_SECONDS)
        postgres.prune_logs()
        bound_logs()
