"""Free local ports that nothing else is likely to take while a server restarts."""

import secrets
import socket
from pathlib import Path

FIRST_PORT = 15000
EPHEMERAL_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")


def free_port() -> int:
    """A port of 127.0.0.1 on which nobody listens.

    It lies below the range the kernel gives to outgoing connections: there a client that tries to
    reconnect to a stopped server can be given the server's own port and keep it from coming back.
    """
    last = min(_first_ephemeral() - 1, 65535)
    for _ in range(200):
        port = FIRST_PORT + secrets.randbelow(last - FIRST_PORT + 1)
        if is_free("127.0.0.1", port):
            return port
    with socket.socket() as anywhere:
        anywhere.bind(("127.0.0.1", 0))
        return int(anywhere.getsockname()[1])


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _first_ephemeral() -> int:
    try:
        first = int(EPHEMERAL_RANGE.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return 32768
    return first if first > FIRST_PORT + 1000 else 32768
