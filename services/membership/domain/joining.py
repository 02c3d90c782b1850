"""Joining the cluster: the way of an application, from a stranger's form to a member.

The regulation is silent on admission, so this is the convention (domain 1.3): an applicant whose
e-mail is confirmed, a check by the secretary, a decision of the council, a signed accession.
"""

import hashlib
import unicodedata
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from services.membership.domain.applications import Applicant, Basis
from shared.refusal import Invalid, NotFound, Refusal, TooMany, WrongStatus

DRAFTS_MAX = 3
"""So many unconfirmed applications may wait for one e-mail address: letters are no flood."""


class ApplicationStatus(StrEnum):
    """Where an application stands."""

    DRAFT = "draft"
    """The e-mail address is not confirmed yet."""
    SUBMITTED = "submitted"
    RETURNED = "returned"
    CHECKED = "checked"
    ON_AGENDA = "on_agenda"
    ADMITTED = "admitted"
    AGREEMENT_SIGNED = "agreement_signed"
    ACTIVE = "active"
    REJECTED = "rejected"


class Step(StrEnum):
    """What is done to an application."""

    CONFIRM = "confirm"
    MEND = "mend"
    CHECK = "check"
    RETURN = "return"
    REJECT = "reject"
    PUT_ON_AGENDA = "put_on_agenda"
    ADMIT = "admit"
    SIGN = "sign"
    ACTIVATE = "activate"


class Purpose(StrEnum):
    """The one thing that a link is good for."""

    CONFIRM = "confirm"
    FOLLOW = "follow"
    """To see how the application stands; the one link that is not spent by use."""
    MEND = "mend"
    SIGN = "sign"
    OPEN_ACCOUNT = "open_account"
    RESET_PASSWORD = "reset_password"  # noqa: S105 - what a link is for
    CONFIRM_ADDRESS = "confirm_address"
    INVITE = "invite"
    ERASE_DATA = "erase_data"


LINK_LASTS = {
    Purpose.CONFIRM: timedelta(days=3),
    Purpose.FOLLOW: timedelta(days=365),
    Purpose.MEND: timedelta(days=30),
    Purpose.SIGN: timedelta(days=60),
    Purpose.OPEN_ACCOUNT: timedelta(days=14),
    Purpose.RESET_PASSWORD: timedelta(hours=1),
    Purpose.CONFIRM_ADDRESS: timedelta(days=1),
    Purpose.INVITE: timedelta(days=14),
    Purpose.ERASE_DATA: timedelta(days=1),
}

_FROM = ApplicationStatus
_STEPS: dict[Step, tuple[frozenset[ApplicationStatus], ApplicationStatus]] = {
    Step.CONFIRM: (frozenset({_FROM.DRAFT}), _FROM.SUBMITTED),
    Step.MEND: (frozenset({_FROM.RETURNED}), _FROM.SUBMITTED),
    Step.CHECK: (frozenset({_FROM.SUBMITTED}), _FROM.CHECKED),
    Step.RETURN: (frozenset({_FROM.SUBMITTED, _FROM.CHECKED}), _FROM.RETURNED),
    Step.REJECT: (
        frozenset(
            {
                _FROM.SUBMITTED,
                _FROM.RETURNED,
                _FROM.CHECKED,
                _FROM.ON_AGENDA,
                _FROM.ADMITTED,  # it never came to sign, or signing would be too late (R8.1)
            }
        ),
        _FROM.REJECTED,
    ),
    Step.PUT_ON_AGENDA: (frozenset({_FROM.CHECKED}), _FROM.ON_AGENDA),
    Step.ADMIT: (frozenset({_FROM.CHECKED, _FROM.ON_AGENDA}), _FROM.ADMITTED),
    Step.SIGN: (frozenset({_FROM.ADMITTED}), _FROM.AGREEMENT_SIGNED),
    Step.ACTIVATE: (frozenset({_FROM.AGREEMENT_SIGNED}), _FROM.ACTIVE),
}

OPEN_STATUSES = frozenset(ApplicationStatus) - {
    ApplicationStatus.ACTIVE,
    ApplicationStatus.REJECTED,
}


@dataclass(frozen=True, slots=True)
class Application:
    """An application, as far as its steps ask."""

    id: UUID
    status: ApplicationStatus
    version: int


@dataclass(frozen=True, slots=True)
class Signer:
    """Whose hand signs the accession, and by what power."""

    family_name: str
    given_name: str
    patronymic: str | None
    post: str
    basis: Basis
    basis_number: str | None
    basis_on: date | None


class ApplicationIsElsewhere(WrongStatus):
    """The application is not at a step that this one follows."""


class LinkIsOver(NotFound):
    """This link was used, has expired, or was never given."""

    code = "link-over"


class TooManyDrafts(TooMany):
    """Applications with this e-mail address wait to be confirmed: look into your mail."""

    code = "too-many-drafts"


class AccessionDiffers(Refusal):
    """This is not the text that is to be signed: read it once more."""

    code = "accession-differs"


class ApplicantIsKnown(Refusal):
    """An application of the same organisation (INN, KPP) has been checked already."""

    code = "applicant-known"


class ClusterIsOver(Refusal):
    """The council has ended the cluster: nobody joins any more."""

    code = "cluster-over"
    clause = "R8.1"


def take(application: Application, step: Step) -> Application:
    """The application after the step; raises ApplicationIsElsewhere."""
    before, after = _STEPS[step]
    if application.status not in before:
        raise ApplicationIsElsewhere(application_status=application.status)
    return replace(application, status=after, version=application.version + 1)


def require_few_drafts(waiting: int) -> None:
    """Nobody's mailbox is filled by a form that everybody can send."""
    if waiting >= DRAFTS_MAX:
        raise TooManyDrafts(retry_after=3600)


def require_same_accession(shown: str, sha256: str) -> None:
    """What is signed is what was read: exactly these bytes."""
    if sha256.lower() != digest_of(shown):
        raise AccessionDiffers


def check_signer(signer: Signer, today: date) -> None:
    """Raises Invalid for one who signs by a power of attorney without number and date."""
    is_attorney = signer.basis is Basis.POWER_OF_ATTORNEY
    if is_attorney and (signer.basis_number is None or signer.basis_on is None):
        raise Invalid(
            "A power of attorney has a number and a date.",
            at="body.basis_number",
            why="power-without-number",
        )
    if signer.basis_on is not None and signer.basis_on > today:
        raise Invalid("This paper is still to be written.", at="body.basis_on")


def digest_of(text: str) -> str:
    """SHA-256 of the text's bytes, in hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def accession_of(applicant: Applicant, admitted_on: date) -> str:
    """The accession that the applicant signs: one party's declaration to all members.

    The cluster is no party of it: it is no legal entity (R1.2, I1).
    """
    head = applicant.head
    person = " ".join(filter(None, (head.family_name, head.given_name, head.patronymic)))
    numbers = f"ИНН {applicant.inn}" + (f", КПП {applicant.kpp}" if applicant.kpp else "")
    power = _BASES[head.basis]
    if head.basis_number is not None:
        power += f" № {head.basis_number}"
    if head.basis_on is not None:
        power += f" от {head.basis_on:%d.%m.%Y}"
    return _ACCESSION.format(
        full_name=applicant.full_name,
        numbers=f"{numbers}, ОГРН {applicant.ogrn}",
        post=head.post,
        person=person,
        power=power,
        admitted_on=f"{admitted_on:%d.%m.%Y}",
        address=applicant.legal_address,
    )


_BASES = {
    Basis.CHARTER: "устава",
    Basis.REGULATION: "положения",
    Basis.REGISTRATION: "записи в государственном реестре",
    Basis.POWER_OF_ATTORNEY: "доверенности",
}

_ACCESSION = """СОГЛАШЕНИЕ О ПРИСОЕДИНЕНИИ
к сотрудничеству участников образовательно-производственного кластера

1. {full_name} ({numbers}), в лице: {post} {person}, на основании {power}, присоединяется
к сотрудничеству участников кластера на условиях Положения о кластере.
2. Основание: решение Координационного совета от {admitted_on}.
3. Кластер не является юридическим лицом и стороной соглашения (п. 1.2 Положения). Сторонами
являются присоединившаяся организация и другие участники.
4. Участник соблюдает законодательство, Положение и решения Координационного совета, принятые
в рамках его полномочий, и уважает интересы других участников (п. 5.2).
5. Соглашение не создаёт денежных обязательств, общего имущества и солидарной ответственности;
платные отношения участники оформляют отдельными договорами между собой.
6. Срок не ограничен. Участник вправе выйти в любой момент, без чьего-либо согласия (п. 5.1).
   Обязательства по ранее заключённым договорам исполняются до конца.
7. Адрес: {address}.
"""


def slug_of(name: str, taken: frozenset[str]) -> str:
    """A short name for addresses, made of the organisation's, that nobody else has."""
    folded = unicodedata.normalize("NFC", name).lower()
    letters = "".join(_LATIN.get(letter, letter) for letter in folded)
    words = "".join(letter if letter in _ALLOWED else "-" for letter in letters).split("-")
    short = "-".join(word for word in words if word)[:30].strip("-") or "member"
    if len(short) < 2:
        short = f"{short}-member"
    if short not in taken:
        return short
    return next(f"{short}-{n}" for n in range(2, len(taken) + 3) if f"{short}-{n}" not in taken)


_ALLOWED = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
_LATIN = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
        (
            *("a", "b", "v", "g", "d", "e", "e", "zh", "z", "i", "i", "k", "l", "m", "n", "o"),
            *("p", "r", "s", "t", "u", "f", "kh", "ts", "ch", "sh", "shch", "", "y", "", "e"),
            *("iu", "ia"),
        ),
        strict=True,
    )
)
