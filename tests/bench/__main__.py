"""Prints the figures: `python -m tests.bench [group or figure]`, one line each, `name value unit`."""

import sys
import tempfile
from pathlib import Path

from tests.bench.groups import GROUPS, measure


def main() -> None:
    """Runs the groups asked for and prints what they found, as plain decimal numbers."""
    wanted = sys.argv[1:]
    known = {*GROUPS, *(figure for figures in GROUPS.values() for figure in figures)}
    if unknown := [name for name in wanted if name not in known]:
        sys.exit(f"There is no {', '.join(unknown)}; there are {', '.join(sorted(known))}.")
    with tempfile.TemporaryDirectory(prefix="artel-bench-") as folder:
        for name, value, unit in measure(Path(folder), wanted):
            print(f"{name} {value:.3f} {unit}", flush=True)


if __name__ == "__main__":
    main()
