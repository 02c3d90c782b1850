"""States, sections and sources of the annual plan as a person sees them."""

from services.portal.statuses import Look
from services.portal.words import N_

PLAN = {
    "draft": Look(N_("Draft"), "pencil"),
    "collecting": Look(N_("Items are collected"), "clipboard-list", "info"),
    "agreed_by_head": Look(N_("Agreed by the head"), "user-check", "warning"),
    "approved": Look(N_("Approved"), "gavel", "success"),
    "in_force": Look(N_("In force"), "circle-check", "success"),
    "reported": Look(N_("Reported"), "flag-check", "success"),
    "archived": Look(N_("Laid aside"), "archive"),
}
VERSION = {
    **PLAN,
    "superseded": Look(N_("Replaced by a later one"), "history"),
    "dropped": Look(N_("Given up"), "ban"),
}
ITEM = {
    "planned": Look(N_("According to plan"), "calendar-stats", "info"),
    "overdue": Look(N_("The time has passed"), "clock-exclamation", "danger"),
    "reported": Look(N_("The report is being checked"), "hourglass", "warning"),
    "done": Look(N_("Was done"), "circle-check", "success"),
    "partly": Look(N_("Done in part"), "circle-half-2", "warning"),
    "not_done": Look(N_("Not done"), "circle-x", "danger"),
    "moved": Look(N_("Moved"), "arrow-forward"),
}
CONSENT = {
    "asked": Look(N_("Is asked"), "hourglass", "warning"),
    "given": Look(N_("Has consented"), "circle-check", "success"),
    "declined": Look(N_("Does not consent"), "circle-x", "danger"),
}
REPORT = {
    "submitted": Look(N_("Being checked"), "hourglass", "warning"),
    "accepted": Look(N_("Accepted"), "circle-check", "success"),
    "returned": Look(N_("Was given back"), "arrow-back-up", "danger"),
}
SECTIONS = {
    "governance": N_("Management"),
    "forecast": N_("Forecast and admission figures"),
    "programmes": N_("Programmes and networking"),
    "workshops": N_("Workshops and equipment"),
    "practice": N_("Practice and mentoring"),
    "assessment": N_("Assessment and championships"),
    "teachers": N_("Teachers"),
    "guidance": N_("Career guidance"),
    "events": N_("Events"),
    "information": N_("Information space"),
    "finance": N_("Money"),
}
SOURCES = {
    "F1": N_("Earmarked receipts"),
    "F2": N_("Employers' transfers by contract"),
    "F3": N_("Means of the college"),
    "F4": N_("Paid works and services"),
    "F5": N_("Partners' receipts for joint activities"),
}
OUTCOMES = {
    "done": N_("Was done"),
    "partly": N_("Done in part"),
    "not_done": N_("Not done"),
    "moved": N_("Moved to a later time"),
}
CHANGES = {
    "added": Look(N_("Was added"), "plus", "success"),
    "changed": Look(N_("Was changed"), "pencil", "info"),
    "removed": Look(N_("Was taken out"), "x", "danger"),
}
FIELDS = {
    "section": N_("Section"),
    "title": N_("What is done"),
    "form": N_("Form"),
    "period": N_("When"),
    "responsible_member_id": N_("Who answers"),
    "responsible_person_id": N_("Person who answers"),
    "co_executor_ids": N_("Who helps"),
    "audience": N_("Meant for"),
    "planned_count": N_("People planned"),
    "place": N_("Where"),
    "result": N_("Expected result"),
    "indicator": N_("Indicator"),
    "unit": N_("Unit"),
    "planned_value": N_("Planned value"),
    "source": N_("Source of money"),
    "amount_kopecks": N_("Sum"),
    "payer_member_id": N_("Whose money"),
    "basis": N_("Basis"),
}
"""What the fields of an item are called, in the order in which they are read."""

LOOKS = {
    "plan": PLAN,
    "plan_version": VERSION,
    "plan_item": ITEM,
    "consent": CONSENT,
    "plan_report": REPORT,
    "plan_sections": SECTIONS,
    "plan_sources": SOURCES,
    "plan_outcomes": OUTCOMES,
    "plan_changes": CHANGES,
    "plan_fields": FIELDS,
}
