"""Names sort and are found alike whatever the database was built with."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.russia.names import search_key, sort_key

NAMES = st.text(alphabet="абвгдеёжзийклмнопрстуфхцчшщъыьэюяАБЕЁЯ «»\"'-—Aaz09 \u00a0", max_size=40)


def test_yo_sorts_among_the_words_with_ye_and_not_after_the_alphabet():
    names = ["Яшин", "Ёлкин", "Жуков", "Ежов", "Абрамов", "ежиков", "Елец"]
    assert sorted(names, key=sort_key) == [
        "Абрамов",
        "ежиков",
        "Ежов",
        "Елец",
        "Ёлкин",
        "Жуков",
        "Яшин",
    ]


def test_the_key_orders_the_whole_alphabet_by_code_point():
    alphabet = "абвгдежзийклмнопрстуфхцчшщъыьэюя"
    keys = [sort_key(letter.upper()) for letter in alphabet]
    assert keys == sorted(keys)


@pytest.mark.parametrize(
    "written",
    [
        pytest.param("Семен", id="without-dots"),
        pytest.param("СЕМЁН", id="capitals"),
        pytest.param("Семе\u0308н", id="combining-dots"),
        pytest.param("  Семён ", id="spaces-around"),
    ],
)
def test_one_name_written_in_several_ways_has_one_sort_key(written):
    assert sort_key(written) == sort_key("Семён") == "семен"


def test_short_i_typed_as_two_characters_is_the_letter_short_i():
    assert sort_key("Андреи\u0306") == sort_key("Андрей") != sort_key("Андреи")


def test_a_run_of_white_space_counts_as_one_space_but_still_divides_words():
    assert sort_key("Иванов\u00a0 \tИван") == "иванов иван"
    assert sort_key("Иванов Иван") != sort_key("ИвановИван")


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        pytest.param("ООО «Промсвар» (демо)", "ооо промсвар", id="guillemets"),
        pytest.param('АО "Энергосети" (демо)', "АО  ЭНЕРГОСЕТИ", id="straight-quotes"),
        pytest.param("Центр «Ёлка»", "елка", id="yo"),
        pytest.param("Орёл\u2013Юг", "орел-юг", id="dash"),
    ],
)
def test_a_name_is_found_by_what_people_type(name, typed):
    assert search_key(typed) in search_key(name)


def test_the_sort_key_keeps_the_marks_that_the_search_key_drops():
    assert sort_key("«Ёлка»") == "«елка»"
    assert search_key("«Ёлка»") == "елка"


@given(NAMES)
def test_a_key_of_a_key_is_the_key(name):
    assert sort_key(sort_key(name)) == sort_key(name)
    assert search_key(search_key(name)) == search_key(name)


@given(NAMES)
def test_case_never_tells_two_names_apart(name):
    assert sort_key(name.upper()) == sort_key(name.lower()) == sort_key(name)
