"""Refusals in plain words, by their code: what is the matter, and the way out."""

from collections.abc import Mapping
from typing import Any

from services.portal.words import N_, Words

REFUSALS = {
    "accession-differs": N_("This is not the text that is to be signed. Read it once more."),
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
    "agreement-ambiguous": N_(
        "Several agreements cover these dates. Choose the one that the booking stands on."
    ),
    "agreement-over": N_(
        "The term of this agreement is over, so it cannot be signed any more. Prepare another one."
    ),
    "already-executed": N_("This decision was carried out, or failed, before."),
    "applicant-known": N_("An application of the same organisation has been checked already."),
    "application-not-ready": N_(
        "The application was not checked yet, or something was decided on it before."
    ),
    "both-sign-in": N_("Both sign in, each with an account of their own: these are not made one."),
    "case-open": N_("A case about this organisation is open already."),
    "challenge-over": N_("More than five minutes have passed since the password. Sign in again."),
    "changed-meanwhile": N_(
        "Somebody changed this a moment ago. Look at it again before you decide."
    ),
    "cluster-over": N_("The council has ended the cluster: nobody joins any more."),
    "consent-text-differs": N_("This is not the text that is consented to. Read it once more."),
    "consent-text-outdated": N_("A newer text has taken the place of this one. Read that, please."),
    "council-decides": N_(
        "Roles in the council come from its composition; nobody grants them here."
    ),
    "document-too-large": N_(
        "The document would be too large. Take pictures out of the template, or make them smaller."
    ),
    "email-taken": N_("There is an account with this e-mail already."),
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
    "handover-planned": N_(
        "What this person does is being handed over already. Call that off first."
    ),
    "has-signed": N_("Your organisation has signed this already."),
    "idempotency-key-reused": N_(
        "This form was sent before with other contents. Open it again and send it once more."
    ),
    "invalid": N_("Something here is not filled in as it should be."),
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
    "may-not-sign": N_(
        "No paper of yours to sign for the organisation is on record for today. A coordinator records it under «Our people», «Who signs for us»."
    ),
    "member-has-left": N_("This organisation takes no part in the cluster any more."),
    "member-known": N_("An organisation with this INN and KPP takes part already."),
    "member-not-active": N_(
        "One of the two organisations takes no part in the cluster on these dates."
    ),
    "member-suspended": N_(
        "By decision of the council one of the organisations takes on nothing new for now."
    ),
    "no-agreement": N_("Your organisations have no agreement that is in force on these dates."),
    "no-case": N_("No case about this organisation is open."),
    "nobody-may-sign": N_(
        "On that day nobody could sign for the organisation. Put somebody's paper on record first."
    ),
    "not-binding": N_("A recommendation is nobody's to carry out."),
    "not-found": N_("There is nothing here, or it is not yours to see."),
    "not-open": N_("The workshop is closed at this time, or it cannot be booked so far ahead."),
    "not-signed-in": N_("You have been signed out. Sign in again; what you typed is kept."),
    "nothing-owed": N_("This use was free of charge, so there is nothing to take back."),
    "notice-not-complete": N_("The organisation has neither answered nor had its time to."),
    "only-the-creditor": N_("Only the organisation to which this is owed takes it back."),
    "only-the-owner": N_("Only the organisation that owns the workshop decides this."),
    "paper-wrong": N_("A paper is signed on a day that has come."),
    "others-sign-first": N_(
        "Another party signs before you. You will see it when your turn has come."
    ),
    "parameter-wrong": N_("There is no such parameter, or it cannot have this value."),
    "person-ambiguous": N_(
        "Several of your people are called so. The e-mail tells which of them is meant."
    ),
    "person-known-elsewhere": N_(
        "Another organisation knows this person too, so the person corrects the name themselves."
    ),
    "role-missing": N_("Your role does not let you do this. Ask your organisation's coordinator."),
    "same-person": N_("These are one person already."),
    "second-factor-needed": N_("The password is right. Now the code of your telephone is needed."),
    "second-factor-off": N_("No code is asked for at your sign-in."),
    "second-factor-on": N_(
        "A code is asked for at your sign-in already. Take it away first to set up another telephone."
    ),
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
    "tariff-stands": N_("A tariff from this very moment on is set already. Choose another moment."),
    "template-takes-too-much": N_(
        "A document of this template takes too long to make. Make the template simpler."
    ),
    "template-wrong": N_(
        "No document comes of this template. Mend what is named, and send it again."
    ),
    "term-over": N_("The last day that the decision names has passed."),
    "too-early": N_("This is possible from the start of the booking on."),
    "too-large": N_("This is larger than can be taken. Make it smaller and try again."),
    "too-late": N_("This time has passed already."),
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
    "too-many-letters": N_(
        "Several letters were written to you within an hour. Look into your mail, or wait an hour."
    ),
    "too-many-webhooks": N_("Ten of your programs are told already. Remove one first."),
    "too-many-requests": N_("Too many requests in a short time. Wait a few seconds and try again."),
    "unavailable": N_(
        "This part does not answer at the moment. Nothing is lost; try again in a minute."
    ),
    "unknown-application": N_("No application is known by this number."),
    "unknown-member": N_("No organisation is known by this number."),
    "who-signs-in-is-kept": N_("One of the two signs in: keep that record."),
    "wrong-code": N_(
        "This code does not fit, was used before, or its time has passed. Take the one that is shown now."
    ),
    "wrong-credentials": N_("The e-mail or the password is wrong."),
    "wrong-status": N_("This was already decided, so this step is not possible any more."),
}
"""A sentence for every code that a service can answer; a test compares it with the services."""

INPUTS = {
    "missing": N_("Fill this in."),
    "string_too_short": N_("Fill this in."),
    "string_too_long": N_("This is too long."),
    "int_parsing": N_("A whole number is needed here."),
    "int_type": N_("A whole number is needed here."),
    "greater_than_equal": N_("This number is too small."),
    "less_than_equal": N_("This number is too large."),
    "date_from_datetime_parsing": N_("A date is needed here."),
    "date_parsing": N_("A date is needed here."),
    "uuid_parsing": N_("Choose from the list."),
    "password-short": N_("At least ten characters, please."),
    "password-common": N_(
        "This is among the passwords that are guessed first. Take several words, or rarer ones."
    ),
    "value_error": N_("This is not filled in as it should be."),
}
"""What may be wrong with a field, by the code of the validation."""


def words_of(words: Words, code: str, facts: Mapping[str, Any] | None = None) -> str:
    """The sentence for a refusal's code; for bad input the one for the kind of fault, if known."""
    kind = str((facts or {}).get("code", ""))
    if code == "invalid" and kind in INPUTS:
        return words.text(INPUTS[kind])
    return words.text(REFUSALS.get(code, REFUSALS["invalid"]))
