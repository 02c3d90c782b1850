"""The thread that ties a request to everything it caused (W3C Trace Context)."""

import re
import secrets
from contextvars import ContextVar

_SHAPE = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")

current: ContextVar[str] = ContextVar("traceparent", default="")


def begin(received: str | None = None) -> str:
    """Continues the received trace, or starts a new one; returns its `traceparent`."""
    if received is not None and _SHAPE.fullmatch(received):
        trace_id, flags = received[3:35], received[53:55]
    else:
        trace_id, flags = secrets.token_hex(16), "01"
    traceparent = f"00-{trace_id}-{secrets.token_hex(8)}-{flags}"
    current.set(traceparent)
    return traceparent


def trace_id() -> str:
    """The 32 hexadecimal digits of the present trace; empty outside of one."""
    return current.get()[3:35]
