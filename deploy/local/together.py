"""All services and the portal in one process: one app that sends each request to whom it is for."""

import asyncio
import contextlib
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contracts.topology import PORTAL, SERVICES
from shared.problems import problem

STOP_SECONDS = 5


def create_app() -> ASGIApp:
    """Every service of the contracts and the portal, each with its own start and stop."""
    return Together(
        {name: import_module(f"services.{name}.main").create_app() for name in (*SERVICES, PORTAL)}
    )


def asked_of(path: str, programs: Mapping[str, Any]) -> str | None:
    """Who answers at this path: below `/api` the service that it names, else the portal.

    None where nobody does.
    """
    parts = path.split("/", 3)
    if len(parts) < 2 or parts[0]:
        return None
    if parts[1] != "api":
        return PORTAL if PORTAL in programs else None
    named = parts[2] if len(parts) > 2 else ""
    return named if named in programs and named != PORTAL else None


def nothing_here() -> Response:
    """What is answered where nobody does."""
    return problem(404, "not-found", "There is nothing here.")


class Together:
    """Hands each request on without changing it, and runs the lifespans of all the apps."""

    def __init__(self, apps: Mapping[str, ASGIApp]) -> None:
        self._apps = apps
        self._lifespans = {name: _Lifespan(name, app) for name, app in apps.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers as an ASGI app does."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})
            return
        name = asked_of(scope["path"], self._apps)
        if name is None:
            await nothing_here()(scope, receive, send)
        else:
            scope["state"] = dict(self._lifespans[name].state)
            await self._apps[name](scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        lifespans = list(self._lifespans.values())
        faults = await asyncio.gather(*(each.start() for each in lifespans))
        if any(faults):
            await self._stop()
            reason = "; ".join(filter(None, faults))
            await send({"type": "lifespan.startup.failed", "message": reason})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._stop()
        await send({"type": "lifespan.shutdown.complete"})

    async def _stop(self) -> None:
        for lifespan in reversed(self._lifespans.values()):
            await lifespan.stop()


class _Lifespan:
    """The start and stop of one app, in a task of its own from one to the other."""

    def __init__(self, name: str, app: ASGIApp) -> None:
        self.state: dict[str, Any] = {}
        self._name = name
        self._app = app
        self._asked: asyncio.Queue[Message] = asyncio.Queue()
        self._answers: asyncio.Queue[Message] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> str | None:
        """Starts the app; returns what went wrong, None when nothing did."""
        self._task = asyncio.create_task(self._run(), name=f"{self._name} lifespan")
        self._asked.put_nowait({"type": "lifespan.startup"})
        answer = await self._answers.get()
        if answer["type"] == "lifespan.startup.complete":
            return None
        return f"{self._name} does not start: {answer.get('message', '')}"

    async def stop(self) -> None:
        """Stops the app; one that takes too long is left."""
        if self._task is None or self._task.done():
            return
        self._asked.put_nowait({"type": "lifespan.shutdown"})
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._task, STOP_SECONDS)

    async def _run(self) -> None:
        scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": self.state}
        try:
            await self._app(scope, self._asked.get, self._answers.put)
        except Exception as error:  # one service's fault must not hang the start of the others
            self._answers.put_nowait({"type": "lifespan.startup.failed", "message": repr(error)})
