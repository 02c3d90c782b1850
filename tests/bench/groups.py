"""All groups of figures, and what each of them finds."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.bench import availability, booking, contested, events, pages, start
from tests.bench.place import Place
from tests.bench.size import FULL, Figures, Size

GROUPS = {
    "booking": ("booking_ratio", "booking_p99_ms", "booking_per_s", "booking_raw_per_s"),
    "contested": ("contested_slot_overbooked", "contested_slot_underbooked"),
    "events": (
        "event_latency_p50_ms",
        "event_latency_p99_ms",
        "event_latency_ratio",
        "event_latency_raw_p50_ms",
        "relay_events_per_s",
    ),
    "pages": ("page_p95_ms", "page_slowest_ms"),
    "availability": ("availability_p95_ms", "availability_growth"),
    "start": ("start_ratio", "start_seconds", "memory_mb"),
}
"""The names of the figures, group by group."""

_ON_ONE_PLACE = {
    "booking": booking.figures,
    "contested": contested.figures,
    "events": events.figures,
    "pages": pages.figures,
}


def measure(
    folder: Path, wanted: Sequence[str] = (), size: Size = FULL
) -> Iterator[tuple[str, float, str]]:
    """Runs the groups that are wanted by their own or a figure's name, all when none is named."""
    asked = {
        group: [name for name in names if not wanted or group in wanted or name in wanted]
        for group, names in GROUPS.items()
    }
    with Place(folder / "data") as place:
        for group, figures in _ON_ONE_PLACE.items():
            if asked[group]:
                yield from _only(asked[group], figures(place, size))
    if asked["start"]:
        yield from _only(asked["start"], start.figures(folder / "data", size))
    if asked["availability"]:
        yield from _only(asked["availability"], availability.figures(size))


def _only(names: Sequence[str], found: Figures) -> Iterator[tuple[str, float, str]]:
    for name in names:
        value, unit = found[name]
        yield name, value, unit
