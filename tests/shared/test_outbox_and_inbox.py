"""How a fact travels, over a real JetStream and two real databases: never lost, once in effect."""

from typing import Any

import nats
import pytest

from contracts.event import Header
from contracts.provisioning import provision
from shared import bus
from shared.ids import new_id
from shared.relay import NotStored, publish
from tests.harness import Servers, until
from tests.shared.conftest import Wire


async def heard(wire: Wire, count: int) -> Any:
    async def enough() -> bool:
        return len(wire.heard) >= count

    return await until(enough, 15)


async def all_published(wire: Wire) -> Any:
    async def none_left() -> bool:
        rows = await wire.teller.fetch("SELECT 1 FROM outbox WHERE published_at IS NULL LIMIT 1")
        return not rows

    return await until(none_left, 15)


async def test_what_is_told_is_heard_once_and_in_order(wire: Wire) -> None:
    bookings = [new_id() for _ in range(20)]
    for booking in bookings:
        await wire.tell(booking)
    wire.start()
    await heard(wire, 20)
    assert wire.heard == bookings


async def test_the_relay_tells_a_large_backlog_in_its_order(wire: Wire) -> None:
    bookings = [new_id() for _ in range(1200)]
    await wire.tell(*bookings)
    wire.start("relay")
    await all_published(wire)
    stream = await _stream_ids(wire.servers)
    rows = await wire.teller.fetch("SELECT event_id FROM outbox ORDER BY seq")
    assert stream == [str(row["event_id"]) for row in rows]


async def test_an_event_told_twice_takes_effect_once(wire: Wire) -> None:
    first, second = new_id(), new_id()
    await wire.tell(first)
    wire.start()
    await heard(wire, 1)
    await wire.stop()
    await wire.teller.fetch("UPDATE outbox SET published_at = NULL")
    await wire.servers.fresh_streams()  # the stream has forgotten the message id
    wire.start()
    await wire.tell(second)
    await heard(wire, 2)
    assert wire.heard == [first, second]


async def test_a_failing_message_is_parked_and_only_its_aggregate_waits(wire: Wire) -> None:
    bad, good = new_id(), new_id()
    wire.fails_on.add(bad)
    wire.start()
    await wire.tell(bad, minutes=1)
    await wire.tell(bad, minutes=2)
    await wire.tell(good, minutes=3)
    await heard(wire, 1)
    assert wire.heard == [good]
    rows = await until(lambda: wire.listener.fetch("SELECT * FROM parked ORDER BY id"))
    assert [row["tries"] >= 1 for row in rows] == [True, False]
    wire.fails_on.clear()
    wire.clock.pass_(hours=1)
    await heard(wire, 3)
    assert wire.heard == [good, bad, bad]
    done = await wire.listener.fetch("SELECT name FROM milestones ORDER BY reached_at, name")
    assert {row["name"] for row in done} == {f"{bad}/1", f"{bad}/2", f"{good}/3"}
    assert not await wire.listener.fetch("SELECT 1 FROM parked")


async def test_a_message_that_fails_again_and_again_is_given_up_and_holds_what_is_behind_it(
    wire: Wire,
) -> None:
    bad = new_id()
    wire.fails_on.add(bad)
    wire.start("relay", "listen")
    await wire.tell(bad, minutes=1)
    await wire.tell(bad, minutes=2)

    async def both_parked() -> bool:
        return len(await wire.listener.fetch("SELECT 1 FROM parked")) == 2

    await until(both_parked)
    for _ in range(20):
        wire.clock.pass_(hours=1)
        await wire.inbox.retry_due()
    rows = await wire.listener.fetch("SELECT tries, given_up_at FROM parked ORDER BY id")
    assert rows[0]["tries"] == 10
    assert rows[0]["given_up_at"] is not None
    assert (rows[1]["tries"], rows[1]["given_up_at"]) == (0, None)
    assert wire.heard == []


async def test_a_message_that_is_no_event_becomes_a_dead_letter_and_others_flow(
    wire: Wire,
) -> None:
    wire.start()
    client = await nats.connect(
        wire.servers.nats_url("workshops"), inbox_prefix=b"_INBOX_workshops"
    )
    subject = "workshops.booking.completed.v1"
    for body in (b"\xff\x00 no json", b'{"booking_id": 5}', b"[]", b""):
        await client.jetstream().publish(subject, body, headers={Header.ID: str(new_id())})
    await client.jetstream().publish(subject, b"{}")  # not even an id
    await client.close()
    good = new_id()
    await wire.tell(good)
    await heard(wire, 1)
    rows = await wire.listener.fetch("SELECT * FROM parked")
    assert len(rows) == 5
    assert all(row["given_up_at"] is not None and "Malformed" in row["error"] for row in rows)


async def test_a_deleted_consumer_is_noticed_and_what_it_missed_is_heard(wire: Wire) -> None:
    first, second = new_id(), new_id()
    wire.start()
    await wire.tell(first)
    await heard(wire, 1)
    client = await _provisioner(wire.servers)
    await client.jetstream().delete_consumer("WORKSHOPS", "finance")
    await wire.tell(second)
    await provision(client)
    await client.close()
    await heard(wire, 2)
    assert wire.heard == [first, second]


async def test_a_deleted_stream_is_told_again_from_the_outbox(wire: Wire) -> None:
    missed, later = [new_id() for _ in range(30)], new_id()
    wire.start("relay")
    await wire.tell(*missed)
    await all_published(wire)
    client = await _provisioner(wire.servers)
    await client.jetstream().delete_stream("WORKSHOPS")
    wire.start("listen")
    await wire.tell(later)
    await provision(client)
    await client.close()
    await heard(wire, 31)
    assert wire.heard == [*missed, later]


async def test_a_killed_server_of_the_bus_loses_nothing_and_order_is_kept(wire: Wire) -> None:
    wire.start()
    before, during, after = ([new_id() for _ in range(5)] for _ in range(3))
    await wire.tell(*before)
    await heard(wire, 5)
    await wire.servers.nats.kill()
    await wire.tell(*during)
    await wire.servers.nats.start()
    await wire.tell(*after)
    await heard(wire, 15)
    assert wire.heard == before + during + after


async def test_one_relay_and_one_listener_work_at_a_time(wire: Wire) -> None:
    for _ in range(3):
        wire.start()
    bookings = [new_id() for _ in range(50)]
    for booking in bookings:
        await wire.tell(booking)
    await heard(wire, 50)
    assert wire.heard == bookings
    rows = await wire.teller.fetch(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    assert rows[0]["count"] == 1


async def test_a_change_that_is_undone_tells_nothing(wire: Wire) -> None:
    booking = new_id()
    try:
        async with wire.teller.transaction() as tx:
            from tests.shared.conftest import completed

            await tx.value("SELECT 1")  # begun, so that what follows is part of it
            tx.record(completed(booking, 0, tx))
            await tx._finish()
            raise RuntimeError("undone")
    except RuntimeError:
        pass
    for table in ("outbox", "audit"):
        assert not await wire.teller.fetch(f"SELECT 1 FROM {table}")


async def _provisioner(servers: Servers) -> Any:
    return await nats.connect(servers.nats_url("provisioner"), inbox_prefix=b"_INBOX_provisioner")


async def _stream_ids(servers: Servers) -> list[str]:
    client = await _provisioner(servers)
    try:
        js = client.jetstream()
        last = (await js.stream_info("WORKSHOPS")).state.last_seq
        ids = []
        for seq in range(1, last + 1):
            message = await js.get_msg("WORKSHOPS", seq)
            ids.append((message.headers or {})[Header.ID])
        return ids
    finally:
        await client.close()


async def test_a_month_whose_events_came_before_its_partition_stays_where_it_is(wire: Wire) -> None:
    wire.clock.pass_(days=150)  # beyond what was made ahead
    early = new_id()
    await wire.tell(early)
    wire.clock.pass_(days=-150)
    await wire.teller.fetch("SELECT make_outbox_partitions(8)")
    rows = await wire.teller.fetch("SELECT tableoid::regclass::text AS part FROM outbox")
    assert [row["part"] for row in rows] == ["outbox_rest"]
    await wire.tell(new_id())
    wire.start("relay")
    await all_published(wire)


@pytest.mark.parametrize("count", [1, 20])
async def test_nothing_is_stored_in_a_stream_that_does_not_end_where_it_should(
    wire: Wire, count: int
) -> None:
    await wire.tell(*(new_id() for _ in range(count)))
    rows = await wire.teller.fetch("SELECT * FROM outbox ORDER BY seq")
    client = await bus.connect("workshops", wire.servers.nats_url("workshops"))
    try:
        with pytest.raises(NotStored) as refused:
            await publish(client, "workshops", rows, after_seq=7)
        assert refused.value.code == 10071
        assert await _stream_ids(wire.servers) == []
        assert await publish(client, "workshops", rows, after_seq=0) == count
        # told again, as after a kill before it was marked: the stream knows them all
        assert await publish(client, "workshops", rows, after_seq=count) == count
        assert len(await _stream_ids(wire.servers)) == count
    finally:
        await client.close()
