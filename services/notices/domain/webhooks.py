"""Programs of members that are told facts: where they may be, what they are told, how often it is tried."""

from collections.abc import Sequence
from datetime import timedelta
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import urlsplit

from shared.refusal import Invalid, Refusal

WEBHOOKS_MAX = 10
PORTS = frozenset({443, 80, 8443})
RETRIES = tuple(
    timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 2 * 60, 4 * 60, 8 * 60, 9 * 60)
)
"""How long a delivery waits after each failure; together somewhat more than a day."""


class TooManyWebhooks(Refusal):
    """Your organisation has ten programs that are told; remove one first."""

    code = "too-many-webhooks"


class AddressIsPrivate(Exception):
    """The host lies where nobody outside of a network can reach it, so nothing is sent there."""


def retry_after(tries: int) -> timedelta | None:
    """How long to wait after so many failures; None when that is enough."""
    return RETRIES[tries - 1] if tries <= len(RETRIES) else None


def check_url(url: str, *, is_local_allowed: bool, at: str) -> None:
    """Raises Invalid unless the address is one that a program outside can have.

    Where local ones are allowed, for trying out, any port and plain HTTP is.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    except ValueError:
        parts, port = None, None
    if parts is None or parts.scheme not in {"https", "http"} or not parts.hostname or port is None:
        raise Invalid("This is no address of a program.", at=at)
    if parts.username or parts.password or parts.fragment:
        raise Invalid("An address with a password or a fragment is not taken.", at=at)
    if not is_local_allowed and (parts.scheme != "https" or port not in PORTS):
        raise Invalid("The address has to begin with https:// and have a usual port.", at=at)


def require_public(
    addresses: Sequence[IPv4Address | IPv6Address], *, is_local_allowed: bool
) -> None:
    """Raises AddressIsPrivate unless every address of the host is one of the open network."""
    if not addresses:
        raise AddressIsPrivate
    for address in addresses:
        inner = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
        for each in filter(None, (address, inner)):
            if is_local_allowed and each.is_loopback:
                continue
            if not each.is_global or each.is_multicast:
                raise AddressIsPrivate
