"""Words for refusals: each that a service can give has its sentence, and none is kept for nothing."""

import importlib
import pkgutil
from collections.abc import Iterator

import pytest

import services
import shared
from services.portal.refusals import INPUTS, REFUSALS, words_of
from services.portal.words import Words
from shared.refusal import Refusal

OWN = {
    "fault": "of the chassis and of the portal itself, when there is a bug",
    "forged": "of the portal's guard against forged forms",
}
"""Codes that are answered without a class of refusal, and by whom."""


def all_refusals() -> set[type[Refusal]]:
    """Every class of refusal that the chassis and the services have."""
    for package in (shared, services):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" not in module.name and ".portal" not in module.name:
                importlib.import_module(module.name)
    return set(_under(Refusal))


def _under(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    for each in kind.__subclasses__():
        if each.__module__.startswith(("shared.", "services.")):
            yield each
        yield from _under(each)


def test_every_code_that_a_service_can_answer_has_words() -> None:
    codes = {kind.code for kind in all_refusals()}
    assert codes - set(REFUSALS) == set()


def test_no_words_are_kept_for_a_code_that_nobody_says() -> None:
    codes = {kind.code for kind in all_refusals()}
    assert set(REFUSALS) - codes - set(OWN) == set()


@pytest.mark.parametrize("code", sorted(REFUSALS))
def test_the_words_of_a_refusal_are_whole_sentences(code: str) -> None:
    sentence = REFUSALS[code]
    assert sentence[0].isupper()
    assert sentence.endswith(".")
    assert "!" not in sentence


def test_a_fault_of_a_field_is_said_by_its_kind_and_an_unknown_one_in_general() -> None:
    words = Words("en")
    assert words_of(words, "invalid", {"code": "missing"}) == INPUTS["missing"]
    assert words_of(words, "invalid", {"code": "unheard-of"}) == REFUSALS["invalid"]
    assert words_of(words, "unheard-of") == REFUSALS["invalid"]
