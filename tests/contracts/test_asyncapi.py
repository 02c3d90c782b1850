"""asyncapi.yaml and the register: who tells and who hears what, and one identity for each event."""

import importlib
import inspect
import re
from typing import Any, get_type_hints

import pytest
import yaml
from faststream.specification.asyncapi.v3_0_0.schema import ApplicationSchema

from contracts import event as envelope
from contracts import gate
from contracts.event import SUBJECT, Event, Header
from contracts.topology import HEARS, PUBLISHERS, SERVICES, event_of, told_by
from tests.architecture.tree import BUILT

DOCUMENT: Any = yaml.safe_load((gate.FOLDER / "asyncapi.yaml").read_text("utf-8"))


def operations(action: str) -> list[tuple[str, str]]:
    """(service, subject) of each operation with the action."""
    return [
        (operation["tags"][0]["name"], operation["channel"]["$ref"].removeprefix("#/channels/"))
        for operation in DOCUMENT["operations"].values()
        if operation["action"] == action
    ]


def test_the_document_is_asyncapi_and_all_its_references_lead_somewhere() -> None:
    ApplicationSchema.model_validate(DOCUMENT)
    references = re.findall(r"'\$ref': '([^']+)'", str(DOCUMENT))
    assert references
    for reference in references:
        if reference.startswith("#/"):
            place = DOCUMENT
            for step in reference.removeprefix("#/").split("/"):
                place = place[step]
        else:
            assert (gate.FOLDER / reference).is_file(), reference


def test_every_subject_heard_is_told_by_exactly_one_service_its_owner() -> None:
    senders: dict[str, list[str]] = {}
    for service, subject in operations("send"):
        senders.setdefault(subject, []).append(service)
    heard = {subject for _, subject in operations("receive")}
    assert heard
    assert heard <= senders.keys()
    for subject, services in senders.items():
        assert services == [subject.partition(".")[0]]


def test_nobody_hears_what_it_tells_itself() -> None:
    assert all(subject.partition(".")[0] != service for service, subject in operations("receive"))


@pytest.mark.parametrize("service", BUILT)
def test_the_register_is_what_the_service_really_listens_to(service: str) -> None:
    hear = importlib.import_module(f"services.{service}.subscribers").hear
    assert hear.service == service
    assert set(hear.handlers) == {event.subject for event in HEARS[service]}
    received = {subject for receiver, subject in operations("receive") if receiver == service}
    assert received == set(hear.handlers)


@pytest.mark.parametrize("service", BUILT)
def test_a_handler_is_named_after_its_event_and_takes_it(service: str) -> None:
    module = importlib.import_module(f"services.{service}.subscribers")
    for subject, (event, handler) in module.hear.handlers.items():
        _, noun, participle, version = subject.split(".")
        suffix = "" if version == "v1" else f"_{version}"
        assert handler.__name__ == f"on_{noun}_{participle}{suffix}"
        assert getattr(module, handler.__name__) is handler
        first = next(iter(inspect.signature(handler).parameters))
        assert get_type_hints(handler)[first] is event
    named = [name for name in vars(module) if name.startswith("on_")]
    assert len(named) == len(module.hear.handlers), "a handler that hears nothing"


def test_each_event_has_one_identity_in_subject_class_module_and_schema_file() -> None:
    subjects = [event.subject for event in gate.events()]
    assert len(subjects) == len(set(subjects))
    assert {path.stem for path in (gate.FOLDER / "schemas").iterdir()} == set(subjects)
    for event in gate.events():
        match = SUBJECT.fullmatch(event.subject)
        assert match is not None
        assert event.__module__ == f"contracts.{match['service']}"
        assert event.__name__ == envelope.class_name_of(event.subject)
        assert event_of(event.subject) is event


def test_every_event_class_sits_in_the_module_of_its_publisher() -> None:
    def below(event: type[Event]) -> list[type[Event]]:
        return [found for sub in event.__subclasses__() for found in (sub, *below(sub))]

    ours = [event for event in below(Event) if event.__module__.startswith("contracts.")]
    assert sorted(event.subject for event in ours) == sorted(e.subject for e in gate.events())
    for service, module in PUBLISHERS.items():
        assert module.__name__ == f"contracts.{service}"
        assert all(event.publisher() == service for event in told_by(service))


def test_every_publisher_has_its_module_and_every_service_is_in_the_register() -> None:
    chassis = {"__init__", "asked", "event", "gate", "provisioning", "topology"}
    modules = {path.stem for path in gate.FOLDER.glob("*.py")} - chassis
    assert modules == set(PUBLISHERS) == set(SERVICES) == set(HEARS)


def test_an_event_says_when_it_is_told_and_carries_no_name_or_address() -> None:
    forbidden = re.compile(r"(^|_)(name|email|phone|address|birth|snils|passport)(_|$)")
    for event in gate.events():
        assert event.__doc__
        assert event.__doc__ != Event.__doc__
        assert not [name for name in event.model_fields if forbidden.search(name)], event.subject


def test_every_header_of_the_envelope_is_described() -> None:
    names = {value for key, value in vars(Header).items() if key.isupper()}
    headers = DOCUMENT["components"]["schemas"]["headers"]
    assert set(headers["properties"]) == names
    assert names - set(headers["required"]) == {Header.CAUSATION_ID, Header.TRACE}


@pytest.mark.parametrize(
    ("subject", "name"),
    [
        ("workshops.booking.moved", "BookingMoved"),
        ("workshops.booking.moved.v0", "BookingMovedV0"),
        ("workshops.booking.moved.v1", "BookingMovedAway"),
        ("workshops.booking.moved.v2", "BookingMoved"),
    ],
)
def test_an_event_whose_subject_and_class_differ_cannot_be_written(subject: str, name: str) -> None:
    with pytest.raises(TypeError, match=r"workshops\.booking\.moved"):
        type(name, (Event,), {"subject": subject, "aggregate": "x", "__module__": __name__})
