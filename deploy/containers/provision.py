"""The provisioner as a container: it stays up, and its health says when it last saw all in order."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from deploy.containers.healthy import SEEN
from deploy.nats.provisioner import keep_provisioned
from shared.settings import variable


def provision() -> int:
    """Looks after the streams until SIGTERM."""
    url = variable("ARTEL_PROVISIONER_NATS_URL")
    if url is None:
        sys.exit("ARTEL_PROVISIONER_NATS_URL is missing: where the provisioner connects.")
    asyncio.run(_provision(url, int(os.environ.get("ARTEL_NATS_REPLICAS", "1"))))
    return 0


async def _provision(url: str, replicas: int) -> None:
    seen = _Seen()
    task = asyncio.create_task(keep_provisioned(url, seen, _say, replicas=replicas))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    await asyncio.wait([task])


class _Seen(asyncio.Event):
    """Notes the moment in a file, for the health check."""

    def set(self) -> None:
        super().set()
        Path(SEEN).touch()


def _say(sentence: str) -> None:
    print(sentence, flush=True)
