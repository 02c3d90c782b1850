"""All groups of figures, and what each of them finds."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from tests.bench import availability, booking, contested, events, pages, start
from tests.bench.place import Place
from tests.bench.size import FULL, Figures, Size

GROUPS = {
    "pages": ("page_p95_ms", "page_slowest_ms", "pages"),
    "booking": ("booking_ratio", "booking_p99_ms", "booking_per_s", "booking_raw_per_s"),
    "contested": ("contested_slot_overbooked", "contested_slot_underbooked"),
    "availability": ("availability_p95_ms", "availability_growth"),
    "events": (
        "event_latency_p50_ms",
        "event_latency_p99_ms",
        "event_latency_ratio",
        "event_latency_raw_p50_ms",
        "relay_events_per_s",
    ),
    "start": ("start_ratio", "start_seconds", "memory_mb"),
}
"""The names of the figures, group by group, in the order in which they are found."""


def measure(
    folder: Path, wanted: Sequence[str] = (), size: Size = FULL
) -> Iterator[tuple[str, float, str]]:
    """Runs the groups that are wanted by their own or a figure's name, all when none is named."""
    with ExitStack() as stack:
        place = stack.enter_context(Place(folder / "data", size.bookers))
        for group, names in GROUPS.items():
            asked = [name for name in names if not wanted or group in wanted or name in wanted]
            if not asked:
                continue
            if group == "start":
                stack.close()
            found = _figures(group, place, size)
            yield from ((name, *found[name]) for name in asked)


def _figures(group: str, place: Place, size: Size) -> Figures:
    if group == "availability":
        return _of_two_places(place, size)
    if group == "start":
        return start.figures(place.folder, size)
    on_one_place = {
        "pages": pages.figures,
        "booking": booking.figures,
        "contested": contested.figures,
        "events": events.figures,
    }
    return on_one_place[group](place, size)


def _of_two_places(place: Place, size: Size) -> Figures:
    """Two new installations side by side, where it matters how many bookings there are."""
    if not size.side_by_side:
        return availability.figures(place, place, size)
    folder = place.folder.parent
    with Place(folder / "few") as few, Place(folder / "many") as many:
        return availability.figures(few, many, size)
