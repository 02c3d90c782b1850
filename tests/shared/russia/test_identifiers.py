"""I7: the keys of Russian identifiers are verified, and every refusal has a name."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from shared.russia.identifiers import (
    IdentifierIsWrong,
    check_account,
    check_bik,
    check_correspondent_account,
    check_inn,
    check_kpp,
    check_ogrn,
    check_ogrnip,
    check_okpo,
    check_oktmo,
    check_snils,
    check_treasury_account,
)

DEMO_BIK = "046699901"
DEMO_MEMBERS = [
    ("6799000010", "1996700000010", "40702810700000000001"),
    ("6799000028", "1996700000020", "40702810000000000002"),
    ("6799000035", "1996700000031", "40702810300000000003"),
    ("6799000042", "1996700000042", "40702810600000000004"),
    ("6799000050", "1996700000053", "40702810900000000005"),
    ("6799000067", "1996700000064", "40702810200000000006"),
    ("6799000074", "1996700000075", "40702810500000000007"),
    ("6799000081", "1996700000086", "40702810800000000008"),
    ("6799000099", "1996700000097", "40702810100000000009"),
    ("6799000109", "1996700000108", "40702810500000000010"),
    ("6799000116", "1996700000119", "40702810800000000011"),
    ("6799000123", "1996700000120", "40702810100000000012"),
    ("6799000130", "1996700000130", "40702810400000000013"),
    ("6799000148", "1996700000141", "40702810700000000014"),
]
DEMO_ENTREPRENEUR_INN, DEMO_ENTREPRENEUR_OGRNIP = "679900000138", "399670000000019"


def numbers(length):
    return st.text(alphabet="0123456789", min_size=length, max_size=length)


def mutants(value):
    """Every value that differs from this one in exactly one digit."""
    return [
        value[:place] + other + value[place + 1 :]
        for place, digit in enumerate(value)
        for other in "0123456789"
        if other != digit
    ]


def is_refused(check, *arguments):
    try:
        check(*arguments)
    except IdentifierIsWrong:
        return True
    return False


def weighed(value, *weights):
    return sum(int(digit) * weight for digit, weight in zip(value, weights, strict=True))


def inn_of_organisation(nine):
    return nine + str(weighed(nine, 2, 4, 10, 3, 5, 9, 4, 6, 8) % 11 % 10)


def inn_of_person(ten):
    eleven = ten + str(weighed(ten, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8) % 11 % 10)
    return eleven + str(weighed(eleven, 3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8) % 11 % 10)


@pytest.mark.parametrize(("inn", "ogrn", "account"), DEMO_MEMBERS, ids=[m[0] for m in DEMO_MEMBERS])
def test_i7_the_demo_member_carries_right_keys(inn, ogrn, account):
    assert check_inn(inn) == inn
    assert check_ogrn(ogrn) == ogrn
    assert check_account(account, DEMO_BIK) == account


def test_i7_the_demo_entrepreneur_carries_right_keys():
    assert check_inn(DEMO_ENTREPRENEUR_INN) == DEMO_ENTREPRENEUR_INN
    assert check_ogrnip(DEMO_ENTREPRENEUR_OGRNIP) == DEMO_ENTREPRENEUR_OGRNIP


@pytest.mark.parametrize(
    ("check", "value", "canonical"),
    [
        pytest.param(check_inn, "7707083893", "7707083893", id="inn"),
        pytest.param(check_ogrn, "1027700132195", "1027700132195", id="ogrn"),
        pytest.param(check_kpp, "679901001", "679901001", id="kpp"),
        pytest.param(check_kpp, "6799AB001", "6799AB001", id="kpp-with-letters"),
        pytest.param(check_snils, "112-233-445 95", "11223344595", id="snils-printed"),
        pytest.param(check_snils, "112 233 445 95", "11223344595", id="snils-with-spaces"),
        pytest.param(check_snils, "11223344595", "11223344595", id="snils-digits"),
        pytest.param(check_snils, "999-000-001 15", "99900000115", id="snils-demo-1"),
        pytest.param(check_snils, "999-000-002 16", "99900000216", id="snils-demo-2"),
        pytest.param(check_snils, "001-001-998 77", "00100199877", id="snils-before-the-key"),
        pytest.param(check_bik, "046699901", "046699901", id="bik-of-a-bank"),
        pytest.param(check_bik, "016614901", "016614901", id="bik-of-a-treasury"),
        pytest.param(check_bik, "004525988", "004525988", id="bik-of-the-bank-of-russia"),
        pytest.param(
            check_treasury_account, "03224643660000006300", "03224643660000006300", id="treasury"
        ),
        pytest.param(check_oktmo, "66000000", "66000000", id="oktmo-region"),
        pytest.param(check_oktmo, "66701000001", "66701000001", id="oktmo-settlement"),
        pytest.param(check_okpo, "00032537", "00032537", id="okpo"),
        pytest.param(check_okpo, "00040778", "00040778", id="okpo-other"),
        pytest.param(check_okpo, "0123456789", "0123456789", id="okpo-of-an-entrepreneur"),
    ],
)
def test_i7_a_right_identifier_comes_back_in_its_canonical_form(check, value, canonical):
    assert check(value) == canonical


@pytest.mark.parametrize(
    ("check", "value", "bik"),
    [
        pytest.param(check_correspondent_account, "30101810000000000901", DEMO_BIK, id="demo"),
        pytest.param(
            check_correspondent_account, "30101810800000000746", "049805746", id="order-515-1"
        ),
        pytest.param(check_account, "40602810700000000025", "049805746", id="order-515-3"),
        pytest.param(check_correspondent_account, "40102810445370000055", "016614901", id="eks"),
        pytest.param(check_account, "03224643660000006300", "016614901", id="treasury-account"),
    ],
)
def test_i7_an_account_is_right_at_its_bank(check, value, bik):
    assert check(value, bik) == value


@pytest.mark.parametrize(
    ("check", "value", "code"),
    [
        pytest.param(check_inn, "7707083890", "inn-wrong-check-digit", id="inn-key"),
        pytest.param(check_inn, "679900000139", "inn-wrong-check-digit", id="inn-person-key"),
        pytest.param(check_inn, "770708389", "inn-wrong-length", id="inn-9"),
        pytest.param(check_inn, "77070838930", "inn-wrong-length", id="inn-11"),
        pytest.param(check_inn, "", "inn-wrong-length", id="inn-empty"),
        pytest.param(check_inn, "7707 083893", "inn-not-digits", id="inn-space"),
        pytest.param(check_inn, "7707-083893", "inn-not-digits", id="inn-hyphen"),
        pytest.param(check_inn, "7707083893\n", "inn-not-digits", id="inn-newline"),
        pytest.param(check_inn, "٧٧٠٧٠٨٣٨٩٣", "inn-not-digits", id="inn-arabic-indic"),
        pytest.param(check_inn, "０７０７０８３８９３", "inn-not-digits", id="inn-fullwidth"),
        pytest.param(check_inn, "0000000000", "inn-wrong-format", id="inn-zeros"),
        pytest.param(check_ogrn, "1027700132196", "ogrn-wrong-check-digit", id="ogrn-key"),
        pytest.param(check_ogrn, "399670000000019", "ogrn-wrong-length", id="ogrn-is-ogrnip"),
        pytest.param(check_ogrn, "0000000000000", "ogrn-wrong-format", id="ogrn-zeros"),
        pytest.param(check_ogrnip, "399670000000018", "ogrnip-wrong-check-digit", id="ogrnip-key"),
        pytest.param(check_ogrnip, "1027700132195", "ogrnip-wrong-length", id="ogrnip-is-ogrn"),
        pytest.param(check_ogrnip, "199670000000019", "ogrnip-wrong-format", id="ogrnip-first"),
        pytest.param(check_kpp, "67990100", "kpp-wrong-length", id="kpp-8"),
        pytest.param(check_kpp, "6799ab001", "kpp-wrong-format", id="kpp-small-letters"),
        pytest.param(check_kpp, "6799АВ001", "kpp-wrong-format", id="kpp-cyrillic"),
        pytest.param(check_kpp, "٦٧٩٩٠١٠٠١", "kpp-wrong-format", id="kpp-arabic-indic"),
        pytest.param(check_kpp, "000000000", "kpp-wrong-format", id="kpp-zeros"),
        pytest.param(check_snils, "112-233-445 96", "snils-wrong-check-digit", id="snils-key"),
        pytest.param(check_snils, "112-233-44 595", "snils-not-digits", id="snils-grouping"),
        pytest.param(check_snils, "112--233-445 95", "snils-not-digits", id="snils-hyphens"),
        pytest.param(check_snils, "1122334459", "snils-wrong-length", id="snils-10"),
        pytest.param(check_snils, "000-000-000 00", "snils-wrong-format", id="snils-zeros"),
        pytest.param(check_bik, "04669990", "bik-wrong-length", id="bik-8"),
        pytest.param(check_bik, "04669990x", "bik-not-digits", id="bik-letter"),
        pytest.param(
            check_treasury_account,
            "03224810660000006300",
            "treasury-account-wrong-format",
            id="treasury-currency",
        ),
        pytest.param(check_oktmo, "660000000", "oktmo-wrong-length", id="oktmo-9"),
        pytest.param(check_okpo, "00032538", "okpo-wrong-check-digit", id="okpo-key"),
        pytest.param(check_okpo, "000325371", "okpo-wrong-length", id="okpo-9"),
    ],
)
def test_i7_a_wrong_identifier_is_refused_by_name(check, value, code):
    with pytest.raises(IdentifierIsWrong) as refused:
        check(value)
    assert refused.value.code == code
    assert re.fullmatch(r"The .+\.", str(refused.value))


@pytest.mark.parametrize(
    ("check", "value", "bik", "code"),
    [
        pytest.param(
            check_account,
            "40702810700000000001",
            "046699902",
            "account-wrong-check-digit",
            id="another-bank",
        ),
        pytest.param(
            check_account, "4070281070000000001", DEMO_BIK, "account-wrong-length", id="19-digits"
        ),
        pytest.param(
            check_account, "40702810700000000001", "4669990", "bik-wrong-length", id="wrong-bik"
        ),
        pytest.param(
            check_account,
            "03224810660000006300",
            "016614901",
            "treasury-account-wrong-format",
            id="treasury-account",
        ),
        pytest.param(
            check_correspondent_account,
            "30101810000000000902",
            DEMO_BIK,
            "correspondent-account-wrong-check-digit",
            id="correspondent-key",
        ),
        pytest.param(
            check_correspondent_account,
            "40702810700000000001",
            DEMO_BIK,
            "correspondent-account-wrong-format",
            id="settlement-account-as-correspondent",
        ),
    ],
)
def test_i7_a_wrong_account_is_refused_by_name(check, value, bik, code):
    with pytest.raises(IdentifierIsWrong) as refused:
        check(value, bik)
    assert refused.value.code == code


def test_an_error_never_repeats_the_personal_number():
    with pytest.raises(IdentifierIsWrong) as refused:
        check_snils("112-233-445 96")
    assert not re.search(r"\d", str(refused.value))


def test_an_account_in_a_cash_centre_takes_its_key_from_the_number_of_the_centre():
    """Bank of Russia order 515, clause 2: 0 and digits 5 and 6 of the БИК, here 005."""
    right = [
        account
        for key in "0123456789"
        if not is_refused(check_account, account := f"40503810{key}00000000025", "049805000")
    ]
    prefixed = "005" + right[0]
    assert len(right) == 1
    assert weighed(prefixed, *((7, 1, 3) * 8)[:23]) % 10 == 0


def test_i7_the_second_row_of_weights_of_the_okpo_applies_when_the_first_leaves_ten():
    # 1·4 + 2·3 = 10 by the first row; 3·4 + 4·3 = 24, so 2, by the second.
    assert check_okpo("43000002") == "43000002"
    # 7 at place 7 and 5 at place 1 leave 54 % 11 = 10; then 3·5 + 9·7 = 78, so 1.
    assert check_okpo("50000071") == "50000071"


@given(numbers(9))
def test_i7_an_inn_of_an_organisation_with_a_right_key_passes(nine):
    assume(not nine.startswith("00"))
    inn = inn_of_organisation(nine)
    assert check_inn(inn) == inn


@given(numbers(10))
def test_i7_an_inn_of_a_person_with_right_keys_passes(ten):
    assume(not ten.startswith("00"))
    inn = inn_of_person(ten)
    assert check_inn(inn) == inn


@given(numbers(9))
def test_i7_every_single_digit_change_of_an_inn_of_an_organisation_is_caught(nine):
    """The algorithm folds the remainder 10 into the key 0; elsewhere nothing slips through."""
    inn = inn_of_organisation(nine)
    assume(not inn.endswith("0"))
    assert all(is_refused(check_inn, mutant) for mutant in mutants(inn))


@given(numbers(10))
def test_i7_every_single_digit_change_of_an_inn_of_a_person_is_caught(ten):
    """A change must slip by both keys, and can do so only where both are 0."""
    inn = inn_of_person(ten)
    assume(not inn.endswith("00"))
    assert all(is_refused(check_inn, mutant) for mutant in mutants(inn))


def test_i7_the_fold_of_ten_into_zero_is_the_only_hole_of_the_inn():
    """The demo ИНН 6799000050 has the key 0: only changes from remainder 0 to 10 pass it."""
    weights = (2, 4, 10, 3, 5, 9, 4, 6, 8)
    passing = [m for m in mutants("6799000050") if not is_refused(check_inn, m)]
    assert {weighed(m[:9], *weights) % 11 for m in ["6799000050", *passing]} <= {0, 10}
    assert passing


@given(st.integers(min_value=10**11, max_value=10**12 - 1))
def test_i7_every_single_digit_change_of_an_ogrn_is_caught(twelve):
    """As with the ИНН, save where the key is 0 and stands for both 0 and 10."""
    key = twelve % 11 % 10
    assume(key != 0)
    ogrn = f"{twelve}{key}"
    assert check_ogrn(ogrn) == ogrn
    assert all(is_refused(check_ogrn, mutant) for mutant in mutants(ogrn))


@given(st.integers(min_value=3 * 10**13, max_value=5 * 10**13 - 1))
def test_i7_every_single_digit_change_of_an_ogrnip_is_caught(fourteen):
    """The remainders 10, 11, 12 share the keys 0, 1, 2; with a key from 3 nothing slips through."""
    key = fourteen % 13 % 10
    ogrnip = f"{fourteen}{key}"
    assert check_ogrnip(ogrnip) == ogrnip
    assume(key >= 3)
    assert all(is_refused(check_ogrnip, mutant) for mutant in mutants(ogrnip))


@given(st.integers(min_value=1_001_999, max_value=999_999_999))
def test_i7_every_single_digit_change_of_a_snils_is_caught(number):
    """The remainder 100 shares the key 00, and numbers up to 001-001-998 carry no key."""
    nine = f"{number:09}"
    key = weighed(nine, *range(9, 0, -1)) % 101 % 100
    snils = f"{nine}{key:02}"
    assert check_snils(snils) == snils
    assume(key != 0 and not nine.startswith("00"))
    caught = [m for m in mutants(snils) if int(m[:9]) > 1_001_998]
    assert all(is_refused(check_snils, mutant) for mutant in caught)


@pytest.mark.parametrize("account", [m[2] for m in DEMO_MEMBERS])
def test_i7_every_single_digit_change_of_an_account_is_caught(account):
    assert all(is_refused(check_account, mutant, DEMO_BIK) for mutant in mutants(account))


def test_i7_every_single_digit_change_of_a_correspondent_account_is_caught():
    account = "30101810000000000901"
    assert all(
        is_refused(check_correspondent_account, mutant, DEMO_BIK) for mutant in mutants(account)
    )


@given(st.text(max_size=25))
def test_whatever_is_typed_is_answered_or_refused_by_name(typed):
    for check in (
        check_inn,
        check_ogrn,
        check_ogrnip,
        check_kpp,
        check_snils,
        check_bik,
        check_treasury_account,
        check_oktmo,
        check_okpo,
    ):
        is_refused(check, typed)
    is_refused(check_account, typed, DEMO_BIK)
    is_refused(check_correspondent_account, typed, typed)
