"""Bookings as an iCalendar (RFC 5545): when, where, how many places, and nothing of people."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from services.workshops.domain.facts import Status

_REFRESH = timedelta(minutes=15)

STATUSES = {
    Status.REQUESTED: "TENTATIVE",
    Status.CONFIRMED: "CONFIRMED",
    Status.CHECKED_IN: "CONFIRMED",
    Status.COMPLETED: "CONFIRMED",
    Status.DECLINED: "CANCELLED",
    Status.CANCELLED: "CANCELLED",
    Status.LAPSED: "CANCELLED",
    Status.NO_SHOW: "CANCELLED",
    Status.DISPLACED: "CANCELLED",
}
_WORDS = {
    Status.REQUESTED: "Ждёт ответа владельца",
    Status.CONFIRMED: "Подтверждено",
    Status.CHECKED_IN: "Идёт",
    Status.COMPLETED: "Завершено",
    Status.DECLINED: "Отклонено",
    Status.CANCELLED: "Отменено",
    Status.LAPSED: "Осталось без ответа",
    Status.NO_SHOW: "Никто не пришёл",
    Status.DISPLACED: "Место отдано владельцу",
}


def calendar(rows: Sequence[Mapping[str, Any]], name: str, member_id: UUID, now: datetime) -> bytes:
    """The bookings as a calendar of this name, as the member sees them, in their sites' time.

    Takes about half a millisecond a booking, so it is to be built in a thread.
    """
    from icalendar import Calendar, vDuration

    made = Calendar()
    made.add("prodid", "-//Artel//workshops//RU")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", name)
    made.add("refresh-interval", vDuration(_REFRESH), parameters={"VALUE": "DURATION"})
    made.add("x-published-ttl", "PT15M")
    zones = {row["time_zone"] for row in rows} | {"Europe/Moscow"}
    for zone in sorted(zones):
        made.add_component(_zone(zone, rows, now))
    for row in rows:
        made.add_component(_event(row, member_id, now))
    return bytes(made.to_ical())


def _zone(zone: str, rows: Sequence[Mapping[str, Any]], now: datetime) -> Any:
    """What is known of a time zone over the years of the bookings, not since 1970."""
    from icalendar import Timezone

    first = min((row["starts_at"] for row in rows), default=now)
    last = max((row["ends_at"] for row in rows), default=now)
    return Timezone.from_tzid(
        zone,
        first_date=min(first, now).date() - timedelta(days=366),
        last_date=max(last, now).date() + timedelta(days=366),
    )


def _event(row: Mapping[str, Any], member_id: UUID, now: datetime) -> Any:
    from icalendar import Event

    status = Status(row["status"])
    zone = ZoneInfo(row["time_zone"])
    event = Event()
    event.add("uid", f"{row['id']}@artel")
    event.add("dtstamp", now)
    event.add("sequence", row["version"])
    event.add("dtstart", row["starts_at"].astimezone(zone))
    event.add("dtend", row["ends_at"].astimezone(zone))
    event.add("status", STATUSES[status])
    event.add("transp", "TRANSPARENT" if STATUSES[status] == "CANCELLED" else "OPAQUE")
    event.add("summary", f"{_prefix(status)}{row['workshop_name']}, {places(row['workplaces'])}")
    event.add("location", f"{row['site_name']}, {row['town']}")
    event.add("description", f"{_WORDS[status]}. {_side(row, member_id)}")
    return event


def _prefix(status: Status) -> str:
    return "Запрос: " if status is Status.REQUESTED else ""


def _side(row: Mapping[str, Any], member_id: UUID) -> str:
    if row["owner_id"] == row["booker_id"]:
        return "Своя мастерская."
    return "К вам приходят." if row["owner_id"] == member_id else "Вы приходите."


def places(count: int) -> str:
    """So many workplaces in Russian words: 1 место, 2 места, 5 мест."""
    if count % 10 == 1 and count % 100 != 11:
        return f"{count} место"
    if count % 10 in (2, 3, 4) and count % 100 not in (12, 13, 14):
        return f"{count} места"
    return f"{count} мест"
