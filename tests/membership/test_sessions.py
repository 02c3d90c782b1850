"""Signing in, staying signed in, signing out: through HTTP, on a real PostgreSQL."""

import asyncio
import threading
import time

from services.membership.commands import passwords
from services.membership.domain.accounts import FAILURES_MAX
from shared.identity import Role
from shared.ids import new_id
from tests.harness import Moment, Servers, running, until
from tests.membership.cluster import PASSWORD, Cluster

BEARER = "Authorization"


def bearer(answer: dict[str, str]) -> dict[str, str]:
    return {BEARER: f"Bearer {answer['access_token']}"}


async def test_one_who_acts_for_one_member_gets_it_chosen(cluster: Cluster) -> None:
    signed_in = await cluster.sign_in("college")
    assert signed_in.status_code == 201
    body = signed_in.json()
    assert body["token_type"] == "Bearer"
    assert body["expires_in"] >= 600
    assert body["member_id"] == str(cluster.college)
    assert body["roles"] == ["coordinator"]
    assert body["members"] == [
        {
            "id": str(cluster.college),
            "slug": "smolapo",
            "name": "Академия профессионального образования (демо)",
            "roles": ["coordinator"],
        }
    ]
    actor = cluster.service.runtime.verifier.actor(body["access_token"], cluster.service.clock())
    assert actor.person_id == cluster.people["college"]
    assert (actor.member_id, actor.roles) == (cluster.college, frozenset({Role.COORDINATOR}))


async def test_one_who_acts_for_several_chooses_at_sign_in_or_later(cluster: Cluster) -> None:
    person = await cluster.register("both", cluster.college, Role.MENTOR)
    granted = await cluster.post(
        f"/accounts/{person}/roles",
        cluster.as_administrator(),
        member_id=str(cluster.firm),
        roles=["expert", "finance"],
    )
    assert granted.status_code == 200, granted.text

    undecided = (await cluster.sign_in("both")).json()
    assert (undecided["member_id"], undecided["roles"]) == (None, [])
    assert [member["slug"] for member in undecided["members"]] == ["smolapo", "stankoservis"]

    chosen = (await cluster.sign_in("both", member_id=str(cluster.firm))).json()
    assert (chosen["member_id"], chosen["roles"]) == (str(cluster.firm), ["expert", "finance"])

    later = await cluster.post(
        "/sessions/refresh",
        refresh_token=undecided["refresh_token"],
        member_id=str(cluster.college),
    )
    assert later.status_code == 200
    assert (later.json()["member_id"], later.json()["roles"]) == (str(cluster.college), ["mentor"])
    again = await cluster.post("/sessions/refresh", refresh_token=later.json()["refresh_token"])
    assert again.json()["member_id"] == str(cluster.college)


async def test_who_has_not_chosen_yet_may_look_at_the_session_and_sign_out(
    cluster: Cluster,
) -> None:
    person = await cluster.register("both", cluster.college, Role.MENTOR)
    await cluster.post(
        f"/accounts/{person}/roles",
        cluster.as_administrator(),
        member_id=str(cluster.firm),
        roles=["mentor"],
    )
    undecided = bearer((await cluster.sign_in("both")).json())
    assert (await cluster.get("/sessions/current", undecided)).json()["member_id"] is None
    assert (await cluster.get("/agreements", undecided)).status_code == 403
    signed_out = await cluster.service.client.delete(
        "/api/membership/sessions/current", headers=undecided
    )
    assert signed_out.status_code == 204


async def test_a_member_that_is_not_theirs_is_404_and_starts_no_session(cluster: Cluster) -> None:
    for member_id in (cluster.firm, new_id()):
        refused = await cluster.sign_in("college", member_id=str(member_id))
        assert refused.status_code == 404
    assert await cluster.service.sql("SELECT FROM sessions") == []


async def test_a_wrong_password_and_an_unknown_email_look_alike(cluster: Cluster) -> None:
    wrong = await cluster.sign_in("college", "wrong")
    unknown = await cluster.sign_in("nobody", "wrong")
    for refused in (wrong, unknown):
        assert refused.status_code == 401
        assert refused.json()["code"] == "wrong-credentials"
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.headers["www-authenticate"] == "Bearer"
    assert wrong.json() | {"trace_id": ""} == unknown.json() | {"trace_id": ""}


async def test_an_unknown_email_takes_as_long_as_a_wrong_password(cluster: Cluster) -> None:
    async def seconds(name: str) -> float:
        begun = time.perf_counter()
        await cluster.sign_in(name, "wrong")
        return time.perf_counter() - begun

    known = min([await seconds("college") for _ in range(3)])
    unknown = min([await seconds("nobody") for _ in range(3)])
    assert unknown > known / 2


async def test_an_email_is_known_however_it_is_typed(cluster: Cluster) -> None:
    typed = await cluster.post("/sessions", email=" College@ARTEL.demo ", password=PASSWORD)
    assert typed.status_code == 201


async def test_ten_failures_lock_an_email_for_ten_minutes_whether_it_is_known_or_not(
    cluster: Cluster,
) -> None:
    for name in ("college", "nobody"):
        for _ in range(FAILURES_MAX):
            assert (await cluster.sign_in(name, "wrong")).status_code == 401
        locked = await cluster.sign_in(name)
        assert locked.status_code == 429
        assert locked.json()["code"] == "too-many-failures"
        assert 0 < int(locked.headers["retry-after"]) <= 600
    assert (await cluster.sign_in("firm")).status_code == 201
    cluster.service.clock.pass_(minutes=10)
    assert (await cluster.sign_in("college")).status_code == 201
    assert (await cluster.sign_in("nobody")).status_code == 401


async def test_success_forgets_the_failures_before(cluster: Cluster) -> None:
    for _ in range(2):
        assert (await cluster.sign_in("college", "wrong")).status_code == 401
        await cluster.service.sql("UPDATE sign_in_failures SET count = $1", FAILURES_MAX - 1)
        assert (await cluster.sign_in("college")).status_code == 201


async def test_a_password_guessed_among_many_at_once_is_refused(cluster: Cluster) -> None:
    wrong = [cluster.sign_in("college", f"wrong {number}") for number in range(2 * FAILURES_MAX)]
    *_, right = await asyncio.gather(*wrong, cluster.sign_in("college"))
    assert right.status_code == 429


async def test_many_sign_in_at_once(cluster: Cluster) -> None:
    answers = await asyncio.gather(*(cluster.sign_in("college") for _ in range(12)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["refresh_token"] for answer in answers}) == 12


async def test_no_connection_is_held_while_a_password_is_hashed(cluster: Cluster) -> None:
    gate = threading.Event()
    threads, queue = passwords._THREADS, passwords._THREADS._work_queue
    blocked = [threads.submit(gate.wait) for _ in range(2)]
    try:
        headers = cluster.as_college()
        waiting = [
            asyncio.create_task(cluster.sign_in("college")),
            asyncio.create_task(cluster.sign_in("nobody")),
            asyncio.create_task(
                cluster.post("/accounts/current/password", headers, old=PASSWORD, new="1" * 30)
            ),
        ]

        async def all_wait() -> bool:
            return queue.qsize() == len(waiting)

        await until(all_wait)
        pool = cluster.service.runtime.database._pool
        assert pool.get_size() == pool.get_idle_size()
    finally:
        gate.set()
    answers = await asyncio.gather(*waiting)
    assert all(future.result() for future in blocked)
    assert [answer.status_code for answer in answers] == [201, 401, 204]


async def test_a_refresh_token_is_used_once_and_a_spent_one_ends_the_session(
    cluster: Cluster,
) -> None:
    first = (await cluster.sign_in("college")).json()
    second = await cluster.post("/sessions/refresh", refresh_token=first["refresh_token"])
    assert second.status_code == 200
    assert set(second.json()) == set(first)
    third = await cluster.post("/sessions/refresh", refresh_token=second.json()["refresh_token"])
    assert third.status_code == 200
    assert (await cluster.get("/sessions/current", bearer(third.json()))).status_code == 200

    spent = await cluster.post("/sessions/refresh", refresh_token=first["refresh_token"])
    assert (spent.status_code, spent.json()["code"]) == (401, "session-over")
    newest = await cluster.post("/sessions/refresh", refresh_token=third.json()["refresh_token"])
    assert newest.status_code == 401
    assert (await cluster.get("/sessions/current", bearer(third.json()))).status_code == 401
    [ended] = await cluster.service.sql("SELECT * FROM audit WHERE action = 'session.ended'")
    assert ended["reason"] == "a spent refresh token was used again"


async def test_a_lasting_token_is_used_again_and_at_once_until_its_session_ends(
    cluster: Cluster,
) -> None:
    first = (await cluster.sign_in("college", is_lasting=True)).json()
    kept = first["refresh_token"]

    async def refresh(token: str) -> tuple[int, str]:
        answer = await cluster.post("/sessions/refresh", refresh_token=token)
        return answer.status_code, answer.json().get("refresh_token") or answer.json()["code"]

    assert await asyncio.gather(*(refresh(kept) for _ in range(8))) == [(200, kept)] * 8
    forged = f"{kept[:-4]}{'AAAA' if kept[-4:] != 'AAAA' else 'BBBB'}"
    assert await refresh(forged) == (401, "session-over")
    assert await refresh(kept) == (200, kept), "a wrong guess ends nobody's session"
    ended = await cluster.service.client.delete(
        "/api/membership/sessions/current", headers=bearer(first)
    )
    assert ended.status_code == 204
    assert await refresh(kept) == (401, "session-over")


async def test_of_many_refreshes_at_once_one_wins(cluster: Cluster) -> None:
    token = (await cluster.sign_in("college")).json()["refresh_token"]
    [session] = await cluster.service.sql("SELECT id FROM sessions")
    async with cluster.held("sessions", session["id"]):
        refreshing = [
            asyncio.create_task(cluster.post("/sessions/refresh", refresh_token=token))
            for _ in range(3)
        ]
        await cluster.waiting(3)
    answers = await asyncio.gather(*refreshing)
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401]


async def test_a_refresh_for_a_member_that_is_not_theirs_spends_nothing(cluster: Cluster) -> None:
    token = (await cluster.sign_in("college")).json()["refresh_token"]
    refused = await cluster.post(
        "/sessions/refresh", refresh_token=token, member_id=str(cluster.firm)
    )
    assert refused.status_code == 404
    assert (await cluster.post("/sessions/refresh", refresh_token=token)).status_code == 200


async def test_a_refresh_sees_the_roles_of_now(cluster: Cluster) -> None:
    person = await cluster.register("mentor", cluster.college, Role.MENTOR)
    token = (await cluster.sign_in("mentor")).json()["refresh_token"]
    for granted, expected, member_id in (
        (["expert"], ["expert"], str(cluster.college)),
        ([], [], None),
    ):
        await cluster.post(f"/accounts/{person}/roles", cluster.as_college(), roles=granted)
        answer = (await cluster.post("/sessions/refresh", refresh_token=token)).json()
        assert (answer["roles"], answer["member_id"]) == (expected, member_id)
        token = answer["refresh_token"]


async def test_a_token_that_is_none_of_ours_is_401(cluster: Cluster) -> None:
    for token in ("", "x", "ж", "A" * 64, "A" * 65, "A" * 200, "!" * 64):
        refused = await cluster.post("/sessions/refresh", refresh_token=token)
        assert (refused.status_code, refused.json()["code"]) == (401, "session-over"), token


async def test_a_session_lasts_thirty_days_and_is_then_forgotten(cluster: Cluster) -> None:
    token = (await cluster.sign_in("college")).json()["refresh_token"]
    cluster.service.clock.pass_(days=29, hours=23)
    answer = await cluster.post("/sessions/refresh", refresh_token=token)
    assert answer.status_code == 200
    assert await cluster.service.due() == 0
    cluster.service.clock.pass_(hours=1)
    over = await cluster.post("/sessions/refresh", refresh_token=answer.json()["refresh_token"])
    assert over.status_code == 401
    assert await cluster.service.due() == 1
    assert await cluster.service.sql("SELECT FROM sessions") == []


async def test_failures_are_forgotten_when_they_no_longer_count(cluster: Cluster) -> None:
    await cluster.sign_in("nobody", "wrong")
    assert await cluster.service.due() == 0
    cluster.service.clock.pass_(minutes=10)
    assert await cluster.service.due() == 1


async def test_signing_out_ends_the_session(cluster: Cluster) -> None:
    body = (await cluster.sign_in("college")).json()
    for _ in range(2):
        ended = await cluster.service.client.delete(
            "/api/membership/sessions/current", headers=bearer(body)
        )
        assert (ended.status_code, ended.content) == (204, b"")
    refused = await cluster.post("/sessions/refresh", refresh_token=body["refresh_token"])
    assert refused.status_code == 401
    assert (await cluster.get("/sessions/current", bearer(body))).status_code == 401


async def test_who_am_i(cluster: Cluster) -> None:
    body = (await cluster.sign_in("firm")).json()
    me = (await cluster.get("/sessions/current", bearer(body))).json()
    assert me["person"]["person_id"] == str(cluster.people["firm"])
    assert me["person"]["email"] == "firm@artel.demo"
    assert (me["member_id"], me["roles"]) == (str(cluster.firm), ["coordinator"])
    assert (await cluster.get("/sessions/current")).status_code == 401


async def test_a_sign_in_is_noted_and_told_to_nobody(cluster: Cluster) -> None:
    before = len(await cluster.service.told())
    await cluster.sign_in("college")
    [noted] = await cluster.service.sql("SELECT * FROM audit WHERE action = 'session.started'")
    assert noted["person_id"] == cluster.people["college"]
    assert noted["member_id"] == cluster.college
    assert len(await cluster.service.told()) == before


async def test_secrets_are_kept_as_hashes_alone(cluster: Cluster) -> None:
    token = (await cluster.sign_in("college")).json()["refresh_token"]
    [session] = await cluster.service.sql("SELECT sessions::text AS row FROM sessions")
    [account] = await cluster.service.sql(
        "SELECT password_hash FROM accounts WHERE person_id = $1", cluster.people["college"]
    )
    assert token not in session["row"]
    assert account["password_hash"].startswith("$argon2id$v=19$m=19456,t=2,p=1$")


async def test_an_access_token_ends_after_its_time(servers: Servers, clock: Moment) -> None:
    async with running(servers, "membership", clock, token_seconds=600) as service:
        cluster = await Cluster(service).lay()
        body = (await cluster.sign_in("college")).json()
        assert body["expires_in"] == 600
        assert (await cluster.get("/sessions/current", bearer(body))).status_code == 200
        service.clock.pass_(minutes=10)
        assert (await cluster.get("/sessions/current", bearer(body))).status_code == 401
