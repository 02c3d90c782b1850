"""Members of a file: what the columns are, and what each row does to the members there are."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, cast

from services.membership.commands import members
from services.membership.domain.members import (
    Card,
    MemberKind,
    SlugIsTaken,
    check_card,
    check_joined_on,
)
from shared.database import Transaction
from shared.identity import Role
from shared.imports import cells
from shared.imports.faults import Complaint
from shared.imports.kinds import Effect, Imports, Job, Kind, Plan, row_by_row
from shared.imports.sheet import Column, Row, Sheet
from shared.refusal import Invalid
from shared.routes import roles
from shared.russia import identifiers
from shared.russia.calendar import moscow_date
from shared.russia.identifiers import IdentifierIsWrong
from shared.russia.vat import VatRegime

KINDS = {
    "колледж": MemberKind.COLLEGE,
    "вуз": MemberKind.UNIVERSITY,
    "работодатель": MemberKind.EMPLOYER,
    "орган власти": MemberKind.AUTHORITY,
}
REGIMES = {
    "общая (ОСНО)": VatRegime.GENERAL,
    "УСН без НДС": VatRegime.SIMPLIFIED_EXEMPT,
    "УСН с НДС 5 %": VatRegime.SIMPLIFIED_5,
    "УСН с НДС 7 %": VatRegime.SIMPLIFIED_7,
    "не плательщик НДС": VatRegime.NOT_PAYER,
}

MEMBER_DIFFERS = Complaint(
    "member-differs",
    "This member takes part already, and its card says otherwise: it is not changed by an import.",
)


def _check_ogrn(value: str) -> str:
    return identifiers.check_ogrnip(value) if len(value) == 15 else identifiers.check_ogrn(value)


def _check_account_shape(value: str) -> str:
    """The key can be checked with the BIK alone, when the whole card is."""
    if not value.isascii() or not value.isdigit():
        raise IdentifierIsWrong("account", "not-digits")
    if len(value) != 20:
        raise IdentifierIsWrong("account", "wrong-length")
    return value


SHEET = Sheet(
    name="members",
    title="Участники",
    key=("inn", "kpp"),
    unique=("slug",),
    columns=(
        Column(
            "name",
            "Краткое название",
            cells.words(),
            ("Колледж (пример)", "ИП Примеров П. П. (пример)"),
        ),
        Column(
            "full_name",
            "Полное название",
            cells.words(500),
            (
                "Областное государственное бюджетное профессиональное образовательное учреждение"
                " «Колледж (пример)»",
                "Индивидуальный предприниматель Примеров Пётр Петрович (пример)",
            ),
        ),
        Column(
            "slug",
            "Код латиницей",
            cells.pattern(r"[a-z0-9-]{2,40}", "строчные латинские буквы, цифры и дефис"),
            ("primer-college", "primer-ip"),
            hint="Короткое имя для адресов, своё у каждого участника",
        ),
        Column("kind", "Вид", cells.one_of(KINDS), ("колледж", "работодатель")),
        Column(
            "is_state",
            "Имущество государственное",
            cells.yes_or_no(),
            ("да", "нет"),
            hint="От этого зависит цена при сетевой форме",
        ),
        Column(
            "legal_form",
            "Код ОКОПФ",
            cells.pattern(r"[0-9]{5}", "пять цифр; у предпринимателя 50102"),
            ("75203", "50102"),
        ),
        Column(
            "inn",
            "ИНН",
            cells.digits(identifiers.check_inn, "10 цифр, у предпринимателя 12"),
            ("6799000010", "679900000138"),
        ),
        Column(
            "kpp",
            "КПП",
            cells.digits(identifiers.check_kpp, "9 знаков"),
            ("679901001", ""),
            is_required=False,
            hint="Обязателен для организаций, у предпринимателя пусто",
        ),
        Column(
            "ogrn",
            "ОГРН",
            cells.digits(_check_ogrn, "13 цифр, у предпринимателя 15"),
            ("1996700000010", "399670000000019"),
        ),
        Column("town", "Город", cells.words(100), ("Смоленск", "Вязьма")),
        Column(
            "vat_regime",
            "Налогообложение",
            cells.one_of(REGIMES),
            ("не плательщик НДС", "УСН без НДС"),
        ),
        Column(
            "bank_account",
            "Расчётный счёт",
            cells.digits(_check_account_shape, "20 цифр"),
            ("40702810700000000001", ""),
            is_required=False,
            hint="Вместе с БИК",
        ),
        Column(
            "bik",
            "БИК",
            cells.digits(identifiers.check_bik, "9 цифр"),
            ("046699901", ""),
            is_required=False,
            hint="Вместе со счётом",
        ),
        Column(
            "joined_on",
            "Участвует с",
            cells.day(),
            ("01.09.2026", ""),
            is_required=False,
            hint="Если пусто — со дня загрузки",
        ),
    ),
)

_CARD = tuple(column.code for column in SHEET.columns if column.code != "joined_on")


async def look(tx: Transaction, job: Job, rows: Sequence[Row]) -> list[Plan]:
    """Compares rows with the members that take part, by INN and KPP (I7)."""
    known = {
        (row["inn"], row["kpp"]): row
        for row in await tx.fetch(
            "SELECT * FROM members WHERE withdrawn_at IS NULL AND inn = ANY ($1)",
            [row["inn"] for row in rows],
        )
    }
    taken = {
        row["slug"]
        for row in await tx.fetch(
            "SELECT slug FROM members WHERE slug = ANY ($1)", [row["slug"] for row in rows]
        )
    }
    today = moscow_date(tx.now)
    plans = []
    for row in rows:
        member = known.get((row["inn"], row["kpp"]))
        if member is not None:
            _require_same(row, member)
            plan = Plan(row, Effect.UNCHANGED)
        else:
            plan = _join(row, today)
            if row["slug"] in taken:
                row.complain(Complaint(SlugIsTaken.code, SlugIsTaken.title()), "slug")
        if not row.faults:
            plans.append(plan)
    return plans


def _require_same(row: Row, member: Any) -> None:
    """What the file says of a member that takes part is what is known; what it leaves out may be."""
    for column in SHEET.columns:
        said = row[column.code]
        if said is not None and said != member[column.code]:
            row.complain(MEMBER_DIFFERS, column.code, known=_word(column.code, member[column.code]))


def _join(row: Row, today: date) -> Plan:
    card = Card(**{code: row[code] for code in _CARD})
    checks: tuple[Callable[[], None], ...] = (
        lambda: check_card(card),
        lambda: check_joined_on(row["joined_on"] or today, today),
    )
    for check in checks:
        try:
            check()
        except Invalid as refusal:
            row.complain_of(refusal)
    return Plan(row, Effect.ADDED, lambda tx: members.join(tx, card, row["joined_on"]))


def _word(code: str, value: Any) -> Any:
    """The known value in the words of the file."""
    if isinstance(value, bool):
        return "да" if value else "нет"
    words = {"kind": KINDS, "vat_regime": REGIMES}.get(code, {})
    return next(
        (word for word, meant in cast(dict[str, Any], words).items() if meant == value), value
    )


imports = Imports(
    may=roles(Role.ADMINISTRATOR),
    kinds=(Kind(sheet=SHEET, look=look, write=row_by_row(look)),),
)
