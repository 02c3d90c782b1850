"""What people are told: each kind of notice, whom it concerns, whether it can wait, what to do.

One table, read from left to right: the fact, the roles at the member whom it concerns, how
urgent it is, what the reader is to do. Sentences are English and stand in the catalogue of this
service; in braces stand the facts that are put in where a sentence is shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Group(StrEnum):
    """Facts about which one decides together how to be told."""

    BOOKINGS = "bookings"
    AGREEMENTS = "agreements"
    MONEY = "money"
    MEMBERSHIP = "membership"
    COUNCIL = "council"
    ACCOUNT = "account"


class Urgency(StrEnum):
    """Whether a fact can wait."""

    CANNOT_WAIT = "cannot_wait"
    """Told by mail at once, whatever a person prefers."""
    NEWS = "news"
    """Told by mail as the person prefers."""
    QUIET = "quiet"
    """Stands in the inbox, and is never mailed."""


class Place(StrEnum):
    """What a notice is about, so that the pages know where it leads."""

    BOOKING = "booking"
    AGREEMENT = "agreement"
    OBLIGATION = "obligation"
    MEMBER = "member"
    APPLICATION = "application"
    CASE = "case"
    COUNCIL = "council"
    MEETING = "meeting"
    PROPOSAL = "proposal"
    BALLOT = "ballot"
    ACCOUNT = "account"
    WEBHOOKS = "webhooks"


class Kind(StrEnum):
    """The fact that a notice tells."""

    BOOKING_REQUESTED = "booking_requested"
    BOOKING_CONFIRMED = "booking_confirmed"
    BOOKING_RECEIVED = "booking_received"
    BOOKING_DECLINED = "booking_declined"
    BOOKING_CANCELLED_BY_OWNER = "booking_cancelled_by_owner"
    BOOKING_CANCELLED_BY_BOOKER = "booking_cancelled_by_booker"
    BOOKING_LAPSED = "booking_lapsed"
    BOOKING_UNANSWERED = "booking_unanswered"
    AGREEMENT_TO_SIGN = "agreement_to_sign"
    AGREEMENT_ACTIVE = "agreement_active"
    AGREEMENT_ENDING_SOON = "agreement_ending_soon"
    AGREEMENT_GOING_ON = "agreement_going_on"
    AGREEMENT_PROLONGED = "agreement_prolonged"
    AGREEMENT_DECLINED = "agreement_declined"
    AGREEMENT_NOTICE = "agreement_notice"
    AGREEMENT_ENDED = "agreement_ended"
    OBLIGATION_INCURRED = "obligation_incurred"
    OBLIGATION_RECEIVED = "obligation_received"
    OBLIGATION_REVERSED = "obligation_reversed"
    MEMBER_JOINED = "member_joined"
    PARTNER_LEAVES = "partner_leaves"
    PARTNER_LEFT = "partner_left"
    APPLICATION_SUBMITTED = "application_submitted"
    APPLICATION_CHECKED = "application_checked"
    CASE_OPENED = "case_opened"
    CASE_ANSWERED = "case_answered"
    CASE_CLOSED = "case_closed"
    MEMBER_SUSPENDED = "member_suspended"
    MEMBER_RESTORED = "member_restored"
    MEMBER_EXCLUDED = "member_excluded"
    SEAT_TAKEN = "seat_taken"
    MEETING_ANNOUNCED = "meeting_announced"
    MEETING_MOVED = "meeting_moved"
    MEETING_CANCELLED = "meeting_cancelled"
    BALLOT_OPENED = "ballot_opened"
    PROPOSAL_SUBMITTED = "proposal_submitted"
    PROPOSAL_TABLED = "proposal_tabled"
    PROPOSAL_REFUSED = "proposal_refused"
    DECISION_ADOPTED = "decision_adopted"
    DECISION_FAILED = "decision_failed"
    ROLES_CHANGED = "roles_changed"
    WEBHOOK_DISABLED = "webhook_disabled"


COORDINATOR = frozenset({"coordinator"})
APPROVER = frozenset({"approver"})
FINANCE = frozenset({"finance"})
SECRETARY = frozenset({"council_secretary"})
COUNCIL = frozenset({"council_secretary", "council_head"})
NOBODY: frozenset[str] = frozenset()

_STAND_INS = {
    APPROVER: COORDINATOR,
    FINANCE: COORDINATOR,
    SECRETARY: frozenset({"administrator"}),
    COUNCIL: frozenset({"administrator"}),
}
"""Who is told where nobody holds the role."""


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for a text that is translated later
    """Marks a text for the catalogue; it is translated where it is shown."""
    return text


@dataclass(frozen=True, slots=True)
class Rule:
    """What is done with one kind of fact."""

    roles: frozenset[str]
    """Whom it concerns at the member; empty where it concerns one person."""
    urgency: Urgency
    group: Group
    place: Place
    sentence: str
    deed: str | None = None
    """What the reader is to do, as a button says it; empty where there is nothing to do."""

    @property
    def is_to_do(self) -> bool:
        """Whether it waits for somebody to do something."""
        return self.deed is not None

    @property
    def stand_ins(self) -> frozenset[str]:
        """Who is told where nobody holds one of the roles."""
        return _STAND_INS.get(self.roles, NOBODY)


RULES: Mapping[Kind, Rule] = {
    Kind.BOOKING_REQUESTED: Rule(
        APPROVER,
        Urgency.CANNOT_WAIT,
        Group.BOOKINGS,
        Place.BOOKING,
        N_("{booker_id} asks for your workshop: {starts_at}, places: {workplaces}."),
        N_("Answer the request"),
    ),
    Kind.BOOKING_CONFIRMED: Rule(
        COORDINATOR,
        Urgency.NEWS,
        Group.BOOKINGS,
        Place.BOOKING,
        N_("Your booking at {owner_id} is confirmed: {starts_at}, places: {workplaces}."),
    ),
    Kind.BOOKING_RECEIVED: Rule(
        APPROVER,
        Urgency.NEWS,
        Group.BOOKINGS,
        Place.BOOKING,
        N_("{booker_id} has booked your workshop: {starts_at}, places: {workplaces}."),
    ),
    Kind.BOOKING_DECLINED: Rule(
        COORDINATOR,
        Urgency.CANNOT_WAIT,
        Group.BOOKINGS,
        Place.BOOKING,
        N_(
            "{owner_id} declined your request for a workshop. Its reason stands beside the booking."
        ),
    ),
    Kind.BOOKING_CANCELLED_BY_OWNER: Rule(
        COORDINATOR,
        Urgency.CANNOT_WAIT,
        Group.BOOKINGS,
        Place.BOOKING,
        N_("{owner_id} cancelled your booking. Its reason stands beside the booking."),
    ),
    Kind.BOOKING_CANCELLED_BY_BOOKER: Rule(
        APPROVER,
        Urgency.NEWS,
        Group.BOOKINGS,
        Place.BOOKING,
        N_("{booker_id} cancelled its booking of your workshop; the places are free again."),
    ),
    Kind.BOOKING_LAPSED: Rule(
        COORDINATOR,
        Urgency.CANNOT_WAIT,
        Group.BOOKINGS,
        Place.BOOKING,
        N_("Your request to {owner_id} lapsed without an answer; the places are free again."),
    ),
    Kind.BOOKING_UNANSWERED: Rule(
        APPROVER,
        Urgency.NEWS,
        Group.BOOKINGS,
        Place.BOOKING,
        N_("The request of {booker_id} lapsed: it was not answered in time."),
    ),
    Kind.AGREEMENT_TO_SIGN: Rule(
        COORDINATOR,
        Urgency.NEWS,
        Group.AGREEMENTS,
        Place.AGREEMENT,
        N_("{maker_id} made an agreement with you, from {valid_from_on} to {valid_to_on}."),
        N_("Read and sign"),
    ),
    Kind.AGREEMENT_ACTIVE: Rule(
        COORDINATOR,
        Urgency.NEWS,
        Group.AGREEMENTS,
        Place.AGREEMENT,
        N_("All parties have signed: the agreement binds from {valid_from_on} to {valid_to_on}."),
    ),
    Kind.AGREEMENT_ENDING_SOON: Rule(
        COORDINATOR,
        Urgency.NEWS,
        Group.AGREEMENTS,
        Place.AGREEMENT,
        N_("An agreement of yours ends after {valid_to_on}. Prepare another one if you need it."),
    ),
    Kind.AGREEMENT_GOING_ON: Rule(
        COORDINATOR,
        Urgency.NEWS,
        Group.AGREEMENTS,
        Place.AGREEMENT,
        N_(
            "An agreement of yours ends after {valid_to_on}, and goes on by itself unless somebody"
            " says no up to {say_no_until_on}."
        ),
    ),
    Kind.AGREEMENT_PROLONGED: Rule(
        COORDINATOR,
        Urgency.NEWS,
        Group.AGREEMENTS,
        Place.AGREEMENT,
        N_("Nobody said no: an agreement of yours goes on to {valid_to_on}."),
    ),
    Kind.AGREEMENT_DECLINED: Rule(
        COORDINATOR,
        Urgency.NEWS,
        Group.AGREEMENTS,
        Place.AGREEMENT,
        N_("{by_id} said that an agreement with you does not go on: it ends after {valid_to_on}."),
    ),
    Kind.AGREEMENT_NOTICE: Rule(
        COORDINATOR,
        Urgency.NEWS,
        Group.AGREEMENTS,
        Place.AGREEMENT,
        N_("{by_id} ends an agreement with you: from {ends_on} on it binds nobody."),
    ),
    Kind.AGREEMENT_ENDED: Rule(
        COORDINATOR,
        Urgency.NEWS,
        Group.AGREEMENTS,
        Place.AGREEMENT,
        N_("An agreement of yours is over since {ended_on}."),
    ),
    Kind.OBLIGATION_INCURRED: Rule(
        FINANCE,
        Urgency.NEWS,
        Group.MONEY,
        Place.OBLIGATION,
        N_("You owe {creditor_id} {amount_kopecks} for the use of a workshop."),
    ),
    Kind.OBLIGATION_RECEIVED: Rule(
        FINANCE,
        Urgency.QUIET,
        Group.MONEY,
        Place.OBLIGATION,
        N_("{debtor_id} owes you {amount_kopecks} for the use of a workshop."),
    ),
    Kind.OBLIGATION_REVERSED: Rule(
        FINANCE,
        Urgency.NEWS,
        Group.MONEY,
        Place.OBLIGATION,
        N_("{creditor_id} took back what you owed: {amount_kopecks}."),
    ),
    Kind.MEMBER_JOINED: Rule(
        COORDINATOR,
        Urgency.QUIET,
        Group.MEMBERSHIP,
        Place.MEMBER,
        N_("{member_id} takes part in the cluster since {joined_on}."),
    ),
    Kind.PARTNER_LEAVES: Rule(
        COORDINATOR,
        Urgency.NEWS,
        Group.MEMBERSHIP,
        Place.MEMBER,
        N_(
            "{member_id}, with whom you have an agreement, leaves the cluster on {effective_on}."
            " What was agreed before lives on."
        ),
    ),
    Kind.PARTNER_LEFT: Rule(
        COORDINATOR,
        Urgency.NEWS,
        Group.MEMBERSHIP,
        Place.MEMBER,
        N_("{member_id}, with whom you have an agreement, takes no part since {withdrawn_on}."),
    ),
    Kind.APPLICATION_SUBMITTED: Rule(
        SECRETARY,
        Urgency.NEWS,
        Group.MEMBERSHIP,
        Place.APPLICATION,
        N_("An organisation applies to join the cluster."),
        N_("Check the application"),
    ),
    Kind.APPLICATION_CHECKED: Rule(
        SECRETARY,
        Urgency.NEWS,
        Group.COUNCIL,
        Place.APPLICATION,
        N_("An application is checked and ready for the council."),
        N_("Put it on an agenda"),
    ),
    Kind.CASE_OPENED: Rule(
        COORDINATOR,
        Urgency.QUIET,  # membership writes a letter of its own
        Group.MEMBERSHIP,
        Place.CASE,
        N_(
            "A case for the exclusion of your organisation was opened. You may answer up to and on"
            " {answer_until_on}."
        ),
        N_("Read and answer"),
    ),
    Kind.CASE_ANSWERED: Rule(
        SECRETARY,
        Urgency.NEWS,
        Group.COUNCIL,
        Place.CASE,
        N_("{member_id} answered in its case of exclusion: it is ready for the council."),
        N_("Put it on an agenda"),
    ),
    Kind.CASE_CLOSED: Rule(
        COORDINATOR,
        Urgency.NEWS,
        Group.MEMBERSHIP,
        Place.CASE,
        N_("The case for the exclusion of your organisation was dropped."),
    ),
    Kind.MEMBER_SUSPENDED: Rule(
        COORDINATOR,
        Urgency.CANNOT_WAIT,
        Group.MEMBERSHIP,
        Place.MEMBER,
        N_(
            "By decision of the council your organisation takes on nothing new since {suspended_on}."
            " What stands lives on."
        ),
    ),
    Kind.MEMBER_RESTORED: Rule(
        COORDINATOR,
        Urgency.NEWS,
        Group.MEMBERSHIP,
        Place.MEMBER,
        N_("Your organisation takes part as before since {restored_on}."),
    ),
    Kind.MEMBER_EXCLUDED: Rule(
        COORDINATOR,
        Urgency.QUIET,  # membership writes a letter of its own
        Group.MEMBERSHIP,
        Place.MEMBER,
        N_(
            "The council excluded your organisation on {excluded_on}."
            " What was confirmed before lives on."
        ),
    ),
    Kind.SEAT_TAKEN: Rule(
        NOBODY,
        Urgency.NEWS,
        Group.COUNCIL,
        Place.COUNCIL,
        N_("You sit in the council from {from_on} on."),
    ),
    Kind.MEETING_ANNOUNCED: Rule(
        NOBODY,
        Urgency.NEWS,
        Group.COUNCIL,
        Place.MEETING,
        N_("You are called to a meeting of the council: {starts_at}."),
    ),
    Kind.MEETING_MOVED: Rule(
        NOBODY,
        Urgency.CANNOT_WAIT,
        Group.COUNCIL,
        Place.MEETING,
        N_("A meeting of the council was moved, and is now: {starts_at}."),
    ),
    Kind.MEETING_CANCELLED: Rule(
        NOBODY,
        Urgency.CANNOT_WAIT,
        Group.COUNCIL,
        Place.MEETING,
        N_("A meeting of the council to which you were called does not take place."),
    ),
    Kind.BALLOT_OPENED: Rule(
        NOBODY,
        Urgency.CANNOT_WAIT,
        Group.COUNCIL,
        Place.BALLOT,
        N_("The council votes on an item, and your vote counts."),
    ),
    Kind.PROPOSAL_SUBMITTED: Rule(
        SECRETARY,
        Urgency.NEWS,
        Group.COUNCIL,
        Place.PROPOSAL,
        N_("{member_id} put a proposal before the council."),
        N_("Table or refuse it"),
    ),
    Kind.PROPOSAL_TABLED: Rule(
        NOBODY,
        Urgency.NEWS,
        Group.COUNCIL,
        Place.PROPOSAL,
        N_("Your proposal is on an agenda of the council."),
    ),
    Kind.PROPOSAL_REFUSED: Rule(
        NOBODY,
        Urgency.NEWS,
        Group.COUNCIL,
        Place.PROPOSAL,
        N_("Your proposal was not taken to an agenda. The reason stands beside it."),
    ),
    Kind.DECISION_ADOPTED: Rule(
        COORDINATOR,
        Urgency.NEWS,
        Group.COUNCIL,
        Place.COUNCIL,
        N_("On {adopted_on} the council took a decision that is addressed to you."),
    ),
    Kind.DECISION_FAILED: Rule(
        COUNCIL,
        Urgency.NEWS,
        Group.COUNCIL,
        Place.COUNCIL,
        N_("A decision of the council could not be carried out, and nothing was changed."),
    ),
    Kind.ROLES_CHANGED: Rule(
        NOBODY,
        Urgency.QUIET,
        Group.ACCOUNT,
        Place.ACCOUNT,
        N_("What you may do for {member_id} has changed."),
    ),
    Kind.WEBHOOK_DISABLED: Rule(
        COORDINATOR,
        Urgency.NEWS,
        Group.ACCOUNT,
        Place.WEBHOOKS,
        N_("A program of yours has not taken what it was told for a day; it is told nothing more."),
    ),
}
"""Fact, whom it concerns, how urgent it is, what to do."""


def concerns(kind: Kind, roles: frozenset[str]) -> bool:
    """Whether somebody with these roles at the member is told of it, as long as there is such a one."""
    return bool(RULES[kind].roles & roles)


FOR_PROGRAMS = frozenset(
    kind
    for kind, rule in RULES.items()
    if rule.roles and rule.roles <= COORDINATOR | APPROVER | FINANCE
) - {Kind.WEBHOOK_DISABLED}
"""What programs of a member may be told: facts that concern the member, and no single person."""
