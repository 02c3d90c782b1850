"""Routes: each names who may, and runs in one transaction that is committed before it answers."""

import hashlib
import json
import re
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, Protocol, TypeVar, get_type_hints
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter

from shared import failpoints
from shared.closing import Answer
from shared.database import COLLIDED, KeyIsTaken, Transaction
from shared.identity import Actor, Role
from shared.refusal import Invalid, NotSignedIn, Refusal

KEY_HEADER = "Idempotency-Key"
_KEY_SHAPE = re.compile(r"[\x21-\x7e]{1,255}")
_TRIES = 4
_SAFE = {"GET", "HEAD"}

Ask = Callable[[Request], Coroutine[Any, Any, Response]]


class KeyUse(Enum):
    """What a route does with an idempotency key."""

    IGNORED = "ignored"
    HONOURED = "honoured"
    REQUIRED = "required"


class KeyWasUsed(Refusal):
    """This idempotency key was used for another request."""

    status = 422
    code = "idempotency-key-reused"


@dataclass(frozen=True, slots=True)
class Access:
    """Who may use a route: everybody, or signed-in people in one of the roles.

    Whose a thing is, the command decides when it has loaded it.
    """

    roles: frozenset[Role]
    is_public: bool = False


PUBLIC = Access(frozenset(), is_public=True)
ANYONE_SIGNED_IN = Access(frozenset(Role))


def roles(*allowed: Role) -> Access:
    """Signed-in people who have one of these roles for the member they act for."""
    return Access(frozenset(allowed))


class AuthorisationForgotten(Exception):
    """A route was about to answer without having asked who may: a bug, so nothing is committed."""


class GuardedRoute(APIRoute):
    """Checks in the order that the interface promises: 401, 422, then what the command finds."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        rule = getattr(endpoint, "rule", None)
        if not isinstance(rule, Rule):
            raise TypeError(f"{path} does not name who may use it")
        self.rule = rule
        super().__init__(path, endpoint, **options)

    def get_route_handler(self) -> Ask:
        """The handler that FastAPI calls for a request of this route."""
        answer = _briefly(self.endpoint, self.status_code or 200, super().get_route_handler())
        rule = self.rule

        async def handle(request: Request) -> Response:
            runtime = request.app.state.runtime
            actor = None
            if rule.access.is_public:
                await runtime.limits.by_address(request)
            else:
                actor = _signed_in(request)
                await runtime.limits.by_person(actor)
            if request.method in _SAFE:
                async with runtime.database.transaction(
                    actor=actor, allowed=rule.access.roles, read_only=True
                ) as tx:
                    return await _ask(request, tx, answer, rule)
            key = _key_of(request, rule.key)
            for left in reversed(range(_TRIES)):
                try:
                    return await _write(request, actor, key, answer, rule)
                except (*COLLIDED, KeyIsTaken):
                    if not left:
                        raise
            raise AssertionError("unreachable")

        return handle


@dataclass(frozen=True, slots=True)
class Rule:
    """What a route says of itself."""

    access: Access
    key: KeyUse


async def _write(
    request: Request,
    actor: Actor | None,
    key: str | None,
    answer: Ask,
    rule: Rule,
) -> Response:
    if key is None or actor is None:
        return await _write_once(request, actor, None, answer, rule)
    use = Use(_scope(actor), key, await _digest(request))
    try:
        return await _write_once(request, actor, use, answer, rule)
    except (Refusal, KeyIsTaken):
        kept = await _kept(request, use)
        if kept is None:
            raise
        return kept


async def _write_once(
    request: Request,
    actor: Actor | None,
    use: "Use | None",
    answer: Ask,
    rule: Rule,
) -> Response:
    runtime = request.app.state.runtime
    async with runtime.database.transaction(actor=actor, allowed=rule.access.roles) as tx:
        response = await _ask(request, tx, answer, rule)
        if use is not None:
            body = bytes(response.body)
            tx.keep_answer(Answer(use.scope, use.key, use.digest, response.status_code, body))
    failpoints.reach(runtime.name, failpoints.COMMIT_BEFORE_ANSWER)
    return response


@dataclass(frozen=True, slots=True)
class Use:
    """The use of an idempotency key: whose, which, and for what request."""

    scope: UUID
    key: str
    digest: bytes


async def _kept(request: Request, use: Use) -> Response | None:
    """The answer that was given under the key; raises KeyWasUsed when it was to another request."""
    rows = await request.app.state.runtime.database.fetch(
        "SELECT digest, status, body FROM idempotency WHERE scope = $1 AND key = $2",
        use.scope,
        use.key,
    )
    if not rows:
        return None
    if rows[0]["digest"] != use.digest:
        raise KeyWasUsed
    return Response(rows[0]["body"], rows[0]["status"], media_type="application/json")


async def _ask(
    request: Request,
    tx: Transaction,
    answer: Ask,
    rule: Rule,
) -> Response:
    request.state.tx = tx
    response = await answer(request)
    if not rule.access.is_public and not tx.is_authorised:
        raise AuthorisationForgotten(request.scope["path"])
    return response


def _signed_in(request: Request) -> Actor:
    runtime = request.app.state.runtime
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise NotSignedIn
    actor: Actor = runtime.verifier.actor(token.strip(), runtime.clock())
    return actor


def _key_of(request: Request, use: KeyUse) -> str | None:
    if use is KeyUse.IGNORED:
        return None
    key = request.headers.get(KEY_HEADER)
    if key is None:
        if use is KeyUse.REQUIRED:
            raise Invalid(
                f"{KEY_HEADER} is missing: without it a repeated request could act twice.",
                at=f"header.{KEY_HEADER}",
            )
        return None
    if not _KEY_SHAPE.fullmatch(key):
        raise Invalid(
            f"{KEY_HEADER} has to be 1 to 255 visible ASCII characters.", at=f"header.{KEY_HEADER}"
        )
    return key


async def _digest(request: Request) -> bytes:
    query: bytes = request.scope["query_string"]
    line = f"{request.method} {request.scope['path']}".encode() + (b"?" + query if query else b"")
    return hashlib.sha256(line + b"\n" + await request.body()).digest()


def _scope(actor: Actor) -> UUID:
    return actor.member_id or actor.person_id


async def _tx_of(request: Request) -> Transaction:
    tx: Transaction = request.state.tx
    return tx


Tx = Annotated[Transaction, Depends(_tx_of)]
"""The request's transaction, for a route's signature."""


def _briefly(endpoint: Callable[..., Any], status: int, at_length: Ask) -> Ask:
    """Answers a route that takes a JSON body and nothing else as FastAPI would, in fewer steps.

    A request that is not as it should be goes the long way, which says what is wrong with it.
    """
    takes = get_type_hints(endpoint, include_extras=True)
    gives = takes.pop("return", None)
    bodies = [name for name, kind in takes.items() if _is_model(kind)]
    others = [kind for kind in takes.values() if not _is_model(kind)]
    if len(bodies) != 1 or not _is_model(gives) or any(k not in (Tx, Response) for k in others):
        return at_length
    [body] = bodies
    reader, writer = TypeAdapter(takes.pop(body)), TypeAdapter(gives)

    async def answer(request: Request) -> Response:
        if request.headers.get("content-type") != "application/json":
            return await at_length(request)
        try:
            told = reader.validate_python(json.loads(await request.body()))
        except (ValueError, RecursionError):
            return await at_length(request)
        response = Response(status_code=status, media_type="application/json")
        values = {
            name: response if kind is Response else request.state.tx for name, kind in takes.items()
        }
        response.body = writer.dump_json(await endpoint(**values, **{body: told}), by_alias=True)
        response.headers["content-length"] = str(len(response.body))
        return response

    return answer


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


EndpointT = TypeVar("EndpointT", bound=Callable[..., Any])


class Register(Protocol):
    """What a route's declaration is put on: the function stays as it is."""

    def __call__(self, endpoint: EndpointT, /) -> EndpointT:
        """Registers the function as the route's endpoint."""


class Routes:
    """The routes of a service, under `/api/<service>`."""

    def __init__(self, service: str) -> None:
        self.service = service
        self.router = APIRouter(prefix=f"/api/{service}", route_class=GuardedRoute)
        self.body_bytes_max: dict[str, int] = {}
        """Paths that take larger bodies than others, and how large."""

    def get(self, path: str, *, may: Access, **options: Any) -> Register:
        """Something that may be looked up."""
        return self._add("GET", path, may, KeyUse.IGNORED, options)

    def post(
        self,
        path: str,
        *,
        may: Access,
        key: KeyUse = KeyUse.HONOURED,
        body_bytes_max: int | None = None,
        **options: Any,
    ) -> Register:
        """Something that may be asked for; `body_bytes_max` where a body may be larger than others."""
        if body_bytes_max is not None:
            self.body_bytes_max[f"{self.router.prefix}{path}"] = body_bytes_max
        return self._add("POST", path, may, key, options)

    def delete(self, path: str, *, may: Access, **options: Any) -> Register:
        """Something that may be ended."""
        return self._add("DELETE", path, may, KeyUse.IGNORED, options)

    def put(self, path: str, *, may: Access, **options: Any) -> Register:
        """Something that may be set, as often as one likes."""
        return self._add("PUT", path, may, KeyUse.IGNORED, options)

    def _add(
        self, method: str, path: str, may: Access, key: KeyUse, options: dict[str, Any]
    ) -> Register:
        def register(endpoint: EndpointT) -> EndpointT:
            endpoint.rule = Rule(may, key)  # type: ignore[attr-defined]
            self.router.add_api_route(path, endpoint, methods=[method], **options)
            return endpoint

        return register
