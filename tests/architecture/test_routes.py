"""The walk: every route of every service, asked by everybody who may and who may not."""

import importlib
import json
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from contracts.topology import SERVICES
from shared.identity import Role
from shared.ids import new_id
from shared.routes import (
    KEY_HEADER,
    PUBLIC,
    KeyUse,
    Routes,
    Tx,
    roles,
)
from tests.architecture.asking import Walk, not_a_problem
from tests.architecture.tree import BUILT
from tests.architecture.visits import (
    UNGUARDED,
    Found,
    Visit,
    World,
    routes_of,
    unguarded_of,
)
from tests.architecture.walk import TABLE, WORLDS, world_of
from tests.harness import Servers

DONE = {200, 201, 204}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
NO_IDS = ("nonsense", "\0", "0000-", "🔧" * 10, "1" * 4000, "00000000-0000-0000-0000-00000000000g")
NO_BODIES = (
    b"",
    b"{",
    b"null",
    b"[]",
    b'"x"',
    b"17",
    b"\xff\xfe\x00",
    b'{"a":' * 2000,
    b"[" * 50_000,
    b"NaN",
    b'{"\\ud800": 1}',
)
NO_FIELDS: tuple[Any, ...] = (
    None,
    "",
    "\0",
    "\ud800",
    "🔧" * 3000,
    -1,
    10**30,
    True,
    ["x"] * 200,
    {"a": {"b": None}},
)
NO_QUERIES = ("", "\0", "nonsense", "🔧", "9" * 400, "-1", "2026-01-01T00:00:00", "NaN", "[]")
NO_KEYS = (b"", b"a b", b"\xff", b"x" * 256)
NO_TAGS = (b"nonsense", b"\xff", b'"1', b'"1", x')


def visits(app: FastAPI, service: str) -> list[tuple[Found, Visit]]:
    """Each route with its entry in the table."""
    return [(route, TABLE[service][route.key]) for route in routes_of(app)]


def app_of(servers: Servers, service: str) -> FastAPI:
    """The service's app, without a database."""
    module = importlib.import_module(f"services.{service}.main")
    app: FastAPI = module.create_app(servers.settings(service, "none"))
    return app


# --- the routes --------------------------------------------------------------------------------


def test_every_service_has_a_table_and_a_world_to_walk_in() -> None:
    assert set(TABLE) == set(WORLDS) == set(SERVICES) == set(BUILT)


@pytest.mark.parametrize("service", BUILT)
def test_every_route_is_guarded_but_health_and_description(servers: Servers, service: str) -> None:
    assert sorted(unguarded_of(app_of(servers, service))) == sorted(
        f"/api/{service}{path}" for path in UNGUARDED
    )


@pytest.mark.parametrize("service", BUILT)
def test_every_route_stands_in_the_table_with_those_who_may(servers: Servers, service: str) -> None:
    found = routes_of(app_of(servers, service))
    assert {route.key for route in found} == TABLE[service].keys()
    assert len(found) == len(TABLE[service]), "two routes for one path"
    for route in found:
        access = route.rule.access
        may = TABLE[service][route.key].may
        assert access.is_public is (may is None), route.key
        assert access.roles == (may or frozenset()), route.key


@pytest.mark.parametrize("service", BUILT)
def test_the_description_names_every_route_and_says_what_it_is_for(
    servers: Servers, service: str
) -> None:
    app = app_of(servers, service)
    described = {
        f"{method.upper()} {path}": operation
        for path, operations in app.openapi()["paths"].items()
        for method, operation in operations.items()
    }
    assert described.keys() == TABLE[service].keys()
    assert [key for key, operation in described.items() if not operation.get("description")] == []


# --- who may -----------------------------------------------------------------------------------


async def walk_as_roles(walk: Walk, app: FastAPI, service: str) -> set[str]:
    """Nobody, and every role of the member whose things are asked for; returns what was done."""
    world, done = walk.world, set()
    for route, visit in visits(app, service):
        anonymous = await walk.ask(route, visit, who="nobody")
        if visit.may is None:
            walk.expect(anonymous, anonymous.status_code in DONE, "everybody may")
            if visit.body is None and visit.headers is None:
                walk.expect_no_secret(anonymous, "everybody")
            done.add(route.key)
            continue
        walk.expect(anonymous, anonymous.status_code == 401, "nobody is signed in")
        # who may comes last: what is deleted is nobody's to know any more
        for role in sorted(Role, key=visit.may.__contains__):
            answer = await walk.ask(route, visit, world.as_(world.own, role), who=f"own {role}")
            if role in visit.may:
                is_right = answer.status_code in DONE | {409}
                walk.expect(answer, is_right, f"{role} of the own member may")
                done |= {route.key} if answer.status_code in DONE else set()
            else:
                walk.expect(answer, answer.status_code == 403, f"{role} lacks the role")
    return done


async def walk_as_others(walk: Walk, app: FastAPI, service: str) -> None:
    """Every role of a member to whom it is nothing, of the other side, and of no member."""
    world = walk.world
    for route, visit in visits(app, service):
        if visit.may is None:
            continue
        for role in Role:
            for member_id, who in ((world.other, "another's"), (None, "no member's")):
                if member_id is None and role not in visit.may | {Role.ADMINISTRATOR}:
                    continue
                headers = world.as_(member_id, role)
                answer = await walk.ask(
                    route, visit, headers, who=f"{who} {role}", body=visit.others_body
                )
                expect_of_outsider(walk, answer, visit, role, who)
            if visit.party is not None and role in visit.may - visit.reaches_all:
                headers = world.as_(world.party, role)
                answer = await walk.ask(route, visit, headers, who=f"the other side's {role}")
                is_right = answer.status_code == visit.party
                walk.expect(answer, is_right, f"{visit.party} for the other side's {role}")


def expect_of_outsider(
    walk: Walk, answer: httpx.Response, visit: Visit, role: Role, who: str
) -> None:
    assert visit.may is not None
    if role in visit.reaches_all:
        return
    walk.expect_no_secret(answer, f"{who} {role}")
    if role not in visit.may:
        walk.expect(answer, answer.status_code in {403, 404}, f"{who} {role} lacks the role")
    if visit.others is not None:
        hidden = {visit.others} if visit.path or role in visit.may else {visit.others, 403}
        if visit.others != 404 and role not in visit.may:
            hidden.add(403)
        if not visit.path and who == "no member's":
            hidden |= {403, 404}
        walk.expect(answer, answer.status_code in hidden, f"{hidden} for {who} {role}")


async def walk_with_ids_of_nothing(walk: Walk, app: FastAPI, service: str) -> None:
    """Ids that stand for nothing, asked by every role of the own member."""
    for route, visit in visits(app, service):
        if not visit.path:
            continue
        nothing = {name: str(new_id()) for name in visit.path}
        for role in Role if visit.may is not None else [Role.STUDENT]:
            headers = walk.world.as_(walk.world.own, role)
            answer = await walk.ask(route, visit, headers, who=f"own {role}", path=nothing)
            walk.expect(answer, answer.status_code == 404, f"404 for {role} where there is nothing")


@pytest.mark.parametrize("service", BUILT)
async def test_a_route_answers_those_roles_alone_that_it_names(
    servers: Servers, service: str
) -> None:
    async with world_of(servers, service) as world:
        walk = Walk(world)
        done = await walk_as_roles(walk, world.service.app, service)
    assert not walk.faults, "\n".join(walk.faults)
    assert done == TABLE[service].keys(), "the table's bodies have to be good enough to be taken"


@pytest.mark.parametrize("service", BUILT)
async def test_what_is_anothers_is_404_to_every_role(servers: Servers, service: str) -> None:
    async with world_of(servers, service) as world:
        walk = Walk(world)
        await walk_as_others(walk, world.service.app, service)
    assert not walk.faults, "\n".join(walk.faults)


@pytest.mark.parametrize("service", BUILT)
async def test_an_id_of_nothing_is_404_to_every_role(servers: Servers, service: str) -> None:
    async with world_of(servers, service) as world:
        walk = Walk(world)
        await walk_with_ids_of_nothing(walk, world.service.app, service)
    assert not walk.faults, "\n".join(walk.faults)


# --- garbage -----------------------------------------------------------------------------------


def insider(world: World, visit: Visit) -> dict[str, str]:
    """The headers of somebody who may."""
    role = min(visit.may, key=world.remoteness) if visit.may else Role.COORDINATOR
    return world.as_(world.own, role)


def someone_without_the_role(world: World, visit: Visit) -> dict[str, str]:
    """The headers of somebody who may not, where there is one: garbage comes before the role."""
    lacking = sorted(frozenset(Role) - (visit.may or frozenset(Role)))
    return world.as_(world.own, lacking[0]) if lacking else insider(world, visit)


async def walk_with_garbage_around(walk: Walk, app: FastAPI, service: str) -> None:
    """Garbage in the path, the query and the headers."""
    for route, visit in visits(app, service):
        headers = insider(walk.world, visit)
        lacking = someone_without_the_role(walk.world, visit)
        for name in visit.path:
            for number, garbage in enumerate(NO_IDS):
                path = {name: quote(garbage, safe="")}
                for asking in (headers, lacking) if number == 0 else (headers,):
                    answer = await walk.ask(route, visit, asking, who="garbage id", path=path)
                    is_right = answer.status_code == visit.garbage
                    walk.expect(answer, is_right, f"{visit.garbage} for {garbage[:20]!r}")
        for name in route.query:
            for garbage in NO_QUERIES:
                what = f"{name}={garbage[:20]!r}"
                answer = await walk.ask(route, visit, headers, who=what, query={name: garbage})
                walk.expect(answer, answer.status_code in DONE | {422}, f"done or 422 for {what}")
        for key in NO_KEYS if route.rule.key is not KeyUse.IGNORED else ():
            answer = await walk.ask(
                route, visit, headers, who=f"key {key!r:.20}", more_headers={KEY_HEADER: key}
            )
            walk.expect(answer, answer.status_code == 422, f"422 for the key {key!r:.20}")
        for tag in NO_TAGS if route.takes_tag else ():
            await walk.ask(
                route, visit, headers, who=f"tag {tag!r}", more_headers={"If-Match": tag}
            )
        for token in (b"Bearer a.b.c", b"\xff"):
            answer = await walk.ask(route, visit, {"Authorization": token}, who="garbage token")
            walk.expect(answer, answer.status_code == 401 or visit.may is None, "401 for garbage")


async def walk_with_garbage_inside(walk: Walk, app: FastAPI, service: str) -> None:
    """Garbage for a body, and in every field of a good one."""
    for route, visit in visits(app, service):
        if not route.has_body or visit.body is None:
            continue
        headers = insider(walk.world, visit)
        for content in NO_BODIES:
            answer = await walk.ask(
                route, visit, headers, who=f"body {content[:20]!r}", content=content
            )
            walk.expect(answer, answer.status_code == 422, f"422 for the body {content[:20]!r}")
        answer = await walk.ask(
            route,
            visit,
            someone_without_the_role(walk.world, visit),
            who="a body of nothing",
            content=b"{}",
        )
        walk.expect(answer, answer.status_code == 422, "422 before the role is looked at")
        good = walk.world.body(visit.body)
        for name in good:
            for value in NO_FIELDS:
                content = json.dumps({**good, name: value}).encode()
                await walk.ask(route, visit, headers, who=f"{name}={value!r:.20}", content=content)


async def walk_with_wrong_methods(walk: Walk, app: FastAPI, service: str) -> None:
    """Every method on every path; and paths that are none."""
    methods: dict[str, set[str]] = {}
    for route in routes_of(app):
        methods.setdefault(route.path, set()).add(route.method)
    for path, known in methods.items():
        place = path.replace("{", "").replace("}", "")
        shadowed = {
            method
            for other, others in methods.items()
            if other != path and fits(place, other)
            for method in others
        }
        for method in set(METHODS) - known - shadowed:
            answer = await walk.send(f"{method} {path}", method, place)
            walk.expect(answer, answer.status_code == 405, f"405 for {method}")
            walk.expect(answer, bool(answer.headers.get("allow")), "Allow says what is possible")
    for path in (f"/api/{service}/nothing", f"/api/{service}", "/nothing", f"/api/{service}//"):
        answer = await walk.send(f"GET {path}", "GET", path)
        walk.expect(answer, answer.status_code == 404, "404 for a path that is none")


def fits(place: str, path: str) -> bool:
    """Whether a concrete path could be meant by a route's path."""
    steps, names = place.split("/"), path.split("/")
    return len(steps) == len(names) and all(
        step == name or name.startswith("{") for step, name in zip(steps, names, strict=True)
    )


@pytest.mark.parametrize("service", BUILT)
async def test_garbage_around_a_request_is_refused_and_never_a_fault(
    servers: Servers, service: str
) -> None:
    async with world_of(servers, service) as world:
        walk = Walk(world)
        await walk_with_garbage_around(walk, world.service.app, service)
    assert not walk.faults, "\n".join(walk.faults)


@pytest.mark.parametrize("service", BUILT)
async def test_garbage_in_a_body_is_refused_and_never_a_fault(
    servers: Servers, service: str
) -> None:
    async with world_of(servers, service) as world:
        walk = Walk(world)
        await walk_with_garbage_inside(walk, world.service.app, service)
    assert not walk.faults, "\n".join(walk.faults)


@pytest.mark.parametrize("service", BUILT)
async def test_a_wrong_method_is_405_and_a_wrong_path_404(servers: Servers, service: str) -> None:
    async with world_of(servers, service) as world:
        walk = Walk(world)
        await walk_with_wrong_methods(walk, world.service.app, service)
    assert not walk.faults, "\n".join(walk.faults)


@pytest.mark.parametrize("service", BUILT)
async def test_a_route_that_requires_a_key_says_so(servers: Servers, service: str) -> None:
    async with world_of(servers, service) as world:
        walk = Walk(world)
        for route, visit in visits(world.service.app, service):
            if route.rule.key is KeyUse.REQUIRED:
                body = json.dumps(world.bodies[visit.body or ""]).encode()
                answer = await walk.send(
                    route.key,
                    route.method,
                    route.path,
                    content=body,
                    headers={**insider(world, visit), "Content-Type": "application/json"},
                )
                walk.expect(answer, answer.status_code == 422, "422 without a key")
    assert not walk.faults, "\n".join(walk.faults)


# --- the walk sees what it is for --------------------------------------------------------------


def plant_holes(app: FastAPI) -> None:
    """Routes as they must not be, in an app of finance."""
    holes = Routes("finance")
    path = "/obligations/{obligation_id}"

    @holes.get(f"{path}/leak", may=roles(Role.FINANCE))
    async def leak(tx: Tx, obligation_id: UUID) -> dict[str, Any]:
        """Tells whoever has the role, whosever it is."""
        tx.authorise()
        return {"id": obligation_id}

    @holes.get(f"{path}/careless", may=roles(Role.FINANCE))
    async def careless(tx: Tx, obligation_id: UUID) -> dict[str, Any]:
        """Says that it asked who may, and did not."""
        tx.is_authorised = True
        return {}

    @holes.get(f"{path}/open", may=PUBLIC)
    async def open_(obligation_id: UUID) -> dict[str, Any]:
        """Lets everybody in where the table does not."""
        return {}

    @holes.get(f"{path}/clumsy", may=roles(Role.FINANCE))
    async def clumsy(tx: Tx, obligation_id: str) -> dict[str, Any]:
        """Breaks on garbage."""
        tx.authorise()
        return {"id": UUID(obligation_id)}

    app.include_router(holes.router)


async def test_the_walk_sees_holes_that_were_planted(
    servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("leak", "careless", "open", "clumsy")
    holes = {
        f"GET /api/finance/obligations/{{obligation_id}}/{name}": Visit(
            frozenset({Role.FINANCE}), {"obligation_id": "read"}, others=404
        )
        for name in names
    }
    async with world_of(servers, "finance") as world:
        plant_holes(world.service.app)
        found = {route.key for route in routes_of(world.service.app)}
        assert found - TABLE["finance"].keys() == holes.keys(), "new routes are found"
        monkeypatch.setitem(TABLE, "finance", {**TABLE["finance"], **holes})
        seen = {}
        for go in (
            walk_as_roles,
            walk_as_others,
            walk_with_ids_of_nothing,
            walk_with_garbage_around,
        ):
            walk = Walk(world)
            await go(walk, world.service.app, "finance")
            seen[go.__name__] = "\n".join(walk.faults)
    assert "/careless: student lacks the role, not 200" in seen["walk_as_roles"]
    assert "/open: nobody is signed in, not 200" in seen["walk_as_roles"]
    assert "tells another's finance of" in seen["walk_as_others"]
    assert "/leak: {404} for another's finance, not 200" in seen["walk_as_others"]
    assert (
        "/leak: 404 for finance where there is nothing, not 200"
        in (seen["walk_with_ids_of_nothing"])
    )
    assert "/clumsy as garbage id: 500" in seen["walk_with_garbage_around"]
    for faults in seen.values():
        assert all(any(f"/{name}" in line for name in names) for line in faults.splitlines())


def test_an_answer_that_is_no_problem_is_seen() -> None:
    def faults(status: int, **answer: Any) -> list[str]:
        return list(not_a_problem(httpx.Response(status, **answer)))

    problem = {"Content-Type": "application/problem+json"}
    whole = {"type": "urn:x", "title": "No.", "detail": "No.", "code": "x", "status": 404}
    assert faults(404, headers=problem, json=whole) == []
    assert faults(404, json=whole) == ["404 is no problem+json but application/json"]
    assert faults(404, headers=problem, json={**whole, "title": ""}) == ["404 has no title"]
    assert faults(409, headers=problem, json=whole) == ["409 says status 404"]
