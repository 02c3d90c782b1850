"""Timetables: a site's own lessons take places of its workshops, beside the bookings."""

from dataclasses import dataclass
from uuid import UUID

from services.workshops.domain.facts import Span


@dataclass(frozen=True, slots=True)
class Lesson:
    """A lesson of the owner's own timetable; no number of workplaces means the whole workshop."""

    workshop_id: UUID
    span: Span
    workplaces: int | None
    title: str


@dataclass(frozen=True, slots=True)
class TimetableChange:
    """How many lessons came, went and stayed when a timetable was replaced."""

    added: int
    removed: int
    unchanged: int
