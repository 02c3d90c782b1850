"""Serves one app with uvicorn: `python -m deploy.local.serve <module>:<factory> --port|--fd N`.

Behind an edge, on a port, the edge's word on who asked is taken.
"""

import argparse
import gc
import socket
import sys
from types import FrameType

import uvicorn

from shared import ending, log

GRACEFUL_SECONDS = 8
COLLECT_AFTER = 20_000
"""So many new objects before the garbage collector looks at them; Python's own is 700."""


class Server(uvicorn.Server):
    """Tells those who hold answers open that the process ends, so that it need not wait for them."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal asked to end."""
        ending.begin()
        super().handle_exit(sig, frame)


def main() -> None:
    """Serves until SIGTERM, then lets the requests in hand finish."""
    gc.disable()  # importing makes next to no garbage
    parser = argparse.ArgumentParser(prog="python -m deploy.local.serve")
    parser.add_argument("app")
    parser.add_argument("--port", type=int, help="a port behind the edge")
    parser.add_argument("--host", default="127.0.0.1", help="the port's address")
    parser.add_argument("--fd", type=int, help="a socket that the starter holds")
    parser.add_argument(
        "--wait", action="store_true", help="serve when a line comes in, and not at all without"
    )
    told = parser.parse_args()
    log.configure("info")
    config = uvicorn.Config(
        told.app,
        factory=True,
        host=told.host,
        port=told.port or 0,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=told.port is not None,
        forwarded_allow_ips="127.0.0.1" if told.host == "127.0.0.1" else "*",
        timeout_keep_alive=75,
        timeout_graceful_shutdown=GRACEFUL_SECONDS,
    )
    config.load()
    gc.freeze()  # what was imported stays, and need not be looked through again and again
    gc.set_threshold(COLLECT_AFTER, 20, 20)
    gc.enable()
    if told.wait and not sys.stdin.readline():
        return
    sockets = None if told.fd is None else [socket.socket(fileno=told.fd)]
    Server(config).run(sockets)


if __name__ == "__main__":
    main()
