"""The assembly of a service: its routes, what it hears, what falls due, and its own start and stop."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI
from starlette.responses import Response

from shared import bus, clock, leader, log
from shared.asking import Answers, answer
from shared.clock import Clock
from shared.database import Database, Transaction
from shared.health import Readiness, alive
from shared.http import Surroundings
from shared.inbox import Inbox
from shared.limits import Limits
from shared.listener import Hear, listen, retry_parked
from shared.migrate import head_of
from shared.problems import answer_with_problems
from shared.relay import relay
from shared.routes import Routes
from shared.settings import Settings, settings_of
from shared.tokens import Verifier

DueCommand = Callable[[Transaction], Awaitable[int]]
"""Takes some rows whose time has come, in one transaction; returns how many it took."""

_DUE_SECONDS = 0.5
_SWEEP_SECONDS = 600
_STOP_SECONDS = 5.0
"""How long duties may take to end; one that waits for its connection ends with the pool."""

logger = log.get(__name__)


@dataclass(frozen=True)
class Service:
    """What a service is made of."""

    name: str
    routes: Routes
    hear: Hear
    due: tuple[DueCommand, ...] = ()
    lengthy: tuple[DueCommand, ...] = ()
    """What a round of may take seconds: it is done beside what is due, and holds none of it up."""
    demo: Callable[["Runtime"], Awaitable[None]] | None = None
    answers: Answers | None = None
    """What other services may ask it at the moment they need to."""
    closing: tuple[Callable[[], Awaitable[None]], ...] = ()
    """What is done when it stops, after its duties have ended."""
    milestones: tuple[str, ...] = ()
    """What must have been reached in demo mode before the service is ready."""


@dataclass
class Runtime:
    """A service while it runs; routes find it as `request.app.state.runtime`."""

    service: Service
    settings: Settings
    clock: Clock
    database: Database
    verifier: Verifier
    limits: Limits
    inbox: Inbox
    readiness: Readiness
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The service's name."""
        return self.service.name


def create_app(
    service: Service, settings: Settings | None = None, now: Clock = clock.now
) -> FastAPI:
    """The service as an ASGI app; its settings come from the environment unless given."""
    settings = settings or settings_of(service.name)
    log.configure(settings.log_level)
    database = Database(
        service=service.name,
        url=settings.database_url.get_secret_value(),
        clock=now,
        connections=settings.database_connections,
    )
    milestones = service.milestones if settings.demo else ()
    runtime = Runtime(
        service=service,
        settings=settings,
        clock=now,
        database=database,
        verifier=Verifier(settings.token_public_keys),
        limits=Limits(settings.requests_per_10_seconds),
        inbox=Inbox(database, service.hear.handlers),
        readiness=Readiness(database, head_of(service.name), milestones),
    )
    app = FastAPI(
        title=f"Artel: {service.name}",
        version="1",
        openapi_url=f"/api/{service.name}/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
    )
    app.state.runtime = runtime
    answer_with_problems(app)
    app.router.routes.extend(service.routes.router.routes)  # an included router looks twice
    _add_health(app, runtime)
    app.add_middleware(
        Surroundings,
        body_bytes_max=settings.body_bytes_max,
        larger=service.routes.body_bytes_max,
    )
    return app


def _add_health(app: FastAPI, runtime: Runtime) -> None:
    async def live() -> Response:
        return alive()

    async def ready() -> Response:
        return await runtime.readiness.answer()

    prefix = f"/api/{runtime.name}/health"
    app.add_route(f"{prefix}/live", _plain(live), methods=["GET"])
    app.add_route(f"{prefix}/ready", _plain(ready), methods=["GET"])


def _plain(answer: Callable[[], Awaitable[Response]]) -> Callable[[Any], Awaitable[Response]]:
    async def handle(_: Any) -> Response:
        return await answer()

    return handle


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    runtime: Runtime = app.state.runtime
    await runtime.database.open()
    runtime.tasks = [asyncio.create_task(_lead(runtime), name=f"{runtime.name} leader")]
    if runtime.service.demo is not None and runtime.settings.demo:
        runtime.tasks.append(asyncio.create_task(_lay_demo(runtime), name=f"{runtime.name} demo"))
    try:
        yield
    finally:
        for task in runtime.tasks:
            task.cancel()
        await asyncio.wait(runtime.tasks, timeout=_STOP_SECONDS)
        for close in runtime.service.closing:
            await close()
        await runtime.database.close()


async def _lead(runtime: Runtime) -> None:
    duties: dict[str, leader.Duty] = {
        "relay": lambda: _relay(runtime),
        "due": lambda: _take_what_is_due(runtime, runtime.service.due),
        "sweep": lambda: _sweep(runtime),
    }
    if runtime.service.lengthy:
        duties["lengthy"] = lambda: _take_what_is_due(runtime, runtime.service.lengthy)
    if runtime.service.hear.handlers:
        duties["listen"] = lambda: _listen(runtime)
        duties["retry"] = lambda: retry_parked(runtime.inbox)
    if runtime.service.answers is not None:
        duties["answer"] = lambda: _answer(runtime)
    await leader.lead(runtime.database, duties)


async def _relay(runtime: Runtime) -> None:
    client = await bus.connect(runtime.name, runtime.settings.nats_url.get_secret_value())
    try:
        await relay(runtime.database, client)
    finally:
        with suppress(Exception):
            await client.close()


async def _listen(runtime: Runtime) -> None:
    url = runtime.settings.nats_url.get_secret_value()
    client = await bus.connect(runtime.name, url)
    try:
        await listen(runtime.database, client, url, runtime.inbox, runtime.service.hear)
    finally:
        with suppress(Exception):
            await client.close()


async def _answer(runtime: Runtime) -> None:
    assert runtime.service.answers is not None
    client = await bus.connect(runtime.name, runtime.settings.nats_url.get_secret_value())
    try:
        await answer(runtime.database, client, runtime.service.answers)
    finally:
        with suppress(Exception):
            await client.close()


async def _take_what_is_due(runtime: Runtime, commands: tuple[DueCommand, ...]) -> None:
    while True:
        taken = 0
        for command in commands:
            async with runtime.database.transaction() as tx:
                taken += await command(tx)
        if not taken:
            await asyncio.sleep(_DUE_SECONDS)


async def _sweep(runtime: Runtime) -> None:
    """Keeps small what should stay small, and makes room for the months to come."""
    while True:
        await runtime.database.fetch("SELECT make_outbox_partitions(3)")
        await runtime.database.fetch(
            "DELETE FROM idempotency WHERE claimed_at < now() - interval '72 hours'"
        )
        await asyncio.sleep(_SWEEP_SECONDS)


async def _lay_demo(runtime: Runtime) -> None:
    assert runtime.service.demo is not None
    while True:
        try:
            await runtime.service.demo(runtime)
        except Exception as error:  # the database may still be starting
            logger.warning("demo waits", service=runtime.name, error=log.words(error))
            await asyncio.sleep(0.5)
        else:
            return
