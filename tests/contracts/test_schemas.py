"""The gate: schemas are what the classes say, and a breaking change of a version is refused."""

import copy
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from contracts import gate
from contracts.event import Event

EVENTS = [pytest.param(event, id=event.subject) for event in gate.events()]
Change = Callable[[dict[str, Any]], None]

PROMISED: dict[str, Any] = {
    "title": "BookingWeighed",
    "description": "Somebody weighed a booking.",
    "type": "object",
    "properties": {
        "booking_id": {"type": "string", "format": "uuid", "title": "Booking Id"},
        "grams": {"type": "integer"},
        "weighed_on": {"type": "string", "format": "date"},
        "scale": {"enum": ["kitchen", "truck"], "type": "string"},
        "basis": {"const": "booking", "type": "string"},
        "agreement_id": {"anyOf": [{"type": "string", "format": "uuid"}, {"type": "null"}]},
        "part_ids": {"type": "array", "items": {"type": "string", "format": "uuid"}},
        "title": {"type": "string", "default": ""},
        "place": {"$ref": "#/$defs/Place"},
    },
    "required": ["booking_id", "grams", "weighed_on", "scale", "basis", "agreement_id", "part_ids"],
    "$defs": {
        "Place": {
            "type": "object",
            "description": "Where.",
            "properties": {"floor": {"type": "integer"}},
            "required": ["floor"],
        }
    },
}


def fields(schema: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = schema["properties"]
    return found


def rename_grams(schema: dict[str, Any]) -> None:
    fields(schema)["weight"] = fields(schema).pop("grams")
    schema["required"][schema["required"].index("grams")] = "weight"


def add_required(schema: dict[str, Any]) -> None:
    fields(schema)["colour"] = {"type": "string"}
    schema["required"].append("colour")


BREAKING: list[tuple[str, Change, str]] = [
    ("a field is removed", lambda s: fields(s).pop("title"), "`title` is gone"),
    ("a field is renamed", rename_grams, "`grams` is gone"),
    ("a required field is added", add_required, "`colour` is new and has no default"),
    ("a type changes", lambda s: fields(s)["grams"].update(type="number"), 'now has "number"'),
    ("a format changes", lambda s: fields(s)["weighed_on"].update(format="date-time"), "format"),
    ("a format is lost", lambda s: fields(s)["booking_id"].pop("format"), "now has none"),
    ("a bound is added", lambda s: fields(s)["grams"].update(minimum=1), "minimum"),
    ("an enum value is added", lambda s: fields(s)["scale"]["enum"].append("lab"), "now be 'lab'"),
    (
        "an enum value is removed",
        lambda s: fields(s)["scale"]["enum"].pop(),
        "no longer be 'truck'",
    ),
    ("a constant changes", lambda s: fields(s)["basis"].update(const="exam"), "const"),
    (
        "a field may be empty now",
        lambda s: fields(s).update(grams={"anyOf": [{"type": "integer"}, {"type": "null"}]}),
        "`grams` may now be empty",
    ),
    (
        "a field may be empty no longer",
        lambda s: fields(s).update(agreement_id={"type": "string", "format": "uuid"}),
        "`agreement_id` may no longer be empty",
    ),
    (
        "an item changes",
        lambda s: fields(s)["part_ids"]["items"].pop("format"),
        "each item of the field `part_ids`",
    ),
    ("a default changes", lambda s: fields(s)["title"].update(default="-"), "default"),
    ("a field may be left out now", lambda s: s["required"].remove("grams"), "may be left out"),
    ("a field is required now", lambda s: s["required"].append("title"), "now may not"),
    (
        "a field inside a field is removed",
        lambda s: s["$defs"]["Place"]["properties"].pop("floor"),
        "`floor` of the field `place` is gone",
    ),
    (
        "a field called title changes its type",
        lambda s: fields(s)["title"].update(type="integer"),
        "`title` had type",
    ),
]

HARMLESS: list[tuple[str, Change]] = [
    ("nothing", lambda s: None),
    ("the description", lambda s: s.update(description="Better words.")),
    ("a field's words", lambda s: fields(s)["grams"].update(title="G", description="Heavy.")),
    ("an optional field", lambda s: fields(s).update(colour={"type": "string", "default": ""})),
    ("the order of fields", lambda s: s.update(properties=dict(reversed(fields(s).items())))),
    ("a definition's place", lambda s: fields(s).update(place=s.pop("$defs")["Place"])),
]


def changed(change: Change) -> dict[str, Any]:
    schema = copy.deepcopy(PROMISED)
    change(schema)
    return schema


@pytest.mark.parametrize(
    ("change", "words"), [pytest.param(change, words, id=name) for name, change, words in BREAKING]
)
def test_a_breaking_difference_is_named_in_a_sentence(change: Change, words: str) -> None:
    found = gate.breaking_differences(PROMISED, changed(change))
    assert any(words in sentence for sentence in found), found
    assert all(sentence.endswith(".") for sentence in found)


@pytest.mark.parametrize("change", [pytest.param(change, id=name) for name, change in HARMLESS])
def test_what_no_listener_notices_breaks_nothing(change: Change) -> None:
    assert gate.breaking_differences(PROMISED, changed(change)) == []


def test_every_generated_file_is_up_to_date() -> None:
    assert gate.stale(gate.FOLDER) == [], "run `python -m contracts.gate`"
    assert gate.refusals(gate.FOLDER) == []


@pytest.mark.parametrize("event", EVENTS)
def test_a_schema_is_a_valid_schema_with_the_docstring_in_it(event: type[Event]) -> None:
    text = (gate.FOLDER / "schemas" / f"{event.subject}.json").read_text("utf-8")
    schema = json.loads(text)
    Draft202012Validator.check_schema(schema)
    assert schema["title"] == event.__name__
    assert schema["description"].split() == (event.__doc__ or "").split()
    assert text == json.dumps(schema, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    shutil.copytree(
        gate.FOLDER, tmp_path / "contracts", ignore=shutil.ignore_patterns("__pycache__")
    )
    return tmp_path / "contracts"


def run(contracts: Path, *arguments: str) -> tuple[int, str]:
    answer = subprocess.run(
        [sys.executable, "-m", "contracts.gate", *arguments],
        cwd=contracts.parent,
        env={"PYTHONPATH": str(contracts.parent), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return answer.returncode, answer.stdout + answer.stderr


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_gate_refuses_a_breaking_change_and_writes_nothing(copied: Path) -> None:
    edit(copied / "workshops.py", "    vat_reason: str\n", "    vat_words: str\n")
    before = contents(copied)
    code, words = run(copied)
    assert code == 1
    assert "workshops.booking.completed.v1: the field `vat_reason` is gone." in words
    assert "`vat_words` is new and has no default." in words
    assert contents(copied) == before


def test_the_gate_refuses_to_forget_a_subject(copied: Path) -> None:
    edit(copied / "finance.py", "finance.use.recorded.v1", "finance.use.recorded.v2")
    edit(copied / "finance.py", "class UseRecorded(", "class UseRecordedV2(")
    code, words = run(copied)
    assert code == 1
    assert "finance.use.recorded.v1: no class tells it any more." in words


def test_the_gate_writes_what_breaks_nobody_and_then_has_nothing_to_write(copied: Path) -> None:
    edit(
        copied / "workshops.py",
        "    vat_reason: str\n",
        '    vat_reason: str\n    note: str = ""\n',
    )
    before = contents(copied)
    code, words = run(copied, "--check")
    assert code == 1
    assert "schemas/workshops.booking.completed.v1.json is not up to date" in words
    assert contents(copied) == before, "--check writes nothing"
    assert run(copied) == (0, "wrote schemas/workshops.booking.completed.v1.json\n")
    assert run(copied, "--check") == (0, "")


def test_the_gate_misses_an_example_that_is_gone_or_not_real(copied: Path) -> None:
    (copied / "examples/finance.use.recorded.v1.json").unlink()
    edit(copied / "examples/membership.member.joined.v1.json", '"college"', '"kindergarten"')
    code, words = run(copied, "--check")
    assert code == 1
    assert "examples/finance.use.recorded.v1.json is missing" in words
    assert "examples/membership.member.joined.v1.json is no MemberJoined: kind:" in words
