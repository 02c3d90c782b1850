"""Calendar feeds: bookings behind an address that only those know who were given it."""

import hashlib
from datetime import timedelta
from enum import StrEnum

from shared.refusal import Refusal

FEEDS_MAX = 50
PAST = timedelta(days=30)
"""How long a booking that is over is still shown."""
BOOKINGS_MAX = 2000


class FeedKind(StrEnum):
    """Whose bookings a feed shows: all of a member, of either side, or those of one workshop."""

    MEMBER = "member"
    WORKSHOP = "workshop"


class TooManyFeeds(Refusal):
    """The member has as many feeds as one may have; revoke one that nobody reads any more."""

    code = "too-many-feeds"


def check_count(live: int) -> None:
    """Raises TooManyFeeds unless the member may have one more."""
    if live >= FEEDS_MAX:
        raise TooManyFeeds(feeds=FEEDS_MAX)


def digest_of(secret: str) -> bytes:
    """What is kept of the secret of an address: enough to know it again, and no more."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
