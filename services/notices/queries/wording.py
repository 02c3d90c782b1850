"""Sentences in a person's language: the service's catalogue, and how dates and money are written.

The catalogue is read when the first sentence is asked for: starting waits for none of it.
"""

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from services.notices.domain.ways import MOSCOW, Language

LOCALE = Path(__file__).resolve().parent.parent / "locale"
NBSP = "\u00a0"
_PLACE = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True)
class Wording:
    """The words of one language."""

    language: Language

    def text(self, english: str) -> str:
        """The sentence in this language, its facts still in braces."""
        found: str = _catalogue(self.language).ugettext(english)
        return found

    def fill(self, english: str, facts: Mapping[str, Any], names: Mapping[str, str]) -> str:
        """The sentence with its facts written out; `names` are those of members, by id."""
        return _PLACE.sub(
            lambda place: self._written(place[1], facts.get(place[1]), names), self.text(english)
        )

    def day(self, on: date) -> str:
        """«чт, 14 января»."""
        from babel.dates import format_date

        return str(format_date(on, "ccc, d MMMM", locale=self.language.value))

    def moment(self, at: datetime) -> str:
        """«чт, 14 января, 12:30», by the clocks of Moscow."""
        local = at.astimezone(MOSCOW)
        return f"{self.day(local.date())}, {local:%H:%M}"

    def _written(self, name: str, value: Any, names: Mapping[str, str]) -> str:
        if value is None:
            return "—"
        if name.endswith("_id"):
            return names.get(str(value), self.text("an organisation"))
        if name.endswith("_at"):
            return self.moment(datetime.fromisoformat(str(value)))
        if name.endswith("_on"):
            return self.day(date.fromisoformat(str(value)))
        if name.endswith("_kopecks"):
            rubles, kopecks = divmod(int(value), 100)
            point = "," if self.language is Language.RU else "."
            return f"{rubles:,}".replace(",", NBSP) + f"{point}{kopecks:02}{NBSP}₽"
        return str(value)


def places_in(sentence: str) -> set[str]:
    """The names of the facts that a sentence has a place for."""
    return set(_PLACE.findall(sentence))


@lru_cache
def _catalogue(language: Language) -> Any:
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po
    from babel.support import NullTranslations, Translations

    if language is Language.EN:
        return NullTranslations()
    with (LOCALE / language.value / "LC_MESSAGES" / "notices.po").open("rb") as file:
        catalogue = read_po(file, locale=language.value)
    packed = io.BytesIO()
    write_mo(packed, catalogue)
    packed.seek(0)
    return Translations(packed, domain="notices")
