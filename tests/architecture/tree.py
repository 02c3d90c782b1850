"""The tree of the repository, as the tests of its shape see it."""

from pathlib import Path

from contracts.topology import SERVICES

ROOT = Path(__file__).resolve().parents[2]

BUILT: tuple[str, ...] = tuple(
    service for service in SERVICES if (ROOT / "services" / service / "main.py").is_file()
)
"""The services that can be started; that none is missing is a test of its own."""


def python_files(*folders: str) -> list[Path]:
    """Every Python file of ours under the folders of the repository, in order."""
    return sorted(
        path
        for folder in folders
        for path in (ROOT / folder).rglob("*.py")
        if "node_modules" not in path.parts
    )
