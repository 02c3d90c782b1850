"""Who tells and who hears what: the register from which streams and rights are made."""

from types import ModuleType

from contracts import council, finance, membership, notices, workshops
from contracts.event import Event

PUBLISHERS: dict[str, ModuleType] = {
    "membership": membership,
    "council": council,
    "workshops": workshops,
    "finance": finance,
    "notices": notices,
}

SERVICES: tuple[str, ...] = tuple(PUBLISHERS)

HEARS: dict[str, tuple[type[Event], ...]] = {
    "membership": (
        council.DecisionAdopted,
        council.SeatTaken,
        council.SeatVacated,
        workshops.BookingRequested,
        workshops.BookingConfirmed,
        workshops.BookingDeclined,
        workshops.BookingCancelled,
        workshops.BookingLapsed,
        workshops.BookingCompleted,
        finance.ObligationIncurred,
        finance.ObligationReversed,
    ),
    "workshops": (
        membership.MemberJoined,
        membership.WithdrawalAnnounced,
        membership.MemberWithdrawn,
        membership.MemberSuspended,
        membership.MemberRestored,
        membership.AgreementActivated,
        membership.AgreementProlonged,
        membership.AgreementNoticeGiven,
        membership.AgreementEnded,
        membership.PersonErased,
        membership.DemoLaid,
    ),
    "finance": (
        membership.MemberJoined,
        membership.DemoLaid,
        workshops.BookingCompleted,
    ),
    "council": (
        membership.MemberJoined,
        membership.MemberWithdrawn,
        membership.RolesGranted,
        membership.ApplicationChecked,
        membership.ApplicationReturned,
        membership.ApplicationRejected,
        membership.CaseOpened,
        membership.CaseAnswered,
        membership.CaseClosed,
        membership.DecisionExecuted,
        membership.DecisionFailed,
        membership.DemoLaid,
    ),
    "notices": (
        membership.MemberJoined,
        membership.WithdrawalAnnounced,
        membership.MemberWithdrawn,
        membership.RolesGranted,
        membership.PersonsMerged,
        membership.AgreementMade,
        membership.AgreementMadeV2,
        membership.AgreementActivated,
        membership.AgreementActivatedV2,
        membership.AgreementEndingSoon,
        membership.AgreementProlonged,
        membership.AgreementProlongationDeclined,
        membership.AgreementNoticeGiven,
        membership.AgreementEnded,
        membership.ApplicationSubmitted,
        membership.ApplicationReturned,
        membership.ApplicationChecked,
        membership.ApplicationRejected,
        membership.CaseOpened,
        membership.CaseAnswered,
        membership.CaseClosed,
        membership.MemberSuspended,
        membership.MemberRestored,
        membership.MemberExcluded,
        membership.DecisionFailed,
        membership.PersonErased,
        membership.LetterWritten,
        membership.DemoLaid,
        council.SeatTaken,
        council.MeetingAnnounced,
        council.MeetingMoved,
        council.MeetingCancelled,
        council.BallotOpened,
        council.BallotClosed,
        council.ProposalSubmitted,
        council.ProposalTabled,
        council.ProposalRefused,
        council.ProposalWithdrawn,
        council.DecisionAdopted,
        workshops.BookingRequested,
        workshops.BookingConfirmed,
        workshops.BookingDeclined,
        workshops.BookingCancelled,
        workshops.BookingLapsed,
        finance.ObligationIncurred,
        finance.ObligationReversed,
    ),
}
"""What each service listens to, and no more: its rights on the bus are made from this."""


PORTAL = "portal"
"""The pages that people use. It is no service of this register: it owns, tells and decides nothing."""

WATCHED: tuple[str, ...] = ("membership", "council", "workshops", "finance", "notices")
"""Whose facts open pages of the portal are told of, as they come; nothing depends on that."""


def told_by(service: str) -> tuple[type[Event], ...]:
    """Every event that the service tells, in the order of its module."""
    return tuple(
        value
        for value in vars(PUBLISHERS[service]).values()
        if isinstance(value, type) and issubclass(value, Event) and value is not Event
    )


def stream_of(service: str) -> str:
    """The stream that takes everything the service tells."""
    return service.upper()


def streams_watched() -> tuple[str, ...]:
    """The streams from which the portal may read, each with a consumer that goes with its process."""
    return tuple(map(stream_of, WATCHED))


def filter_of_watcher(stream: str) -> str:
    """The one filter of such a consumer: the portal has no right to make one without it."""
    return f"{stream.lower()}.>"


def publishers_heard_by(listener: str) -> tuple[str, ...]:
    """The services whose streams the listener reads, each once."""
    return tuple(dict.fromkeys(event.publisher() for event in HEARS[listener]))


def subjects_heard(listener: str, publisher: str) -> tuple[str, ...]:
    """The subjects of the publisher's stream that the listener reads."""
    return tuple(event.subject for event in HEARS[listener] if event.publisher() == publisher)


def durable_of(listener: str) -> str:
    """The name of the listener's durable consumer, the same on every stream it reads."""
    return listener


def event_of(subject: str) -> type[Event] | None:
    """The class that a subject stands for; None when nobody tells it."""
    for service in SERVICES:
        for event in told_by(service):
            if event.subject == subject:
                return event
    return None
