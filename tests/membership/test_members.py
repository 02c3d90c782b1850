"""Members join and leave: through HTTP, on a real PostgreSQL."""

import asyncio
import json
from datetime import date
from typing import Any

from shared.identity import Role
from shared.ids import new_id
from tests.membership.cluster import Cluster, card

WITHDRAWALS = ("membership.withdrawal.announced.v1", "membership.member.withdrawn.v1")


async def subjects(cluster: Cluster) -> list[str]:
    return [row["subject"] for row in await cluster.service.told(*WITHDRAWALS)]


# --- the list and the card ---------------------------------------------------------------------


async def test_everybody_may_see_who_takes_part(cluster: Cluster) -> None:
    listed = await cluster.get("/members")
    assert listed.status_code == 200
    assert listed.json()["next_cursor"] is None
    assert [item["slug"] for item in listed.json()["items"]] == [
        "smolapo",  # Академия, ООО, Региональный: the order of the Russian alphabet
        "stankoservis",
        "university",
    ]
    assert listed.json()["items"][0] == {
        "id": str(cluster.college),
        "slug": "smolapo",
        "name": "Академия профессионального образования (демо)",
        "kind": "college",
        "status": "active",
        "town": "Смоленск",
    }


async def test_the_list_is_read_page_by_page(cluster: Cluster) -> None:
    seen: list[str] = []
    cursor = ""
    for _ in range(3):
        page = (await cluster.get(f"/members?limit=1{cursor}")).json()
        seen += [item["slug"] for item in page["items"]]
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == ["smolapo", "stankoservis", "university"]
    assert page["next_cursor"] is None


async def test_the_list_is_narrowed_by_kind_status_and_words(cluster: Cluster) -> None:
    await cluster.service.sql(
        "UPDATE members SET leaving_on = $2 WHERE id = $1", cluster.college, cluster.today
    )
    await cluster.service.sql(
        "UPDATE members SET leaving_on = $2 WHERE id = $1",
        cluster.university,
        date.fromisoformat(cluster.day(1)),
    )
    for query, slugs in {
        "kind=employer": ["stankoservis"],
        "q=ооо смолстанко": ["stankoservis"],
        "q=АКАДЕМИЯ": ["smolapo"],
        "q=%25": [],
        "status=active": ["stankoservis"],
        "status=leaving": ["university"],
        "status=withdrawn": ["smolapo"],
        "status=withdrawn&kind=employer": [],
    }.items():
        items = (await cluster.get(f"/members?{query}")).json()["items"]
        assert [item["slug"] for item in items] == slugs, query
        if query.startswith("status"):
            assert all(f"status={item['status']}" in query for item in items)


async def test_the_card_is_public_but_for_how_a_member_is_paid(cluster: Cluster) -> None:
    seen = await cluster.get(f"/members/{cluster.college}")
    assert seen.status_code == 200
    assert seen.headers["etag"] == '"1"'
    body = seen.json()
    assert (body["inn"], body["kpp"], body["ogrn"]) == (
        "6799000010",
        "679901001",
        "1996700000010",
    )
    assert (body["town"], body["is_state"], body["status"]) == ("Смоленск", True, "active")
    assert not {"bank_account", "bik", "vat_regime"} & set(body)
    assert (await cluster.get(f"/members/{new_id()}")).status_code == 404


async def test_how_a_member_is_paid_is_for_signed_in_people(cluster: Cluster) -> None:
    path = f"/members/{cluster.college}/requisites"
    assert (await cluster.get(path)).status_code == 401
    student = cluster.service.as_(cluster.firm, Role.STUDENT)
    assert (await cluster.get(path, student)).status_code == 403
    assert (await cluster.get(f"/members/{new_id()}/requisites", student)).status_code == 404
    finance = cluster.service.as_(cluster.firm, Role.FINANCE)
    assert (await cluster.get(path, finance)).json() == {
        "member_id": str(cluster.college),
        "vat_regime": "general",
        "bank_account": "40702810700000000001",
        "bik": "046699901",
    }


# --- joining -----------------------------------------------------------------------------------


async def test_the_administrator_enters_a_member_and_it_is_told(cluster: Cluster) -> None:
    joined = await cluster.post("/members", cluster.as_administrator(), **card("obraztsov"))
    assert joined.status_code == 201, joined.text
    body = joined.json()
    assert (body["slug"], body["kpp"], body["status"]) == ("obraztsov", None, "active")
    [told] = [
        json.loads(row["body"])
        for row in await cluster.service.told("membership.member.joined.v1")
        if row["aggregate_id"].hex == body["id"].replace("-", "")
    ]
    assert told == {
        "member_id": body["id"],
        "slug": "obraztsov",
        "kind": "employer",
        "is_state": False,
        "vat_regime": "general",
        "joined_on": cluster.day(0),
    }
    [noted] = await cluster.service.sql(
        "SELECT * FROM audit WHERE action = 'member.joined' AND object_id = $1::text::uuid",
        body["id"],
    )
    assert noted["person_id"] == cluster.administrator


async def test_nobody_but_the_administrator_enters_members(cluster: Cluster) -> None:
    assert (await cluster.post("/members", None, **card("roslavl"))).status_code == 401
    for role in set(Role) - {Role.ADMINISTRATOR}:
        headers = cluster.service.as_(cluster.college, role)
        refused = await cluster.post("/members", headers, **card("roslavl"))
        assert (refused.status_code, refused.json()["code"]) == (403, "role-missing")


WRONG_CARDS: list[tuple[dict[str, Any], str]] = [
    ({"inn": "6799000051"}, "body.inn"),
    ({"inn": "６７９９０００050"}, "body.inn"),
    ({"ogrn": "1996700000054"}, "body.ogrn"),
    ({"kpp": "x"}, "body.kpp"),
    ({"bank_account": "40702810900000000006"}, "body.bank_account"),
    ({"bik": None}, "body.bik"),
    ({"slug": "Roslavl"}, "body.slug"),
    ({"slug": "roslavl\n"}, "body.slug"),
    ({"name": "\x00"}, "body.name"),
    ({"name": "x" * 201}, "body.name"),
    ({"joined_on": "2199-01-01"}, "body.joined_on"),
    ({"joined_on": "9999-12-31"}, "body.joined_on"),
    ({"vat_regime": "none"}, "body.vat_regime"),
    ({"kind": "cluster"}, "body.kind"),
    ({"inn": ""}, "body.inn"),
    ({"inn": None}, "body.inn"),
    ({"ogrn": None}, "body.ogrn"),
]


async def test_i1_i7_a_card_that_cannot_be_right_is_422_beside_the_field(cluster: Cluster) -> None:
    headers = cluster.as_administrator()
    for wrong, at in WRONG_CARDS:
        refused = await cluster.post("/members", headers, **card("roslavl", **wrong))
        assert refused.status_code == 422, wrong
        assert [fault["at"] for fault in refused.json()["errors"]] == [at], wrong
        assert refused.json()["title"]


async def test_i7_an_organisation_is_a_member_once(cluster: Cluster) -> None:
    twice = await cluster.post(
        "/members", cluster.as_administrator(), **card("smolapo", slug="other")
    )
    assert (twice.status_code, twice.json()["code"]) == (409, "member-known")
    branch = await cluster.post(
        "/members", cluster.as_administrator(), **card("smolapo", slug="branch", kpp="679902001")
    )
    assert branch.status_code == 201
    for expected in (201, 409):  # a sole proprietor has no КПП, and none equals none
        sole = await cluster.post(
            "/members", cluster.as_administrator(), **card("obraztsov", slug=f"sole-{expected}")
        )
        assert sole.status_code == expected


async def test_i7_of_many_who_enter_one_organisation_at_once_one_wins(cluster: Cluster) -> None:
    answers = await asyncio.gather(
        *(
            cluster.post(
                "/members", cluster.as_administrator(), **card("roslavl", slug=f"roslavl-{number}")
            )
            for number in range(5)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]


async def test_a_slug_is_one_members(cluster: Cluster) -> None:
    taken = await cluster.post(
        "/members", cluster.as_administrator(), **card("roslavl", slug="smolapo")
    )
    assert (taken.status_code, taken.json()["code"]) == (409, "slug-taken")


async def test_i7_who_has_left_may_join_again(cluster: Cluster) -> None:
    left = await cluster.post(
        f"/members/{cluster.college}/withdraw", cluster.as_college(), effective_on=cluster.day(0)
    )
    assert left.status_code == 200
    again = await cluster.post(
        "/members", cluster.as_administrator(), **card("smolapo", slug="smolapo-again")
    )
    assert again.status_code == 201


# --- leaving -----------------------------------------------------------------------------------


async def test_i2_a_member_leaves_today_without_anybodys_approval(cluster: Cluster) -> None:
    left = await cluster.post(
        f"/members/{cluster.college}/withdraw", cluster.as_college(), effective_on=cluster.day(0)
    )
    assert left.status_code == 200
    assert (left.json()["status"], left.json()["leaving_on"]) == ("withdrawn", cluster.day(0))
    assert await subjects(cluster) == list(WITHDRAWALS)
    assert await cluster.service.due() == 0
    assert await subjects(cluster) == list(WITHDRAWALS)


async def test_i2_a_member_leaves_on_the_day_it_named_and_that_is_told_once(
    cluster: Cluster,
) -> None:
    given = await cluster.post(
        f"/members/{cluster.college}/withdraw", cluster.as_college(), effective_on=cluster.day(2)
    )
    assert (given.status_code, given.json()["status"]) == (200, "leaving")
    assert await subjects(cluster) == list(WITHDRAWALS[:1])
    named = cluster.day(2)
    cluster.service.clock.pass_(days=1)
    assert await cluster.service.due() == 0
    cluster.service.clock.pass_(days=1)
    seen = (await cluster.get(f"/members/{cluster.college}")).json()
    assert seen["status"] == "withdrawn"  # by the date, before anything has run
    await asyncio.gather(*(cluster.service.due() for _ in range(4)))
    assert await cluster.service.due() == 0
    assert await subjects(cluster) == list(WITHDRAWALS)
    [told] = await cluster.service.told(WITHDRAWALS[1])
    assert json.loads(told["body"])["withdrawn_on"] == named


async def test_the_day_is_moscows(cluster: Cluster) -> None:
    midnight = cluster.service.clock().replace(hour=20, minute=59, second=50)
    cluster.service.clock.set(midnight)  # 23:59:50 in Moscow
    await cluster.post(
        f"/members/{cluster.college}/withdraw", cluster.as_college(), effective_on=cluster.day(1)
    )
    assert (await cluster.get(f"/members/{cluster.college}")).json()["status"] == "leaving"
    cluster.service.clock.pass_(seconds=20)
    assert (await cluster.get(f"/members/{cluster.college}")).json()["status"] == "withdrawn"


async def test_only_a_coordinator_of_that_very_member_gives_its_notice(cluster: Cluster) -> None:
    path = f"/members/{cluster.college}/withdraw"
    body = {"effective_on": cluster.day(5)}
    assert (await cluster.post(path, None, **body)).status_code == 401
    assert (await cluster.post(path, cluster.as_firm(), **body)).status_code == 404
    assert (await cluster.post(path, cluster.as_administrator(), **body)).status_code == 404
    for role in set(Role) - {Role.COORDINATOR}:
        headers = cluster.service.as_(cluster.college, role)
        assert (await cluster.post(path, headers, **body)).status_code == 403
    assert await subjects(cluster) == []


async def test_what_is_wrong_is_answered_in_the_promised_order(cluster: Cluster) -> None:
    past, path = {"effective_on": cluster.day(-1)}, f"/members/{new_id()}/withdraw"
    assert (await cluster.post(path, None, **past)).status_code == 401
    approver = cluster.service.as_(cluster.firm, Role.APPROVER)
    assert (await cluster.post(path, approver, **past)).status_code == 422
    soon = {"effective_on": cluster.day(1)}
    assert (await cluster.post(path, approver, **soon)).status_code == 404
    own = f"/members/{cluster.firm}/withdraw"
    assert (await cluster.post(own, cluster.as_firm(), **soon)).status_code == 200
    later = {"effective_on": cluster.day(2)}
    assert (await cluster.post(own, approver, **later)).status_code == 403
    refused = await cluster.post(own, cluster.as_firm(), **later)
    assert (refused.status_code, refused.json()["code"]) == (409, "wrong-status")


async def test_r5_1_a_day_that_cannot_be_is_422(cluster: Cluster) -> None:
    for effective_on in ("2020-01-01", "2199-01-01", "2026-13-01", "0001-01-01", "x", 5, None):
        refused = await cluster.post(
            f"/members/{cluster.college}/withdraw", cluster.as_college(), effective_on=effective_on
        )
        assert refused.status_code == 422, effective_on
        assert refused.json()["errors"][0]["at"].startswith("body.effective_on")


async def test_r5_1_notice_is_given_once_and_repeated_harmlessly(cluster: Cluster) -> None:
    path = f"/members/{cluster.college}/withdraw"
    for _ in range(2):
        given = await cluster.post(path, cluster.as_college(), effective_on=cluster.day(9))
        assert given.status_code == 200
    assert await subjects(cluster) == list(WITHDRAWALS[:1])
    for days in (8, 10):
        other = await cluster.post(path, cluster.as_college(), effective_on=cluster.day(days))
        assert (other.status_code, other.json()["code"]) == (409, "wrong-status")


async def test_notice_on_a_card_that_changed_meanwhile_is_412(cluster: Cluster) -> None:
    path = f"/members/{cluster.college}/withdraw"
    read = {**cluster.as_college(), "If-Match": '"1"'}
    assert (await cluster.post(path, read, effective_on=cluster.day(9))).status_code == 200
    stale = await cluster.post(path, read, effective_on=cluster.day(9))
    assert (stale.status_code, stale.json()["code"]) == (412, "changed-meanwhile")
