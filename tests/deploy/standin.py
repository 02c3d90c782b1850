"""Trivial services in place of the real ones: `python -m tests.deploy.standin [--split]` runs them."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from deploy.local.__main__ import say
from deploy.local.installation import Installation
from deploy.local.process import CannotStart
from deploy.local.runner import Plan, Runner
from deploy.local.together import Together

SERVICES = ("membership", "workshops", "finance")


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
                "secrets": sorted(
                    name
                    for name in os.environ
                    if name.startswith("ARTEL_") and name.endswith(("_URL", "_KEY"))
                ),
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


def _factory(service: str) -> Callable[[], ASGIApp]:
    return lambda: app_of(service)


membership, workshops, finance = map(_factory, SERVICES)


def together() -> ASGIApp:
    return Together({service: app_of(service) for service in SERVICES})


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
