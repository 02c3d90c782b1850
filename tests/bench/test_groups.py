"""All groups run, at a size that says nothing of speed, so that the figures are there when wanted."""

from pathlib import Path

from tests.bench.groups import GROUPS, measure
from tests.bench.size import TINY


def test_every_group_finds_its_figures_at_a_tiny_size(tmp_path: Path) -> None:
    found = {name: value for name, value, _ in measure(tmp_path, size=TINY)}
    assert list(found) == [name for figures in GROUPS.values() for name in figures]
    assert found["contested_slot_overbooked"] == 0
    assert min(found.values()) >= 0
