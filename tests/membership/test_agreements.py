"""Agreements are made, signed and ended: through HTTP, on a real PostgreSQL."""

import asyncio
import json
from typing import Any

from services.membership.commands import agreement_ends
from shared.identity import Role
from shared.ids import new_id
from tests.membership.cluster import Cluster, agreement

MADE = "membership.agreement.made.v1"
ACTIVATED = "membership.agreement.activated.v1"
ENDED = "membership.agreement.ended.v1"


async def told(cluster: Cluster) -> list[str]:
    return [row["subject"] for row in await cluster.service.told(MADE, ACTIVATED, ENDED)]


async def leave(cluster: Cluster, member: str, days: int) -> None:
    await cluster.service.sql(
        "UPDATE members SET leaving_on = $2::text::date WHERE id = $1",
        getattr(cluster, member),
        cluster.day(days),
    )


# --- making ------------------------------------------------------------------------------------


async def test_who_makes_an_agreement_has_signed_it(cluster: Cluster) -> None:
    made = await cluster.make()
    assert made.status_code == 201, made.text
    body = made.json()
    assert (body["status"], body["activated_at"], body["kind"]) == ("signing", None, "services")
    assert made.headers["etag"] == '"1"'
    first, second = body["parties"]
    assert (first["member_id"], second["member_id"]) == (str(cluster.firm), str(cluster.college))
    assert first["signed_by"] == str(cluster.people["firm"])
    assert first["signed_at"]
    assert second == {"member_id": str(cluster.college), "signed_at": None, "signed_by": None}
    assert await told(cluster) == [MADE]
    [noted] = await cluster.service.sql("SELECT * FROM audit WHERE action = 'agreement.made'")
    assert (noted["person_id"], noted["member_id"]) == (cluster.people["firm"], cluster.firm)
    assert noted["event_id"] is not None


async def test_r1_2_i1_terms_that_no_agreement_can_have_are_422_beside_the_field(
    cluster: Cluster,
) -> None:
    firm, college, university = map(str, (cluster.firm, cluster.college, cluster.university))
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"party_ids": [firm, firm]}, "body.party_ids"),
        ({"party_ids": [firm]}, "body.party_ids"),
        ({"party_ids": [firm, college, university]}, "body.party_ids"),
        ({"party_ids": [firm, str(new_id())]}, "body.party_ids"),
        ({"party_ids": [university, college]}, "body.party_ids"),
        ({"party_ids": [firm, "cluster"]}, "body.party_ids.1"),
        ({"valid_to": cluster.day(-1)}, "body.valid_to"),
        ({"valid_to": cluster.day(11_000)}, "body.valid_to"),
        ({"valid_from": "0001-01-01"}, "body.valid_from"),
        ({"kind": "partnership"}, "body.kind"),
        ({"subject": ""}, "body.subject"),
        ({"subject": "x" * 2001}, "body.subject"),
        ({"subject": "\x00"}, "body.subject"),
    ]
    for terms, at in wrong:
        refused = await cluster.make(**terms)
        assert refused.status_code == 422, terms
        assert refused.json()["errors"][0]["at"] == at, terms
    assert await told(cluster) == []


async def test_only_a_coordinator_makes_agreements(cluster: Cluster) -> None:
    terms = agreement(cluster)
    assert (await cluster.post("/agreements", None, **terms)).status_code == 401
    for role in set(Role) - {Role.COORDINATOR}:
        headers = cluster.service.as_(cluster.firm, role)
        assert (await cluster.make(headers)).status_code == 403
    assert (await cluster.make(cluster.as_administrator())).status_code == 403
    homeless = cluster.service.as_(None, Role.COORDINATOR)
    assert (await cluster.make(homeless)).status_code == 403


async def test_r5_1_nothing_new_is_agreed_with_one_who_has_left(cluster: Cluster) -> None:
    await leave(cluster, "college", 5)
    begins_later = await cluster.make(valid_from=cluster.day(5))
    assert (begins_later.status_code, begins_later.json()["code"]) == (409, "member-not-active")
    assert begins_later.json()["clause"] == "R5.1"
    assert (await cluster.make(valid_from=cluster.day(4))).status_code == 201
    await leave(cluster, "college", 0)
    assert (await cluster.make()).json()["code"] == "member-not-active"
    await leave(cluster, "firm", 0)
    assert (await cluster.make()).json()["code"] == "member-not-active"


async def test_a_term_that_is_over_is_409(cluster: Cluster) -> None:
    over = await cluster.make(valid_from=cluster.day(-9), valid_to=cluster.day(-1))
    assert (over.status_code, over.json()["code"]) == (409, "agreement-over")


async def test_the_same_key_makes_one_agreement_also_at_once(cluster: Cluster) -> None:
    key = {**cluster.as_firm(), "Idempotency-Key": "one"}
    answers = await asyncio.gather(*(cluster.make(key) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert await told(cluster) == [MADE]
    other = await cluster.make(key, kind="lease")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")


# --- signing -----------------------------------------------------------------------------------


async def test_with_the_last_signature_it_is_active(cluster: Cluster) -> None:
    made = (await cluster.make()).json()
    signed = await cluster.post(f"/agreements/{made['id']}/sign", cluster.as_college())
    assert signed.status_code == 200, signed.text
    body = signed.json()
    assert (body["status"], signed.headers["etag"]) == ("active", '"2"')
    assert body["activated_at"]
    assert [party["signed_by"] for party in body["parties"]] == [
        str(cluster.people["firm"]),
        str(cluster.people["college"]),
    ]
    assert await told(cluster) == [MADE, ACTIVATED]
    [row] = await cluster.service.told(ACTIVATED)
    assert json.loads(row["body"]) == {
        "agreement_id": made["id"],
        "kind": "services",
        "party_ids": [str(cluster.firm), str(cluster.college)],
        "valid_from": made["valid_from"],
        "valid_to": made["valid_to"],
        "is_free": False,
    }


async def test_a_party_signs_once(cluster: Cluster) -> None:
    made = (await cluster.make()).json()
    path = f"/agreements/{made['id']}/sign"
    twice = await cluster.post(path, cluster.as_firm())
    assert (twice.status_code, twice.json()["code"]) == (409, "wrong-status")
    assert (await cluster.post(path, cluster.as_college())).status_code == 200
    for headers in (cluster.as_firm(), cluster.as_college()):
        assert (await cluster.post(path, headers)).json()["code"] == "wrong-status"
    assert await told(cluster) == [MADE, ACTIVATED]


async def test_of_many_who_sign_at_once_one_does_and_it_is_told_once(cluster: Cluster) -> None:
    made = (await cluster.make()).json()
    path = f"/agreements/{made['id']}/sign"
    answers = await asyncio.gather(
        *(cluster.post(path, cluster.as_college()) for _ in range(5)),
        *(cluster.post(path, cluster.as_firm()) for _ in range(5)),
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 9
    assert await told(cluster) == [MADE, ACTIVATED]
    [row] = await cluster.service.sql("SELECT version FROM agreements")
    assert row["version"] == 2


async def test_who_may_sign(cluster: Cluster) -> None:
    made = (await cluster.make()).json()
    path = f"/agreements/{made['id']}/sign"
    assert (await cluster.post(path)).status_code == 401
    assert (await cluster.post(path, cluster.as_university())).status_code == 404
    assert (await cluster.post(path, cluster.as_administrator())).status_code == 404
    assert (
        await cluster.post(f"/agreements/{new_id()}/sign", cluster.as_college())
    ).status_code == 404
    for role in set(Role) - {Role.COORDINATOR}:
        headers = cluster.service.as_(cluster.college, role)
        assert (await cluster.post(path, headers)).status_code == 403
    assert await told(cluster) == [MADE]


async def test_r5_1_neither_who_has_left_signs_nor_anybody_with_them(cluster: Cluster) -> None:
    made = (await cluster.make()).json()
    path = f"/agreements/{made['id']}/sign"
    for member in ("college", "firm"):
        await leave(cluster, member, 0)
        refused = await cluster.post(path, cluster.as_college())
        assert (refused.status_code, refused.json()["code"]) == (409, "member-not-active")
        await leave(cluster, member, 30)
    assert (await cluster.post(path, cluster.as_college())).status_code == 200


async def test_r5_1_a_signature_waits_for_a_notice_that_is_being_given(cluster: Cluster) -> None:
    made = (await cluster.make()).json()
    async with cluster.held("members", cluster.firm) as other:
        signing = asyncio.create_task(
            cluster.post(f"/agreements/{made['id']}/sign", cluster.as_college())
        )
        await cluster.waiting(1)
        await other.execute(
            "UPDATE members SET leaving_on = $2 WHERE id = $1", cluster.firm, cluster.today
        )
    assert (await signing).json()["code"] == "member-not-active"


async def test_what_is_over_is_not_signed(cluster: Cluster) -> None:
    made = (await cluster.make(valid_to=cluster.day(1))).json()
    cluster.service.clock.pass_(days=2)
    refused = await cluster.post(f"/agreements/{made['id']}/sign", cluster.as_college())
    assert (refused.status_code, refused.json()["code"]) == (409, "agreement-over")


async def test_signing_what_changed_meanwhile_is_412(cluster: Cluster) -> None:
    made = (await cluster.make()).json()
    path = f"/agreements/{made['id']}/sign"
    stale = await cluster.post(path, {**cluster.as_college(), "If-Match": '"7"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "changed-meanwhile")
    fresh = await cluster.post(path, {**cluster.as_college(), "If-Match": '"1"'})
    assert fresh.status_code == 200


# --- ending ------------------------------------------------------------------------------------


async def test_an_agreement_ends_after_its_last_day_and_that_is_told_once(
    cluster: Cluster,
) -> None:
    agreement_id = await cluster.active(valid_to=cluster.day(1))
    never_signed = (await cluster.make(valid_to=cluster.day(1))).json()["id"]
    first_day_without = cluster.day(2)
    cluster.service.clock.pass_(days=1)
    assert await cluster.service.due() == 0
    cluster.service.clock.pass_(days=1)
    for ended in (agreement_id, never_signed):
        seen = await cluster.get(f"/agreements/{ended}", cluster.as_firm())
        assert seen.json()["status"] == "ended"  # by the date, before anything has run
    await asyncio.gather(*(cluster.service.due() for _ in range(4)))
    assert await cluster.service.due() == 0
    rows = await cluster.service.told(ENDED)
    assert [json.loads(row["body"]) for row in rows] == [
        {"agreement_id": agreement_id, "ended_on": first_day_without}
    ]


async def test_two_replicas_share_what_is_due(cluster: Cluster) -> None:
    await cluster.active(valid_to=cluster.day(0))
    cluster.service.clock.pass_(days=1)
    database = cluster.service.runtime.database
    async with database.transaction() as one, database.transaction() as other:
        assert await agreement_ends.end(one) == 1
        assert await agreement_ends.end(other) == 0
    assert (await told(cluster)).count(ENDED) == 1


# --- reading -----------------------------------------------------------------------------------


async def test_the_parties_see_it_and_nobody_else_knows(cluster: Cluster) -> None:
    agreement_id = await cluster.active()
    path = f"/agreements/{agreement_id}"
    assert (await cluster.get(path)).status_code == 401
    for member_id in (cluster.firm, cluster.college):
        for role in set(Role) - {Role.STUDENT, Role.ADMINISTRATOR}:
            headers = cluster.service.as_(member_id, role)
            seen = await cluster.get(path, headers)
            assert (seen.status_code, seen.headers["etag"]) == (200, '"2"')
            assert len((await cluster.get("/agreements", headers)).json()["items"]) == 1
        student = cluster.service.as_(member_id, Role.STUDENT)
        assert (await cluster.get(path, student)).status_code == 403
        assert (await cluster.get("/agreements", student)).status_code == 403
    assert (await cluster.get(path, cluster.as_university())).status_code == 404
    assert (await cluster.get("/agreements", cluster.as_university())).json()["items"] == []
    assert (await cluster.get(path, cluster.as_administrator())).status_code == 404
    assert (await cluster.get("/agreements", cluster.as_administrator())).status_code == 403


async def test_the_list_is_narrowed_and_read_page_by_page(cluster: Cluster) -> None:
    active = await cluster.active()
    university = str(cluster.university)
    signing = (await cluster.make(kind="lease", party_ids=[str(cluster.firm), university])).json()[
        "id"
    ]
    short = await cluster.active(valid_to=cluster.day(0))
    cluster.service.clock.pass_(days=1)
    for query, ids in {
        "": [short, signing, active],
        "status=signing": [signing],
        "status=active": [active],
        "status=ended": [short],
        "kind=lease": [signing],
        "kind=services&status=ended": [short],
        f"with_id={university}": [signing],
        f"with_id={cluster.college}": [short, active],
        f"with_id={new_id()}": [],
    }.items():
        items = (await cluster.get(f"/agreements?{query}", cluster.as_firm())).json()["items"]
        assert [item["id"] for item in items] == ids, query
        if query.startswith("status"):
            assert all(query == f"status={item['status']}" for item in items)
    first = (await cluster.get("/agreements?limit=2", cluster.as_firm())).json()
    assert [item["id"] for item in first["items"]] == [short, signing]
    rest = await cluster.get(
        f"/agreements?limit=2&cursor={first['next_cursor']}", cluster.as_firm()
    )
    assert [item["id"] for item in rest.json()["items"]] == [active]
    assert rest.json()["next_cursor"] is None
