"""The virus scanner, where one is configured: a command, or a server that speaks as clamd does."""

import asyncio
import contextlib
import shlex
import struct

from shared import log
from shared.files.faults import FileIsInfected
from shared.refusal import Unavailable

SECONDS_MAX = 30
_CHUNK = 64 * 1024

logger = log.get(__name__)


async def scan(content: bytes, scanner: str | None) -> None:
    """Raises FileIsInfected when the scanner says so, Unavailable when it does not answer.

    `scanner` is `tcp://host:port` of a clamd, or a command that reads the file from its standard
    input and ends with 0 for a clean one, 1 for an infected one. None: nothing is scanned.
    """
    if scanner is None:
        return
    try:
        async with asyncio.timeout(SECONDS_MAX):
            if scanner.startswith("tcp://"):
                is_clean = await _ask_server(content, scanner.removeprefix("tcp://"))
            else:
                is_clean = await _ask_command(content, shlex.split(scanner))
    except (OSError, TimeoutError, EOFError, ValueError) as error:
        # what was not looked at is not taken: a scanner that is away must not be a way around it
        logger.warning("virus scanner does not answer", error=type(error).__name__)
        raise Unavailable("The virus scanner does not answer now.") from None
    if not is_clean:
        raise FileIsInfected


async def _ask_server(content: bytes, address: str) -> bool:
    host, _, port = address.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        writer.write(b"zINSTREAM\0")
        for start in range(0, len(content), _CHUNK):
            part = content[start : start + _CHUNK]
            writer.write(struct.pack("!I", len(part)) + part)
            await writer.drain()
        writer.write(struct.pack("!I", 0))
        await writer.drain()
        answer = (await reader.readuntil(b"\0")).rstrip(b"\0").strip()
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
    if answer.endswith(b"FOUND"):
        return False
    if not answer.endswith(b"OK"):
        raise ValueError("the scanner could not tell")
    return True


async def _ask_command(content: bytes, command: list[str]) -> bool:
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        await process.communicate(content)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode not in (0, 1):
        raise ValueError("the scanner could not tell")
    return process.returncode == 0
