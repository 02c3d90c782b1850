"""Forms that are described once: their fields in groups, what was typed, and what is wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from services.portal.client import Problem
from services.portal.faults import FAULTS
from services.portal.refusals import INPUTS, words_of
from services.portal.words import MOSCOW, N_, Words, as_local

MISSING = N_("Fill this in.")
ERROR_CODES = {**FAULTS, **INPUTS}


Said = Mapping[str, Any]
"""What a browser sent: a form or a query."""


@dataclass(frozen=True)
class Field:
    """One thing that is asked; `name` is what the API calls it, with dots for what lies inside."""

    name: str
    words: str
    kind: str = "text"
    """text, long, day, moment, email, tel, url, digits, choice, radio, many, check."""
    hint: str = ""
    is_needed: bool = True
    length_max: int = 200
    is_half: bool = False
    choices: Mapping[str, str] = field(default_factory=dict)
    offers: Mapping[str, str] = field(default_factory=dict)
    """What is mostly written here, offered while one types."""

    @property
    def id(self) -> str:
        """The name as an element's id."""
        return self.name.replace(".", "-").replace("_", "-")


@dataclass(frozen=True)
class Group:
    """Fields that belong together, under one heading."""

    words: str
    fields: Sequence[Field]
    hint: str = ""

    def with_choices(self, name: str, choices: Mapping[str, str]) -> "Group":
        """The same group, with these to choose from in one of its fields."""
        fields = [
            replace(each, choices=choices) if each.name == name else each for each in self.fields
        ]
        return replace(self, fields=fields)


@dataclass
class Typed:
    """A form as it was filled in, and what of it is not understood."""

    values: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")

    def several(self, name: str) -> list[str]:
        """What was chosen, where several can be."""
        return [each for each in self[name].split(",") if each]

    def said(self, name: str) -> str | None:
        """The value; None where nothing was written."""
        return self[name] or None


def typed_of(groups: Sequence[Group], said: Said) -> Typed:
    """What was typed, without the spaces around it."""
    return Typed({each.name: _said(each, said) for each in fields_of(groups)})


def _said(one: Field, said: Said) -> str:
    several = getattr(said, "getlist", None)
    if one.kind == "many" and several is not None:
        return ",".join(str(each) for each in several(one.name) if each)
    return str(said.get(one.name, "")).strip()


def fields_of(groups: Sequence[Group]) -> list[Field]:
    """All fields of the groups, in order."""
    return [each for group in groups for each in group.fields]


def require_all(groups: Sequence[Group], typed: Typed, words: Words) -> None:
    """Notes beside each field that is needed and was left empty that it was."""
    for each in fields_of(groups):
        if each.is_needed and each.kind != "check" and not typed[each.name]:
            typed.errors[each.name] = words.text(MISSING)


def instant_of(text: str) -> str | None:
    """What a field of date and time says, by the clocks of Moscow, as the API takes it."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=MOSCOW).astimezone(UTC).isoformat()


def moment_text(at: str | None) -> str:
    """An instant as a field of date and time shows it, by the clocks of Moscow."""
    return f"{as_local(at):%Y-%m-%dT%H:%M}" if at else ""


def errors_of(problem: Problem, words: Words) -> dict[str, str]:
    """Words for each field that a service did not understand, by the whole name of the field."""
    return {
        str(error.get("at", "")).removeprefix("body."): words_of_error(words, problem.code, error)
        for error in problem.errors
    }


def words_of_error(words: Words, code: str, error: Mapping[str, Any]) -> str:
    """The sentence for what is wrong with a field: by the fault's own code where it is known."""
    known = ERROR_CODES.get(str(error.get("code", "")))
    return words.text(known) if known else words_of(words, code, error)


def put_errors(typed: Typed, groups: Sequence[Group], problem: Problem, words: Words) -> str | None:
    """Puts what a service said beside its fields; what belongs to none is answered."""
    names = {each.name for each in fields_of(groups)}
    found = errors_of(problem, words)
    for at, sentence in found.items():
        if at in names:
            typed.errors[at] = sentence
    return None if typed.errors else words_of(words, problem.code, problem.facts)
