"""The catalogue of what people are told: whole in Russian, and filled with facts."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import services.notices as package
from services.notices.domain.kinds import RULES
from services.notices.domain.ways import Language
from services.notices.queries.wording import LOCALE, Wording, places_in

HERE = Path(str(package.__file__)).parent


def gathered() -> set[str]:
    """Every text of the service that people read."""
    places = [(f"{layer}/**.py", "python") for layer in ("domain", "commands", "queries")]
    found = extract_from_dir(HERE, places, keywords={"N_": None, "text": None, "fill": None})
    return {str(message) for _, _, message, _, _ in found}


def test_the_catalogue_has_every_text_and_no_other() -> None:
    with (LOCALE / "ru" / "LC_MESSAGES" / "notices.po").open("rb") as file:
        catalogue = read_po(file, locale="ru")
    known: dict[str, Any] = {str(message.id): message.string for message in catalogue if message.id}
    assert set(known) == gathered()
    assert [text for text, translated in known.items() if not translated] == []
    assert {text for text, words in known.items() if places_in(text) != places_in(words)} == set()


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())
def test_every_kind_has_a_sentence_in_both_languages(rule: Any) -> None:
    assert Wording(Language.EN).text(rule.sentence) == rule.sentence
    assert Wording(Language.RU).text(rule.sentence) != rule.sentence


def test_facts_are_written_as_people_write_them() -> None:
    sentence = "{booker_id} asks for your workshop: {starts_at}, places: {workplaces}."
    facts = {
        "booker_id": "a",
        "starts_at": datetime(2027, 1, 14, 9, 30, tzinfo=UTC).isoformat(),
        "workplaces": 2,
    }
    assert (
        Wording(Language.RU).fill(sentence, facts, {"a": "Вязьма"})
        == "Вязьма просит вашу мастерскую: чт, 14 января, 12:30, мест: 2."
    )
    assert Wording(Language.EN).fill(sentence, facts, {}).startswith("an organisation asks")
    owed = "{creditor_id} took back what you owed: {amount_kopecks}."
    assert "1\u00a0647,00\u00a0₽" in Wording(Language.RU).fill(
        owed, {"amount_kopecks": 164_700}, {}
    )
    ended = "An agreement of yours is over since {ended_on}."
    assert "ср, 1 декабря" in Wording(Language.RU).fill(ended, {"ended_on": "2027-12-01"}, {})
    assert "—" in Wording(Language.RU).fill(ended, {}, {})
