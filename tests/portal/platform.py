"""Everything on one real port: all services with the demo, and the portal that asks them over HTTP."""

import asyncio
import importlib
import re
import socket
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from pydantic import SecretStr
from starlette.types import Receive, Scope, Send

from contracts.event import Event
from contracts.topology import PORTAL, SERVICES
from deploy.local.together import Together
from services.portal.main import create_app
from services.portal.settings import PortalSettings
from shared import ending
from shared.database import Cause, Transaction
from shared.ids import new_id
from shared.problems import problem
from tests.harness import Moment, Servers
from tests.provider import Provider

GRACEFUL_SECONDS = 1
FROM_OUR_PAGE = {"Sec-Fetch-Site": "same-origin"}


class Platform:
    """The services and the portal while they run, in a thread of their own; some of them may sleep."""

    def __init__(self, servers: Servers, clock: Moment) -> None:
        self.more: dict[str, dict[str, Any]] = {}
        """Settings of single services besides the usual ones."""
        self.servers = servers
        self.clock = clock
        self.asked: Counter[str] = Counter()
        """How often each path of a service was asked."""
        self._sleeping: set[str] = set()
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._apps: Any = None
        self._services: dict[str, Any] = {}
        self._loop = asyncio.new_event_loop()
        config = uvicorn.Config(
            self._answer,
            interface="asgi3",
            lifespan="on",
            ws="none",
            log_config=None,
            access_log=False,
            proxy_headers=True,
            forwarded_allow_ips="127.0.0.1",
            timeout_graceful_shutdown=GRACEFUL_SECONDS,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._serve, name="platform", daemon=True)

    def start(self, seconds: float = 60) -> None:
        """Starts everything, and waits until the demo lies in each service."""
        self._thread.start()
        deadline = time.monotonic() + seconds
        for service in SERVICES:
            while not self._is_ready(service):
                assert self._thread.is_alive(), "the platform ended"
                assert time.monotonic() < deadline, f"{service} did not become ready"
                time.sleep(0.1)

    def stop(self) -> None:
        """Ends everything, open streams too."""
        ending.begin()
        self._server.should_exit = True
        self._thread.join(30)

    @contextmanager
    def asleep(self, *services: str) -> Iterator[None]:
        """These services do not answer meanwhile."""
        self._sleeping |= set(services)
        try:
            yield
        finally:
            self._sleeping -= set(services)

    def _is_ready(self, service: str) -> bool:
        try:
            answer = httpx.get(f"{self.url}/api/{service}/health/ready", trust_env=False)
        except httpx.TransportError:
            return False
        return answer.status_code == 200

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._run())

    async def _run(self) -> None:
        await self.servers.fresh_streams()
        databases = {name: await self.servers.new_database(name) for name in SERVICES}
        apps = {
            name: importlib.import_module(f"services.{name}.main").create_app(
                self.servers.settings(name, databases[name], demo=True, **self.more.get(name, {})),
                self.clock,
            )
            for name in SERVICES
        }
        self._services = apps
        self._apps = Together({**apps, PORTAL: create_app(self.settings(), self.clock)})
        await self._server.serve([self._socket])

    def tell(self, event: Event) -> None:
        """The service that owns this fact tells it: it goes through its outbox and over the bus."""
        runtime = self._services[event.publisher()].state.runtime

        async def record() -> None:
            async with runtime.database.transaction(cause=Cause(new_id(), new_id())) as tx:
                tx.record(event)

        asyncio.run_coroutine_threadsafe(record(), self._loop).result(30)

    def do(self, service: str, work: Callable[[Transaction], Awaitable[None]]) -> None:
        """Does something inside of a service, in one transaction."""
        runtime = self._services[service].state.runtime

        async def commit() -> None:
            async with runtime.database.transaction() as tx:
                await work(tx)

        asyncio.run_coroutine_threadsafe(commit(), self._loop).result(60)

    def settings(self, **more: Any) -> PortalSettings:
        """The portal's settings here."""
        options: dict[str, Any] = {
            "api_url": self.url,
            "nats_url": SecretStr(self.servers.nats_url(PORTAL)),
            "demo": True,
            "log_level": "error",
            **more,
        }
        return PortalSettings.model_validate(options)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        named = path.split("/")[1:3]
        self.asked[path] += path.startswith("/api/")
        if len(named) == 2 and named[0] == "api" and named[1] in self._sleeping:
            await problem(503, "unavailable", "It sleeps.")(scope, receive, send)
        else:
            await self._apps(scope, receive, send)


@contextmanager
def running_platform(clock: Moment, provider: Provider | None = None) -> Iterator[Platform]:
    """A platform on servers of its own, which nobody else empties or restarts."""
    with tempfile.TemporaryDirectory(prefix="artel-portal-") as folder:
        servers = Servers.start(Path(folder))
        try:
            platform = Platform(servers, clock)
            if provider is not None:
                back = f"{platform.url}/sign-in/provider/return"
                platform.more["membership"] = provider.settings(oidc_return_address=back)
            platform.start()
            yield platform
            platform.stop()
        finally:
            servers.stop()


class Page(HTMLParser):
    """A page that was answered: its elements in order, and its text as a person reads it."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__()
        self.status = answer.status_code
        self.html = answer.text
        self.elements: list[tuple[str, dict[str, str]]] = []
        self._texts: list[str] = []
        self.feed(answer.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self._texts.append(data)

    @property
    def text(self) -> str:
        """All its text, with single spaces."""
        return " ".join(" ".join(self._texts).split())

    def all(self, tag: str, **attributes: str) -> list[dict[str, str]]:
        """The attributes of every such element; `id_`, `for_` and the like stand for `id`, `for`."""
        wanted = {name.rstrip("_").replace("_", "-"): text for name, text in attributes.items()}
        return [
            found
            for name, found in self.elements
            if name == tag and wanted.items() <= found.items()
        ]

    def one(self, tag: str, **attributes: str) -> dict[str, str]:
        """The attributes of the only such element."""
        found = self.all(tag, **attributes)
        assert len(found) == 1, f"{len(found)} of {tag} {attributes}"
        return found[0]


@dataclass
class Visit:
    """A browser without a screen: it keeps cookies, and sends forms as a page of ours would."""

    platform: Platform
    client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = httpx.Client(
            base_url=self.platform.url, trust_env=False, timeout=20, headers=FROM_OUR_PAGE
        )

    def sign_in(self, email: str, password: str = "demo", **more: str) -> httpx.Response:
        """Sends the form of the sign-in page."""
        return self.client.post("/sign-in", data={"email": email, "password": password, **more})

    @property
    def csrf(self) -> str:
        """What the forms of this session carry."""
        found = re.search(r'name="csrf" value="([0-9a-f]{64})"', self.client.get("/account").text)
        assert found is not None, "no form on the account's page"
        return found[1]

    def page(self, path: str, **headers: str) -> Page:
        """A page, as it is answered."""
        return Page(self.client.get(path, headers=headers))

    def part(self, path: str) -> Page:
        """A part of a page, as htmx asks for it."""
        return self.page(path, **{"HX-Request": "true"})

    def send(self, path: str, **fields: Any) -> httpx.Response:
        """Sends a form with the token that it carries."""
        return self.client.post(path, data={"csrf": self.csrf, **fields})
