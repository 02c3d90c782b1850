"""The portal, assembled: pages that people use, on top of the services' public HTTP APIs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from contracts.topology import streams_watched
from services.portal.assets import Assets
from services.portal.client import Api
from services.portal.directory import Directory
from services.portal.live import Live
from services.portal.pages import ROUTES
from services.portal.pages.errors import HANDLERS, on_too_large
from services.portal.rendering import Portal
from services.portal.session import Visitors
from services.portal.settings import PortalSettings
from services.portal.settings import settings as settings_of_environment
from shared import clock, ending, log
from shared.clock import Clock
from shared.http import Headers, Surroundings

HEADERS: Headers = (
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
        b" font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none';"
        b" frame-ancestors 'none'; manifest-src 'self'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
    (b"cache-control", b"no-store"),
)


def create_app(settings: PortalSettings | None = None, now: Clock = clock.now) -> ASGIApp:
    """The portal as an ASGI app; its settings come from the environment unless given."""
    settings = settings or settings_of_environment()
    log.configure(settings.log_level)
    api = Api(settings.api_url)
    url = settings.nats_url.get_secret_value() if settings.nats_url else None
    app = Starlette(
        routes=[
            Route("/health/live", _alive),
            Route("/health/ready", _alive),
            Route("/assets/{digest}/{name}", _asset, name="asset"),
            *ROUTES,
        ],
        exception_handlers=HANDLERS,
        lifespan=_lifespan,
    )
    app.state.portal = Portal(
        settings=settings,
        clock=now,
        api=api,
        visitors=Visitors(api, now),
        assets=Assets(),
        live=Live(url, streams_watched(), now),
        directory=Directory(api, now),
    )

    async def too_large(scope: Scope, receive: Receive, send: Send) -> None:
        answer = await on_too_large(Request({**scope, "app": app}))
        await answer(scope, receive, send)

    return Surroundings(app, settings.body_bytes_max, HEADERS, too_large=too_large)


async def _alive(_: Request) -> Response:
    """The portal keeps nothing, so it is ready as soon as it answers."""
    return JSONResponse({"status": "ready"})


async def _asset(request: Request) -> Response:
    portal: Portal = request.app.state.portal
    return await portal.assets.answer(request)


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    portal: Portal = app.state.portal
    loop = asyncio.get_running_loop()

    def let_go() -> None:
        loop.call_soon_threadsafe(portal.live.let_go)

    ending.on_end(let_go)
    await portal.live.start()
    try:
        yield
    finally:
        ending.forget(let_go)
        await portal.live.stop()
        await portal.api.close()
