"""Refusals in plain words, by their code: what is the matter, and the way out."""

from collections.abc import Mapping
from typing import Any

from services.portal.words import N_, Words

REFUSALS = {
    "absentee-meeting": N_("Votes in writing open and close by themselves; nobody registers."),
    "accession-differs": N_("This is not the text that is to be signed. Read it once more."),
    "address-not-verified": N_(
        "The other sign-in does not vouch for your e-mail address. Sign in here with your password."
    ),
    "administrator-acts-for-nobody": N_(
        "The administrator acts for no organisation. Open another account for that, with another e-mail."
    ),
    "affiliation-over": N_(
        "This has ended already. Enter what comes after it as another affiliation."
    ),
    "affiliation-overlaps": N_(
        "On some of these days the person belongs to you in the same way already."
    ),
    "affiliation-term": N_(
        "It begins within a year from today, and its last day is not before the first."
    ),
    "agenda-empty": N_("The agenda is empty. Put at least one item on it first."),
    "agenda-full": N_("An agenda has a hundred items at most."),
    "agreement-ambiguous": N_(
        "Several agreements cover these dates. Choose the one that the booking stands on."
    ),
    "agreement-over": N_(
        "The term of this agreement is over, so it cannot be signed any more. Prepare another one."
    ),
    "already-executed": N_("This decision was carried out, or failed, before."),
    "already-tabled": N_("This stands on the agenda of another meeting already."),
    "applicant-known": N_("An application of the same organisation has been checked already."),
    "application-not-ready": N_(
        "The application was not checked yet, or something was decided on it before."
    ),
    "both-sign-in": N_("Both sign in, each with an account of their own: these are not made one."),
    "call-answered": N_("A meeting was planned on this call already."),
    "cancelled-by-itself": N_(
        "A decision is taken back by another one that the council adopted later. Name that one."
    ),
    "cannot-be-cancelled": N_(
        "A service carries this decision out, or has done so. The council can undo it by another decision."
    ),
    "case-open": N_("A case about this organisation is open already."),
    "challenge-over": N_("More than five minutes have passed since the password. Sign in again."),
    "changed-meanwhile": N_(
        "Somebody changed this a moment ago. Look at it again before you decide."
    ),
    "cluster-over": N_("The council has ended the cluster: nobody joins any more."),
    "composition-founded": N_(
        "The council has its first composition already. Give seats one by one."
    ),
    "composition-missing": N_(
        "The council has no composition yet. The administrator records the first one."
    ),
    "composition-size": N_("The council would have fewer or more seats than it has set."),
    "consent-text-differs": N_("This is not the text that is consented to. Read it once more."),
    "consent-text-outdated": N_("A newer text has taken the place of this one. Read that, please."),
    "council-decides": N_(
        "Roles in the council come from its composition; nobody grants them here."
    ),
    "delegate-has-enough": N_(
        "This person votes for as many others as one may. Choose somebody else."
    ),
    "dissent-filed": N_("Your dissenting opinion is on the file already."),
    "dissent-late": N_("The days in which dissenting opinions are taken have passed."),
    "document-too-large": N_(
        "The document would be too large. Take pictures out of the template, or make them smaller."
    ),
    "duties-of-nobody": N_("Name the members among whom the duties are shared out."),
    "duties-over": N_("The last day of the duties comes before their first."),
    "duty-taken": N_("Somebody else has this duty on these days."),
    "email-taken": N_("There is an account with this e-mail already."),
    "extraordinary-needs-call": N_(
        "A meeting out of turn is called by the head, or by enough members together."
    ),
    "fault": N_(
        "Something went wrong on our side; it has been noted. Please try again a little later."
    ),
    "file-damaged": N_(
        "The file is damaged or has a password. Open it, save it anew without one, and send it again."
    ),
    "file-empty": N_(
        "There are no rows below the header. Fill the template in, and send it again."
    ),
    "file-encoding-unknown": N_(
        "The letters of this file cannot be read. Save the table as XLSX, and send it again."
    ),
    "file-has-macros": N_(
        "The file holds a program (macros). Save it without one, and send it again."
    ),
    "file-infected": N_("The virus scanner does not let this file through."),
    "file-missing": N_("Choose a file."),
    "file-not-readable": N_("The file is damaged. Open it, save it anew and send it again."),
    "file-old-excel": N_(
        "The file is in the old format of Excel, or has a password. Save it as XLSX without one."
    ),
    "file-refused": N_("This file cannot be taken as it is."),
    "file-too-large": N_("The file is too large: up to 5 MB are taken."),
    "file-too-many-columns": N_(
        "The file has more columns than any template. Take out those that do not belong to it."
    ),
    "file-too-many-rows": N_("The file has more than 5000 rows. Send it in several parts."),
    "file-type-differs": N_("What stands in the file is not what its name says. Save it anew."),
    "file-type-not-taken": N_(
        "Files of this type are not taken here. Save it as PDF, and send it again."
    ),
    "file-type-unknown": N_("Files of this type are not read here. Save the table as XLSX or CSV."),
    "file-unpacks-too-large": N_("Unpacked, the file is too large. Send it in several parts."),
    "file-used": N_("Something rests on this file, so it stays."),
    "forged": N_(
        "This page was open for too long, or was not sent from here. Open it again and repeat the step."
    ),
    "ground-wrong": N_("The ground is not the one that the organisation was given notice of."),
    "group-has-leader": N_("The group has a leader already."),
    "handover-planned": N_(
        "What this person does is being handed over already. Call that off first."
    ),
    "has-signed": N_("Your organisation has signed this already."),
    "idempotency-key-reused": N_(
        "This form was sent before with other contents. Open it again and send it once more."
    ),
    "invalid": N_("Something here is not filled in as it should be."),
    "item-decided": N_(
        "A decision on this item stands. It can be voted on again only if that decision fails."
    ),
    "item-takes-no-vote": N_("This item only informs, so nothing is voted on it."),
    "key-over": N_("This key is unknown, was revoked, or its term is over."),
    "last-coordinator": N_(
        "An organisation keeps at least one coordinator: name another one first."
    ),
    "lessons-meet-bookings": N_(
        "Lessons of the timetable meet bookings that hold their places. Nothing was changed."
    ),
    "lessons-not-understood": N_(
        "Some rows of the timetable are no lessons of this site and period."
    ),
    "lessons-overlap": N_(
        "Lessons of the timetable need more places at a time than their workshop has."
    ),
    "link-over": N_("This link was used already, or its time has passed."),
    "materials-late": N_(
        "It is too late: those who come need some working days to read. Bring it to the meeting itself."
    ),
    "matter-not-ready": N_(
        "This is not ready yet: the time to answer runs, or the application is not checked."
    ),
    "may-not-sign": N_(
        "No paper of yours to sign for the organisation is on record for today. A coordinator records it under \u00abOur people\u00bb, \u00abWho signs for us\u00bb."
    ),
    "meeting-not-begun": N_("The time of the meeting has not come yet."),
    "meeting-notice-too-short": N_(
        "This is too soon: the council is called some working days ahead. Choose a later day."
    ),
    "member-has-left": N_("This organisation takes no part in the cluster any more."),
    "member-known": N_("An organisation with this INN and KPP takes part already."),
    "member-not-active": N_(
        "One of the two organisations takes no part in the cluster on these dates."
    ),
    "member-suspended": N_(
        "By decision of the council one of the organisations takes on nothing new for now."
    ),
    "member-takes-no-part": N_("This organisation takes no part in the cluster on that day."),
    "minutes-corrected": N_("These minutes were corrected already. Correct the newest ones."),
    "minutes-incomplete": N_(
        "Names or words are still missing. Enter the names of chair, secretary and everybody who was there, and what was heard on each item."
    ),
    "minutes-made": N_("There are minutes of this meeting. Signed ones are corrected by new ones."),
    "minutes-signed": N_(
        "Somebody has signed these minutes, so they stay as they are. An error is mended by new minutes."
    ),
    "no-account-here": N_(
        "Nobody has an account here with your address. Ask your organisation's coordinator for an invitation."
    ),
    "no-agreement": N_("Your organisations have no agreement that is in force on these dates."),
    "no-case": N_("No case about this organisation is open."),
    "no-notice-agreed": N_("This agreement binds to its last day: no ending by notice was agreed."),
    "nobody-may-sign": N_(
        "On that day nobody could sign for the organisation. Put somebody's paper on record first."
    ),
    "not-binding": N_("A recommendation is nobody's to carry out."),
    "not-entitled": N_("You have no vote in this ballot: who votes was fixed when it was opened."),
    "not-found": N_("There is nothing here, or it is not yours to see."),
    "not-open": N_("The workshop is closed at this time, or it cannot be booked so far ahead."),
    "not-prolonged": N_(
        "This agreement does not go on by itself, so there is nothing to say no to."
    ),
    "not-signed-in": N_("You have been signed out. Sign in again; what you typed is kept."),
    "nothing-owed": N_("This use was free of charge, so there is nothing to take back."),
    "notice-not-complete": N_("The organisation has neither answered nor had its time to."),
    "only-the-creditor": N_("Only the organisation to which this is owed takes it back."),
    "only-the-owner": N_("Only the organisation that owns the workshop decides this."),
    "only-the-person": N_("This person signs in here, and erases their data themselves."),
    "others-sign-first": N_(
        "Another party signs before you. You will see it when your turn has come."
    ),
    "paper-wrong": N_("A paper is signed on a day that has come."),
    "parameter-wrong": N_("There is no such parameter, or it cannot have this value."),
    "person-ambiguous": N_(
        "Several of your people are called so. The e-mail tells which of them is meant."
    ),
    "person-in-group": N_("This person is in the group already."),
    "person-known-elsewhere": N_(
        "Another organisation knows this person too, so the person corrects the name themselves."
    ),
    "person-seated": N_("This person has a seat on these days already."),
    "plan-amendment-open": N_("An amendment of this plan is on its way already."),
    "plan-changed": N_("The plan was changed a moment ago. Read it again before you agree to it."),
    "plan-collecting-over": N_(
        "The last day to put items forward has passed. Ask the secretary of the council."
    ),
    "plan-consent-missing": N_("Some of those whom the plan names have not consented yet."),
    "plan-empty": N_("The plan has no items yet."),
    "plan-exists": N_("There is a plan of this year already."),
    "plan-fact-missing": N_(
        "An item with an indicator is reported with its value, and no other one has a value."
    ),
    "plan-full": N_("The plan has a thousand items already; it takes no more."),
    "plan-funding-wrong": N_(
        "A sum and its source go together, and whose money it is goes with a sum."
    ),
    "plan-indicator-wrong": N_("An indicator, its unit and the planned value go together."),
    "plan-items-open": N_("Some items have no report yet that was accepted."),
    "plan-last-day-past": N_("The last day is today or later."),
    "plan-member-not-active": N_(
        "One of the organisations that are named takes no part in the cluster any more."
    ),
    "plan-member-twice": N_("Who helps is another than who answers, and is named once."),
    "plan-new-time-wrong": N_(
        "What was moved has a new time that is later than the old one, and nothing else has one."
    ),
    "plan-not-agreed": N_("The head of the council has not agreed to this plan."),
    "plan-not-named": N_(
        "Your organisation is not named in this item, so there is nothing to consent to."
    ),
    "plan-not-yours": N_(
        "This is for who put the item forward or answers for it, and for the secretary of the council."
    ),
    "plan-period-outside": N_("What stands in the plan of a year is done in that year."),
    "plan-period-wrong": N_("A day, a month, a quarter or the year is needed here."),
    "plan-reason-missing": N_("Say why it was not wholly done."),
    "plan-year-wrong": N_("A plan is made for this year or one of the next five."),
    "power-chain": N_(
        "Whoever votes for others cannot give a power away, and whoever gave one votes for nobody else."
    ),
    "power-given": N_(
        "This member of the council has given a power for some of these days already."
    ),
    "power-over": N_("This power counts no more."),
    "program-may-not": N_("This takes a person: the key of a program is not enough."),
    "provider-refused": N_("The other sign-in did not confirm that it is you. Begin again."),
    "quorum-missing": N_("Too few of the council are present, so nothing can be voted on now."),
    "quota-full": N_("This group of members has all the seats that it may have."),
    "registration-not-open": N_("One registers on the day of the meeting, until it is closed."),
    "role-missing": N_("Your role does not let you do this. Ask your organisation's coordinator."),
    "roles-not-handed-over": N_(
        "You do something here that nobody else does: you are the last coordinator, sit in the"
        " council, or run the platform. Hand it over first."
    ),
    "same-person": N_("These are one person already."),
    "seat-recused": N_("Because of a conflict of interest this vote is not cast."),
    "seat-without-vote": N_("This seat has no vote on that day."),
    "second-factor-needed": N_("The password is right. Now the code of your telephone is needed."),
    "second-factor-off": N_("No code is asked for at your sign-in."),
    "second-factor-on": N_(
        "A code is asked for at your sign-in already. Take it away first to set up another telephone."
    ),
    "secretary-seated": N_("The council has a secretary, whose work this is."),
    "session-over": N_("You have been signed out. Sign in again."),
    "signature-wrong": N_(
        "The signature in this file is none of this document, or of nobody who is trusted here."
    ),
    "signatures-not-checked": N_(
        "Detached signatures are not checked here. Sign in the system, or on paper."
    ),
    "signed-text-differs": N_(
        "The document is another one than the one you read. Read it again, and sign then."
    ),
    "signing-over": N_("Nothing is signed here any more."),
    "slot-taken": N_("Not enough places are left at this time."),
    "slug-taken": N_("Another organisation goes by this short name already."),
    "still-belongs": N_(
        "The person still belongs to an organisation, which has to keep the name until the last day."
    ),
    "tariff-stands": N_("A tariff from this very moment on is set already. Choose another moment."),
    "template-takes-too-much": N_(
        "A document of this template takes too long to make. Make the template simpler."
    ),
    "template-wrong": N_(
        "No document comes of this template. Mend what is named, and send it again."
    ),
    "term-over": N_("The last day that the decision names has passed."),
    "too-early": N_("This is possible from the start of the booking on."),
    "too-few-for-secrecy": N_(
        "A secret ballot needs at least three voters: with fewer the result would tell who voted how."
    ),
    "too-large": N_("This is larger than can be taken. Make it smaller and try again."),
    "too-late": N_("This time has passed already."),
    "too-late-to-say-no": N_(
        "The last day to say no has passed: the agreement goes on. It may still be ended by notice."
    ),
    "too-many-documents": N_("Ten documents go with an application at most. Take one back first."),
    "too-many-drafts": N_(
        "Applications with this e-mail address wait to be confirmed. Look into your mail."
    ),
    "too-many-failures": N_("Too many failed attempts. Wait ten minutes, or ask your coordinator."),
    "too-many-feeds": N_(
        "There are fifty calendar addresses already. Revoke one that nobody reads."
    ),
    "too-many-files": N_(
        "Fifty files were brought in and are used for nothing. Use some, or wait a day."
    ),
    "too-many-imports": N_(
        "Thirty files wait to be written already. Finish some of them, or wait a day."
    ),
    "too-many-invitations": N_(
        "Two hundred invitations wait for an answer already. Take back those that nobody needs."
    ),
    "too-many-keys": N_("Fifty keys are valid already. Revoke one that no program uses."),
    "too-many-letters": N_(
        "Several letters were written to you within an hour. Look into your mail, or wait an hour."
    ),
    "too-many-remarks": N_(
        "This has been discussed enough in writing. The rest is said at the meeting."
    ),
    "too-many-requests": N_("Too many requests in a short time. Wait a few seconds and try again."),
    "too-many-webhooks": N_("Ten of your programs are told already. Remove one first."),
    "unavailable": N_(
        "This part does not answer at the moment. Nothing is lost; try again in a minute."
    ),
    "unknown-application": N_("No application is known by this number."),
    "unknown-member": N_("No organisation is known by this number."),
    "unknown-plan": N_("No plan waits for this decision."),
    "vote-cast": N_(
        "This vote has been cast. In a secret ballot nobody can find it again to change it."
    ),
    "who-signs-in-is-kept": N_("One of the two signs in: keep that record."),
    "wrong-code": N_(
        "This code does not fit, was used before, or its time has passed. Take the one that is shown now."
    ),
    "wrong-credentials": N_("The e-mail or the password is wrong."),
    "wrong-status": N_("This was already decided, so this step is not possible any more."),
}
"""A sentence for every code that a service can answer; a test compares it with the services."""

INPUTS = {
    "date_from_datetime_parsing": N_("A date is needed here."),
    "date_parsing": N_("A date is needed here."),
    "greater_than_equal": N_("This number is too small."),
    "int_parsing": N_("A whole number is needed here."),
    "int_type": N_("A whole number is needed here."),
    "less_than_equal": N_("This number is too large."),
    "missing": N_("Fill this in."),
    "password-common": N_(
        "This is among the passwords that are guessed first. Take several words, or rarer ones."
    ),
    "password-short": N_("At least ten characters, please."),
    "string_too_long": N_("This is too long."),
    "string_too_short": N_("Fill this in."),
    "uuid_parsing": N_("Choose from the list."),
    "value_error": N_("This is not filled in as it should be."),
}
"""What may be wrong with a field, by the code of the validation."""


def words_of(words: Words, code: str, facts: Mapping[str, Any] | None = None) -> str:
    """The sentence for a refusal's code; for bad input the one for the kind of fault, if known."""
    kind = str((facts or {}).get("code", ""))
    if code == "invalid" and kind in INPUTS:
        return words.text(INPUTS[kind])
    return words.text(REFUSALS.get(code, REFUSALS["invalid"]))
