"""The gate: writes the schemas and asyncapi.yaml, and lets no breaking change of a version through.

`python -m contracts.gate` writes; with `--check` it writes nothing and fails when a file differs.
A change that would break a listener is refused: it belongs into a new class with a new subject.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from contracts.event import Event, Header
from contracts.topology import HEARS, SERVICES, event_of, stream_of, told_by

FOLDER = Path(__file__).resolve().parent
DIALECT = "https://json-schema.org/draft/2020-12/schema"

_SAYS_NOTHING = frozenset({"$id", "$schema", "$defs", "title", "description", "examples"})
_NULL = {"type": "null"}


def events() -> Iterator[type[Event]]:
    """Every event of every publisher, in the order of the modules."""
    for service in SERVICES:
        yield from told_by(service)


def schema_of(event: type[Event]) -> dict[str, Any]:
    """The JSON Schema of the event's body, as its listeners validate it."""
    return {
        "$schema": DIALECT,
        "$id": f"{event.subject}.json",
        **event.model_json_schema(mode="validation"),
    }


def generated() -> dict[str, str]:
    """Every file that the gate writes, by its path in contracts/, and what belongs into it."""
    files = {f"schemas/{event.subject}.json": _json(schema_of(event)) for event in events()}
    files["asyncapi.yaml"] = _yaml(asyncapi())
    return files


def refusals(folder: Path) -> list[str]:
    """What in the contracts would break a listener of what the schemas in the folder promised."""
    found = []
    for path in sorted((folder / "schemas").glob("*.json")):
        event = event_of(path.stem)
        if event is None:
            found.append(f"{path.stem}: no class tells it any more.")
            continue
        promised = json.loads(path.read_text("utf-8"))
        found += [
            f"{path.stem}: {difference}"
            for difference in breaking_differences(promised, schema_of(event))
        ]
    return found


def bad_examples(folder: Path) -> list[str]:
    """Which events lack a real message in `examples/`, or have one that is not theirs."""
    found = []
    for event in events():
        path = folder / "examples" / f"{event.subject}.json"
        try:
            event.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            found.append(f"examples/{path.name} is missing: write a real message of this event.")
        except ValidationError as error:
            found.append(f"examples/{path.name} is no {event.__name__}: {_where(error)}")
    return found


def stale(folder: Path) -> list[str]:
    """Which generated files are missing or differ from what the contracts say."""
    return [path for path, text in generated().items() if _read(folder / path) != text]


def write(folder: Path) -> list[str]:
    """Writes what is missing or differs; returns the paths."""
    files = generated()
    written = stale(folder)
    for path in written:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(files[path], "utf-8")
    return written


# --- what breaks a listener --------------------------------------------------------------------


def breaking_differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """What in the new schema would break somebody who relies on the old one, in plain sentences.

    Inside a version only fields that need not be there may be added; descriptions may change.
    """
    return list(_differences(_plain(old, old), _plain(new, new), "the message"))


def _differences(old: Mapping[str, Any], new: Mapping[str, Any], at: str) -> Iterator[str]:
    for keyword in sorted(old.keys() | new.keys()):
        before, now = old.get(keyword), new.get(keyword)
        if before == now:
            continue
        if keyword == "properties":
            yield from _differences_of_fields(old, new, at)
        elif keyword == "required" and "properties" in old and "properties" in new:
            yield from _differences_of_need(old, new)
        elif keyword == "items" and isinstance(before, dict) and isinstance(now, dict):
            yield from _differences(before, now, f"each item of {at}")
        elif keyword == "enum" and before and now:
            yield from (f"{at} may no longer be {value!r}." for value in before if value not in now)
            yield from (f"{at} may now be {value!r}." for value in now if value not in before)
        elif keyword == "nullable":
            yield f"{at} may now be empty." if now else f"{at} may no longer be empty."
        else:
            yield f"{at} had {keyword} {_words(before)} and now has {_words(now)}."


def _differences_of_fields(
    old: Mapping[str, Any], new: Mapping[str, Any], at: str
) -> Iterator[str]:
    before, now = old.get("properties", {}), new.get("properties", {})
    place = "" if at == "the message" else f" of {at}"
    for name in sorted(before.keys() - now.keys()):
        yield f"the field `{name}`{place} is gone."
    for name in sorted(before.keys() & now.keys()):
        yield from _differences(before[name], now[name], f"the field `{name}`{place}")
    for name in sorted(now.keys() - before.keys()):
        if name in new.get("required", ()):
            yield f"the field `{name}`{place} is new and has no default."


def _differences_of_need(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    before, now = set(old.get("required", ())), set(new.get("required", ()))
    in_both = old["properties"].keys() & new["properties"].keys()
    for name in sorted((before - now) & in_both):
        yield f"the field `{name}` was always there and now may be left out."
    for name in sorted((now - before) & in_both):
        yield f"the field `{name}` could be left out and now may not."


def _plain(schema: Mapping[str, Any], root: Mapping[str, Any]) -> dict[str, Any]:
    """The schema with references resolved, words left out, and null options as one keyword."""
    if "$ref" in schema:
        target = root["$defs"][schema["$ref"].removeprefix("#/$defs/")]
        return _plain({**target, **{k: v for k, v in schema.items() if k != "$ref"}}, root)
    plain = {
        keyword: _plain_value(keyword, value, root)
        for keyword, value in schema.items()
        if keyword not in _SAYS_NOTHING
    }
    options = plain.get("anyOf", [])
    if _NULL in options:
        rest = [option for option in options if option != _NULL]
        plain = {k: v for k, v in plain.items() if k != "anyOf"} | {"nullable": True}
        plain |= rest[0] if len(rest) == 1 else {"anyOf": rest}
    return plain


def _plain_value(keyword: str, value: Any, root: Mapping[str, Any]) -> Any:
    if keyword == "properties":
        return {name: _plain(field, root) for name, field in value.items()}
    if keyword in {"default", "const", "enum"}:
        return value
    if isinstance(value, dict):
        return _plain(value, root)
    if isinstance(value, list):
        return [_plain(part, root) if isinstance(part, dict) else part for part in value]
    return value


def _words(value: object) -> str:
    return "none" if value is None else json.dumps(value, ensure_ascii=False)


# --- AsyncAPI ----------------------------------------------------------------------------------

_HEADERS = {
    Header.ID: "The event's id, a UUIDv7; a listener lets each take effect once.",
    Header.SOURCE: "`artel/<service>` that tells it.",
    Header.TYPE: "The subject.",
    Header.SUBJECT: "The id of the thing whose events keep their order.",
    Header.TIME: "When it was recorded, RFC 3339 in UTC.",
    Header.SPEC_VERSION: "The version of CloudEvents: 1.0.",
    Header.SCHEMA: "The name of the schema in contracts/schemas.",
    Header.CORRELATION_ID: "The id of the first event of the story that this one belongs to.",
    Header.CAUSATION_ID: "The id of the event that this one answers; left out when it answers none.",
    Header.TRACE: "The trace that it belongs to (W3C Trace Context); left out when there is none.",
    Header.MESSAGE_ID: "The event's id again: by it the stream drops what is published twice.",
}
_MAY_BE_LEFT_OUT = frozenset({Header.CAUSATION_ID, Header.TRACE})


def asyncapi() -> dict[str, Any]:
    """The AsyncAPI document: who sends and who receives what, on which channel."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Artel: the facts that its services tell one another",
            "version": "1",
            "description": "CloudEvents 1.0 in binary mode over NATS JetStream. Each subject is"
            " sent by the one service that owns it; a change that breaks is a new subject.",
        },
        "defaultContentType": "application/json",
        "channels": {event.subject: _channel(event) for event in events()},
        "operations": dict(_operations()),
        "components": {
            "messages": {event.subject: _message(event) for event in events()},
            "schemas": {
                "headers": {
                    "type": "object",
                    "required": [name for name in _HEADERS if name not in _MAY_BE_LEFT_OUT],
                    "properties": {
                        name: {"type": "string", "description": text}
                        for name, text in _HEADERS.items()
                    },
                }
            },
        },
    }


def _channel(event: type[Event]) -> dict[str, Any]:
    return {
        "address": event.subject,
        "messages": {event.__name__: {"$ref": f"#/components/messages/{event.subject}"}},
        "x-stream": stream_of(event.publisher()),
    }


def _operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for service in SERVICES:
        for event in told_by(service):
            yield f"{service}.sends.{event.subject}", _operation("send", service, event)
        for event in HEARS[service]:
            yield f"{service}.receives.{event.subject}", _operation("receive", service, event)


def _operation(action: str, service: str, event: type[Event]) -> dict[str, Any]:
    channel = f"#/channels/{event.subject}"
    return {
        "action": action,
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{event.__name__}"}],
        "tags": [{"name": service}],
    }


def _message(event: type[Event]) -> dict[str, Any]:
    sentence, _, more = (event.__doc__ or "").strip().partition("\n")
    return {
        "name": event.__name__,
        "summary": sentence,
        **({"description": " ".join(more.split())} if more.strip() else {}),
        "headers": {"$ref": "#/components/schemas/headers"},
        "payload": {"$ref": f"schemas/{event.subject}.json"},
        "correlationId": {"location": f"$message.header#/{Header.CORRELATION_ID}"},
        "x-aggregate": event.aggregate,
    }


# --- files -------------------------------------------------------------------------------------


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def _yaml(value: object) -> str:
    text: str = yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=100)
    return "# Written by `python -m contracts.gate`: not to be edited by hand.\n" + text


def _read(path: Path) -> str | None:
    return path.read_text("utf-8") if path.exists() else None


def _where(error: ValidationError) -> str:
    first = error.errors()[0]
    return f"{'.'.join(str(step) for step in first['loc'])}: {first['msg']}."


def _say(*sentences: str) -> None:
    sys.stdout.write("".join(f"{sentence}\n" for sentence in sentences))


def main(arguments: list[str]) -> int:
    """Checks, and writes unless told only to check; 1 when something is refused or wrong."""
    refused = refusals(FOLDER)
    if refused:
        _say(*refused)
        _say(
            "Nothing was written. What would break a listener becomes a new class with the next"
            " version in its subject; a schema may be deleted by hand once asyncapi.yaml shows"
            " nobody who receives it."
        )
        return 1
    if "--check" in arguments:
        wrong = [
            f"{path} is not up to date: run `python -m contracts.gate`." for path in stale(FOLDER)
        ]
        wrong += bad_examples(FOLDER)
    else:
        _say(*(f"wrote {path}" for path in write(FOLDER)))
        wrong = bad_examples(FOLDER)
    _say(*wrong)
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
