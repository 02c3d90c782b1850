"""The catalogue: it has every text there is, in whole and plain Russian; states and icons are complete."""

import re
from collections.abc import Iterator

import pytest
from babel.messages.catalog import Message

from services.finance.domain import Status as ObligationStatus
from services.membership.domain.agreements import AgreementKind, AgreementStatus
from services.membership.domain.members import MemberKind, MemberStatus
from services.portal import statuses, texts
from services.portal.assets import ICONS
from services.portal.pages.sign_in import DEMO_ACCOUNTS
from services.portal.rendering import TEMPLATES
from services.portal.words import LOCALE, NBSP, Words
from services.workshops.domain.facts import Status as BookingStatus

RUSSIAN = texts.catalogue_of("ru")
MESSAGES = [message for message in RUSSIAN if message.id]
PLACEHOLDER = re.compile(r"%\(\w+\)s|%%")
LATIN = re.compile(r"[A-Za-z][A-Za-z.-]*")
UNDERSTOOD = {
    "https",
    "JPEG",
    "PNG",
    "PDF",
    "DOCX",
    "CSV",
    "English",
    "Excel",
    "JavaScript",
    "XLSX",
}
"""Words in Latin letters that whoever reads Russian knows by no other name."""

ICON = re.compile(r"""\bicon\(\s*["']([a-z0-9-]+)["']""")
GLYPH = re.compile(
    r"""\bempty\(\s*["']([a-z0-9-]+)["']|\bplace_link\(.*?, "([a-z0-9-]+)", "\w*"\)"""
)


def forms_of(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


def ids_of(message: Message) -> list[str]:
    return [message.id] if isinstance(message.id, str) else list(message.id)


def told() -> Iterator[tuple[str, str]]:
    """Each English text with each Russian form of it."""
    for message in MESSAGES:
        for form in forms_of(message):
            yield ids_of(message)[0], form


# --- the catalogue -----------------------------------------------------------------------------


def test_every_text_of_code_and_templates_is_in_the_catalogue() -> None:
    known = {text for message in MESSAGES for text in ids_of(message)}
    wanted = {each for ids in texts.gathered() for each in ([ids] if isinstance(ids, str) else ids)}
    assert wanted - known == set(), "run make texts, and translate what is new"


def test_no_text_is_kept_that_nobody_shows_any_more() -> None:
    written = (LOCALE / "ru" / "LC_MESSAGES" / "artel.po").read_text("utf-8")
    assert written == texts.renewed("ru"), "run make texts"
    assert RUSSIAN.obsolete == {}


def test_every_text_is_translated_for_sure() -> None:
    assert [message.id for message in MESSAGES if message.fuzzy] == []
    assert [english for english, russian in told() if not russian.strip()] == []


def test_every_count_has_the_three_russian_forms() -> None:
    counted = [message for message in MESSAGES if message.pluralizable]
    assert counted
    assert [message.id for message in counted if len(set(forms_of(message))) < 3] == []


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "0 мест"),
        (1, "1 место"),
        (2, "2 места"),
        (5, "5 мест"),
        (11, "11 мест"),
        (14, "14 мест"),
        (21, "21 место"),
        (22, "22 места"),
        (111, "111 мест"),
    ],
)
def test_a_count_takes_the_form_of_its_last_digits(number: int, words: str) -> None:
    assert Words("ru").plural("%(num)s place", "%(num)s places", number) == words


def test_a_translation_has_the_same_placeholders_as_its_text() -> None:
    other = [
        (english, russian)
        for english, russian in told()
        if sorted(PLACEHOLDER.findall(english)) != sorted(PLACEHOLDER.findall(russian))
    ]
    assert other == []


def test_a_percent_sign_stands_only_where_it_is_put_in_or_doubled() -> None:
    texts_with = [text for pair in told() for text in pair if "%" in PLACEHOLDER.sub("", text)]
    assert texts_with == []


# --- how it speaks -----------------------------------------------------------------------------


def test_no_english_word_is_left_in_the_russian() -> None:
    latin = [
        (russian, word)
        for _, russian in told()
        for word in LATIN.findall(PLACEHOLDER.sub("", russian))
        if word.strip(".-") not in UNDERSTOOD
    ]
    assert latin == []


def test_nobody_is_shouted_at_or_blamed() -> None:
    rude = re.compile(
        r"!|\b(необходимо|ошибочн|неверн|запрещен|некорректн|недопустим)", re.IGNORECASE
    )
    assert [russian for _, russian in told() if rude.search(russian)] == []


def test_a_translation_ends_as_its_text_does() -> None:
    ends = (".", "?", ":", "…")
    other = [
        (english, russian)
        for english, russian in told()
        if (english[-1] if english[-1] in ends else "")
        != (russian[-1] if russian[-1] in ends else "")
        and not russian.endswith("чел.")
    ]
    assert other == []


def test_russian_is_set_with_its_own_signs() -> None:
    wrong = re.compile(r" - |--|\"|\.\.\.| {2,}|^ | $|\s[,.;:]")
    assert [russian for _, russian in told() if wrong.search(russian)] == []


def test_the_places_have_their_names() -> None:
    words = Words("ru")
    names = ["Today", "Workshops", "Bookings", "Agreements", "Settlements", "Members"]
    assert [words.text(name) for name in names] == [
        "Сегодня", "Мастерские", "Брони", "Соглашения", "Расчёты", "Участники",
    ]  # fmt: skip


def test_dates_money_and_lengths_are_written_the_russian_way() -> None:
    words = Words("ru")
    assert words.day("2027-01-14") == "чт, 14 января"
    assert (
        words.span("2027-01-14T09:30:00Z", "2027-01-14T11:05:00Z") == "чт, 14 января, 12:30–14:05"
    )
    assert words.money(164700) == f"1{NBSP}647,00{NBSP}₽"
    assert words.money(-5) == f"−0,05{NBSP}₽"
    assert words.minutes(95) == f"1{NBSP}ч{NBSP}35{NBSP}мин"


# --- states and icons --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("states", "looks"),
    [
        (BookingStatus, statuses.BOOKING),
        (AgreementStatus, statuses.AGREEMENT),
        (ObligationStatus, statuses.OBLIGATION),
        (MemberStatus, statuses.MEMBER),
        (AgreementKind, statuses.AGREEMENT_KINDS),
        (MemberKind, statuses.MEMBER_KINDS),
    ],
    ids=["booking", "agreement", "obligation", "member", "agreement-kind", "member-kind"],
)
def test_every_state_of_a_service_has_its_look_and_no_other_has(
    states: type[BookingStatus], looks: dict[str, object]
) -> None:
    assert set(looks) == {str(state) for state in states}


def test_every_booking_belongs_to_a_group_that_one_can_look_for() -> None:
    grouped = {state for group in statuses.BOOKING_GROUPS.values() for state in group.statuses}
    assert grouped == {str(state) for state in BookingStatus}


def test_every_icon_that_is_named_exists() -> None:
    named = {
        *(glyph for _, _, glyph in DEMO_ACCOUNTS),
        *(
            look.icon
            for looks in (
                statuses.BOOKING,
                statuses.AGREEMENT,
                statuses.OBLIGATION,
                statuses.MEMBER,
            )
            for look in looks.values()
        ),
    }
    for template in TEMPLATES.rglob("*.html"):
        text = template.read_text("utf-8")
        named |= set(ICON.findall(text))
        named |= {one or other for one, other in GLYPH.findall(text)}
    assert len(named) > 30
    assert sorted(name for name in named if not (ICONS / "outline" / f"{name}.svg").is_file()) == []
