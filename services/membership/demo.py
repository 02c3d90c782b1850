"""The demo's members, people and agreements, made by the same commands as everybody's data.

Names of kinds are real, requisites are not: the tax office 6799 and the bank do not exist.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from contracts.membership import DemoLaid
from services.membership.commands import (
    accounts,
    agreements,
    joining,
    members,
    passwords,
    persons,
    powers,
)
from services.membership.commands.persons import Belonging
from services.membership.domain.accounts import COUNCIL_ROLES, PersonName
from services.membership.domain.agreements import AgreementKind, Terms
from services.membership.domain.applications import (
    Applicant,
    Basis,
    Contact,
    Head,
    HeadcountBand,
)
from services.membership.domain.joining import Purpose
from services.membership.domain.members import Card, MemberKind, years_after
from services.membership.domain.persons import AffiliationKind
from services.membership.domain.powers import Paper, PowerKind
from shared.database import Transaction
from shared.identity import Actor, Role
from shared.russia.calendar import moscow_date
from shared.russia.vat import VatRegime
from shared.service import Runtime

PASSWORD = "demo"  # noqa: S105 - everybody is to know it
ADMINISTRATOR = "admin@artel.demo"
MILESTONE = "demo-laid"
JOINED_DAYS_AGO = 200
"""Since when the members of the demo take part: before its council was founded."""

ALL_OF_A_MEMBER = frozenset(Role) - COUNCIL_ROLES - {Role.STUDENT, Role.ADMINISTRATOR}


@dataclass(frozen=True)
class Post:
    """An account that every member of the demo has, with the people who hold it, one a member."""

    address: str
    roles: frozenset[Role]
    given_name: str
    patronymic: str
    family_names: tuple[str, ...]


POSTS = (
    Post(
        "coordinator",
        ALL_OF_A_MEMBER,
        "Анна",
        "Петровна",
        tuple(
            [
                "Иванова",
                "Кузнецова",
                "Лебедева",
                "Новикова",
                "Соколова",
                "Морозова",
                "Волкова",
                "Павлова",
                "Зайцева",
                "Орлова",
                "Белова",
                "Тихонова",
                "Крылова",
                "Громова",
                "Образцова",
            ]
        ),
    ),
    Post(
        "approver",
        frozenset({Role.APPROVER}),
        "Сергей",
        "Николаевич",
        tuple(
            [
                "Смирнов",
                "Попов",
                "Козлов",
                "Егоров",
                "Никитин",
                "Фёдоров",
                "Васильев",
                "Михайлов",
                "Беляев",
                "Гусев",
                "Титов",
                "Комаров",
                "Киселёв",
                "Воробьёв",
                "Образцов",
            ]
        ),
    ),
    Post(
        "finance",
        frozenset({Role.FINANCE}),
        "Мария",
        "Ильинична",
        tuple(
            [
                "Макарова",
                "Андреева",
                "Ковалёва",
                "Ильина",
                "Гусева",
                "Титова",
                "Кузьмина",
                "Кудрявцева",
                "Баранова",
                "Куликова",
                "Алексеева",
                "Степанова",
                "Яковлева",
                "Сорокина",
                "Сергеева",
            ]
        ),
    ),
)

_COLLEGE = "Областное государственное бюджетное профессиональное образовательное учреждение"
_STATE_INSTITUTION, _NON_PROFIT, _TREASURY = "75203", "71400", "75204"
_LIMITED, _PUBLIC_COMPANY, _COMPANY, _SOLE = "12300", "12247", "12267", "50102"
_KPP, _BIK = "679901001", "046699901"


def _member(
    slug: str,
    name: str,
    full_name: str,
    kind: MemberKind,
    legal_form: str,
    town: str,
    numbers: tuple[str, str, str | None],
) -> Card:
    inn, ogrn, bank_account = numbers
    return Card(
        slug=slug,
        name=f"{name} (демо)",
        full_name=f"{full_name} (демо)",
        kind=kind,
        is_state=legal_form in {_STATE_INSTITUTION, _TREASURY},
        legal_form=legal_form,
        inn=inn,
        kpp=None if legal_form == _SOLE else _KPP,
        ogrn=ogrn,
        town=town,
        vat_regime=VatRegime.GENERAL,
        bank_account=bank_account,
        bik=_BIK if bank_account else None,
    )


def _college(slug: str, name: str, town: str, *numbers: str) -> Card:
    return _member(
        slug,
        name,
        f"{_COLLEGE} «{name}»",
        MemberKind.COLLEGE,
        _STATE_INSTITUTION,
        town,
        (numbers[0], numbers[1], numbers[2]),
    )


def _employer(slug: str, name: str, full: str, form: str, town: str, *numbers: str) -> Card:
    account = numbers[2] if len(numbers) > 2 else None
    return _member(
        slug, name, full, MemberKind.EMPLOYER, form, town, (numbers[0], numbers[1], account)
    )


MEMBERS = (
    _college(
        "smolapo", "Академия профессионального образования", "Смоленск",
        "6799000010", "1996700000010", "40702810700000000001",
    ),
    _college(
        "smolgrad", "Академия градостроительства и архитектуры", "Смоленск",
        "6799000028", "1996700000020", "40702810000000000002",
    ),
    _college(
        "verhnedneprovsk", "Верхнеднепровский технологический техникум", "Верхнеднепровский",
        "6799000035", "1996700000031", "40702810300000000003",
    ),
    _college(
        "vyazma", "Вяземский политехнический техникум", "Вязьма",
        "6799000042", "1996700000042", "40702810600000000004",
    ),
    _college(
        "roslavl", "Рославльский многопрофильный колледж", "Рославль",
        "6799000050", "1996700000053", "40702810900000000005",
    ),
    _college(
        "safonovo", "Сафоновский индустриальный колледж", "Сафоново",
        "6799000067", "1996700000064", "40702810200000000006",
    ),
    _member(
        "university", "Региональный университет",
        "Автономная некоммерческая организация высшего образования «Региональный университет»",
        MemberKind.UNIVERSITY, _NON_PROFIT, "Смоленск",
        ("6799000074", "1996700000075", "40702810500000000007"),
    ),
    _employer(
        "aviapribor", "АО «Авиаприбор»", "Акционерное общество «Авиаприбор»", _COMPANY,
        "Смоленск", "6799000081", "1996700000086", "40702810800000000008",
    ),
    _employer(
        "dneprochem", "ПАО «Днепрохим»", "Публичное акционерное общество «Днепрохим»",
        _PUBLIC_COMPANY, "Дорогобуж", "6799000099", "1996700000097", "40702810100000000009",
    ),
    _employer(
        "stankoservis", "ООО «Смолстанкосервис»",
        "Общество с ограниченной ответственностью «Смолстанкосервис»", _LIMITED,
        "Смоленск", "6799000109", "1996700000108", "40702810500000000010",
    ),
    _employer(
        "promsvar", "ООО «Промсвар»", "Общество с ограниченной ответственностью «Промсвар»",
        _LIMITED, "Сафоново", "6799000116", "1996700000119", "40702810800000000011",
    ),
    _employer(
        "energoseti", "АО «Энергосети»", "Акционерное общество «Энергосети»", _COMPANY,
        "Смоленск", "6799000123", "1996700000120", "40702810100000000012",
    ),
    _employer(
        "agrovyazma", "ООО «АгроВязьма»", "Общество с ограниченной ответственностью «АгроВязьма»",
        _LIMITED, "Вязьма", "6799000130", "1996700000130", "40702810400000000013",
    ),
    _member(
        "ministry", "Министерство образования и науки области",
        "Министерство образования и науки области", MemberKind.AUTHORITY, _TREASURY,
        "Смоленск", ("6799000148", "1996700000141", "40702810700000000014"),
    ),
    _employer(
        "obraztsov", "ИП Образцов О.О.", "Индивидуальный предприниматель Образцов О.О.", _SOLE,
        "Ярцево", "679900000138", "399670000000019",
    ),
)  # fmt: skip

AGREEMENTS = (
    (
        AgreementKind.NETWORK_FORM, "verhnedneprovsk", "smolapo",
        "Сетевая форма реализации программы по станкам с ЧПУ и промышленной автоматике",
    ),
    (
        AgreementKind.NETWORK_FORM, "vyazma", "safonovo",
        "Сетевая форма реализации программы по сварочным технологиям",
    ),
    (
        AgreementKind.SERVICES, "stankoservis", "smolapo",
        "Услуги мастерских для подготовки операторов станков с ЧПУ",
    ),
)  # fmt: skip


PEOPLE = (
    ("Алёшин", "Кирилл", "Андреевич", AffiliationKind.STUDENT, "ОС-21"),
    ("Бобров", "Илья", "Сергеевич", AffiliationKind.STUDENT, "ОС-21"),
    ("Виноградова", "Софья", "Дмитриевна", AffiliationKind.STUDENT, "ОС-22"),
    ("Дроздов", "Егор", "Павлович", AffiliationKind.STUDENT, "ОС-22"),
    ("Журавлёва", "Полина", "Игоревна", AffiliationKind.STUDENT, "СВ-31"),
    ("Щербаков", "Николай", "Фёдорович", AffiliationKind.TEACHER, "Отделение машиностроения"),
    ("Юдин", "Виктор", "Львович", AffiliationKind.INSTRUCTOR, "Мастер производственного обучения"),
)
"""Students and teachers of each college of the demo; whose names are alike are different people."""


_ADDRESS = "215850, Смоленская область, Кардымово, ул. Заводская, 3"
NEWCOMER = Applicant(
    name="ООО «Кардымовский завод» (демо)",
    full_name="Общество с ограниченной ответственностью «Кардымовский завод» (демо)",
    kind=MemberKind.EMPLOYER,
    is_state=False,
    legal_form="12300",
    inn="6799000250",
    kpp="679901001",
    ogrn="1996700000251",
    ogrn_on=date(2009, 4, 14),
    okpo=None,
    okved="28.41",
    oktmo="66623000",
    town="Кардымово",
    legal_address=_ADDRESS,
    postal_address=_ADDRESS,
    site_address=None,
    site=None,
    founder=None,
    headcount=HeadcountBand.TO_250,
    vat_regime=VatRegime.GENERAL,
    edo_operator_id=None,
    licence=None,
    accreditation=None,
    bank_details=(),
    head=Head(
        family_name="Захарова",
        given_name="Нина",
        patronymic="Олеговна",
        post="генеральный директор",
        basis=Basis.CHARTER,
        basis_number=None,
        basis_on=None,
    ),
    contact=Contact(
        family_name="Рябов",
        given_name="Олег",
        patronymic="Игоревич",
        post="начальник отдела кадров",
        email="hr@kardymovo.demo",
        phones=("+7 4812 00-00-25",),
    ),
)
"""An employer that has applied, and waits for the secretary."""

_FARM = "216500, Смоленская область, Рославль, ул. Октябрьская, 7"
CHECKED = replace(
    NEWCOMER,
    name="ООО «Рославльагро» (демо)",
    full_name="Общество с ограниченной ответственностью «Рославльагро» (демо)",
    inn="6799000268",
    ogrn="1996700000262",
    ogrn_on=date(2014, 9, 2),
    okved="01.41",
    oktmo="66636000",
    town="Рославль",
    legal_address=_FARM,
    postal_address=_FARM,
    head=replace(NEWCOMER.head, family_name="Ершов", given_name="Павел", patronymic="Ильич"),
    contact=replace(
        NEWCOMER.contact,
        family_name="Носова",
        given_name="Ирина",
        patronymic="Павловна",
        email="office@roslavlagro.demo",
        phones=("+7 48134 0-00-26",),
    ),
)
"""An employer whose application was checked, and is ready for an agenda of the council."""


async def lay(runtime: Runtime) -> None:
    """Lays the demo once, whole or not at all; a second replica finds it done."""
    reached = await runtime.database.fetch("SELECT 1 FROM milestones WHERE name = $1", MILESTONE)
    if reached:
        return
    count = 1 + len(MEMBERS) * len(POSTS)
    hashes = iter(await asyncio.gather(*(passwords.hash_of(PASSWORD) for _ in range(count))))
    async with runtime.database.transaction() as tx:
        is_first = await tx.value(
            "INSERT INTO milestones (name, reached_at) VALUES ($1, $2)"
            " ON CONFLICT DO NOTHING RETURNING true",
            MILESTONE,
            tx.now,
        )
        if is_first:
            await _lay(tx, hashes)


async def _lay(tx: Transaction, hashes: Iterator[str]) -> None:
    administrator = await accounts.register(
        tx,
        email=ADMINISTRATOR,
        password_hash=next(hashes),
        name=accounts.ADMINISTRATOR,
        member_id=None,
        roles=frozenset({Role.ADMINISTRATOR}),
    )
    _act(tx, administrator, None, Role.ADMINISTRATOR)
    today = moscow_date(tx.now)
    joined_on = today - timedelta(days=JOINED_DAYS_AGO)
    joined = {card.slug: await members.join(tx, card, joined_on) for card in MEMBERS}
    coordinators: dict[str, UUID] = {}
    for place, (slug, member_id) in enumerate(joined.items()):
        people = [await _register(tx, post, place, slug, member_id, next(hashes)) for post in POSTS]
        coordinators[slug] = people[0]
        _act(tx, people[0], member_id, Role.COORDINATOR)
        await powers.record(tx, people[0], _power_of(place, today))
    for card in MEMBERS:
        if card.kind is MemberKind.COLLEGE:
            _act(tx, coordinators[card.slug], joined[card.slug], Role.COORDINATOR)
            for family_name, given_name, patronymic, affiliation, unit in PEOPLE:
                name = PersonName(family_name, given_name, patronymic)
                since = date(today.year - 1, 9, 1)
                await persons.add_person(tx, name, None, Belonging(affiliation, unit, since))
    for kind, maker, signer, subject in AGREEMENTS:
        terms = Terms(
            kind,
            (joined[maker], joined[signer]),
            today - timedelta(days=30),
            years_after(today, 2),
            subject,
        )
        _act(tx, coordinators[maker], joined[maker], Role.COORDINATOR)
        agreement_id = await agreements.make(tx, terms)
        _act(tx, coordinators[signer], joined[signer], Role.COORDINATOR)
        await agreements.add_signature(tx, agreement_id)
    await _apply(tx, NEWCOMER)
    checked = await _apply(tx, CHECKED)
    _act(tx, administrator, None, Role.ADMINISTRATOR)
    await joining.check(tx, checked)
    tx.record(DemoLaid(demo_id=tx.new_id("demo")))


def _power_of(place: int, today: date) -> Paper:
    """By what a coordinator signs: an entrepreneur for himself, all others by a power of attorney."""
    written = today - timedelta(days=60)
    if MEMBERS[place].kpp is None:
        return Paper(PowerKind.CHARTER, None, None, written, None)
    until = years_after(written, 3)
    return Paper(PowerKind.POWER_OF_ATTORNEY, f"{place + 1}-Д", written, written, until)


async def _apply(tx: Transaction, applicant: Applicant) -> UUID:
    """An outsider applies, reads the mail, and waits for the secretary."""
    tx.actor = None  # nobody is signed in who applies
    application_id = await joining.apply(tx, applicant)
    token = await tx.value(
        "SELECT token FROM letters WHERE about_id = $1 AND kind = $2",
        application_id,
        Purpose.CONFIRM,
    )
    return await joining.confirm(tx, token)


def _act(tx: Transaction, person_id: UUID, member_id: UUID | None, role: Role) -> None:
    """What follows is done by this person; the commands ask who it is, as they ask everybody."""
    tx.actor = Actor(person_id, member_id, frozenset({role}), tx.new_id("session"))
    tx.allowed = frozenset({role})


async def _register(
    tx: Transaction, post: Post, place: int, slug: str, member_id: UUID, password_hash: str
) -> UUID:
    return await accounts.register(
        tx,
        email=f"{post.address}@{slug}.demo",
        password_hash=password_hash,
        name=PersonName(post.family_names[place], post.given_name, post.patronymic),
        member_id=member_id,
        roles=post.roles,
    )
