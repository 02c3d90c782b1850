"""From the body of a request to a file that may be kept: its size, type, name and hash."""

import asyncio
import hashlib
import re
import unicodedata
from collections.abc import Set
from dataclasses import dataclass

from fastapi import Request

from shared.files.faults import FileIsMissing, FileIsTooLarge, FileTypeIsNotTaken
from shared.files.scan import scan
from shared.files.types import OTHER_ENDINGS, FileType, type_of

BYTES_MAX = 5_000_000
"""The largest file that is taken anywhere."""
NAME_LENGTH_MAX = 120

_NOT_IN_NAMES = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]+')


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was looked at and may be kept."""

    name: str
    kind: FileType
    content: bytes
    sha256: bytes


async def read_upload(
    request: Request, name: str, taken: Set[FileType], bytes_max: int = BYTES_MAX
) -> Upload:
    """The request's body as a file; raises the refusals of `check`, and those of the virus scanner."""
    return await check(
        await request.body(),
        name,
        taken,
        bytes_max=bytes_max,
        scanner=request.app.state.runtime.settings.virus_scanner,
    )


async def check(
    content: bytes,
    name: str,
    taken: Set[FileType],
    *,
    bytes_max: int = BYTES_MAX,
    scanner: str | None = None,
) -> Upload:
    """Looks at a file; raises FileIsMissing, FileIsTooLarge, FileTypeIsNotTaken, FileIsDamaged…

    Its name loses what is no part of a name, and ends as its type does.
    """
    if not content:
        raise FileIsMissing
    if len(content) > bytes_max:
        raise FileIsTooLarge(bytes_max=bytes_max)
    kind = await asyncio.to_thread(type_of, content)
    if kind is None or kind not in taken:
        raise FileTypeIsNotTaken(taken=sorted(taken), found=kind)
    await scan(content, scanner)
    return upload_of(content, name, kind)


def upload_of(content: bytes, name: str, kind: FileType) -> Upload:
    """A file that this platform made itself, or has looked at."""
    return Upload(clean_name(name, kind), kind, content, hashlib.sha256(content).digest())


def clean_name(name: str, kind: FileType) -> str:
    """A name that any system can store, which ends as the type does."""
    plain = unicodedata.normalize("NFC", name)
    plain = "".join(char for char in plain if unicodedata.category(char) not in ("Cf", "Cs", "Co"))
    plain = plain.replace("\\", "/").rpartition("/")[2]  # the folder it lay in is nobody's to know
    plain = _NOT_IN_NAMES.sub(" ", plain)
    stem, dot, ending = plain.rpartition(".")
    if dot and ending.lower() in {*FileType, *OTHER_ENDINGS}:
        plain = stem
    plain = " ".join(plain.split()).strip(". ")
    return f"{plain[:NAME_LENGTH_MAX].rstrip('. ') or 'file'}.{kind}"
