"""Limits against floods: per person and per address, in this process."""

from fastapi import Request
from limits import RateLimitItemPerSecond
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter

from shared.identity import Actor
from shared.refusal import TooMany

_SECONDS = 10


class Limits:
    """Counts requests; answers TooMany beyond the limit."""

    def __init__(self, requests_per_10_seconds: int) -> None:
        self._limiter = FixedWindowRateLimiter(MemoryStorage())
        self._rate = RateLimitItemPerSecond(requests_per_10_seconds, _SECONDS)

    async def by_person(self, actor: Actor) -> None:
        """Counts a request of a signed-in person."""
        await self._count(f"p:{actor.person_id}")

    async def by_address(self, request: Request) -> None:
        """Counts a request of an address that is not signed in."""
        await self._count(f"a:{request.client.host if request.client else ''}")

    async def _count(self, who: str) -> None:
        if not await self._limiter.hit(self._rate, who):
            raise TooMany(retry_after=_SECONDS)
