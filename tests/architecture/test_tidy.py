"""Habits that a machine can check: names, docstrings, sizes, and the one place for each deed."""

import ast
import functools
import importlib
import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.topology import PORTAL, SERVICES
from shared.refusal import Refusal
from tests.architecture.tree import ROOT, python_files

CODE = ("contracts", "shared", "services", "deploy")
EVERYTHING = (*CODE, "tests")
NINE_NAMES = (
    "README.md",
    "domain",
    "commands",
    "queries",
    "tables",
    "subscribers",
    "api",
    "main",
    "migrations",
)
LINES_MAX = 500
TEST_WORDS_MIN = 4
LATER = re.compile(rf"\b({'TO' + 'DO'}|{'FIX' + 'ME'}|{'XX' + 'X'})\b")

LONGER: dict[str, str] = {}
"""Files that may be longer, and why."""

ENDS_TRANSACTIONS = {
    "shared/database.py": "the one transaction of a request or message",
    "shared/migrate.py": "the runner of migrations, whose lock outlives each step",
}
OPENS_TRANSACTIONS = {
    **ENDS_TRANSACTIONS,
    "shared/asking.py": "one for each question",
    "shared/inbox.py": "one for each message",
    "shared/relay.py": "telling a stream again, with a time limit of its own",
    "shared/routes.py": "one for each request",
    "shared/service.py": "one for each round of what is due",
    "deploy/local/operations.py": "people at the console",
    "deploy/postgres/bootstrap.py": "roles and rights, before any service runs",
    "services/membership/commands/codes.py": "a guessed code counts though it is refused",
    "services/membership/commands/sessions.py": "a failed sign-in counts though it is refused",
    "services/council/demo.py": "there is no request",
    "services/membership/demo.py": "there is no request",
    "services/workshops/demo.py": "there is no request",
}
CONNECTS = {
    "shared/database.py": "the pool",
    "shared/operations.py": "people at the console, while services may be down",
    "deploy/postgres/bootstrap.py": "roles and rights, before any service runs",
}
STEPS_OUTSIDE = {
    "services/membership/commands/accounts.py": "no connection is held while a password is hashed",
    "services/membership/commands/codes.py": "a guessed code counts though it is refused",
    "services/membership/commands/erasure.py": "no connection is held while a password is hashed",
    "services/membership/commands/invitations.py": "the same",
    "services/membership/commands/links.py": "the same",
    "services/membership/commands/recovery.py": "the same",
    "services/membership/commands/second_factor.py": "the same",
    "services/membership/commands/sessions.py": "the same, and a failure counts though it is refused",
    "services/council/demo.py": "there is no request",
    "services/membership/demo.py": "there is no request",
    "services/workshops/demo.py": "there is no request",
    "services/workshops/queries.py": "no connection is held while a calendar is built",
}
READS_THE_TIME = {"shared/clock.py": "the one place"}
MAKES_IDS = {"shared/ids.py": "the one place"}
"""What only these files may do, and why they may."""

MARKS = (
    *("I1", "I2", "I3", "I7", "I8", "I9", "I10", "I13", "I24", "I25", "I27"),
    *("R1.1", "R1.2", "R1.3", "R3.2", "R4.1", "R4.2", "R5.1", "R5.3", "R8.1"),
    *("I5", "I6", "I28", "R4.4", "R6.4"),
    *("I4", "R6.2", "R6.3", "R7.1", "R7.2"),
)
"""Invariants of the domain and clauses of the regulation that hold already: each has its test."""


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), filename=str(path))


def files_of(*folders: str) -> list[object]:
    return [pytest.param(path, id=name_of(path)) for path in python_files(*folders)]


# --- words -------------------------------------------------------------------------------------


def test_every_module_opens_with_a_sentence() -> None:
    silent = [
        name_of(path)
        for path in python_files(*EVERYTHING)
        if not (ast.get_docstring(tree_of(path)) or "").partition("\n")[0].rstrip().endswith(".")
        and "versions/" not in name_of(path)
    ]
    assert silent == []


def test_every_migration_says_what_it_does() -> None:
    migrations = [path for path in python_files("services") if "versions" in path.parts]
    assert migrations
    assert [name_of(path) for path in migrations if not ast.get_docstring(tree_of(path))] == []


def test_every_test_is_a_sentence() -> None:
    short = [
        f"{name_of(path)}: {node.name}"
        for path in python_files("tests")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and len(node.name.split("_")) < TEST_WORDS_MIN
    ]
    assert short == []


def test_nothing_is_left_for_later() -> None:
    texts = [*python_files(*EVERYTHING), *ROOT.glob("*.md"), *ROOT.glob("*/**/*.md")]
    left = [
        f"{name_of(path)}: {line.strip()}"
        for path in texts
        if not {".venv", ".artel", "node_modules"} & set(path.parts)
        for line in path.read_text("utf-8").splitlines()
        if LATER.search(line)
    ]
    assert left == []


def test_no_file_is_longer_than_one_sits_to_read() -> None:
    lengths = {
        name_of(path): len(path.read_text("utf-8").splitlines())
        for path in python_files(*EVERYTHING)
    }
    long = {name: length for name, length in lengths.items() if length > LINES_MAX}
    assert long.keys() == LONGER.keys()


# --- the shape of a service --------------------------------------------------------------------


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_the_nine_names(service: str) -> None:
    folder = ROOT / "services" / service
    missing = [
        name
        for name in NINE_NAMES
        if not any(
            place.exists()
            for place in (folder / name, folder / f"{name}.py", folder / name / "__init__.py")
        )
    ]
    assert missing == []
    assert list((folder / "migrations" / "versions").glob("[0-9]*.py"))


def test_every_folder_of_services_is_a_service_of_the_register_or_the_portal() -> None:
    folders = {
        path.name
        for path in (ROOT / "services").iterdir()
        if path.is_dir() and path.name != "__pycache__"
    }
    assert folders == {*SERVICES, PORTAL}
    assert PORTAL not in SERVICES


# --- one place for each deed -------------------------------------------------------------------


def calls(tree: ast.Module) -> Iterator[str]:
    """The dotted name of everything that is called, as far as it is written out."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield dotted(node.func)


def dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def doers(pattern: str, *folders: str) -> set[str]:
    """The files in which something is called whose dotted name matches."""
    wanted = re.compile(pattern)
    return {
        name_of(path)
        for path in python_files(*folders)
        if any(wanted.search(call) for call in calls(tree_of(path)))
    }


ENDING = r"\.(commit|rollback|savepoint|begin_nested)$"
OPENING = r"(\.transaction|\.begin_transaction|[cC]onnection\.begin|engine\.begin)$"
OUTSIDE = r"\.database\.\w+$"
CONNECTING = r"\basyncpg\.(connect|create_pool)$"
TIME = r"\b(datetime\.(now|utcnow|today)|date\.today|time\.time(_ns)?|localtime|gmtime)$"
IDS = r"\b(uuid_utils\.\w+|uuid\d|uuid\.uuid\d)$"
SQL_THAT_ENDS = re.compile(r"\s*(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|START TRANSACTION)\b")
SQL_THAT_READS = re.compile(
    r"\b(now\(\)|current_(timestamp|date|time)|(clock|statement|transaction)_timestamp\(\)"
    r"|gen_random_uuid\(\)|uuidv[47]\(\))",
    re.IGNORECASE,
)


def test_only_the_chassis_ends_a_transaction() -> None:
    assert doers(ENDING, *CODE) == ENDS_TRANSACTIONS.keys()


def test_only_listed_files_open_a_transaction() -> None:
    assert doers(OPENING, *CODE) == OPENS_TRANSACTIONS.keys()


def test_only_listed_files_of_a_service_step_outside_of_their_transaction() -> None:
    assert doers(OUTSIDE, "services") == STEPS_OUTSIDE.keys()


def test_only_listed_files_connect_to_a_database() -> None:
    assert doers(CONNECTING, *CODE) == CONNECTS.keys()


def test_only_the_clock_reads_the_time_and_only_ids_makes_ids() -> None:
    assert doers(TIME, "contracts", "shared", "services") == READS_THE_TIME.keys()
    assert doers(IDS, *CODE) == MAKES_IDS.keys()


@pytest.mark.parametrize(
    ("line", "pattern"),
    [
        ("await tx._connection.commit()", ENDING),
        ("session.rollback()", ENDING),
        ("async with connection.transaction(): pass", OPENING),
        ("tx.database.transaction()", OPENING),
        ("tx.database.fetch('DELETE')", OUTSIDE),
        ("asyncpg.connect(url)", CONNECTING),
        ("datetime.now(UTC)", TIME),
        ("datetime.datetime.now(UTC)", TIME),
        ("date.today()", TIME),
        ("time.time()", TIME),
        ("uuid4()", IDS),
        ("uuid.uuid4()", IDS),
        ("uuid_utils.uuid7()", IDS),
    ],
)
def test_a_deed_in_the_wrong_place_is_seen(line: str, pattern: str) -> None:
    assert any(re.search(pattern, call) for call in calls(ast.parse(f"async def f():\n {line}")))


def sql_in(path: Path) -> Iterator[str]:
    documentation = {
        id(node.value) for node in ast.walk(tree_of(path)) if isinstance(node, ast.Expr)
    }
    for node in ast.walk(tree_of(path)):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in documentation
        ):
            yield node.value


def test_no_statement_of_a_service_ends_a_transaction_or_reads_time_and_ids() -> None:
    """A test could not move the database's clock, and what a replay gives would differ."""
    found = [
        f"{name_of(path)}: {text.strip()[:80]}"
        for path in python_files("services")
        if "migrations" not in path.parts
        for text in sql_in(path)
        if SQL_THAT_ENDS.match(text) or SQL_THAT_READS.search(text)
    ]
    assert found == []
    assert SQL_THAT_ENDS.match(" COMMIT")
    assert SQL_THAT_READS.search("SELECT now()")


PLANTED = '''"""A rule that reads the clock and makes ids."""

import datetime
import uuid
from datetime import UTC, date
from datetime import datetime as moment

FORBIDDEN = (
    datetime.datetime.now(UTC),
    moment.now(UTC),
    date.today(),
    datetime.date.today(),
    datetime.datetime.utcnow(),
    uuid.uuid4(),
    uuid.uuid1(),
)
'''


@pytest.mark.parametrize("folder", ["services/workshops/domain", "shared", "contracts"])
def test_ruff_forbids_to_read_the_time_and_to_make_ids(folder: str) -> None:
    answer = subprocess.run(
        [
            Path(sys.executable).parent / "ruff",
            "check",
            "--no-cache",
            "--output-format=concise",
            "--select=TID251",
            f"--stdin-filename={folder}/planted.py",
            "-",
        ],
        cwd=ROOT,
        input=PLANTED,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 1, answer.stderr
    banned = set(re.findall(r"planted\.py:(\d+):", answer.stdout))
    planted = PLANTED.splitlines()
    wanted = {str(number) for number, line in enumerate(planted, 1) if line.startswith("    ")}
    assert banned == wanted, answer.stdout


def test_ruff_runs_with_the_ban_and_nobody_turns_it_off() -> None:
    off = re.compile(r"#\s*(ruff:\s*)?noqa(?!:)|#.*noqa:.*TID251")
    turned_off = {
        name_of(path)
        for path in python_files(*CODE)
        if any(off.search(line) for line in path.read_text("utf-8").splitlines())
    }
    assert turned_off <= READS_THE_TIME.keys() | MAKES_IDS.keys()
    answer = subprocess.run(
        [Path(sys.executable).parent / "ruff", "check", "--show-settings", "shared/ids.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "(TID251)" in answer.stdout.partition("linter.rules.enabled")[2]


# --- refusals ----------------------------------------------------------------------------------


def refusals_in(folder: str) -> list[type[Refusal]]:
    """Every refusal that is written under the folder, in order."""
    found = []
    for path in python_files(folder):
        if not any(
            isinstance(node, ast.ClassDef) and node.bases for node in ast.walk(tree_of(path))
        ):
            continue
        if "migrations" in path.parts:
            continue
        module = importlib.import_module(
            name_of(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        )
        found += [
            value
            for value in vars(module).values()
            if inspect.isclass(value)
            and issubclass(value, Refusal)
            and value.__module__ == module.__name__
        ]
    return found


REFUSALS = {
    f"{refusal.__module__}.{refusal.__name__}": refusal
    for folder in ("services", "shared")
    for refusal in refusals_in(folder)
}


@pytest.mark.parametrize("name", sorted(REFUSALS))
def test_a_refusal_is_a_sentence_with_a_code(name: str) -> None:
    refusal = REFUSALS[name]
    assert refusal.__doc__
    assert refusal.title()[0].isupper() or refusal is Refusal
    assert refusal.title().endswith("."), "the first line is the sentence that people read"
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", refusal.code)
    assert 400 <= refusal.status < 600
    assert refusal.status >= 500 or refusal.status in {401, 403, 404, 409, 412, 413, 422, 429}


def test_a_code_means_one_thing_wherever_it_is_said() -> None:
    said: dict[str, set[tuple[str, int]]] = {}
    for refusal in REFUSALS.values():
        if "code" in vars(refusal):
            said.setdefault(refusal.code, set()).add((refusal.__name__, refusal.status))
    assert {code: meanings for code, meanings in said.items() if len(meanings) > 1} == {}


@functools.cache
def texts_of_tests() -> str:
    """All tests as one text, those of the shape left out: they name what they look for."""
    return "\n".join(
        path.read_text("utf-8")
        for path in python_files("tests")
        if "architecture" not in path.parts
    )


@pytest.mark.parametrize("name", sorted(name for name in REFUSALS if name.startswith("services.")))
def test_a_refusal_of_a_service_is_met_by_some_test(name: str) -> None:
    refusal = REFUSALS[name]
    words = [refusal.__name__]
    if "code" in vars(refusal):
        words.append(f'"{refusal.code}"')
    is_met = any(word in texts_of_tests() for word in words)
    assert is_met, f"no test names {' or '.join(words)}"


def test_refusals_of_a_service_are_written_by_its_rules() -> None:
    elsewhere = [
        name for name in REFUSALS if name.startswith("services.") and name.split(".")[2] != "domain"
    ]
    assert elsewhere == []


# --- invariants and clauses --------------------------------------------------------------------


@pytest.mark.parametrize("mark", MARKS)
def test_an_invariant_or_clause_is_named_by_its_test(mark: str) -> None:
    pattern = rf"(?<![\w.]){re.escape(mark)}(?![\w]|\.\d)"
    is_named = re.search(pattern, texts_of_tests()) is not None
    assert is_named, f"no test says that it shows {mark}"
