"""All services in this process, on real databases and a real bus, with the demo laid."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest_asyncio

from contracts.topology import SERVICES
from tests.harness import Moment, Running, Servers, running, until


@dataclass
class Platform:
    """Every service, and a way to sign in."""

    services: dict[str, Running]
    clock: Moment

    async def sign_in(self, email: str, **more: Any) -> "Somebody":
        """Somebody of the demo."""
        answer = await self.services["membership"].client.post(
            "/api/membership/sessions", json={"email": email, "password": "demo", **more}
        )
        assert answer.status_code == 201, answer.text
        return Somebody(self, answer.json())


@dataclass
class Somebody:
    """A signed-in person."""

    platform: Platform
    session: dict[str, Any]

    @property
    def member_id(self) -> str:
        """The member acted for."""
        return str(self.session["member_id"])

    async def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """A request to the service that the path names."""
        service = self.platform.services[path.split("/")[1]]
        headers = {
            "Authorization": f"Bearer {self.session['access_token']}",
            **more.pop("headers", {}),
        }
        return await service.client.request(method, f"/api{path}", headers=headers, **more)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def platform(servers: Servers) -> AsyncIterator[Platform]:
    """The platform, ready; one for all journeys of a module."""
    clock = Moment()
    await servers.fresh_streams()
    async with contextlib.AsyncExitStack() as stack:
        services = {
            name: await stack.enter_async_context(
                running(servers, name, clock, with_duties=True, demo=True)
            )
            for name in SERVICES
        }
        made = Platform(services, clock)
        for name, service in services.items():

            async def ready(name: str = name, service: Running = service) -> bool:
                answer = await service.client.get(f"/api/{name}/health/ready")
                return answer.status_code == 200

            await until(ready, 60)
        yield made
