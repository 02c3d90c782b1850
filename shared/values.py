"""The kinds of values that routes take, and what makes one of them impossible."""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Strict, StringConstraints

YEARS = (2000, 2200)
"""Years that dates and instants may lie in; far beyond, no calendar or time zone says anything."""

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATE_AND_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ].*")


def _is_writable(text: str) -> str:
    if any((ord(char) < 32 and char not in "\n\t") or ord(char) == 127 for char in text):
        raise ValueError("contains control characters")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("contains half of a character") from None
    return text


Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(_is_writable),
]
"""A name or a title: 1 to 200 characters."""

Words = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=2000),
    AfterValidator(_is_writable),
]
"""A reason or a description: 1 to 2000 characters."""

LongWords = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=10_000),
    AfterValidator(_is_writable),
]
"""A text that is read and discussed: 1 to 10 000 characters."""


def _as_date(value: Any) -> Any:
    if (isinstance(value, str) and not _DATE.fullmatch(value)) or isinstance(value, int | float):
        raise ValueError("is no date such as 2027-02-20")
    return value


def _as_instant(value: Any) -> Any:
    if not isinstance(value, str) or not _DATE_AND_TIME.fullmatch(value):
        raise ValueError("is no instant such as 2027-02-20T08:30:00+03:00")
    return value


def _day_in_reach(day: date) -> date:
    if not YEARS[0] <= day.year <= YEARS[1]:
        raise ValueError("is out of reach of any calendar")
    return day


def _instant_in_reach(moment: datetime) -> datetime:
    _day_in_reach(moment.date())
    return moment.astimezone(UTC)


Day = Annotated[date, BeforeValidator(_as_date), AfterValidator(_day_in_reach)]
"""A date, written out: 2027-02-20."""

Moment = Annotated[AwareDatetime, BeforeValidator(_as_instant), AfterValidator(_instant_in_reach)]
"""An instant with a zone, RFC 3339."""

Whole = Annotated[int, Strict()]
"""A number of a body: 2, but neither "2" nor true."""

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F]{64}$")]
"""A SHA-256 in hexadecimal digits."""
