"""Makes the streams and consumers that the register asks for, and mends them when they are gone."""

from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DeliverPolicy,
    DiscardPolicy,
    RetentionPolicy,
    StorageType,
    StreamConfig,
)
from nats.js.errors import NotFoundError

from contracts.topology import (
    SERVICES,
    durable_of,
    publishers_heard_by,
    stream_of,
    subjects_heard,
)

MEMORY_SECONDS = 90 * 24 * 3600
"""How long a stream remembers; the outbox of its publisher remembers for good."""

DUPLICATE_WINDOW_SECONDS = 600
MESSAGE_BYTES_MAX = 256 * 1024
ACK_WAIT_SECONDS = 5
"""How long a listener that died holds up its stream; one that works says so more often."""

ACKS_PENDING_MAX = 1
"""One message at a time: whatever is delivered again comes before anything younger."""


def stream_config(service: str, replicas: int = 1) -> StreamConfig:
    """The stream of one publisher: nobody deletes or purges single messages of it."""
    return StreamConfig(
        name=stream_of(service),
        subjects=[f"{service}.>"],
        retention=RetentionPolicy.LIMITS,
        storage=StorageType.FILE,
        discard=DiscardPolicy.OLD,
        max_age=MEMORY_SECONDS,
        max_msg_size=MESSAGE_BYTES_MAX,
        duplicate_window=DUPLICATE_WINDOW_SECONDS,
        num_replicas=replicas,
        deny_delete=True,
        deny_purge=True,
        allow_atomic=True,
    )


def consumer_config(listener: str, publisher: str) -> ConsumerConfig:
    """The one durable of a listener on a publisher's stream; it never gives a message up."""
    return ConsumerConfig(
        name=durable_of(listener),
        durable_name=durable_of(listener),
        deliver_policy=DeliverPolicy.ALL,
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=ACK_WAIT_SECONDS,
        max_deliver=-1,
        max_ack_pending=ACKS_PENDING_MAX,
        filter_subjects=list(subjects_heard(listener, publisher)),
    )


async def provision(nc: Client, replicas: int = 1) -> list[str]:
    """Makes what is missing and mends what differs; returns what it did, in words.

    Idempotent. Raises the client's errors when the server cannot be reached.
    """
    js = nc.jetstream(timeout=5)
    done: list[str] = []
    for service in SERVICES:
        done += await _stream(js, stream_config(service, replicas))
    for listener in SERVICES:
        for publisher in publishers_heard_by(listener):
            done += await _consumer(js, stream_of(publisher), consumer_config(listener, publisher))
    return done


async def _stream(js: JetStreamContext, wanted: StreamConfig) -> list[str]:
    try:
        found = (await js.stream_info(str(wanted.name))).config
    except NotFoundError:
        await js.add_stream(wanted)
        return [f"made stream {wanted.name}"]
    if _differs(found, wanted, _STREAM_FIELDS):
        await js.update_stream(wanted)
        return [f"mended stream {wanted.name}"]
    return []


async def _consumer(js: JetStreamContext, stream: str, wanted: ConsumerConfig) -> list[str]:
    try:
        found = (await js.consumer_info(stream, str(wanted.durable_name))).config
    except NotFoundError:
        await js.add_consumer(stream, wanted)
        return [f"made consumer {wanted.durable_name} of {stream}"]
    if _differs(found, wanted, _CONSUMER_FIELDS):
        await js.add_consumer(stream, wanted)
        return [f"mended consumer {wanted.durable_name} of {stream}"]
    return []


_STREAM_FIELDS = (
    "subjects",
    "max_age",
    "max_msg_size",
    "duplicate_window",
    "num_replicas",
    "deny_delete",
    "deny_purge",
)
_CONSUMER_FIELDS = ("ack_wait", "max_deliver", "max_ack_pending", "filter_subjects")


def _differs(found: object, wanted: object, fields: tuple[str, ...]) -> bool:
    return any(_plain(getattr(found, name)) != _plain(getattr(wanted, name)) for name in fields)


def _plain(value: object) -> object:
    return sorted(value) if isinstance(value, list) else value
