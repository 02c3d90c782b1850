"""Waits until every service and the portal says that it can do its work."""

import asyncio
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from contracts.topology import PORTAL
from deploy.local.process import CannotStart
from deploy.local.program import Program

if TYPE_CHECKING:
    import httpx

READY_SECONDS = 180.0
DEATHS_MAX = 3
LOOK_SECONDS = 0.05


def ready_path(name: str) -> str:
    """Where a service, or the portal, says whether it is ready."""
    return "/health/ready" if name == PORTAL else f"/api/{name}/health/ready"


async def until_ready(address: str, names: Sequence[str], programs: Sequence[Program]) -> None:
    """Returns when all are ready; raises CannotStart when one keeps ending or takes too long."""
    import httpx  # heavy, and imported while those who are waited for import what they need

    deadline = time.monotonic() + READY_SECONDS
    pids: dict[str, set[int]] = {each.name: set() for each in programs}
    async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
        waiting = list(names)
        while waiting:
            for each in programs:
                pids[each.name] |= {each.pid} if each.pid else set()
                if len(pids[each.name]) > DEATHS_MAX:
                    raise CannotStart(f"{each.name} does not start: {each.last_words()}")
            if time.monotonic() > deadline:
                raise CannotStart(
                    f"Not ready after {READY_SECONDS:.0f} s: {', '.join(waiting)}. The logs in"
                    f" {programs[0].logs} may say why."
                )
            answers = await asyncio.gather(
                *(_is_ready(client, f"{address}{ready_path(name)}") for name in waiting)
            )
            waiting = [name for name, ready in zip(waiting, answers, strict=True) if not ready]
            if waiting:
                await asyncio.sleep(LOOK_SECONDS)


async def _is_ready(client: "httpx.AsyncClient", url: str) -> bool:
    import httpx

    try:
        return (await client.get(url)).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False
