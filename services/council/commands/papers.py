"""The documents of the council, made of its data by templates that come with the service."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from shared.documents.plain import docx_of
from shared.documents.render import Format, render_own

_FOLDER = Path(__file__).resolve().parent.parent / "templates"


async def make_minutes(
    data: Mapping[str, Any],
    made_as: Format,
    made_at: datetime,
    *,
    extract_of: str | None = None,
) -> bytes:
    """Minutes, or an extract from those whose signed bytes have that SHA-256."""
    filled = {**data, "is_extract": extract_of is not None, "sha256": extract_of or ""}
    return await render_own(_template(made_as), made_as, filled, made_at)


def _template(made_as: Format) -> bytes:
    if made_as is Format.PDF:
        return (_FOLDER / "minutes.typ").read_bytes()
    return docx_of((_FOLDER / "minutes.docx.txt").read_text("utf-8"))
