"""Writes the reference of all settings: `python -m shared.settings_reference [--check]`."""

import sys
from pathlib import Path

from contracts.topology import SERVICES
from shared.settings import Settings

REFERENCE = Path(__file__).resolve().parent.parent / "deploy" / "settings.md"

_HEAD = """\
# Settings of the services

Generated from `shared/settings.py` by `make settings`; do not edit. Each name exists for all
services (`ARTEL_…`) and for one alone (`ARTEL_<SERVICE>_…`, which comes first), where SERVICE is one
of {services}. Instead of a value, the same name with `_FILE` behind it
names a file that holds the value. `make up` and the composition set all of them; what an installation
itself is told (`ARTEL_DATA`, `ARTEL_PORT`, `ARTEL_HOST`, …) stands in [README.md](README.md).

| variable | one service's own | default | what it is |
|---|---|---|---|
"""


def reference() -> str:
    """The text of the reference."""
    lines = []
    for name, field in Settings.model_fields.items():
        default = "required" if field.is_required() else f"`{field.default}`"
        lines.append(
            f"| `ARTEL_{name.upper()}` | `ARTEL_<SERVICE>_{name.upper()}` | {default}"
            f" | {field.description} |"
        )
    services = ", ".join(service.upper() for service in SERVICES)
    return _HEAD.format(services=services) + "\n".join(lines) + "\n"


def main() -> None:
    """Writes the file, or says with exit code 1 that it is out of date."""
    if "--check" in sys.argv:
        if REFERENCE.read_text() != reference():
            sys.exit(f"{REFERENCE.name} is out of date: run make settings.")
    else:
        REFERENCE.write_text(reference())


if __name__ == "__main__":
    main()
