"""What surrounds every route: problems, bounds, keys, tokens, health; shown on workshops' app."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from shared.identity import Role
from shared.ids import new_id
from tests.harness import Moment, Running, Servers, running
from tests.workshops.facts import Known

BOOKINGS = "/api/workshops/bookings"


@pytest.fixture
async def known(workshops: Running) -> Known:
    return await Known(workshops).lay()


def is_problem(answer: httpx.Response, status: int, code: str) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["title"]
    assert (body["status"], body["code"]) == (status, code)


async def test_a_body_beyond_the_limit_is_413_and_the_client_can_read_it(known: Known) -> None:
    headers = known.service.as_(known.college, Role.COORDINATOR)

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(50):
            yield b" " * 1_000_000

    for content in (b" " * 1_500_000, chunks()):
        answer = await known.service.client.post(BOOKINGS, content=content, headers=headers)
        is_problem(answer, 413, "too-large")


async def test_unknown_paths_and_wrong_methods_are_problems_too(known: Known) -> None:
    client = known.service.client
    is_problem(await client.get("/api/workshops/nothing"), 404, "not-found")
    is_problem(await client.delete(BOOKINGS), 405, "http")


async def test_every_answer_has_safe_headers(known: Known) -> None:
    answer = await known.service.client.get("/api/workshops/workshops")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"


async def test_a_trace_is_continued_into_the_outbox_and_the_audit(known: Known) -> None:
    trace_id = "0af7651916cd43dd8448eb211c80319c"
    headers = {
        **known.service.as_(known.college, Role.COORDINATOR),
        "Idempotency-Key": str(new_id()),
        "traceparent": f"00-{trace_id}-b7ad6b7169203331-01",
    }
    answer = await known.service.client.post(BOOKINGS, json=known.ask(), headers=headers)
    assert answer.status_code == 201
    for table in ("outbox", "audit"):
        rows = await known.service.sql(
            f"SELECT 1 FROM {table} WHERE traceparent LIKE $1", f"00-{trace_id}-%"
        )
        assert len(rows) == 1


async def test_the_audit_says_who_for_whom_what_before_and_after(known: Known) -> None:
    person = new_id()
    asked = (await known.book()).json()
    headers = known.service.as_(known.owner, Role.APPROVER, person_id=person)
    await known.service.client.post(
        f"{BOOKINGS}/{asked['id']}/decline", json={"reason": "Ремонт"}, headers=headers
    )
    rows = await known.service.sql("SELECT * FROM audit WHERE action = 'booking.declined'")
    assert len(rows) == 1
    row = rows[0]
    assert (row["person_id"], row["member_id"]) == (person, known.owner)
    assert str(row["object_id"]) == asked["id"]
    assert json.loads(row["before"]) == {"status": "requested"}
    assert json.loads(row["after"]) == {"status": "declined"}
    assert row["reason"] == "Ремонт"
    assert row["event_id"] is not None


@pytest.mark.parametrize(
    "change",
    ["none", "signature", "alg", "kid", "iss", "aud", "typ", "expired", "not yet", "scheme"],
)
async def test_a_token_that_is_not_whole_is_401(
    known: Known, servers: Servers, clock: Moment, change: str
) -> None:
    token = forged(servers, clock, known, change)
    scheme = "Basic" if change == "scheme" else "Bearer"
    answer = await known.service.client.get(
        BOOKINGS, headers={"Authorization": f"{scheme} {token}"}
    )
    if change == "none":
        assert answer.status_code == 200
    else:
        is_problem(answer, 401, "not-signed-in")
        assert answer.headers["www-authenticate"] == "Bearer"


def forged(servers: Servers, clock: Moment, known: Known, change: str) -> str:
    """A good token with one thing changed, signed again by the right key where that is possible."""
    from joserfc import jwt
    from joserfc.jwk import OKPKey

    now = clock()
    if change == "expired":
        now -= timedelta(hours=1)
    if change == "not yet":
        now += timedelta(hours=1)
    good = servers.token(known.college, Role.COORDINATOR, now=now)
    head, body, signature = good.split(".")
    header, claims = unpacked(head), unpacked(body)
    key = servers.key
    if change in ("iss", "aud"):
        claims[change] = "somebody else"
    if change == "typ":
        header["typ"] = "JWT"
    if change == "kid":
        key = OKPKey.generate_key("Ed25519", {"kid": "theirs"}, private=True)
        header |= {"kid": "theirs", "jwk": key.as_dict(private=False)}
    if change == "alg":
        header["alg"] = "none"
        return f"{packed(header)}.{body}."
    if change == "signature":
        return f"{head}.{packed({**claims, 'mid': str(known.owner)})}.{signature}"
    return jwt.encode(header, claims, key, algorithms=["EdDSA"])


def packed(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def unpacked(part: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=="))
    return found


async def test_too_many_requests_of_one_person_are_429_and_300_at_once_are_not(
    servers: Servers, clock: Moment
) -> None:
    async with running(servers, "workshops", clock, requests_per_10_seconds=400) as service:
        member, person = new_id(), new_id()
        headers = service.as_(member, Role.COORDINATOR, person_id=person)

        async def ask() -> httpx.Response:
            return await service.client.get(BOOKINGS, headers=headers)

        answers = await asyncio.gather(*(ask() for _ in range(300)))
        assert {answer.status_code for answer in answers} == {200}
        more = [await ask() for _ in range(150)]
        refused = [answer for answer in more if answer.status_code != 200]
        assert refused
        is_problem(refused[0], 429, "too-many-requests")
        assert int(refused[0].headers["retry-after"]) > 0
        other = service.as_(member, Role.COORDINATOR)
        assert (await service.client.get(BOOKINGS, headers=other)).status_code == 200


async def test_the_defaults_leave_room_for_300_requests_at_once_and_20_a_second(
    workshops: Running,
) -> None:
    assert workshops.runtime.settings.requests_per_10_seconds >= 300 + 10 * 20


async def test_health_says_ready_when_database_and_migrations_are_there(
    workshops: Running,
) -> None:
    assert (await workshops.client.get("/api/workshops/health/live")).status_code == 200
    assert (await workshops.client.get("/api/workshops/health/ready")).status_code == 200
    await workshops.sql("UPDATE alembic_version SET version_num = '0000'")
    await asyncio.sleep(0.6)
    waiting = await workshops.client.get("/api/workshops/health/ready")
    assert waiting.status_code == 503
    assert waiting.json()["missing"] == ["migrations"]
    assert waiting.headers["retry-after"]


async def test_in_demo_mode_a_service_is_not_ready_before_its_demo_is_laid(
    servers: Servers, clock: Moment
) -> None:
    async with running(servers, "workshops", clock, demo=True) as service:
        waiting = await service.client.get("/api/workshops/health/ready")
        assert waiting.json()["missing"] == ["demo-laid"]


async def test_a_database_that_is_away_is_503_with_retry_after(
    known: Known, servers: Servers
) -> None:
    await servers.admin(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        f" WHERE datname = '{known.service.database_name}'"
    )
    await servers.admin(f'ALTER DATABASE "{known.service.database_name}" ALLOW_CONNECTIONS false')
    answer = await known.book()
    is_problem(answer, 503, "unavailable")
    assert answer.headers["retry-after"]
    await servers.admin(f'ALTER DATABASE "{known.service.database_name}" ALLOW_CONNECTIONS true')
    assert (await known.book()).status_code == 201


async def test_a_fault_is_a_problem_that_says_nothing_of_what_it_carried(
    known: Known, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    await known.service.sql("DROP TABLE occupations")
    answer = await known.book(purpose="Тайна Иванова")
    is_problem(answer, 500, "fault")
    said = answer.text + caplog.text + "".join(capsys.readouterr())
    assert "Иванов" not in said
    assert "occupations" not in answer.text
    assert not await known.service.sql("SELECT 1 FROM bookings")
