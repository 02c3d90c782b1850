"""A lean HTTP client, so that a load costs as little of the machine as it can."""

import asyncio
import json
from typing import Any
from urllib.parse import urlsplit


class Connection:
    """One kept-alive connection; one request at a time."""

    def __init__(self, base_url: str) -> None:
        parts = urlsplit(base_url)
        self._host, self._port = str(parts.hostname), int(parts.port or 80)
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def ask(
        self, method: str, path: str, headers: dict[str, str], body: Any = None
    ) -> tuple[int, bytes]:
        """Sends a request and reads the whole answer: its status and body."""
        return await self.send(written(method, path, headers, body))

    async def send(self, request: bytes) -> tuple[int, bytes]:
        """Sends a request that is written already."""
        if self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(self._host, self._port)
        assert self._reader is not None
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = 0
        for line in head.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        answer = await self._reader.readexactly(length)
        return int(head[9:12]), answer

    async def close(self) -> None:
        """Closes the connection."""
        if self._writer is not None:
            self._writer.close()


def written(method: str, path: str, headers: dict[str, str], body: Any = None) -> bytes:
    """A request as it is sent."""
    content = b"" if body is None else json.dumps(body).encode()
    lines = [f"{method} {path} HTTP/1.1", "Host: artel.bench"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += ["Content-Type: application/json", f"Content-Length: {len(content)}", "", ""]
    return "\r\n".join(lines).encode() + content
