"""Documents that go with an application: copies that the secretariat compares with the card."""

from enum import StrEnum

from services.membership.domain.joining import ApplicationIsElsewhere, ApplicationStatus
from shared.refusal import Refusal

DOCUMENTS_MAX = 10

_OPEN = frozenset({ApplicationStatus.SUBMITTED, ApplicationStatus.RETURNED})


class DocumentKind(StrEnum):
    """What a document is, as the applicant says."""

    CHARTER = "charter"
    REGISTRATION = "registration"
    """An extract of the state register."""
    LICENCE = "licence"
    ACCREDITATION = "accreditation"
    POWER = "power"
    """By what the head acts, where it is no charter."""
    OTHER = "other"


class TooManyDocuments(Refusal):
    """Ten documents go with an application at most: take one back first."""

    code = "too-many-documents"


def require_open(status: ApplicationStatus) -> None:
    """Documents come and go while the secretariat still looks. Raises ApplicationIsElsewhere."""
    if status not in _OPEN:
        raise ApplicationIsElsewhere(application_status=status)


def require_few_documents(count: int) -> None:
    """Raises TooManyDocuments."""
    if count >= DOCUMENTS_MAX:
        raise TooManyDocuments
