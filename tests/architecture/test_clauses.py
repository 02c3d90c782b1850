"""The page of clauses: every clause of the regulation stands there, and what it names exists."""

import ast
import importlib
import re

import pytest

from tests.architecture.tree import BUILT, ROOT, python_files

PAGE = ROOT / "docs" / "clauses.md"
CLAUSES = (
    *("R1.1", "R1.2", "R1.3", "R1.4", "R1.5"),
    *("R2.1", "R2.2"),
    *("R3.1", "R3.2", "R3.3", "R3.4"),
    *("R4.1", "R4.2", "R4.3", "R4.4"),
    *("R5.1", "R5.2", "R5.3"),
    *("R6.1", "R6.2", "R6.3", "R6.4"),
    *("R7.1", "R7.2"),
    "R8.1",
)
"""All clauses that the regulation has."""

MAY_BE_OPEN = ("R1.4", "R2.", "R3.", "R7.")
"""Where a clause may be an aim, or wait for a service."""

SERVICES = (
    *("membership", "council", "workshops", "placements", "assessments", "finance"),
    *("programmes", "knowledge", "notices", "portal"),
)
AIM = "an aim, no rule"
COMES = re.compile(rf"comes with ({'|'.join(SERVICES)})")
CODE = re.compile(r"`([^`]+)`")

ROWS = [
    tuple(cell.strip() for cell in line.strip("|\n").split("|"))
    for line in PAGE.read_text("utf-8").splitlines()
    if line.startswith("| R")
]
HELD = [row for row in ROWS if CODE.fullmatch(row[2])]
OPEN = [row for row in ROWS if not CODE.fullmatch(row[2])]


def test_every_clause_of_the_regulation_stands_on_the_page_in_order() -> None:
    assert all(len(row) == 4 for row in ROWS)
    assert list(dict.fromkeys(row[0] for row in ROWS)) == list(CLAUSES)
    assert all(row[1] for row in ROWS)


def test_only_aims_and_what_waits_for_a_service_name_no_function() -> None:
    for clause, _, what, shown in OPEN:
        assert clause.startswith(MAY_BE_OPEN), clause
        assert what == AIM or COMES.fullmatch(what), what
        assert shown == "—"


@pytest.mark.parametrize("name", sorted({CODE.fullmatch(row[2])[1] for row in HELD}))  # type: ignore[index]
def test_a_function_that_holds_a_clause_exists(name: str) -> None:
    module, _, function = name.rpartition(".")
    found = getattr(importlib.import_module(module), function)
    assert callable(found)
    assert found.__module__ == module


@pytest.mark.parametrize("row", HELD, ids=[f"{row[0]}: {row[1]}" for row in HELD])
def test_a_test_that_shows_a_clause_exists(row: tuple[str, ...]) -> None:
    match = CODE.fullmatch(row[3])
    assert match is not None, row[3]
    path, _, test = match[1].partition("::")
    assert (ROOT / path) in python_files("tests")
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    assert test in {
        node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def test_r1_5_nothing_in_the_schema_ends_the_cluster_but_a_decision() -> None:
    """R1.5 with R8.1: the one table that speaks of its end holds a decision of the council."""
    ends = {}
    for service in BUILT:
        metadata = importlib.import_module(f"services.{service}.tables").metadata
        for table in metadata.tables.values():
            named = [
                column.name
                for column in table.columns
                if "cluster" in f"{table.name}.{column.name}"
                and re.search(r"(^|_)(ends?|until|to|on|at)$", column.name)
            ]
            if named:
                ends[f"{service}.{table.name}"] = (
                    named,
                    [column.name for column in table.primary_key],
                )
    assert ends == {"membership.cluster_end": (["ends_on"], ["decision_id"])}
