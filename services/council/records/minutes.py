"""Rows of minutes as facts, and the texts that the secretary enters as a column holds them."""

from typing import Any

from pydantic import TypeAdapter

from services.council.domain.minutes import Minutes, MinutesStatus, Texts

_TEXTS: TypeAdapter[Texts] = TypeAdapter(Texts)


def minutes_of(row: Any) -> Minutes:
    """Minutes, as far as their steps ask."""
    return Minutes(
        id=row["id"],
        meeting_id=row["meeting_id"],
        status=MinutesStatus(row["status"]),
        version=row["version"],
    )


def texts_of(column: Any) -> Texts:
    """The texts, from what a column holds."""
    return _TEXTS.validate_python(column)


def texts_json(texts: Texts) -> Any:
    """The texts as a column holds them."""
    return _TEXTS.dump_python(texts, mode="json")
