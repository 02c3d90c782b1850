"""What was acknowledged is on the disk: the running bus is asked how it syncs."""

import httpx

from tests.harness import Servers


async def test_nats_writes_to_the_disk_before_it_acknowledges(servers: Servers) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(f"http://127.0.0.1:{servers.nats.monitor_port}/varz")
    jetstream = answer.json()["jetstream"]["config"]
    assert jetstream["sync_always"] is True, jetstream
