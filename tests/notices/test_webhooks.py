"""Members' programs: told what concerns the member, signed, again when it fails, never inside a network."""

import json
import threading
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from typing import Any

import pytest
from standardwebhooks import Webhook

from services.notices.domain.kinds import FOR_PROGRAMS
from services.notices.domain.webhooks import (
    RETRIES,
    WEBHOOKS_MAX,
    AddressIsPrivate,
    check_url,
    require_public,
    retry_after,
)
from shared.identity import Role
from shared.ids import new_id
from shared.refusal import Invalid
from tests.harness import Moment, Servers, running
from tests.notices.facts import API, Known


class Program:
    """A member's program: what it was told, and what it answers."""

    def __init__(self) -> None:
        self.answer = 204
        self.heard: list[tuple[dict[str, str], bytes]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                outer.heard.append((dict(self.headers), body))
                self.send_response(outer.answer)
                if outer.answer == 302:
                    self.send_header("Location", outer.url)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Says nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://localhost:{self.server.server_port}/artel"


@pytest.fixture
def program() -> Iterator[Program]:
    started = Program()
    thread = threading.Thread(target=started.server.serve_forever, daemon=True)
    thread.start()
    yield started
    started.server.shutdown()
    started.server.server_close()


@pytest.fixture
async def local(servers: Servers, clock: Moment) -> AsyncIterator[Known]:
    """Notices that may tell programs on this machine."""
    async with running(servers, "notices", clock, webhooks_to_loopback=True) as service:
        yield await Known(service).lay()


async def add(known: Known, url: str, *kinds: str, status: int = 201) -> Any:
    headers = known.service.as_(known.college, Role.COORDINATOR)
    body = {"url": url, "kinds": kinds or ["booking_requested"]}
    answer = await known.service.client.post(f"{API}/webhooks", headers=headers, json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


async def log_of(known: Known, webhook_id: str) -> list[Any]:
    headers = known.service.as_(known.college, Role.COORDINATOR)
    path = f"{API}/webhooks/{webhook_id}/deliveries"
    return list((await known.service.client.get(path, headers=headers)).json()["items"])


async def run(known: Known) -> None:
    for _ in range(50):
        if not await known.service.due():
            return
    raise AssertionError("it never ends")


async def test_a_program_is_told_what_concerns_its_member_and_can_prove_who_told_it(
    local: Known, program: Program
) -> None:
    made = await add(local, program.url)
    booking_id = await local.request()
    await local.request(owner_id=local.stranger)
    await local.confirm(new_id())
    await run(local)
    [(headers, body)] = program.heard
    Webhook(made["secret"]).verify(body, headers)
    told = json.loads(body)
    assert (told["type"], told["about_id"]) == ("booking_requested", str(booking_id))
    assert told["member_id"] == str(local.college)
    assert headers["Host"].startswith("localhost:")
    [delivery] = await log_of(local, made["id"])
    assert (delivery["answer"], delivery["tries"], delivery["reason_code"]) == (204, 1, None)
    assert delivery["id"] == headers["webhook-id"]


async def test_the_secret_is_said_once_and_stands_in_no_list(
    local: Known, program: Program
) -> None:
    made = await add(local, program.url)
    headers = local.service.as_(local.college, Role.COORDINATOR)
    listed = await local.service.client.get(f"{API}/webhooks", headers=headers)
    assert [each["id"] for each in listed.json()["items"]] == [made["id"]]
    assert made["secret"] not in listed.text
    kept = await local.service.sql("SELECT body FROM idempotency")
    assert kept == []


@pytest.mark.parametrize("answer", [500, 302, 404])
async def test_what_is_not_taken_is_tried_ever_more_rarely(
    local: Known, program: Program, answer: int
) -> None:
    program.answer = answer
    made = await add(local, program.url)
    await local.request()
    await run(local)
    local.service.clock.pass_(minutes=1, seconds=1)
    await run(local)
    assert len(program.heard) == 2, "a redirect is not followed"
    [delivery] = await log_of(local, made["id"])
    assert (delivery["tries"], delivery["answer"]) == (2, answer)
    assert delivery["reason_code"] == "refused"
    assert delivery["ended_at"] is None
    program.answer = 200
    local.service.clock.pass_(minutes=5, seconds=1)
    await run(local)
    assert (await log_of(local, made["id"]))[0]["ended_at"] is not None
    assert len({headers["webhook-id"] for headers, _ in program.heard}) == 1


async def test_after_a_day_it_is_told_nothing_more_and_its_people_hear_of_it(
    local: Known, program: Program
) -> None:
    assert sum(RETRIES, timedelta()) > timedelta(days=1)
    assert retry_after(len(RETRIES) + 1) is None
    coordinator = new_id()
    await local.grant(coordinator, local.college, "coordinator")
    program.answer = 500
    made = await add(local, program.url)
    await local.request()
    for delay in (*RETRIES, timedelta()):
        await run(local)
        local.service.clock.pass_(seconds=delay.total_seconds() + 1)
    assert len(program.heard) == len(RETRIES) + 1
    assert "webhook_disabled" in await local.kinds(coordinator)
    await local.request()
    await run(local)
    assert len(program.heard) == len(RETRIES) + 1
    assert len(await log_of(local, made["id"])) == 1


async def test_a_program_that_says_it_is_gone_is_told_nothing_more(
    local: Known, program: Program
) -> None:
    program.answer = 410
    await add(local, program.url)
    await local.request()
    await local.request()
    await run(local)
    assert len(program.heard) == 1
    rows = await local.service.sql("SELECT reason_code FROM deliveries ORDER BY id")
    assert {row["reason_code"] for row in rows} == {"refused", "disabled"}


async def test_a_program_that_is_removed_is_told_nothing_more(
    local: Known, program: Program
) -> None:
    made = await add(local, program.url)
    await local.request()
    headers = local.service.as_(local.college, Role.COORDINATOR)
    path = f"{API}/webhooks/{made['id']}"
    assert (await local.service.client.delete(path, headers=headers)).status_code == 204
    assert (await local.service.client.delete(path, headers=headers)).status_code == 204
    await local.request()
    await run(local)
    assert program.heard == []


async def test_nothing_is_sent_into_a_private_network(known: Known, program: Program) -> None:
    made = await add(known, "https://localhost/artel")
    await known.request()
    await run(known)
    [delivery] = await log_of(known, made["id"])
    assert (delivery["reason_code"], delivery["answer"]) == ("private-network", None)
    assert program.heard == []


async def test_a_program_that_cannot_be_reached_is_tried_again(local: Known) -> None:
    made = await add(local, "http://localhost:9/artel")
    await local.request()
    await run(local)
    assert (await log_of(local, made["id"]))[0]["reason_code"] == "no-answer"


async def test_a_member_has_ten_programs_at_most(known: Known) -> None:
    for _ in range(WEBHOOKS_MAX):
        await add(known, "https://program.example/artel")
    refused = await add(known, "https://program.example/artel", status=409)
    assert refused["code"] == "too-many-webhooks"


async def test_what_concerns_persons_is_told_to_no_program(known: Known) -> None:
    refused = await add(known, "https://program.example/artel", "seat_taken", status=422)
    assert refused["errors"][0]["at"] == "body.kinds"
    assert {"booking_requested", "obligation_incurred"} <= {kind.value for kind in FOR_PROGRAMS}


@pytest.mark.parametrize(
    "url",
    [
        "ftp://program.example/",
        "https://",
        "https://a:b@program.example/",
        "https://program.example/#x",
        "https://program.example:99999/",
        "https://program.example:22/",
        "http://program.example/",
        "https://program.example:5432/",
        "nonsense",
    ],
)
def test_an_address_that_no_program_outside_has_is_not_taken(url: str) -> None:
    with pytest.raises(Invalid):
        check_url(url, is_local_allowed=False, at="url")
    check_url("https://program.example:8443/a?b=c", is_local_allowed=False, at="url")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.3.4",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "::1",
        "fe80::1",
        "fd00::1",
        "::ffff:10.0.0.1",
        "2002:0a00:0001::1",
        "ff02::1",
    ],
)
def test_one_private_address_among_public_ones_is_enough_to_send_nothing(address: str) -> None:
    public = [ip_address("93.184.216.34"), ip_address("2a00:1450:4001:81b::200e")]
    require_public(public, is_local_allowed=False)
    with pytest.raises(AddressIsPrivate):
        require_public([*public, ip_address(address)], is_local_allowed=False)
    with pytest.raises(AddressIsPrivate):
        require_public([], is_local_allowed=True)
