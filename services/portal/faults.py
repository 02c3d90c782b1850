"""What is wrong with a file that was brought in, in plain words, by the code of the fault."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from services.portal.refusals import REFUSALS
from services.portal.words import N_, Words

FAULTS = {
    # a column
    "column-missing": N_("The file lacks this column. Take its name from the template."),
    "column-unknown": N_("The template has no such column. Take it out, or mend its name."),
    "column-twice": N_("This column stands in the file twice. Leave one of them."),
    # a cell
    "cell-missing": N_("Fill this cell in."),
    "cell-too-long": N_("The text is longer than %(length_max)s characters."),
    "cell-unwritable": N_("There are signs in the text that nobody sees. Type it again."),
    "cell-broken-formula": N_("The formula of this cell gives an error. Write the value itself."),
    "cell-lost-digits": N_(
        "The spreadsheet has rounded this long number. Set the cell to text, and type it again."
    ),
    "cell-not-a-number": N_("A whole number is needed here."),
    "cell-out-of-range": N_("The value has to lie between %(least)s and %(most)s."),
    "cell-not-money": N_("A sum in rubles is needed here, such as 1647,50."),
    "cell-not-a-date": N_("A date is needed here, such as 20.02.2027."),
    "cell-not-a-time": N_("A time of day is needed here, such as 08:30."),
    "cell-not-in-list": N_("Write one of these: %(allowed)s."),
    "cell-malformed": N_(
        "This is not written as the column wants it. The second sheet of the template says how."
    ),
    "cell-twice": N_("The same stands in row %(first_line)s; here it has to be another."),
    "row-twice": N_("Row %(first_line)s says the same. Leave one of them."),
    # members
    "member-differs": N_("This organisation takes part already, and its card says: %(known)s."),
    "legal-form-wrong": N_("The code of the legal form has five digits."),
    "inn-of-another-form": N_("The INN of an organisation has 10 digits, of an entrepreneur 12."),
    "kpp-of-another-form": N_("Every organisation has a KPP, and no entrepreneur has one."),
    "account-without-bank": N_("An account and the BIK of its bank go together."),
    "address-same": N_("This is the address that the account has already."),
    "day-in-the-future": N_("This day is still to come."),
    "okved-wrong": N_("A code of OKVED has two to six digits, such as 85.21."),
    "power-without-number": N_("A power of attorney is named by its number and date."),
    "joined-in-the-future": N_("Nobody has joined on a day that is still to come."),
    "inn-not-digits": N_("An INN has digits only."),
    "inn-wrong-length": N_("The INN of an organisation has 10 digits, of an entrepreneur 12."),
    "inn-wrong-format": N_("No INN begins like this."),
    "inn-wrong-check-digit": N_("There is a slip in the INN: its check digit does not fit."),
    "kpp-wrong-length": N_("A KPP has 9 characters."),
    "kpp-wrong-format": N_("This is not how a KPP is written."),
    "ogrn-not-digits": N_("An OGRN has digits only."),
    "ogrn-wrong-length": N_("The OGRN of an organisation has 13 digits, of an entrepreneur 15."),
    "ogrn-wrong-format": N_("No OGRN begins like this."),
    "ogrn-wrong-check-digit": N_("There is a slip in the OGRN: its check digit does not fit."),
    "ogrnip-not-digits": N_("An OGRN has digits only."),
    "ogrnip-wrong-length": N_("The OGRN of an organisation has 13 digits, of an entrepreneur 15."),
    "ogrnip-wrong-format": N_("No OGRN of an entrepreneur begins like this."),
    "ogrnip-wrong-check-digit": N_("There is a slip in the OGRN: its check digit does not fit."),
    "bik-not-digits": N_("A BIK has digits only."),
    "bik-wrong-length": N_("A BIK has 9 digits."),
    "account-not-digits": N_("An account has digits only."),
    "account-wrong-length": N_("An account has 20 digits."),
    "account-wrong-check-digit": N_(
        "There is a slip in the account or in the BIK: they do not fit each other."
    ),
    "treasury-account-wrong-format": N_("This is not how an account of the treasury is written."),
    "oktmo-not-digits": N_("An OKTMO has digits only."),
    "oktmo-wrong-length": N_("An OKTMO has 8 or 11 digits."),
    "okpo-not-digits": N_("An OKPO has digits only."),
    "okpo-wrong-length": N_("The OKPO of an organisation has 8 digits, of an entrepreneur 10."),
    "okpo-wrong-check-digit": N_("There is a slip in the OKPO: its check digit does not fit."),
    # workshops and equipment
    "site-differs": N_("This site is known, and here it is: %(known)s."),
    "site-unknown": N_("You have no site of this name. Bring it in with its workshops first."),
    "site-ambiguous": N_("Several of your sites bear this name."),
    "workshop-differs": N_(
        "This workshop is known, and here it is: %(known)s. Only its tariff can be changed by a file."
    ),
    "workshop-unknown": N_("You have no workshop of this name there."),
    "workshop-ambiguous": N_("Several of your workshops bear this name. Name the site too."),
    "competence-unknown": N_("There are no competences such as: %(unknown)s."),
    "equipment-differs": N_("This machine is known, and here it is: %(known)s."),
    "opening-hours-wrong": N_(
        "Opening hours stand on five minutes, begin before they end, and do not overlap."
    ),
    # the annual plan
    "plan-member-unknown": N_("No organisation takes part by this code. The template lists them."),
    "plan-period-wrong": N_("Write a day, a month, a quarter or the year: 15.03.2027, 2027."),
    # the council
    "duties-wrong": N_("The council has one head and one secretary."),
    "kind-wrong": N_("This kind of decision is not put to the council by a proposal."),
    "leader-wrong": N_("A group has one leader at a time."),
    "person-twice": N_("Everybody stands there once."),
    # a timetable
    "day-unclear": N_("A lesson has a date, or a weekday with a first and a last date."),
    "time-unclear": N_("A lesson has a pair, or a start and an end."),
    "pair-unknown": N_("The site has no such pair; it has: %(pairs)s."),
    "lesson-never": N_("Between the two dates there is no such day."),
    "lesson-outside-period": N_("The lesson lies outside of the period that you gave."),
    "period-too-long": N_("The dates lie more than %(days_max)s days apart."),
    "workplaces-too-many": N_("The workshop has %(most)s workplaces."),
    "ends-before-start": N_("The end has to lie after the start."),
    "lessons-overlap": N_(
        "Together with rows %(overlap_lines)s this needs more places than the workshop has."
    ),
    "lessons-meet-bookings": N_("The places are booked at this time."),
    # a calendar
    "event-malformed": N_("This event of the calendar cannot be read."),
    "event-all-day": N_("The event has a day, but no times."),
    "event-over-midnight": N_("The event ends on another day than it begins on."),
    "time-zone-unknown": N_("There is no time zone such as %(zone)s."),
    "recurrence-unsupported": N_("The event recurs by a rule that no timetable needs."),
    # all of it
    "import-failed": N_(
        "Something went wrong on our side; it has been noted, and nothing was written."
    ),
}
"""A sentence for every fault that a service can find; a test compares it with the services."""

GENERAL = N_("This is not understood. Compare the row with the template.")


def fault_of(words: Words, fault: Mapping[str, Any]) -> str:
    """The sentence for a fault, with its facts put in."""
    code = str(fault.get("code", ""))
    text = FAULTS.get(code) or REFUSALS.get(code) or GENERAL
    return words.text(text) % _Told(
        {name: said(value, words) for name, value in fault.get("facts", {}).items()}
    )


class _Told(dict[str, str]):
    """Facts as they are written; a dash for one that is missing."""

    def __missing__(self, name: str) -> str:
        return "—"


def said(value: Any, words: Words) -> str:
    """A fact as a person reads it: a list by commas, a date as dates are written."""
    if value is None or value == "":
        return "—"
    if isinstance(value, list | tuple):
        return ", ".join(said(each, words) for each in value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value)
    try:
        return words.numeric_day(date.fromisoformat(text)) if len(text) == 10 else text
    except ValueError:
        return text
