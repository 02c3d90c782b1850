"""The check of Russian identifiers: organisations, people, banks and accounts.

Every check answers with the canonical form, or raises `IdentifierIsWrong`. A right key says that
the number was not mistyped; that it was ever issued only the register of its issuer can say.
Digits are ASCII digits: other scripts have digits too, which `str.isdigit` accepts.
"""

import re
from typing import Literal

import stdnum.ru.inn
import stdnum.ru.ogrn
from stdnum.exceptions import ValidationError

Identifier = Literal[
    "inn",
    "ogrn",
    "ogrnip",
    "kpp",
    "snils",
    "bik",
    "account",
    "correspondent-account",
    "treasury-account",
    "oktmo",
    "okpo",
]
Reason = Literal["not-digits", "wrong-length", "wrong-format", "wrong-check-digit"]

_SENTENCES: dict[Reason, str] = {
    "not-digits": "The {} may hold digits only.",
    "wrong-length": "The {} has a wrong number of characters.",
    "wrong-format": "The {} does not have the form of one.",
    "wrong-check-digit": "The {} has a wrong check digit: it is mistyped.",
}

_ENGLISH: dict[Identifier, str] = {
    "inn": "taxpayer number (INN)",
    "ogrn": "registration number (OGRN)",
    "ogrnip": "entrepreneur's registration number (OGRNIP)",
    "kpp": "tax registration reason code (KPP)",
    "snils": "pension insurance number (SNILS)",
    "bik": "bank code (BIK)",
    "account": "bank account",
    "correspondent-account": "correspondent account",
    "treasury-account": "treasury account",
    "oktmo": "municipality code (OKTMO)",
    "okpo": "statistics code (OKPO)",
}


class IdentifierIsWrong(ValueError):
    """An identifier cannot be right as written; `code` is for programs, e.g. `inn-wrong-length`.

    The message is an English sentence without the value: a СНИЛС or a person's ИНН is personal
    data and must not reach a log by way of an error.
    """

    def __init__(self, identifier: Identifier, reason: Reason) -> None:
        self.identifier = identifier
        self.reason = reason
        self.code = f"{identifier}-{reason}"
        super().__init__(_SENTENCES[reason].format(_ENGLISH[identifier]))


def check_inn(value: str) -> str:
    """The ИНН of an organisation (10 digits) or a person (12); raises `IdentifierIsWrong`.

    Source: order ЕД-7-14/559@ of the Federal Tax Service of 26.06.2025. The key folds the
    remainder 10 into 0, so that a few single-digit errors in numbers with the key 0 go unseen.
    """
    _require_digits("inn", value, 10, 12)
    # The first two digits are the code of a region, which is never 00; all zeros have a right key.
    if value.startswith("00"):
        raise IdentifierIsWrong("inn", "wrong-format")
    try:
        return stdnum.ru.inn.validate(value)
    except ValidationError as error:
        raise IdentifierIsWrong("inn", "wrong-check-digit") from error


def check_ogrn(value: str) -> str:
    """The ОГРН of an organisation, 13 digits; raises `IdentifierIsWrong`.

    Source: the Ministry of Finance's rules on keeping the register of legal entities.
    """
    _require_digits("ogrn", value, 13)
    if value.startswith("0"):
        raise IdentifierIsWrong("ogrn", "wrong-format")
    try:
        return stdnum.ru.ogrn.validate(value)
    except ValidationError as error:
        raise IdentifierIsWrong("ogrn", "wrong-check-digit") from error


def check_ogrnip(value: str) -> str:
    """The ОГРНИП of an individual entrepreneur, 15 digits; raises `IdentifierIsWrong`.

    Source: as for the ОГРН. The key is the last digit of the remainder by 13, and python-stdnum 2.2
    forgets "the last digit of", so it refuses three right numbers in thirteen: hence our own line.
    """
    _require_digits("ogrnip", value, 15)
    if value[0] not in "34":
        raise IdentifierIsWrong("ogrnip", "wrong-format")
    _require_key("ogrnip", is_right=int(value[:-1]) % 13 % 10 == int(value[-1]))
    return value


def check_kpp(value: str) -> str:
    """The КПП, 9 characters, without a check digit; raises `IdentifierIsWrong`.

    Four digits of the tax office, two digits or Latin capitals of the reason, three of the number
    (order ЕД-7-14/559@ of the Federal Tax Service of 26.06.2025).
    """
    if len(value) != 9:
        raise IdentifierIsWrong("kpp", "wrong-length")
    if not re.fullmatch(r"(?!00)[0-9]{4}[0-9A-Z]{2}[0-9]{3}", value):
        raise IdentifierIsWrong("kpp", "wrong-format")
    return value


def check_snils(value: str) -> str:
    """The СНИЛС of a person as 11 digits; raises `IdentifierIsWrong`.

    Accepts the printed form too, `112-233-445 95`: its three separators are each a hyphen, a space
    or nothing. Numbers up to 001-001-998 were issued before the key and are not checked by it.
    """
    digits = value
    if printed := re.fullmatch(r"([0-9]{3})[- ]?([0-9]{3})[- ]?([0-9]{3})[- ]?([0-9]{2})", value):
        digits = "".join(printed.groups())
    _require_digits("snils", digits, 11)
    number, key = int(digits[:9]), int(digits[9:])
    if number == 0:
        raise IdentifierIsWrong("snils", "wrong-format")
    if number > 1_001_998:
        weighed = sum(
            int(digit) * weight for digit, weight in zip(digits[:9], range(9, 0, -1), strict=True)
        )
        _require_key("snils", is_right=weighed % 101 % 100 == key)
    return digits


def check_bik(value: str) -> str:
    """The БИК of a bank or a treasury office, 9 digits without a key; raises `IdentifierIsWrong`.

    It need not begin with 04: a treasury office begins with 01, the Bank of Russia itself with 00
    (the Bank of Russia's directory of БИК).
    """
    return _require_digits("bik", value, 9)


def check_account(value: str, bik: str) -> str:
    """The account that payments go to, 20 digits, of the bank or treasury office `bik`.

    An account that begins with 03 is a treasury account, see `check_treasury_account`; any other
    carries the key by Bank of Russia order 515 of 08.09.1997. Raises `IdentifierIsWrong`, also for
    a wrong `bik`.
    """
    check_bik(bik)
    _require_digits("account", value, 20)
    if value.startswith("03"):
        return check_treasury_account(value)
    # A cash centre of the Bank of Russia has no number of its own as a credit organisation.
    is_at_cash_centre = bik[6:] in {"000", "001", "002"}
    number = _cash_centre(bik) if is_at_cash_centre else bik[6:]
    _require_key("account", is_right=_has_account_key(number, value))
    return value


def check_correspondent_account(value: str, bik: str) -> str:
    """The correspondent account (30101…) or single treasury account (ЕКС, 40102…) of `bik`.

    20 digits with the key by Bank of Russia order 515 of 08.09.1997. Raises `IdentifierIsWrong`,
    also for a wrong `bik`.
    """
    check_bik(bik)
    _require_digits("correspondent-account", value, 20)
    if not value.startswith(("30101", "40102")):
        raise IdentifierIsWrong("correspondent-account", "wrong-format")
    _require_key("correspondent-account", is_right=_has_account_key(_cash_centre(bik), value))
    return value


def check_treasury_account(value: str) -> str:
    """The treasury account (казначейский счёт), 20 digits; raises `IdentifierIsWrong`.

    03, three digits of the kind, the currency 643, eight digits of the ОКТМО, four of the office
    (Treasury order 15н of 01.04.2020). It has no key.
    """
    _require_digits("treasury-account", value, 20)
    if not (value.startswith("03") and value[5:8] == "643"):
        raise IdentifierIsWrong("treasury-account", "wrong-format")
    return value


def check_oktmo(value: str) -> str:
    """The ОКТМО of a municipality (8 digits) or a settlement (11); raises `IdentifierIsWrong`.

    Source: classifier ОК 033-2013. The check number is kept beside the code there, not inside it.
    """
    return _require_digits("oktmo", value, 8, 11)


def check_okpo(value: str) -> str:
    """The ОКПО of an organisation (8 digits) or an entrepreneur (10); raises `IdentifierIsWrong`.

    The key of the 8 digits is that of ПР 50.1.024-2005, annex В. The 10 digits are checked for
    their number only: the annex leaves open how its second row of weights runs beyond ten.
    """
    _require_digits("okpo", value, 8, 10)
    if len(value) == 8:
        remainder = _okpo_remainder(value, first_weight=1)
        if remainder == 10:
            remainder = _okpo_remainder(value, first_weight=3) % 10
        _require_key("okpo", is_right=remainder == int(value[-1]))
    return value


def _require_digits(identifier: Identifier, value: str, *lengths: int) -> str:
    if not re.fullmatch(r"[0-9]+", value):
        raise IdentifierIsWrong(identifier, "not-digits" if value else "wrong-length")
    if len(value) not in lengths:
        raise IdentifierIsWrong(identifier, "wrong-length")
    return value


def _require_key(identifier: Identifier, *, is_right: bool) -> None:
    if not is_right:
        raise IdentifierIsWrong(identifier, "wrong-check-digit")


def _cash_centre(bik: str) -> str:
    # The number of the cash centre (РКЦ) that keeps the bank's correspondent account, order 515.
    return "0" + bik[4:6]


def _has_account_key(number: str, account: str) -> bool:
    weighed = sum(int(digit) * (7, 1, 3)[place % 3] for place, digit in enumerate(number + account))
    return weighed % 10 == 0


def _okpo_remainder(value: str, *, first_weight: int) -> int:
    return sum(int(digit) * weight for weight, digit in enumerate(value[:-1], first_weight)) % 11
