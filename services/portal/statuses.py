"""States of things as a person sees them: words, an icon and a meaning, never colour alone."""

from dataclasses import dataclass

from services.portal.words import N_


@dataclass(frozen=True)
class Look:
    """How a state is shown: its words, its icon, and one of four meanings or none."""

    words: str
    icon: str
    kind: str = "secondary"


BOOKING = {
    "requested": Look(N_("Waiting for an answer"), "hourglass", "warning"),
    "confirmed": Look(N_("Confirmed"), "circle-check", "success"),
    "declined": Look(N_("Declined"), "circle-x", "danger"),
    "cancelled": Look(N_("Cancelled"), "ban"),
    "lapsed": Look(N_("Not answered in time"), "clock-off"),
    "checked_in": Look(N_("Under way"), "player-play", "info"),
    "completed": Look(N_("Completed"), "flag-check", "success"),
    "no_show": Look(N_("Nobody came"), "user-off", "danger"),
    "displaced": Look(N_("Displaced"), "arrows-exchange", "danger"),
}

AGREEMENT = {
    "signing": Look(N_("Being signed"), "writing-sign", "warning"),
    "active": Look(N_("In force"), "circle-check", "success"),
    "ended": Look(N_("Ended"), "clock-off"),
}

OBLIGATION = {
    "incurred": Look(N_("Owed"), "coins", "warning"),
    "free": Look(N_("Free of charge"), "gift"),
    "reversed": Look(N_("Taken back"), "arrow-back-up"),
}

MEMBER = {
    "active": Look(N_("Takes part"), "circle-check", "success"),
    "leaving": Look(N_("Is leaving"), "door-exit", "warning"),
    "withdrawn": Look(N_("Has left"), "door-exit"),
}

AFFILIATION = {
    "current": Look(N_("Belongs now"), "user-check", "success"),
    "future": Look(N_("From a later day on"), "calendar-plus", "info"),
    "ended": Look(N_("Has ended"), "clock-off"),
}

AFFILIATION_KINDS = {
    "student": N_("Student"),
    "teacher": N_("Teacher"),
    "instructor": N_("Instructor"),
    "expert": N_("Expert"),
    "mentor": N_("Mentor"),
    "representative": N_("Representative"),
}

IMPORT = {
    "checking": Look(N_("Being checked"), "list-search", "info"),
    "checked": Look(N_("Waits for you"), "hourglass", "warning"),
    "applying": Look(N_("Being written"), "pencil", "info"),
    "applied": Look(N_("Written"), "circle-check", "success"),
    "refused": Look(N_("Has faults"), "alert-triangle", "danger"),
    "expired": Look(N_("Forgotten"), "clock-off"),
}

AGREEMENT_KINDS = {
    "network_form": N_("Network form"),
    "services": N_("Services"),
    "lease": N_("Lease"),
    "free_use": N_("Free use"),
    "practical_training": N_("Practical training"),
    "targeted_training": N_("Targeted training"),
    "teacher_internship": N_("Teachers' internship"),
    "donation": N_("Donation"),
    "exam_site": N_("Exam site"),
    "netting": N_("Netting of claims"),
    "accession": N_("Co-operation"),
}

WITH_PLACES = frozenset({"network_form", "services", "lease", "free_use"})
"""The kinds on which workshops are booked."""

AGREEMENT_MEANINGS = {
    "network_form": N_(
        "You teach one programme together. A workshop that is state property costs nothing,"
        " any other is charged by its tariff."
    ),
    "services": N_(
        "The owner renders a service to you: charged by the tariff, with the owner's VAT."
    ),
    "lease": N_("You rent the workshop: charged by the tariff, with the owner's VAT."),
    "free_use": N_("The owner lets you use the workshop and charges nothing."),
    "practical_training": N_(
        "Students of one side practise at the other's. No workshop is booked on it."
    ),
    "targeted_training": N_(
        "A college trains people for an employer. No workshop is booked on it."
    ),
    "teacher_internship": N_("Teachers practise at the employer's. No workshop is booked on it."),
    "donation": N_("A gift for teaching, without a price."),
    "exam_site": N_("Where demonstration exams are held, and on which terms."),
    "netting": N_("Claims of several organisations on each other are set off."),
    "accession": N_("Several organisations agree how they work together."),
}
"""What a kind of agreement means for the price."""

SIGNED_HOW = {
    "system": N_("signed in the system"),
    "detached": N_("signed by a detached signature"),
    "paper": N_("signed on paper"),
}

TARIFF_UNITS = {
    "workplace_hour": N_("workplace and hour"),
    "hour": N_("hour"),
    "day": N_("day"),
    "month": N_("month"),
    "person": N_("person"),
    "piece": N_("piece"),
}

AGREEMENT_STATES = {
    "signing": N_("Nothing is being signed."),
    "active": N_("No agreement is in force."),
    "ended": N_("No agreement has ended yet."),
}
"""What is said where there is none in this state."""

MEMBER_KINDS = {
    "college": N_("College"),
    "university": N_("University"),
    "employer": N_("Employer"),
    "authority": N_("Authority"),
}

VAT_REGIMES = {
    "general": N_("General taxation: with VAT"),
    "simplified_exempt": N_("Simplified taxation: without VAT"),
    "simplified_5": N_("Simplified taxation: VAT 5 %%"),
    "simplified_7": N_("Simplified taxation: VAT 7 %%"),
    "not_payer": N_("Pays no VAT"),
}

ROLES = {
    "coordinator": N_("Coordinator"),
    "approver": N_("Answers requests"),
    "finance": N_("Finance"),
    "auditor": N_("Auditor"),
    "mentor": N_("Mentor"),
    "expert": N_("Expert"),
    "student": N_("Student"),
    "council_member": N_("Member of the council"),
    "council_secretary": N_("Secretary of the council"),
    "council_head": N_("Head of the council"),
    "administrator": N_("Administrator"),
}

ROLE_MEANINGS = {
    "coordinator": N_(
        "Books workshops, makes and signs agreements, brings in files, opens accounts for people."
    ),
    "approver": N_("Answers requests for your workshops, lets groups in, notes what was used."),
    "finance": N_("Sees the settlements, and takes back what is owed to you."),
    "auditor": N_("Sees bookings, agreements and settlements, and changes nothing."),
}
"""What a role that a coordinator gives lets one do here."""

HISTORY = {
    "requested": N_("asked for the workshop"),
    "confirmed": N_("confirmed"),
    "declined": N_("declined"),
    "cancelled": N_("cancelled"),
    "lapsed": N_("was not answered in time: the places are free again"),
    "checked_in": N_("let the group in"),
    "completed": N_("noted what was used"),
}
"""What happened to a booking, as the timeline tells it after the one who did it."""


@dataclass(frozen=True)
class Group:
    """Bookings that one looks for together."""

    words: str
    statuses: tuple[str, ...]
    empty: str


BOOKING_GROUPS = {
    "open": Group(
        N_("Open"), ("requested", "confirmed", "checked_in"), N_("There are no open bookings.")
    ),
    "requested": Group(N_("Waiting"), ("requested",), N_("Nothing waits for an answer.")),
    "completed": Group(N_("Done"), ("completed",), N_("Nothing has been completed yet.")),
    "over": Group(
        N_("Did not take place"),
        ("declined", "cancelled", "lapsed", "no_show", "displaced"),
        N_("Nothing was declined or cancelled."),
    ),
}
