"""The import rules: the tree keeps them, and each of them sees its planted violation."""

import configparser
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from contracts.topology import PORTAL, SERVICES
from tests.architecture.tree import ROOT

LEFT_OUT = ("__pycache__", "node_modules", "*.md")
FOLDERS = ("contracts", "shared", "services", "deploy")


def contracts_by_id() -> dict[str, dict[str, str]]:
    """What stands in `.importlinter`, rule by rule."""
    parser = configparser.ConfigParser()
    parser.read(ROOT / ".importlinter", "utf-8")
    prefix = "importlinter:contract:"
    return {
        name.removeprefix(prefix): dict(parser[name])
        for name in parser.sections()
        if name.startswith(prefix)
    }


RULES = contracts_by_id()


@dataclass(frozen=True)
class Violation:
    """A line that must not stand where it is planted, and the rules that must see it."""

    path: str
    line: str
    broken: frozenset[str]


def plant(path: str, line: str, *broken: str) -> Violation:
    return Violation(path, line, frozenset(broken))


VIOLATIONS = {
    "a service imports another's query": plant(
        "services/workshops/queries.py", "import services.membership.queries", "strangers"
    ),
    "a service imports another's rule": plant(
        "services/finance/domain.py", "import services.workshops.domain.price", "strangers"
    ),
    "a service has a file of its own kind": plant(
        "services/workshops/utils.py", '"""Odds and ends."""', "shape"
    ),
    "the two doors know each other": plant(
        "services/finance/subscribers.py", "import services.finance.api", "shape"
    ),
    "a command knows its door": plant(
        "services/finance/commands.py", "import services.finance.api", "shape"
    ),
    "a query knows a command": plant(
        "services/finance/queries.py", "import services.finance.commands", "shape"
    ),
    "a page has a rule": plant("services/portal/domain.py", '"""A rule."""', "pages"),
    "the client of the services knows a page": plant(
        "services/portal/client.py", "import services.portal.pages", "pages"
    ),
    "a page knows the assembly": plant(
        "services/portal/live.py", "import services.portal.main", "pages"
    ),
    "the portal keeps data": plant("services/portal/session.py", "import asyncpg", "portal"),
    "the portal is a service of the chassis": plant(
        "services/portal/main.py", "import shared.service", "portal"
    ),
    "the portal speaks of events": plant(
        "services/portal/live.py", "import contracts.workshops", "edges"
    ),
    "the portal makes streams": plant(
        "services/portal/live.py", "import contracts.provisioning", "portal"
    ),
    "the portal asks a service past its door": plant(
        "services/portal/client.py", "import services.finance.domain", "strangers"
    ),
    "the portal knows how it is run": plant(
        "services/portal/main.py", "import deploy.nats.config", "deployment"
    ),
    "a rule knows a table": plant(
        "services/workshops/domain/price.py",
        "import services.workshops.tables",
        "shape",
        "rules",
        "tables",
    ),
    "a rule does input and output": plant(
        "services/workshops/domain/price.py", "import httpx", "rules"
    ),
    "a rule of a one-file domain draws lots": plant(
        "services/finance/domain.py", "import random", "rules"
    ),
    "a rule reads the clock": plant(
        "services/membership/domain/members.py", "from shared import clock", "rules"
    ),
    "a rule reads the environment by way of the chassis": plant(
        "services/workshops/domain/price.py", "import shared.failpoints", "rules"
    ),
    "a rule speaks of events": plant(
        "services/workshops/domain/price.py", "import contracts.event", "rules"
    ),
    "a fact of the country reads a file": plant("shared/russia/vat.py", "import os", "rules"),
    "a refusal knows the web framework": plant("shared/refusal.py", "import fastapi", "rules"),
    "contracts know a service": plant(
        "contracts/topology.py",
        "import services.finance.subscribers",
        "contracts",
        "strangers",
    ),
    "contracts know the chassis": plant("contracts/event.py", "import shared.ids", "contracts"),
    "contracts know the web framework": plant(
        "contracts/workshops.py", "import fastapi", "contracts"
    ),
    "the chassis knows that there are services": plant(
        "shared/relay.py", "import services", "chassis"
    ),
    "the chassis knows a service": plant(
        "shared/relay.py", "import services.finance.queries", "chassis", "strangers"
    ),
    "the chassis knows an event": plant(
        "shared/relay.py", "import contracts.workshops", "chassis", "edges"
    ),
    "a query speaks of events": plant(
        "services/finance/queries.py", "import contracts.finance", "edges"
    ),
    "a route speaks of events": plant(
        "services/finance/api.py", "from contracts import workshops", "edges"
    ),
    "a command opens the bus": plant("services/finance/commands.py", "import nats", "doors"),
    "a route opens the database": plant("services/finance/api.py", "import asyncpg", "doors"),
    "a route reads a table": plant(
        "services/finance/api.py", "import services.finance.tables", "tables"
    ),
    "a service knows how it is run": plant(
        "services/finance/api.py", "import deploy.nats.config", "deployment"
    ),
    "the chassis knows how it is run": plant(
        "shared/settings.py", "import deploy.postgres", "deployment"
    ),
    "a fact of the country knows the chassis": plant(
        "shared/russia/vat.py", "import shared.refusal", "russia"
    ),
    "a fact of the country knows an event": plant(
        "shared/russia/vat.py", "import contracts.event", "rules", "russia"
    ),
}


def lint(tree: Path) -> tuple[int, str]:
    """Runs lint-imports over a tree; returns its exit status and what it said."""
    answer = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache", "--no-logo"],
        cwd=tree,
        env={**os.environ, "COLUMNS": "400", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return answer.returncode, answer.stdout + answer.stderr


def broken_in(words: str) -> set[str]:
    """The rules that lint-imports called broken."""
    return {rule for rule, options in RULES.items() if f"{options['name']} BROKEN" in words}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of everything that the rules look at."""
    copy = tmp_path_factory.mktemp("tree")
    shutil.copy(ROOT / ".importlinter", copy)
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns(*LEFT_OUT))
    return copy


@contextmanager
def planted(tree: Path, path: str, line: str) -> Iterator[None]:
    """The tree with one more line at the end of a file, which may be new."""
    file = tree / path
    before = file.read_text("utf-8") if file.exists() else None
    file.write_text(f"{before or ''}\n{line}\n", "utf-8")
    try:
        yield
    finally:
        if before is None:
            file.unlink()
        else:
            file.write_text(before, "utf-8")


def test_the_tree_keeps_every_import_rule() -> None:
    status, words = lint(ROOT)
    assert status == 0, words
    for options in RULES.values():
        assert f"{options['name']} KEPT" in words


@pytest.mark.parametrize(
    "violation", [pytest.param(found, id=name) for name, found in VIOLATIONS.items()]
)
def test_a_planted_violation_breaks_exactly_its_rules(tree: Path, violation: Violation) -> None:
    with planted(tree, violation.path, violation.line):
        status, words = lint(tree)
    assert status == 1, words
    assert broken_in(words) == violation.broken, words


def test_a_service_without_one_of_its_files_is_noticed(tree: Path) -> None:
    missing = tree / "services/finance/subscribers.py"
    text = missing.read_text("utf-8")
    missing.unlink()
    try:
        status, words = lint(tree)
    finally:
        missing.write_text(text, "utf-8")
    assert status == 1
    assert "services.finance.subscribers" in words


def test_every_rule_has_a_violation_that_breaks_it_alone() -> None:
    alone = {
        rule for found in VIOLATIONS.values() for rule in found.broken if len(found.broken) == 1
    }
    assert alone == set(RULES)


def test_every_service_of_the_register_and_no_other_has_the_one_shape() -> None:
    assert RULES["shape"]["containers"].split() == sorted(f"services.{name}" for name in SERVICES)
    assert RULES["pages"]["containers"].split() == [f"services.{PORTAL}"]


@pytest.mark.parametrize(
    ("rule", "option"), [("chassis", "forbidden_modules"), ("edges", "protected_modules")]
)
def test_a_rule_about_events_names_every_publisher(rule: str, option: str) -> None:
    named = {name for name in RULES[rule][option].split() if name.startswith("contracts.")}
    assert named == {f"contracts.{service}" for service in SERVICES}
