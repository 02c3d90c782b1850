"""The connection of a service to NATS, with its own user and its own inbox."""

from nats.aio.client import Client

from shared import log

RECONNECT_SECONDS = 0.2

logger = log.get(__name__)


def inbox_of(service: str) -> str:
    """The prefix of the reply subjects that the service alone may read."""
    return f"_INBOX_{service}"


async def connect(service: str, url: str) -> Client:
    """Connects, and goes on reconnecting for good; raises when the first try fails."""

    async def on_error(error: Exception) -> None:
        logger.warning("bus", service=service, error=log.words(error))

    client = Client()
    await client.connect(
        url,
        name=service,
        inbox_prefix=inbox_of(service).encode(),
        connect_timeout=2,
        max_reconnect_attempts=-1,
        reconnect_time_wait=RECONNECT_SECONDS,  # type: ignore[arg-type]  # it takes parts
        allow_reconnect=True,
        ping_interval=5,
        max_outstanding_pings=2,
        error_cb=on_error,
    )
    return client
