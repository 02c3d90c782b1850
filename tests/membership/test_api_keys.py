"""Keys of a member's programs: a scope, a term, shown once, and no hand that signs."""

from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from services.membership.domain.api_keys import KEYS_MAX, KeyIsOver, scope_today
from shared.identity import Role
from shared.ids import new_id
from shared.tokens import Verifier
from tests.membership.cluster import API, PASSWORD, Cluster, agreement

DAY = date(2027, 3, 1)
C, F = Role.COORDINATOR, Role.FINANCE


async def make(cluster: Cluster, **other: Any) -> httpx.Response:
    """A key of the college for a year in the coordinator's role, unless told otherwise."""
    body = {"name": "1С", "roles": ["coordinator"], "expires_on": cluster.day(365), **other}
    return await cluster.post("/api-keys", cluster.as_college(), **body)


async def token_of(cluster: Cluster, key: str) -> httpx.Response:
    return await cluster.post("/tokens", None, key=key)


async def as_program(cluster: Cluster, **other: Any) -> dict[str, str]:
    """The headers of a program of the college."""
    key = (await make(cluster, **other)).json()["key"]
    return {"Authorization": f"Bearer {(await token_of(cluster, key)).json()['access_token']}"}


def test_a_key_never_does_more_than_its_maker_may_today() -> None:
    def roles(scope: set[Role], held: set[Role], **other: Any) -> frozenset[Role]:
        facts = {"revoked": False, "expires_on": DAY, "today": DAY, **other}
        return scope_today(frozenset(scope), frozenset(held), **facts)

    assert roles({C, F}, {C}) == {C}
    for scope, held, other in (
        ({C}, {F}, {}),
        ({Role.COUNCIL_HEAD}, {Role.COUNCIL_HEAD}, {}),
        ({C}, {C}, {"revoked": True}),
        ({C}, {C}, {"today": DAY + timedelta(days=1)}),
    ):
        with pytest.raises(KeyIsOver):
            roles(scope, held, **other)


async def test_a_key_is_shown_once_and_exchanged_for_a_short_token(cluster: Cluster) -> None:
    made = await make(cluster)
    assert made.status_code == 201, made.text
    key = made.json()["key"]
    assert key.startswith("artel_")
    answer = await token_of(cluster, key)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["member_id"], body["roles"], body["token_type"]) == (
        str(cluster.college),
        ["coordinator"],
        "Bearer",
    )
    settings = cluster.service.runtime.settings
    actor = Verifier(settings.token_public_keys).actor(
        body["access_token"], cluster.service.clock()
    )
    assert actor.is_program
    assert actor.person_id == cluster.people["college"], "who made it answers for it"
    headers = {"Authorization": f"Bearer {body['access_token']}"}
    assert (await cluster.get("/accounts", headers)).status_code == 200
    listed = await cluster.get("/api-keys", cluster.as_college())
    [item] = listed.json()["items"]
    assert (item["name"], item["is_valid"], item["last_used_on"]) == ("1С", True, cluster.day(0))
    assert key not in listed.text
    for table in ("api_keys", "audit", "outbox"):
        rows = await cluster.service.sql(f"SELECT x::text AS row FROM {table} x")
        assert not [row for row in rows if key in row["row"]]


async def test_a_key_is_over_with_its_term_its_revocation_or_its_maker(cluster: Cluster) -> None:
    short = (await make(cluster, expires_on=cluster.day(1))).json()["key"]
    revoked = (await make(cluster)).json()
    path = f"{API}/api-keys/{revoked['item']['id']}"
    for headers, status in (
        (cluster.as_firm(), 404),
        (cluster.service.as_(cluster.college, Role.MENTOR), 403),
        (cluster.as_college(), 204),
        (cluster.as_college(), 204),
    ):
        assert (await cluster.service.client.delete(path, headers=headers)).status_code == status
    cluster.service.clock.pass_(days=1)
    assert (await token_of(cluster, short)).status_code == 200, "the last day"
    cluster.service.clock.pass_(days=1)
    for key in (short, revoked["key"], "artel_nonsense", ""):
        refused = await token_of(cluster, key)
        assert (refused.status_code, refused.json()["code"]) == (401, "key-over")
    alive = (await make(cluster)).json()["key"]
    await cluster.register("second", cluster.college, Role.COORDINATOR)
    mine = f"/accounts/{cluster.people['college']}/roles"
    assert (await cluster.post(mine, cluster.as_college(), roles=["mentor"])).status_code == 200
    assert (await token_of(cluster, alive)).json()["code"] == "key-over"


async def test_a_key_that_cannot_be_is_refused_beside_its_field(cluster: Cluster) -> None:
    for other, at in (
        ({"roles": ["finance"]}, "body.roles"),  # KeyIsWrong
        ({"roles": ["council_head"]}, "body.roles"),
        ({"roles": []}, "body.roles"),
        ({"name": ""}, "body.name"),
        ({"expires_on": cluster.day(-1)}, "body.expires_on"),
        ({"expires_on": cluster.day(367)}, "body.expires_on"),
    ):
        refused = await make(cluster, **other)
        assert (refused.status_code, refused.json()["errors"][0]["at"]) == (422, at), refused.text
    await cluster.service.sql(
        "INSERT INTO api_keys SELECT gen_random_uuid(), $1, 'x', sha256(n::text::bytea),"
        " '{coordinator}', $2, now(), current_date + 9 FROM generate_series(1, $3::int) n",
        cluster.college,
        cluster.people["college"],
        KEYS_MAX,
    )
    full = await make(cluster)
    assert (full.status_code, full.json()["code"]) == (409, "too-many-keys")


async def test_a_program_signs_nothing_and_decides_on_no_ones_rights(cluster: Cluster) -> None:
    waiting = (await cluster.make()).json()["id"]
    program = await as_program(cluster)
    person, someone = str(cluster.people["college"]), str(new_id())
    terms = agreement(cluster)
    for path, body in (
        ("/agreements", terms),
        (f"/agreements/{waiting}/sign", {}),
        (f"/members/{cluster.college}/withdraw", {"effective_on": cluster.day(9)}),
        (f"/accounts/{person}/roles", {"roles": ["mentor"]}),
        ("/accounts/current/password", {"old": PASSWORD, "new": "another one, as long"}),
        ("/accounts/current/email", {"password": PASSWORD, "email": "x@artel.demo"}),
        ("/accounts/current/second-factor", {"password": PASSWORD}),
        ("/invitations", {"email": "x@artel.demo", "roles": ["mentor"]}),
        ("/api-keys", {"name": "x", "roles": ["coordinator"], "expires_on": cluster.day(9)}),
        ("/powers", {"person_id": person, "kind": "charter", "valid_from": cluster.day(0)}),
        (
            "/handovers",
            {"from_person_id": person, "to_person_id": someone, "from_on": cluster.day(0)},
        ),
    ):
        refused = await cluster.post(path, program, **body)
        assert (refused.status_code, refused.json()["code"]) == (403, "program-may-not"), path
    assert (await cluster.get("/sessions", program)).status_code == 403
    assert (await cluster.get("/agreements", program)).status_code == 200


async def test_keys_are_listed_page_by_page_and_noted_without_their_names(
    cluster: Cluster,
) -> None:
    for name in ("первый", "второй"):
        assert (await make(cluster, name=name)).status_code == 201
    page = (await cluster.get("/api-keys?limit=1", cluster.as_college())).json()
    assert [item["name"] for item in page["items"]] == ["второй"]
    rest = await cluster.get(f"/api-keys?cursor={page['next_cursor']}", cluster.as_college())
    assert [item["name"] for item in rest.json()["items"]] == ["первый"]
    assert (await cluster.get("/api-keys", cluster.as_firm())).json()["items"] == []
    log = await cluster.get(f"/members/{cluster.college}/log", cluster.as_college())
    assert [line["action"] for line in log.json()["items"]][:2] == ["api_key.made"] * 2
    assert "второй" not in log.text
