"""What the tables and worlds of the walk are made of: routes found, visits, people in a role."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from shared.identity import Actor, Role
from shared.ids import new_id
from shared.routes import GuardedRoute, Rule
from shared.tokens import Signer
from tests.harness import Running

UNGUARDED = ("/openapi.json", "/health/live", "/health/ready")
"""All that an app answers besides its guarded routes, under `/api/<service>`."""


@dataclass(frozen=True)
class Found:
    """A route as it was found in an app."""

    method: str
    path: str
    rule: Rule
    query: tuple[str, ...]
    has_body: bool
    takes_tag: bool

    @property
    def key(self) -> str:
        """How the table calls it."""
        return f"{self.method} {self.path}"


def routes_of(app: FastAPI) -> list[Found]:
    """Every guarded route of an app, in the order of their registration."""
    return [
        Found(
            method=method,
            path=str(context.path),
            rule=route.rule,
            query=tuple(str(param.alias) for param in route.dependant.query_params),
            has_body=route.body_field is not None,
            takes_tag=any(param.alias == "if-match" for param in route.dependant.header_params),
        )
        for context in iter_route_contexts(app.routes)
        if isinstance(route := context.original_route, GuardedRoute)
        for method in sorted(context.methods or ())
    ]


def unguarded_of(app: FastAPI) -> list[str]:
    """The paths of everything else in an app."""
    return [
        str(getattr(context.original_route, "path", context.original_route))
        for context in iter_route_contexts(app.routes)
        if not isinstance(context.original_route, GuardedRoute)
    ]


@dataclass
class World:
    """A service in which two members have dealings, and a third has none with them."""

    service: Running
    own: UUID
    """The member whose things are asked for."""
    party: UUID
    """The member that it deals with."""
    other: UUID
    """A member to whom all that is nothing."""
    things: Mapping[str, UUID | str]
    bodies: dict[str, Any]
    """What is sent; a function makes it when it is needed, as a code that changes."""
    secrets: frozenset[str]
    """What no answer to an outsider may hold."""
    person_id: UUID = field(default_factory=new_id)
    session_id: UUID = field(default_factory=new_id)

    def body(self, name: str) -> Any:
        """The body of that name."""
        found = self.bodies[name]
        return found() if callable(found) else found

    def remoteness(self, role: Role) -> tuple[bool, Role]:
        """How far a role is from doing what it may; the nearest one is asked with garbage."""
        return (False, role)

    def as_(self, member_id: UUID | None, role: Role) -> dict[str, str]:
        """The headers of somebody in one role; of the own member, the person that is known."""
        is_own = member_id == self.own
        actor = Actor(
            self.person_id if is_own else new_id(),
            member_id,
            frozenset({role}),
            self.session_id if is_own else new_id(),
        )
        key = json.dumps(self.service.servers.key.as_dict(private=True))
        token = Signer(key, 900).sign(actor, self.service.clock())
        return {"Authorization": f"Bearer {token}"}


# --- the tables --------------------------------------------------------------------------------

EVERYBODY: frozenset[Role] | None = None
SIGNED_IN = frozenset(Role)
COORDINATOR = frozenset({Role.COORDINATOR})
APPROVER = frozenset({Role.APPROVER})
HOSTS = frozenset({Role.COORDINATOR, Role.APPROVER})
DEALERS = frozenset({Role.COORDINATOR, Role.APPROVER, Role.FINANCE, Role.AUDITOR})
TREASURER = frozenset({Role.FINANCE})
ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})
NAMING = COORDINATOR | ADMINISTRATOR
PARTIES = SIGNED_IN - {Role.STUDENT, Role.ADMINISTRATOR}
PAYING = SIGNED_IN - {Role.STUDENT}
SECRETARIAT = frozenset({Role.COUNCIL_SECRETARY, Role.ADMINISTRATOR})
DECIDING = SECRETARIAT | {Role.COUNCIL_HEAD, Role.COUNCIL_MEMBER}


@dataclass(frozen=True)
class Visit:
    """How a route is asked, who may, and what becomes of those whose things these are not."""

    may: frozenset[Role] | None
    """The roles that it names; None where everybody may."""
    path: Mapping[str, str] = field(default_factory=dict)
    """Which thing stands for each parameter of the path."""
    body: str | None = None
    query: str | None = None
    others: int | None = None
    """What a member to whom the thing is nothing gets; None where it is nobody's alone."""
    others_body: str | None = None
    headers: str | None = None
    """Headers that it needs besides, such as the token of a link."""
    garbage: int = 422
    """What a path gets that holds no id."""
    party: int | None = None
    """What the member on the other side gets where only the owner decides."""
    reaches_all: frozenset[Role] = frozenset()
    """Roles that decide for every member."""


def imports_of(
    service: str, may: frozenset[Role], *kinds: str, at: str = "imports", things: str = ""
) -> dict[str, Visit]:
    """The routes of imports, which are the same in every service that takes files."""
    path = {"import_id": f"{things}import"}
    templates = (f"{kind}.{ending}" for kind in kinds for ending in ("csv", "xlsx"))
    return {
        f"POST /api/{service}/{at}": Visit(may, body=f"{things}file", query=f"{things}import"),
        f"GET /api/{service}/{at}": Visit(may),
        f"GET /api/{service}/{at}/{{import_id}}": Visit(may, path, others=404, party=404),
        f"POST /api/{service}/{at}/{{import_id}}/apply": Visit(may, path, others=404, party=404),
        **{f"GET /api/{service}/import-templates/{name}": Visit(None) for name in templates},
    }


def files_of(service: str, may: frozenset[Role]) -> dict[str, Visit]:
    """The routes of files, which are the same in every service that keeps some."""
    path = {"file_id": "file"}
    return {
        f"POST /api/{service}/files": Visit(may, body="upload", query="upload's name"),
        f"GET /api/{service}/files/{{file_id}}": Visit(may, path, others=404, party=404),
        f"GET /api/{service}/files/{{file_id}}/content": Visit(may, path, others=404, party=404),
        f"DELETE /api/{service}/files/{{file_id}}": Visit(may, path, others=404, party=404),
    }


def templates_of(service: str, may: frozenset[Role], *names: str) -> dict[str, Visit]:
    """The routes of templates, which are the same in every service that makes documents."""
    path = f"/api/{service}/document-templates"
    return {
        f"GET {path}": Visit(may),
        **{
            f"{method} {path}/{name}.{made_as}{ending}": Visit(may, **options)
            for name in names
            for made_as in ("docx", "pdf")
            for method, ending, options in (
                ("GET", "", {}),
                ("GET", "/sample", {}),
                ("POST", "", {"body": f"template.{made_as}", "query": "upload's name"}),
                ("DELETE", "", {}),
            )
        },
    }
