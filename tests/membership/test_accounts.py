"""People, their accounts and their roles: through HTTP, on a real PostgreSQL."""

import asyncio
import json
from typing import Any

import pytest

from services.membership.commands import accounts
from services.membership.domain.accounts import FAILURES_MAX, EmailIsTaken, PasswordIsWeak
from shared.identity import Role
from shared.ids import new_id
from shared.refusal import Invalid
from tests.membership.cluster import PASSWORD, Cluster

EVENTS = ("membership.person.registered.v1", "membership.roles.granted.v1")


def newcomer(**other: Any) -> dict[str, Any]:
    return {
        "email": "Oleg.Sidorov@artel.demo",
        "password": "long enough, and rare",
        "family_name": "Сидоров",
        "given_name": "Олег",
        "patronymic": "Ильич",
        **other,
    }


async def told_of(cluster: Cluster, person_id: str) -> list[dict[str, Any]]:
    rows = await cluster.service.told(*EVENTS)
    return [json.loads(row["body"]) for row in rows if str(row["aggregate_id"]) == person_id]


# --- opening -----------------------------------------------------------------------------------


async def test_a_coordinator_opens_an_account_at_the_own_member(cluster: Cluster) -> None:
    opened = await cluster.post(
        "/accounts",
        cluster.as_college(),
        **newcomer(member_id=str(cluster.college), roles=["mentor", "expert"]),
    )
    assert opened.status_code == 201, opened.text
    body = opened.json()
    assert (body["member_id"], body["roles"]) == (str(cluster.college), ["expert", "mentor"])
    assert await told_of(cluster, body["person_id"]) == [
        {"person_id": body["person_id"]},
        {
            "person_id": body["person_id"],
            "member_id": str(cluster.college),
            "roles": ["expert", "mentor"],
        },
    ]
    signed_in = await cluster.post(
        "/sessions", email="oleg.sidorov@artel.demo", password="long enough, and rare"
    )
    assert signed_in.json()["roles"] == ["expert", "mentor"]


async def test_no_name_and_no_email_is_told_noted_or_kept_with_an_answer(cluster: Cluster) -> None:
    headers = {**cluster.as_college(), "Idempotency-Key": "x"}
    body = newcomer(member_id=str(cluster.college), roles=["mentor"])
    assert (await cluster.post("/accounts", headers, **body)).status_code == 201
    page = await cluster.get("/accounts?limit=1", cluster.as_college())
    for text in (
        await cluster.service.sql("SELECT outbox::text AS row FROM outbox"),
        await cluster.service.sql("SELECT audit::text AS row FROM audit"),
        await cluster.service.sql("SELECT convert_from(body, 'UTF8') AS row FROM idempotency"),
        [{"row": page.json()["next_cursor"]}],
    ):
        assert text
        written = " ".join(row["row"] for row in text).lower()
        assert not [word for word in ("sidorov", "сидоров", "олег", "@") if word in written]


async def test_the_administrator_opens_accounts_for_any_member_and_for_administrators(
    cluster: Cluster,
) -> None:
    for member_id, role in ((str(cluster.firm), "coordinator"), (None, "administrator")):
        opened = await cluster.post(
            "/accounts",
            cluster.as_administrator(),
            **newcomer(email=f"{role}@artel.demo", member_id=member_id, roles=[role]),
        )
        assert opened.status_code == 201, opened.text
        signed_in = (await cluster.sign_in(role, "long enough, and rare")).json()
        assert (signed_in["member_id"], signed_in["roles"]) == (member_id, [role])


async def test_who_may_not_open_accounts(cluster: Cluster) -> None:
    own = newcomer(member_id=str(cluster.college), roles=["mentor"])
    assert (await cluster.post("/accounts", None, **own)).status_code == 401
    for member_id in (cluster.firm, new_id()):
        other = newcomer(member_id=str(member_id), roles=["mentor"])
        refused = await cluster.post("/accounts", cluster.as_college(), **other)
        assert refused.status_code == 404
    for role in set(Role) - {Role.COORDINATOR, Role.ADMINISTRATOR}:
        headers = cluster.service.as_(cluster.college, role)
        assert (await cluster.post("/accounts", headers, **own)).status_code == 403
    administrator = newcomer(member_id=None, roles=["administrator"])
    refused = await cluster.post("/accounts", cluster.as_college(), **administrator)
    assert (refused.status_code, refused.json()["code"]) == (403, "role-missing")
    nowhere = newcomer(member_id=str(new_id()), roles=["mentor"])
    assert (
        await cluster.post("/accounts", cluster.as_administrator(), **nowhere)
    ).status_code == 404


async def test_r4_nobody_grants_a_role_in_the_council(cluster: Cluster) -> None:
    body = newcomer(member_id=str(cluster.college), roles=["council_head"])
    for headers in (cluster.as_college(), cluster.as_administrator()):
        refused = await cluster.post("/accounts", headers, **body)
        assert (refused.status_code, refused.json()["code"]) == (409, "council-decides")


async def test_an_account_that_cannot_be_is_422_beside_the_field(cluster: Cluster) -> None:
    member_id = str(cluster.college)
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"email": "nobody"}, "body.email"),
        ({"email": "a\x00@artel.demo"}, "body.email"),
        ({"password": "short"}, "body.password"),
        ({"password": "1234567890"}, "body.password"),
        ({"password": "oleg.sidorov@artel.demo"}, "body.password"),
        ({"password": "x" * 201}, "body.password"),
        ({"family_name": ""}, "body.family_name"),
        ({"family_name": "x" * 101}, "body.family_name"),
        ({"given_name": "\x00"}, "body.given_name"),
        ({"roles": []}, "body.roles"),
        ({"roles": ["owner"]}, "body.roles.0"),
        ({"roles": ["administrator"]}, "body.roles"),
        ({"member_id": None}, "body.roles"),
        ({"member_id": "smolapo"}, "body.member_id"),
    ]
    for fields, at in wrong:
        body = newcomer(**({"member_id": member_id, "roles": ["mentor"]} | fields))
        refused = await cluster.post("/accounts", cluster.as_college(), **body)
        assert refused.status_code == 422, fields
        assert refused.json()["errors"][0]["at"] == at, fields


async def test_an_email_is_one_accounts_also_at_once(cluster: Cluster) -> None:
    body = newcomer(member_id=str(cluster.college), roles=["mentor"])
    answers = await asyncio.gather(
        *(cluster.post("/accounts", cluster.as_college(), **body) for _ in range(3)),
        cluster.post(
            "/accounts",
            cluster.as_firm(),
            **(body | {"member_id": str(cluster.firm), "email": "OLEG.SIDOROV@artel.demo"}),
        ),
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {
        "email-taken"
    }


# --- roles -------------------------------------------------------------------------------------


async def test_a_coordinator_sees_the_people_of_the_own_member(cluster: Cluster) -> None:
    await cluster.register("mentor", cluster.college, Role.MENTOR, Role.EXPERT)
    seen = await cluster.get("/accounts", cluster.as_college())
    assert [(item["email"], item["roles"]) for item in seen.json()["items"]] == [
        ("college@artel.demo", ["coordinator"]),
        ("mentor@artel.demo", ["expert", "mentor"]),
    ]
    page = (await cluster.get("/accounts?limit=1", cluster.as_college())).json()
    rest = await cluster.get(f"/accounts?cursor={page['next_cursor']}", cluster.as_college())
    assert [item["email"] for item in rest.json()["items"]] == ["mentor@artel.demo"]
    assert (await cluster.get("/accounts")).status_code == 401
    for role in set(Role) - {Role.COORDINATOR}:
        headers = cluster.service.as_(cluster.college, role)
        assert (await cluster.get("/accounts", headers)).status_code == 403


async def test_roles_are_set_as_a_whole_and_the_past_is_kept(cluster: Cluster) -> None:
    person = await cluster.register("mentor", cluster.college, Role.MENTOR)
    path = f"/accounts/{person}/roles"
    for granted in (["expert", "mentor"], ["expert", "mentor"], [], ["finance"]):
        answer = await cluster.post(path, cluster.as_college(), roles=granted)
        assert answer.status_code == 200, answer.text
        assert answer.json()["roles"] == granted
    told = await told_of(cluster, str(person))
    assert [event["roles"] for event in told if "roles" in event] == [
        ["mentor"],
        ["expert", "mentor"],
        [],
        ["finance"],
    ]
    rows = await cluster.service.sql(
        "SELECT role, ended_at IS NULL AS is_held, ended_by FROM roles WHERE person_id = $1"
        " ORDER BY id",
        person,
    )
    by = cluster.people["college"]
    assert [tuple(row.values()) for row in rows] == [
        ("mentor", False, by),
        ("expert", False, by),
        ("finance", True, None),
    ]


async def test_people_of_another_member_are_not_a_coordinators_to_know(cluster: Cluster) -> None:
    person = await cluster.register("mentor", cluster.firm, Role.MENTOR)
    for path, body in (
        (f"/accounts/{person}/roles", {}),
        (f"/accounts/{person}/roles", {"member_id": str(cluster.firm)}),
        (f"/accounts/{new_id()}/roles", {}),
    ):
        refused = await cluster.post(path, cluster.as_college(), roles=["mentor"], **body)
        assert refused.status_code == 404
    unknown = await cluster.post(
        f"/accounts/{new_id()}/roles",
        cluster.as_administrator(),
        member_id=str(cluster.firm),
        roles=["mentor"],
    )
    assert unknown.status_code == 404
    path = f"/accounts/{person}/roles"
    assert (await cluster.post(path, roles=["mentor"])).status_code == 401
    for role in set(Role) - {Role.COORDINATOR, Role.ADMINISTRATOR}:
        headers = cluster.service.as_(cluster.firm, role)
        assert (await cluster.post(path, headers, roles=["mentor"])).status_code == 403
    nowhere = await cluster.post(path, cluster.as_administrator(), roles=["mentor"])
    assert nowhere.status_code == 422


async def test_the_last_coordinator_stays_also_when_two_dismiss_each_other(
    cluster: Cluster,
) -> None:
    first = cluster.people["college"]
    alone = await cluster.post(f"/accounts/{first}/roles", cluster.as_college(), roles=["mentor"])
    assert (alone.status_code, alone.json()["code"]) == (409, "last-coordinator")
    second = await cluster.register("second", cluster.college, Role.COORDINATOR)
    as_second = cluster.service.as_(cluster.college, Role.COORDINATOR, person_id=second)
    async with cluster.held("members", cluster.college):
        dismissing = [
            asyncio.create_task(cluster.post(f"/accounts/{person}/roles", headers, roles=[]))
            for person, headers in ((second, cluster.as_college()), (first, as_second))
        ]
        await cluster.waiting(2)
    answers = await asyncio.gather(*dismissing)
    assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_whoever_runs_the_installation_is_given_no_role_at_a_member(
    cluster: Cluster,
) -> None:
    refused = await cluster.post(
        f"/accounts/{cluster.administrator}/roles",
        cluster.as_administrator(),
        member_id=str(cluster.firm),
        roles=["coordinator"],
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "administrator-acts-for-nobody")


# --- passwords ---------------------------------------------------------------------------------


async def test_a_new_password_replaces_the_old_and_ends_other_sessions(cluster: Cluster) -> None:
    elsewhere = (await cluster.sign_in("college")).json()
    here = (await cluster.sign_in("college")).json()
    headers = {"Authorization": f"Bearer {here['access_token']}"}
    new = "another one, as long"
    changed = await cluster.post("/accounts/current/password", headers, old=PASSWORD, new=new)
    assert (changed.status_code, changed.content) == (204, b"")
    assert (await cluster.sign_in("college")).status_code == 401
    assert (await cluster.sign_in("college", new)).status_code == 201
    for session, status in ((elsewhere, 401), (here, 200)):
        refreshed = await cluster.post("/sessions/refresh", refresh_token=session["refresh_token"])
        assert refreshed.status_code == status


async def test_a_wrong_old_password_is_422_and_counts_as_a_failure(cluster: Cluster) -> None:
    headers = cluster.as_college()
    path = "/accounts/current/password"
    for before in (0, FAILURES_MAX - 1):
        await cluster.service.sql("UPDATE sign_in_failures SET count = $1", before)
        refused = await cluster.post(path, headers, old="wrong", new="another one, as long")
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["at"] == "body.old"
    assert (
        await cluster.post(path, headers, old=PASSWORD, new="another one, as long")
    ).status_code == 429
    assert (await cluster.sign_in("college")).status_code == 429


async def test_a_weak_new_password_is_422(cluster: Cluster) -> None:
    for new in ("short", "1234567890", "College@artel.demo"):
        refused = await cluster.post(
            "/accounts/current/password", cluster.as_college(), old=PASSWORD, new=new
        )
        assert (refused.status_code, refused.json()["errors"][0]["at"]) == (422, "body.new")


# --- the first administrator -------------------------------------------------------------------


async def test_the_first_administrator_is_made_without_anybody(cluster: Cluster) -> None:
    database = cluster.service.runtime.database
    async with database.transaction() as tx:
        await accounts.make_administrator(
            tx, email="Root@artel.demo", password="generated and long"
        )
    signed_in = (await cluster.sign_in("root", "generated and long")).json()
    assert (signed_in["member_id"], signed_in["roles"]) == (None, ["administrator"])
    for email, password, refusal in (
        ("root@artel.demo", "generated and long", EmailIsTaken),
        ("college@artel.demo", "generated and long", EmailIsTaken),
        ("other@artel.demo", "short", PasswordIsWeak),
        ("nobody", "generated and long", Invalid),
    ):
        with pytest.raises(refusal):
            async with database.transaction() as tx:
                await accounts.make_administrator(tx, email=email, password=password)
