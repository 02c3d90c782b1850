"""The text of an agreement as a document: what is said of its terms, and the templates for it."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from services.membership.domain.agreements import (
    AgreedTariff,
    AgreementKind,
    Prolongation,
    TariffUnit,
    Terms,
    is_free,
)
from shared.database import Transaction
from shared.documents.plain import docx_of
from shared.documents.render import Format
from shared.documents.templates import Template, Templates, produce
from shared.identity import Role
from shared.routes import roles

_FOLDER = Path(__file__).resolve().parent.parent / "templates"
NAME = "agreement"

TITLES = {
    AgreementKind.NETWORK_FORM: "Договор о сетевой форме реализации образовательной программы",
    AgreementKind.SERVICES: "Договор оказания услуг",
    AgreementKind.LEASE: "Договор аренды оборудования и помещений",
    AgreementKind.FREE_USE: "Договор безвозмездного пользования",
    AgreementKind.PRACTICAL_TRAINING: "Договор о практической подготовке обучающихся",
    AgreementKind.TARGETED_TRAINING: "Соглашение о целевом обучении",
    AgreementKind.TEACHER_INTERNSHIP: "Договор о стажировке педагогических работников",
    AgreementKind.DONATION: "Договор пожертвования",
    AgreementKind.EXAM_SITE: "Договор о площадке демонстрационного экзамена",
    AgreementKind.NETTING: "Соглашение о зачёте взаимных требований",
    AgreementKind.ACCESSION: "Соглашение о сотрудничестве участников",
}
_UNITS = {
    TariffUnit.WORKPLACE_HOUR: "рабочее место в час",
    TariffUnit.HOUR: "час",
    TariffUnit.DAY: "день",
    TariffUnit.MONTH: "месяц",
    TariffUnit.PERSON: "человек",
    TariffUnit.PIECE: "единица",
}
_IN_SYSTEM = (
    "Стороны подписывают соглашение в информационной системе кластера простой электронной подписью и"
    " признают её равнозначной собственноручной (ч. 2 ст. 6 закона 63-ФЗ). Подпись ставит"
    " представитель Стороны, вошедший в систему со своим паролем; система хранит подписанный файл"
    " и его контрольную сумму SHA-256."
)
_ON_PAPER = "Стороны подписывают соглашение на бумаге; его скан хранится в информационной системе."


def data_of(
    terms: Terms, parties: Sequence[Mapping[str, Any]], made_on: date, *, on_paper: bool
) -> dict[str, Any]:
    """What the document says; `parties` are rows of members in the order of the terms."""
    return {
        "title": TITLES[terms.kind],
        "number": terms.number,
        "place": terms.place or "",
        "made_on": _day(made_on),
        "parties": [
            {
                "name": row["name"],
                "full_name": row["full_name"],
                "numbers": _numbers(row),
                "town": row["town"],
            }
            for row in parties
        ],
        "subject": terms.subject,
        "valid_from": _day(terms.valid_from),
        "valid_to": _day(terms.valid_to),
        "going_on": _going_on(terms.prolongation),
        "price": _price(terms),
        "tariffs": [
            {"what": each.what, "unit": _UNITS[each.unit], "price": _rubles(each.net_kopecks)}
            for each in terms.tariffs
        ],
        "ending": _ending(terms),
        "signing": _ON_PAPER if on_paper else _IN_SYSTEM,
        "on_paper": on_paper,
    }


async def make_document(
    tx: Transaction,
    terms: Terms,
    made_on: date,
    *,
    maker_id: UUID,
    on_paper: bool,
    made_as: Format,
) -> bytes:
    """The document by the template of the member that makes the agreement."""
    rows = await tx.fetch(
        "SELECT id, name, full_name, inn, kpp, ogrn, town FROM members WHERE id = ANY ($1)",
        list(terms.party_ids),
    )
    by_id = {row["id"]: row for row in rows}
    parties = [by_id[party_id] for party_id in terms.party_ids]
    data = data_of(terms, parties, made_on, on_paper=on_paper)
    return await produce(tx, templates.get(NAME, made_as), data, member_id=maker_id)


def file_name(terms: Terms) -> str:
    """What the document is called where it is saved."""
    number = f" № {terms.number}" if terms.number else ""
    return f"{TITLES[terms.kind]}{number} от {_day(terms.valid_from)}"


def _numbers(row: Mapping[str, Any]) -> str:
    kpp = f", КПП {row['kpp']}" if row["kpp"] else ""
    return f"ИНН {row['inn']}{kpp}, ОГРН {row['ogrn']}"


def _day(day: date) -> str:
    return f"{day:%d.%m.%Y}"


def _rubles(kopecks: int) -> str:
    rubles, rest = divmod(kopecks, 100)
    return f"{rubles:,}".replace(",", "\u00a0") + f",{rest:02}\u00a0₽"


def _going_on(prolongation: Prolongation | None) -> str:
    if prolongation is None:
        return ""
    return (
        f"Если ни одна из Сторон не откажется за {prolongation.refusal_days} дн. до окончания срока"
        f" или раньше, соглашение продлевается на {prolongation.months} мес. на тех же условиях;"
        " так же и в дальнейшем."
    )


def _price(terms: Terms) -> str:
    if is_free(terms):
        return "Исполнение по соглашению безвозмездно."
    if terms.tariffs:
        return "Стороны согласовали следующие цены; НДС начисляется по закону на день исполнения:"
    return "Использованное оплачивается по тарифам его владельца, действующим на день исполнения."


def _ending(terms: Terms) -> str:
    if terms.notice_days is None:
        return "Соглашение действует до окончания срока."
    return (
        f"Любая из Сторон вправе прекратить соглашение, уведомив остальных за {terms.notice_days} дн."
        " Согласованное ранее исполняется до конца."
    )


_SAMPLE = data_of(
    Terms(
        AgreementKind.SERVICES,
        (UUID(int=1), UUID(int=2)),
        date(2027, 9, 1),
        date(2028, 8, 31),
        "Услуги учебных мастерских для практической подготовки.",
        number="12-2027",
        place="г. Смоленск",
        prolongation=Prolongation(12, 30),
        notice_days=30,
        tariffs=(AgreedTariff("Сварочный пост", TariffUnit.WORKPLACE_HOUR, 45_000),),
    ),
    [
        {
            "name": name,
            "full_name": f"{name} (образец)",
            "inn": "6700000000",
            "kpp": "670001001",
            "ogrn": "1026700000000",
            "town": "Смоленск",
        }
        for name in ("Колледж", "Завод")
    ],
    date(2027, 8, 20),
    on_paper=False,
)

templates = Templates(
    may=roles(Role.COORDINATOR),
    known=(
        Template(
            NAME,
            Format.DOCX,
            lambda: docx_of((_FOLDER / "agreement.docx.txt").read_text("utf-8")),
            _SAMPLE,
        ),
        Template(NAME, Format.PDF, lambda: (_FOLDER / "agreement.typ").read_bytes(), _SAMPLE),
    ),
)
"""What members may put their own in place of."""
