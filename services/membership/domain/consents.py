"""Consents of persons: one document has one purpose, and one member that answers for it."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from shared.refusal import Invalid, Refusal

WORDS_LENGTH = (40, 10_000)
"""How long the text of a consent is; shorter, it cannot say who, what, what for and until when."""


class Purpose(StrEnum):
    """What a person consents to, one at a time (I25)."""

    NAME_IN_DEALINGS = "name_in_dealings"
    CONTACT_IN_DEALINGS = "contact_in_dealings"
    PRACTICE = "practice"
    ASSESSMENT = "assessment"


class Manner(StrEnum):
    """How a consent was given."""

    SIGNED_IN = "signed_in"
    PAPER = "paper"


class Signatory(StrEnum):
    """Whose hand is on the paper; for one under age it is the legal representative's (law 152-FZ)."""

    PERSON = "person"
    REPRESENTATIVE = "representative"


class Ground(StrEnum):
    """Why a name was shown to another member."""

    CONSENT = "consent"
    ACTS_FOR = "acts_for"
    SEAT = "seat"
    SECRETARIAT = "secretariat"


SHOWN: dict[Purpose, tuple[str, ...]] = {
    Purpose.NAME_IN_DEALINGS: ("name",),
    Purpose.CONTACT_IN_DEALINGS: ("name", "email"),
    Purpose.PRACTICE: ("name", "email"),
    Purpose.ASSESSMENT: ("name",),
}
"""What is shown for a purpose, and no more."""


@dataclass(frozen=True, slots=True)
class Text:
    """What is consented to, word for word; a newer one of the same purpose takes its place."""

    id: UUID
    member_id: UUID
    purpose: Purpose
    sha256: str
    is_newest: bool


@dataclass(frozen=True, slots=True)
class Consent:
    """A person's consent to one purpose; nobody's any more once it is revoked."""

    id: UUID
    person_id: UUID
    member_id: UUID
    purpose: Purpose
    revoked_at: datetime | None


class ConsentTextDiffers(Refusal):
    """This is not the text that is consented to: read it once more."""

    code = "consent-text-differs"


class ConsentTextIsOutdated(Refusal):
    """A newer text has taken the place of this one: read that, and consent to it."""

    code = "consent-text-outdated"


class PaperIsWrong(Invalid):
    """A consent on paper was signed on a day that has come."""

    code = "paper-wrong"


def digest(words: str) -> str:
    """The SHA-256 of the text's bytes in UTF-8, as hexadecimal digits."""
    return hashlib.sha256(words.encode()).hexdigest()


def require_readable(text: Text, sha256: str, *, on_paper: bool) -> None:
    """Who signs in consents to the newest text; a paper may have been signed under an older one.

    Raises ConsentTextDiffers, ConsentTextIsOutdated.
    """
    if text.sha256 != sha256:
        raise ConsentTextDiffers
    if not on_paper and not text.is_newest:
        raise ConsentTextIsOutdated


def check_paper(given_on: date, today: date) -> None:
    """Raises PaperIsWrong."""
    if given_on > today:
        raise PaperIsWrong("Nobody has signed on a day that is still to come.", at="body.given_on")


def in_force(consents: Iterable[Consent], purpose: Purpose) -> Consent | None:
    """The consent that this purpose stands on; a revoked one holds for nothing at once (I25)."""
    return next(
        (each for each in consents if each.purpose is purpose and each.revoked_at is None), None
    )
