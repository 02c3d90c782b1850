"""The full card of an organisation that applies: what is asked of it, and how that is sent on."""

from collections.abc import Callable, Mapping
from typing import Any

from services.portal.client import Problem
from services.portal.faults import FAULTS
from services.portal.forms import (
    MISSING,
    Field,
    Group,
    Said,
    Typed,
    fields_of,
    put_errors,
    require_all,
    typed_of,
)
from services.portal.statuses import (
    BASES,
    HEADCOUNTS,
    LEGAL_FORMS,
    MEMBER_KINDS,
    VAT_REGIMES,
)
from services.portal.words import N_, Words
from shared.russia import identifiers
from shared.russia.identifiers import IdentifierIsWrong

SOLE_PROPRIETOR = "50102"
ACCOUNTS_MAX = 10

ORGANISATION = Group(
    N_("Organisation"),
    (
        Field("kind", N_("Kind"), "choice", choices=MEMBER_KINDS, is_half=True),
        Field("town", N_("Town"), length_max=100, is_half=True),
        Field("name", N_("Short name"), hint=N_("As people say it, such as ОГБПОУ СмолАПО.")),
        Field("full_name", N_("Full name"), "long", length_max=500),
        Field(
            "legal_form",
            N_("Code of the legal form"),
            "digits",
            hint=N_("Five digits of the classifier OKOPF; the usual ones are offered."),
            length_max=5,
            offers=LEGAL_FORMS,
        ),
        Field(
            "is_state",
            N_("It is of the state, or of a municipality"),
            "check",
            hint=N_("Then its workshops cost nothing within the network form."),
            is_needed=False,
        ),
    ),
)
NUMBERS = Group(
    N_("Registration"),
    (
        Field("inn", N_("INN"), "digits", length_max=12, is_half=True),
        Field(
            "kpp",
            N_("KPP"),
            "digits",
            hint=N_("An entrepreneur has none."),
            is_needed=False,
            length_max=9,
            is_half=True,
        ),
        Field("ogrn", N_("OGRN"), "digits", length_max=15, is_half=True),
        Field("ogrn_on", N_("Date of the OGRN"), "day", is_half=True),
        Field("okpo", N_("OKPO"), "digits", is_needed=False, length_max=10, is_half=True),
        Field("okved", N_("OKVED, the main one"), length_max=8, is_half=True),
        Field("oktmo", N_("OKTMO"), "digits", length_max=11, is_half=True),
        Field(
            "headcount",
            N_("How many people work there"),
            "choice",
            is_needed=False,
            choices=HEADCOUNTS,
            is_half=True,
        ),
        Field("vat_regime", N_("Taxation"), "choice", choices=VAT_REGIMES, is_half=True),
        Field(
            "edo_operator_id",
            N_("Identifier at the operator of electronic documents"),
            is_needed=False,
            length_max=100,
            is_half=True,
        ),
        Field("founder", N_("Founder"), is_needed=False, length_max=500),
    ),
)
ADDRESSES = Group(
    N_("Addresses"),
    (
        Field("legal_address", N_("Legal address"), "long", length_max=500),
        Field("postal_address", N_("Postal address"), "long", length_max=500),
        Field("site_address", N_("Where it really is"), "long", is_needed=False, length_max=500),
        Field("site", N_("Web site"), "url", is_needed=False),
    ),
)
PERMITS = Group(
    N_("Licence and accreditation"),
    (
        Field("licence.number", N_("Number of the licence"), is_needed=False, length_max=100, is_half=True),
        Field("licence.issued_on", N_("Issued on"), "day", is_needed=False, is_half=True),
        Field("licence.issuer", N_("Issued by"), is_needed=False, length_max=500),
        Field("accreditation.number", N_("Number of the accreditation"), is_needed=False, length_max=100, is_half=True),
        Field("accreditation.issued_on", N_("Accredited on"), "day", is_needed=False, is_half=True),
        Field("accreditation.issuer", N_("Accredited by"), is_needed=False, length_max=500),
    ),
    N_("Colleges and universities name their licence; others leave this empty."),
)  # fmt: skip
HEAD = Group(
    N_("Who heads it"),
    (
        Field("head.family_name", N_("Family name"), length_max=100),
        Field("head.given_name", N_("First name"), length_max=100, is_half=True),
        Field("head.patronymic", N_("Patronymic"), is_needed=False, length_max=100, is_half=True),
        Field("head.post", N_("Post")),
        Field("head.basis", N_("Acts on the basis of"), "choice", choices=BASES),
        Field(
            "head.basis_number",
            N_("Number of the power of attorney"),
            is_needed=False,
            length_max=100,
            is_half=True,
        ),
        Field("head.basis_on", N_("Its date"), "day", is_needed=False, is_half=True),
    ),
)
CONTACT = Group(
    N_("Whom to ask"),
    (
        Field("contact.family_name", N_("Family name"), length_max=100),
        Field("contact.given_name", N_("First name"), length_max=100, is_half=True),
        Field(
            "contact.patronymic", N_("Patronymic"), is_needed=False, length_max=100, is_half=True
        ),
        Field("contact.post", N_("Post"), is_needed=False),
        Field(
            "contact.email",
            N_("E-mail"),
            "email",
            hint=N_("Letters with links go there: to confirm the address, to sign, to come in."),
        ),
        Field(
            "contact.phones",
            N_("Telephone numbers"),
            "tel",
            hint=N_("Up to five, with commas between them."),
            is_needed=False,
        ),
    ),
    N_("The secretariat of the council sees this, and nobody else."),
)


def account_group(number: int) -> Group:
    """One account by which the organisation is paid, counted from nought."""
    at = f"bank_details.{number}"
    return Group(
        N_("Bank account"),
        (
            Field(f"{at}.bank_account", N_("Account"), "digits", is_needed=False, length_max=20),
            Field(
                f"{at}.bik",
                N_("BIK of the bank"),
                "digits",
                is_needed=False,
                length_max=9,
                is_half=True,
            ),
            Field(f"{at}.bank", N_("Name of the bank"), is_needed=False, is_half=True),
        ),
    )


def groups_of(accounts: int = 1) -> list[Group]:
    """Everything that is asked, with so many bank accounts."""
    count = min(max(accounts, 1), ACCOUNTS_MAX)
    asked = [ORGANISATION, NUMBERS, ADDRESSES, PERMITS]
    return [*asked, *map(account_group, range(count)), HEAD, CONTACT]


def read(said: Said) -> tuple[list[Group], Typed]:
    """The card as it was filled in, with as many accounts as there were, or one more if wished."""
    count = str(said.get("accounts", "1"))
    number = int(count) if count.isascii() and count.isdigit() and len(count) < 3 else 1
    groups = groups_of(number + (said.get("more") == "account"))
    return groups, typed_of(groups, said)


def typed_card(card: Mapping[str, Any]) -> tuple[list[Group], Typed]:
    """A card that a service keeps, as it would have been typed."""
    groups = groups_of(len(card["bank_details"]))
    flat = dict(_flat(card))
    flat["contact.phones"] = ", ".join(card["contact"]["phones"])
    flat["is_state"] = "1" if card["is_state"] else ""
    return groups, typed_of(groups, flat)


def shown(known: Mapping[str, Any]) -> dict[str, Any]:
    """What the template of a card needs: groups, values, and the names of what was filled in."""
    groups, typed = typed_card(known)
    told = [each.name for each in fields_of(groups) if typed[each.name]]
    return {"groups": groups, "typed": typed, "told_names": told}


def _flat(part: Any, at: str = "") -> list[tuple[str, str]]:
    if isinstance(part, Mapping):
        return [each for name, value in part.items() for each in _flat(value, f"{at}{name}.")]
    if isinstance(part, list):
        return [each for place, value in enumerate(part) for each in _flat(value, f"{at}{place}.")]
    return [(at.rstrip("."), "" if part is None else str(part))]


# --- what is wrong with it -----------------------------------------------------------------------


def look_over(groups: list[Group], typed: Typed, words: Words) -> None:
    """Notes beside each field what is missing or mistyped, all of it at once."""
    require_all(groups, typed, words)
    for group in groups:
        for each in group.fields:
            if each.name not in typed.errors and (fault := fault_of_number(each.name, typed)):
                typed.errors[each.name] = words.text(fault)
    for part in ("licence", "accreditation"):
        _require_whole(
            typed, [f"{part}.{name}" for name in ("number", "issued_on", "issuer")], words
        )
    for place in range(ACCOUNTS_MAX):
        at = f"bank_details.{place}"
        _require_whole(typed, [f"{at}.{name}" for name in ("bank_account", "bik", "bank")], words)


def put_faults(typed: Typed, groups: list[Group], problem: Problem, words: Words) -> str | None:
    """Puts what the service said of the card beside its fields; what belongs to none is answered."""
    for error in problem.errors:
        at = str(error.get("at", "")).removeprefix("body.")
        if at == "licence":
            typed.errors["licence.number"] = words.text(
                "An educational organisation names its licence."
            )
        elif at.startswith("contact.phones"):
            typed.errors["contact.phones"] = words.text("Up to five numbers, with commas between.")
    return put_errors(typed, groups, problem, words)


def _require_whole(typed: Typed, names: list[str], words: Words) -> None:
    """Things that go together are all written, or none of them."""
    if any(typed[name] for name in names):
        for name in names:
            if not typed[name]:
                typed.errors.setdefault(name, words.text(MISSING))


def fault_of_number(name: str, typed: Typed) -> str | None:
    """What is wrong with a number of the registers or of a bank, as a text of the catalogue."""
    value = typed[name]
    check = CHECKS.get(name.rpartition(".")[2])
    if not value or check is None:
        return None
    try:
        check(value, typed, name)
    except IdentifierIsWrong as error:
        return FAULTS[error.code]
    return None


def _inn(value: str, typed: Typed, _: str) -> None:
    is_sole = typed["legal_form"] == SOLE_PROPRIETOR
    identifiers.check_inn(value)
    if typed["legal_form"] and (len(value) == 12) != is_sole:
        raise IdentifierIsWrong("inn", "wrong-length")


def _ogrn(value: str, typed: Typed, _: str) -> None:
    if typed["legal_form"] == SOLE_PROPRIETOR or (not typed["legal_form"] and len(value) == 15):
        identifiers.check_ogrnip(value)
    else:
        identifiers.check_ogrn(value)


def _account(value: str, typed: Typed, name: str) -> None:
    bik = typed[f"{name.rpartition('.')[0]}.bik"]
    if bik:
        identifiers.check_account(value, bik)


CHECKS: Mapping[str, Callable[[str, Typed, str], None]] = {
    "inn": _inn,
    "ogrn": _ogrn,
    "kpp": lambda value, *_: _none(identifiers.check_kpp(value)),
    "okpo": lambda value, *_: _none(identifiers.check_okpo(value)),
    "oktmo": lambda value, *_: _none(identifiers.check_oktmo(value)),
    "bik": lambda value, *_: _none(identifiers.check_bik(value)),
    "bank_account": _account,
}
"""How a number is looked at while the form is filled in; the service looks at all of it again."""


def _none(_: str) -> None:
    return None


# --- what is sent on -----------------------------------------------------------------------------


def body_of(typed: Typed) -> dict[str, Any]:
    """The card as the API takes it."""
    phones = [each.strip() for each in typed["contact.phones"].split(",") if each.strip()]
    return {
        **{each.name: typed.said(each.name) for each in _plain()},
        "is_state": bool(typed["is_state"]),
        "licence": _part(typed, "licence", "number", "issued_on", "issuer"),
        "accreditation": _part(typed, "accreditation", "number", "issued_on", "issuer"),
        "bank_details": [
            found
            for place in range(ACCOUNTS_MAX)
            if (found := _part(typed, f"bank_details.{place}", "bank_account", "bik", "bank"))
        ],
        "head": _part(typed, "head", *_names_in(HEAD)),
        "contact": {**(_part(typed, "contact", *_names_in(CONTACT)) or {}), "phones": phones},
    }


def _plain() -> list[Field]:
    return [
        each
        for group in (ORGANISATION, NUMBERS, ADDRESSES)
        for each in group.fields
        if each.name != "is_state"
    ]


def _names_in(group: Group) -> list[str]:
    return [each.name.rpartition(".")[2] for each in group.fields]


def _part(typed: Typed, at: str, *names: str) -> dict[str, str | None] | None:
    """A part of the card; None where nothing of it was written."""
    found = {name: typed.said(f"{at}.{name}") for name in names}
    return found if any(found.values()) else None
