"""The demo: laid once, by the same commands as everybody's data."""

import asyncio
import json
from collections.abc import AsyncIterator
from uuid import UUID

import pytest_asyncio

from services.membership.demo import CHECKED, MEMBERS, NEWCOMER
from shared.identity import Role
from tests.harness import Moment, Running, Servers, running, until
from tests.membership.cluster import API

SLUGS = [
    "smolapo",
    "smolgrad",
    "verhnedneprovsk",
    "vyazma",
    "roslavl",
    "safonovo",
    "university",
    "aviapribor",
    "dneprochem",
    "stankoservis",
    "promsvar",
    "energoseti",
    "agrovyazma",
    "ministry",
    "obraztsov",
]
ALL_OF_A_MEMBER = ["approver", "auditor", "coordinator", "expert", "finance", "mentor"]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def demo(servers: Servers) -> AsyncIterator[Running]:
    """Membership with its demo, which two replicas laid at the same time."""
    async with running(servers, "membership", Moment(), demo=True) as service:
        assert (await service.client.get(f"{API}/health/ready")).status_code == 503
        await asyncio.gather(lay(service), lay(service))
        yield service


async def lay(service: Running) -> None:
    assert service.runtime.service.demo is not None
    await service.runtime.service.demo(service.runtime)


async def test_the_demo_is_laid_once_also_by_two_replicas_and_makes_ready(demo: Running) -> None:
    told = await demo.told()
    await lay(demo)
    assert len(await demo.told()) == len(told)
    assert told[-1]["subject"] == "membership.demo.laid.v1"
    assert [
        json.loads(row["body"])["slug"]
        for row in told
        if row["subject"] == "membership.member.joined.v1"
    ] == SLUGS

    async def is_ready() -> bool:
        return (await demo.client.get(f"{API}/health/ready")).status_code == 200

    await until(is_ready)


async def test_everybody_of_the_demo_signs_in_and_the_agreements_stand(demo: Running) -> None:
    rows = await demo.sql("SELECT email FROM accounts")
    assert {row["email"] for row in rows} == {
        "admin@artel.demo",
        *(
            f"{post}@{slug}.demo"
            for slug in SLUGS
            for post in ("coordinator", "approver", "finance")
        ),
    }
    for email, roles in (
        ("coordinator@smolapo.demo", ALL_OF_A_MEMBER),
        ("coordinator@obraztsov.demo", ALL_OF_A_MEMBER),
        ("approver@smolapo.demo", ["approver"]),
        ("finance@vyazma.demo", ["finance"]),
        ("admin@artel.demo", ["administrator"]),
    ):
        answer = await demo.client.post(
            f"{API}/sessions", json={"email": email, "password": "demo"}
        )
        assert answer.status_code == 201
        assert answer.json()["roles"] == roles

    members = (await demo.client.get(f"{API}/members")).json()["items"]
    ids = {member["slug"]: member["id"] for member in members}
    assert all("(демо)" in member["name"] for member in members)
    assert {member["status"] for member in members} == {"active"}
    states = await demo.sql("SELECT slug FROM members WHERE is_state")
    assert {row["slug"] for row in states} == {*SLUGS[:6], "ministry"}
    kinds = {member["slug"]: member["kind"] for member in members}
    assert [kinds[slug] for slug in SLUGS] == (
        ["college"] * 6 + ["university"] + ["employer"] * 6 + ["authority", "employer"]
    )

    expected = {
        ("network_form", "verhnedneprovsk", "smolapo"),
        ("network_form", "vyazma", "safonovo"),
        ("services", "stankoservis", "smolapo"),
    }
    active = [
        json.loads(row["body"]) for row in await demo.told("membership.agreement.activated.v1")
    ]
    slugs = {member_id: slug for slug, member_id in ids.items()}
    assert {
        (event["kind"], *(slugs[party_id] for party_id in event["party_ids"])) for event in active
    } == expected
    for slug in ("smolapo", "stankoservis"):
        headers = demo.as_(await member_id(demo, slug), Role.COORDINATOR)
        seen = (await demo.client.get(f"{API}/agreements?status=active", headers=headers)).json()
        assert len(seen["items"]) == sum(slug in agreement for agreement in expected)


async def test_newcomers_wait_and_administrators_read_the_mailbox(demo: Running) -> None:
    administrator = demo.as_(None, Role.ADMINISTRATOR)
    listed = await demo.client.get(f"{API}/applications", headers=administrator)
    checked, waiting = listed.json()["items"]
    assert (waiting["name"], waiting["status"]) == (NEWCOMER.name, "submitted")
    assert (checked["name"], checked["status"]) == (CHECKED.name, "checked")
    mailbox = await demo.client.get(f"{API}/letters", headers=administrator)
    address = NEWCOMER.contact.email
    letters = [each for each in mailbox.json()["items"] if each["address"] == address]
    assert [letter["kind"] for letter in letters] == ["follow", "confirm"]
    followed = await demo.client.post(
        f"{API}/applications/look", json={"token": letters[0]["token"]}
    )
    assert followed.json()["id"] == waiting["id"]


async def member_id(demo: Running, slug: str) -> UUID:
    [row] = await demo.sql("SELECT id FROM members WHERE slug = $1", slug)
    found: UUID = row["id"]
    return found


def test_nothing_of_the_demo_is_an_organisation_in_life() -> None:
    for card in (*MEMBERS, NEWCOMER, CHECKED):
        assert card.inn.startswith("6799")  # a tax office that does not exist
        assert "(демо)" in card.name
        assert "(демо)" in card.full_name
