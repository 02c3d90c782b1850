"""All of the visitor's data as one file, and their erasure."""

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from services.portal.client import Asleep, Problem, part, together
from services.portal.directory import Items, name_in
from services.portal.export import ROWS_MAX, Column, Table, xlsx
from services.portal.pages.exports import file_of
from services.portal.pages.persons import Again, Form, person_of, send_form, typed
from services.portal.pages.routes import page
from services.portal.refusals import words_of
from services.portal.rendering import field_errors, portal_of, show, visitor_of, words_for
from services.portal.statuses import (
    AFFILIATION_KINDS,
    GROUNDS,
    HISTORY,
    LOG_ACTIONS,
    PURPOSES,
    ROLES,
)
from services.portal.words import N_, Words

DOING = {
    "membership": N_("Membership"),
    "workshops": N_("Workshops"),
    "finance": N_("Settlements"),
    "council": N_("Council"),
    "notices": N_("Notices"),
}
"""Services that tell people what they did there."""


# --- all of it as a file -------------------------------------------------------------------------


async def export(request: Request) -> Response:
    """Everything that is held of me, a sheet for each kind; a part that sleeps says so."""
    api, token, words = portal_of(request).api, visitor_of(request).token, words_for(request)
    held, members, *deeds = await together(
        api.post("/membership/persons/current/export", token),
        portal_of(request).directory.members(),
        *(part(api.first(f"/{service}/deeds", token, ROWS_MAX)) for service in DOING),
    )
    tables = [
        _person(words, held),
        _table(words, N_("Where I belong"), BELONGING, _belonging(words, held, members)),
        _table(words, N_("What I may do"), RIGHTS, _rights(words, held, members)),
        _table(words, N_("My consents"), CONSENTS, _consents(words, held, members)),
        _table(words, N_("Who was shown my name"), SHOWN, _shown(words, held, members)),
        _table(words, N_("Sign-ins"), SESSIONS, _sessions(held)),
        _deeds(words, members, dict(zip(DOING, deeds, strict=True))),
    ]
    return file_of(request, words.text("My data"), await xlsx(*tables))


PERSON = (Column(N_("What")), Column(N_("Value")))
BELONGING = (
    Column(N_("Organisation")),
    Column(N_("As what")),
    Column(N_("Group, department or post")),
    Column(N_("First day"), "day"),
    Column(N_("Last day"), "day"),
)
RIGHTS = (
    Column(N_("Organisation")),
    Column(N_("What")),
    Column(N_("Number")),
    Column(N_("Since"), "day"),
    Column(N_("Until"), "day"),
)
CONSENTS = (
    Column(N_("Organisation")),
    Column(N_("What for")),
    Column(N_("Given on"), "day"),
    Column(N_("Taken back on"), "moment"),
    Column(N_("Where the paper lies")),
    Column(N_("Digest of the text")),
)
SHOWN = (
    Column(N_("When"), "moment"),
    Column(N_("To whom")),
    Column(N_("What")),
    Column(N_("Why")),
)
SESSIONS = (
    Column(N_("Device")),
    Column(N_("Begun"), "moment"),
    Column(N_("Used last"), "moment"),
)
DEEDS = (
    Column(N_("When"), "moment"),
    Column(N_("Where")),
    Column(N_("What")),
    Column(N_("Code of the action")),
    Column(N_("Number of the thing")),
    Column(N_("For whom")),
    Column(N_("Reason")),
)

DEEDS_IN_WORDS = {
    **LOG_ACTIONS,
    **{f"booking.{step}": words for step, words in HISTORY.items()},
    "session.started": N_("signed in"),
    "password.changed": N_("took another password"),
    "person.registered": N_("entered a person"),
    "person.corrected": N_("corrected a name"),
    "persons.merged": N_("made two records of one person one"),
    "consent.given": N_("gave a consent, or entered it from paper"),
    "consent.revoked": N_("took a consent back"),
    "person.exported": N_("downloaded all of the own data"),
}
"""What one did, in words; of the rest the code stands there."""

Rows = list[Sequence[Any]]


def _table(
    words: Words, title: str, columns: Sequence[Column], rows: Rows, note: str | None = None
) -> Table:
    named = [Column(words.text(column.title), column.kind) for column in columns]
    return Table(words.text(title), named, rows, note)


def _person(words: Words, held: Any) -> Table:
    person = held["person"]
    rows: Rows = [
        (words.text(N_("Family name")), person["family_name"]),
        (words.text(N_("First name")), person["given_name"]),
        (words.text(N_("Patronymic")), person["patronymic"]),
        (words.text(N_("E-mail")), person["email"]),
        (words.text(N_("Number in the system")), person["person_id"]),
        *((words.text(N_("Earlier number")), each) for each in held["earlier_ids"]),
    ]
    return _table(words, N_("My data"), PERSON, rows)


def _belonging(words: Words, held: Any, members: Items) -> Rows:
    return [
        (
            name_in(members, each["member_id"]),
            _word(words, AFFILIATION_KINDS, each["kind"]),
            each["unit"],
            each["from_on"],
            each["to_on"],
        )
        for each in held["person"]["affiliations"]
    ]


def _rights(words: Words, held: Any, members: Items) -> Rows:
    roles: Rows = [
        (
            name_in(members, each["member_id"]),
            _word(words, ROLES, each["role"]),
            None,
            each["granted_at"],
            each["ended_at"],
        )
        for each in held["roles"]
    ]
    powers: Rows = [
        (
            name_in(members, each["member_id"]),
            words.text("Power to sign"),
            each["number"],
            each["valid_from"],
            each["valid_to"],
        )
        for each in held["powers"]
    ]
    seats: Rows = [
        (
            name_in(members, each["member_id"]),
            words.text("Seat in the council"),
            None,
            each["from_on"],
            each["until_on"],
        )
        for each in held["seats"]
    ]
    signed: Rows = [
        (
            name_in(members, each["member_id"]),
            words.text("Signed an agreement"),
            each["agreement_id"],
            each["signed_at"],
            None,
        )
        for each in held["signatures"]
    ]
    return [*roles, *powers, *seats, *signed]


def _consents(words: Words, held: Any, members: Items) -> Rows:
    return [
        (
            name_in(members, each["member_id"]),
            _word(words, PURPOSES, each["purpose"]),
            each["given_on"],
            each["revoked_at"],
            each["reference"],
            each["sha256"],
        )
        for each in held["consents"]
    ]


def _shown(words: Words, held: Any, members: Items) -> Rows:
    return [
        (
            each["at"],
            _to_whom(words, members, each),
            words.text("name and e-mail") if "email" in each["what"] else words.text("name"),
            _word(words, GROUNDS, each["ground"]),
        )
        for each in held["disclosures"]
    ]


def _to_whom(words: Words, members: Items, shown: Any) -> str:
    if shown["to_member_id"] is not None:
        return name_in(members, shown["to_member_id"])
    is_all = shown["ground"] == "seat"
    return words.text("All members") if is_all else words.text("The administrator of the platform")


def _sessions(held: Any) -> Rows:
    return [(each["device"], each["created_at"], each["last_used_at"]) for each in held["sessions"]]


def _deeds(words: Words, members: Items, deeds: dict[str, Any]) -> Table:
    asleep = [name for name, found in deeds.items() if isinstance(found, Asleep)]
    rows: Rows = [
        (
            each["at"],
            _word(words, DOING, service),
            _word(words, DEEDS_IN_WORDS, each["action"])
            if each["action"] in DEEDS_IN_WORDS
            else None,
            each["action"],
            each["object_id"],
            name_in(members, each["member_id"]) if each["member_id"] else None,
            each["reason"],
        )
        for service, found in deeds.items()
        if not isinstance(found, Asleep)
        for each in found[0]
    ]
    rows.sort(key=lambda row: str(row[0]), reverse=True)
    names = ", ".join(_word(words, DOING, name) for name in asleep)
    note = words.text("Not here, since it did not answer: %(parts)s.", parts=names)
    return _table(words, N_("What I did"), DEEDS, rows[:ROWS_MAX], note if asleep else None)


def _word(words: Words, table: dict[str, str], name: str) -> str:
    text = table.get(name, name)
    return words.text(text)


# --- erasure -------------------------------------------------------------------------------------


async def erase_page(request: Request) -> Response:
    """What an erasure takes and what stays, and the password that asks for it."""
    return show(request, "my_data/erase.html", errors={}, sentence=None, is_sent=False)


async def ask_erasure(request: Request) -> Response:
    """Asks for the letter that confirms it."""
    form = await request.form()
    words = words_for(request)
    status, errors, sentence = 200, {}, None
    try:
        await portal_of(request).api.post(
            "/membership/erasures",
            visitor_of(request).token,
            {"password": str(form.get("password", ""))},
        )
    except Problem as problem:
        if problem.code == "session-over" or (problem.status == 401 and not problem.errors):
            raise
        status, errors = problem.status, field_errors(problem, words)
        if errors:
            errors = {"password": words.text("This is not your present password.")}
        else:
            sentence = words_of(words, problem.code, problem.facts)
    except Asleep:
        status, sentence = 503, words_of(words, "unavailable")
    return show(
        request,
        "my_data/erase.html",
        status,
        errors=errors,
        sentence=sentence,
        is_sent=status == 200,
    )


async def confirm_page(request: Request) -> Response:
    """Where the letter's link leads: the last step."""
    token = request.query_params.get("token", "")
    return show(request, "my_data/erased.html", token=token, sentence=None, is_done=False)


async def confirm_erasure(request: Request) -> Response:
    """Erases the one whose letter it was."""
    form = await request.form()
    words, token = words_for(request), str(form.get("token", ""))
    status, sentence = 200, None
    try:
        await portal_of(request).api.post("/membership/erasures/confirm", body={"token": token})
    except Problem as problem:
        code = "link-over" if problem.errors else problem.code
        status, sentence = problem.status, words_of(words, code, problem.facts)
    except Asleep:
        status, sentence = 503, words_of(words, "unavailable")
    return show(
        request,
        "my_data/erased.html",
        status,
        token=token,
        sentence=sentence,
        is_done=status == 200,
    )


async def erase_person_page(request: Request) -> Response:
    """The erasure of a person of ours who cannot sign in."""
    return await _erasing(request, await person_of(request))()


async def erase_person(request: Request) -> Response:
    """Erases the person, as they have asked."""
    person = await person_of(request)

    async def ask() -> None:
        await portal_of(request).api.post(
            f"/membership/persons/{person['person_id']}/erase", visitor_of(request).token
        )

    form = await typed(request)
    return await send_form(request, form, ask, _erasing(request, person), "/members/persons")


def _erasing(request: Request, person: Any) -> Again:
    async def shown(status: int = 200, sentence: str | None = None) -> Response:
        facts = {"person": person, "form": Form({}), "sentence": sentence}
        return show(request, "persons/erase.html", status, **facts)

    return shown


ROUTES = [
    page("/my-data.xlsx", export),
    page("/account/erase", erase_page),
    page("/account/erase", ask_erasure, ["POST"]),
    page("/erase-data", confirm_page, public=True),
    page("/erase-data", confirm_erasure, ["POST"], public=True),
    page("/members/persons/{known_id:uuid}/erase", erase_person_page),
    page("/members/persons/{known_id:uuid}/erase", erase_person, ["POST"]),
]
