"""From a template and data to the bytes of a document, in a process that can be ended."""

import asyncio
import base64
import json
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from shared.documents import maker
from shared.documents.faults import DocumentIsTooLarge, TemplateIsWrong, TemplateTakesTooMuch
from shared.files.types import FileType
from shared.refusal import Unavailable

SECONDS_MAX = 10
"""Of one core's time; the clock on the wall may show three times as much on a busy machine."""
BYTES_MAX = 5_000_000
REASON_LENGTH_MAX = 600
AT_ONCE = 2
WAITING_MAX = 8
"""So many documents may wait to be made: their requests hold connections to the database."""

_MAKER = Path(maker.__file__)
_THREADS = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="documents")


class Format(StrEnum):
    """What a document is made as."""

    DOCX = "docx"
    PDF = "pdf"


KINDS = {Format.DOCX: FileType.DOCX, Format.PDF: FileType.PDF}


async def render(
    template: bytes, made_as: Format, data: Mapping[str, Any], made_at: datetime | None = None
) -> bytes:
    """The document; `data` are values that JSON can say, and stay values whatever stands in them.

    A DOCX template reads them by jinja names (`{{ name }}`, values escaped, sandboxed), a PDF
    template, written in Typst, as `json(bytes(sys.inputs.data))`. With the same `made_at` a PDF
    comes out the same to the byte. Raises TemplateIsWrong, TemplateTakesTooMuch,
    DocumentIsTooLarge, and Unavailable while many others wait.
    """
    if _THREADS._work_queue.qsize() >= WAITING_MAX:
        raise Unavailable("Many documents are being made; ask again a little later.")
    asked = json.dumps(
        {
            "kind": made_as.value,
            "template": base64.b64encode(template).decode(),
            "data": data,
            "made_at": made_at.isoformat() if made_at else None,
            "seconds": SECONDS_MAX,
        },
        default=str,
    ).encode()
    return await asyncio.get_running_loop().run_in_executor(_THREADS, _make, asked)


async def render_own(
    template: bytes, made_as: Format, data: Mapping[str, Any], made_at: datetime | None = None
) -> bytes:
    """The document by a template that comes with the program: in a thread, which is quicker."""
    values = json.loads(json.dumps(data, default=str))  # what a process would be given
    return await asyncio.get_running_loop().run_in_executor(
        _THREADS, maker.make, made_as.value, template, values, made_at
    )


def _make(asked: bytes) -> bytes:
    try:
        done = subprocess.run(  # noqa: S603 - our own program, which shuts itself in
            [sys.executable, "-I", "-B", str(_MAKER)],
            input=asked,
            capture_output=True,
            env={"LANG": "C.UTF-8"},
            timeout=3 * SECONDS_MAX,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise TemplateTakesTooMuch from None
    if done.returncode == maker.WRONG:
        reason = done.stderr.decode("utf-8", "replace").strip()[:REASON_LENGTH_MAX]
        raise TemplateIsWrong(f"{TemplateIsWrong.title()} {reason}", reason=reason)
    if done.returncode != 0:  # ended by one of its bounds
        raise TemplateTakesTooMuch
    if len(done.stdout) > BYTES_MAX:
        raise DocumentIsTooLarge(bytes_max=BYTES_MAX)
    return done.stdout
