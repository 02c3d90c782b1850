"""Files in the chassis: what is taken under which name, who may see it, and when it goes."""

import asyncio
import shlex
import struct
import sys
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from shared.files import records
from shared.files.faults import FileIsMissing, FileIsTooLarge
from shared.files.records import UNUSED_MAX
from shared.files.scan import scan
from shared.files.types import SCANS, FileType, type_of
from shared.files.uploads import BYTES_MAX, check, clean_name
from shared.ids import new_id
from shared.refusal import NotFound, Unavailable
from tests.harness import Moment
from tests.shared.papers.conftest import Office
from tests.shared.papers.samples import (
    DOCX,
    EXE,
    HTML,
    JPEG,
    ODT,
    PDF,
    PNG,
    XLSX,
    packed,
)

# --- types and names -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PDF, FileType.PDF),
        (PNG, FileType.PNG),
        (JPEG, FileType.JPEG),
        (DOCX, FileType.DOCX),
        (XLSX, FileType.XLSX),
        (packed(ppt__presentation_xml=b"<p/>"), FileType.PPTX),
        (ODT, FileType.ODT),
        ("Ёлка\r\n".encode(), FileType.TEXT),
        (HTML, FileType.TEXT),
        (EXE, None),
        (packed(readme=b"no document"), None),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), None),
        ("Ёлка".encode("cp1251"), None),
        (b"GIF89a" + bytes(20), None),
    ],
)
def test_a_type_is_told_by_what_stands_in_the_file(content: bytes, kind: FileType | None) -> None:
    assert type_of(content) is kind


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Скан договора.PDF", "Скан договора.pdf"),
        (r"C:\Users\Мария\договор.docx", "договор.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ('a<b>"c"|d?*.png', "a b c d.pdf"),
        ("счёт\u202efdp.exe", "счётfdp.exe.pdf"),
        ("...", "file.pdf"),
        ("я" * 300, "я" * 120 + ".pdf"),
    ],
)
def test_a_name_loses_what_is_no_part_of_a_name(said: str, kept: str) -> None:
    assert clean_name(said, FileType.PDF) == kept


async def test_nothing_and_too_much_are_no_files() -> None:
    with pytest.raises(FileIsMissing):
        await check(b"", "пусто", SCANS)
    with pytest.raises(FileIsTooLarge):
        await check(PDF, "много", SCANS, bytes_max=10)


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 422, "file-missing"),
        (EXE, 422, "file-type-not-taken"),
        (b"PK\x03\x04" + bytes(50), 422, "file-damaged"),
        (packed(word__document_xml=b"<w/>", word__vbaProject_bin=b"x"), 422, "file-has-macros"),
        (packed(word__document_xml=bytes(60_000_000)), 422, "file-damaged"),
        (PDF + bytes(BYTES_MAX), 413, "too-large"),
    ],
)
async def test_what_is_no_file_for_us_is_refused_by_name(
    office: Office, content: bytes, status: int, code: str
) -> None:
    if code == "file-has-macros":
        content = packed(**{"word__document_xml": b"<w/>", "word__vbaProject.bin": b"x"})
    answer = await office.ask("POST", "/files", content=content, params={"file_name": "бумага.pdf"})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert await office.service.sql("SELECT FROM files") == []


# --- the way of a file ---------------------------------------------------------------------------


async def test_a_file_comes_back_byte_for_byte_and_runs_nowhere(office: Office) -> None:
    made = await office.ask("POST", "/files", content=HTML, params={"file_name": "Ёлка 1.html"})
    seen = made.json()
    assert made.headers["Location"] == f"/api/workshops/files/{seen['id']}"
    assert (seen["name"], seen["media_type"], seen["size"]) == (
        "Ёлка 1.html.txt",
        "text/plain; charset=utf-8",
        len(HTML),
    )
    got = await office.ask("GET", f"/files/{seen['id']}/content")
    assert got.content == HTML
    assert got.headers["content-type"] == "text/plain; charset=utf-8"
    assert got.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in got.headers["content-security-policy"]
    assert got.headers["content-disposition"] == (
        "attachment; filename=\"____ 1.html.txt\"; filename*=UTF-8''"
        "%D0%81%D0%BB%D0%BA%D0%B0%201.html.txt"
    )
    assert (await office.ask("GET", f"/files/{seen['id']}")).json() == seen


async def test_a_file_is_its_members_alone(office: Office) -> None:
    file_id = await office.bring(PDF)
    other = office.by(new_id())
    for method, path in (
        ("GET", f"/files/{file_id}"),
        ("GET", f"/files/{file_id}/content"),
        ("DELETE", f"/files/{file_id}"),
    ):
        assert (await office.ask(method, path, headers=other)).status_code == 404
    async with office.tx(new_id()) as tx:
        with pytest.raises(NotFound):
            await records.use(tx, file_id, SCANS)


async def test_the_same_key_brings_a_file_in_once(office: Office) -> None:
    headers = {**office.headers, "Idempotency-Key": "k1"}
    params = {"file_name": "скан"}
    first = await office.ask("POST", "/files", headers=headers, content=PNG, params=params)
    again = await office.ask("POST", "/files", headers=headers, content=PNG, params=params)
    assert first.json() == again.json()
    other = await office.ask("POST", "/files", headers=headers, content=JPEG, params=params)
    assert other.json()["code"] == "idempotency-key-reused"


async def test_an_unused_file_is_forgotten_after_a_day_and_a_used_one_stays(
    office: Office, clock: Moment
) -> None:
    left, used = await office.bring(PDF), await office.bring(PNG)
    async with office.tx() as tx:
        assert (await records.use(tx, used, SCANS)).kind is FileType.PNG
    clock.pass_(hours=25)
    await office.service.due()
    assert (await office.ask("GET", f"/files/{left}")).status_code == 404
    assert (await office.ask("GET", f"/files/{used}")).status_code == 200


async def test_a_type_without_a_place_there_is_not_used(office: Office) -> None:
    file_id = await office.bring(DOCX)
    async with office.tx() as tx:
        with pytest.raises(Exception, match="type"):
            await records.use(tx, file_id, SCANS)


async def test_what_something_rests_on_is_not_deleted(office: Office) -> None:
    file_id = await office.bring(PDF)
    await office.service.sql(
        "INSERT INTO document_templates VALUES ($1, 'deed', 'pdf', $2, now(), $1)",
        office.member_id,
        file_id,
    )
    refused = await office.ask("DELETE", f"/files/{file_id}")
    assert (refused.status_code, refused.json()["code"]) == (409, "file-used")
    await office.service.sql("DELETE FROM document_templates")
    assert (await office.ask("DELETE", f"/files/{file_id}")).status_code == 204
    assert (await office.ask("GET", f"/files/{file_id}")).status_code == 404


async def test_nobody_brings_in_files_without_end(office: Office) -> None:
    await office.service.sql(
        "INSERT INTO files (id, member_id, made_at, name, kind, size, sha256, content)"
        " SELECT gen_random_uuid(), $1, now(), 'x.txt', 'txt', 1, sha256('a'), 'a'"
        " FROM generate_series(1, $2)",
        office.member_id,
        UNUSED_MAX,
    )
    answer = await office.ask("POST", "/files", content=PDF, params={"file_name": "скан"})
    assert answer.json()["code"] == "too-many-files"
    other = office.by(new_id())
    answer = await office.ask("POST", "/files", other, content=PDF, params={"file_name": "скан"})
    assert answer.status_code == 201


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE files SET content = 'b', sha256 = sha256('b'), size = 1",
        "UPDATE files SET name = 'other.pdf'",
        "TRUNCATE files CASCADE",
    ],
)
async def test_not_even_the_owner_of_the_database_changes_a_file(
    office: Office, statement: str
) -> None:
    await office.bring(PDF)
    with pytest.raises(asyncpg.RestrictViolationError):
        await office.service.sql(statement)


async def test_a_hash_that_is_none_of_the_content_is_not_stored(office: Office) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        await office.service.sql(
            "INSERT INTO files (id, made_at, name, kind, size, sha256, content)"
            " VALUES ($1, now(), 'x.txt', 'txt', 1, sha256('b'), 'a')",
            new_id(),
        )


# --- the virus scanner ---------------------------------------------------------------------------

BY_COMMAND = shlex.join(
    [sys.executable, "-c", "import sys; sys.exit(b'EICAR' in sys.stdin.buffer.read())"]
)


class TestWithAScanner:
    """An installation that has every file looked at."""

    @pytest.fixture
    def settings(self) -> dict[str, Any]:
        """A command that knows one virus."""
        return {"virus_scanner": BY_COMMAND}

    async def test_a_file_that_the_scanner_refuses_is_not_taken(self, office: Office) -> None:
        answer = await office.ask(
            "POST", "/files", content=b"EICAR in a text", params={"file_name": "вирус.txt"}
        )
        assert (answer.status_code, answer.json()["code"]) == (422, "file-infected")
        assert isinstance(await office.bring(PDF), UUID)


@pytest.mark.parametrize("command", ["/no/such/scanner", f"{sys.executable} -c 'exit(2)'"])
async def test_a_scanner_that_is_away_is_no_way_around_it(command: str) -> None:
    with pytest.raises(Unavailable):
        await scan(PDF, command)


@pytest.mark.parametrize(
    ("answer", "is_taken"), [(b"stream: OK\0", True), (b"stream: Eicar-Test FOUND\0", False)]
)
async def test_a_server_that_speaks_as_clamd_is_asked(answer: bytes, is_taken: bool) -> None:
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\0"))
        while size := struct.unpack("!I", await reader.readexactly(4))[0]:
            heard.append(await reader.readexactly(size))
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    address = f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    content = bytes(100_000)
    try:
        if is_taken:
            await scan(content, address)
        else:
            with pytest.raises(Exception, match="scanner"):
                await scan(content, address)
    finally:
        server.close()
    assert heard[0] == b"zINSTREAM\0"
    assert b"".join(heard[1:]) == content


async def test_a_server_that_cannot_tell_is_no_answer() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"INSTREAM size limit exceeded. ERROR\0")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        with pytest.raises(Unavailable):
            await scan(PDF, f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    finally:
        server.close()
