"""The services' public HTTP APIs, as the portal asks them."""

import asyncio
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx
import orjson

from shared import log, trace

TIMEOUT = httpx.Timeout(connect=2, read=15, write=15, pool=5)
LIMITS = httpx.Limits(max_connections=200, max_keepalive_connections=50, keepalive_expiry=30)
PAGES_MAX = 100
"""So many pages of a list are read at most where all of it is wanted."""

logger = log.get(__name__)
AnswerT = TypeVar("AnswerT")


class Asleep(Exception):
    """A service cannot answer at this moment; what it would have said is left out."""

    def __init__(self, service: str) -> None:
        self.service = service
        super().__init__(service)


@dataclass
class Problem(Exception):
    """A service said no, or did not understand; `code` is what the words are found by."""

    status: int
    code: str
    detail: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__(self.code)

    @property
    def errors(self) -> list[dict[str, Any]]:
        """What is wrong field by field: `at`, `message`, `code`."""
        found = self.facts.get("errors", [])
        return found if isinstance(found, list) else []


@dataclass(frozen=True)
class File:
    """Bytes that a service answered, with their type."""

    content: bytes
    media_type: str


class Api:
    """Asks the services; a path begins with the service's name, as in `/workshops/bookings`."""

    def __init__(self, url: str) -> None:
        self._url = url
        transport = httpx.AsyncHTTPTransport(limits=LIMITS, trust_env=False)
        self._client = httpx.AsyncClient(transport=transport, timeout=TIMEOUT)

    async def close(self) -> None:
        """Closes all connections."""
        await self._client.aclose()

    async def get(self, path: str, token: str | None = None, **query: Any) -> Any:
        """Looks something up; raises Problem, Asleep."""
        return (await self.send("GET", path, token, query=query)).body

    async def post(
        self,
        path: str,
        token: str | None = None,
        body: Any = None,
        *,
        key: str | None = None,
        user_agent: str | None = None,
    ) -> Any:
        """Asks for something; raises Problem, Asleep."""
        asking = self.send("POST", path, token, body=body, key=key, user_agent=user_agent)
        return (await asking).body

    async def every(self, path: str, token: str | None = None, **query: Any) -> list[Any]:
        """All items of a list, page by page; raises Problem, Asleep."""
        items: list[Any] = []
        cursor = None
        for _ in range(PAGES_MAX):
            page = await self.get(path, token, **{"limit": 200, **query, "cursor": cursor})
            items += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        return items

    async def first(
        self, path: str, token: str | None, most: int, **query: Any
    ) -> tuple[list[Any], bool]:
        """So many items of a list at most, and whether there are more; raises Problem, Asleep."""
        items: list[Any] = []
        cursor = None
        while len(items) < most:
            limit = min(200, most - len(items))
            page = await self.get(path, token, **{**query, "limit": limit, "cursor": cursor})
            items += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        return items, cursor is not None

    async def send(
        self,
        method: str,
        path: str,
        token: str | None = None,
        *,
        body: Any = None,
        content: bytes | None = None,
        media_type: str = "application/json",
        query: Mapping[str, Any] | None = None,
        key: str | None = None,
        if_match: str | None = None,
        user_agent: str | None = None,
        link_token: str | None = None,
    ) -> "Reply":
        """Any request; raises Problem for an answer that says no, Asleep for none at all."""
        service = path.split("/", 2)[1]
        headers = {"traceparent": trace.current.get()}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        if key is not None:
            headers["Idempotency-Key"] = key
        if user_agent is not None:
            headers["User-Agent"] = user_agent
        if link_token is not None:
            headers["Link-Token"] = link_token
        if if_match:
            headers["If-Match"] = if_match
        if body is not None:
            content = orjson.dumps(body, default=str)
        if content is not None:
            headers["Content-Type"] = media_type
        try:
            answer = await self._client.request(
                method,
                f"{self._url.replace('{service}', service)}/api{path}",
                params={name: value for name, value in (query or {}).items() if value is not None},
                content=content,
                headers=headers,
            )
        except httpx.HTTPError as error:
            logger.warning("service asleep", asked=service, error=type(error).__name__)
            raise Asleep(service) from error
        return _reply(service, answer)


@dataclass(frozen=True)
class Reply:
    """An answer that is no problem."""

    status: int
    content: bytes
    media_type: str
    headers: Mapping[str, str]

    @property
    def body(self) -> Any:
        """The answer as data; None when there is none."""
        return orjson.loads(self.content) if self.content else None


def _reply(service: str, answer: httpx.Response) -> Reply:
    if answer.is_success:
        media_type = answer.headers.get("content-type", "").partition(";")[0]
        return Reply(answer.status_code, answer.content, media_type, answer.headers)
    if answer.status_code >= 500:
        logger.warning("service asleep", asked=service, status=answer.status_code)
        raise Asleep(service)
    try:
        body = orjson.loads(answer.content)
    except orjson.JSONDecodeError:
        raise Asleep(service) from None
    raise Problem(answer.status_code, body.get("code", "refused"), body.get("detail", ""), body)


async def part(asking: Awaitable[AnswerT]) -> AnswerT | Asleep:
    """The answer, or who sleeps: a page shows the rest and says so in this part."""
    try:
        return await asking
    except Asleep as asleep:
        return asleep


async def together(*asking: Awaitable[Any]) -> list[Any]:
    """All answers at once; the first that raises is raised."""
    return list(await asyncio.gather(*asking))
