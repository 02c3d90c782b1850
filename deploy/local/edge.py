"""The one public port when services and portal are processes of their own: hands requests on."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from contracts.topology import PORTAL
from deploy.local.environment import EDGE_PORTS
from deploy.local.together import asked_of, nothing_here
from shared import ending
from shared.problems import problem

BODY_BYTES_MAX = 64 * 1024 * 1024
TIMEOUT = httpx.Timeout(connect=2, read=30, write=30, pool=5)
EVENTS = "text/event-stream"
EVENTS_SECONDS = 60.0
"""Who sends events says at least every 15 s that he is still there."""

LIMITS = httpx.Limits(max_connections=1000, max_keepalive_connections=200, keepalive_expiry=30)

PAGE = Path(__file__).resolve().parent.parent / "edge" / "unavailable.html"
"""The same page that the edge of the containers shows."""

HOP_BY_HOP = {
    b"connection",
    b"keep-alive",
    b"proxy-authenticate",
    b"proxy-authorization",
    b"proxy-connection",
    b"te",
    b"trailer",
    b"transfer-encoding",
    b"upgrade",
}
FORWARDED = {b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host", b"forwarded"}

Headers = list[tuple[bytes, bytes]]


class BodyIsTooLargeError(Exception):
    """The body has more bytes than the edge hands on."""


def create_app() -> ASGIApp:
    """The edge before the services and the portal, whose ports the environment tells."""
    return edge(json.loads(os.environ[EDGE_PORTS]))


def edge(ports: Mapping[str, int]) -> ASGIApp:
    """The edge before services and the portal on these ports of 127.0.0.1."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        transport = httpx.AsyncHTTPTransport(limits=LIMITS, trust_env=False)
        async with httpx.AsyncClient(transport=transport, timeout=TIMEOUT) as client:
            app.state.client = client
            app.state.ended = asyncio.Event()
            loop = asyncio.get_running_loop()

            def end() -> None:
                loop.call_soon_threadsafe(app.state.ended.set)

            ending.on_end(end)
            yield

    return Starlette(lifespan=lifespan, routes=[Route("/{path:path}", _Edge(ports))])


class _Edge:
    """One request after the other, of any method, for any path."""

    def __init__(self, ports: Mapping[str, int]) -> None:
        self._ports = ports

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        name = asked_of(scope["path"], self._ports)
        answer = (
            nothing_here() if name is None else await _hand_on(request, name, self._ports[name])
        )
        await answer(scope, receive, send)


async def _hand_on(request: Request, name: str, port: int) -> Response:
    if int(request.headers.get("content-length", "0")) > BODY_BYTES_MAX:
        return _too_large()
    client: httpx.AsyncClient = request.app.state.client
    try:
        upstream = await client.send(_request(request, port), stream=True)
    except BodyIsTooLargeError:
        return _too_large()
    except ClientDisconnect:
        return Response(status_code=499)
    except httpx.ReadTimeout:
        return _unavailable(request, name, 504, "timeout", "did not answer in time")
    except httpx.TransportError:
        return _unavailable(request, name, 503, "unavailable", "cannot be reached now")
    is_events = upstream.headers.get("content-type", "").startswith(EVENTS)
    body = _events_of(upstream, request.app.state.ended) if is_events else _body_of(upstream)
    answer = StreamingResponse(body, upstream.status_code)
    answer.raw_headers = _end_to_end(upstream.headers.raw)
    return answer


def _request(request: Request, port: int) -> httpx.Request:
    """The same request for the service, word for word; who asked is told in X-Forwarded-For."""
    target: bytes = request.scope["raw_path"]
    if request.scope["query_string"]:
        target += b"?" + request.scope["query_string"]
    headers = [
        (name, value)
        for name, value in _end_to_end(request.scope["headers"])
        if name not in FORWARDED
    ]
    headers.append((b"x-forwarded-proto", request.url.scheme.encode()))
    if request.client is not None:
        headers.append((b"x-forwarded-for", request.client.host.encode()))
    has_body = any(name in request.headers for name in ("content-length", "transfer-encoding"))
    return httpx.Request(
        request.method,
        f"http://127.0.0.1:{port}/",
        headers=headers,
        content=_bounded(request) if has_body else None,
        extensions={"target": target, "timeout": _timeout(request)},
    )


def _timeout(request: Request) -> dict[str, float | None]:
    is_for_events = EVENTS in request.headers.get("accept", "")
    return TIMEOUT.as_dict() | ({"read": EVENTS_SECONDS} if is_for_events else {})


async def _bounded(request: Request) -> AsyncIterator[bytes]:
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > BODY_BYTES_MAX:
            raise BodyIsTooLargeError
        if chunk:
            yield chunk


async def _body_of(upstream: httpx.Response) -> AsyncIterator[bytes]:
    try:
        async for chunk in upstream.aiter_raw():
            yield chunk
    finally:
        await upstream.aclose()


async def _events_of(upstream: httpx.Response, ended: asyncio.Event) -> AsyncIterator[bytes]:
    """Each piece as it comes, until they end, their sender breaks off, or this process is to end.

    Whoever reads events asks again by himself, so an end without an error is right in each case.
    """
    closing = asyncio.create_task(_close_at_the_end(upstream, ended))
    try:
        async for piece in upstream.aiter_raw():
            yield piece
    except httpx.TransportError:
        return
    finally:
        closing.cancel()
        await upstream.aclose()


async def _close_at_the_end(upstream: httpx.Response, ended: asyncio.Event) -> None:
    await ended.wait()
    await upstream.aclose()


def _end_to_end(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    lowered = [(name.lower(), value) for name, value in headers]
    named = {
        word.strip().lower()
        for name, value in lowered
        if name == b"connection"
        for word in value.split(b",")
    }
    return [(name, value) for name, value in lowered if name not in HOP_BY_HOP | named]


def _too_large() -> Response:
    return problem(413, "too-large", "The body is too large.", headers={"Connection": "close"})


def _unavailable(request: Request, name: str, status: int, code: str, what: str) -> Response:
    """A problem; for a person who opens a page, a page that opens the wanted one by itself."""
    headers = {"Retry-After": "1"}
    if name != PORTAL or "text/html" not in request.headers.get("accept", ""):
        who = "The portal" if name == PORTAL else f"The service {name}"
        return problem(status, code, f"{who} {what}.", headers=headers)
    headers |= {"Cache-Control": "no-store", "Content-Security-Policy": "default-src 'none'"}
    if request.method in ("GET", "HEAD"):
        headers["Refresh"] = "3"
    return HTMLResponse(PAGE.read_text("utf-8"), status, headers)
