"""What surrounds every route: bounded bodies, traces, safe headers."""

from collections.abc import Mapping
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared import log, trace
from shared.problems import problem, problem_of
from shared.refusal import TooLarge

DRAIN_BYTES_MAX = 64 * 1024 * 1024
"""How much of a refused body is read and thrown away, so that the client can read the answer."""

logger = log.get(__name__)

Headers = tuple[tuple[bytes, bytes], ...]

API_HEADERS: Headers = (
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)


class Surroundings:
    """The outermost layer of an app; `headers` go with every answer that does not set them itself."""

    def __init__(
        self,
        app: ASGIApp,
        body_bytes_max: int,
        headers: Headers = API_HEADERS,
        larger: Mapping[str, int] | None = None,
        too_large: ASGIApp | None = None,
    ) -> None:
        """`larger` says of some paths that they take larger bodies, and how large.

        `too_large` answers for a body that is not taken; a problem, unless it is given.
        """
        self.app = app
        self.body_bytes_max = body_bytes_max
        self.headers = headers
        self.larger = larger or {}
        self.too_large = too_large or problem_of(TooLarge())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request, or hands anything else through."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        trace.begin(_text(headers.get(b"traceparent")))
        started = False

        async def send_safely(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                own = list(message.get("headers", ()))
                named = {name for name, _ in own}
                message["headers"] = own + [each for each in self.headers if each[0] not in named]
            await send(message)

        most = max(self.body_bytes_max, self.larger.get(scope["path"], 0))
        body = await _body_of(headers, receive, most)
        if body is None:
            await self.too_large(scope, receive, send_safely)
            return
        try:
            await self.app(scope, _replay(body, receive), send_safely)
        except Exception as error:  # a bug: it is noted, and the client learns no more than that
            log.fault(logger, error, path=_route_of(scope))
            if not started:
                await problem(500, "fault", "This should not have happened; it has been noted.")(
                    scope, receive, send_safely
                )


async def _body_of(headers: dict[bytes, bytes], receive: Receive, most: int) -> bytes | None:
    """The whole body; None when it has more bytes than `most`."""
    declared = headers.get(b"content-length", b"0")
    is_too_large = declared.isdigit() and int(declared) > most
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            break
        size += len(message.get("body", b""))
        if size > most:
            is_too_large = True
            chunks.clear()
        if not is_too_large:
            chunks.append(message.get("body", b""))
        if not message.get("more_body", False) or size > DRAIN_BYTES_MAX:
            break
    return None if is_too_large else b"".join(chunks)


def _replay(body: bytes, receive: Receive) -> Receive:
    told = False

    async def replay() -> Message:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


def _route_of(scope: Scope) -> str:
    """The path as the route declares it: what stands in its place may be a secret."""
    return str(getattr(scope.get("route"), "path", "none of ours"))


def _text(value: Any) -> str | None:
    return value.decode("latin-1") if isinstance(value, bytes) else None
