"""States and kinds of the council's things, as a person sees them."""

from services.portal.statuses import Look
from services.portal.words import N_

QUOTAS = {
    "authority": N_("authorities"),
    "college": N_("colleges"),
    "university": N_("universities"),
    "employer": N_("employers"),
}
"""The groups of members for which seats stand."""

DUTIES = {
    "head": N_("head"),
    "deputy": N_("deputy head"),
    "secretary": N_("secretary"),
    "member": N_("member of the council"),
}

LACKS = {
    "head": N_("The council has no head."),
    "secretary": N_("The council has no secretary."),
    "seats": N_("Fewer seats with a vote are taken than the council has set."),
    "employers": N_("Employers have a smaller share of the votes than the council has set."),
}
"""What a composition has not, and should have."""

PARTS = {
    "leader": N_("leads the group"),
    "member": N_("member"),
    "specialist": N_("specialist drawn in"),
}

PARAMETERS = {
    "council.seats_min": N_("Least number of seats with a vote"),
    "council.seats_max": N_("Greatest number of seats with a vote"),
    "council.employers_share_min": N_("Least share of the employers"),
    "council.authority_seats_max": N_("Seats of authorities at most"),
    "council.college_seats_max": N_("Seats of colleges at most"),
    "council.university_seats_max": N_("Seats of universities at most"),
    "council.employer_seats_max": N_("Seats of employers at most"),
    "council.authority_weight": N_("Weight of a vote of an authority"),
    "council.college_weight": N_("Weight of a vote of a college"),
    "council.university_weight": N_("Weight of a vote of a university"),
    "council.employer_weight": N_("Weight of a vote of an employer"),
    "council.vote_unit": N_("What has a vote"),
    "council.extraordinary_share": N_("Share of the council that calls a meeting out of turn"),
    "council.notice_working_days": N_("Notice of a meeting, working days"),
    "council.materials_working_days": N_("Materials before a meeting, working days"),
    "council.absentee_working_days": N_("Least time to vote in writing, working days"),
    "council.quorum_percent": N_("Quorum: more than so many per cent"),
    "council.special_quorum_percent": N_(
        "Quorum for an exclusion or the end: more than so many per cent"
    ),
    "council.majority_percent": N_("Majority: more than so many per cent of those present"),
    "council.exclusion_majority": N_("Majority for an exclusion"),
    "council.ending_majority": N_("Majority for the end of the cluster"),
    "council.tie": N_("When the votes are equal"),
    "council.dissent_working_days": N_("Time for a dissenting opinion, working days"),
    "council.minutes_working_days": N_("Time for the minutes, working days"),
    "council.powers_per_delegate": N_("Votes by written power for one person at most"),
    "membership.answer_working_days": N_(
        "Time of a member to answer before its exclusion, working days"
    ),
}
"""What the regulation leaves open, and the council sets."""

PARAMETER_VALUES = {
    "seat": N_("each seat"),
    "member": N_("each member that is seated"),
    "chair": N_("the chair's vote decides"),
    "rejected": N_("the proposal is rejected"),
}

DECISION = {
    "adopted": Look(N_("Adopted"), "gavel", "info"),
    "executed": Look(N_("Carried out"), "circle-check", "success"),
    "failed": Look(N_("Could not be carried out"), "circle-x", "danger"),
    "assigned": Look(N_("Waits for the one responsible"), "hourglass", "warning"),
    "in_progress": Look(N_("Under way"), "player-play", "info"),
    "reported": Look(N_("Reported"), "file-text", "warning"),
    "accepted": Look(N_("Report accepted"), "circle-check", "success"),
    "cancelled": Look(N_("Taken back by a later decision"), "ban"),
}

DECISION_KINDS = {
    "admit": N_("Admit an organisation"),
    "exclude": N_("Exclude a member"),
    "suspend": N_("Suspend a member"),
    "set_parameter": N_("Set a rule"),
    "approve_plan": N_("Approve the annual plan"),
    "share_duties": N_("Share out duties"),
    "recommend": N_("Recommend"),
    "end_cluster": N_("End the cluster"),
}

FORCES = {
    "binding": N_("binding"),
    "recommendation": N_("a recommendation"),
}

CHOICES = {
    "for": N_("For"),
    "against": N_("Against"),
    "abstain": N_("Abstain"),
}

OUTCOMES = {
    "carried": Look(N_("Carried"), "circle-check", "success"),
    "not_carried": Look(N_("Not carried"), "circle-x", "danger"),
    "no_quorum": Look(N_("No quorum"), "users-minus", "warning"),
}

BALLOT = {
    "open": Look(N_("Voting is open"), "checkbox", "warning"),
    "closed": Look(N_("Voting is closed"), "lock"),
}

PROPOSAL = {
    "submitted": Look(N_("Waits for an agenda"), "hourglass", "warning"),
    "tabled": Look(N_("On an agenda"), "calendar-event", "info"),
    "refused": Look(N_("Taken to no agenda"), "circle-x", "danger"),
    "withdrawn": Look(N_("Taken back"), "ban"),
    "decided": Look(N_("Dealt with"), "circle-check", "success"),
}

PROPOSABLE = {
    name: DECISION_KINDS[name]
    for name in ("recommend", "set_parameter", "share_duties", "end_cluster")
}
"""What a member may propose to decide."""

MEETING = {
    "planned": Look(N_("Planned"), "calendar", "info"),
    "announced": Look(N_("Announced"), "speakerphone", "info"),
    "open": Look(N_("Under way"), "player-play", "success"),
    "closed": Look(N_("Took place"), "flag-check"),
    "no_quorum": Look(N_("No quorum"), "users-minus", "danger"),
    "rescheduled": Look(N_("Moved"), "calendar-repeat"),
    "cancelled": Look(N_("Cancelled"), "ban"),
}

MEETING_KINDS = {
    "regular": N_("regular meeting"),
    "extraordinary": N_("meeting out of turn"),
}

MEETING_FORMS = {
    "in_person": N_("in person"),
    "video": N_("by video"),
    "mixed": N_("in person and by video"),
    "absentee": N_("in writing"),
}

WAYS = {
    "in_person": N_("in person"),
    "video": N_("by video"),
}

ITEM_KINDS = {
    "info": N_("for information"),
    "decision": N_("for decision"),
    "approval": N_("for approval"),
    "election": N_("election"),
    "exclusion": N_("exclusion or suspension"),
}

ITEM_OUTCOMES = {
    "heard": Look(N_("Heard"), "ear"),
    "decided": Look(N_("Decided"), "gavel", "success"),
    "rejected": Look(N_("Not carried"), "circle-x", "danger"),
    "postponed": Look(N_("Postponed"), "clock", "warning"),
}

MINUTES = {
    "draft": Look(N_("Being written"), "pencil", "info"),
    "fixed": Look(N_("Being signed"), "writing-sign", "warning"),
    "signed": Look(N_("Signed"), "signature", "success"),
    "published": Look(N_("Published"), "world", "success"),
}

LOOKS = {
    "quotas": QUOTAS,
    "duties": DUTIES,
    "lacks": LACKS,
    "parts": PARTS,
    "parameters": PARAMETERS,
    "parameter_values": PARAMETER_VALUES,
    "decision": DECISION,
    "decision_kinds": DECISION_KINDS,
    "forces": FORCES,
    "choices": CHOICES,
    "outcomes": OUTCOMES,
    "ballot": BALLOT,
    "proposal": PROPOSAL,
    "meeting": MEETING,
    "minutes": MINUTES,
    "meeting_kinds": MEETING_KINDS,
    "meeting_forms": MEETING_FORMS,
    "ways": WAYS,
    "item_kinds": ITEM_KINDS,
    "item_outcomes": ITEM_OUTCOMES,
}
"""What templates find as `looks`."""
