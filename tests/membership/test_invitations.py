"""People are invited by a letter, and accept with a new account or with the one they have."""

import asyncio
from typing import Any

import httpx

from services.membership.domain.invitations import INVITATIONS_MAX
from shared.identity import Role
from shared.ids import new_id
from tests.membership.cluster import API, PASSWORD, Cluster
from tests.membership.letters import letters, newest_token

NAME = {"family_name": "Сомов", "given_name": "Лев", "patronymic": "Ильич"}
INVITED = "Lev.Somov@artel.demo"


async def invite(cluster: Cluster, headers: dict[str, str] | None = None, **other: Any) -> str:
    """Invites somebody to the college, unless told otherwise; the token of the letter's link."""
    body = {"email": INVITED, "roles": ["mentor"], **other}
    made = await cluster.post("/invitations", headers or cluster.as_college(), **body)
    assert made.status_code == 201, made.text
    return await newest_token(cluster, "invite")


async def accept(cluster: Cluster, token: str, **other: Any) -> httpx.Response:
    body = {"token": token, "password": PASSWORD, **NAME, **other}
    return await cluster.post("/invitations/accept", None, **body)


async def test_who_was_invited_opens_an_account_by_the_letter(cluster: Cluster) -> None:
    token = await invite(cluster)
    [letter] = await letters(cluster, "invite")
    assert letter["address"] == INVITED.lower()
    assert "Академия" in letter["words"]
    for _ in range(2):
        seen = await cluster.post("/invitations/look", None, token=token)
        assert (seen.json()["member_id"], seen.json()["roles"], seen.json()["has_account"]) == (
            str(cluster.college),
            ["mentor"],
            False,
        )
    accepted = await accept(cluster, token)
    assert accepted.status_code == 201, accepted.text
    assert accepted.json()["member_id"] == str(cluster.college)
    assert (await cluster.sign_in("lev.somov")).json()["roles"] == ["mentor"]
    rows = await cluster.service.sql(
        "SELECT granted_by FROM roles WHERE person_id = $1::text::uuid",
        accepted.json()["person_id"],
    )
    assert [row["granted_by"] for row in rows] == [cluster.people["college"]]
    again = await accept(cluster, token)
    assert (again.status_code, again.json()["code"]) == (404, "link-over")


async def test_one_person_acts_for_several_members_by_one_account(cluster: Cluster) -> None:
    token = await invite(cluster, email="firm@artel.demo", roles=["finance"])
    seen = await cluster.post("/invitations/look", None, token=token)
    assert seen.json()["has_account"]
    wrong = await accept(cluster, token, password="not the password")
    assert (wrong.status_code, wrong.json()["code"]) == (401, "wrong-credentials")
    accepted = await accept(cluster, token, family_name=None, given_name=None)
    assert accepted.json()["person_id"] == str(cluster.people["firm"])
    signed_in = (await cluster.sign_in("firm")).json()
    held = {each["id"]: each["roles"] for each in signed_in["members"]}
    assert held == {str(cluster.college): ["finance"], str(cluster.firm): ["coordinator"]}
    assert signed_in["member_id"] is None, "who acts for several chooses"


async def test_an_account_at_another_address_accepts_too(cluster: Cluster) -> None:
    accepted = await accept(cluster, await invite(cluster), email="firm@artel.demo")
    assert accepted.json()["person_id"] == str(cluster.people["firm"])
    token = await invite(cluster, email="other@artel.demo")
    unknown = await accept(cluster, token, email="nobody@artel.demo")
    assert (unknown.status_code, unknown.json()["code"]) == (401, "wrong-credentials")


async def test_whoever_runs_the_installation_accepts_no_invitation(cluster: Cluster) -> None:
    refused = await accept(cluster, await invite(cluster, email="admin@artel.demo"))
    assert (refused.status_code, refused.json()["code"]) == (409, "administrator-acts-for-nobody")


async def test_what_is_missing_to_accept_is_said_and_the_link_stays_good(cluster: Cluster) -> None:
    token = await invite(cluster)
    for other, at in (
        ({"family_name": None}, "body.family_name"),
        ({"given_name": None}, "body.family_name"),
        ({"password": "short"}, "body.password"),
        ({"password": INVITED}, "body.password"),
        ({"email": "nobody"}, "body.email"),
    ):
        refused = await accept(cluster, token, **other)
        assert (refused.status_code, refused.json()["errors"][0]["at"]) == (422, at)
    assert (await accept(cluster, token)).status_code == 201


async def test_a_link_that_is_old_or_taken_back_is_good_for_nothing(cluster: Cluster) -> None:
    first = await invite(cluster)
    second = await invite(cluster, roles=["expert", "mentor"])
    assert (await accept(cluster, first)).status_code == 404, "another letter replaced it"
    [waiting] = (await cluster.get("/invitations", cluster.as_college())).json()["items"]
    assert waiting["roles"] == ["expert", "mentor"]
    path = f"{API}/invitations/{waiting['id']}"
    for headers, status in (
        (cluster.as_firm(), 404),
        (cluster.service.as_(cluster.college, Role.MENTOR), 403),
        (cluster.as_college(), 204),
        (cluster.as_college(), 204),
    ):
        assert (await cluster.service.client.delete(path, headers=headers)).status_code == status
    assert (await accept(cluster, second)).status_code == 404
    late = await invite(cluster, email="late@artel.demo")
    cluster.service.clock.pass_(days=14)
    for asked in ("look", "accept"):
        body = {"password": PASSWORD} if asked == "accept" else {}
        answer = await cluster.post(f"/invitations/{asked}", None, token=late, **body)
        assert (answer.status_code, answer.json()["code"]) == (404, "link-over")
    assert (await cluster.get("/invitations", cluster.as_college())).json()["items"] == []


async def test_an_address_that_was_invited_is_forgotten_with_its_link(cluster: Cluster) -> None:
    await invite(cluster)
    cluster.service.clock.pass_(days=14)
    await cluster.service.due()
    [row] = await cluster.service.sql("SELECT email FROM invitations")
    assert row["email"] is None
    log = await cluster.get(f"/members/{cluster.college}/log", cluster.as_college())
    assert "invitation.made" in [line["action"] for line in log.json()["items"]]
    await invite(cluster)
    assert len(await cluster.service.sql("SELECT FROM invitations")) == 2


async def test_no_address_of_an_invitation_is_noted_told_or_kept_with_an_answer(
    cluster: Cluster,
) -> None:
    headers = {**cluster.as_college(), "Idempotency-Key": "x"}
    await accept(cluster, await invite(cluster, headers))
    for table in ("outbox", "audit"):
        rows = await cluster.service.sql(f"SELECT x::text AS row FROM {table} x")
        written = " ".join(row["row"] for row in rows).lower()
        assert not [word for word in ("somov", "сомов", "@") if word in written]
    [kept] = await cluster.service.sql("SELECT convert_from(body, 'UTF8') AS body FROM idempotency")
    assert "@" not in kept["body"]


async def test_who_may_invite_whom_to_what(cluster: Cluster) -> None:
    own = {"email": INVITED, "roles": ["mentor"]}
    for headers, other, status, code in (
        (cluster.as_college(), {"member_id": str(cluster.firm)}, 404, "not-found"),
        (cluster.as_college(), {"member_id": str(new_id())}, 404, "not-found"),
        (cluster.service.as_(cluster.college, Role.FINANCE), {}, 403, "role-missing"),
        (cluster.as_college(), {"roles": ["council_head"]}, 409, "council-decides"),
        (cluster.as_college(), {"roles": ["administrator"]}, 422, "invalid"),
        (cluster.as_college(), {"roles": []}, 422, "invalid"),
        (cluster.as_administrator(), {}, 422, "invalid"),
        (cluster.as_administrator(), {"member_id": str(cluster.firm)}, 201, None),
    ):
        answer = await cluster.post("/invitations", headers, **(own | other))
        assert (answer.status_code, answer.json().get("code")) == (status, code), answer.text


async def test_letters_and_invitations_are_no_flood(cluster: Cluster) -> None:
    for _ in range(3):
        await invite(cluster)
    body = {"email": INVITED, "roles": ["mentor"]}
    refused = await cluster.post("/invitations", cluster.as_college(), **body)
    assert (refused.status_code, refused.json()["code"]) == (429, "too-many-letters")
    await cluster.service.sql(
        "INSERT INTO invitations SELECT gen_random_uuid(), $1, n::text, '{mentor}', $1, now(),"
        " now() + interval '9 days' FROM generate_series(2, $2::int) n",
        cluster.college,
        INVITATIONS_MAX,
    )
    body["email"] = "one.more@artel.demo"
    refused = await cluster.post("/invitations", cluster.as_college(), **body)
    assert (refused.status_code, refused.json()["code"]) == (409, "too-many-invitations")


async def test_a_letter_is_accepted_once_also_by_two_at_once(cluster: Cluster) -> None:
    token = await invite(cluster)
    answers = await asyncio.gather(*(accept(cluster, token) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [201, 404, 404]
