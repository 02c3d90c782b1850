"""Leaves of the portal's npm packages only what is served: `python -m deploy.containers.served`.

Run once where the portal's image is made.
"""

from collections.abc import Collection
from pathlib import Path


def main() -> None:
    """Thins out the packages that lie beside the portal."""
    from services.portal.assets import FILES, ICONS, PACKAGES

    served = {file for file in FILES.values() if file.is_relative_to(PACKAGES)}
    leave_only(PACKAGES, {*served, ICONS})


def leave_only(packages: Path, served: Collection[Path]) -> None:
    """Deletes all but these files and folders, and the licences that go with them.

    Raises FileNotFoundError when one of them is not there.
    """
    for wanted in served:
        wanted.stat()
    for found in sorted(packages.rglob("*"), reverse=True):
        if _stays(found, served):
            continue
        if found.is_symlink() or found.is_file():
            found.unlink()
        elif not any(found.iterdir()):
            found.rmdir()


def _stays(found: Path, served: Collection[Path]) -> bool:
    if any(found == wanted or wanted in found.parents for wanted in served):
        return True
    is_licence = found.name.upper().startswith(("LICENSE", "LICENCE"))
    return is_licence and any(found.parent in wanted.parents for wanted in served)


if __name__ == "__main__":
    main()
