"""Which type a file is, by what stands in it; what its name or its sender says counts for nothing."""

import io
import zipfile
from enum import StrEnum

from shared.files.faults import FileHasMacros, FileIsDamaged

UNPACKED_BYTES_MAX = 50_000_000
ENTRIES_MAX = 2_000


class FileType(StrEnum):
    """The types of file that are known, by the ending of their names."""

    PDF = "pdf"
    PNG = "png"
    JPEG = "jpg"
    DOCX = "docx"
    XLSX = "xlsx"
    PPTX = "pptx"
    ODT = "odt"
    ODS = "ods"
    TEXT = "txt"
    SIGNATURE = "p7s"
    """A detached signature: CMS, as DER or PEM."""


_OFFICE = "application/vnd.openxmlformats-officedocument"
MEDIA_TYPES: dict[FileType, str] = {
    FileType.PDF: "application/pdf",
    FileType.PNG: "image/png",
    FileType.JPEG: "image/jpeg",
    FileType.DOCX: f"{_OFFICE}.wordprocessingml.document",
    FileType.XLSX: f"{_OFFICE}.spreadsheetml.sheet",
    FileType.PPTX: f"{_OFFICE}.presentationml.presentation",
    FileType.ODT: "application/vnd.oasis.opendocument.text",
    FileType.ODS: "application/vnd.oasis.opendocument.spreadsheet",
    FileType.TEXT: "text/plain; charset=utf-8",
    FileType.SIGNATURE: "application/pkcs7-signature",
}
OTHER_ENDINGS = {"jpeg": FileType.JPEG, "sig": FileType.SIGNATURE, "sgn": FileType.SIGNATURE}

SCANS = frozenset({FileType.PDF, FileType.PNG, FileType.JPEG})
"""What a scanner or a telephone makes of paper."""
PAPERS = SCANS | {FileType.DOCX, FileType.XLSX, FileType.ODT, FileType.ODS, FileType.TEXT}
"""What people send each other as documents."""

_BY_MEDIA_TYPE = {
    "application/pdf": FileType.PDF,
    "image/png": FileType.PNG,
    "image/jpeg": FileType.JPEG,
}
_PARTS = {
    "word/document.xml": FileType.DOCX,
    "xl/workbook.xml": FileType.XLSX,
    "ppt/presentation.xml": FileType.PPTX,
}
_OPEN_DOCUMENTS = {MEDIA_TYPES[kind].encode(): kind for kind in (FileType.ODT, FileType.ODS)}
_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
"""The object identifier of signed data, which every CMS signature has near its beginning."""
_PEM_HEADS = (b"-----BEGIN PKCS7-----", b"-----BEGIN CMS-----")


def type_of(content: bytes) -> FileType | None:
    """The type by the content, None for any that is not known; raises FileIsDamaged, FileHasMacros."""
    if content.startswith(b"PK\x03\x04"):
        return _packed(content)
    if content.startswith(_PEM_HEADS) or (content[:1] == b"0" and _SIGNED_DATA in content[:32]):
        return FileType.SIGNATURE
    import filetype  # a table of signatures of a hundred types, wanted with the first file

    guess = filetype.guess(content)
    if guess is not None:
        return _BY_MEDIA_TYPE.get(guess.mime)
    return FileType.TEXT if _is_text(content) else None


def media_type_of(kind: FileType) -> str:
    """What a browser is told of the type."""
    return MEDIA_TYPES[kind]


def _packed(content: bytes) -> FileType | None:
    """The type of a ZIP archive, which office documents are."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if (
                len(entries) > ENTRIES_MAX
                or sum(entry.file_size for entry in entries) > UNPACKED_BYTES_MAX
            ):
                raise FileIsDamaged("The file unpacks to more than is taken.")
            names = {entry.filename for entry in entries}
            if any(name.lower().endswith("vbaproject.bin") for name in names):
                raise FileHasMacros
            if "mimetype" in names:
                return _OPEN_DOCUMENTS.get(archive.read("mimetype").strip())
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, OSError, EOFError):
        raise FileIsDamaged from None
    return next((kind for part, kind in _PARTS.items() if part in names), None)


def _is_text(content: bytes) -> bool:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return not any(ord(char) < 32 and char not in "\t\n\r\f" for char in text)
