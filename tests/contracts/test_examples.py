"""The examples: one real message of each event, which its schema and its class both take."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from jsonschema import Draft202012Validator

from contracts import gate
from contracts.event import Event

EXAMPLES = gate.FOLDER / "examples"
EVENTS = [pytest.param(event, id=event.subject) for event in gate.events()]


def example(event: type[Event]) -> Any:
    return json.loads((EXAMPLES / f"{event.subject}.json").read_text("utf-8"))


def schema(event: type[Event]) -> Any:
    return json.loads((gate.FOLDER / "schemas" / f"{event.subject}.json").read_text("utf-8"))


def test_there_is_one_example_for_each_event_and_no_other_file() -> None:
    assert {path.name for path in EXAMPLES.iterdir()} == {
        f"{event.subject}.json" for event in gate.events()
    }


@pytest.mark.parametrize("event", EVENTS)
def test_an_example_satisfies_its_schema(event: type[Event]) -> None:
    validator = Draft202012Validator(
        schema(event), format_checker=Draft202012Validator.FORMAT_CHECKER
    )
    validator.validate(example(event))


@pytest.mark.parametrize("event", EVENTS)
def test_an_example_comes_back_from_its_class_as_it_went_in(event: type[Event]) -> None:
    told = event.model_validate(example(event))
    assert json.loads(told.model_dump_json()) == example(event)
    assert event.model_validate_json(told.model_dump_json()) == told
    assert isinstance(told.aggregate_id, UUID)


@pytest.mark.parametrize("event", EVENTS)
def test_a_reader_ignores_fields_it_does_not_know(event: type[Event]) -> None:
    told = event.model_validate({**example(event), "added_later": 1})
    assert told == event.model_validate(example(event))


@pytest.mark.parametrize("event", EVENTS)
def test_a_message_without_one_of_its_fields_is_refused_by_schema_and_class(
    event: type[Event],
) -> None:
    for name, field in event.model_fields.items():
        body = {key: value for key, value in example(event).items() if key != name}
        is_valid = Draft202012Validator(schema(event)).is_valid(body)
        assert is_valid is not field.is_required()
        if field.is_required():
            with pytest.raises(ValueError, match=name):
                event.model_validate(body)


@pytest.mark.parametrize("event", EVENTS)
def test_ids_are_uuid_of_version_seven_and_units_stand_in_names(event: type[Event]) -> None:
    for name, value in example(event).items():
        values = value if isinstance(value, list) else [value]
        if name.endswith(("_id", "_ids")) and value is not None:
            assert {UUID(text).version for text in values} <= {7}, name
        if name.endswith("_at") and value is not None:
            told = getattr(event.model_validate(example(event)), name)
            assert told.utcoffset() == timedelta(), name
            assert value.endswith("Z"), name
        if name.endswith("_kopecks"):
            assert isinstance(value, int), name


def test_the_sums_of_a_completed_booking_add_up() -> None:
    path: Path = EXAMPLES / "workshops.booking.completed.v1.json"
    body = json.loads(path.read_text("utf-8"))
    assert body["net_kopecks"] + body["vat_kopecks"] == body["amount_kopecks"]
    assert body["net_kopecks"] * body["vat_rate_percent"] == body["vat_kopecks"] * 100
