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

MEMBER_ENDS = {
    "withdrawn": N_("Has left by its own notice"),
    "excluded": N_("Excluded by decision of the council"),
    "reorganised": N_("Reorganised: another organisation goes on for it"),
    "liquidated": N_("Liquidated"),
    "cluster_ended": N_("The council has ended the cluster"),
}
"""How a member left, or leaves."""

APPLICATION = {
    "submitted": Look(N_("Waits for the check"), "hourglass", "warning"),
    "returned": Look(N_("Given back"), "arrow-back-up", "warning"),
    "checked": Look(N_("Checked"), "clipboard-check", "info"),
    "on_agenda": Look(N_("On an agenda"), "calendar-event", "info"),
    "admitted": Look(N_("Admitted, not signed yet"), "writing-sign", "warning"),
    "agreement_signed": Look(N_("Signed"), "signature", "info"),
    "active": Look(N_("Takes part"), "circle-check", "success"),
    "rejected": Look(N_("Rejected"), "circle-x", "danger"),
}

APPLICATION_NEXT = {
    "submitted": N_("The secretariat of the council checks the application."),
    "returned": N_("The secretariat has given the application back: it is to be mended."),
    "checked": N_("The application is in order and waits for an agenda of the council."),
    "on_agenda": N_("The council decides on the application at its next meeting."),
    "admitted": N_("The council has admitted the organisation: the accession is to be signed."),
    "agreement_signed": N_("The accession is signed."),
    "active": N_("The organisation takes part in the cluster."),
    "rejected": N_("Nothing came of this application."),
}
"""What comes next, and who must act."""

CASE = {
    "notified": Look(N_("Time to answer"), "hourglass", "warning"),
    "ready": Look(N_("Ready for the council"), "gavel", "info"),
    "executed": Look(N_("Excluded"), "circle-x", "danger"),
    "closed": Look(N_("Dropped"), "ban"),
}

GROUNDS = {
    "a": N_("Duties towards the cluster and its members are performed in bad faith"),
    "b": N_("What it does, or leaves undone, makes the work impossible or much slower"),
}
"""The two grounds of an exclusion (R5.3), and no other."""

INITIATIVES = {
    "head": N_("The head of the council"),
    "member": N_("A member of the cluster"),
}

BASES = {
    "charter": N_("the charter"),
    "regulation": N_("the regulation of the authority"),
    "registration": N_("the entry in the register of entrepreneurs"),
    "power_of_attorney": N_("a power of attorney"),
}

HEADCOUNTS = {
    "to_15": N_("up to 15"),
    "to_100": N_("16 to 100"),
    "to_250": N_("101 to 250"),
    "to_1000": N_("251 to 1000"),
    "over_1000": N_("more than 1000"),
}

LEGAL_FORMS = {
    "75203": N_("state institution of a region, financed by its budget"),
    "75201": N_("autonomous institution of a region"),
    "75204": N_("treasury institution of a region"),
    "75103": N_("federal institution, financed by the budget"),
    "75403": N_("municipal institution, financed by the budget"),
    "71400": N_("autonomous non-profit organisation"),
    "12300": N_("limited liability company"),
    "12247": N_("public joint-stock company"),
    "12267": N_("joint-stock company"),
    "50102": N_("sole entrepreneur"),
}
"""The usual codes of OKOPF; any other can be written too."""

LOG_ACTIONS = {
    "member.joined": N_("The organisation joined"),
    "withdrawal.announced": N_("Notice of the withdrawal was given"),
    "member.withdrawn": N_("The organisation takes no part any more"),
    "member.suspended": N_("Suspended by decision of the council"),
    "member.restored": N_("The suspension is over"),
    "member.excluded": N_("Excluded by decision of the council"),
    "member.reorganised": N_("Reorganised"),
    "member.liquidated": N_("Liquidated"),
    "application.made": N_("An application was filled in"),
    "application.submitted": N_("The application was sent"),
    "application.returned": N_("The application was given back"),
    "application.checked": N_("The application was found in order"),
    "application.put_on_agenda": N_("The application was put on an agenda"),
    "application.admitted": N_("The council admitted the organisation"),
    "application.signed": N_("The accession was signed"),
    "application.activated": N_("The application has become a membership"),
    "application.rejected": N_("The application was rejected"),
    "case.opened": N_("A case of exclusion was opened"),
    "case.answered": N_("The answer went on the file of the case"),
    "case.closed": N_("The case was dropped"),
    "agreement.made": N_("An agreement was made"),
    "agreement.signed": N_("An agreement was signed"),
    "agreement.activated": N_("An agreement is in force"),
    "agreement.prolonged": N_("An agreement goes on for another term"),
    "agreement.prolongation_declined": N_("A party said no to another term of an agreement"),
    "agreement.notice_given": N_("A party gave notice to end an agreement"),
    "agreement.ending_soon": N_("A reminder that an agreement ends soon"),
    "agreement.ended": N_("An agreement has ended"),
    "application.document_added": N_("A document was added to the application"),
    "application.document_taken_back": N_("A document of the application was taken back"),
    "roles.granted": N_("Roles of a person were changed"),
    "affiliation.begun": N_("Entered as what a person belongs to the organisation"),
    "affiliation.ended": N_("A person belongs to the organisation no more"),
    "invitation.made": N_("Somebody was invited by e-mail"),
    "invitation.accepted": N_("An invitation was accepted"),
    "invitation.taken_back": N_("An invitation was taken back"),
    "power.recorded": N_("A paper to sign by was put on record"),
    "power.revoked": N_("A paper to sign by was revoked"),
    "power.handed_over": N_("A paper to sign by ended with a handover"),
    "signing_rule.set": N_("The rule of signing was changed"),
    "handover.planned": N_("A handover was planned"),
    "handover.called_off": N_("A handover was called off"),
    "handover.done": N_("Roles and powers were handed over"),
    "handover.lapsed": N_("A handover came to nothing"),
    "api_key.made": N_("A key for a program was made"),
    "api_key.revoked": N_("A key for a program was revoked"),
}
"""What stands in a member's log, by what was done."""

LOG_FIELDS = {
    "status": N_("State"),
    "leaving_on": N_("Takes no part from"),
    "end_kind": N_("How it leaves"),
    "successor_id": N_("Who goes on for it"),
    "suspended_on": N_("Suspended from"),
    "suspended_until": N_("Suspended to"),
    "ground": N_("Ground"),
    "answer_until_on": N_("Last day to answer"),
    "is_open": N_("Is open"),
    "answered": N_("Is answered"),
    "roles": N_("Roles"),
    "kind": N_("Kind"),
    "valid_from": N_("First day"),
    "valid_to": N_("Last day"),
    "from_on": N_("From which day on"),
    "expires_on": N_("Last day"),
    "powers_required_from": N_("Ask for papers from this day on"),
}
"""What of a change is shown; the rest are ids and fingerprints."""

LOG_VALUES = {
    "charter": N_("Charter"),
    "power_of_attorney": N_("Power of attorney"),
    "active": N_("takes part"),
    "leaving": N_("is leaving"),
    "withdrawn": N_("has left"),
    "excluded": N_("excluded"),
    "reorganised": N_("reorganised"),
    "liquidated": N_("liquidated"),
    "cluster_ended": N_("the cluster has ended"),
    "draft": N_("not sent yet"),
    "submitted": N_("waits for the check"),
    "returned": N_("given back"),
    "checked": N_("checked"),
    "on_agenda": N_("on an agenda"),
    "admitted": N_("admitted"),
    "agreement_signed": N_("signed"),
    "rejected": N_("rejected"),
    "signing": N_("being signed"),
    "ended": N_("ended"),
    "college": N_("college"),
    "university": N_("university"),
    "employer": N_("employer"),
    "authority": N_("authority"),
    "network_form": N_("network form"),
    "services": N_("services"),
    "lease": N_("lease"),
    "free_use": N_("free use"),
}

DATA_CONSENT = {"revoked": Look(N_("Not in force any more"), "arrow-back-up")}

PURPOSES = {
    "name_in_dealings": N_("To show the name to those whom we deal with"),
    "contact_in_dealings": N_("To show the name and the e-mail to those whom we deal with"),
    "practice": N_("To name the person to an employer for practical training"),
    "assessment": N_("To name the person to an assessment centre"),
}
"""What a consent is for; each has a text of its own."""

CONSENT_WORDS = {
    "name_in_dealings": N_(
        "I consent that the organisation «%(member)s», as the operator, shows my family name, first"
        " name and patronymic to other members of the cluster with which it has dealings: books"
        " workshops, makes agreements and settles accounts. No other data are shown. The consent"
        " holds until I take it back, which I may do on any day on my page or in writing."
    ),
    "contact_in_dealings": N_(
        "I consent that the organisation «%(member)s», as the operator, shows my family name, first"
        " name, patronymic and e-mail address to other members of the cluster with which it has"
        " dealings, so that they can write to me about these. No other data are shown. The consent"
        " holds until I take it back, which I may do on any day on my page or in writing."
    ),
    "practice": N_(
        "I consent that the organisation «%(member)s», as the operator, gives my family name, first"
        " name, patronymic and e-mail address to the employer to which I am sent for practical"
        " training. No other data are given. The consent holds until I take it back, which I may do"
        " on any day on my page or in writing."
    ),
    "assessment": N_(
        "I consent that the organisation «%(member)s», as the operator, gives my family name, first"
        " name and patronymic to the assessment centre at which I take the examination. No other"
        " data are given. The consent holds until I take it back, which I may do on any day on my"
        " page or in writing."
    ),
}
"""The usual words, for a member that has none of its own yet."""

DISCLOSURE_GROUNDS = {
    "consent": N_("By consent"),
    "acts_for": N_("The person was to act for this organisation too"),
    "seat": N_("Who sits in the council is known to all members"),
    "secretariat": N_("To name who may sit in the council"),
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

DOCUMENT_KINDS = {
    "charter": N_("Charter"),
    "registration": N_("Extract of the state register"),
    "licence": N_("Licence"),
    "accreditation": N_("Accreditation"),
    "power": N_("Power of the head"),
    "other": N_("Something else"),
}
"""What may go with an application."""

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
