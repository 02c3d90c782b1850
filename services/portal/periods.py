"""Periods of a plan in words: 2027-Q2 is «II квартал 2027», 2027-03 is «март 2027»."""

import re

from services.portal.words import Words

ROMAN = {"1": "I", "2": "II", "3": "III", "4": "IV"}
_QUARTER = re.compile(r"([0-9]{4})-Q([1-4])")
_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")
_YEAR = re.compile(r"[0-9]{4}")


def period_words(words: Words, text: str) -> str:
    """How a page says a period."""
    if match := _QUARTER.fullmatch(text):
        number = ROMAN[match[2]] if words.language == "ru" else match[2]
        return words.text("quarter %(number)s of %(year)s", number=number, year=match[1])
    if _MONTH.fullmatch(text):
        return words.month(f"{text}-01")
    if _YEAR.fullmatch(text):
        return words.text("during %(year)s", year=text)
    return words.full_day(text)


def periods_of(words: Words, year: int) -> dict[str, str]:
    """What one chooses from: the year, its quarters, its months; a day is typed."""
    codes = [
        str(year),
        *(f"{year}-Q{quarter}" for quarter in range(1, 5)),
        *(f"{year}-{month:02}" for month in range(1, 13)),
    ]
    return {code: period_words(words, code) for code in codes}
