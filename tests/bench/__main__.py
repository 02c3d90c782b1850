"""Prints the figures: `python -m tests.bench [group]`, one line each, `name value unit`."""

import sys
import tempfile
from pathlib import Path

from tests.bench import availability, booking, contested, events, start
from tests.bench.place import Place

GROUPS = ("booking", "contested", "events", "availability", "start")


def main() -> None:
    """Runs the groups asked for on one installation and prints what they found."""
    wanted = sys.argv[1:] or list(GROUPS)
    unknown = set(wanted) - set(GROUPS)
    if unknown:
        sys.exit(f"There is no {', '.join(unknown)}; there are {', '.join(GROUPS)}.")
    with tempfile.TemporaryDirectory(prefix="artel-bench-") as folder:
        data = Path(folder) / "data"
        with Place(data) as place:
            for group in (booking, contested, events, availability):
                if group.__name__.rpartition(".")[2] in wanted:
                    say(group.figures(place))
        if "start" in wanted:
            say(start.figures(data))


def say(found: dict[str, tuple[float, str]]) -> None:
    """Prints figures as plain decimal numbers."""
    for name, (value, unit) in found.items():
        print(f"{name} {value:.3f} {unit}", flush=True)


if __name__ == "__main__":
    main()
