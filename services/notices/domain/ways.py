"""When people are told by mail: at once, once a day, or not at all; and when they are reminded."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from services.notices.domain.kinds import RULES, Group, Kind, Urgency

MOSCOW = ZoneInfo("Europe/Moscow")
NEWS_LASTS = timedelta(days=2)
"""What was told longer ago is heard again, by a service that is rebuilt: it is no news any more."""

REMINDED_BEFORE = (timedelta(days=3), timedelta(days=1))
"""So long before its time is up, a reminder names what is still to be done: twice at most."""

_REST_BEFORE_REMINDER = timedelta(hours=12)


class Way(StrEnum):
    """How news of a group reach a person by mail."""

    AT_ONCE = "at_once"
    DIGEST = "digest"
    INBOX = "inbox"
    """Not by mail."""


class Language(StrEnum):
    """The language of letters."""

    RU = "ru"
    EN = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """How a person wants to be told."""

    language: Language = Language.RU
    digest_hour: int = 8
    """The hour of the digest, by the clocks of Moscow."""
    ways: Mapping[Group, Way] = field(default_factory=dict)

    def way(self, group: Group) -> Way:
        """How news of the group reach the person: by the digest, unless chosen otherwise."""
        return self.ways.get(group, Way.DIGEST)


def way_of(kind: Kind, preferences: Preferences) -> Way:
    """How this fact reaches the person: what cannot wait at once, whatever is preferred."""
    rule = RULES[kind]
    if rule.urgency is Urgency.CANNOT_WAIT:
        return Way.AT_ONCE
    if rule.urgency is Urgency.QUIET:
        return Way.INBOX
    return preferences.way(rule.group)


def is_news(told_at: datetime, now: datetime) -> bool:
    """Whether a fact is fresh enough to be told of, even if there is nothing to do."""
    return now - told_at <= NEWS_LASTS


def next_digest_at(now: datetime, hour: int) -> datetime:
    """The next instant at which Moscow's clocks show this hour, in UTC."""
    local = now.astimezone(MOSCOW)
    today = datetime.combine(local.date(), time(hour), MOSCOW)
    return (today if today > local else today + timedelta(days=1)).astimezone(UTC)


def reminders_at(now: datetime, due_at: datetime | None) -> tuple[datetime, ...]:
    """When a person is reminded of what is to be done by then; nothing soon after it was told."""
    if due_at is None:
        return ()
    moments = (due_at - before for before in REMINDED_BEFORE)
    return tuple(moment for moment in moments if moment >= now + _REST_BEFORE_REMINDER)
