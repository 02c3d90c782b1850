"""Words for faults of files: each that a service can find has its sentence, and none is kept for nothing."""

import ast
import importlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from services.portal.faults import FAULTS, GENERAL, fault_of
from services.portal.refusals import INPUTS, REFUSALS
from services.portal.words import Words
from shared.imports.faults import Complaint
from shared.russia import identifiers
from shared.russia.identifiers import IdentifierIsWrong
from tests.architecture.tree import ROOT

SERVICES = ("membership", "council", "workshops", "finance")
NUMBERS: dict[str, Callable[[str], str]] = {
    "inn": identifiers.check_inn,
    "kpp": identifiers.check_kpp,
    "ogrn": identifiers.check_ogrn,
    "ogrnip": identifiers.check_ogrnip,
    "bik": identifiers.check_bik,
    "account": lambda value: identifiers.check_account(value, "046699901"),
    "oktmo": identifiers.check_oktmo,
    "okpo": identifiers.check_okpo,
}
"""The numbers that stand in files and cards, and what looks at them."""

TRIED = [
    "",
    "x",
    "12",
    "67990000xx",
    "0099000010",
    "6799000011",
    "6799010",
    "679901001",
    "67990-001",
    "xxxxxxxxx",
    "9996700000011",
    "1996700000011",
    "0000000000000",
    "099670000000019",
    "399670000000018",
    "999670000000019",
    "40702810700000000002",
    "4070281070000000000x",
    "04669990x",
    "03xxx64300000000000x",
    "03000000000000000001",
    "00032538",
]
ENGLISH = Words("en")


def sources() -> Iterator[tuple[Path, ast.Module]]:
    """The code of the chassis' imports and of the services."""
    folders = [ROOT / "shared", *(ROOT / "services" / name for name in SERVICES)]
    for path in sorted(path for folder in folders for path in folder.rglob("*.py")):
        if "migrations" not in path.parts:
            yield path, ast.parse(path.read_text("utf-8"))


def complained_of() -> set[str]:
    """The codes of all complaints."""
    codes: set[str] = set()
    for path, _ in sources():
        if "Complaint(" not in path.read_text("utf-8"):
            continue
        name = path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
        codes |= {
            value.code
            for value in vars(importlib.import_module(name)).values()
            if isinstance(value, Complaint)
        }
    return codes


def reasons_given() -> set[str]:
    """The codes that rules give beside a field: `why=…`."""
    return {
        keyword.value.value
        for _, tree in sources()
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        for keyword in call.keywords
        if keyword.arg == "why"
        and isinstance(keyword.value, ast.Constant)
        and isinstance(keyword.value.value, str)
    }


def wrong_numbers() -> set[str]:
    """The codes of numbers that cannot be right."""
    codes = set()
    for check in NUMBERS.values():
        for value in TRIED:
            try:
                check(value)
            except IdentifierIsWrong as wrong:
                codes.add(wrong.code)
    return codes


def test_every_complaint_of_a_file_has_words() -> None:
    found = complained_of()
    assert len(found) > 30
    assert found - set(FAULTS) == set()


def test_every_reason_that_a_rule_gives_has_words() -> None:
    found = reasons_given()
    assert "inn-of-another-form" in found
    assert found - set(FAULTS) - set(INPUTS) == set()


def test_every_number_that_cannot_be_right_has_words() -> None:
    found = wrong_numbers()
    assert {"inn-wrong-check-digit", "account-wrong-check-digit"} <= found
    assert found - set(FAULTS) == set()


def test_no_words_are_kept_for_a_fault_that_nobody_finds() -> None:
    known = complained_of() | reasons_given() | wrong_numbers() | set(REFUSALS)
    assert set(FAULTS) - known == set()


@pytest.mark.parametrize("code", sorted(FAULTS))
def test_the_words_of_a_fault_are_whole_sentences(code: str) -> None:
    sentence = FAULTS[code]
    assert sentence[0].isupper()
    assert sentence.endswith(".")
    assert "!" not in sentence
    assert fault_of(ENGLISH, {"code": code})


def test_the_facts_of_a_fault_are_written_as_people_read_them() -> None:
    def told(code: str, **facts: object) -> str:
        return fault_of(ENGLISH, {"code": code, "facts": facts})

    assert told("cell-not-in-list", allowed=["да", "нет"]) == "Write one of these: да, нет."
    assert told("cell-out-of-range", least="2000-01-01", most="2200-12-31") == (
        "The value has to lie between 01.01.2000 and 31.12.2200."
    )
    assert told("cell-out-of-range", least=0, most=1_000_000.0) == (
        "The value has to lie between 0 and 1000000."
    )
    assert told("member-differs", known=None).endswith("its card says: —.")
    assert told("lessons-overlap", overlap_lines=[3, 4]).startswith("Together with rows 3, 4 ")
    assert "—" in told("row-twice"), "a fact that is missing breaks no page"


def test_a_refusal_that_a_row_meets_is_told_in_its_own_words() -> None:
    assert fault_of(ENGLISH, {"code": "slug-taken", "facts": {}}) == REFUSALS["slug-taken"]
    assert fault_of(ENGLISH, {"code": "unheard-of"}) == GENERAL
