"""The one public port when each service is a process of its own: hands requests on as they come."""

import json
import os
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager

import httpx
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from deploy.local.environment import EDGE_PORTS
from deploy.local.together import answer_elsewhere, service_of
from shared.problems import problem

BODY_BYTES_MAX = 64 * 1024 * 1024
TIMEOUT = httpx.Timeout(connect=2, read=30, write=30, pool=5)
LIMITS = httpx.Limits(max_connections=1000, max_keepalive_connections=200, keepalive_expiry=30)

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
    """The edge before the services whose ports the environment tells."""
    return edge(json.loads(os.environ[EDGE_PORTS]))


def edge(ports: Mapping[str, int]) -> ASGIApp:
    """The edge before services on these ports of 127.0.0.1."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        transport = httpx.AsyncHTTPTransport(limits=LIMITS, trust_env=False)
        async with httpx.AsyncClient(transport=transport, timeout=TIMEOUT) as client:
            app.state.client = client
            yield

    return Starlette(lifespan=lifespan, routes=[Route("/{path:path}", _Edge(ports))])


class _Edge:
    """One request after the other, of any method, for any path."""

    def __init__(self, ports: Mapping[str, int]) -> None:
        self._ports = ports

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        service = service_of(scope["path"], self._ports)
        if service is None:
            answer = answer_elsewhere(request.method, scope["path"], self._ports)
        else:
            answer = await _hand_on(request, service, self._ports[service])
        await answer(scope, receive, send)


async def _hand_on(request: Request, service: str, port: int) -> Response:
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
        return _unavailable(504, "timeout", f"The service {service} did not answer in time.")
    except httpx.TransportError:
        return _unavailable(503, "unavailable", f"The service {service} cannot be reached now.")
    answer = StreamingResponse(_body_of(upstream), upstream.status_code)
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
        extensions={"target": target, "timeout": TIMEOUT.as_dict()},
    )


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


def _unavailable(status: int, code: str, title: str) -> Response:
    return problem(status, code, title, headers={"Retry-After": "1"})
