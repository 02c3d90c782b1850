"""From the bytes of a file to its lines: which type it is, and who reads it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from typing import TypeVar

from shared.imports.csv_file import read_csv
from shared.imports.faults import (
    FileIsNotReadable,
    FileIsOfAnotherType,
    FileIsOldExcel,
    FileIsRefused,
    FileTypeIsUnknown,
)
from shared.imports.sheet import Grid, Sheet
from shared.imports.xlsx_file import read_xlsx

BYTES_MAX = 5_000_000
"""The largest file that is taken; it is more than other bodies may have."""

_THREADS = ThreadPoolExecutor(1, thread_name_prefix="files")
"""Reading a file burns a core, so one is read at a time; the thread is begun with the first one."""

ResultT = TypeVar("ResultT")


class FileType(StrEnum):
    """The types of file that may be imported, by the ending of their names."""

    CSV = "csv"
    XLSX = "xlsx"
    ICS = "ics"


MEDIA_TYPES: dict[str, frozenset[FileType]] = {
    "text/csv": frozenset({FileType.CSV}),
    "application/csv": frozenset({FileType.CSV}),
    "text/plain": frozenset({FileType.CSV, FileType.ICS}),
    "text/calendar": frozenset({FileType.ICS}),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": frozenset({FileType.XLSX}),
    # what browsers say of a .csv where Excel is installed
    "application/vnd.ms-excel": frozenset(FileType),
    "application/octet-stream": frozenset(FileType),
}

_OLE = b"\xd0\xcf\x11\xe0"
_TEXT_CONTROLS = frozenset(b"\t\n\r\x0c\x1b")


async def in_thread(work: Callable[[], ResultT]) -> ResultT:
    """Does what burns a core in the one thread for it."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, work)


def type_of(media_type: str, data: bytes) -> FileType:
    """The type of a file by its content, which has to be what it was sent as; raises FileIsRefused."""
    said = MEDIA_TYPES.get(media_type.partition(";")[0].strip().lower())
    if said is None:
        raise FileTypeIsUnknown(known=sorted(MEDIA_TYPES))
    found = _sniff(data)
    if found not in said:
        raise FileIsOfAnotherType(found=found, said=media_type)
    return found


def _sniff(data: bytes) -> FileType:
    if data.startswith(_OLE):
        raise FileIsOldExcel
    if data.startswith(b"PK\x03\x04"):
        return FileType.XLSX
    head = data[:4096]
    # UTF-16 is text too, and refused as an encoding
    if not data.startswith((b"\xff\xfe", b"\xfe\xff")) and any(
        byte < 32 and byte not in _TEXT_CONTROLS for byte in head.replace(b"\0", b"")
    ):
        raise FileTypeIsUnknown
    if head.lstrip(b"\xef\xbb\xbf \r\n\t").upper().startswith(b"BEGIN:VCALENDAR"):
        return FileType.ICS
    return FileType.CSV


def read_grid(file_type: FileType, data: bytes, sheet: Sheet) -> Grid:
    """The lines of a table; raises FileIsRefused for whatever cannot be read."""
    try:
        return read_xlsx(data) if file_type is FileType.XLSX else read_csv(data, sheet)
    except FileIsRefused:
        raise
    except Exception:  # a damaged file makes its reader raise anything
        raise FileIsNotReadable from None
