"""Sees to it that the streams and consumers of the contracts are there, at the start and after."""

import asyncio
import contextlib
from collections.abc import Callable

from nats.aio.client import Client

from contracts.provisioning import provision

LOOK_SECONDS = 3.0
AGAIN_SECONDS = 0.5


async def keep_provisioned(
    url: str, provisioned: asyncio.Event, tell: Callable[[str], None], *, replicas: int = 1
) -> None:
    """Makes what is missing, again and again; sets the event whenever all is there."""
    while True:
        try:
            await _while_connected(url, provisioned, tell, replicas)
        except Exception as error:  # the server is away: say so once it matters, and try again
            if provisioned.is_set():
                tell(f"The streams of NATS cannot be looked after now: {error!r:.200}")
            await asyncio.sleep(AGAIN_SECONDS)


async def _while_connected(
    url: str, provisioned: asyncio.Event, tell: Callable[[str], None], replicas: int
) -> None:
    client = Client()
    await client.connect(
        url, name="provisioner", connect_timeout=2, allow_reconnect=False, error_cb=_unheard
    )
    try:
        while True:
            done = await asyncio.wait_for(provision(client, replicas), 30)
            if done and provisioned.is_set():
                tell(f"NATS: {', '.join(done)}.")
            provisioned.set()
            await asyncio.sleep(LOOK_SECONDS)
    finally:
        with contextlib.suppress(Exception):
            await client.close()


async def _unheard(error: Exception) -> None:
    """The client raises what matters; its report of it is not needed twice."""
