"""Everything that can be wrong with a file has one code, a sentence, and a test that meets it."""

import importlib
import re
from pathlib import Path

import pytest

from shared.imports.faults import Complaint

ROOT = Path(__file__).resolve().parents[3]
TESTS = "\n".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))


def complaints() -> dict[str, set[str]]:
    """The sentences of every code, wherever it is written."""
    found: dict[str, set[str]] = {}
    for path in sorted(
        [*(ROOT / "shared/imports").glob("*.py"), *(ROOT / "services").rglob("*.py")]
    ):
        if "Complaint(" not in path.read_text("utf-8"):
            continue
        name = path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
        for value in vars(importlib.import_module(name)).values():
            if isinstance(value, Complaint):
                found.setdefault(value.code, set()).add(value.sentence)
    return found


COMPLAINTS = complaints()


@pytest.mark.parametrize("code", sorted(COMPLAINTS))
def test_a_complaint_has_one_meaning_and_a_test_that_meets_it(code: str) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)+", code)
    (sentence,) = COMPLAINTS[code]
    assert sentence[0].isupper()
    assert sentence.endswith(".")
    assert f'"{code}"' in TESTS, "no test meets it"


def test_the_complaints_of_the_chassis_and_of_services_are_found() -> None:
    assert {"cell-missing", "member-differs", "workshop-differs", "pair-unknown"} <= set(COMPLAINTS)
