"""A wire between a browser and the platform that can be cut: a phone in a cellar, a server that is away."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

CHUNK = 65_536


class Wire:
    """Hands bytes through to a local port while it is whole; connections are dropped when it is cut."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._is_cut = False
        self._open: set[asyncio.StreamWriter] = set()
        self._loop: asyncio.AbstractEventLoop
        self._over: asyncio.Event
        self._server: asyncio.Server | None = None
        self.refused = 0
        """Connections that were tried while it was cut."""

    @property
    def url(self) -> str:
        """Where the browser finds its near end."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def cut(self) -> None:
        """Drops what is open, and whatever comes until it is mended."""
        self._is_cut = True
        self._loop.call_soon_threadsafe(self._drop)

    def mend(self) -> None:
        """Hands through again."""
        self._is_cut = False

    def _drop(self) -> None:
        for writer in list(self._open):
            writer.transport.abort()

    async def _accept(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        if self._is_cut:
            self.refused += 1
            back.transport.abort()
            return
        with suppress(OSError):
            far, there = await asyncio.open_connection("127.0.0.1", self._port)
            self._open |= {back, there}
            await asyncio.gather(self._hand(near, there), self._hand(far, back))
            self._open -= {back, there}

    async def _hand(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while chunk := await source.read(CHUNK):
                target.write(chunk)
                await target.drain()
        target.close()

    async def serve(self, is_ready: threading.Event) -> None:
        """Runs until it is stopped."""
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        is_ready.set()
        await self._over.wait()
        self._server.close()
        self._drop()

    def stop(self) -> None:
        """Ends it, with all that is open."""
        self._loop.call_soon_threadsafe(self._over.set)


@contextmanager
def wire_to(port: int) -> Iterator[Wire]:
    """A whole wire to a local port."""
    wire, is_ready = Wire(port), threading.Event()
    thread = threading.Thread(
        target=lambda: asyncio.run(wire.serve(is_ready)), name="wire", daemon=True
    )
    thread.start()
    assert is_ready.wait(5)
    yield wire
    wire.stop()
    thread.join(5)
