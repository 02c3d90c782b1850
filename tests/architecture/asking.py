"""Asking a route as the table says, and looking at what holds of every answer."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from shared.ids import new_id
from shared.problems import MEDIA_TYPE
from shared.routes import KEY_HEADER, KeyUse
from tests.architecture.visits import Found, Visit, World
from tests.imports import CSV


@dataclass
class Walk:
    """Asks, and keeps everything that was answered and should not have been."""

    world: World
    faults: list[str] = field(default_factory=list)
    answers: int = 0

    async def ask(
        self,
        route: Found,
        visit: Visit,
        headers: Mapping[str, Any] | None = None,
        *,
        who: str,
        path: Mapping[str, Any] | None = None,
        body: str | None = None,
        content: bytes | None = None,
        query: Mapping[str, Any] | None = None,
        more_headers: Mapping[Any, Any] | None = None,
    ) -> httpx.Response:
        """Asks the route as the table says, with what is given instead."""
        names = {name: str(self.world.things[thing]) for name, thing in visit.path.items()}
        place = route.path.format(**{**names, **(path or {})})
        sent: dict[Any, Any] = dict(headers or {})
        if visit.headers is not None:
            sent.update(self.world.bodies[visit.headers])
        if route.rule.key is not KeyUse.IGNORED:
            sent[KEY_HEADER] = str(new_id())
        name = body or visit.body
        given = self.world.body(name) if name is not None else None
        sent["Content-Type"] = CSV if isinstance(given, bytes) else "application/json"
        if content is None and name is not None:
            content = given if isinstance(given, bytes) else json.dumps(given).encode()
        params = dict(self.world.bodies[visit.query]) if visit.query else {}
        return await self.send(
            f"{route.key} as {who}",
            route.method,
            place,
            headers={**sent, **(more_headers or {})},
            content=content,
            params={**params, **(query or {})},
        )

    async def send(self, what: str, method: str, path: str, **options: Any) -> httpx.Response:
        """Asks, and looks at what holds of every answer."""
        answer = await self.world.service.client.request(method, path, **options)
        self.answers += 1
        if answer.status_code >= 500:
            self.faults.append(f"{what}: {answer.status_code} {answer.text[:200]}")
        elif answer.status_code >= 400:
            self.faults += [f"{what}: {fault}" for fault in not_a_problem(answer)]
        return answer

    def expect(self, answer: httpx.Response, is_right: bool, what: str) -> None:
        """Notes an answer that is not the right one."""
        if not is_right:
            request = answer.request
            self.faults.append(
                f"{request.method} {request.url.path}: {what}, not"
                f" {answer.status_code} {answer.text[:160]}"
            )

    def expect_no_secret(self, answer: httpx.Response, who: str) -> None:
        """Notes an answer that tells an outsider what is not theirs to know."""
        told = [secret for secret in self.world.secrets if secret in answer.text]
        if told and answer.is_success:
            path = answer.request.url.path
            self.faults.append(f"{answer.request.method} {path} tells {who} of {told[0]}")


def not_a_problem(answer: httpx.Response) -> Iterator[str]:
    """What is missing for the answer to be a problem of RFC 9457, as the interface promises."""
    if answer.headers.get("content-type", "").partition(";")[0] != MEDIA_TYPE:
        yield f"{answer.status_code} is no problem+json but {answer.headers.get('content-type')}"
        return
    body = answer.json()
    for name in ("type", "title", "detail", "code"):
        if not isinstance(body.get(name), str) or not body[name]:
            yield f"{answer.status_code} has no {name}"
    if body.get("status") != answer.status_code:
        yield f"{answer.status_code} says status {body.get('status')}"
