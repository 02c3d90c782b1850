"""How much each group does: what the figures need, or next to nothing, to see that all groups run."""

from dataclasses import dataclass

Figures = dict[str, tuple[float, str]]
"""Names with their values and units."""


@dataclass(frozen=True)
class Size:
    """The sizes of all groups."""

    bookers: int = 8
    warm_seconds: float = 2.0
    blocks: int = 5
    block_seconds: float = 3.0
    requests: int = 8000
    """Bookings that are written before each block."""

    rounds: int = 1000
    """Slots that 16 clients contend for."""

    event_blocks: int = 4
    event_seconds: float = 4.0
    backlog: int = 50_000
    """Events that wait to be told at once."""

    workshops: int = 100
    few: int = 100_000
    many: int = 1_000_000
    """Bookings that stand beside the ones asked about."""

    side_by_side: bool = True
    """Whether few and many have an installation each."""

    ask_blocks: int = 5
    asks: int = 20
    bookings: int = 200
    """Bookings that stand when pages are looked at."""

    links_each: int = 3
    """Addresses of one kind of page."""

    page_rounds: int = 10
    starts: int = 5
    idle_seconds: float = 5.0


FULL = Size()
TINY = Size(
    bookers=1,
    warm_seconds=0.1,
    blocks=1,
    block_seconds=0.2,
    requests=50,
    rounds=3,
    event_blocks=1,
    event_seconds=0.2,
    backlog=200,
    workshops=3,
    few=50,
    many=200,
    side_by_side=False,
    ask_blocks=1,
    asks=2,
    bookings=3,
    links_each=1,
    page_rounds=1,
    starts=1,
    idle_seconds=0.1,
)
