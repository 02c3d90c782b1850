"""Folders for installations."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder that does not exist yet, with a hard name, in one only its owner may enter."""
    private = tmp_path / "только моё"
    private.mkdir(mode=0o700)
    return (
        private / "с пробелом и длинным именем, чтобы сокет туда не поместился ни за что" / "data"
    )


@pytest.fixture
def passable() -> Iterator[Path]:
    """A folder that another user may pass through."""
    with tempfile.TemporaryDirectory(prefix="artel-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)
