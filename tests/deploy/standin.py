"""Trivial services and pages in place of the real ones: `python -m tests.deploy.standin [--split]`."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from contracts.topology import PORTAL
from deploy.local.__main__ import say
from deploy.local.installation import Installation
from deploy.local.process import CannotStart
from deploy.local.runner import Plan, Runner
from deploy.local.together import Together

SERVICES = ("membership", "council", "workshops", "finance", "notices")


def secrets() -> list[str]:
    return sorted(
        name for name in os.environ if name.startswith("ARTEL_") and name.endswith(("_URL", "_KEY"))
    )


def app_of(service: str) -> ASGIApp:
    async def ready(_: Request) -> Response:
        return JSONResponse({"status": "ready"})

    async def echo(request: Request) -> Response:
        body = await request.body()
        return JSONResponse(
            {
                "service": service,
                "pid": os.getpid(),
                "path": request.scope["raw_path"].decode(),
                "query": request.url.query,
                "size": len(body),
                "started": request.app.state.started,
                "headers": dict(request.headers),
                "failpoints": os.environ.get("ARTEL_FAILPOINTS"),
                "secrets": secrets(),
            }
        )

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        app.state.started = True
        yield
        print(json.dumps({"stopped": service}), flush=True)

    return Starlette(
        lifespan=lifespan,
        routes=[
            Route(f"/api/{service}/health/ready", ready),
            Route(f"/api/{service}/{{rest:path}}", echo, methods=["GET", "POST"]),
        ],
    )


def portal() -> ASGIApp:
    """Pages: what it was told, and events that go on until the reader is gone."""
    open_streams = 0

    async def page(request: Request) -> Response:
        told = {name: text for name, text in os.environ.items() if name.startswith("ARTEL_PORTAL_")}
        return JSONResponse(
            {
                "service": PORTAL,
                "pid": os.getpid(),
                "path": request.scope["raw_path"].decode(),
                "open": open_streams,
                "told": told,
                "secrets": secrets(),
            }
        )

    async def events(request: Request) -> Response:
        pause = float(request.query_params.get("pause", "0.1"))

        async def pieces() -> AsyncIterator[bytes]:
            nonlocal open_streams
            open_streams += 1
            try:
                for number in range(1000):
                    yield f"data: {number}\n\n".encode()
                    await asyncio.sleep(pause)
            finally:
                open_streams -= 1

        return StreamingResponse(pieces(), media_type="text/event-stream")

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        print(json.dumps({"stopped": PORTAL}), flush=True)

    return Starlette(
        lifespan=lifespan,
        routes=[
            Route("/health/ready", page),
            Route("/live", events),
            Route("/{rest:path}", page, methods=["GET", "POST"]),
        ],
    )


def _factory(service: str) -> Callable[[], ASGIApp]:
    return lambda: app_of(service)


membership, council, workshops, finance, notices = map(_factory, SERVICES)


def together() -> ASGIApp:
    return Together({**{service: app_of(service) for service in SERVICES}, PORTAL: portal()})


def main() -> int:
    plan = Plan(
        app="tests.deploy.standin:{service}",
        together="tests.deploy.standin:together",
        migrate=None,
    )
    runner = Runner(
        Installation.here(),
        port=int(os.environ["ARTEL_PORT"]),
        split="--split" in sys.argv,
        demo=os.environ.get("ARTEL_DEMO"),
        plan=plan,
        tell=say,
    )
    try:
        asyncio.run(runner.run())
    except CannotStart as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
