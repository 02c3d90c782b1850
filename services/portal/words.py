"""Words: the one catalogue of texts, and how dates, times, money and people are written."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

LOCALE = Path(__file__).resolve().parent / "locale"
LANGUAGES = {"ru": "Русский", "en": "English"}
DEFAULT = "ru"
MOSCOW = ZoneInfo("Europe/Moscow")
NBSP, THIN_MINUS, DASH = "\u00a0", "\u2212", "\u2013"


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for a text that is translated later
    """Marks a text for the catalogue; it is translated where it is shown."""
    return text


@dataclass(frozen=True)
class Words:
    """The words of one language; texts in the code are English and stand in the catalogue."""

    language: str

    @cached_property
    def translations(self) -> Any:
        """The catalogue of the language, as gettext wants it."""
        from babel.messages.mofile import write_mo
        from babel.messages.pofile import read_po
        from babel.support import NullTranslations, Translations

        if self.language == "en":
            return NullTranslations()
        with (LOCALE / self.language / "LC_MESSAGES" / "artel.po").open("rb") as file:
            catalogue = read_po(file, locale=self.language)
        packed = io.BytesIO()
        write_mo(packed, catalogue)
        packed.seek(0)
        return Translations(packed, domain="artel")

    def text(self, text: str, **facts: Any) -> str:
        """The text in this language, with its facts put in."""
        found: str = self.translations.ugettext(text)
        return found % facts if facts else found

    def plural(self, one: str, many: str, number: int, **facts: Any) -> str:
        """The form of the text that goes with the number."""
        found: str = self.translations.ungettext(one, many, number)
        return found % {"num": number, **facts}

    # --- time ------------------------------------------------------------------------------

    def day(self, on: date | str, *, year: bool = False) -> str:
        """«чт, 14 января»; with the year where it is not the present one's."""
        pattern = {"ru": "ccc, d MMMM", "en": "ccc, d MMMM"}[self.language]
        return self._date(as_day(on), f"{pattern} y" if year else pattern)

    def short_day(self, on: date | str) -> str:
        """«14 янв»."""
        return self._date(as_day(on), "d MMM").rstrip(".")

    def weekday(self, on: date | str) -> str:
        """«чт»."""
        return self._date(as_day(on), "ccc")

    def month(self, on: date | str) -> str:
        """«январь 2027»."""
        return self._date(as_day(on), "LLLL y")

    def full_day(self, on: date | str) -> str:
        """«14 января 2027»; in a form or a document."""
        return self._date(as_day(on), "d MMMM y")

    def numeric_day(self, on: date | str) -> str:
        """«14.01.2027»; in a table."""
        return f"{as_day(on):%d.%m.%Y}"

    def moment(self, at: datetime | str) -> str:
        """«чт, 14 января, 12:30»."""
        local = as_local(at)
        return f"{self.day(local.date())}, {local:%H:%M}"

    def deadline(self, at: datetime | str) -> str:
        """«конца пн, 30 ноября» where the time is up at midnight, else the moment."""
        local = as_local(at)
        if (local.hour, local.minute) != (0, 0):
            return self.moment(local)
        return self.text("the end of %(day)s", day=self.day(local.date() - timedelta(days=1)))

    def span(self, starts_at: datetime | str, ends_at: datetime | str) -> str:
        """«чт, 14 января, 12:30–14:05»."""
        first, last = as_local(starts_at), as_local(ends_at)
        if first.date() == last.date():
            return f"{self.day(first.date())}, {first:%H:%M}{DASH}{last:%H:%M}"
        return f"{self.moment(first)} {DASH} {self.moment(last)}"

    def _date(self, on: date, pattern: str) -> str:
        from babel.dates import format_date

        return format_date(on, pattern, locale=self.language)

    # --- money, numbers, people ------------------------------------------------------------

    def money(self, kopecks: int | None) -> str:
        """«1 647,00 ₽» with no-break spaces; a dash where there is none to tell."""
        if kopecks is None:
            return "—"
        rubles, rest = divmod(abs(kopecks), 100)
        grouped = f"{rubles:,}".replace(",", NBSP)
        point = "," if self.language == "ru" else "."
        sign = THIN_MINUS if kopecks < 0 else ""
        return f"{sign}{grouped}{point}{rest:02}{NBSP}₽"

    def minutes(self, minutes: int) -> str:
        """«1 ч 35 мин»."""
        hours, rest = divmod(minutes, 60)
        parts = [self.text("%(count)s h", count=hours)] if hours else []
        if rest or not hours:
            parts.append(self.text("%(count)s min", count=rest))
        return NBSP.join(parts)


def person(name: Mapping[str, Any]) -> str:
    """«Иванова А. П.»."""
    initials = [f"{part[0]}." for part in (name["given_name"], name.get("patronymic")) if part]
    return NBSP.join([name["family_name"], *initials])


def as_day(on: date | str) -> date:
    """The date; of an instant, its Moscow date."""
    if isinstance(on, datetime):
        return on.astimezone(MOSCOW).date()
    if isinstance(on, str):
        return as_local(on).date() if "T" in on else date.fromisoformat(on)
    return on


def as_local(at: datetime | str) -> datetime:
    """The instant by the clocks of Moscow."""
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    return moment.astimezone(MOSCOW)


def at_moscow(on: date, clock: time) -> datetime:
    """The instant at which Moscow's clocks show this, in UTC."""
    return datetime.combine(on, clock, MOSCOW).astimezone(UTC)


def monday_of(on: date) -> date:
    """The first day of its week."""
    return on - timedelta(days=on.weekday())
