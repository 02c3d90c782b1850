"""One replica at a time does what must be done in order; the others stand by."""

import asyncio
from collections.abc import Awaitable, Callable

from shared import log
from shared.database import Database

Duty = Callable[[], Awaitable[None]]

_LOCK = 7_001
_ASK_SECONDS = 1.0
_REST_SECONDS = (0.1, 0.2, 0.5, 1.0, 2.0)

logger = log.get(__name__)


async def lead(database: Database, duties: dict[str, Duty]) -> None:
    """Takes the service's lock and runs the duties while it holds it, for good.

    The lock lives in a connection of its own. When that is lost (a restart of the server, a
    killed backend) the duties are stopped and the lock is asked for again.
    """
    while True:
        connection = None
        try:
            connection = await database.connect()
            while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK):
                await asyncio.sleep(_ASK_SECONDS)
            logger.info("leading", service=database.service)
            await _run_until_lost(connection, duties)
        except Exception as error:  # whatever it was, somebody has to lead again
            logger.warning("lock lost", service=database.service, error=log.words(error))
        finally:
            if connection is not None:
                connection.terminate()
        await asyncio.sleep(_ASK_SECONDS)


async def _run_until_lost(connection: object, duties: dict[str, Duty]) -> None:
    tasks = [asyncio.create_task(_do(name, duty)) for name, duty in duties.items()]
    try:
        while True:
            await connection.fetchval("SELECT 1")  # type: ignore[attr-defined]
            await asyncio.sleep(_ASK_SECONDS)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _do(name: str, duty: Duty) -> None:
    """Does the duty again and again; a fault of one duty is no fault of another."""
    faults = 0
    loop = asyncio.get_running_loop()
    while True:
        begun = loop.time()
        try:
            await duty()
            faults = 0
        except asyncio.CancelledError:
            raise
        except Exception as error:  # whatever the fault, the duty must go on
            faults = 0 if loop.time() - begun > 10 else faults + 1
            logger.warning("duty failed", duty=name, error=log.words(error))
        await asyncio.sleep(_REST_SECONDS[min(faults, len(_REST_SECONDS) - 1)])
